"""Stacks that earlier commits have written must go on working: their states are on record (``support.records``)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import records
from support.stack import NO_CHANGE, Stack

RECORDS = sorted(records.FOLDER.glob("state-*.json"))


class Upgraded(NamedTuple):
    """A stack with a recorded state, and what its program declares."""

    stack: Stack
    declared: records.Stores


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def upgraded(request: pytest.FixtureRequest, stack: Stack, emulator: Emulator) -> Upgraded:
    """A stack with each recorded state, and the account that the state describes."""
    record: Path = request.param
    return Upgraded(stack, records.restore(record, stack, emulator))


def test_it_previews_without_changes(upgraded: Upgraded, emulator: Emulator) -> None:
    """Neither the provider nor the inputs of the state look different, and nothing is written."""
    upgraded.stack.preview(NO_CHANGE)
    upgraded.stack.refresh(NO_CHANGE)
    assert {request.method for request in emulator.requests} == {"GET"}


def test_it_updates_and_is_destroyed(upgraded: Upgraded, emulator: Emulator) -> None:
    """One field of one store is changed with one PATCH, and then everything is deleted."""
    assert len(emulator.integrations) == len(upgraded.declared)
    upgraded.declared["redis"]["on"] = False
    upgraded.stack.declare(**upgraded.declared)
    upgraded.stack.up()
    assert [request.method for request in emulator.requests if request.method != "GET"] == ["PATCH"]
    upgraded.stack.destroy()
    assert emulator.integrations == {}
