"""The stores of a stack: those of its state, which a door can read, and those that the run has met."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Optional

from ..model.ids import IntegrationId
from .own import Owners
from .program import Program

StoresOfStack = Mapping[str, IntegrationId]
"""Stores by the URNs of their resources."""

FindStores = Callable[[str, str], Optional[StoresOfStack]]
"""Reads a stack's state, given the URN of one of its resources and its organization; ``None`` if it cannot be read."""


def nobody_knows(_urn: str, _organization: str) -> None:
    """The ``FindStores`` for runs without a stack, or without a way to read its state."""


class Stack:
    """The stack of a run. Its state is read at most once, and only if an adoption, a create or a delete depends on it.

    :param find: reads the state.
    :param program: what is known of the program.
    :param owners: the resources that the run has met.
    """

    def __init__(self, find: FindStores, program: Program, owners: Owners) -> None:
        self._find = find
        self._program = program
        self._owners = owners
        self._lock = threading.Lock()
        self._reading: Optional[Future[Optional[StoresOfStack]]] = None

    def begin(self, urn: str) -> Future[Optional[StoresOfStack]]:
        """Begins to read the state if it was not read yet; does not wait.

        :param urn: the URN of any resource of the stack.
        """
        with self._lock:
            if self._reading is None:
                self._reading = Future()
                threading.Thread(target=self._read, args=(urn, self._reading), daemon=True).start()
            return self._reading

    def stores(self, urn: str) -> Optional[StoresOfStack]:
        """The stores that the state had at the first call; ``None`` if it cannot be read.

        :param urn: the URN of any resource of the stack.
        """
        return self.begin(urn).result()

    def _read(self, urn: str, reading: Future[Optional[StoresOfStack]]) -> None:
        try:
            reading.set_result(self._find(urn, self._program.organization) if urn else None)
        except BaseException as error:
            reading.set_exception(error)

    def other_owners(self, urn: str, id_: IntegrationId) -> list[str]:
        """The URNs of the other resources that have an integration in the state; empty if it cannot be read."""
        return [other for other, its in (self.stores(urn) or {}).items() if its == id_ and other != urn]

    def ids(self, urn: str, *, own: bool = False) -> set[str]:
        """LaunchDarkly's IDs of the integrations that other resources of the stack manage or are to adopt.

        :param urn: the URN of the resource that asks.
        :param own: whether to include the ID of this resource.
        """
        stores = self.stores(urn) or {}
        owned = [id_ for other, id_ in stores.items() if own or other != urn]
        met = self._owners.of_others("" if own else urn)
        return {id_.integration_id for id_ in (*owned, *met)}
