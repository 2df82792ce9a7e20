"""What is tried again, and when; time itself is passed in.

Sources: LaunchDarkly's API reference, "Rate limiting" (windows of ten seconds; ``X-Ratelimit-Reset`` in
epoch milliseconds, ``Retry-After`` in seconds) and RFC 9110, section 10.2.3.
"""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Optional

from .errors import Interrupted

MAX_ATTEMPTS = 5
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
LONGEST_RESET = 20.0
"""Seconds. Windows last ten seconds: a reset further away comes from a skewed clock."""

LOW_QUOTA = 20
"""Requests left in a window of the account's, below which a run spreads its own over the rest of the window."""

RETRY_BUDGET = 20.0
BUDGET_REGAINED = 0.5
"""Retries that a run may make at once, and what each success gives back: a failing account gets no storm."""

REPEATABLE_METHODS = frozenset({"GET", "DELETE"})
REPEATABLE_STATUSES = frozenset({429, 500, 502, 503, 504})
RATE_LIMITED = 429

LONGEST_DEAFNESS = 0.5
"""Seconds until a wait notices that the run is being cancelled."""

_NUMBER = re.compile(r"[0-9]{1,30}")


@dataclass(frozen=True)
class Clock:
    """Time as the provider sees it: seconds that only grow, epoch seconds, and waits that a cancelled run ends.

    :param sleep: waits for some seconds; it may return early once ``cancelled`` is set.
    :param cancelled: is set when the run is being cancelled.
    """

    monotonic: Callable[[], float] = time.monotonic
    epoch: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    cancelled: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of_run(cls, cancelled: threading.Event) -> Clock:
        """The real time, whose waits end as soon as the event is set."""
        return cls(sleep=cancelled.wait, cancelled=cancelled)

    def require_running(self) -> None:
        """:raises Interrupted: the run is being cancelled."""
        if self.cancelled.is_set():
            raise Interrupted

    def pause(self, seconds: float) -> None:
        """Waits for some seconds; not at all where they are over already.

        :raises Interrupted: the run is being cancelled.
        """
        self.require_running()
        if seconds > 0:
            self.sleep(seconds)
            self.require_running()

    def await_event(self, event: threading.Event, seconds: float) -> bool:
        """Waits until an event is set, for so many seconds at the most; whether it is.

        :raises Interrupted: the run is being cancelled.
        """
        end = time.monotonic() + seconds
        while not event.wait(max(0.0, min(LONGEST_DEAFNESS, end - time.monotonic()))):
            self.require_running()
            if time.monotonic() >= end:
                return False
        return True


class Deadline:
    """The time that an operation has for all its attempts, in seconds."""

    def __init__(self, seconds: float, clock: Clock = Clock()) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; negative when it is over."""
        return self._end - self._clock.monotonic()


class Pace:
    """What the workers of a run share, so that together they do not press a server that is in trouble."""

    def __init__(self, clock: Clock = Clock(), jitter: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._next_turn = 0.0
        self._spacing = 0.0
        self._window_ends = 0.0
        self._budget = RETRY_BUDGET

    def hold_all(self, seconds: float) -> None:
        """Lets nobody send anything for so long, after a rate limit."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Spreads the next requests over the window where few are left of it, before LaunchDarkly has to refuse any.

        :param headers: an answer's headers, by lower-case name.
        """
        counts = [
            _number(headers.get(name)) for name in ("x-ratelimit-global-remaining", "x-ratelimit-route-remaining")
        ]
        left = min((count for count in counts if count is not None), default=math.inf)
        window = time_to_reset(headers, self._clock.epoch())
        with self._lock:
            now = self._clock.monotonic()
            self._window_ends = now + window
            self._spacing = window / (left + 1) if left < LOW_QUOTA else 0.0
            self._next_turn = max(self._next_turn, now + self._spacing) if self._spacing else 0.0

    def held_time(self) -> float:
        """Seconds for which nobody may send anything; jitter spreads those that wait together."""
        with self._lock:
            held = self._closed_until - self._clock.monotonic()
        return held + FIRST_BACKOFF * self._jitter() if held > 0 else 0.0

    def wait_time(self) -> float:
        """Seconds that the next request has to wait: for a limit, and for its turn where few are left."""
        with self._lock:
            spaced = self._next_turn - self._clock.monotonic()
        return max(self.held_time(), spaced)

    def take_turn(self) -> float:
        """The same for a request that will be sent: the one after it comes later where few are left."""
        wait = self.wait_time()
        with self._lock:
            if self._spacing:
                self._next_turn = min(self._clock.monotonic() + wait + self._spacing, self._window_ends)
        return wait

    def may_retry(self) -> bool:
        """Takes a retry out of the budget, if there is one left."""
        with self._lock:
            allowed = self._budget >= 1
            self._budget -= 1 if allowed else 0
            return allowed

    def succeeded(self) -> None:
        """Gives some of the budget back."""
        with self._lock:
            self._budget = min(RETRY_BUDGET, self._budget + BUDGET_REGAINED)


def is_repeatable(method: str, status: Optional[int]) -> bool:
    """Whether a failed call may be sent again; ``status`` is ``None`` when there was no answer.

    A POST or PATCH may have taken effect before its answer was lost, so it is repeated only where
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

    :param headers: the answer's headers, by lower-case name.
    :param now: this machine's epoch seconds, used where the answer has no ``Date`` header.
    """
    seconds, until = _number(headers.get("retry-after")), _epoch_seconds(headers.get("retry-after"))
    if seconds is not None:
        return seconds
    if until is not None:
        return max(0.0, until - _server_time(headers, now))
    return time_to_reset(headers, now)


def time_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until ``X-Ratelimit-Reset``, however skewed it is; 0 without it.

    The arguments are those of :func:`demanded_wait`.
    """
    reset = _number(headers.get("x-ratelimit-reset"))
    return 0.0 if reset is None else min(max(0.0, reset / 1000 - _server_time(headers, now)), LONGEST_RESET)


def _server_time(headers: Mapping[str, str], now: float) -> float:
    told = _epoch_seconds(headers.get("date"))
    return now if told is None else told


def _epoch_seconds(date: Optional[str]) -> Optional[float]:
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _number(text: Optional[str]) -> Optional[float]:
    found = _NUMBER.fullmatch((text or "").strip(" \t"))
    return float(found[0]) if found else None
