"""Existing integrations adopted with ``import_``, with the real CLI."""

from __future__ import annotations

import json

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples, sdk
from support.account import existing, methods
from support.stack import NO_CHANGE, Stack

TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"
NOBODYS = "000000000000000000000000"

MOVED = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

ARGUMENTS = {arguments!r}

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Team", name)
        options = pulumi.ResourceOptions(parent=self, import_={ids[0]!r}, protect=True)
        launchdarkly.BigSegmentStoreIntegration("moved", options, **ARGUMENTS)

def moved():
    options = pulumi.ResourceOptions(
        import_={ids[0]!r}, protect=True, aliases=["urn:pulumi:prod::shop::shop:index:Team${type}::moved"]
    )
    launchdarkly.BigSegmentStoreIntegration("moved", options, **ARGUMENTS)

def kept():
    options = pulumi.ResourceOptions(import_={ids[1]!r}, retain_on_delete=True)
    launchdarkly.BigSegmentStoreIntegration("kept", options, **ARGUMENTS)

{calls}
"""
"""Two stores that exist already: one in a component, out of which it moves; and one that outlives its resource."""


@pytest.fixture
def store_id(emulator: Emulator) -> str:
    """The full ID of the sample store, which exists already."""
    return existing(emulator, samples.redis())


def test_what_is_as_declared_is_adopted_without_a_patch(stack: Stack, emulator: Emulator) -> None:
    """The preview says so, ``up`` only reads, and afterwards the option may stay or be removed."""
    store_id = existing(emulator, samples.open_redis())
    stack.declare(store=samples.open_redis(options={"import_": store_id, "protect": True}))
    assert f"{store_id}: will be adopted as it is." in stack.preview().output
    stack.up()
    assert methods(emulator) == ["GET", "GET"]
    assert stack.resources()["store"]["id"] == store_id

    stack.preview(NO_CHANGE)
    stack.declare(store=samples.open_redis())
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    stack.preview(NO_CHANGE)
    assert set(methods(emulator)) == {"GET"}


def test_what_differs_is_patched_to_what_is_declared(stack: Stack, emulator: Emulator, store_id: str) -> None:
    """The patch that the preview shows is the one that is sent; nothing is created."""
    stack.declare(store=samples.redis(options={"import_": store_id}, config={"host": "new.example.com"}, on=False))
    shown = stack.preview().output
    operations = (
        '[{"op":"replace","path":"/on","value":false},{"op":"replace","path":"/config/host","value":"new.example.com"},'
        '{"op":"replace","path":"/config/password","value":"[secret]"}]'
    )
    assert f"{store_id}: will be adopted. PATCH {operations}" in shown
    stack.up()

    assert methods(emulator) == ["GET", "GET", "PATCH"]
    [integration] = emulator.integrations.values()
    assert (integration["on"], integration["config"]["host"]) == (False, "new.example.com")
    assert stack.resources()["store"]["outputs"]["version"] == 2
    stack.preview(NO_CHANGE)


def test_the_options_of_resources_work_with_it(stack: Stack, emulator: Emulator) -> None:
    """In a component, moved out of it with an alias, protected, retained on delete: only reads are sent."""
    ids = [existing(emulator, samples.open_redis(name=name)) for name in ("moved", "kept")]

    def program(*calls: str) -> None:
        arguments = samples.open_redis()
        del arguments["name"]
        stack.program(MOVED.format(arguments=arguments, ids=ids, type=TYPE, calls="\n".join(calls)))

    program("Team('team')", "kept()")
    stack.pulumi("up", "--yes")
    resources = stack.resources()
    assert {name: resources[name]["id"] for name in resources} == {"moved": ids[0], "kept": ids[1]}
    assert resources["moved"]["parent"].endswith("shop:index:Team::team")

    program("moved()", "kept()")
    stack.up()
    assert stack.resources()["moved"]["parent"].endswith("pulumi:pulumi:Stack::shop-prod")
    program("moved()")
    stack.up()
    assert list(stack.resources()) == ["moved"]
    program()
    assert "because it is protected" in stack.up(code=1).output
    assert set(methods(emulator)) == {"GET"}
    assert len(emulator.integrations) == 2


def test_another_id_is_another_store(stack: Stack, emulator: Emulator) -> None:
    """It is adopted in place of the first one, which is deleted, or kept where the program says so."""
    store_id, other_id = (existing(emulator, samples.open_redis()) for _ in range(2))
    stack.declare(store=samples.open_redis(options={"import_": store_id, "retain_on_delete": True}))
    stack.up()
    stack.declare(store=samples.open_redis(options={"import_": other_id}))
    stack.up()
    assert set(methods(emulator)) == {"GET"}
    stack.declare(store=samples.open_redis(options={"import_": store_id}))
    assert f"{store_id}: will be adopted as it is." in stack.preview().output
    stack.up()
    assert methods(emulator)[-1] == "DELETE"
    assert list(emulator.integrations) == [store_id.rpartition("/")[2]]


def test_what_the_program_ignores_is_adopted_as_it_is(stack: Stack, emulator: Emulator) -> None:
    """``ignore_changes`` holds from the adoption on: a later patch leaves the field out too."""
    store_id = existing(emulator, samples.open_redis())
    options = {"import_": store_id, "ignore_changes": ["tags", "config.host"]}
    stack.declare(store=samples.open_redis(options=options, config={"host": "new.example.com"}, tags=["other"]))
    assert f"{store_id}: will be adopted as it is." in stack.preview().output
    stack.up()
    stack.preview(NO_CHANGE)
    assert set(methods(emulator)) == {"GET"}

    emulator.outside_edit(store_id.rpartition("/")[2], {"tags": ["of somebody else"]})
    stack.declare(
        store=samples.open_redis(options=options, config={"host": "new.example.com"}, tags=["other"], on=False)
    )
    stack.up()
    [patch] = [request.body for request in emulator.requests if request.method == "PATCH"]
    assert patch[1:] == [{"op": "replace", "path": "/on", "value": False}]


def test_what_cannot_be_adopted_is_told_before_anything_is_changed(
    stack: Stack, emulator: Emulator, store_id: str
) -> None:
    """A plain ``up`` ends at its preview: another kind's ID, a deleted store's, or one ID for two resources."""
    gone = store_id.replace(store_id.rpartition("/")[2], NOBODYS)
    for ids, told in {
        (store_id.replace("redis", "dynamodb"),): "has the integration_key dynamodb, but the program declares 'redis'",
        (gone,): f"there is no integration {gone} in LaunchDarkly to adopt, or the token may not see it",
        (store_id, store_id): f"{store_id} is managed by store-",
    }.items():
        stores = {f"store-{place}": samples.redis(options={"import_": id_}) for place, id_ in enumerate(ids)}
        stack.declare(**stores, new=samples.redis(environment_key="staging"))
        output = stack.pulumi("up", "--yes", code=1).output
        assert told in output
        assert "Traceback" not in output
    assert set(methods(emulator)) == {"GET"}


READ = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

store = launchdarkly.BigSegmentStoreIntegration.get("store", {id!r})
for name in ("id", "integration_key", "name", "on", "tags", "version", "config"):
    pulumi.export(name, getattr(store, name))
"""


def test_a_program_can_read_an_integration(stack: Stack, emulator: Emulator, store_id: str) -> None:
    """``get``: everything but the secrets, and nothing is managed; one that is not there is an error."""
    stack.program(READ.format(id=store_id))
    if not sdk.CAN_READ_BY_ID:
        assert "BigSegmentStoreIntegration.get needs pulumi 3.268 or later" in stack.preview(code=1).output
        return
    stack.up()
    outputs = json.loads(stack.pulumi("stack", "output", "--json").output)
    config = {name: value for name, value in samples.redis()["config"].items() if name != "password"}
    assert outputs == {
        "id": store_id,
        "integration_key": "redis",
        "name": "Production Redis",
        "on": True,
        "tags": ["managed-by-pulumi"],
        "version": 1,
        "config": config,
    }
    stack.preview(NO_CHANGE)
    stack.program(READ.format(id=store_id.replace(store_id.rpartition("/")[2], NOBODYS)))
    run = stack.preview(code=1)
    assert f"{sdk.ERROR}GET default/production/redis/{NOBODYS}: 404 not_found: " in run.output
    assert "Traceback" not in run.output
    stack.destroy()
    assert set(methods(emulator)) == {"GET"}
