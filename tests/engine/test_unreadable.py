"""A store that cannot be read does not hide what happened to the others, with the real CLI."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.front import Front, lists, reads
from support.scripted_server import answer
from support.stack import CHANGES_FOUND, NO_CHANGE, Run, Stack, warnings

NAMES = ("store-0", "store-1", "store-2")
each_store = pytest.mark.parametrize("broken", NAMES)

FAILED = answer(500, {"code": "internal_service_error", "message": "out of order"})
WHOLE_RUN = "Compared with the stack's state, not with LaunchDarkly: "


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, front: Front, emulator: Emulator) -> Stack:
    """A stack with three stores, all renamed by hand since: no listing shows them as the state has them."""
    stack = Stack(tmp_path, front.url, home=pulumi_home)
    stack.declare(**{name: without_a_name(name) for name in NAMES})
    stack.up()
    for id_ in emulator.integrations:
        emulator.outside_edit(id_, {"name": "Renamed by hand"})
    return stack


def without_a_name(name: str) -> dict[str, object]:
    """A store that leaves its name to LaunchDarkly."""
    arguments = samples.redis(config={"host": f"{name}.example.com"})
    del arguments["name"]
    return arguments


def bare(id_: str) -> str:
    """LaunchDarkly's own ID, the last part of a full one."""
    return id_.rpartition("/")[2]


def edit_the_others(stack: Stack, emulator: Emulator, broken: str) -> list[str]:
    """Somebody else changes the hosts of all stores but one; their full IDs."""
    ids = [id_ for name, id_ in stack.ids().items() if name != broken]
    for id_ in ids:
        emulator.outside_edit(bare(id_), {"config": {"host": "by-hand.example.com"}})
    return ids


def require_own_warning(run: Run, id_: str) -> None:
    """A warning says of one store that it could not be compared, and of no other."""
    [told] = [
        line for line in warnings(run) if f"{id_}: compared with the stack's state, not with LaunchDarkly: " in line
    ]
    assert told.endswith("Its drift is not seen.")
    assert WHOLE_RUN not in run.output


@each_store
def test_the_drift_of_the_others_is_found(stack: Stack, front: Front, emulator: Emulator, broken: str) -> None:
    """LaunchDarkly responds with 500 for one store, whichever it is, and lists all of them."""
    id_ = stack.ids()[broken]
    edited = edit_the_others(stack, emulator, broken)
    front.on(reads(bare(id_)), FAILED)
    run = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    require_own_warning(run, id_)
    for other in edited:
        assert f"{other}: changed in LaunchDarkly since the last update: config.host (" in run.output
    assert "~ 2 to update" in run.output


@each_store
def test_the_drift_of_the_others_is_reverted(stack: Stack, front: Front, emulator: Emulator, broken: str) -> None:
    """``up`` reverts it, and has nothing to do for the one that cannot be read."""
    id_ = stack.ids()[broken]
    edited = edit_the_others(stack, emulator, broken)
    front.on(reads(bare(id_)), FAILED)
    require_own_warning(stack.up(), id_)
    assert {emulator.stored_config(bare(other))["host"] for other in edited} == {
        f"{name}.example.com" for name in NAMES if name != broken
    }


def test_a_store_whose_answer_never_comes_is_one_store_as_well(stack: Stack, front: Front, emulator: Emulator) -> None:
    """The preview waits for its response no longer than for any other."""
    id_ = stack.ids()["store-0"]
    [first, second] = edit_the_others(stack, emulator, "store-0")
    front.hold(reads(bare(id_)))
    run = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    require_own_warning(run, id_)
    assert all(f"{other}: changed in LaunchDarkly" in run.output for other in (first, second))


@each_store
def test_without_drift_a_preview_warns_and_finds_nothing(stack: Stack, front: Front, broken: str) -> None:
    """The only warning is below that store."""
    id_ = stack.ids()[broken]
    front.on(reads(bare(id_)), FAILED)
    require_own_warning(stack.preview(NO_CHANGE), id_)


def test_a_listing_that_fails_as_well_means_out_of_reach(stack: Stack, front: Front) -> None:
    """There is one warning for the run, as without a connection."""
    front.on(lambda request: request.method == "GET", FAILED)
    run = stack.preview(NO_CHANGE)
    assert [WHOLE_RUN in line for line in warnings(run)] == [True], run.output


@each_store
def test_one_store_and_the_listing_fail(stack: Stack, front: Front, broken: str) -> None:
    """Whether the others are compared depends on timing: the run says that it could not compare all."""
    front.on(lists, FAILED)
    front.on(reads(bare(stack.ids()[broken])), FAILED)
    assert any(WHOLE_RUN in line for line in warnings(stack.preview(NO_CHANGE)))
