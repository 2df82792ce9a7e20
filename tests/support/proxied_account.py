"""An account behind a fault proxy, and runs of a provider on a clock that moves only while they wait."""

from __future__ import annotations

from pathlib import Path

from launchdarkly_pulumi.journal import Journal

from launchdarkly_pulumi.client import Client
from launchdarkly_pulumi.creation import Creator
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.models import IntegrationId, create_body
from launchdarkly_pulumi.reading import Listing, Reader
from launchdarkly_pulumi.reconcile import Reconciler
from launchdarkly_pulumi.redaction import Redactor
from launchdarkly_pulumi.retry import Clock, Deadline
from launchdarkly_pulumi.settings import Settings
from support import samples
from support.fault_proxy import FaultProxy

STORED = samples.redis(integration_key="redis")
"""What the account's store was made from."""


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
        """A client of its own connections and budget, that has met the password."""
        redactor = Redactor()
        redactor.learn([samples.PASSWORD])
        return Client(Settings(access_token=samples.TOKEN, base_url=self.proxy.url), redactor, self._clock)

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
