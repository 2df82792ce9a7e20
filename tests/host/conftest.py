"""An emulator, and provider hosts that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.front import Front
from support.host import Host, host_for
from support.samples import TOKEN


@pytest.fixture
def host(emulator: Emulator) -> Iterator[Host]:
    """A host with a token in the stack's configuration."""
    with host_for(emulator.url) as running:
        yield running


@pytest.fixture
def front(emulator: Emulator) -> Iterator[Front]:
    """Stands before LaunchDarkly, and takes in hand what a test tells it to."""
    with Front({TOKEN: emulator}) as running:
        yield running
