"""An emulator, and provider hosts that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.host import Host, host_for


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """LaunchDarkly with an empty account."""
    with Emulator() as running:
        yield running


@pytest.fixture
def host(emulator: Emulator) -> Iterator[Host]:
    """A host with a token in the stack's configuration."""
    with host_for(emulator.url) as running:
        yield running
