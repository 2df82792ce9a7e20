"""Runs what is compared, one after another in turn, and takes the median."""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from .servers import CountingRelay, emulator
from .stacks import OPERATIONS, new_stack

LATENCIES_MS = (0, 100)

Figures = dict[str, Any]


def speed(counts: list[int], rounds: int) -> list[Figures]:
    """The seconds of each operation: a row for each kind, number of stores and latency.

    What is compared alternates, so that a machine that is slower for a while is so for all.
    """
    found: dict[tuple[str, int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with emulator(0) as quick, emulator(LATENCIES_MS[1]) as slow:
        urls = dict(zip(LATENCIES_MS, (quick, slow), strict=True))
        compared = [("floor", 0), *((kind, latency) for latency in LATENCIES_MS for kind in ("naive", "ours"))]
        for count in counts:
            for number in range(rounds):
                for kind, latency in compared:
                    say(f"{count} stores, round {number + 1} of {rounds}: {kind} at {latency} ms")
                    with new_stack(kind, count, urls[latency]) as stack:
                        for operation in OPERATIONS:
                            found[kind, count, latency][operation].append(stack.run(operation).seconds)
    return [
        {"kind": kind, "stores": count, "latency_ms": latency, "seconds": _medians(seconds)}
        for (kind, count, latency), seconds in found.items()
    ]


def traffic(counts: list[int]) -> list[Figures]:
    """What each operation sends, and the size of the state: from runs that nobody times."""
    rows = []
    for count in counts:
        for kind in ("naive", "ours"):
            say(f"{count} stores: counting the requests of {kind}")
            rows.append(_traffic_of(kind, count))
    return rows


def _traffic_of(kind: str, count: int) -> Figures:
    seen = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder) / "requests.jsonl"
        with emulator(0, log) as url, CountingRelay(url, log) as relay, new_stack(kind, count, relay.url) as stack:
            state_bytes = 0.0
            for operation in OPERATIONS:
                stack.run(operation)
                state_bytes = state_bytes or stack.state_bytes_per_store()
                passed = relay.take()
                seen[operation] = {
                    "requests": dict(sorted(passed.requests.items())),
                    "connections": passed.connections,
                    "bytes_sent": passed.bytes_sent,
                    "bytes_received": passed.bytes_received,
                }
    return {"kind": kind, "stores": count, "traffic": seen, "state_bytes_per_store": round(state_bytes)}


def growth(counts: list[int]) -> list[Figures]:
    """How the cost of a create grows with the number of stores; the bytes are those written to disk."""
    rows = []
    with emulator(0) as url:
        for count in counts:
            for kind in ("floor", "ours"):
                say(f"{count} stores: how {kind} grows")
                with new_stack(kind, count, url) as stack:
                    cost = stack.run("create")
                rows.append(
                    {
                        "kind": kind,
                        "stores": count,
                        "seconds": round(cost.seconds, 2),
                        "bytes_written": cost.bytes_written,
                    }
                )
    return rows


def say(text: str) -> None:
    """Tells what is being measured."""
    print(text, file=sys.stderr, flush=True)


def _medians(seconds: dict[str, list[float]]) -> dict[str, float]:
    return {operation: round(median(each), 3) for operation, each in seconds.items()}
