"""A deployment that waits until its store works: real stores, the real CLI, and the status that LaunchDarkly has."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis import Redis

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, Sync
from support import javascript, samples
from support.account import is_listing, methods
from support.canary import files_with_leaks, leaks
from support.door_stacks import DoorStack, PluginStack
from support.doors import DOORS
from support.dynamodb import KEY, NAMESPACE, create_table, delete_table, forget_aws_settings, local_dynamodb
from support.processes import interrupt
from support.redis_server import Certificate, RedisServer
from support.samples import PASSWORD, TOKEN
from support.segments import mark
from support.stack import NO_CHANGE, Run, Stack

PROGRAM = """\
import json, pathlib
import pulumi
import launchdarkly_pulumi as launchdarkly

declared = json.loads(pathlib.Path("stores.json").read_text())
team = pulumi.ComponentResource("shop:index:Team", "team")
store = launchdarkly.BigSegmentStoreIntegration("store", pulumi.ResourceOptions(parent=team), **declared["store"])
ready = launchdarkly.BigSegmentStoreReadiness(
    "ready", pulumi.ResourceOptions(parent=team), integration=store, **declared["ready"]
)
launchdarkly.BigSegmentStoreIntegration(
    "application",
    pulumi.ResourceOptions(depends_on=[ready]),
    project_key="default", environment_key="application", config={"host": "redis.example.com"},
)
"""
"""The last resource stands for an application that needs the store."""

IN_JAVASCRIPT = (
    javascript.PROGRAM
    + """\
const config = { redis: { host: "redis.example.com" } };
new Store(
    "application", { projectKey: "default", environmentKey: "application", config }, { dependsOn: [made.ready] }
);
"""
)
"""The same for the plugin."""

LONG = {"timeout": "1h"}
"""Longer than any test: a wait that ends does so for another reason."""


class Told(Sync):
    """What LaunchDarkly has reported of its stores, for a test to await."""

    def __init__(self, endpoint: str | None = None) -> None:
        super().__init__(dynamodb_endpoint=endpoint)
        self._errors: list[str] = []
        self._news = threading.Condition()

    def __call__(self, document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """The true status."""
        status = super().__call__(document, config)
        with self._news:
            self._errors += [error["message"] for error in status["errors"][:1] if not status["available"]]
            self._news.notify_all()
        return status

    def wait_for(self, error: str, times: int = 1) -> None:
        """Waits until the error was reported so often; the first time may have been in the response to the POST."""
        with self._news:
            assert self._news.wait_for(lambda: sum(error in each for each in self._errors) >= times, timeout=60)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The endpoint of a local DynamoDB."""
    forget_aws_settings(monkeypatch, tmp_path)
    with local_dynamodb() as endpoint:
        yield endpoint


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Told:
    """Knows the local DynamoDB where the test has one."""
    return Told(request.getfixturevalue("dynamodb") if "dynamodb" in request.fixturenames else None)


@pytest.fixture
def emulator_options(told: Told) -> EmulatorOptions:
    """LaunchDarkly with an empty account, truthful about its stores."""
    return EmulatorOptions(status_source=told)


@pytest.fixture
def stack(stack: Stack) -> Stack:
    """A stack whose application waits for a store."""
    stack.program(PROGRAM)
    return stack


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis that is not started yet."""
    with closing(RedisServer(password=PASSWORD)) as server:
        yield server


@pytest.fixture
def secured_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RedisServer]:
    """The same with TLS, a certificate that is trusted, and a user with another password than the store's."""
    certificate = Certificate.self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with closing(RedisServer(users={"launchdarkly": "another"}, tls=certificate)) as server:
        yield server


def stored_in(redis: RedisServer, **changes: Any) -> dict[str, Any]:
    """The arguments of a store in this Redis."""
    config = {"host": redis.host, "port": redis.port, "username": "", "tls_enabled": False, **changes.pop("config", {})}
    return samples.redis(config=config, **changes)


def finish(process: Any) -> Run:
    """Waits for the end of a command."""
    output, _ = process.communicate(timeout=120)
    return Run(process.returncode, output)


def test_up_waits_until_redis_works(stack: Stack, emulator: Emulator, told: Told, secured_redis: RedisServer) -> None:
    """It is down, then refuses the password, then works. Later the wait follows the store's updates."""
    redis, secure = secured_redis, {"username": "launchdarkly", "tls_enabled": True}
    stack.declare(store=stored_in(redis, config=secure), ready=LONG)
    with stack.start("up", "--yes", "--skip-preview", "--debug") as process:
        told.wait_for("connection refused", times=2)
        redis.start()
        told.wait_for("refused the password")
        redis.stop()
        redis.users["launchdarkly"] = PASSWORD
        redis.start()
        done = finish(process)
    assert done.code == 0, done.output
    rows = [line for line in done.output.splitlines() if "BigSegmentStoreReadiness ready creating" in line]
    assert any(
        f"not available yet (0s of 1h): Could not connect to Redis at 127.0.0.1:{redis.port}" in row for row in rows
    )
    assert any("Redis refused the password or the username (WRONGPASS) (400, " in row for row in rows)
    assert leaks(done.output, PASSWORD, TOKEN) == []
    assert list(files_with_leaks(stack.backend, PASSWORD, TOKEN)) == []

    methods(emulator)
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    assert methods(emulator) == ["GET", "GET"] * 2, "one of each store, none of the wait"

    stack.declare(store=stored_in(redis, config=secure, tags=["changed"]), ready=LONG)
    stack.up()
    # The listing of both stores is asked for beside the first read, and may come at any time.
    listings, singles = (
        [request.method for request in emulator.requests if is_listing(request) is wanted] for wanted in (True, False)
    )
    assert listings == ["GET"]
    assert singles == ["GET", "PATCH", "GET"], "the first store, the one that changed, the wait"
    assert stack.resources()["ready"]["outputs"]["version"] == 2


def test_up_waits_until_dynamodb_works(stack: Stack, told: Told, dynamodb: str) -> None:
    """Its table has the wrong key at first, then the right one."""
    create_table(dynamodb, "big-segments", NAMESPACE, ("sort", "S", "RANGE"))
    stack.declare(store=samples.dynamodb(on=True), ready=LONG)
    with stack.start("up", "--yes", "--skip-preview") as process:
        told.wait_for("sort key", times=2)
        delete_table(dynamodb, "big-segments")
        create_table(dynamodb, "big-segments", NAMESPACE, KEY)
        done = finish(process)
    assert done.code == 0, done.output
    assert "the table's sort key must be `key` (S), not `sort` (S) (400, " in done.output
    assert stack.resources().keys() == {"store", "ready", "application"}


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_wait_in_vain_loses_nothing(door_stack: DoorStack, emulator: Emulator, redis: RedisServer) -> None:
    """The error has the store's own errors; the store is in the state; the next update only waits, and continues."""
    stack = door_stack
    if isinstance(stack, PluginStack):
        stack.program(IN_JAVASCRIPT)
        stack.declare_with({"ready": {"store": "store", "timeout": "1s"}}, store=stored_in(redis))
    else:
        stack.program(PROGRAM)
        stack.declare(store=stored_in(redis), ready={"timeout": "1s"})
    done = stack.up(code=1)
    assert f"is not available after 1s: Could not connect to Redis at 127.0.0.1:{redis.port}" in done.output
    assert leaks(done.output, PASSWORD, TOKEN) == []
    assert stack.resources().keys() == {"store"}
    methods(emulator)

    redis.start()
    stack.up()
    assert methods(emulator) == ["GET", "GET", "GET", "POST"], "the store, the wait, and the application's create"
    stack.preview(NO_CHANGE)


def test_up_waits_for_the_marker_too(stack: Stack, redis: RedisServer) -> None:
    """Where SDKs would find it, with a URL that stays a secret; once it is there, nothing is left to wait for."""
    redis.start()
    password = quote(PASSWORD, safe="")
    url = f"redis://:{password}@{redis.host}:{redis.port}/1"  # LaunchDarkly writes into database 0
    stack.declare(store=stored_in(redis), ready={"timeout": "1s", "verify": True, "redis_url": url})
    vain = stack.up(code=1)
    assert "LaunchDarkly reports the store available, but SDKs here would not find it so: there is no " in vain.output
    [prefix] = re.findall("there is no ([0-9a-f]{24}):big_segments_synchronized_on", vain.output)[:1]
    with closing(Redis(redis.host, redis.port, db=1, password=PASSWORD)) as client:
        mark(client, prefix)
    done = stack.up()
    stack.preview(NO_CHANGE)
    assert [leaks(run.output, PASSWORD, password) for run in (vain, done)] == [[], []]
    assert list(files_with_leaks(stack.backend, PASSWORD, password)) == []


def test_ctrl_c_ends_a_wait(stack: Stack, told: Told, redis: RedisServer) -> None:
    """It ends long before its timeout of an hour; the state is sound, and the next update continues."""
    stack.declare(store=stored_in(redis), ready=LONG)
    with stack.start("up", "--yes", "--skip-preview") as process:
        told.wait_for("connection refused", times=2)
        interrupt(process.pid)
        done = finish(process)
    assert done.code != 0
    assert "the wait was interrupted after" in done.output
    deployment = json.loads(stack.pulumi("stack", "export").output)["deployment"]
    assert deployment.get("pending_operations") is None
    assert stack.resources().keys() == {"store"}

    redis.start()
    stack.up()
    assert stack.resources().keys() == {"store", "ready", "application"}


def test_a_store_that_is_declared_off_is_told_by_the_preview(
    stack: Stack, emulator: Emulator, redis: RedisServer
) -> None:
    """Before anything is created; so is every other problem, under its property."""
    stack.declare(store=stored_in(redis, on=False), ready={"timeout": "soon"})
    done = stack.preview(code=1)
    assert "has a problem: integration is declared off" in done.output
    assert "has a problem: timeout must be a duration such as '5m'" in done.output
    assert {request.method for request in emulator.requests} == {"GET"}
