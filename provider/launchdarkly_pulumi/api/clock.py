"""Time, passed in so that tests can replace it: waits that a cancelled run ends, and deadlines.

What belongs here: whatever reads a clock or sleeps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import Interrupted

LONGEST_DEAFNESS = 0.5
"""Seconds until a wait notices that the run is being cancelled."""


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
        """Waits for some seconds; not at all for none or fewer.

        :raises Interrupted: the run is being cancelled.
        """
        self.require_running()
        if seconds > 0:
            self.sleep(seconds)
            self.require_running()

    def await_event(self, event: threading.Event, seconds: float) -> bool:
        """Waits until an event is set, at most for some seconds; whether it is set.

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
