"""Cuts connections at a deadline: a time-out for each read would let a server that drips bytes go on for ever."""

from __future__ import annotations

import itertools
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Watched:
    """One exchange.

    :param end: when it has to be over, on the monotonic clock.
    :param sockets: those that its request may have been sent on.
    """

    end: float
    sockets: list[Any] = field(default_factory=list)
    was_cut: bool = False

    def begin(self, connected: Any) -> None:
        """Lets the watchdog know the connection's socket: later it may be in the answer alone."""
        if self.was_cut:
            raise TimeoutError("there is no time left to send anything")
        self.sockets.append(connected)

    def cut(self) -> None:
        """Shuts the connection down, whatever it is doing."""
        self.was_cut = True
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """One thread that watches over all exchanges of a process, asleep until the first of them has to end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: dict[int, Watched] = {}
        self._numbers = itertools.count()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, seconds: float) -> Iterator[Watched]:
        """Watches over an exchange that has so many seconds."""
        watched = Watched(time.monotonic() + max(0.0, seconds))
        with self._changed:
            number = next(self._numbers)
            self._watched[number] = watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="launchdarkly-watchdog", daemon=True)
                self._thread.start()
            elif watched.end < self._wakes_at:
                self._changed.notify()
        try:
            yield watched
        finally:
            with self._changed:
                self._watched.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for number in [number for number, each in self._watched.items() if each.end <= now]:
                    self._watched.pop(number).cut()
                self._wakes_at = min((each.end for each in self._watched.values()), default=math.inf)
                self._changed.wait(None if self._wakes_at == math.inf else self._wakes_at - now)
