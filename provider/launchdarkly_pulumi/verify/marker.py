"""Judging the marker, the moment of the last synchronization, beside the clocks and LaunchDarkly's word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional, Union

from .checks import Check, Unread, failed, passed, unchecked

STALE_AFTER = 120.0
"""Seconds, after which SDKs call a store stale unless they are configured otherwise."""

FUTURE = 5.0
"""Seconds that a marker may be ahead of this machine's clock."""

CLOCKS_APART = 10.0
"""Seconds that this machine's clock and the store's may be apart."""

SYNCS_APART = 300.0
"""Seconds that the marker may be behind LaunchDarkly's last synchronization."""

SHOWN_PREFIXES = 5

ADVICE = (
    "Look whether LaunchDarkly is given this very store, and may write to it: it writes under the client-side ID, and "
    "under no other prefix."
)

_DIGITS = re.compile(r"[0-9]{1,18}")

Value = Union[str, None, Unread]
"""A marker as it is stored; ``None``: there is none."""


@dataclass(frozen=True)
class Clocks:
    """The time, in seconds since 1970.

    :param here: this machine's, which its SDKs go by.
    :param store: the store's at the same moment.
    """

    here: float
    store: Union[float, Unread]


@dataclass(frozen=True)
class Markers:
    """All markers that a search has found.

    :param found: a place, as ``database 0``, and a prefix for each.
    :param complete: whether everything was searched.
    """

    found: tuple[tuple[str, str], ...]
    complete: bool


def seconds_of(value: Value) -> Optional[float]:
    """The moment that a marker names; ``None`` for one that is none, or not in plain digits."""
    return int(value) / 1000 if isinstance(value, str) and _DIGITS.fullmatch(value) else None


def judge(key: str, value: Value, clocks: Clocks) -> Check:
    """Whether SDKs take the store for up to date.

    :param key: the marker's, for the message.
    """
    if isinstance(value, Unread):
        return unchecked("marker", value.why)
    if value is None:
        return failed(
            "marker",
            f"there is no {key}",
            "SDKs say STALE, log no error, and nobody is a member of a big segment",
            ADVICE,
        )
    moment = seconds_of(value)
    if moment is None:
        return failed(
            "marker",
            f"{key} is not in plain digits",
            "the Python SDK takes the store for unavailable, where Node's may say HEALTHY",
            "Find what else writes this key: LaunchDarkly and the Relay Proxy write whole milliseconds.",
        )
    return _judge_age(f"{shown(moment)}, under {key}", clocks.here - moment)


def _judge_age(found: str, age: float) -> Check:
    if age < -FUTURE:
        return failed(
            "marker",
            f"{found}: {duration(-age)} in the future by this machine's clock",
            "SDKs say HEALTHY until then, whatever happens to the store",
            "Set the clocks of this machine and of what writes the marker by the same time servers.",
        )
    if age > STALE_AFTER:
        return failed(
            "marker",
            f"{found}: {duration(age)} ago",
            f"SDKs say STALE after {duration(STALE_AFTER)}, unless they are configured otherwise",
            "Look why LaunchDarkly does not write: its status above, the store's address, rights and memory.",
        )
    return passed("marker", f"{found}: {duration(max(0.0, age))} ago")


def judge_clocks(clocks: Clocks) -> Check:
    """Whether this machine's clock is right, as far as the store's tells."""
    if isinstance(clocks.store, Unread):
        return unchecked("clock", clocks.store.why)
    apart = clocks.here - clocks.store
    if abs(apart) <= CLOCKS_APART:
        return passed("clock", f"this machine's and the store's are at most {duration(CLOCKS_APART)} apart")
    return failed(
        "clock",
        f"this machine's is {duration(abs(apart))} {'ahead of' if apart > 0 else 'behind'} the store's",
        "SDKs compare the marker with their own clock: STALE comes too early, or too late",
        "Synchronize this machine's clock.",
    )


def judge_last_sync(value: Value, last_sync: Optional[datetime]) -> Check:
    """Whether the marker is LaunchDarkly's: it tells when it last synchronized the store."""
    moment = seconds_of(value)
    if moment is None:
        return unchecked("last-sync", "there is no marker to compare with LaunchDarkly's last synchronization")
    if last_sync is None:
        return unchecked("last-sync", "LaunchDarkly reports no synchronization to compare the marker with")
    told = f"LaunchDarkly reports {shown(last_sync.timestamp())}"
    behind = last_sync.timestamp() - moment
    if behind > SYNCS_APART:
        return failed(
            "last-sync",
            f"{told}, the marker is {duration(behind)} older",
            "LaunchDarkly has synchronized another store than this one",
            "Compare host, port and database, or table and region: LaunchDarkly writes to database 0 of a Redis.",
        )
    apart = f"{duration(abs(behind))} {'older' if behind > 0 else 'newer'}"
    return passed("last-sync", f"{told}, the marker is {apart}")


def judge_others(prefix: Optional[str], markers: Union[Markers, Unread]) -> Check:
    """Under which prefixes there are markers, and where."""
    name = "prefixes-in-use"
    if isinstance(markers, Unread):
        return unchecked(name, markers.why)
    if not markers.complete and not markers.found:
        return unchecked(name, "no marker was found, but the store is too large to search the whole of it")
    found = f"markers are {_listed(markers.found)}" + ("" if markers.complete else "; not everything was searched")
    if not markers.found:
        return failed(name, "there is no marker at all", "nobody has ever synchronized this store", ADVICE)
    if prefix is None:
        return unchecked(name, f"{found}; which one is right is not known without the client-side ID")
    if prefix in (each for _, each in markers.found):
        return passed(name, found)
    return failed(name, f"{found}, and none under {prefix}", "SDKs find nothing under the client-side ID", ADVICE)


def _listed(found: Sequence[tuple[str, str]]) -> str:
    shown_ones = [f"under {prefix or 'no prefix'} in {place}" for place, prefix in found[:SHOWN_PREFIXES]]
    more = len(found) - SHOWN_PREFIXES
    return ", ".join(shown_ones) + (f", and {more} more" if more > 0 else "")


def shown(moment: float) -> str:
    """A moment as people read it; one that no calendar has, as a number."""
    try:
        return f"{datetime.fromtimestamp(moment, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{moment:.0f} s after 1970"


def duration(seconds: float) -> str:
    """Seconds as people say them, in the two largest units."""
    rest, parts = round(seconds), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
