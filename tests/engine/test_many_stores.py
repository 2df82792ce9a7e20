"""Programs with several stores, with the real CLI: one listing in place of a read for each."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import listings_and_singles
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack

STORES = {f"store-{number}": samples.redis(name=f"Store {number}") for number in range(4)}


@pytest.fixture(autouse=True)
def _created(stack: Stack, emulator: Emulator) -> None:
    stack.declare(**STORES)
    stack.up()
    emulator.clear_requests()


def test_several_stores_are_one_listing_and_one_read(stack: Stack, emulator: Emulator) -> None:
    """In a preview, and in a refresh, which runs no program."""
    stack.preview(NO_CHANGE)
    assert listings_and_singles(emulator) == {"listing": 1, "single": 1}
    emulator.clear_requests()
    stack.refresh(NO_CHANGE)
    assert listings_and_singles(emulator) == {"listing": 1, "single": 1}


def test_one_store_of_them_needs_no_listing(stack: Stack, emulator: Emulator) -> None:
    """What counts is how many stores the program declares now."""
    stack.declare(**{name: STORES[name] for name in ("store-0",)})
    stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    assert listings_and_singles(emulator) == {"single": 1}


def test_the_state_does_not_tell_of_the_program(stack: Stack) -> None:
    """Another store must not change the state of those that exist."""
    for resource in stack.resources().values():
        assert not {"_organization", "_preview"} & {*resource["inputs"], *resource["outputs"]}
    stack.declare(**STORES, another=samples.redis(name="Another"))
    assert "5 unchanged" in stack.preview().output  # with the stack


def test_drift_of_one_of_many_is_found(stack: Stack, emulator: Emulator) -> None:
    """Its version in the listing differs; that store is read individually."""
    *_, last = emulator.integrations
    emulator.outside_edit(last, {"config": {"host": "by-hand.example.com"}})
    shown = stack.preview(NO_CHANGE, code=CHANGES_FOUND).output
    assert "config.host" in shown
    assert "4 unchanged" in shown  # with the stack
    assert listings_and_singles(emulator)["listing"] == 1
