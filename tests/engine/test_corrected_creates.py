"""Creates are cut off, and the program corrected before the next ones: what was left behind is named, not forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing
from support.front import Front
from support.processes import cut_off
from support.stack import NO_CHANGE, Stack, warnings

CORRECTIONS: dict[str, dict[str, Any]] = {
    "host": {"config": {"host": "corrected.example.com"}},
    "port": {"config": {"port": 6381}},
    "name": {"name": "Corrected"},
    "on": {"on": False},
    "tags": {"tags": ["corrected"]},
    "everything": {"name": "Corrected", "on": False, "tags": [], "config": {"host": "corrected.example.com"}},
}


def place(name: str) -> str:
    """The environment of a store: each has its own, so that a test knows which one was left by which."""
    return f"environment-{name}"


@pytest.fixture
def stack(tmp_path: Path, front: Front) -> Stack:
    """A stack with a store for each correction, none of them corrected yet, and with notes of its own."""
    stack = Stack(tmp_path, front.url)
    stack.declare(**{name: samples.redis(environment_key=place(name)) for name in CORRECTIONS})
    return stack


def correct(stack: Stack) -> None:
    """Makes each correction."""
    corrected = {name: changes | {"environment_key": place(name)} for name, changes in CORRECTIONS.items()}
    stack.declare(**{name: samples.redis(**changes) for name, changes in corrected.items()})


def test_what_was_left_behind_is_named_once(stack: Stack, front: Front, emulator: Emulator) -> None:
    """It is not what is declared now, so it is neither taken over nor patched: a warning names its ID."""
    cut_off(stack, front, creates=len(CORRECTIONS))
    left = {each["environmentKey"]: id_ for id_, each in emulator.integrations.items()}
    assert left.keys() == {place(name) for name in CORRECTIONS}
    correct(stack)
    run = stack.up()

    owned = {id_.rpartition("/")[2] for id_ in stack.ids().values()}
    assert owned == emulator.integrations.keys() - set(left.values())
    assert len(owned) == len(CORRECTIONS)
    assert {emulator.integrations[id_]["version"] for id_ in left.values()} == {1}
    told = {name: sum(left[place(name)] in line for line in warnings(run)) for name in CORRECTIONS}
    assert told == dict.fromkeys(CORRECTIONS, 1), run.output
    again = stack.up(NO_CHANGE).output
    assert [id_ for id_ in left.values() if id_ in again] == []


def test_nothing_is_named_where_nothing_was_left(stack: Stack, front: Front, emulator: Emulator) -> None:
    """The POSTs never arrived."""
    cut_off(stack, front, creates=len(CORRECTIONS), after_commit=False)
    assert emulator.integrations == {}
    correct(stack)
    assert warnings(stack.up()) == []
    assert len(emulator.integrations) == len(CORRECTIONS)


def test_what_somebody_has_made_where_it_is_declared_now_is_not_taken_over(
    stack: Stack, front: Front, emulator: Emulator
) -> None:
    """The creates that were cut off asked for stores in other environments."""
    cut_off(stack, front, creates=len(CORRECTIONS), after_commit=False)
    moved = {name: samples.redis(environment_key=f"moved-{name}") for name in CORRECTIONS}
    theirs = {existing(emulator, arguments) for arguments in moved.values()}
    stack.declare(**moved)
    assert warnings(stack.up()) == []
    assert theirs.isdisjoint(stack.ids().values())
    assert len(emulator.integrations) == 2 * len(CORRECTIONS)
