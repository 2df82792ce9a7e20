"""An emulator, and plugins that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.plugin import Plugin, plugin_for


@pytest.fixture
def plugin(emulator: Emulator) -> Iterator[Plugin]:
    """A plugin that is configured with a token."""
    with plugin_for(emulator.url) as running:
        yield running
