"""The messages of an operation, and the request to cancel it: each door implements both in its own way."""

from __future__ import annotations

import threading
from typing import Protocol


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
