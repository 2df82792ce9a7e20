"""What has to be said to people, and whether they still want the operation: each door shows it in its own way."""

from __future__ import annotations

import threading
from typing import Protocol


class Reporter(Protocol):
    """Where messages go. A message belongs to the resource that the call is about, which the door knows."""

    cancelled: threading.Event
    """Set once the run is being cancelled."""

    def info(self, text: str) -> None:
        """A line about the resource."""

    def warn_once(self, text: str, about: str = "") -> None:
        """A warning, once a run.

        :param about: what it is about where it concerns the whole run: it is given once for that.
        """

    def warn_of_resource(self, text: str) -> None:
        """A warning, once a run for each resource."""

    def progress(self, text: str, urn: str = "") -> None:
        """A status line of a resource, which the next one replaces; of the stack without a ``urn``."""
