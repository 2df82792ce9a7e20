"""Waiting until a store works, with the real CLI, a real Redis and a local DynamoDB."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, LiveStatus
from support import samples
from support.canary import files_with_leaks, leaks
from support.redis_server import RedisServer
from support.samples import PASSWORD, TOKEN
from support.stack import Stack

PROGRAM = """\
import json, pathlib
import pulumi
import launchdarkly_pulumi as launchdarkly

declared = json.loads(pathlib.Path("stores.json").read_text())["store"]
store = launchdarkly.BigSegmentStoreIntegration("store", **declared)
launchdarkly.BigSegmentStoreReadiness("ready", integration=store, timeout=pulumi.Config().require("timeout"))
"""

AWS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}


class Asked(LiveStatus):
    """The truthful status, which tells when it is asked: by then a wait has begun."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked = threading.Semaphore(0)

    def __call__(self, document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """The status now."""
        status = super().__call__(document, config)
        if not status["available"]:
            self.asked.release()
        return status

    def await_wait(self) -> None:
        """Until a wait has found the store unavailable; the first to be told so is the create."""
        for _ in range(2):
            assert self.asked.acquire(timeout=60)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[str]:
    """The endpoint of a local DynamoDB."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def status(dynamodb: str) -> Asked:
    """What LaunchDarkly finds out about its stores."""
    return Asked(dynamodb_endpoint=dynamodb)


@pytest.fixture
def emulator(status: Asked) -> Iterator[Emulator]:
    """LaunchDarkly, which looks at the stores themselves."""
    with Emulator(EmulatorOptions(status_source=status)) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> Stack:
    """A stack whose program waits for its store."""
    made = Stack(tmp_path, emulator.url, home=pulumi_home)
    made.program(PROGRAM)
    made.pulumi("config", "set", "timeout", "90s")
    return made


def store_at(server: RedisServer, **changes: Any) -> dict[str, Any]:
    """The sample store at a Redis, whose default user's password is the canary."""
    config = {"host": server.host, "port": server.port, "username": "", "tls_enabled": False}
    return samples.redis(config=config, **changes)


def requests(emulator: Emulator) -> Counter[str]:
    """The methods so far; they are forgotten afterwards."""
    seen = Counter(request.method for request in emulator.requests)
    emulator.clear_requests()
    return seen


def test_it_waits_for_a_redis_that_comes_up(stack: Stack, emulator: Emulator, status: Asked) -> None:
    """Progress while it is down; afterwards nothing is asked, until the store changes."""
    with RedisServer(password=PASSWORD) as server:
        server.stop()
        stack.declare(store=store_at(server))
        process = stack.start("up", "--yes", "--skip-preview")
        status.await_wait()
        server.start()
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        assert "connection refused" in output
        assert leaks(output, PASSWORD, TOKEN) == []

        requests(emulator)
        stack.preview("--expect-no-changes")
        assert requests(emulator) == {"GET": 1}, "the store's comparison alone"
        stack.declare(store=store_at(server, tags=["another"]))
        run = stack.up()
        assert requests(emulator) == {"GET": 2, "PATCH": 1}, "the comparison, and one look at the new version"
        assert "ready updated" in run.output


def test_a_wait_in_vain_loses_nothing(stack: Stack, emulator: Emulator, tmp_path: Path) -> None:
    """The store's own error when the time is up; the integration is in the state, and the next update only waits."""
    stack.pulumi("config", "set", "timeout", "2s")
    with RedisServer(password="another one") as server:
        stack.declare(store=store_at(server))
        failed = stack.run("up", "--yes", "--skip-preview")
        assert failed.code != 0
        assert "is not available after 2s: Redis refused the password (WRONGPASS)" in failed.output
        assert "run `pulumi up` again: it will only wait" in failed.output
        assert leaks(failed.output, PASSWORD, TOKEN) == []
        assert stack.resources().keys() == {"store"}

        server.stop()
        server.password = PASSWORD
        server.start()
        requests(emulator)
        stack.up()
        assert requests(emulator) == {"GET": 2}
    assert stack.resources().keys() == {"store", "ready"}
    assert list(files_with_leaks(tmp_path / "backend", PASSWORD, TOKEN)) == []


def test_a_table_must_have_the_right_keys(stack: Stack, dynamodb: str) -> None:
    """With wrong ones the wait is in vain, and says which; with the right ones it is over."""
    stack.pulumi("config", "set", "timeout", "2s")
    stack.declare(store=samples.dynamodb(on=True))
    client = boto3.client("dynamodb", endpoint_url=dynamodb, **AWS)
    create_table(client, "partition", "sort")
    failed = stack.run("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert "the table's partition key must be `namespace` (S), not `partition` (S)" in failed.output

    client.delete_table(TableName="big-segments")
    create_table(client, "namespace", "key")
    stack.up()
    client.close()


def create_table(client: Any, partition: str, sort: str) -> None:
    """The sample store's table, with keys of these names."""
    client.create_table(
        TableName="big-segments",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (partition, sort)],
        KeySchema=[{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_store_that_is_off_fails_at_once(stack: Stack, emulator: Emulator) -> None:
    """Declared off, it is refused in the preview; turned off by somebody else, when the wait begins."""
    stack.declare(store=samples.redis(on=False))
    assert "is declared off" in stack.preview(code=1).output
    assert requests(emulator) == {}


def test_an_interrupted_wait_leaves_a_sound_state(stack: Stack, status: Asked, emulator: Emulator) -> None:
    """Ctrl-C ends the command, not after the whole time; the store is in the state, and the next update waits again."""
    with RedisServer(password=PASSWORD) as server:
        server.stop()
        stack.declare(store=store_at(server))
        process = stack.start("up", "--yes", "--skip-preview")
        status.await_wait()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode != 0
        assert "Traceback" not in output
        server.start()
        stack.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        stack.up()
    assert stack.resources().keys() == {"store", "ready"}
    assert len(emulator.integrations) == 1
