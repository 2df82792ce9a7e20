"""Look-ups from plain Python, over the wire."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import subprocess
import sys
from contextlib import closing
from typing import Any

import pulumi
import pytest

import launchdarkly_pulumi as launchdarkly
from launchdarkly_pulumi import errors
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import existing, name_in_environment
from support.canary import leaks
from support.scripted_server import ScriptedServer, answer

FAILING = {
    "available": False,
    "potentiallyStale": True,
    "lastSync": 0,
    "lastError": 1717243200000,
    "errors": [{"statusCode": 503, "message": "connection refused\nerror: forged", "timestamp": 1717243200000}],
}


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """No store works."""
    return EmulatorOptions(status_source=lambda *_: FAILING)


def test_the_public_names() -> None:
    """What programs may import; each is there."""
    assert sorted(launchdarkly.__all__) == [
        "BigSegmentStoreError",
        "BigSegmentStoreIntegration",
        "BigSegmentStoreReadiness",
        "BigSegmentStoreStatus",
        "DynamoDBConfig",
        "GetBigSegmentStoreIntegrationResult",
        "GetEnvironmentResult",
        "Provider",
        "RedisConfig",
        "get_big_segment_store_integration",
        "get_big_segment_store_integration_output",
        "get_big_segment_store_integrations",
        "get_big_segment_store_integrations_output",
        "get_environment",
        "get_environment_output",
    ]
    assert [name for name in launchdarkly.__all__ if not hasattr(launchdarkly, name)] == []


def test_importing_the_package_is_quick() -> None:
    """The libraries that only some calls need are not imported with it."""
    late = ("requests", "urllib3", "deepdiff", "jsonpatch", "rich", "black", "uvicorn")
    code = f"import sys, launchdarkly_pulumi; print([name for name in {late} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("module", ["errors", "commands.cli", "emulator", "core.find", "model.fields"])
def test_what_needs_no_pulumi_does_not_load_it(module: str) -> None:
    """Its SDK takes most of a second."""
    code = f"import sys, launchdarkly_pulumi.{module}; print({{'pulumi', 'grpc'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_one_integration_has_its_config_and_status(emulator: Emulator) -> None:
    """By Python names, defaults filled in, and without the password or its mask."""
    id_ = existing(emulator, samples.redis())
    found = launchdarkly.get_big_segment_store_integration(id_)

    assert (found.id, found.integration_id) == (id_, id_.rpartition("/")[2])
    assert (found.project_key, found.environment_key, found.integration_key) == ("default", "production", "redis")
    assert (found.name, found.on, found.tags, found.version) == (
        "Production Redis",
        True,
        ("managed-by-pulumi",),
        1,
    )
    assert found.config == {
        "host": "redis.example.com",
        "port": 6380,
        "username": "launchdarkly",
        "tls_enabled": True,
    }
    assert (found.status.available, found.status.potentially_stale) == (False, True)
    assert [error.message for error in found.status.errors] == ["connection refused error: forged"]
    assert leaks(str(dataclasses.asdict(found)), samples.PASSWORD) == []
    assert "***" not in str(found)


def test_a_config_is_whole(emulator: Emulator) -> None:
    """Also where LaunchDarkly has its defaults, and for the other kind."""
    redis = samples.redis() | {"config": {"host": "redis.example.com"}}
    assert launchdarkly.get_big_segment_store_integration(existing(emulator, redis)).config == {
        "host": "redis.example.com",
        "port": 6379,
        "username": "",
        "tls_enabled": False,
    }
    dynamodb = samples.dynamodb()
    assert launchdarkly.get_big_segment_store_integration(existing(emulator, dynamodb)).config == dynamodb["config"]


def test_a_listing_can_be_narrowed(emulator: Emulator) -> None:
    """By project, by environment, or by both; it has no configs."""
    ids = {
        (project, environment): existing(emulator, samples.redis(project_key=project, environment_key=environment))
        for project in ("web", "app")
        for environment in ("test", "production")
    }

    def found(project_key: str | None = None, environment_key: str | None = None) -> list[str]:
        return [each.id for each in launchdarkly.get_big_segment_store_integrations(project_key, environment_key)]

    assert found() == sorted(ids.values())
    assert found("web") == sorted(id_ for id_ in ids.values() if id_.startswith("web/"))
    assert found("web", "test") == [ids["web", "test"]]
    assert found(environment_key="test") == [ids["app", "test"], ids["web", "test"]]
    assert found("none") == []
    assert {each.config is None for each in launchdarkly.get_big_segment_store_integrations()} == {True}


def test_each_look_up_asks_anew(emulator: Emulator) -> None:
    """A script may wait for a change."""
    id_ = existing(emulator, samples.redis())
    assert launchdarkly.get_big_segment_store_integration(id_).on is True
    emulator.outside_edit(id_.rpartition("/")[2], {"on": False})
    assert launchdarkly.get_big_segment_store_integration(id_).on is False


def test_what_is_not_there_is_an_error_of_its_kind(emulator: Emulator) -> None:
    """A program may tell the kinds apart; Pulumi ends a program with the text alone, without a traceback."""
    with pytest.raises(errors.NotFound, match=r"^GET default/production/redis/57c0: 404 not_found: ") as caught:
        launchdarkly.get_big_segment_store_integration("default/production/redis/57c0")
    assert isinstance(caught.value, pulumi.RunError)
    with pytest.raises(errors.InvalidId, match="'57c0' is not an integration's ID"):
        launchdarkly.get_big_segment_store_integration("57c0")
    assert len(emulator.requests) == 1


def test_without_a_token_it_says_what_to_do(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere else."""
    monkeypatch.delenv("LAUNCHDARKLY_ACCESS_TOKEN")
    with pytest.raises(errors.SettingsError, match="set the environment variable LAUNCHDARKLY_ACCESS_TOKEN"):
        launchdarkly.get_big_segment_store_integrations()


ITEM: dict[str, Any] = {
    "_id": "57c0",
    "projectKey": "default",
    "environmentKey": "production",
    "integrationKey": "redis",
    "name": "Redis",
    "on": True,
    "tags": [],
    "version": 1,
    "config": {},
}


@pytest.mark.parametrize(
    "change", [{"name": None}, {"on": "yes"}, {"version": "1"}, {"version": True}, {"projectKey": 1}, {"tags": [1]}]
)
def test_an_answer_of_another_shape_is_an_error(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    """Whatever a proxy makes of it, no traceback and no half-filled result."""
    with ScriptedServer(answer(200, ITEM | change), answer(200, {"items": [ITEM | change]})) as server:
        name_in_environment(monkeypatch, server.url)
        with pytest.raises(errors.UnexpectedAnswer, match=r"^GET default/production/redis/57c0: "):
            launchdarkly.get_big_segment_store_integration("default/production/redis/57c0")
        with pytest.raises(errors.UnexpectedAnswer, match=r"^GET big segment stores: "):
            launchdarkly.get_big_segment_store_integrations()


def test_an_environment_has_its_client_side_id(emulator: Emulator) -> None:
    """The key prefix that SDKs need: another for each environment."""
    found = launchdarkly.get_environment("shop", "production")
    assert (found.project_key, found.environment_key) == ("shop", "production")
    assert re.fullmatch("[0-9a-f]{24}", found.client_side_id)
    assert launchdarkly.get_environment("shop", "staging").client_side_id != found.client_side_id
    assert [record.path for record in emulator.requests] == [
        f"/api/v2/projects/shop/environments/{key}" for key in ("production", "staging")
    ]


def test_an_environment_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """LaunchDarkly's own words; what can be no key is not sent, since it would name something else."""
    with Emulator(EmulatorOptions(projects={"shop": ["production"]})) as emulator:
        name_in_environment(monkeypatch, emulator.url)
        with pytest.raises(errors.NotFound, match=r"^GET environment shop/staging: 404 "):
            launchdarkly.get_environment("shop", "staging")
        for keys, told in ((("shop", ""), "an environment"), (("..", "production"), "a project")):
            with pytest.raises(errors.InvalidId, match=f"is not the key of {told}"):
                launchdarkly.get_environment(*keys)
        assert len(emulator.requests) == 1


@pytest.mark.parametrize("change", [{"_id": None}, {"_id": "a/b"}, {"key": "staging"}, {"key": None}])
def test_another_environment_is_an_error(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    """With its prefix an SDK would say HEALTHY, and take another environment's segments."""
    found = {"_id": "57c0ffee57c0ffee57c0ffee", "key": "production", "name": "Production"}
    with ScriptedServer(answer(200, found | change)) as server:
        name_in_environment(monkeypatch, server.url)
        with pytest.raises(errors.UnexpectedAnswer, match=r"^GET environment shop/production: the response is not"):
            launchdarkly.get_environment("shop", "production")


def test_what_is_only_known_later_needs_the_other_function(emulator: Emulator) -> None:
    """Instead of waiting for ever, or of asking for an ID that is the name of an output."""
    with closing(asyncio.new_event_loop()) as loop:
        later: Any = loop.create_future()
        with pytest.raises(errors.SettingsError, match="use the function of the same name that ends in _output"):
            launchdarkly.get_big_segment_store_integration(later)
    assert emulator.requests == []
