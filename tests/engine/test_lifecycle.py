"""The lifecycle with the real CLI: which requests are sent, and what LaunchDarkly has afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import methods
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack

PROGRAM_BY_LINES = """\
import launchdarkly_pulumi as launchdarkly
store = launchdarkly.BigSegmentStoreIntegration("store", **{arguments})
launchdarkly.BigSegmentStoreReadiness("ready", integration=store)
"""


def only_id(emulator: Emulator) -> str:
    """The ID of the one integration that there is."""
    [id_] = emulator.integrations
    return id_


@pytest.fixture
def created(stack: Stack, emulator: Emulator) -> str:
    """A Redis store that is up; its ID. The requests are forgotten."""
    stack.declare(store=samples.redis())
    stack.up()
    emulator.clear_requests()
    return only_id(emulator)


@pytest.mark.parametrize("arguments", [samples.redis(), samples.dynamodb()], ids=["redis", "dynamodb"])
def test_create_is_one_post(stack: Stack, emulator: Emulator, arguments: dict[str, Any]) -> None:
    """One POST after the run's one listing; the state has the ID that LaunchDarkly's Terraform provider imports by."""
    stack.declare(store=arguments)
    stack.up()

    assert methods(emulator) == ["GET", "POST"]
    [(id_, integration)] = emulator.integrations.items()
    place = f"default/production/{integration['integrationKey']}"
    resource = stack.resources()["store"]
    assert resource["id"] == f"{place}/{id_}"
    assert resource["outputs"]["integration_id"] == id_
    assert resource["outputs"]["version"] == 1


def test_the_state_names_the_program_s_line(stack: Stack) -> None:
    """Where a resource comes from, as Pulumi's console and policies show it, is a line of the program, not of ours.

    The state has some callers of it, and not all those of Pulumi's language host, which are a third of it otherwise.
    """
    stack.program(PROGRAM_BY_LINES.format(arguments=samples.redis()))
    stack.up()

    places = {name: resource["sourcePosition"] for name, resource in stack.resources().items()}
    assert places == {"store": "project:///__main__.py#2", "ready": "project:///__main__.py#3"}
    assert all(1 < len(resource["stackTrace"]) <= 5 for resource in stack.resources().values())


def test_create_declares_what_the_program_says(stack: Stack, emulator: Emulator) -> None:
    """LaunchDarkly gets every field, the port as a string."""
    stack.declare(store=samples.redis())
    stack.up()

    _, request = emulator.requests
    assert request.body == {
        "name": "Production Redis",
        "on": True,
        "tags": ["managed-by-pulumi"],
        "config": {
            "host": "redis.example.com",
            "port": "6380",
            "username": "launchdarkly",
            "password": samples.PASSWORD,
            "tlsEnabled": True,
        },
    }


def test_an_unchanged_up_is_one_get(stack: Stack, emulator: Emulator, created: str) -> None:
    """The live integration is read once, and nothing is printed."""
    run = stack.up(NO_CHANGE)
    assert methods(emulator) == ["GET"]
    assert "PATCH" not in run.output


def test_an_update_is_a_get_and_a_patch_of_one_operation(stack: Stack, emulator: Emulator, created: str) -> None:
    """A new host is one operation behind the guard, made from what ``diff`` has read."""
    stack.declare(store=samples.redis(config={"host": "new.example.com"}))
    stack.up()

    read, patched = emulator.requests
    assert (read.method, patched.method) == ("GET", "PATCH")
    assert patched.body == [
        {"op": "test", "path": "/version", "value": 1},
        {"op": "replace", "path": "/config/host", "value": "new.example.com"},
    ]
    assert emulator.stored_config(created)["host"] == "new.example.com"
    assert stack.resources()["store"]["outputs"]["version"] == 2


def test_the_preview_says_what_will_be_sent(stack: Stack, emulator: Emulator, created: str) -> None:
    """The exact operations, as a message of the preview, which itself only reads."""
    stack.declare(store=samples.redis(on=False, config={"port": 6379}))
    run = stack.preview()

    assert methods(emulator) == ["GET"]
    assert (
        f"default/production/redis/{created}: "
        'PATCH [{"op":"replace","path":"/on","value":false},{"op":"replace","path":"/config/port","value":"6379"}]'
    ) in run.output


def test_drift_is_found_by_a_preview_and_put_back(stack: Stack, emulator: Emulator, created: str) -> None:
    """A change behind Pulumi's back: exit code 7, the drift in words, and one operation that reverts it."""
    emulator.outside_edit(created, {"on": False})

    found = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    assert (
        f"default/production/redis/{created}: changed in LaunchDarkly since the last update: on (true → false). "
        'PATCH [{"op":"replace","path":"/on","value":true}]'
    ) in found.output

    stack.up()
    assert emulator.integrations[created]["on"] is True
    stack.preview(NO_CHANGE)


def test_refresh_shows_drift_field_by_field(stack: Stack, emulator: Emulator, created: str) -> None:
    """One GET; the drift is in the state's inputs and outputs, config included, and no patch is promised."""
    emulator.outside_edit(created, {"tags": ["other"], "config": {"host": "outside.example.com"}})
    run = stack.refresh("--diff")

    assert methods(emulator) == ["GET"]
    assert '~ host       : "redis.example.com" => "outside.example.com"' in run.output
    assert "PATCH" not in run.output
    resource = stack.resources()["store"]
    for side in ("inputs", "outputs"):
        assert resource[side]["config"]["host"] == "outside.example.com"
        assert resource[side]["tags"] == ["other"]
    stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    stack.up()
    assert emulator.stored_config(created)["host"] == "redis.example.com"


def test_refresh_tells_of_a_changed_password(stack: Stack, emulator: Emulator, created: str) -> None:
    """The engine hides both values, so a message says that it changed; the next update reverts it."""
    emulator.outside_edit(created, {"config": {"password": "changed outside"}})
    run = stack.refresh()
    assert "changed in LaunchDarkly since the last update: config.password ([secret] → another [secret])." in run.output

    stack.up()
    assert emulator.stored_config(created)["password"] == samples.PASSWORD


def test_an_unchanged_refresh_changes_nothing(stack: Stack, emulator: Emulator, created: str) -> None:
    """What a refresh reads back equals what was declared, defaults left out and secrets included."""
    before = stack.resources()["store"]
    stack.refresh(NO_CHANGE)
    after = stack.resources()["store"]
    assert (after["inputs"].keys(), after["outputs"].keys()) == (before["inputs"].keys(), before["outputs"].keys())
    assert methods(emulator) == ["GET"]


def test_an_outside_change_that_the_program_adopts_needs_no_patch(
    stack: Stack, emulator: Emulator, created: str
) -> None:
    """The program catches up with LaunchDarkly: the state learns it, and nothing is sent."""
    emulator.outside_edit(created, {"on": False})
    stack.declare(store=samples.redis(on=False))
    stack.up()

    assert methods(emulator) == ["GET"]
    assert stack.resources()["store"]["outputs"]["on"] is False
    stack.preview(NO_CHANGE)


def test_an_unmanaged_name_is_left_alone(stack: Stack, emulator: Emulator) -> None:
    """A field that the program does not declare is LaunchDarkly's."""
    arguments = samples.redis()
    del arguments["name"]
    stack.declare(store=arguments)
    stack.up()
    emulator.outside_edit(only_id(emulator), {"name": "Named by hand"})

    stack.preview(NO_CHANGE)
    stack.refresh()
    stack.preview(NO_CHANGE)


def test_another_environment_is_a_replacement(stack: Stack, emulator: Emulator, created: str) -> None:
    """The old integration is looked up, and the new one is created before the old one is deleted."""
    stack.declare(store=samples.redis(environment_key="staging"))
    assert "replace" in stack.preview().output
    assert methods(emulator) == ["GET"] * 3  # the old one, the listing, and the new environment
    stack.up()

    assert methods(emulator) == ["GET", "GET", "POST", "DELETE"]
    assert [i["environmentKey"] for i in emulator.integrations.values()] == ["staging"]


def test_another_kind_of_store_is_a_replacement(stack: Stack, emulator: Emulator, created: str) -> None:
    """Redis to DynamoDB, decided by the config alone."""
    stack.declare(store=samples.dynamodb())
    stack.up()

    assert methods(emulator) == ["GET", "GET", "POST", "DELETE"]
    assert [i["integrationKey"] for i in emulator.integrations.values()] == ["dynamodb"]


def test_destroy_is_one_delete(stack: Stack, emulator: Emulator, created: str) -> None:
    """One DELETE and an empty account."""
    stack.destroy()
    assert methods(emulator) == ["DELETE"]
    assert emulator.integrations == {}
