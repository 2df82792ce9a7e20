"""Measures a create with Pulumi's file, S3 and Postgres backends: ``make bench-backends``.

``--quick`` measures 20 stores once and writes nothing. Otherwise the figures become a part of
``docs/performance.json``, and ``docs/performance.md`` is written again. It needs moto, and Postgres' programs on PATH.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from . import backends_page, measure, page
from .servers import CountingRelay
from .stacks import Cost
from .state_servers import LOOPBACK, StateServer, postgres, s3

FILE = "file"
SERVERS: dict[str, Callable[[], AbstractContextManager[StateServer]]] = {"S3": s3, "Postgres": postgres}
BACKENDS = (FILE, *SERVERS)
PROGRAMS = ("pulumi", "initdb", "postgres", "psql")

Figures = dict[str, Any]


def compared(count: int, rounds: int) -> Figures:
    """What a create takes with each backend, in turn; and what it sends, which a run that nobody times shows."""
    taken: dict[str, list[Cost]] = defaultdict(list)
    for number in range(rounds):
        for backend in measure.rotated(BACKENDS, number):
            measure.say(f"{backend}: creating {count} stores, round {number + 1} of {rounds}")
            taken[backend].append(_create(backend, count))
    rows: list[Figures] = []
    for backend in BACKENDS:
        row = {"backend": backend, "seconds": round(median(cost.seconds for cost in taken[backend]), 2)}
        if backend == FILE:
            written = round(median(cost.bytes_written for cost in taken[backend]))
            rows.append({**row, "bytes_written": written})
        else:
            measure.say(f"{backend}: counting what a create of {count} stores sends")
            rows.append({**row, **_sent(SERVERS[backend], count)})
    return {"stores": count, "rounds": rounds, "rows": rows}


def _create(backend: str, count: int) -> Cost:
    if backend == FILE:
        with measure.alone("ours", 0, count) as stack:
            return stack.run("create")
    with SERVERS[backend]() as server, measure.alone("ours", 0, count, server.environment(server.port)) as stack:
        return stack.run("create")


def _sent(start: Callable[[], AbstractContextManager[StateServer]], count: int) -> Figures:
    """The bytes that pass between Pulumi and the server, and what the server counts."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        start() as server,
        CountingRelay(f"tcp://{LOOPBACK}:{server.port}", Path(folder) / "none") as relay,
        measure.alone("ours", 0, count, server.environment(int(urlsplit(relay.url).port or 0))) as stack,
    ):
        relay.take()
        before = server.counted()
        stack.run("create")
        passed, counted = relay.take(), server.counted() - before
    return {
        "bytes_written": passed.bytes_sent,
        "bytes_read": passed.bytes_received,
        "counted": dict(sorted(counted.items())),
    }


def main() -> int:
    """Measures and writes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.backends", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 stores, one round, nothing is written")
    quick = parser.parse_args().quick
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        print(f"error: not on PATH: {', '.join(missing)}; make bench-backends gets them", file=sys.stderr)
        return 1
    measure.take_signals()
    figures = compared(20, 1) if quick else compared(300, 3)
    page.show_or_write("backends", figures, backends_page.section, show=quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
