"""Runs the tests with each supported Python on this machine, on the lowest and the newest versions of the dependencies.

Usage: ``python tools/matrix.py FOLDER [PYTHON ...]``, by default every supported Python. The virtual environments
stay in the folder. In each: tests/unit, tests/component, tests/host, tests/plugin, and with the real CLI an update, an
adoption and what the state says of the program. A Python that the machine does not have is named, and is no failure.
Exits with 1 when a test fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
RESOLUTIONS = ("lowest-direct", "highest")
EXTRAS = ("emulator", "emulator-dynamodb", "socks")
TESTS = (
    "tests/unit",
    "tests/component",
    "tests/host",
    "tests/plugin",
    "tests/engine/test_lifecycle.py::test_an_update_is_a_get_and_a_patch_of_one_operation",
    "tests/engine/test_lifecycle.py::test_the_state_names_the_program_s_line",
    "tests/engine/test_adoption.py::test_what_differs_is_patched_to_what_is_declared",
)
SHOWN = ("pulumi", "requests", "jsonpatch", "deepdiff")


class Cell(NamedTuple):
    """One combination, and what became of it.

    :param versions: of the dependencies, as they were installed.
    :param summary: pytest's last line.
    """

    python: str
    resolution: str
    versions: str
    summary: str
    passed: bool


def main(folder: Path, pythons: tuple[str, ...]) -> int:
    """Runs every combination, and prints a table."""
    found = {python: interpreter(python) for python in pythons}
    cells = [
        run(folder, python, path, resolution) for python, path in found.items() if path for resolution in RESOLUTIONS
    ]
    print("\n| Python | versions | | |\n| --- | --- | --- | --- |")
    for cell in cells:
        print(f"| {cell.python} | {cell.resolution} | {cell.versions} | {cell.summary} |")
    missing = [python for python, path in found.items() if not path]
    if missing:
        print(f"Not on this machine: Python {', '.join(missing)}.")
    return 0 if cells and all(cell.passed for cell in cells) else 1


def interpreter(python: str) -> str | None:
    """An interpreter of a version: on PATH, or among pyenv's."""
    of_pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{python}.*/bin/python")
    for candidate in (shutil.which(f"python{python}"), *map(str, sorted(of_pyenv))):
        # A shim of pyenv is there for versions that are not chosen as well, and fails.
        if candidate and python in output(candidate, "-c", "import sys; print('%s.%s' % sys.version_info[:2])"):
            return candidate
    return None


def run(folder: Path, python: str, path: str, resolution: str) -> Cell:
    """Makes the environment, and runs the tests in it."""
    print(f"── Python {python}, {resolution} ".ljust(100, "─"), flush=True)
    programs = install(folder / f"{python}-{resolution}", path, resolution)
    versions = re.findall(
        r"^(\S+)==(\S+)$", output("uv", "pip", "freeze", "--python", f"{programs}/python"), re.MULTILINE
    )
    shown = ", ".join(f"{name} {version}" for name, version in versions if name in SHOWN)
    tests = subprocess.run(
        [
            f"{programs}/python",
            "-m",
            "pytest",
            "--numprocesses",
            "auto",
            "-q",
            "--hypothesis-profile=brief",
            *TESTS,
        ],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{programs}:{ROOT / '.tools' / 'pulumi'}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(tests.stdout, flush=True)
    summary = (tests.stdout.splitlines() or ["no test ran"])[-1]
    return Cell(python, resolution, shown, summary.strip("= "), tests.returncode == 0)


def install(environment: Path, path: str, resolution: str) -> Path:
    """The folder of programs of a new environment with the project in it, and what its tests need."""
    python = environment / "bin" / "python"
    subprocess.run(["uv", "--quiet", "venv", "--clear", "--seed", "--python", path, str(environment)], check=True)
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    compile_ = [
        "uv",
        "--quiet",
        "pip",
        "compile",
        "--no-deps",
        "--no-header",
        "--no-annotate",
        "--resolution",
        resolution,
    ]
    pins = environment / "constraints.txt"
    pins.write_text(output(*compile_, "--python", str(python), *extras, str(ROOT / "pyproject.toml")))
    pip = ["uv", "--quiet", "pip", "install", "--python", str(python), "--constraint", str(pins)]
    subprocess.run([*pip, "--editable", f"{ROOT}[dev]"], check=True)
    return python.parent


def output(*command: str) -> str:
    """What a program prints; nothing when it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), tuple(sys.argv[2:]) or PYTHONS))
