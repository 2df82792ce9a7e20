"""LaunchDarkly's real SDKs read what the emulator has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Union

import pytest
from ldclient.integrations import DynamoDB, Redis

from launchdarkly_pulumi.emulator import Emulator
from support.dynamodb import KEY, NAMESPACE, REGION, create_table, forget_aws_settings, local_dynamodb
from support.redis_server import RedisServer
from support.sdks import PLACE, SEGMENT, NodeSdk, PythonSdk, node_sdk, python_sdk
from support.synced import KINDS

Sdk = Union[PythonSdk, NodeSdk]


class Case(NamedTuple):
    """A real store and a real SDK.

    :param connect: an SDK that reads the store, given its key prefix.
    """

    kind: str
    config: dict[str, Any]
    endpoint: str | None
    connect: Callable[[str], AbstractContextManager[Sdk]]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def in_redis_by_python(redis: RedisServer) -> Case:
    """The Python SDK reads a Redis."""
    url = f"redis://{redis.host}:{redis.port}"

    def connect(prefix: str) -> AbstractContextManager[Sdk]:
        return python_sdk(Redis.new_big_segment_store(url, prefix=prefix))

    return Case("redis", {"port": str(redis.port)}, None, connect)


@pytest.fixture
def in_redis_by_node(redis: RedisServer) -> Case:
    """The Node SDK reads a Redis."""
    url = f"redis://{redis.host}:{redis.port}"
    return Case("redis", {"port": str(redis.port)}, None, lambda prefix: node_sdk(url, prefix))


@pytest.fixture
def in_dynamodb_by_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Case]:
    """The Python SDK reads a DynamoDB."""
    forget_aws_settings(monkeypatch, tmp_path)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with local_dynamodb() as endpoint:
        create_table(endpoint, "sdks", NAMESPACE, KEY)
        options = {"endpoint_url": endpoint, "region_name": REGION, **keys}

        def connect(prefix: str) -> AbstractContextManager[Sdk]:
            store = DynamoDB.new_big_segment_store("sdks", prefix=prefix, dynamodb_opts=options)
            return python_sdk(store)

        yield Case("dynamodb", {"tableName": "sdks"}, endpoint, connect)


@pytest.fixture(params=["in_redis_by_python", "in_redis_by_node", "in_dynamodb_by_python"])
def case(request: pytest.FixtureRequest) -> Case:
    """Each of them."""
    found: Case = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def emulator(case: Case) -> Iterator[Emulator]:
    """An emulator that keeps the store up to date."""
    with Emulator() as emulator:
        emulator.sync({SEGMENT: ["ada"]}, dynamodb_endpoint=case.endpoint)
        emulator.outside_create(*PLACE, case.kind, config=KINDS[case.kind] | case.config, on=True)
        emulator.sync()
        yield emulator


def test_a_flag_follows_a_big_segment(case: Case, emulator: Emulator) -> None:
    """Members from the beginning, and as soon as they are told; when the store is switched off, what is there ages."""
    with case.connect(emulator.environment(*PLACE).client_side_id) as sdk:
        first = [sdk.evaluate(user) for user in ("ada", "grace")]
        emulator.members(SEGMENT, ["grace"])
        second = [sdk.evaluate(user) for user in ("ada", "grace")]
        [integration_id] = emulator.integrations
        emulator.outside_edit(integration_id, {"on": False})
        sdk.wait_until_stale()
        third = [sdk.evaluate(user) for user in ("ada", "grace")]
    assert first == [(True, "HEALTHY"), (False, "HEALTHY")]
    assert second == [(False, "HEALTHY"), (True, "HEALTHY")]
    assert third == [(False, "STALE"), (True, "STALE")]


def test_another_prefix_finds_nobody(case: Case, emulator: Emulator) -> None:
    """The SDK says that the store is stale, and nothing else."""
    with case.connect("launchdarkly") as sdk:
        assert sdk.evaluate("ada") == (False, "STALE")
    assert [each["_status"]["available"] for each in emulator.integrations.values()] == [True]
