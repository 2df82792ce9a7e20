"""The connection breaks at every single byte of an answer: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.client import Client
from launchdarkly_pulumi.creation import Creator
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import NotFound
from launchdarkly_pulumi.journal import Journal
from launchdarkly_pulumi.models import IntegrationId, create_body
from launchdarkly_pulumi.reading import Listing, Reader
from launchdarkly_pulumi.reconcile import Reconciler
from launchdarkly_pulumi.redaction import Redactor
from launchdarkly_pulumi.retry import Clock, Deadline
from launchdarkly_pulumi.settings import Settings
from support import samples
from support.fault_proxy import CutAnswer, FaultProxy

STORED = samples.redis(integration_key="redis")
OFF = samples.redis(integration_key="redis", on=False)


class Account:
    """An account behind a proxy; a new client for each call, as each run has its own."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, notes: Path) -> None:
        self.emulator, self.proxy, self._notes = emulator, proxy, notes
        self._now = 0.0
        self._clock = Clock(monotonic=lambda: self._now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self._now += seconds

    @property
    def deadline(self) -> Deadline:
        """Plenty of time, none of it real."""
        return Deadline(120, self._clock)

    @property
    def client(self) -> Client:
        """A client of its own connections and budget."""
        settings = Settings(access_token=samples.TOKEN, base_url=self.proxy.url)
        return Client(settings, Redactor(), self._clock)

    @property
    def reconciler(self) -> Reconciler:
        """What updates."""
        client = self.client
        return Reconciler(client, Reader(client, Listing(client), print), print, self._clock)

    @property
    def creator(self) -> Creator:
        """What creates."""
        client = self.client
        return Creator(client, Listing(client), lambda _: None, Journal("test", self._notes), self._clock)

    def existing(self) -> IntegrationId:
        """A store that is there, alone."""
        self.empty()
        document = self.emulator.outside_create("default", "production", "redis", **create_body(STORED))
        return IntegrationId("default", "production", "redis", document["_id"])

    def empty(self) -> None:
        """Removes what there is."""
        for id_ in self.emulator.integrations:
            self.emulator.remove(id_)

    def cuts(self, method: str) -> Iterator[int]:
        """Each offset of the last answer, with the cut waiting for the next request of the method."""
        for offset in range(len(self.proxy.last_answer)):
            self.proxy.inject(CutAnswer(offset), method=method)
            yield offset
            self.proxy.settle()
            assert self.proxy.clear() == []


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """Empty."""
    with Emulator() as emulator, FaultProxy(emulator.url) as proxy:
        yield Account(emulator, proxy, tmp_path)


def visible(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its volatile status."""
    return {name: value for name, value in document.items() if name != "_status"}


def test_a_read_is_whole_or_repeated(account: Account) -> None:
    """No part of a document is taken for the document."""
    id_ = account.existing()
    whole = visible(account.client.get(id_, account.deadline))
    for _ in account.cuts("GET"):
        assert visible(account.client.get(id_, account.deadline)) == whole


def test_an_update_is_applied_once(account: Account) -> None:
    """The version grows by one for each update, wherever its answer breaks."""
    id_ = account.existing()
    account.reconciler.update(id_, STORED, OFF, account.deadline)
    stored, wanted, version = OFF, STORED, 2
    for _ in account.cuts("PATCH"):
        account.reconciler.update(id_, stored, wanted, account.deadline)
        stored, wanted, version = wanted, stored, version + 1
        integration = account.emulator.integrations[id_.integration_id]
        assert (integration["version"], integration["on"]) == (version, stored["on"])


def test_a_create_leaves_one_integration(account: Account) -> None:
    """Its ID is the one that is returned."""
    account.creator.create(STORED, account.deadline)
    for _ in account.cuts("POST"):
        account.empty()
        document = account.creator.create(STORED, account.deadline)
        assert list(account.emulator.integrations) == [document["_id"]]


def test_a_deletion_is_complete(account: Account) -> None:
    """Sent again where its answer cannot be read; a 404 then says that it is done."""
    account.client.delete(account.existing(), account.deadline)
    for _ in account.cuts("DELETE"):
        with suppress(NotFound):
            account.client.delete(account.existing(), account.deadline)
        assert account.emulator.integrations == {}
