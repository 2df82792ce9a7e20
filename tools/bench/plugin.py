"""Measures the plugin, with programs in YAML and JavaScript, beside the dynamic resource: ``make bench-plugin``.

``--quick`` measures 10 stores once and writes nothing. Otherwise the figures become a part of
``docs/performance.json``, and ``docs/performance.md`` is written again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import grpc

from . import languages, measure, page, plugin_page
from .builds import BEFORE, first_in_path, installed, source_of
from .goals import LATENCY_MS
from .stacks import OPERATIONS, Stack, impersonal_environment

KINDS = ("before", "ours", "floor", "yaml", "diffs", "javascript", "bare")
"""The dynamic resource by an earlier build, by this one and one that does nothing; the plugin in two languages, with
YAML also with a setting of Pulumi's; and a plugin that looks at nothing.
"""

DIFFS_AT_ONCE = {"PULUMI_PARALLEL_DIFF": "true"}
"""Lets the engine begin a diff before the one before it has ended."""

PARALLEL = ("--parallel", "32")
"""Where requests take time, the engine makes more calls at a time than it has by default."""

STARTS = {
    "ours": [sys.executable, "-u", "-m", "pulumi.dynamic"],
    "yaml": [str(languages.EXECUTABLE)],
    "bare": [sys.executable, str(languages.BARE)],
}
"""How the engine starts the process with the provider, but for its address.

The plugin is the same one whatever the program's language is. The bare one looks at nothing.
"""

PROCESSES = {
    "ours": "\0pulumi.dynamic\0",
    "yaml": f"{languages.EXECUTABLE.name}\0",
    "bare": "/bare.py\0",
    "fleet": "\0launchdarkly_pulumi.plugin.main\0--attach\0",
}
"""What is in the command line of the provider's process."""

POLL = 0.02

Figures = dict[str, Any]
Seconds = dict[str, list[float]]


def compared(count: int, rounds: int) -> Figures:
    """What all take, side by side, without latency and with it; and memory and start of the provider's process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return _compared(count, rounds, installed(source_of(BEFORE, Path(name, "source")), Path(name, "before")))


def _compared(count: int, rounds: int, before: Path) -> Figures:
    seconds: dict[tuple[str, int], Seconds] = defaultdict(lambda: defaultdict(list))
    peaks: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        for latency in (0, LATENCY_MS):
            measure.say(f"plugin: {count} stores, {latency} ms, round {number + 1} of {rounds}")
            stacks = {kind: _alone(kind, latency, count, before) for kind in measure.rotated(KINDS, number)}
            for kind, operation, taken in measure.in_turn(stacks, *(PARALLEL if latency else ())):
                seconds[kind, latency][operation].append(taken)
        for kind in STARTS:
            with measure.alone(kind, 0, count) as stack, peak_of(kind) as peak:
                for operation in OPERATIONS:
                    stack.run(operation)
            peaks[kind].append(peak())
    return {
        "stores": count,
        "rounds": rounds,
        "before": BEFORE,
        "speed": [
            {"kind": kind, "latency_ms": latency, "seconds": measure.medians(taken)}
            for (kind, latency), taken in seconds.items()
        ],
        "peak_mb": {kind: round(median(each), 1) for kind, each in peaks.items()},
        "start_ms": starts(3 * rounds),
    }


def _alone(kind: str, latency: int, count: int, before: Path) -> AbstractContextManager[Stack]:
    settings = {"before": ("ours", first_in_path(before)), "diffs": ("yaml", DIFFS_AT_ONCE)}
    of_kind, environment = settings.get(kind, (kind, {}))
    return measure.alone(of_kind, latency, count, environment)


@contextmanager
def peak_of(kind: str) -> Iterator[Callable[[], float]]:
    """Watches each process of the provider's that starts; gives the most memory, in MB, that one of them had."""
    found, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(POLL):
            those = (each for each in Path("/proc").glob("[0-9]*") if PROCESSES[kind] in _command(each))
            found.append(max(map(_memory, those), default=0))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: max(found)
    finally:
        over.set()
        watching.join()


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _memory(process: Path) -> float:
    """The most memory that it has had so far; none where it has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text(encoding="utf-8"))
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def starts(rounds: int) -> dict[str, float]:
    """Milliseconds from a process's begin to its port printed: medians, one kind after the other."""
    engine = grpc.server(futures.ThreadPoolExecutor(2))
    address = f"127.0.0.1:{engine.add_insecure_port('127.0.0.1:0')}"
    engine.start()
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        for kind in measure.rotated([*STARTS], number):
            found[kind].append(_start([*STARTS[kind], address]))
    engine.stop(None).wait()
    return {kind: round(median(each) * 1000) for kind, each in found.items()}


def _start(command: list[str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(command, env=impersonal_environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            if not process.stdout.readline().strip().isdigit():
                raise RuntimeError(f"{command[0]} printed no port")
            return time.perf_counter() - began
        finally:
            process.kill()


def main() -> int:
    """Measures and writes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.plugin", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 stores, one round, nothing is written")
    quick = parser.parse_args().quick
    measure.take_signals()
    figures = compared(10, 1) if quick else compared(100, 5)
    page.show_or_write("plugin", figures, plugin_page.section, show=quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
