"""Programs in YAML, with the plugin and the real engine: `make test-yaml` builds the language host first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin import examples
from launchdarkly_pulumi.plugin.main import PROGRAM as EXECUTABLE
from launchdarkly_pulumi.plugin.names import PACKAGE
from launchdarkly_pulumi.plugin.version import version
from support.examples import Example

PROGRAM = """\
name: shop
runtime: yaml
resources:
  store:
    type: {package}:BigSegmentStoreIntegration
    properties:
      projectKey: default
      environmentKey: production
      config: {{redis: {{host: redis.example.com, port: 6379}}}}
    {options}
"""


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


@pytest.mark.parametrize(("options", "starts"), [("", 2), (f"options: {{version: {version()}}}", 1)])
def test_the_schema_of_a_version_is_kept(example: Example, tmp_path: Path, options: str, starts: int) -> None:
    """Of an installed plugin whose version the program names; otherwise it is started for the schema alone as well."""
    started, plugin = tmp_path / "started", example.tools / EXECUTABLE
    plugin.write_text(f'#!/bin/sh\necho >> "{started}"\nexec "{shutil.which(EXECUTABLE)}" "$@"\n')
    plugin.chmod(0o755)
    project = example.project
    project.pulumi("plugin", "install", "resource", PACKAGE, version(), "--file", str(plugin))
    (project.folder / "Pulumi.yaml").write_text(PROGRAM.format(package=PACKAGE, options=options))
    project.pulumi("stack", "init", "dev")
    project.preview()
    started.unlink()
    project.preview()
    assert len(started.read_text().splitlines()) == starts
