"""What the workers of a run share so that together they do not overload a server.

What belongs here: waits and budgets across requests. Decisions about one request are in `retry`.

Source: LaunchDarkly's API reference, "Rate limiting" (windows of ten seconds).
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping

from .clock import Clock
from .retry import FIRST_BACKOFF, number, time_to_reset

LOW_QUOTA = 20
"""Requests left in a window of the account's, below which a run spreads its own over the rest of the window."""

RETRY_BUDGET = 20.0
BUDGET_REGAINED = 0.5
"""Retries that a run may make at once, and what each success gives back: a server in trouble gets no storm."""


class Pace:
    """The common pace of the workers of a run."""

    def __init__(self, clock: Clock = Clock(), jitter: Callable[[], float] = random.random) -> None:  # noqa: B008 - frozen
        self._clock = clock
        self._jitter = jitter
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._next_turn = 0.0
        self._spacing = 0.0
        self._window_ends = 0.0
        self._budget = RETRY_BUDGET

    def hold_all(self, seconds: float) -> None:
        """Stops all requests for some seconds, after a rate limit."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Spreads the next requests over the rate limit's window where few are left, before LaunchDarkly refuses any.

        :param headers: a response's headers, by lower-case name.
        """
        counts = [number(headers.get(name)) for name in ("x-ratelimit-global-remaining", "x-ratelimit-route-remaining")]
        left = min((count for count in counts if count is not None), default=math.inf)
        window = time_to_reset(headers, self._clock.epoch())
        with self._lock:
            now = self._clock.monotonic()
            self._window_ends = now + window
            self._spacing = window / (left + 1) if left < LOW_QUOTA else 0.0
            self._next_turn = max(self._next_turn, now + self._spacing) if self._spacing else 0.0

    def held_time(self) -> float:
        """Seconds for which no request may be sent; jitter spreads the workers that wait."""
        with self._lock:
            held = self._closed_until - self._clock.monotonic()
        return held + FIRST_BACKOFF * self._jitter() if held > 0 else 0.0

    def wait_time(self) -> float:
        """Seconds that the next request has to wait: for a limit, and for its turn where few requests are left."""
        with self._lock:
            spaced = self._next_turn - self._clock.monotonic()
        return max(self.held_time(), spaced)

    def take_turn(self) -> float:
        """Like `wait_time`, and reserves the turn: the request after this one comes later where few are left."""
        wait = self.wait_time()
        with self._lock:
            if self._spacing:
                self._next_turn = min(self._clock.monotonic() + wait + self._spacing, self._window_ends)
        return wait

    def may_retry(self) -> bool:
        """Takes a retry out of the budget; whether there was one left."""
        with self._lock:
            allowed = self._budget >= 1
            self._budget -= 1 if allowed else 0
            return allowed

    def succeeded(self) -> None:
        """Gives some of the budget back."""
        with self._lock:
            self._budget = min(RETRY_BUDGET, self._budget + BUDGET_REGAINED)


class Line:
    """What all clients of an account share in one process: its pace, and how many requests may be under way at once.

    ``pace`` is the common pace, and ``slots`` has as many places as requests may be under way.

    :param most: how many requests may be under way at once.
    :param clock: time, for tests to replace.
    """

    def __init__(self, most: int, clock: Clock = Clock()) -> None:  # noqa: B008 - frozen
        self.pace = Pace(clock)
        self.slots = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._writes = 0

    @property
    def writes(self) -> int:
        """A number that is another one after each request that may have changed something, and at its beginning."""
        with self._lock:
            return self._writes

    def wrote(self) -> None:
        """Notes that a request begins or has ended that may change something."""
        with self._lock:
            self._writes += 1
