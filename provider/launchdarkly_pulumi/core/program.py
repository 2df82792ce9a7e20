"""What a run knows of the program whose stores it is about; the door finds it out, each in its own way."""

from __future__ import annotations

import threading
from collections.abc import Iterable

Place = tuple[str, str]
"""The keys of a project and of one of its environments."""


class Program:
    """The program, as far as anybody has reported it.

    ``declares`` is set once it has declared something: a plain refresh compares too, and nothing will be sent then.
    ``is_preview`` is set where this is a preview, and ``places`` are then those of its stores.
    ``has_many_stores`` is set once it is known that it declares more than one, and ``organization`` is the stack's.
    ``urns`` are those of all its stores, once they are known.
    """

    def __init__(self) -> None:
        self.declares = False
        self.is_preview = False
        self.has_many_stores = False
        self.organization = ""
        self.places: frozenset[Place] = frozenset()
        self.urns: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def add(self, places: Iterable[Place] = (), urns: Iterable[str] = ()) -> None:
        """More of its stores are known: where they are, and what Pulumi calls them."""
        with self._lock:
            self.places |= frozenset(places)
            self.urns |= frozenset(urns)
