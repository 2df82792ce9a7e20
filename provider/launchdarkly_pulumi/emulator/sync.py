"""LaunchDarkly's side of big segments: it keeps each store up to date, and reports what it found there.

Each integration that is on has a thread, so that a store that does not answer keeps no other one waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..connection_errors import reason
from .contents import Store
from .dynamodb_store import DynamoDBStore, is_http_url
from .integration import Integration
from .keeper import Keeper
from .near import is_near
from .redis_store import RedisStore
from .segments import Segments
from .status import REFUSED, UNREACHABLE, History, StoreError, address
from .store import Account

TIMEOUT = 1.0
STOP_TIMEOUT = 5.0


class Sync:
    """A status source that also does what it reports: it writes big segments into the stores themselves.

    About each second, and at once after a change, each integration that is on gets its environment's members and then
    the marker of the time, below the environment's client-side ID, and the marker is read back. An integration is
    available if that worked the last time. Once it is off or deleted nothing more is written; what is there stays.

    :param segments: the keys of the contexts that are in ``PROJECT/ENVIRONMENT/SEGMENT``.
    :param dynamodb_endpoint: the URL of a local DynamoDB, which gets made-up credentials where the environment has
        none; of Amazon's, the emulator's own are used, and no role is assumed.
    :param public_hosts: also write to hosts that are neither loopback nor private.
    :param timeout: seconds to wait for a connection, and for each response.
    """

    def __init__(
        self,
        segments: Mapping[str, Iterable[str]] | None = None,
        *,
        dynamodb_endpoint: str | None = None,
        public_hosts: bool = False,
        timeout: float = TIMEOUT,
    ) -> None:
        if dynamodb_endpoint is not None and not is_http_url(dynamodb_endpoint):
            raise ValueError("the endpoint of DynamoDB must be an http or https URL without credentials")
        self.segments = Segments(segments or {})
        self._timeout = timeout
        self._dynamodb_endpoint = dynamodb_endpoint
        self._public_hosts = public_hosts
        self._lock = threading.Lock()
        self._account: Account | None = None
        self._histories: dict[str, History] = {}
        self._keepers: dict[str, Keeper] = {}

    def __call__(self, document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """The ``_status`` of an integration, given its document and its real config."""
        with self._lock:
            history = self._history(document["_id"])
            keeper = self._keepers.get(document["_id"])
        return history.status(document["on"] and keeper is not None and keeper.works_with(config))

    def start(self, account: Account) -> None:
        """Keep the stores of an account up to date, until ``stop``."""
        self._account = account
        account.changed = self._look
        self._look()

    def stop(self) -> None:
        """Write nothing more."""
        with self._lock:
            if self._account is not None:
                self._account.changed = lambda: None
            self._account = None
            keepers = list(self._keepers.values())
            self._keepers = {}
        for keeper in keepers:
            keeper.stop()
        for keeper in keepers:
            keeper.join(STOP_TIMEOUT)

    def try_all(self) -> None:
        """Bring each store up to date now. Returns when each has been tried."""
        with self._lock:
            keepers = list(self._keepers.values())
        tries = [(keeper, keeper.wake()) for keeper in keepers]
        for keeper, number in tries:
            keeper.wait_for(number)

    def _open_store(self, integration: Integration) -> Store:
        """The store of an integration."""
        place, config = integration.place, integration.settings.config
        prefix = place.environment.client_side_id
        if place.integration_key == "redis":
            self._refuse_public(config["host"], f"Redis at {address(config['host'], int(config['port']))}")
            return RedisStore(config, prefix, self._timeout)
        if place.integration_key == "dynamodb":
            endpoint = self._dynamodb_endpoint
            self._refuse_public(urlsplit(endpoint).hostname if endpoint else None, "DynamoDB")
            return DynamoDBStore(config, prefix, endpoint, self._timeout)
        raise StoreError(UNREACHABLE, f"the emulator cannot write to a {place.integration_key} store")

    def _refuse_public(self, host: str | None, what: str) -> None:
        if self._public_hosts:
            return
        try:
            near = host is not None and is_near(host)
        except (OSError, ValueError) as error:
            raise StoreError(UNREACHABLE, f"Could not connect to {what}: {reason(error)}") from error
        if not near:
            raise StoreError(
                REFUSED, f"the emulator does not write to {what}: it is public, and --allow-public-hosts is not given"
            )

    def _history(self, integration_id: str) -> History:
        return self._histories.setdefault(integration_id, History())

    def _look(self) -> None:
        """Follow the account: a thread for each integration that is on."""
        with self._lock:
            if self._account is None:
                return
            on = {each.id: each for each in self._account.integrations() if each.settings.on}
            ended = [self._keepers.pop(each) for each in self._keepers.keys() - on.keys()]
            for integration in on.values():
                keeper = self._keepers.get(integration.id)
                if keeper is None:
                    keeper = Keeper(integration, self._history(integration.id), self.segments, self._open_store)
                    self._keepers[integration.id] = keeper
                    keeper.start()
                else:
                    keeper.follow(integration)
        for keeper in ended:
            keeper.stop()
