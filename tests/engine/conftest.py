"""An emulator and a stack for each test, and the CLI's home for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.door_stacks import DoorStack, stack_of
from support.doors import DYNAMIC, Door
from support.examples import Example
from support.front import Front
from support.samples import TOKEN
from support.stack import Stack


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pulumi's home, shared because the CLI fills it at its first start."""
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> Stack:
    """A stack whose provider talks to the emulator."""
    return Stack(tmp_path, emulator.url, home=pulumi_home)


@pytest.fixture
def door() -> Door:
    """The dynamic resource, unless a test names the plugin too."""
    return DYNAMIC


@pytest.fixture
def door_stack(door: Door, tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> DoorStack:
    """A stack whose provider is that of the door."""
    return stack_of(door, tmp_path, emulator.url, pulumi_home)


@pytest.fixture
def front(emulator: Emulator) -> Iterator[Front]:
    """Stands before LaunchDarkly, and takes in hand what a test tells it to."""
    with Front({TOKEN: emulator}) as running:
        yield running


@pytest.fixture
def example(tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> Example:
    """A place for an example to run in."""
    return Example(tmp_path, pulumi_home, emulator)
