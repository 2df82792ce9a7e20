"""What all tiers share: a LaunchDarkly, a proxy before it, and Hypothesis's profiles.

The profiles: a quick one by default, ``--hypothesis-profile=thorough`` for ten thousand examples.

``brief`` is for running everything many times over, on other versions of Python and of the dependencies.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# NOTE: the fixtures import what they need: pure tests need none of it.
if TYPE_CHECKING:
    from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
    from support.fault_proxy import FaultProxy

settings.register_profile("quick", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("brief", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")

# What a shell starts in the background ignores Ctrl-C, and so does what that starts: the hosts of the tests end by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """The options of ``emulator``, for a test file to replace."""
    from launchdarkly_pulumi.emulator import EmulatorOptions

    return EmulatorOptions()


@pytest.fixture
def emulator(emulator_options: EmulatorOptions) -> Iterator[Emulator]:
    """LaunchDarkly with an empty account."""
    from launchdarkly_pulumi.emulator import Emulator

    with Emulator(emulator_options) as running:
        yield running


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    """Stands between a provider and LaunchDarkly, and injects faults."""
    from support.fault_proxy import FaultProxy

    with FaultProxy(emulator.url) as running:
        yield running
