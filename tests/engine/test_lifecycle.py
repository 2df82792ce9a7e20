"""The lifecycle with the real CLI: what the user sees, and what LaunchDarkly is asked."""

from __future__ import annotations

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.stack import Stack


def methods(emulator: Emulator) -> list[str]:
    """The requests so far, oldest first."""
    return [request.method for request in emulator.requests]


def test_create_sends_one_post(stack: Stack, emulator: Emulator) -> None:
    """``pulumi up`` of a new store is one POST, and the state holds LaunchDarkly's ID."""
    stack.declare(redis=samples.redis())
    stack.up()

    assert methods(emulator) == ["POST"]
    [(id_, integration)] = emulator.integrations.items()
    assert integration["config"]["port"] == "6380"
    assert stack.resources()["redis"]["id"] == f"default/production/redis/{id_}"
