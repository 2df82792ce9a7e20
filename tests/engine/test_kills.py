"""A pipeline is killed, or somebody presses Ctrl-C, at each request of create, update and delete.

The next update, with what Pulumi documents for interrupted creates, ends with one integration and a preview
without changes.
"""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.door_stacks import DoorStack
from support.doors import PLUGIN, cases
from support.fault_proxy import FaultProxy
from support.interruptions import Ending, end_during, pending_creates
from support.processes import EngineKiller, interrupt, kill_provider

ENDINGS = {"SIGKILL of the provider": kill_provider, "SIGINT of the CLI": interrupt}
MOMENTS = {"before": False, "after": True}

POINTS = {f"{moment} {ending}": (ENDINGS[ending], MOMENTS[moment]) for ending in ENDINGS for moment in MOMENTS}
each_point = cases("point", POINTS, plugin=["after SIGKILL of the provider"])
each_point_of_a_post = cases("point", POINTS, plugin=["after SIGKILL of the provider", "before SIGINT of the CLI"])

Point = tuple[Ending, bool]
"""How it ends, and whether LaunchDarkly has done what it was asked by then."""


@pytest.fixture
def stack(door_stack: DoorStack, proxy: FaultProxy) -> DoorStack:
    """A stack behind the proxy, with one store declared."""
    door_stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    door_stack.declare(store=samples.redis())
    return door_stack


def recover(stack: DoorStack, emulator: Emulator) -> None:
    """What Pulumi documents: an interrupted create is imported where it left something behind, else forgotten."""
    for urn in pending_creates(stack):
        ids = [f"default/production/redis/{id_}" for id_ in emulator.integrations]
        found = [f"--import-pending-creates={each}" for id_ in ids for each in (urn, id_)]
        stack.refresh(*(found or ["--clear-pending-creates"]))


def require_one_and_no_change(stack: DoorStack, emulator: Emulator) -> None:
    """The account has what the program declares, once, and the state knows it."""
    stack.up()
    [id_] = emulator.integrations
    assert stack.resources()["store"]["id"] == f"default/production/redis/{id_}"
    assert emulator.stored_config(id_)["password"] == samples.PASSWORD
    stack.preview("--expect-no-changes")


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_a_create_that_ends_at_the_listing(
    stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point
) -> None:
    """Nothing was sent yet."""
    end_during(stack, proxy, "GET", *point, command="up")
    recover(stack, emulator)
    require_one_and_no_change(stack, emulator)


@each_point_of_a_post
def test_a_create_that_ends_at_its_post(stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point) -> None:
    """The integration may exist, and the state may not know it."""
    end_during(stack, proxy, "POST", *point, command="up")
    recover(stack, emulator)
    require_one_and_no_change(stack, emulator)


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_an_update_that_ends_at_its_read(stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point) -> None:
    """Nothing was sent yet."""
    require_updated(stack, emulator, proxy, point, "GET")


@each_point
def test_an_update_that_ends_at_its_patch(
    stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point
) -> None:
    """The integration may be updated, and the state may not know it."""
    require_updated(stack, emulator, proxy, point, "PATCH")


def require_updated(stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point, method: str) -> None:
    """The update that follows one that ended at a request."""
    stack.up()
    stack.declare(store=samples.redis(on=False, config={"host": "new.example.com"}))
    end_during(stack, proxy, method, *point, command="up")
    require_one_and_no_change(stack, emulator)
    [integration] = emulator.integrations.values()
    assert (integration["on"], integration["config"]["host"]) == (False, "new.example.com")


@each_point
def test_a_delete_that_ends(stack: DoorStack, emulator: Emulator, proxy: FaultProxy, point: Point) -> None:
    """The next destroy finishes it, whether or not the DELETE had arrived."""
    stack.up()
    end_during(stack, proxy, "DELETE", *point, command="destroy")
    stack.destroy()
    assert emulator.integrations == {}
    assert stack.resources() == {}


@pytest.mark.parametrize("door", [PLUGIN], ids=str)
@pytest.mark.parametrize(("method", "recovers"), [("POST", False), ("POST", True), ("PATCH", False), ("DELETE", False)])
def test_an_engine_that_is_killed(
    stack: DoorStack, emulator: Emulator, proxy: FaultProxy, method: str, recovers: bool
) -> None:
    """Its plugin ends by itself; the next command finishes what was begun, after Pulumi's own repair or without it."""
    command = "destroy" if method == "DELETE" else "up"
    if method != "POST":
        stack.up()
        stack.declare(store=samples.redis(on=False))
    killer = EngineKiller()
    end_during(stack, proxy, method, killer, after_commit=True, command=command)
    killer.await_plugin()
    stack.pulumi("cancel", "--yes")  # the backend is locked until then
    assert len(pending_creates(stack)) == 1
    if recovers:
        recover(stack, emulator)
    if method == "DELETE":
        stack.destroy()
        assert emulator.integrations == stack.resources() == {}
    else:
        require_one_and_no_change(stack, emulator)
