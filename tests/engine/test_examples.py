"""The examples are programs that run."""

from __future__ import annotations

import shutil
from pathlib import Path

from launchdarkly_pulumi.emulator import Emulator
from support.samples import PASSWORD
from support.stack import Stack

REPOSITORY = Path(__file__).parents[2]


def test_the_repository_is_itself_a_project(stack: Stack, emulator: Emulator) -> None:
    """``pulumi up`` at the root: the quickstart, with a password from the stack's configuration."""
    shutil.copy(REPOSITORY / "Pulumi.yaml", stack.folder)
    shutil.copytree(REPOSITORY / "examples", stack.folder / "examples")
    (stack.folder / "__main__.py").unlink()
    stack.pulumi("stack", "init", "own")
    stack.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    stack.pulumi("config", "set", "redisHost", "redis.internal.example.com")
    stack.up()

    [(id_, integration)] = emulator.integrations.items()
    assert integration["name"] == "Production Redis"
    assert emulator.stored_config(id_)["host"] == "redis.internal.example.com"
    assert stack.pulumi("stack", "output", "integrationId").output.strip() == id_
