"""Which requests are repeated, and after which wait. Pure: time is passed in.

What belongs here: decisions about one request. What the requests of a run share is in `throttle`.

Sources: LaunchDarkly's API reference, "Rate limiting" (windows of ten seconds; ``X-Ratelimit-Reset`` in
epoch milliseconds, ``Retry-After`` in seconds) and RFC 9110, section 10.2.3.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Optional

MAX_ATTEMPTS = 5
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
LONGEST_RESET = 20.0
"""Seconds. Windows last ten seconds: a later reset comes from a skewed clock."""


REPEATABLE_METHODS = frozenset({"GET", "DELETE"})
REPEATABLE_STATUSES = frozenset({429, 500, 502, 503, 504})
RATE_LIMITED = 429
_NUMBER = re.compile(r"[0-9]{1,30}")


def is_repeatable(method: str, status: Optional[int]) -> bool:
    """Whether a failed request may be repeated; ``status`` is ``None`` when there was no response.

    A POST or PATCH may have taken effect before its response was lost, so it is repeated only where
    LaunchDarkly says that it did nothing: at a rate limit.
    """
    if method in REPEATABLE_METHODS:
        return status is None or status in REPEATABLE_STATUSES
    return status == RATE_LIMITED


def backoff(attempt: int, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before the next attempt: full jitter below 0.5 s, doubled each time, up to 20 s.

    :param attempt: 0 for the wait after the first attempt.
    """
    return float(min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt) * jitter())


def demanded_wait(headers: Mapping[str, str], now: float) -> float:
    """Seconds that the server asks to wait: ``Retry-After``, else until ``X-Ratelimit-Reset``; 0 without either.

    :param headers: the response's headers, by lower-case name.
    :param now: this machine's epoch seconds, used where the response has no ``Date`` header.
    """
    seconds, until = number(headers.get("retry-after")), _epoch_seconds(headers.get("retry-after"))
    if seconds is not None:
        return seconds
    if until is not None:
        return max(0.0, until - _server_time(headers, now))
    return time_to_reset(headers, now)


def time_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until ``X-Ratelimit-Reset``, at most ``LONGEST_RESET``; 0 without it.

    The arguments are those of :func:`demanded_wait`.
    """
    reset = number(headers.get("x-ratelimit-reset"))
    return 0.0 if reset is None else min(max(0.0, reset / 1000 - _server_time(headers, now)), LONGEST_RESET)


def _server_time(headers: Mapping[str, str], now: float) -> float:
    reported = _epoch_seconds(headers.get("date"))
    return now if reported is None else reported


def _epoch_seconds(date: Optional[str]) -> Optional[float]:
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def number(text: Optional[str]) -> Optional[float]:
    """The number that a header holds; ``None`` where it holds none."""
    found = _NUMBER.fullmatch((text or "").strip(" \t"))
    return float(found[0]) if found else None
