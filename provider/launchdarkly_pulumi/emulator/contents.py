"""What is in one store: it is brought up to date write by write, and what was written is read back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Protocol

from .segments import Copy, Patch, SetName
from .status import REFUSED, StoreError, milliseconds


class Store(Protocol):
    """A store as it is written to. Each method may end with a :class:`StoreError`."""

    batch: int
    """How many contexts a patch may have."""

    def cursor(self) -> str | None:
        """Which patch was the last one."""

    def apply(self, patch: Patch | None, before: str | None, after: str) -> None:
        """Write a patch, if there is one, and the cursor, which must be as it was before."""

    def mark(self, now: int) -> None:
        """Write the marker."""

    def marker(self) -> str | None:
        """Read the marker."""

    def close(self) -> None:
        """Close the connections."""


class Contents:
    """What a store has of an environment's segments, as this emulator knows it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.marked = 0
        """The latest marker that was written and read back; 0: none."""
        self._copy = Copy()
        self._writer = secrets.token_hex(6)
        self._patches = 0
        self._cursor: str | None = None

    def refresh(self, wanted: Mapping[SetName, frozenset[str]]) -> Iterator[None]:
        """Bring the store up to date: each step is one write, the last one the marker."""
        cursor = self.store.cursor()
        if cursor is None or cursor != self._cursor:
            # It is new, it has lost what it had, somebody else writes there, or the last refresh was cut off.
            self._copy.doubt()
            cursor = self._apply(None, cursor)
            yield
        for patch in self._copy.patches(wanted, self.store.batch):
            cursor = self._apply(patch, cursor)
            yield
        self._mark()

    def _apply(self, patch: Patch | None, cursor: str | None) -> str:
        self._patches += 1
        after = f"{self._writer}.{self._patches}"
        self.store.apply(patch, cursor, after)
        self._cursor = after
        return after

    def _mark(self) -> None:
        now = milliseconds()
        self.store.mark(now)
        if self.store.marker() != str(now):
            raise StoreError(REFUSED, "the store did not keep what was written: the marker is another one, or gone")
        self.marked = now
