"""Runs what is compared, one after another in turn, and takes the median."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from .goals import LATENCY_MS
from .servers import CountingRelay, emulator
from .stacks import OPERATIONS, Cost, Stack, new_stack

COMPARED = (("floor", 0), ("naive", 0), ("ours", 0), ("naive", LATENCY_MS), ("ours", LATENCY_MS))
"""Which provider, and the latency of its server in milliseconds; the floor has no server to ask."""

SETTINGS = ((), ("PULUMI_SKIP_CHECKPOINTS",), ("PULUMI_DIY_BACKEND_ZSTD",))
"""Variables of the CLI's environment that change what its file backend writes."""

CONCURRENCY = (1, 4, 16)

Figures = dict[str, Any]
Item = TypeVar("Item")
Key = TypeVar("Key")


def speed(counts: list[int], rounds: int) -> list[Figures]:
    """The seconds of each operation: a row for each kind, number of stores and latency.

    What is compared runs side by side, one operation after the other and each round in another order: a machine that
    is slower for a while is so for all.
    """
    found: dict[tuple[str, int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for count in counts:
        for number in range(rounds):
            say(f"{count} stores, round {number + 1} of {rounds}")
            stacks = {key: alone(*key, count) for key in rotated(COMPARED, number)}
            for (kind, latency), operation, seconds in in_turn(stacks):
                found[kind, count, latency][operation].append(seconds)
    return [
        {"kind": kind, "stores": count, "latency_ms": latency, "seconds": medians(taken)}
        for (kind, count, latency), taken in found.items()
    ]


def in_turn(stacks: Mapping[Key, AbstractContextManager[Stack]], *options: str) -> Iterator[tuple[Key, str, float]]:
    """Runs each operation by each of the stacks, one after the other; gives the stack's key and the seconds.

    :param options: further ones of the CLI.
    """
    with ExitStack() as opened:
        entered = {key: opened.enter_context(stack) for key, stack in stacks.items()}
        for operation in OPERATIONS:
            for key, stack in entered.items():
                yield key, operation, stack.run(operation, *options).seconds


@contextmanager
def alone(kind: str, latency: int, count: int, settings: dict[str, str] | None = None) -> Iterator[Stack]:
    """A stack whose account has no other stores."""
    with emulator(latency) as url, new_stack(kind, count, url, settings or {}) as stack:
        yield stack


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """The items, beginning with another one."""
    start = by % len(items)
    return [*items[start:], *items[:start]]


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
        with emulator(0, log) as url, CountingRelay(url, log) as relay, new_stack(kind, count, relay.url, {}) as stack:
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


def growth(counts: list[int], rounds: int) -> list[Figures]:
    """How the cost of a create grows with the number of stores, without latency."""
    compared: list[tuple[str, dict[str, str]]] = [("floor", {}), ("ours", {})]
    return [
        {"kind": kind, "stores": count, **cost}
        for count in counts
        for (kind, _), cost in zip(compared, _creates(compared, count, rounds, latency=0), strict=True)
    ]


def with_settings(count: int, rounds: int) -> list[Figures]:
    """What settings of Pulumi's CLI bring to a create of ours, without latency; the first row is without any."""
    compared = [("ours", dict.fromkeys(names, "true")) for names in SETTINGS]
    found = _creates(compared, count, rounds, latency=0)
    return [{"settings": list(names), "stores": count, **cost} for names, cost in zip(SETTINGS, found, strict=True)]


def with_bytecode(rounds: int) -> list[Figures]:
    """What Python's bytecode brings to a create of one store of ours: where it is kept, and where it is not."""
    with tempfile.TemporaryDirectory(prefix="bench-") as empty:
        without = {"PYTHONPYCACHEPREFIX": empty, "PYTHONDONTWRITEBYTECODE": "1"}
        found = _creates([("ours", {}), ("ours", without)], 1, rounds, latency=0)
    return [
        {"bytecode": kept, "stores": 1, "seconds": cost["seconds"]}
        for kept, cost in zip((True, False), found, strict=True)
    ]


def with_concurrency(count: int, rounds: int) -> list[Figures]:
    """What ``maxConcurrency`` brings to a create of ours, at the latency."""
    compared = [("ours", {"LAUNCHDARKLY_MAX_CONCURRENCY": str(most)}) for most in CONCURRENCY]
    found = _creates(compared, count, rounds, LATENCY_MS)
    return [
        {"max_concurrency": most, "stores": count, "seconds": cost["seconds"]}
        for most, cost in zip(CONCURRENCY, found, strict=True)
    ]


def _creates(compared: Sequence[tuple[str, dict[str, str]]], count: int, rounds: int, latency: int) -> list[Figures]:
    """Median seconds, and the bytes written to disk, of a create by each kind with its environment."""
    found: dict[int, list[Cost]] = defaultdict(list)
    for number in range(rounds):
        say(f"creating {count} stores, round {number + 1} of {rounds}")
        for place in rotated(range(len(compared)), number):
            kind, settings = compared[place]
            with alone(kind, latency, count, settings) as stack:
                found[place].append(stack.run("create"))
    return [
        {
            "seconds": round(median(cost.seconds for cost in found[place]), 2),
            "bytes_written": round(median(cost.bytes_written for cost in found[place])),
        }
        for place in range(len(compared))
    ]


def take_signals() -> None:
    """Lets SIGTERM do what Ctrl-C does: the stacks and the servers that are running end with the bench.

    And lets nobody ignore Ctrl-C, as a shell has its background processes do: Pulumi ends its language hosts so, and
    waits for each that does not end for five seconds.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def say(text: str) -> None:
    """Tells what is being measured."""
    print(text, file=sys.stderr, flush=True)


def medians(seconds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of each operation's seconds."""
    return {operation: round(median(each), 3) for operation, each in seconds.items()}
