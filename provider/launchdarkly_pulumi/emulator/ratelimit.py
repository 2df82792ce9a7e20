"""The account's rate limit: so many requests in a fixed window of ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 10


@dataclass(frozen=True)
class Quota:
    """What one request finds."""

    exceeded: bool
    headers: dict[str, str]


class RateLimiter:
    """Counts requests. A window opens with the first request after the last one closed."""

    def __init__(self, limit: int | None, clock: Callable[[], float] = time.time) -> None:
        """Count up to a limit; ``None`` counts nothing and adds no headers."""
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._closes = 0.0
        self._used = 0

    def take(self) -> Quota:
        """Count one request."""
        if self._limit is None:
            return Quota(False, {})
        with self._lock:
            now = self._clock()
            if now >= self._closes:
                self._closes, self._used = now + WINDOW_SECONDS, 0
            self._used += 1
            # One limit serves as the account's and each route's, so that the same number is left of both.
            remaining = str(max(0, self._limit - self._used))
            headers = {
                "X-Ratelimit-Global-Remaining": remaining,
                "X-Ratelimit-Route-Remaining": remaining,
                "X-Ratelimit-Reset": str(int(self._closes * 1000)),
            }
            return Quota(self._used > self._limit, headers)
