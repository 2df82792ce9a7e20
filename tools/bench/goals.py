"""Which goals the figures of one run meet. Pure: figures in, verdicts out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

AT_LATENCY = 1.15
WITHOUT_LATENCY = {"create": 1.10, "preview": 1.10, "update": 1.10, "refresh": 1.30, "destroy": 1.10}
"""How many times the floor an operation may take; at latency, of the floor and the unavoidable waiting."""

STORES = 100
LATENCY_MS = 100

REQUESTS = {
    "create": lambda stores: stores + 1,
    "preview": lambda stores: min(stores, 2) + stores // 50,
    "update": lambda stores: 2 * stores,
    "refresh": lambda stores: min(stores, 2) + stores // 50,
    "destroy": lambda stores: stores,
}
"""The most requests of an operation: one listing in place of a read each, and a sample for each 50 stores."""

IMPORT_MS = 40
"""Milliseconds that importing the package may add to ``import pulumi``."""


OF_DYNAMIC = {
    0: {"create": 0.85, "preview": 0.80, "update": 0.80, "refresh": 0.85, "destroy": 0.90},
    LATENCY_MS: {"create": 1.0, "preview": 1.0, "update": 1.0, "refresh": 1.0, "destroy": 1.0},
}
"""What an operation of the dynamic resource may take, by what an earlier build of it takes beside it: by latency."""

OF_PLUGIN = {
    0: {"create": 0.70, "preview": 0.60, "update": 0.70, "refresh": 0.75, "destroy": 0.85},
    LATENCY_MS: {"create": 0.75, "preview": 0.50, "update": 0.66, "refresh": 0.68, "destroy": 0.77},
}
"""Likewise for the plugin."""

MEMORY_OF_PLUGIN, START_OF_PLUGIN = 0.6, 0.5
"""The most memory of its process, and the time until it has printed its port, by those of the dynamic resource's."""

OF_FLEET = {"seconds": 0.25, "bytes": 0.15}
"""What a create of stores in ten stacks may take, by what one stack of all of them takes with an earlier build."""

PACE_OF_FLEET = 1.2
"""What it may take with a rate limit, by the time in which the limit lets its requests pass."""

MEMORY_OF_FLEET = 1.3
"""What the memory of the provider's process may be with more stores, by what it is with the fewest."""


PATCH_MS, CHECKED_PATCH_MS = 0.5, 1.2
"""Milliseconds for the patch of one field beside 1,000 tags: alone, and with the check that precedes its request."""

PATCH_GROWTH = 12
"""How many times the milliseconds for 1,000 tags those for 10,000 may be: ten times are linear, the rest is noise."""


class Times(NamedTuple):
    """Seconds that an operation takes: of the resource that does nothing, and of ours at 0 and at 100 ms a request."""

    floor: float
    without_latency: float
    at_latency: float


class Verdict(NamedTuple):
    """One goal: what was measured, what it may be at most."""

    name: str
    measured: float
    limit: float

    @property
    def is_met(self) -> bool:
        """Whether the measured figure is within the limit."""
        return self.measured <= self.limit


def of_speed(operation: str, times: Times, requests: int, cores: int) -> list[Verdict]:
    """The goals for the time that an operation on 100 stores takes; ``requests`` is how many ours sends."""
    waiting = requests * LATENCY_MS / 1000 / (4 * cores)
    return [
        Verdict(f"{operation} at 0 ms", times.without_latency, WITHOUT_LATENCY[operation] * times.floor),
        Verdict(f"{operation} at 100 ms", times.at_latency, AT_LATENCY * (times.floor + waiting)),
    ]


def of_import(milliseconds: float) -> Verdict:
    """The goal for what importing the package costs."""
    return Verdict("import: ms", milliseconds, IMPORT_MS)


def of_requests(operation: str, requests: int, stores: int = STORES) -> Verdict:
    """The goal for the number of requests."""
    return Verdict(f"{operation}: requests", requests, REQUESTS[operation](stores))


def of_patches(patched_ms: Mapping[int, float], checked_ms: Mapping[int, float]) -> list[Verdict]:
    """The goals for a patch of one field: milliseconds by the number of tags, without and with the check."""
    return [
        Verdict("patch beside 1,000 tags: ms", patched_ms[1000], PATCH_MS),
        Verdict("patch and check beside 1,000 tags: ms", checked_ms[1000], CHECKED_PATCH_MS),
        Verdict(
            "patch and check beside 10,000 tags: ms", checked_ms[10_000], round(PATCH_GROWTH * checked_ms[1000], 3)
        ),
    ]
