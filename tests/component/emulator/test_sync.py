"""What the emulator writes into a Redis, when, and when not: as LaunchDarkly, for SDKs to read."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NoReturn

import pytest
import requests
from redis import Redis

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, Sync, contents, keeper
from launchdarkly_pulumi.emulator.integration import Integration, Place, settings_from
from launchdarkly_pulumi.emulator.segments import Segments
from launchdarkly_pulumi.emulator.status import History
from support.redis_server import RedisServer
from support.scripted_server import ScriptedServer, answer
from support.synced import BETA, KINDS, PLACE, messages, status_of, written_to_redis

PREFIX = "903fef0d5516b093c9ce5903"
"""The client-side ID of the environment."""

USER_1, USER_2 = "xsKJ5J6cBbIUWGA4e3O8sY30P7CaHkpKlxPHbIi7VBs=", "2Stpz7gs7KtFx1P1YAKywObQHxMv458sh4hY3JUo4Qs="
ZURICH = "QlFoXgbKtjVXjHKx9fIh6YQKBaxNjyQEvkF3qof5kH0="


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def client(redis: RedisServer) -> Iterator[Any]:
    """A client of it."""
    with closing(Redis(port=redis.port, decode_responses=True)) as client:
        yield client


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that syncs."""
    with Emulator(segments={}) as running:
        yield running


def sets_in(redis: RedisServer) -> dict[str, Any]:
    """The memberships in a Redis, by the end of their keys."""
    written = written_to_redis(redis.port)
    return {key.partition(":big_segment_")[2]: value for key, value in written.items() if isinstance(value, set)}


def marker_in(client: Any) -> int:
    """The marker in a Redis."""
    return int(client.get(f"{PREFIX}:big_segments_synchronized_on"))


def test_the_layout_is_the_relay_proxys(emulator: Emulator, redis: RedisServer) -> None:
    """As in the source of the Relay Proxy 8: the keys, their types, and no expiry."""
    before = int(time.time() * 1000)
    status = status_of(emulator, port=str(redis.port))
    emulator.members(BETA, ["user-1", "Zürich"])
    emulator.members("shop/production/gamma", ["user-1"], excluded=["user-2"])
    emulator.members("shop/staging/beta", ["another"])
    written = written_to_redis(redis.port)
    marker, cursor = (written.pop(f"{PREFIX}:big_segments_{name}") for name in ("synchronized_on", "cursor"))

    assert status["available"] is True
    assert re.fullmatch(r"[0-9]{13}", marker)
    assert before <= int(marker) <= int(time.time() * 1000)
    assert cursor
    assert written == {
        f"{PREFIX}:big_segments_lock": "",
        f"{PREFIX}:big_segment_include:{USER_1}": {"beta.g1", "gamma.g1"},
        f"{PREFIX}:big_segment_include:{ZURICH}": {"beta.g1"},
        f"{PREFIX}:big_segment_exclude:{USER_2}": {"gamma.g1"},
    }


def test_the_prefix_is_what_the_api_calls_the_environment(emulator: Emulator) -> None:
    """Its ``_id``."""
    url = f"{emulator.url}/api/v2/projects/shop/environments/production"
    shown = requests.get(url, headers={"Authorization": "api-token"}, timeout=10).json()
    assert shown["_id"] == emulator.environment(*PLACE).client_side_id == PREFIX


def test_members_come_and_go(emulator: Emulator, redis: RedisServer) -> None:
    """What is not a member any more is taken out, and from the one list into the other."""
    status_of(emulator, port=str(redis.port))
    seen = []
    for included, excluded in ((["user-1", "user-2"], []), (["user-2"], ["user-1"]), ([], [])):
        emulator.members(BETA, included, excluded)
        seen.append(sets_in(redis))
    assert seen == [
        {f"include:{USER_1}": {"beta.g1"}, f"include:{USER_2}": {"beta.g1"}},
        {f"exclude:{USER_1}": {"beta.g1"}, f"include:{USER_2}": {"beta.g1"}},
        {},
    ]


def test_many_members_are_written_in_several_patches(emulator: Emulator, redis: RedisServer, client: Any) -> None:
    """Each as a whole, and the last one too."""
    status_of(emulator, port=str(redis.port))
    emulator.members(BETA, (f"user-{number}" for number in range(2500)))
    assert len(sets_in(redis)) == 2500
    emulator.members(BETA, ["user-1"])
    assert sets_in(redis) == {f"include:{USER_1}": {"beta.g1"}}


def test_it_refreshes_the_marker_unasked(emulator: Emulator, redis: RedisServer, client: Any) -> None:
    """Again and again, and nothing else."""
    status_of(emulator, port=str(redis.port))
    first = marker_in(client)
    with client.monitor() as monitor:
        commands = Counter(next(monitor.listen())["command"].split()[0] for _ in range(3))
    assert commands == {"GET": 2, "SET": 1}
    assert marker_in(client) > first


def test_a_store_that_lost_its_data_gets_it_again(emulator: Emulator, redis: RedisServer, client: Any) -> None:
    """Whether it was restarted or flushed."""
    emulator.members(BETA, ["user-1"])
    status_of(emulator, port=str(redis.port))
    client.flushall()
    emulator.sync()
    flushed = sets_in(redis)
    redis.stop()
    emulator.sync()
    redis.start()
    emulator.sync()
    assert flushed == sets_in(redis) == {f"include:{USER_1}": {"beta.g1"}}


def test_a_patch_that_failed_is_made_up_for(emulator: Emulator, redis: RedisServer, client: Any) -> None:
    """What changed while the store took no writes is there afterwards: who came, and who went."""
    emulator.members(BETA, ["user-1"])
    status_of(emulator, port=str(redis.port))
    client.config_set("maxmemory", 1)
    emulator.members(BETA, ["user-2", "Zürich"])
    emulator.members(BETA, ["user-2"])
    client.config_set("maxmemory", 0)
    emulator.sync()
    assert sets_in(redis) == {f"include:{USER_2}": {"beta.g1"}}


@pytest.mark.parametrize("end", ["off", "deleted", "stopped"])
def test_what_is_off_or_deleted_is_left_as_it_is(emulator: Emulator, redis: RedisServer, client: Any, end: str) -> None:
    """The marker ages, and the members stay: LaunchDarkly does not say what it does, so this is ours."""
    emulator.members(BETA, ["user-1"])
    status_of(emulator, port=str(redis.port))
    [integration_id] = emulator.integrations
    if end == "off":
        emulator.outside_edit(integration_id, {"on": False})
        status = emulator.integrations[integration_id]["_status"]
        assert (status["available"], status["lastSync"]) == (False, marker_in(client))
    elif end == "deleted":
        emulator.remove(integration_id)
    else:
        emulator.stop()
    before = written_to_redis(redis.port)
    emulator.members(BETA, ["user-2"])
    assert written_to_redis(redis.port) == before
    assert not [thread for thread in threading.enumerate() if integration_id in thread.name and not ended(thread)]


def ended(thread: threading.Thread) -> bool:
    """Whether a thread ends by itself."""
    thread.join(10)
    return not thread.is_alive()


def test_another_config_is_another_store(emulator: Emulator, redis: RedisServer) -> None:
    """Not available before it was written to; the old one is left alone, and the new one has everything."""
    emulator.members(BETA, ["user-1"])
    status_of(emulator, port=str(redis.port))
    with RedisServer() as second:
        assert status_of(emulator, port=str(second.port))["available"] is True
        before = written_to_redis(redis.port)
        emulator.members(BETA, ["user-2"])
        assert sets_in(second) == {f"include:{USER_2}": {"beta.g1"}}
        assert written_to_redis(redis.port) == before


def test_a_new_config_counts_only_when_it_was_tried(redis: RedisServer) -> None:
    """The status of an integration is never that of another config; its name does not matter."""
    sync = Sync()
    with Emulator(EmulatorOptions(status_source=sync)) as emulator:
        status_of(emulator, port=str(redis.port))
        [(integration_id, shown)] = emulator.integrations.items()
        config = emulator.stored_config(integration_id)
        assert sync(shown, config | {"port": "1"})["available"] is False
        assert emulator.outside_edit(integration_id, {"name": "Another"})["_status"]["available"] is True


def test_a_new_config_is_tried_at_once(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, redis: RedisServer) -> None:
    """Not only after an interval."""
    monkeypatch.setattr(keeper, "INTERVAL", 3600)
    status_of(emulator, port="1")
    [integration_id] = emulator.integrations
    with Redis(port=redis.port, socket_timeout=30) as client, client.monitor() as monitor:
        emulator.outside_edit(integration_id, {"config": {"port": str(redis.port)}})
        assert next(monitor.listen())["command"].startswith("GET ")


def test_what_is_under_way_ends_when_a_store_is_turned_off() -> None:
    """After the write that it is at; the marker is not written."""
    marked = []

    class Slow:
        batch = 1

        def cursor(self) -> None:
            pass

        def apply(self, *_: object) -> None:
            threading.Thread(target=running.stop).start()
            running.wait_for(1_000_000)  # until it is told to stop

        def mark(self, now: int) -> None:
            marked.append(now)

        def marker(self) -> str:
            return str(marked[-1])

        def close(self) -> None:
            pass

    place = Place(*PLACE, "redis")
    integration = Integration("1", place, settings_from(place, {"config": KINDS["redis"], "on": True}))
    running = keeper.Keeper(integration, History(), Segments({}), lambda _: Slow())
    running.start()
    assert ended(running)
    assert marked == []


def test_one_store_keeps_no_other_waiting(emulator: Emulator, redis: RedisServer) -> None:
    """Two stores of an environment, one of them out of reach."""
    status_of(emulator, port="1")
    config = KINDS["redis"] | {"port": str(redis.port)}
    second = emulator.outside_create(*PLACE, "redis", config=config, on=True)["_id"]
    emulator.members(BETA, ["user-1"])
    statuses = {each["_id"] == second: each["_status"]["available"] for each in emulator.integrations.values()}
    assert statuses == {True: True, False: False}
    assert sets_in(redis) == {f"include:{USER_1}": {"beta.g1"}}


def test_somebody_else_who_writes_there(emulator: Emulator, redis: RedisServer, client: Any) -> None:
    """A patch of somebody else's between ours is noticed: what we know of the store is no longer believed."""
    emulator.members(BETA, ["user-1"])
    status_of(emulator, port=str(redis.port))
    client.srem(f"{PREFIX}:big_segment_include:{USER_1}", "beta.g1")
    client.set(f"{PREFIX}:big_segments_cursor", "theirs")
    emulator.sync()
    assert sets_in(redis) == {f"include:{USER_1}": {"beta.g1"}}


def test_a_marker_that_does_not_stay(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, redis: RedisServer) -> None:
    """What was written is read back."""
    monkeypatch.setattr(contents, "milliseconds", lambda: "later")
    monkeypatch.setattr("launchdarkly_pulumi.emulator.redis_store.RedisStore.mark", lambda *_: None)
    seen = status_of(emulator, port=str(redis.port))
    assert messages(seen) == ["the store did not keep what was written: the marker is another one, or gone"]


def test_a_defect_is_a_status_too(
    monkeypatch: pytest.MonkeyPatch, emulator: Emulator, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The thread goes on, and the log has the traceback."""

    def mark(*_: object) -> NoReturn:
        raise KeyError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr("launchdarkly_pulumi.emulator.redis_store.RedisStore.mark", mark)
        seen = status_of(emulator, port=str(redis.port))
    assert messages(seen) == ["internal error of the emulator; its log says more"]
    assert "KeyError" in caplog.text
    assert status_of(emulator, port=str(redis.port))["available"] is True


def test_a_store_that_is_off_is_not_asked(emulator: Emulator) -> None:
    """A store that is off gets no connection, and is not available, without being wrong."""
    with ScriptedServer(answer(200, {})) as server:
        config = {"host": "127.0.0.1", "port": server.host.rpartition(":")[2]}
        emulator.outside_create(*PLACE, "redis", config=config)
        emulator.sync()
        [shown] = emulator.integrations.values()
        assert server.connections == 0
    assert shown["_status"] == {
        "available": False, "potentiallyStale": True, "lastSync": 0, "lastError": 0, "errors": [],
    }  # fmt: skip


def test_sync_begins_when_it_is_told_to(redis: RedisServer) -> None:
    """Stores that are there already are written to as well; a second time brings further segments."""
    with Emulator() as emulator:
        config = KINDS["redis"] | {"port": str(redis.port)}
        created = emulator.outside_create(*PLACE, "redis", config=config, on=True)
        emulator.sync({BETA: ["user-1"]})
        emulator.sync({"shop/production/gamma": ["user-1"]})
        assert sets_in(redis) == {f"include:{USER_1}": {"beta.g1", "gamma.g1"}}
        assert created["_status"]["lastSync"] < emulator.integrations[created["_id"]]["_status"]["lastSync"]
        with pytest.raises(ValueError, match="syncs already"):
            emulator.sync(public_hosts=True)


def test_members_without_sync_are_an_error() -> None:
    """Nobody would see them."""
    with Emulator() as emulator, pytest.raises(RuntimeError, match=r"call sync\(\) first"):
        emulator.members(BETA, ["user-1"])


@pytest.mark.parametrize(
    ("path", "keys", "error"),
    [
        ("beta", ["a"], "must be PROJECT/ENVIRONMENT/SEGMENT"),
        ("shop/production/", ["a"], "must be PROJECT/ENVIRONMENT/SEGMENT"),
        ("shop/production/a/b", ["a"], "must be PROJECT/ENVIRONMENT/SEGMENT"),
        (BETA, "user-1", "several keys, not one string"),
        (BETA, [""], "a string that is not empty"),
        (BETA, [1], "a string that is not empty"),
        (BETA, ["\ud800"], "surrogates not allowed"),
    ],
)
def test_impossible_segments(emulator: Emulator, path: str, keys: Any, error: str) -> None:
    """Refused at once."""
    with pytest.raises(ValueError, match=error):
        emulator.members(path, keys)


@pytest.mark.parametrize("package", ["redis", "boto3"])
def test_a_missing_client_is_an_error(
    monkeypatch: pytest.MonkeyPatch, start: Callable[..., tuple[Emulator, Any]], package: str
) -> None:
    """Without the client library a store of that kind is not available, and the error says what to install."""
    for name in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    emulator, _ = start(status_source=Sync(dynamodb_endpoint="http://127.0.0.1:1"))
    seen = status_of(emulator, {"redis": "redis", "boto3": "dynamodb"}[package])
    assert messages(seen) == [f"the emulator needs {package} for this store: pip install {package}"]


def test_clients_are_imported_when_needed() -> None:
    """Importing the emulator, and writing to no store, imports neither redis nor boto3."""
    program = """
import sys
from launchdarkly_pulumi.emulator import Emulator
with Emulator(segments={}) as emulator:
    emulator.outside_create("shop", "production", "redis", config={"host": "127.0.0.1"})
    emulator.sync()
sys.exit(bool({"redis", "boto3", "botocore"} & sys.modules.keys()))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
