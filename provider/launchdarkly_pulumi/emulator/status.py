"""What is known of a store's state: the ``_status`` of an integration, and why a store cannot be used.

No message quotes what a client or a store said: only words of our own, and the config's fields that are no secrets.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

KEPT_ERRORS = 10

REFUSED = 400
UNREACHABLE = 503


class StoreError(Exception):
    """A store that cannot be used, and why."""

    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message


class History:
    """What is remembered about one integration's store, for many threads at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Times are in milliseconds; 0 is never.
        self._last_sync = 0
        self._last_error = 0
        self._errors: deque[dict[str, Any]] = deque(maxlen=KEPT_ERRORS)  # newest first

    def succeeded(self, now: int) -> None:
        """The store was synchronized."""
        with self._lock:
            self._last_sync = now

    def failed(self, failure: StoreError) -> None:
        """The store could not be synchronized. An error that repeats is kept once, with its latest time."""
        with self._lock:
            self._last_error = milliseconds()
            if self._errors and self._errors[0]["message"] == failure.message:
                self._errors.popleft()
            error = {"statusCode": failure.status_code, "message": failure.message, "timestamp": self._last_error}
            self._errors.appendleft(error)

    def status(self, available: bool) -> dict[str, Any]:
        """The ``_status`` of an integration whose store is available, or is not."""
        with self._lock:
            return {
                "available": available,
                "potentiallyStale": not available,
                "lastSync": self._last_sync,
                "lastError": self._last_error,
                "errors": list(self._errors),
            }


def milliseconds() -> int:
    """The time now, as LaunchDarkly writes it."""
    return int(time.time() * 1000)


def missing_client(package: str) -> StoreError:
    """The client library of this kind of store is not installed."""
    return StoreError(UNREACHABLE, f"the emulator needs {package} for this store: pip install {package}")


def address(host: str, port: int | None) -> str:
    """Host and port as they are written together."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"
