"""Waiting for a store, and looking stores up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.model.fields import UNKNOWN
from launchdarkly_pulumi.plugin.schema import FIND, FIND_ALL, GET_ENVIRONMENT, READINESS
from support.host import error_of
from support.plugin import Plugin, plugin_for, urn_of
from support.plugin_samples import created

READY = urn_of("ready", READINESS)


def ready(plugin: Plugin, **inputs: Any) -> Any:
    """The checked inputs of a wait."""
    return plugin.check(inputs, urn=READY)


def test_a_wait_ends_when_the_store_works(plugin: Plugin, emulator: Emulator) -> None:
    """A preview asks for nothing, and neither does what has not changed."""
    store, outputs, _ = created(plugin)
    emulator.clear_requests()
    inputs = ready(plugin, integration=store, version=outputs.values["version"]).inputs
    assert inputs.values == {"integration": store, "version": 1, "timeout": "5m"}
    assert plugin.create(inputs, READY, preview=True)[1].values == inputs.values
    assert emulator.requests == []
    id_, kept = plugin.create(inputs, READY)
    assert (id_, kept.values) == (store, inputs.values)
    assert [request.method for request in emulator.requests] == ["GET"]
    assert plugin.diff(id_, kept, inputs, urn=READY).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert plugin.read(id_, kept, urn=READY) == (id_, kept, kept)
    later = ready(plugin, integration=store, version=2).inputs
    diff = plugin.diff(id_, kept, later, urn=READY)
    assert (diff.changes, list(diff.replaces)) == (provider_pb2.DiffResponse.DIFF_SOME, [])
    assert plugin.update(id_, kept, later, urn=READY).values == later.values
    other = ready(plugin, integration=UNKNOWN).inputs
    assert list(plugin.diff(id_, kept, other, urn=READY).replaces) == ["integration"]
    plugin.delete(id_, kept, urn=READY)


def test_a_wait_that_fails_says_why(plugin: Plugin) -> None:
    """A store that is off never works."""
    store, _, _ = created(plugin, on=False)
    with pytest.raises(grpc.RpcError) as failed:
        plugin.create(ready(plugin, integration=store).inputs, READY)
    assert (
        error_of(failed.value) == f"{store} is off: LaunchDarkly does not write to it, and it will not become available"
    )


def test_a_wait_can_be_cancelled() -> None:
    """Its status line tells how long it has waited; the wait ends in one line."""
    asked = threading.Event()

    def status(*_: object) -> dict[str, Any]:
        asked.set()
        return {"available": False, "errors": []}

    with Emulator(EmulatorOptions(status_source=status)) as emulator, plugin_for(emulator.url) as plugin:
        store, _, _ = created(plugin)
        asked.clear()
        inputs = ready(plugin, integration=store, timeout=3600).inputs
        with ThreadPoolExecutor(1) as caller:
            wait = caller.submit(plugin.create, inputs, READY)
            asked.wait()
            plugin.cancel()
            with pytest.raises(grpc.RpcError) as failed:
                wait.result()
        assert error_of(failed.value).startswith(f"{store}: the wait was interrupted after ")
        shown = plugin.messages[0]
        assert (shown.urn, shown.ephemeral) == (READY, True)
        assert shown.text.startswith("not available yet (0s of 1h): ")


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({}, ["integration"]),
        ({"integration": "x", "timeout": "5 minutes", "tmeout": 1}, ["tmeout", "integration", "timeout"]),
        ({"integration": UNKNOWN, "timeout": UNKNOWN}, []),
    ],
)
def test_the_inputs_of_a_wait_are_checked(plugin: Plugin, inputs: Any, failures: list[str]) -> None:
    """Every problem at once."""
    assert [each.partition(" ")[0] for each in ready(plugin, **inputs).failures] == failures


def test_a_store_is_looked_up(plugin: Plugin) -> None:
    """With its config, but for the password, and with its status."""
    store, outputs, _ = created(plugin)
    found, failures = plugin.invoke(FIND, id=store)
    assert failures == []
    assert found["id"] == store
    assert found["config"] == {"redis": {"host": "redis.example.com", "port": 6380, "username": "", "tlsEnabled": True}}
    assert found["status"]["available"] is True
    assert found["version"] == outputs.values["version"]
    listed, _ = plugin.invoke(FIND_ALL, projectKey="default")
    [shown] = listed["integrations"]
    assert shown.keys() == found.keys() - {"config"}
    assert (shown["id"], shown["tags"], shown["on"]) == (store, ["managed-by-pulumi"], True)
    assert plugin.invoke(FIND_ALL, environmentKey="nowhere")[0] == {"integrations": []}


def test_an_environment_is_looked_up(plugin: Plugin, emulator: Emulator) -> None:
    """For the key prefix that SDKs need."""
    found, _ = plugin.invoke(GET_ENVIRONMENT, projectKey="default", environmentKey="production")
    assert found == {
        "projectKey": "default",
        "environmentKey": "production",
        "clientSideId": emulator.environment("default", "production").client_side_id,
    }


@pytest.mark.parametrize(
    ("arguments", "failures"),
    [
        ({}, ["id is required"]),
        ({"id": 1}, ["id must be a string, not a number"]),
        ({"id": "x", "ids": "y"}, ["ids is not an argument (did you mean id?)"]),
    ],
)
def test_arguments_are_checked(plugin: Plugin, arguments: Any, failures: list[str]) -> None:
    """Before anything is asked."""
    assert plugin.invoke(FIND, **arguments) == ({}, failures)


def test_a_look_up_that_fails_is_one_line(plugin: Plugin) -> None:
    """With LaunchDarkly's own words."""
    with pytest.raises(grpc.RpcError) as failed:
        plugin.invoke(FIND, id="default/production/redis/57c0af609969090743529967")
    assert error_of(failed.value).startswith("GET default/production/redis/57c0af609969090743529967: ")
    assert "\n" not in error_of(failed.value)
