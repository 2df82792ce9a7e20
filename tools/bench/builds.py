"""Compares this build of the provider with that of another commit, side by side, as users have them installed.

Usage: ``make bench-builds BASE=COMMIT``, or ``python -m bench.builds COMMIT`` with its options. It prints a table.
Each operation is run by one build and then by the other, and each round begins with the other one: a machine that is
slower for a while is so for both. The local LaunchDarkly is this build's.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from .goals import LATENCY_MS
from .measure import alone, in_turn, rotated, say
from .stacks import OPERATIONS, ROOT

BUILDS = ("base", "this")

BEFORE = "2fcd686"
"""The commit before the work on speed began, beside which the page shows this build."""

Seconds = Mapping[str, Sequence[float]]
"""How long each operation took, round by round."""


def installed(source: Path, folder: Path) -> Path:
    """Installs a build into a virtual environment of its own, with bytecode; returns the environment's programs."""
    uv = [shutil.which("uv") or str(ROOT / ".venv/bin/uv"), "--quiet"]
    subprocess.run([*uv, "venv", "--seed", "--python", sys.executable, str(folder)], check=True)
    into = ["--python", str(folder / "bin/python"), "--compile-bytecode"]
    subprocess.run([*uv, "pip", "install", *into, str(source)], check=True)
    return folder / "bin"


def source_of(commit: str, folder: Path) -> Path:
    """Writes the files of a commit into a folder, which it returns."""
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def first_in_path(programs: Path) -> dict[str, str]:
    """The variable by which the CLI takes the programs of a folder before others."""
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def compared(programs: Mapping[str, Path], count: int, rounds: int, latency: int) -> dict[str, Seconds]:
    """Runs the operations of a stack by each build in turn; returns their seconds by build."""
    found: dict[str, dict[str, list[float]]] = {build: defaultdict(list) for build in programs}
    for number in range(rounds):
        say(f"{count} stores at {latency} ms, round {number + 1} of {rounds}")
        stacks = {
            build: alone("ours", latency, count, first_in_path(programs[build]))
            for build in rotated(list(programs), number)
        }
        for build, operation, seconds in in_turn(stacks):
            found[build][operation].append(seconds)
    return dict(found)


def table(seconds: Mapping[int, Mapping[str, Seconds]]) -> str:
    """Medians by latency, with the ratio of the medians and the median of the rounds' ratios."""
    rows = [
        "| a request | operation | base | this | ratio of the medians | median of the ratios |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for latency, by_build in seconds.items():
        for operation in OPERATIONS:
            base, this = (by_build[build][operation] for build in BUILDS)
            ratios = [new / old for old, new in zip(base, this, strict=True)]
            cells = (f"{median(base):.2f}", f"{median(this):.2f}", f"{median(this) / median(base):.3f}")
            rows.append(f"| {latency} ms | {operation} | {' | '.join(cells)} | {median(ratios):.3f} |")
    return "\n".join(rows)


def main() -> int:
    """Measures, and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.builds", description="Compares two builds of the provider.")
    parser.add_argument("base", metavar="COMMIT", help="what this build is compared with")
    parser.add_argument("--rounds", type=int, default=5, help="5 by default")
    parser.add_argument("--stores", type=int, default=100, help="100 by default")
    parser.add_argument("--latency", type=int, nargs="*", default=[0, LATENCY_MS], help="milliseconds a request")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        sources = (source_of(options.base, folder / "source"), ROOT)
        programs = {build: installed(source, folder / build) for build, source in zip(BUILDS, sources, strict=True)}
        seconds = {latency: compared(programs, options.stores, options.rounds, latency) for latency in options.latency}
    print(table(seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
