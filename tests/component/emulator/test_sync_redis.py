"""Syncing with a Redis, and what it says of it: one that is down, refuses, is no simple server, and comes up."""

from __future__ import annotations

import json
import socket
import socketserver
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from redis import Redis

from launchdarkly_pulumi.emulator import Emulator, Sync
from launchdarkly_pulumi.emulator.redis_store import RedisStore
from launchdarkly_pulumi.emulator.segments import Patch, context_hash
from launchdarkly_pulumi.emulator.status import StoreError
from support.redis_server import Certificate, RedisServer
from support.synced import BETA, KINDS, messages, status_of, written_to_redis

PASSWORD = "canary-p4ssw0rd"

Status = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def status(start: Callable[..., tuple[Emulator, Any]]) -> Status:
    """The status of a Redis store that is on, by what differs from the defaults in its config."""
    emulator, _ = start(status_source=Sync())
    return lambda fields: status_of(emulator, **fields)


def test_redis_that_answers(status: Status) -> None:
    """A Redis that answers is available, in sync by now, and has no errors."""
    with RedisServer() as redis:
        seen = status({"port": str(redis.port)})
    assert seen.pop("lastSync") > 0
    assert seen == {"available": True, "potentiallyStale": False, "lastError": 0, "errors": []}


def test_redis_that_goes_down_and_comes_back(status: Status) -> None:
    """Each status tells how it is now; the last success and the last error are remembered."""
    with RedisServer() as redis:
        config = {"port": str(redis.port)}
        before = status(config)
        redis.stop()
        down = status(config)
        redis.start()
        after = status(config)
    assert [seen["available"] for seen in (before, down, after)] == [True, False, True]
    assert messages(down)[0] == f"Could not connect to Redis at 127.0.0.1:{redis.port}: connection refused"
    assert down["errors"][0]["statusCode"] == 503
    # It may have been tried more often than asked for.
    assert (before["lastError"], after["errors"][0]["message"]) == (0, down["errors"][0]["message"])
    assert before["lastSync"] <= down["lastSync"] <= down["lastError"] <= after["lastError"] <= after["lastSync"]


@pytest.mark.parametrize(
    ("server", "config", "message"),
    [
        ({"password": PASSWORD}, {"password": f"not-{PASSWORD}"}, "Redis refused the password (WRONGPASS)"),
        ({"password": PASSWORD}, {}, "Redis requires a password (NOAUTH)"),
        ({}, {"password": PASSWORD}, "Redis refused the password: its default user has none"),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "ld", "password": f"not-{PASSWORD}"},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "other", "password": PASSWORD},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "ld"},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        ({"users": {"ld": PASSWORD}}, {"password": PASSWORD}, "Redis refused the password (WRONGPASS)"),
    ],
    ids=["wrong", "missing", "not asked for", "wrong of user", "wrong user", "missing of user", "no user"],
)
def test_redis_that_refuses_the_credentials(
    status: Status, server: dict[str, Any], config: dict[str, Any], message: str
) -> None:
    """Credentials that Redis refuses are an error that says which, without them."""
    with RedisServer(**server) as redis:
        seen = status({"port": str(redis.port), **config})
    assert messages(seen) == [message]
    assert seen["errors"][0]["statusCode"] == 400
    assert PASSWORD not in json.dumps(seen)


@pytest.mark.parametrize(
    ("server", "config"),
    [
        ({"password": 'sp "aces\\ and ünïcode'}, {"password": 'sp "aces\\ and ünïcode'}),
        ({"users": {"ld": PASSWORD}}, {"username": "ld", "password": PASSWORD}),
    ],
    ids=["password", "user"],
)
def test_redis_that_takes_the_credentials(status: Status, server: dict[str, Any], config: dict[str, Any]) -> None:
    """The config's username and password are used."""
    with RedisServer(**server) as redis:
        assert status({"port": str(redis.port), **config})["available"] is True


ALLOWED = ["+get", "+set", "+sadd", "+srem", "+multi", "+exec", "+watch", "+unwatch"]
"""What LaunchDarkly documents that its user needs, but for DEL."""


def user_with(redis: RedisServer, *rules: str) -> dict[str, Any]:
    """The config of a store whose user may do what is told."""
    with Redis(port=redis.port) as client:
        client.execute_command("ACL", "SETUSER", "ld", "reset", "on", f">{PASSWORD}", "~*", *rules)
    return {"port": str(redis.port), "username": "ld", "password": PASSWORD}


def test_redis_user_who_may_do_no_more_than_needed(status: Status) -> None:
    """PING is none of it."""
    with RedisServer() as redis:
        assert status(user_with(redis, *ALLOWED))["available"] is True


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        (["+@all", "-set"], "SET"),
        (["+@all", "-get"], "GET"),
        (["+@all", "-sadd"], "SADD"),
        (["+@read", "+ping"], "WATCH"),
        (["+@all", "resetkeys", "~other:*"], None),
        (["-@all", "+ping"], "GET"),
    ],
)
def test_redis_user_who_may_not_do_enough(
    start: Callable[..., tuple[Emulator, Any]], rules: list[str], missing: str | None
) -> None:
    """Not available, though the user may say PING; the error names what is missing."""
    emulator, _ = start(status_source=Sync({BETA: ["user-1"]}))
    with RedisServer() as redis:
        seen = status_of(emulator, **user_with(redis, *rules))
    what = missing or "write these keys"
    assert messages(seen) == [f"Redis at 127.0.0.1:{redis.port} lets this user not {what} (NOPERM)"]
    assert seen["errors"][0]["statusCode"] == 400


def test_redis_that_is_full(status: Status) -> None:
    """A Redis that takes no writes for want of memory is not available until it has some."""
    with RedisServer() as redis, Redis(port=redis.port) as client:
        config = {"port": str(redis.port)}
        before = status(config)
        client.config_set("maxmemory", 1)
        full = status(config)
        client.config_set("maxmemory", 0)
        after = status(config)
    assert [seen["available"] for seen in (before, full, after)] == [True, False, True]
    assert messages(full) == [
        f"Redis at 127.0.0.1:{redis.port} is full: it takes no writes until there is memory (OOM)"
    ]


def test_a_key_of_somebody_else(start: Callable[..., tuple[Emulator, Any]]) -> None:
    """A string where a set has to be is an error, by Redis's code."""
    emulator, _ = start(status_source=Sync({BETA: ["user-1"]}))
    prefix = emulator.environment("shop", "production").client_side_id
    with RedisServer() as redis, Redis(port=redis.port) as client:
        client.set(f"{prefix}:big_segment_include:{context_hash('user-1')}", "a string")
        seen = status_of(emulator, port=str(redis.port))
    assert messages(seen) == [f"Redis at 127.0.0.1:{redis.port} refused a write (WRONGTYPE)"]


def test_a_patch_that_somebody_else_forestalled() -> None:
    """Nothing of it is written."""
    with RedisServer() as redis, closing(RedisStore(KINDS["redis"] | {"port": str(redis.port)}, "p", 1.0)) as store:
        store.apply(None, None, "ours")
        with pytest.raises(StoreError, match="somebody else writes big segments there, too"):
            store.apply(Patch("beta.g1", "include", True, ("hash",)), "theirs", "next")
        assert written_to_redis(redis.port) == {"p:big_segments_cursor": "ours", "p:big_segments_lock": ""}


def test_redis_that_is_a_replica(status: Status) -> None:
    """A replica can be read, and that is all; of a primary that is down, so that it never loads anything."""
    with RedisServer(options=["replicaof 127.0.0.1 1"]) as replica:
        seen = status({"port": str(replica.port)})
    assert messages(seen) == [f"Redis at 127.0.0.1:{replica.port} is a replica, which takes no writes (READONLY)"]


@pytest.mark.parametrize("slots", [True, False], ids=["whole", "without slots"])
def test_redis_that_is_a_cluster(status: Status, slots: bool) -> None:
    """A cluster is not available, even if a single server has all of it."""
    with RedisServer(options=["cluster-enabled yes"]) as redis, Redis(port=redis.port) as client:
        if slots:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        seen = status({"port": str(redis.port)})
    assert messages(seen) == [f"Redis at 127.0.0.1:{redis.port} is a cluster, which cannot be written to as one server"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for loopback that only those trust who are told to."""
    return Certificate.self_signed(tmp_path_factory.mktemp("certificate"))


def test_redis_with_tls(status: Status, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS enabled, a Redis whose certificate is trusted is available."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with RedisServer(password=PASSWORD, tls=certificate) as redis:
        config = {"port": str(redis.port), "password": PASSWORD, "tlsEnabled": True}
        assert status(config)["available"] is True


@pytest.mark.parametrize(
    ("host", "trusted"), [("127.0.0.1", False), ("localhost", True)], ids=["untrusted", "of another host"]
)
def test_redis_with_a_wrong_certificate(
    status: Status, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    """A certificate that is not trusted, or is for another host, is an error."""
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with RedisServer(tls=certificate) as redis:
        seen = status({"host": host, "port": str(redis.port), "password": PASSWORD, "tlsEnabled": True})
    place = f"{host}:{redis.port}"
    assert messages(seen) == [
        f"Could not connect to Redis at {place} with TLS: the certificate is not trusted, or is another host's"
    ]


def test_redis_with_tls_asked_without(status: Status, certificate: Certificate) -> None:
    """A Redis that speaks only TLS is not available without it."""
    with RedisServer(tls=certificate) as redis:
        seen = status({"port": str(redis.port)})
    assert messages(seen) == [f"Could not connect to Redis at 127.0.0.1:{redis.port}: the connection was closed"]


def test_redis_without_tls_asked_with(start: Callable[..., tuple[Emulator, Any]]) -> None:
    """A Redis without TLS is not available with it."""
    emulator, _ = start(status_source=Sync(timeout=0.1))
    with RedisServer() as redis:
        seen = status_of(emulator, port=str(redis.port), tlsEnabled=True)
    message = messages(seen)[-1]
    assert message.startswith(f"Could not connect to Redis at 127.0.0.1:{redis.port} with TLS: ")


def test_redis_that_does_not_answer(start: Callable[..., tuple[Emulator, Any]]) -> None:
    """What takes a connection and says nothing is not waited for."""
    emulator, _ = start(status_source=Sync(timeout=0.05))
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        seen = status_of(emulator, port=str(port))
    assert messages(seen) == [f"Could not connect to Redis at 127.0.0.1:{port}: no response in time"]


@contextmanager
def saying(line: bytes) -> Iterator[int]:
    """A port where each client is greeted with a line, and then listened to."""

    class Greeter(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(line + b"\r\n")
            while self.rfile.read(1):
                pass

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Greeter) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"HTTP/1.1 400 Bad Request", "Redis at 127.0.0.1:{}: what answers there is not Redis"),
        (
            b"-LOADING Redis is loading the dataset in memory",
            "Redis at 127.0.0.1:{} is still loading its data (LOADING)",
        ),
        (
            b"-ERR max number of clients reached",
            "Could not connect to Redis at 127.0.0.1:{}: the connection broke off",
        ),
    ],
)
def test_what_answers_but_not_as_it_should(status: Status, line: bytes, message: str) -> None:
    """A server that is no Redis, or a Redis that cannot serve now, is not available."""
    with saying(line) as port:
        seen = status({"port": str(port)})
    assert messages(seen) == [message.format(port)]


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("redis.invalid", "Could not connect to Redis at redis.invalid:6379: the host name cannot be resolved"),
        ("a..b", "Could not connect to Redis at a..b:6379: the host name is not valid"),
    ],
)
def test_impossible_host_names(status: Status, host: str, message: str) -> None:
    """A host name that is unknown, or none, is the store's error."""
    assert messages(status({"host": host})) == [message]
