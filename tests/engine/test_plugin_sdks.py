"""Programs with the generated SDKs, and the real engine: the examples, and those of the schema's documentation."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin import examples
from launchdarkly_pulumi.plugin.schema import GO_MODULE
from support.documents import ROOT
from support.examples import Example
from support.javascript import MODULES
from support.samples import PASSWORD
from support.stack import NO_CHANGE

SDKS = ROOT / "sdks"
PYTHON_SDK = ROOT / ".tools" / "python-sdk"
NPM_PACKAGE = "pulumi-launchdarkly-big-segments"


@pytest.fixture(autouse=True)
def generated() -> None:
    """`make test` generates the SDKs."""
    assert (SDKS / "ready").exists(), f"{SDKS} is missing: run `make sdks`"


def check(command: list[str], folder: Path) -> None:
    """Runs a tool that ends with 0, or says why not."""
    environment = os.environ | {"GOWORK": "off"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def install(folder: Path) -> None:
    """What `npm install` does for a project: Pulumi's SDK, TypeScript, and the packed SDK of the plugin."""
    modules = folder / "node_modules"
    modules.mkdir()
    for installed in MODULES.iterdir():
        (modules / installed.name).symlink_to(installed)
    [packed] = (SDKS / "nodejs").glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extractall(modules, filter="data")
    (modules / "package").rename(modules / NPM_PACKAGE)


def test_typescript(example: Example) -> None:
    """The example lives; both it and the documented program have the types of a strict compiler."""
    example.copy("typescript")
    folder = example.project.folder
    install(folder)
    (folder / "documented.ts").write_text(examples.TYPESCRIPT)
    check(["node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "index.ts", "documented.ts"], folder)
    example.lives()


def test_go(example: Example) -> None:
    """The example lives; `go vet` has nothing to say of it, of the documented program and of the SDK."""
    example.copy("go")
    folder = example.project.folder
    example.project.environment["GOWORK"] = "off"
    check(["go", "mod", "edit", "-replace", f"{GO_MODULE}={SDKS / 'go'}"], folder)
    (folder / "documented").mkdir()
    (folder / "documented" / "main.go").write_text(examples.GO)
    check(["go", "vet", "./...", f"{GO_MODULE}/..."], folder)
    example.lives()


def test_python(example: Example, emulator: Emulator) -> None:
    """The documented program lives."""
    project = example.project
    (project.folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (project.folder / "__main__.py").write_text(examples.PYTHON)
    paths = (str(PYTHON_SDK), os.environ.get("PYTHONPATH", ""))
    project.environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    project.pulumi("stack", "init", "dev")
    project.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    project.up()
    [id_] = emulator.integrations
    assert emulator.stored_config(id_)["password"] == PASSWORD
    project.preview(NO_CHANGE)
    project.destroy()
    assert emulator.integrations == {}
