"""What is published: its contents, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.samples import PASSWORD
from support.stack import Stack

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "provider" / "launchdarkly_pulumi"
MODULES = {path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.parent.rglob("*.py")}
DATA = {"launchdarkly_pulumi/py.typed"} | {
    f"launchdarkly_pulumi/emulator/manifests/{kind}.json" for kind in ("redis", "dynamodb")
}

PLUGIN_TEST = """\
def test_it(launchdarkly_emulator):
    assert launchdarkly_emulator.integrations == {}
"""


class Distributions(NamedTuple):
    """The two files that are published."""

    wheel: Path
    sdist: Path


class Installation:
    """A virtual environment of its own, without anything of this one but pip, which Pulumi lists its packages with."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        uv("venv", "--seed", "--python", sys.executable, str(folder))

    def install(self, *requirements: str) -> None:
        """Installs from the package index, as far as uv has not cached it."""
        uv("pip", "install", "--python", str(self.programs / "python"), *requirements)

    def python(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Runs Python to its end."""
        command = [str(self.programs / "python"), *arguments]
        return subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, check=False)


def uv(*arguments: str) -> None:
    """Runs uv, which installs in a second what takes pip twenty."""
    subprocess.run(["uv", "--quiet", *arguments], check=True)


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Builds the sdist from the repository, and the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)


@pytest.fixture(scope="module")
def installation(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel with what it requires, and nothing else."""
    empty = Installation(tmp_path_factory.mktemp("installation"))
    empty.install(str(distributions.wheel))
    return empty


def test_the_wheel_holds_the_package_and_nothing_else(distributions: Distributions) -> None:
    """Every module, the type marker and the emulator's manifests; no test, no bytecode, nothing of the repository."""
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert names == MODULES | DATA


def test_the_sdist_builds_the_wheel_without_the_repository(distributions: Distributions) -> None:
    """It has the sources and what the build reads, under one folder of its own name."""
    with tarfile.open(distributions.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    beside = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"}
    assert names == {f"provider/{name}" for name in MODULES | DATA} | beside


def test_the_package_index_would_take_them(distributions: Distributions) -> None:
    """Twine renders the description and checks the metadata, warnings included."""
    check = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout


def test_the_quickstart_runs_on_the_wheel_alone(installation: Installation, stack: Stack, emulator: Emulator) -> None:
    """In an empty environment with the wheel, the program of the quickstart creates its store."""
    stack.environment.pop("PYTHONPATH", None)
    stack.environment["PATH"] = f"{installation.programs}:{stack.environment['PATH']}"
    shutil.copy(REPOSITORY / "examples" / "quickstart" / "__main__.py", stack.folder)
    stack.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    stack.up()

    assert [store["name"] for store in emulator.integrations.values()] == ["Production Redis"]


def test_the_command_is_on_the_path(installation: Installation, tmp_path: Path) -> None:
    """By its own name, and as a module."""
    command = [str(installation.programs / "launchdarkly-pulumi"), "--version"]
    by_name = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=True)
    by_module = installation.python("-m", "launchdarkly_pulumi", "--version", folder=tmp_path)
    version = installation.python("-c", "import launchdarkly_pulumi as l; print(l.__version__)", folder=tmp_path)
    assert by_name.stdout == by_module.stdout == f"launchdarkly-pulumi {version.stdout}"


def test_the_plugin_is_on_the_path(installation: Installation, stack: Stack) -> None:
    """Pulumi's engine starts it from the wheel alone, and gets its schema."""
    stack.environment.pop("PYTHONPATH", None)
    plugin = installation.programs / "pulumi-resource-launchdarkly-big-segments"
    schema = stack.pulumi("package", "get-schema", str(plugin)).output
    assert json.loads(schema[schema.index("{") :])["name"] == "launchdarkly-big-segments"
    by_hand = subprocess.run([str(plugin)], env=installation.environment, capture_output=True, text=True, check=False)
    assert (by_hand.returncode, len(by_hand.stderr.splitlines())) == (1, 1)


def test_without_the_extra_the_emulator_says_what_to_install(installation: Installation, tmp_path: Path) -> None:
    """The command ends with one line that can be copied."""
    command = installation.python("-m", "launchdarkly_pulumi", "emulator", folder=tmp_path)

    assert command.returncode == 1
    assert command.stderr == "error: the emulator needs uvicorn: pip install 'launchdarkly-pulumi[emulator]'\n"


def test_while_no_index_has_it_requirements_find_what_is_installed(installation: Installation, tmp_path: Path) -> None:
    """The files of the examples, and the hints that name an extra, can be followed once the wheel is installed."""
    installation.install("launchdarkly-pulumi[socks]")
    extra = installation.python("-c", "import socks", folder=tmp_path)
    assert extra.returncode == 0, extra.stderr
    wanted = re.findall(
        "^launchdarkly.*", (REPOSITORY / "examples/quickstart/requirements.txt").read_text(), re.MULTILINE
    )
    pip = installation.python("-m", "pip", "install", "--no-index", "--no-deps", *wanted, folder=tmp_path)
    assert (pip.returncode, "Requirement already satisfied: launchdarkly-pulumi" in pip.stdout) == (0, True), pip.stderr


def test_the_pytest_plugin_is_there_once_it_is_installed(distributions: Distributions, tmp_path: Path) -> None:
    """Nothing to configure: a test asks for the fixture, and has a LaunchDarkly."""
    installation = Installation(tmp_path / "environment")
    installation.install("pytest", f"{distributions.wheel}[emulator]")
    (tmp_path / "test_it.py").write_text(PLUGIN_TEST)
    done = installation.python("-m", "pytest", "-q", "test_it.py", folder=tmp_path)

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout
