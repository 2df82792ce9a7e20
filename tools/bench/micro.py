"""Small measurements: the patch engine beside ``jsonpatch``, and what importing the package costs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import jsonpatch

from launchdarkly_pulumi.model import patch

from .stacks import impersonal_environment

TAGS = (100, 1000, 10_000)
REPEATS = 25
PATIENCE = 0.25
"""Seconds; what takes longer is measured once."""
IMPORTS = 15

_TIME_IMPORT = """\
import time
import pulumi, pulumi.dynamic
began = time.perf_counter()
import launchdarkly_pulumi
print(time.perf_counter() - began)
"""


def patches() -> list[dict[str, Any]]:
    """Milliseconds and bytes of a patch, for edits of one field and of some of the tags, beside more and more tags."""
    rows = []
    for count in TAGS:
        actual = _document([f"tag-{number}" for number in range(count)])
        for edit, desired in (
            ("1 field", {**_copy(actual), "on": False}),
            *((f"{edited:,} tags", _document(_edited(actual["tags"], edited))) for edited in (3, count // 2, count)),
        ):
            rows.append({"tags": count, "edit": edit, **_compared(actual, desired)})
    return rows


def import_milliseconds() -> float:
    """What ``import launchdarkly_pulumi`` adds to ``import pulumi``: the median of fresh processes."""
    command = [sys.executable, "-c", _TIME_IMPORT]
    environment = impersonal_environment()
    runs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(IMPORTS)
    ]
    return round(median(float(each.stdout) for each in runs) * 1000, 1)


def _document(tags: list[str]) -> dict[str, Any]:
    config = {"host": "redis.example.com", "port": "6379", "username": "", "password": "", "tlsEnabled": True}
    return {"integrationKey": "redis", "name": "Store", "on": True, "tags": tags, "config": config}


def _copy(document: dict[str, Any]) -> dict[str, Any]:
    """Another document with the same values: those of a program and of LaunchDarkly are never the same objects."""
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def _edited(tags: list[str], count: int) -> list[str]:
    """The tags with so many others, spread over the whole list."""
    step = len(tags) // count
    places = set(range(0, step * count, step))
    return [f"other-{number}" if number in places else tag for number, tag in enumerate(tags)]


def _compared(actual: dict[str, Any], desired: dict[str, Any]) -> dict[str, Any]:
    """Ours alone, and with the check that is made of each patch before it is sent; and jsonpatch's."""
    wanted = {name: value for name, value in desired.items() if name != "integrationKey"}
    ours_ms, ours = _timed(lambda: patch.minimal_patch(actual, wanted))
    checked_ms, missed = _timed(lambda: patch.misses(patch.minimal_patch(actual, wanted), actual, wanted))
    if missed:
        raise RuntimeError(f"the patch misses {missed}")
    theirs_ms, theirs = _timed(lambda: jsonpatch.make_patch(actual, desired).patch)
    return {
        "ours_ms": ours_ms,
        "checked_ms": checked_ms,
        "ours_bytes": len(patch.encoded(ours)),
        "jsonpatch_ms": theirs_ms,
        "jsonpatch_bytes": len(patch.encoded(theirs)),
    }


def _timed(make: Callable[[], Any]) -> tuple[float, Any]:
    """The median milliseconds of some runs, and the result; of one run where that one takes long.

    Milliseconds of CPU: what else the machine does would count for more than ten times as many tags.
    """
    began = time.process_time()
    result = make()
    first = time.process_time() - began
    if first > PATIENCE:
        return round(first * 1000, 3), result
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        result = make()
        taken.append(time.process_time() - began)
    return round(median(taken) * 1000, 3), result
