"""Each test runs with both doors, by the real process of each, unless it chooses one; LaunchDarkly behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.doors import DOORS, Door, Process
from support.fault_proxy import FaultProxy


@pytest.fixture(params=DOORS, ids=str)
def door(request: pytest.FixtureRequest) -> Door:
    """The dynamic resource, or the plugin."""
    chosen: Door = request.param
    return chosen


@pytest.fixture
def process(door: Door, proxy: FaultProxy) -> Iterator[Process]:
    """The door's process, which talks through the proxy."""
    with door.open(proxy.url) as running:
        yield running
