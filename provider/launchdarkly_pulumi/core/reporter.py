"""The messages of an operation, and the request to cancel it: each door implements both in its own way."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextvars import ContextVar
from typing import Optional, Protocol


class Reporter(Protocol):
    """Shows messages. They belong to the resource that the current call is about, which the door knows."""

    cancelled: threading.Event
    """Set once the run is being cancelled."""

    def info(self, text: str) -> None:
        """Shows a line about the resource."""

    def warn_once(self, text: str, about: str = "") -> None:
        """Shows a warning once a run.

        :param about: its subject, if it concerns the whole run: one warning is shown for each subject.
        """

    def warn_of_resource(self, text: str) -> None:
        """Shows a warning once a run for each resource."""

    def progress(self, text: str, urn: str = "") -> None:
        """Shows a status line that replaces the last one: of a resource or, without a ``urn``, of the stack."""

    def is_heard(self) -> bool:
        """Whether somebody takes what comes of an operation: an engine that was killed does not."""


current_urn: ContextVar[str] = ContextVar("current_urn", default="")
"""The resource that the engine's call in this thread is about: messages appear in its diagnostics."""


class CallReporter(ABC):
    """The part that the reporters of the doors share: where a message belongs, and which were shown before.

    :param cancelled: is set when the run is being cancelled.
    """

    def __init__(self, cancelled: Optional[threading.Event] = None) -> None:
        self.cancelled = cancelled or threading.Event()
        self._said: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def info(self, text: str) -> None:
        """Shows a line in the diagnostics of the resource that the call is about."""
        self._log("INFO", text, current_urn.get())

    def warn_of_resource(self, text: str) -> None:
        """Shows a warning once a run for each resource, in its diagnostics."""
        place = current_urn.get()
        if self._is_news(place, text):
            self._log("WARNING", text, place)

    def warn_once(self, text: str, about: str = "") -> None:
        """Shows a warning once a run, in the diagnostics of the resource that the call is about.

        :param about: its subject, if it concerns the whole run: one warning is shown for each subject, under the stack.
        """
        if self._is_news("", about or text):
            self._log("WARNING", text, "" if about else current_urn.get())

    def _is_news(self, place: str, text: str) -> bool:
        with self._lock:
            is_news = (place, text) not in self._said
            self._said.add((place, text))
            return is_news

    def is_heard(self) -> bool:
        """Whether the engine is there; where there is none, a person takes what comes of it."""
        return True

    @abstractmethod
    def _log(self, severity: str, text: str, urn: str = "", *, ephemeral: bool = False) -> bool:
        """Shows a message.

        :param severity: ``INFO`` or ``WARNING``.
        :param ephemeral: whether it is a status line, which the next one replaces.
        :returns: whether the engine, if there is one, has taken it.
        """
