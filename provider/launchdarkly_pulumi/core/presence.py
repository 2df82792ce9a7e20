"""Whether an integration is gone, or only not to be seen with this token.

LaunchDarkly answers 404 in both cases. A token of another account, or of a role that sees nothing, would make a stack
forget every store, and create them all again. So a 404 is believed only where the token sees another of its stores.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
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
"""How many of the stack's stores are asked for individually where LaunchDarkly does not list the account."""


class Api(Protocol):
    """The call of the client that is needed here."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """Reads one integration."""


class Presence:
    """What a run has seen of its stack's stores.

    :param api: the client.
    :param listing: the run's listing.
    :param owners: the resources that the run has met.
    :param stores_of_stack: the stores of the state that the resource with a URN belongs to, ``None`` if nobody knows.
    :param settings: for the error.
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

    def saw(self) -> None:
        """An integration that the state has was found in LaunchDarkly."""
        self._has_seen = True

    def require_any(self, urn: str, missing: IntegrationId, deadline: Deadline) -> None:
        """Returns where the token sees another store of the stack: what it does not see is gone then.

        :raises StoresNotSeen: it sees none of them.
        """
        with self._lock:
            if self._has_seen:
                return
            others = {*(self._stores_of_stack(urn) or {}).values(), *self._owners.known()} - {missing}
            if self._sees_one_of(others, deadline):
                self._has_seen = True
                return
        host = urlsplit(self._settings.base_url).netloc
        raise StoresNotSeen(
            f"{missing} is gone in LaunchDarkly, or the token cannot see it: no store of this stack was found at "
            f"{host} with the access token from {self._settings.token_source}. Check the token and the host. "
            f"If it was deleted, let the stack forget it: pulumi state delete '{urn}'"
        )

    def _sees_one_of(self, others: Collection[IntegrationId], deadline: Deadline) -> bool:
        items = self._listing.within(deadline) if others else None
        if items is not None:
            return any(each.integration_id in items for each in others)
        for each in sorted(others, key=str)[:ASKED_FOR]:
            with suppress(CallError):
                self._api.get(each, deadline)
                return True
        return False
