"""Runs the tests with each supported Python on this machine, on the lowest and the newest versions of the dependencies.

``make test-matrix`` is ``nox`` with the tools that the tests need; ``nox --python 3.12 -- tests/unit`` takes one Python
and some tests. The virtual environments stay in ``.nox``. In each: tests/unit, tests/component, tests/doors,
tests/host, tests/plugin, and with the real CLI an update, an adoption and what the state says of the program. nox names
a Python that the machine does not have, and goes on; in continuous integration it fails.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
EXTRAS = ("emulator", "emulator-dynamodb", "socks")
TESTS = (
    "tests/unit",
    "tests/component",
    "tests/doors",
    "tests/host",
    "tests/plugin",
    "tests/engine/test_lifecycle.py::test_an_update_is_a_get_and_a_patch_of_one_operation",
    "tests/engine/test_lifecycle.py::test_the_state_names_the_program_s_line",
    "tests/engine/test_adoption.py::test_what_differs_is_patched_to_what_is_declared",
)
SHOWN = ("pulumi", "requests", "jsonpatch", "deepdiff")
"""The dependencies whose versions the log names."""

nox.needs_version = ">=2025.10.14"
nox.options.download_python = "never"


def folders_of_pythons() -> list[str]:
    """Where interpreters are beside PATH: that of nox itself, and those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [path for python in PYTHONS for path in sorted(pyenv.glob(f"versions/{python}.*/bin"))]
    return [str(path) for path in (*found, Path(sys.base_prefix) / "bin")]


# GOTCHA: they come first, since a shim of pyenv is on PATH for a version that is not chosen as well, and fails.
os.environ["PATH"] = os.pathsep.join([*folders_of_pythons(), os.environ["PATH"]])


@nox.session(python=PYTHONS, venv_backend="uv", venv_params=["--seed"])
@nox.parametrize("resolution", ["lowest-direct", "highest"])
def tests(session: nox.Session, resolution: str) -> None:
    """The tests in a new environment; ``lowest-direct`` takes the lower bounds of ``pyproject.toml``."""
    install(session, resolution)
    session.run(
        "python",
        "-m",
        "pytest",
        *("--numprocesses", "auto", "-q", "--hypothesis-profile=brief"),
        *(session.posargs or TESTS),
        env={"PATH": os.pathsep.join([session.bin, str(ROOT / ".tools" / "pulumi"), os.environ["PATH"]])},
    )


def install(session: nox.Session, resolution: str) -> None:
    """Installs the project, and what its tests need, of which only what users need too has its version decided."""
    pins = Path(session.create_tmp()) / "constraints.txt"
    compiled = ["--no-deps", "--no-header", "--no-annotate", "--resolution", resolution, "--output-file", str(pins)]
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    python = str(Path(session.bin) / "python")
    session.run("uv", "--quiet", "pip", "compile", "--python", python, *compiled, *extras, "pyproject.toml")
    session.install("--constraint", str(pins), "--editable", ".[dev]")
    frozen = str(session.run("uv", "pip", "freeze", "--python", python, silent=True)).splitlines()
    session.log(", ".join(line for line in frozen if line.partition("==")[0] in SHOWN))
