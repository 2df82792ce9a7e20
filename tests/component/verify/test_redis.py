"""``verify`` of a Redis: what it finds at a real one, and how it ends."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis

from launchdarkly_pulumi.emulator import Emulator
from support.commands import Shell
from support.redis_server import Certificate, RedisServer, SentinelServer
from support.samples import PASSWORD
from support.segments import mark, now
from support.verifying import RedisStore, store_at, with_outcome

MARKER = "big_segments_synchronized_on"
MINUTE = 60_000
READER, WRITER = "sdk", "launchdarkly"
READERS_RIGHTS = "+get +smembers"
WRITERS_RIGHTS = "+get +set +sadd +srem +del +multi +exec +watch +unwatch"


def allow(store: RedisStore, user: str, keys: str, *rights: str) -> None:
    """Makes a user with the password of the tests."""
    with closing(store.client) as client:
        client.acl_setuser(user, enabled=True, passwords=[f"+{PASSWORD}"], keys=[keys], commands=rights)


def test_a_store_that_works(store: RedisStore) -> None:
    """Each check passes that can; what was not asked for, or has no meaning here, is not checked."""
    code, checks = store.verify()
    assert code == 0
    assert with_outcome(checks, "passed") == {
        "launchdarkly", "client-side-id", "reachable", "login", "topology", "clock", "database", "marker", "last-sync",
        "prefixes-in-use", "read", "eviction", "memory",
    }  # fmt: skip
    assert with_outcome(checks, "not checked") == {
        "sdk-prefix", "tls", "member", "write"
    }  # fmt: skip


def test_everything_asked_for(store: RedisStore) -> None:
    """Nothing but TLS is left unchecked; nothing of the probe is left in the store."""
    with closing(store.client) as client:
        before = set(client.keys("*"))
        code, checks = store.verify("--prefix", store.prefix, "--segment", "beta", "--member", "anna", "--write-probe")
        assert set(client.keys("*")) == before
    assert (code, [name for name, check in checks.items() if check["outcome"] != "passed"]) == (0, ["tls"])
    assert checks["member"]["found"] == "the store includes it in generation 2, 1, which wins over excluded in 2"


MARKERS: dict[str, tuple[Callable[[redis.Redis, str], Any], dict[str, str]]] = {
    "none": (
        lambda client, _: client.flushall(),
        {"marker": "there is no {key}", "prefixes-in-use": "there is no marker at all"},
    ),
    "under the default prefix": (
        lambda client, prefix: client.rename(f"{prefix}:{MARKER}", f"launchdarkly:{MARKER}"),
        {
            "marker": "there is no {key}",
            "prefixes-in-use": "markers are under launchdarkly in database 0, and none under {prefix}",
        },
    ),
    "in another database": (
        lambda client, prefix: client.move(f"{prefix}:{MARKER}", 3),
        {"marker": "there is no {key}"},
    ),
    "old": (
        lambda client, prefix: mark(client, prefix, now() - 3 * MINUTE),
        {"marker": r".*: 3m( [0-3]s)? ago"},
    ),
    "of another synchronization": (
        lambda client, prefix: mark(client, prefix, now() - 60 * MINUTE),
        {"marker": r".*: 1h( [0-3]s)? ago", "last-sync": r"LaunchDarkly .* UTC, the marker is 1h( [0-3]s)? older"},
    ),
    "in the future": (
        lambda client, prefix: mark(client, prefix, now() + 10 * MINUTE),
        {"marker": r".*: (9m 5[0-9]s|10m) in the future by this machine's clock"},
    ),
    "with a fraction": (
        lambda client, prefix: mark(client, prefix, f"{now()}.5"),
        {"marker": "{key} is not in plain digits"},
    ),
    "with an exponent": (
        lambda client, prefix: mark(client, prefix, "1.7958624e12"),
        {"marker": "{key} is not in plain digits"},
    ),
    "of another type": (
        lambda client, prefix: (client.flushall(), client.lpush(f"{prefix}:{MARKER}", "1")),
        {"read": r"GET is refused \(WRONGTYPE\)"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MARKERS)
def test_a_marker_that_sdks_do_not_believe(store: RedisStore, case: str) -> None:
    """Each case fails with what was found, and no other check does."""
    prepare, expected = MARKERS[case]
    with closing(store.client) as client:
        prepare(client, store.prefix)
    found = store.failed()
    assert found.keys() == expected.keys()
    for name, pattern in expected.items():
        named = pattern.format(key=f"{store.prefix}:{MARKER}", prefix=store.prefix)
        assert re.fullmatch(named, found[name]), found[name]


def test_a_database_of_sdks(store: RedisStore) -> None:
    """LaunchDarkly writes to database 0; where the markers are is told."""
    found = store.failed(place=store.at(database=3))
    assert found.keys() == {"database", "marker"}
    _, checks = store.verify(place=store.at(database=3))
    assert checks["prefixes-in-use"]["found"] == f"markers are under {store.prefix} in database 0"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["beta", "bert"], "the store excludes it in generation 2; it is included in 0 other segments"),
        (["gamma", "anna"], "the store has nothing of it and this segment; it is included in 3 other segments"),
        (["bet.", "anna"], "the store has nothing of it and this segment; it is included in 3 other segments"),
    ],
)
def test_a_context_that_is_no_member(store: RedisStore, arguments: list[str], told: str) -> None:
    """The store is asked, and not an SDK."""
    segment, member = arguments
    assert store.failed("--segment", segment, "--member", member) == {"member": told}


@pytest.mark.parametrize(("policy", "fails"), [("allkeys-lru", True), ("volatile-lru", False), ("noeviction", False)])
def test_an_eviction_policy(store: RedisStore, policy: str, fails: bool) -> None:
    """One that evicts keys without an expiry loses members; while nothing limits the memory it evicts none."""
    with closing(store.client) as client:
        client.config_set("maxmemory-policy", policy)
        assert store.failed() == {}
        client.config_set("maxmemory", "1gb")
        found = store.failed()
    assert found == ({"eviction": f"{policy}, 0 keys evicted so far"} if fails else {})


def test_a_full_memory(store: RedisStore) -> None:
    """What LaunchDarkly writes is refused then."""
    with closing(store.client) as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] - 1)
        found = store.failed("--write-probe")
    assert found.keys() == {"memory", "write"}
    assert found["write"] == "SET is refused (OOM)"


def test_a_user_with_an_sdk_s_rights(store: RedisStore) -> None:
    """No PING, INFO, CONFIG, TIME, SCAN: nothing fails, and what cannot be seen is not checked. All may say HELLO."""
    allow(store, READER, f"{store.prefix}:*", *READERS_RIGHTS.split())
    code, checks = store.verify(place=store.at(READER))
    assert code == 0
    assert {"clock", "eviction", "memory"} <= with_outcome(checks, "not checked")
    assert checks["topology"]["found"] == "a single primary"
    assert "NOPERM" in checks["clock"]["found"]
    assert checks["prefixes-in-use"]["found"].startswith(f"markers are under {store.prefix} in database 0; not every")
    assert checks["login"]["found"] == f"as {READER}"


@pytest.mark.parametrize(("rights", "told"), [("+get", "SMEMBERS"), ("+smembers", "GET"), ("-@all", "GET")])
def test_a_user_with_too_few_rights(store: RedisStore, rights: str, told: str) -> None:
    """An SDK with it finds no members."""
    allow(store, READER, "*", rights)
    assert store.failed(place=store.at(READER))["read"] == f"this user may not run {told} (NOPERM)"


@pytest.mark.parametrize(
    ("user", "password", "told"),
    [
        ("", "", "it needs a password (NOAUTH)"),
        ("", "wrong", "the password is refused (WRONGPASS)"),
        ("nobody", "wrong", "the password or the user is refused (WRONGPASS)"),
    ],
)
def test_a_login_that_is_refused(store: RedisStore, user: str, password: str, told: str) -> None:
    """The checks that need it are not made."""
    code, checks = store.verify(place=store.at(user, password))
    assert (code, checks["login"]["outcome"]) == (1, "failed")
    assert checks["login"]["found"].endswith(told)
    assert checks["marker"] == {
        "name": "marker", "outcome": "not checked", "found": "the store could not be asked", "why": "", "advice": ""
    }  # fmt: skip


def test_the_password_can_come_from_the_environment(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then no command line has it; the address is LaunchDarkly's where none is given."""
    assert store.run("verify", store.id).code == 1
    monkeypatch.setenv("REDISCLI_AUTH", PASSWORD)
    assert store.run("verify", store.id).code == 0
    assert store.verify(place=store.at(password=""))[0] == 0


@pytest.mark.parametrize("missing", [None, "+sadd", "+set", "+watch", "+multi", "+exec", "+srem", "+get", "+del"])
def test_what_launchdarkly_s_user_may_write(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, missing: str | None
) -> None:
    """It is another one than SDKs have, with a password of its own; what a failed probe leaves expires."""
    rights = [right for right in WRITERS_RIGHTS.split() if right != missing]
    allow(store, READER, "*", *READERS_RIGHTS.split())
    allow(store, WRITER, "*", *rights)
    monkeypatch.setenv("LAUNCHDARKLY_REDIS_PASSWORD", PASSWORD)
    store.emulator.outside_edit(store.id.rpartition("/")[2], {"config": config_with_writer(store)})
    found = store.failed("--write-probe", place=store.at(READER))
    assert ("write" in found) == (missing is not None)
    assert missing is None or re.search("NOPERM|EXECABORT", found["write"])
    with closing(store.client) as client:
        left = list(client.keys("*verify*"))
        assert all(0 < client.ttl(key) <= 60 for key in left)
        assert len(left) <= (0 if missing is None else 1)


def config_with_writer(store: RedisStore) -> dict[str, Any]:
    """LaunchDarkly's config, with a user."""
    return store.emulator.stored_config(store.id.rpartition("/")[2]) | {"username": WRITER}


def test_a_writer_s_password_that_is_refused(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another user's than the one who reads."""
    allow(store, WRITER, "*", *WRITERS_RIGHTS.split())
    monkeypatch.setenv("LAUNCHDARKLY_REDIS_PASSWORD", "wrong")
    store.emulator.outside_edit(store.id.rpartition("/")[2], {"config": config_with_writer(store)})
    told = "as launchdarkly: the password or the user is refused (WRONGPASS)"
    assert store.failed("--write-probe") == {"write": told}


def test_a_replica(store: RedisStore) -> None:
    """Where LaunchDarkly is given it, it refuses all writes; where SDKs alone read it, all is well."""
    with RedisServer(password=PASSWORD) as replica, closing(store.client) as primary:
        at_replica = store_at(replica, store.emulator, store.run)
        with closing(at_replica.client) as client:
            client.config_set("masterauth", PASSWORD)
            client.replicaof(store.server.host, store.server.port)
            primary.config_set("repl-diskless-sync-delay", 0)
            primary.wait(1, 10_000)
            found = at_replica.failed("--write-probe")
            assert found.keys() == {"topology", "write"}
            assert found["topology"].startswith(
                f"a replica of {store.server.host}:{store.server.port}, and LaunchDarkly"
            )
            assert found["write"] == "SET is refused (READONLY)"
            assert store.failed(place=at_replica.at()) == {}


def test_a_sentinel(store: RedisStore) -> None:
    """It is named as one; that it knows no GET is no matter of rights."""
    with SentinelServer(store.server, password=PASSWORD) as sentinel:
        at_sentinel = store_at(sentinel, store.emulator, store.run)
        code, checks = at_sentinel.verify("--write-probe")
    assert code == 1
    assert checks["login"]["outcome"] == "passed"
    assert checks["topology"]["found"] == "this is a Sentinel, which has no data"
    assert with_outcome(checks, "failed") == {"topology", "read", "write"}
    assert {checks[name]["advice"] for name in ("topology", "read", "write")} == {
        "Give the address of the primary that the Sentinel watches.",
        "Look at what the check topology says, and at the server's log.",
    }


def test_a_cluster(emulator: Emulator, run: Shell) -> None:
    """Keys of other servers are redirected to, which most SDKs do not follow."""
    with RedisServer(password=PASSWORD, options=["cluster-enabled yes"]) as server:
        found = store_at(server, emulator, run).failed("--write-probe")
    assert found["topology"] == "the server is in cluster mode"
    assert "CLUSTERDOWN" in found["read"]
    assert "CLUSTERDOWN" in found["write"]


def test_tls(emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate has to be trusted here; without TLS such a server says nothing."""
    certificate = Certificate.self_signed(tmp_path)
    with RedisServer(password=PASSWORD, tls=certificate) as server:
        store = store_at(server, emulator, run)
        place = store.at(scheme="rediss")
        assert store.failed(place=place) == {
            "tls": f"127.0.0.1:{server.port}: the certificate is not trusted, or is another host's"
        }
        plain = store.failed()
        assert plain.keys() == {"login"}
        assert plain["login"].endswith("it may want TLS")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
        _, checks = store.verify(place=place)
        assert checks["tls"]["outcome"] == checks["login"]["outcome"] == "passed"


def test_a_store_that_cannot_be_reached(store: RedisStore) -> None:
    """One check fails, and the rest says that it could not look."""
    store.server.stop()
    found = store.failed("--write-probe")
    assert found == {"reachable": f"127.0.0.1:{store.server.port}: connection refused"}
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = ("--redis-url", f"redis://127.0.0.1:{other.getsockname()[1]}")
        closing_after_a_connection(other)
        assert store.failed(place=place).keys() == {"login"}


def closing_after_a_connection(server: socket.socket) -> None:
    """A server that is no Redis: it takes connections, and says something else."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    threading.Thread(target=serve, daemon=True).start()
