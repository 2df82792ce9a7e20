"""Writes a store as LaunchDarkly does: the marker and the sets of members. By hand, not by the product's names."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable

import redis


def now() -> int:
    """The milliseconds since 1970."""
    return int(time.time() * 1000)


def hashed(context_key: str) -> str:
    """What stands for a context in a store."""
    return base64.b64encode(hashlib.sha256(context_key.encode()).digest()).decode()


def mark(client: redis.Redis, prefix: str, value: object = None) -> None:
    """Writes the marker: the present, unless there is a value."""
    client.set(f"{prefix}:big_segments_synchronized_on", str(now() if value is None else value))


def include(client: redis.Redis, prefix: str, context_key: str, references: Iterable[str]) -> None:
    """Makes a context a member of segments, by references such as ``beta.g1``."""
    client.sadd(f"{prefix}:big_segment_include:{hashed(context_key)}", *references)


def exclude(client: redis.Redis, prefix: str, context_key: str, references: Iterable[str]) -> None:
    """Takes a context out of segments."""
    client.sadd(f"{prefix}:big_segment_exclude:{hashed(context_key)}", *references)
