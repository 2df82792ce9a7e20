"""Programs in YAML, with the plugin and the real engine: `make test-yaml` builds the language host first."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin import examples
from support.examples import Example


@pytest.fixture
def example(tmp_path: Path, emulator: Emulator) -> Example:
    """A place for an example to run in."""
    return Example(tmp_path, tmp_path / "home", emulator)


def test_the_example(example: Example) -> None:
    """It lives, and says nothing that is deprecated."""
    example.copy("yaml")
    example.lives()
    assert "deprecated" not in example.project.preview().output


def test_the_documented_program(example: Example) -> None:
    """The one in the schema's documentation is a whole program too."""
    project = example.project
    (project.folder / "Pulumi.yaml").write_text(f"name: shop\nruntime: yaml\n{examples.YAML}")
    project.pulumi("stack", "init", "dev")
    project.pulumi("config", "set", "--secret", "redisPassword", "the password")
    assert "+ 2 to create" in project.preview().output
