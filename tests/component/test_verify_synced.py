"""``verify`` of stores that the emulator keeps up to date: the two halves of the chain agree on what is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import launchdarkly_pulumi
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, Sync
from support import samples
from support.account import existing
from support.commands import Shell
from support.dynamodb import KEY, NAMESPACE, create_table, forget_aws_settings, local_dynamodb
from support.redis_server import RedisServer
from support.samples import TOKEN
from support.verifying import Verified, with_outcome

SEGMENT = "default/production/beta"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands; none may print a secret."""
    return Shell(capsys)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A token, and no AWS."""
    forget_aws_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", TOKEN)


def verified(
    monkeypatch: pytest.MonkeyPatch, run: Shell, sync: Sync, arguments: dict[str, Any], place: tuple[str, ...]
) -> None:
    """Verifies a store after the emulator has written to it: nothing fails, and the member is found."""
    with Emulator(EmulatorOptions(access_tokens=(TOKEN,), status_source=sync)) as emulator:
        monkeypatch.setenv("LAUNCHDARKLY_API_HOST", emulator.url)
        id_ = existing(emulator, arguments)
        emulator.sync()
        prefix = launchdarkly_pulumi.get_environment("default", "production").client_side_id
        store = Verified(run, emulator, id_, prefix, place)
        code, checks = store.verify("--segment", "beta", "--member", "anna", "--prefix", prefix)
    assert (code, with_outcome(checks, "failed")) == (0, set())
    assert {"marker", "last-sync", "member", "sdk-prefix"} <= with_outcome(checks, "passed")


def test_a_redis(monkeypatch: pytest.MonkeyPatch, run: Shell) -> None:
    """As in the example of an SDK."""
    with RedisServer() as server:
        config = {"host": server.host, "port": server.port, "tls_enabled": False, "username": "", "password": ""}
        place = ("--redis-url", f"redis://{server.host}:{server.port}")
        verified(monkeypatch, run, Sync({SEGMENT: ["anna"]}), samples.redis(config=config), place)


def test_a_table(monkeypatch: pytest.MonkeyPatch, run: Shell) -> None:
    """In a local DynamoDB."""
    with local_dynamodb() as endpoint:
        create_table(endpoint, "synced", NAMESPACE, KEY)
        sync = Sync({SEGMENT: ["anna"]}, dynamodb_endpoint=endpoint)
        arguments = samples.dynamodb(config={"table_name": "synced"}, on=True)
        verified(monkeypatch, run, sync, arguments, ("--dynamodb-endpoint", endpoint))
