"""Accounts for the time of Pulumi's commands: how much CPU each process takes, and what Python uses it for.

Usage: ``make profile``, or ``python -m bench.profiles [--rounds N]``. It writes the table into ``docs/performance.md``.

The CPU of each process comes from runs without a profiler. What the Python processes do comes from samples of py-spy
(https://github.com/benfred/py-spy) in further runs: each sample counts for the innermost frame of a known package.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

from . import page
from .measure import say
from .servers import emulator
from .stacks import OPERATIONS, ROOT, Stack, new_stack

PROFILED = ("preview", "create", "update")
COUNTS = (1, 100)
POLL = 0.01
"""Seconds between two looks at the processes; what one takes after the last look before its end is not counted."""

ROLES = {
    "program": re.compile(r"pulumi-language-python-exec"),
    "list of packages": re.compile(r"\bpip\b.* list"),
    "host": re.compile(r"pulumi[./]dynamic"),
    "language host": re.compile(r"pulumi-language-python "),
    "stack export": re.compile(r"pulumi stack export"),
    "CLI and engine": re.compile(r"pulumi (up|preview|refresh|destroy) "),
}
"""The processes of a command, by their command lines; the first that fits counts."""

PACKAGES = {
    "this package": re.compile(r"launchdarkly_pulumi/"),
    "Pulumi's SDK": re.compile(r"(^|[ (/])pulumi/|pulumi-language-python-exec"),
    "HTTP": re.compile(r"[ (/](requests|urllib3)/"),
    "gRPC": re.compile(r"[ (/]grpc/"),
}
"""Whose code a frame is; an import counts for the package whose import it is part of."""

Shares = Mapping[str, Mapping[str, float]]
"""By role and by part."""


def part_of(frames: Iterable[str]) -> str:
    """What a sample counts for.

    :param frames: as py-spy writes them, the outermost one first: ``function (file:line)``.
    """
    importing = False
    for frame in reversed(list(frames)):
        importing |= frame.startswith("<module> ")
        for package, pattern in PACKAGES.items():
            if pattern.search(frame):
                # The imports of a library are part of the import of who needs it.
                if importing and package in {"HTTP", "gRPC"}:
                    break
                return f"{package}: imports" if importing else package
    return "Python itself"


class Processes:
    """Watches the processes of a command: ``cpu`` has the seconds of each, and ``roles`` what it is, by process ID."""

    def __init__(self) -> None:
        self.cpu: dict[int, float] = {}
        self.roles: dict[int, str] = {}
        self._ended = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watches all children of this process."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(POLL):
            for process in psutil.Process().children(recursive=True):
                try:
                    times = process.cpu_times()
                    self.cpu[process.pid] = times.user + times.system
                    # A new process has its parent's command line at first, and one that has ended has none.
                    if role := role_of(" ".join(process.cmdline()) + " "):
                        self.roles[process.pid] = role
                except psutil.Error:
                    continue

    def by_role(self) -> dict[str, float]:
        """The seconds of each role."""
        found: dict[str, float] = defaultdict(float)
        for pid, seconds in self.cpu.items():
            if pid in self.roles:
                found[self.roles[pid]] += seconds
        return found


def role_of(command: str) -> str:
    """Which process of a command it is by its command line; empty for others, such as the local LaunchDarkly."""
    return next((role for role, pattern in ROLES.items() if pattern.search(command)), "")


def sampled(folder: Path, roles: Mapping[int, str]) -> Shares:
    """The shares of the parts in the samples of a folder."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for file in folder.glob("*.samples"):
        role = roles.get(int(file.stem), "")
        for line in file.read_text(encoding="utf-8").splitlines() if role else ():
            stack, _, count = line.rpartition(" ")
            counts[role][part_of(stack.split(";"))] += int(count)
    return {role: {part: n / parts.total() for part, n in parts.items()} for role, parts in counts.items()}


def profiled(count: int, rounds: int) -> dict[str, dict[str, object]]:
    """For each operation: its seconds, the CPU seconds of each process, and the shares of what Python does."""
    seconds: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(rounds):
        say(f"{count} stores, round {number + 1} of {rounds}")
        with emulator(0) as url, new_stack("ours", count, url, {}) as stack:
            for operation in OPERATIONS:
                watcher = Processes()
                with watcher.watched():
                    seconds[operation].append(stack.run(operation).seconds)
                cpu[operation].append(watcher.by_role())
    say(f"{count} stores, with samples")
    shares = _shares(count)
    return {
        operation: {
            "seconds": round(median(seconds[operation]), 2),
            "cpu": {role: round(median(each.get(role, 0.0) for each in cpu[operation]), 3) for role in ROLES},
            "shares": shares[operation],
        }
        for operation in PROFILED
    }


def _shares(count: int) -> dict[str, Shares]:
    found: dict[str, Shares] = {}
    sampler = {"BENCH_SAMPLER": str(Path(sys.executable).with_name("py-spy"))}
    with tempfile.TemporaryDirectory(prefix="bench-") as name, emulator(0) as url:
        paths = {"PYTHONPATH": f"{ROOT / 'tools'}:{ROOT / 'tools/bench/sampled'}"}
        with new_stack("ours", count, url, sampler | paths | {"BENCH_SAMPLES": name}) as stack:
            for operation in OPERATIONS:
                found[operation] = _sampled_run(stack, operation, Path(name))
    return found


def _sampled_run(stack: Stack, operation: str, folder: Path) -> Shares:
    for old in folder.iterdir():
        old.unlink()
    watcher = Processes()
    with watcher.watched():
        stack.run(operation)
    return sampled(folder, watcher.roles)


def main() -> int:
    """Measures, and writes the figures and the page; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiles", description="Accounts for the time of commands.")
    parser.add_argument("--rounds", type=int, default=3, help="3 by default")
    rounds = parser.parse_args().rounds
    page.write({"profile": {"rounds": rounds, "counts": {str(count): profiled(count, rounds) for count in COUNTS}}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
