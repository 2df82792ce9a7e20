"""What a run knows of the program that declares the stores; each door finds it out in its own way."""

from __future__ import annotations

import threading
from collections.abc import Iterable

Place = tuple[str, str]
"""The keys of a project and of one of its environments."""


class Program:
    """What is known of the program so far.

    ``declares`` is true once it has declared a store; in a plain refresh, which compares too, it stays false.
    ``is_preview`` is true if this is a preview; ``places`` then has the places of the program's stores.
    ``organization`` is the stack's organization; empty if it is not known.
    ``urns`` has the URNs of all stores of the program, once they are known.
    """

    def __init__(self) -> None:
        self.declares = False
        self.is_preview = False
        self.organization = ""
        self.places: frozenset[Place] = frozenset()
        self.urns: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def add(self, places: Iterable[Place] = (), urns: Iterable[str] = ()) -> None:
        """Adds places and URNs of stores that the program declares."""
        with self._lock:
            self.places |= frozenset(places)
            self.urns |= frozenset(urns)
