"""What a stack has: the stores of its state, which the door can read, and those that the run has met."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Optional

from ..model.ids import IntegrationId
from .own import Owners
from .program import Program

StoresOfStack = Mapping[str, IntegrationId]
"""Stores by the URNs of their resources."""

FindStores = Callable[[str, str], Optional[StoresOfStack]]
"""Reads a stack's state, given the URN of one of its resources and its organization; ``None`` where it cannot."""


def nobody_knows(_urn: str, _organization: str) -> None:
    """Where there is no stack, or nobody can read its state."""


class Stack:
    """The stack of a run, whose state is read at most once, and only where it decides about somebody's data.

    :param find: reads the state.
    :param program: what is known of the program.
    :param owners: the resources that the run has met.
    """

    def __init__(self, find: FindStores, program: Program, owners: Owners) -> None:
        self._find = find
        self._program = program
        self._owners = owners
        self._lock = threading.Lock()
        self._found: Optional[tuple[Optional[StoresOfStack]]] = None

    def stores(self, urn: str) -> Optional[StoresOfStack]:
        """The stores that the state had when this was first asked; ``None`` where it cannot be read.

        :param urn: of any resource of the stack.
        """
        with self._lock:
            if self._found is None:
                self._found = (self._find(urn, self._program.organization) if urn else None,)
            return self._found[0]

    def other_owners(self, urn: str, id_: IntegrationId) -> list[str]:
        """The URNs of the other resources that have an integration, as far as the state can be read."""
        return [other for other, its in (self.stores(urn) or {}).items() if its == id_ and other != urn]

    def ids(self, urn: str, *, own: bool = False) -> set[str]:
        """LaunchDarkly's IDs of what other resources of the stack have, or ask for.

        :param urn: of the resource that asks.
        :param own: also that of this resource.
        """
        stores = self.stores(urn) or {}
        owned = [id_ for other, id_ in stores.items() if own or other != urn]
        met = self._owners.of_others("" if own else urn)
        return {id_.integration_id for id_ in (*owned, *met)}
