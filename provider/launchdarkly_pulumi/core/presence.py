"""Finds out after a 404 whether an integration was deleted, or only cannot be seen with this token.

LaunchDarkly answers 404 in both cases. With a token of another account, or of a role that may see nothing, a stack
would lose every store from its state, and would recreate them all. So a 404 is believed only if the token sees another
store of the stack.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Optional, Protocol
from urllib.parse import urlsplit

from ..api.clock import Deadline
from ..errors import CallError, StoresNotSeen
from ..model.diff import Document
from ..model.ids import IntegrationId
from .own import Owners
from .read import Listing
from .settings import Settings

ASKED_FOR = 5
"""How many of the stack's stores are read individually if LaunchDarkly does not list the account's."""


class Api(Protocol):
    """The call of the client that is needed here."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """Reads one integration."""


class Presence:
    """Whether the token sees the stack's stores.

    :param api: the client.
    :param listing: the run's listing.
    :param owners: the resources that the run has met.
    :param stores_of_stack: gives the stores of the state that the resource with a URN belongs to; ``None`` if the state
        cannot be read.
    :param settings: the settings, for the error.
    """

    def __init__(
        self,
        api: Api,
        listing: Listing,
        owners: Owners,
        stores_of_stack: Callable[[str], Optional[Mapping[str, IntegrationId]]],
        settings: Settings,
    ) -> None:
        self._api = api
        self._listing = listing
        self._owners = owners
        self._stores_of_stack = stores_of_stack
        self._settings = settings
        self._lock = threading.Lock()
        self._has_seen = False
        self._ended = threading.Condition()
        self._under_way = 0

    def saw(self) -> None:
        """Notes that an integration of the state was found in LaunchDarkly."""
        self._has_seen = True

    @contextmanager
    def deleting(self) -> Iterator[None]:
        """While a delete is under way; that it succeeds shows that the token sees the store.

        Until its response is here, the store may be in no listing any more, and nobody knows that it was there.
        """
        with self._ended:
            self._under_way += 1
        try:
            yield
            self.saw()
        finally:
            with self._ended:
                self._under_way -= 1
                self._ended.notify_all()

    def require_any(self, urn: str, missing: IntegrationId, deadline: Deadline) -> None:
        """Returns if the token sees another store of the stack: then the missing integration was deleted.

        :param urn: the URN of the resource with the missing integration.
        :param missing: the integration that LaunchDarkly answered 404 for.
        :param deadline: when the search for another store has to end.
        :raises StoresNotSeen: the token sees no store of the stack.
        """
        with self._lock:
            if self._has_seen:
                return
            others = {*(self._stores_of_stack(urn) or {}).values(), *self._owners.known()} - {missing}
            if self._sees_one_of(others, deadline) or self._deletes_one(deadline):
                self._has_seen = True
                return
        host = urlsplit(self._settings.base_url).netloc
        raise StoresNotSeen(
            f"{missing} is gone in LaunchDarkly, or the token cannot see it: no store of this stack was found at "
            f"{host} with the access token from {self._settings.token_source}. Check the token and the host. "
            f"If it was deleted, let the stack forget it: pulumi state delete '{urn}'"
        )

    def _deletes_one(self, deadline: Deadline) -> bool:
        """Whether one of the deletes that are under way succeeds."""
        with self._ended:
            self._ended.wait_for(lambda: self._has_seen or not self._under_way, max(0.0, deadline.remaining()))
        return self._has_seen

    def _sees_one_of(self, others: Collection[IntegrationId], deadline: Deadline) -> bool:
        items = self._listing.within(deadline) if others else None
        if items is not None:
            return any(each.integration_id in items for each in others)
        for each in sorted(others, key=str)[:ASKED_FOR]:
            with suppress(CallError):
                self._api.get(each, deadline)
                return True
        return False
