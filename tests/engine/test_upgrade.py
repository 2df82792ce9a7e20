"""A stack that an earlier release has written: its state is on record, and must go on working."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.stack import Stack

RECORDS = sorted((Path(__file__).parent / "data").glob("state-*.json"))
API_NAMES = {
    "host": "host",
    "port": "port",
    "username": "username",
    "password": "password",
    "tls_enabled": "tlsEnabled",
}


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def upgraded(request: pytest.FixtureRequest, stack: Stack, emulator: Emulator) -> Stack:
    """A stack with the recorded state, and the account that it describes."""
    redis, dynamodb = samples.redis(), samples.dynamodb()
    redis_id = emulator.outside_create(
        "default",
        "production",
        "redis",
        config={API_NAMES[name]: value for name, value in redis["config"].items()},
        **{name: redis[name] for name in ("name", "on", "tags")},
    )["_id"]
    names = {"table_name": "tableName", "region": "region", "external_id": "externalId", "role_arn": "roleArn"}
    config = {names[name]: value for name, value in dynamodb["config"].items()}
    dynamodb_id = emulator.outside_create("default", "production", "dynamodb", config=config)["_id"]
    state = request.param.read_text().replace("REDIS-ID", redis_id).replace("DYNAMODB-ID", dynamodb_id)
    (stack.folder / "state.json").write_text(state)
    stack.pulumi("stack", "import", "--file", "state.json")
    stack.declare(redis=redis, dynamodb=dynamodb)
    return stack


def test_it_previews_without_changes(upgraded: Stack) -> None:
    """Neither the provider nor the inputs of the state look different."""
    upgraded.preview("--expect-no-changes")
    upgraded.refresh("--expect-no-changes")


def test_it_updates_and_is_destroyed(upgraded: Stack, emulator: Emulator) -> None:
    """One field is changed, and then everything goes."""
    upgraded.declare(redis=samples.redis(on=False), dynamodb=samples.dynamodb())
    upgraded.up()
    assert [request.method for request in emulator.requests] == ["GET", "GET", "PATCH"]
    upgraded.destroy()
    assert emulator.integrations == {}
