"""Measures ``examples/fleet`` beside one stack of as many stores by an earlier build: ``make bench-fleet``.

``--quick`` measures few stores and writes nothing. Otherwise the figures become a part of
``docs/performance.json``, and ``docs/performance.md`` is written again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import fleet_report, measure, page
from .builds import BEFORE, first_in_path, installed, source_of
from .plugin import peak_of
from .servers import emulator
from .stacks import ROOT, Cost, environment_in, measured, new_stack

LIMIT = 100
"""Requests in ten seconds."""

HOST = "redis.example.com"
REFUSED = 429

Figures = dict[str, Any]


class Fleet:
    """A copy of the example with stacks of the same size.

    :param folder: an empty folder.
    :param url: where LaunchDarkly is.
    """

    def __init__(self, folder: Path, url: str, stacks: int, each: int) -> None:
        self._project = folder / "project"
        shutil.copytree(ROOT / "examples" / "fleet", self._project, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
        stores = {
            f"environment-{number}": {"config": {"redis": {"host": HOST}}, "passwordFrom": "BENCH_PASSWORD"}
            for number in range(each)
        }
        content = {
            "defaults": {"on": True, "tags": ["one", "two"]},
            "projects": {f"project-{number}": stores for number in range(stacks)},
        }
        (self._project / "fleet.yaml").write_text(json.dumps(content), encoding="utf-8")
        self._environment = environment_in(folder, url) | {"BENCH_PASSWORD": "a password"}

    def run(self, command: str, at_once: int) -> Cost:
        """Runs a command on all stacks."""
        arguments = [sys.executable, "fleet.py", command, "--at-once", str(at_once)]
        return measured(arguments, self._project, self._environment)


@contextmanager
def new_fleet(stacks: int, each: int, limit: int | None = None) -> Iterator[tuple[Fleet, Path]]:
    """A fleet whose account has no stores yet, and the log of its requests."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        log = folder / "requests.jsonl"
        with emulator(0, log, limit) as url:
            yield Fleet(folder, url, stacks, each), log


def of_one_stack(base: str, stores: int) -> Figures:
    """A create of all stores in one stack, with the dynamic resource of another commit."""
    measure.say(f"fleet: one stack of {stores} stores by {base}")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        programs = installed(source_of(base, folder / "source"), folder / "base")
        log = folder / "requests.jsonl"
        with emulator(0, log) as url, new_stack("ours", stores, url, first_in_path(programs)) as stack:
            cost = stack.run("create")
        return _figures(cost, log)


def of_fleet(stacks: int, each: int, at_once: int, limit: int | None = None) -> Figures:
    """A create of the same stores as stacks."""
    measure.say(f"fleet: {stacks} stacks of {each} stores{f' with a limit of {limit}' if limit else ''}")
    with new_fleet(stacks, each, limit) as (fleet, log):
        return _figures(fleet.run("up", at_once), log)


def growth(stacks: Sequence[int], each: int, at_once: int) -> list[Figures]:
    """What more stacks take: the seconds of a create and of a preview, and the plugin's most memory in both."""
    rows = []
    for count in stacks:
        measure.say(f"fleet: {count * each} stores")
        with new_fleet(count, each) as (fleet, _), peak_of("fleet") as peak:
            seconds = {command: round(fleet.run(command, at_once).seconds, 2) for command in ("up", "preview")}
        rows.append({"stores": count * each, "peak_mb": round(peak(), 1), "seconds": seconds})
    return rows


def _figures(cost: Cost, log: Path) -> Figures:
    requests = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    refused = sum(each["status"] == REFUSED for each in requests)
    return {
        "seconds": round(cost.seconds, 2),
        "on_processors": round(cost.on_processors, 2),
        "bytes": cost.bytes_written,
        "requests": len(requests) - refused,
        "refused": refused,
        "listings": sum(each["path"].endswith("/big-segment-store") for each in requests),
    }


def compared(base: str, stacks: int, each: int, at_once: int, grown: Sequence[int]) -> Figures:
    """All figures of the section."""
    stores = stacks * each
    return {
        "stores": stores,
        "stacks": stacks,
        "each": each,
        "at_once": at_once,
        "cores": os.cpu_count(),
        "base": base,
        "fleet": of_fleet(stacks, each, at_once),
        "one": of_one_stack(base, stores),
        "limited": {"limit": LIMIT, **of_fleet(stacks, each, at_once, LIMIT)},
        "growth": growth(grown, each, at_once),
    }


def main() -> int:
    """Measures and writes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument(
        "--base", metavar="COMMIT", default=BEFORE, help=f"what it is compared with; {BEFORE} by default"
    )
    parser.add_argument("--stores", type=int, default=100, help="of a stack; 100 by default")
    parser.add_argument("--stacks", type=int, default=10, help="10 by default")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 2, help="one for each core by default")
    parser.add_argument(
        "--growth", type=int, nargs="*", default=[1, 10, 100], help="numbers of stacks; 1 10 100 by default"
    )
    parser.add_argument("--quick", action="store_true", help="4 stacks of 30 stores, nothing is written")
    options = parser.parse_args()
    measure.take_signals()
    stacks, each = (4, 30) if options.quick else (options.stacks, options.stores)
    grown = [1, 4] if options.quick else options.growth
    figures = compared(options.base, stacks, each, options.at_once, grown)
    page.show_or_write("fleet", figures, fleet_report.section, show=options.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
