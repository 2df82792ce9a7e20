"""Existing integrations adopted with ``import_``, with the real CLI."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.stack import Stack

NO_CHANGE = "--expect-no-changes"


@pytest.fixture
def store_id(emulator: Emulator) -> str:
    """The full ID of the sample store, which exists already."""
    return existing(emulator, samples.redis())


def test_what_is_as_declared_is_adopted_without_a_patch(stack: Stack, emulator: Emulator, store_id: str) -> None:
    """The preview says so, ``up`` only reads, and afterwards the option may go or stay."""
    stack.declare(store=samples.redis(options={"import_": store_id, "protect": True}))
    assert f"{store_id}: will be adopted as it is." in stack.preview().output
    stack.up()
    assert methods(emulator) == ["GET", "GET"]
    assert stack.resources()["store"]["id"] == store_id

    stack.preview(NO_CHANGE)
    stack.declare(store=samples.redis())
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    stack.preview(NO_CHANGE)
    assert set(methods(emulator)) == {"GET"}


def test_what_differs_is_patched_to_what_is_declared(stack: Stack, emulator: Emulator, store_id: str) -> None:
    """The patch that the preview shows is the one that is sent; nothing is created."""
    stack.declare(store=samples.redis(options={"import_": store_id}, config={"host": "new.example.com"}, on=False))
    shown = stack.preview().output
    operations = (
        '[{"op":"replace","path":"/on","value":false},{"op":"replace","path":"/config/host","value":"new.example.com"}]'
    )
    assert f"{store_id}: will be adopted. PATCH {operations}" in shown
    stack.up()

    assert methods(emulator) == ["GET", "GET", "PATCH"]
    [integration] = emulator.integrations.values()
    assert (integration["on"], integration["config"]["host"]) == (False, "new.example.com")
    assert stack.resources()["store"]["outputs"]["version"] == 2
    stack.preview(NO_CHANGE)
