"""The program, deployed to a LaunchDarkly emulator: the fixture comes with launchdarkly-pulumi."""

import runpy
from pathlib import Path

import pytest
from pulumi import automation

from launchdarkly_pulumi.emulator import Emulator

PROGRAM = Path(__file__).parent / "__main__.py"


def program() -> None:
    """Runs the program as ``pulumi up`` does."""
    runpy.run_path(str(PROGRAM))


@pytest.fixture
def stack(launchdarkly_emulator: Emulator) -> automation.Stack:
    """A stack of the program; the fixture brings a LaunchDarkly and a place for its state."""
    return automation.create_stack("test", project_name="launchdarkly-quickstart", program=program)


def test_the_store_is_on_and_reached_with_tls(stack: automation.Stack, launchdarkly_emulator: Emulator) -> None:
    """What LaunchDarkly has after the deployment, its password included."""
    stack.set_config("redisPassword", automation.ConfigValue("a password", secret=True))
    stack.up()

    [(integration_id, store)] = launchdarkly_emulator.integrations.items()
    assert store["on"]
    assert store["config"]["tlsEnabled"]
    assert launchdarkly_emulator.stored_config(integration_id)["password"] == "a password"
