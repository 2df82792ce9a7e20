"""An account behind a fault proxy, and runs of a provider on a clock that moves only while they wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.core.create import Resource
from launchdarkly_pulumi.core.stores import Stores
from launchdarkly_pulumi.core.update import Reconciler
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.documents import create_body
from launchdarkly_pulumi.model.ids import IntegrationId
from support.desired import redis
from support.fault_proxy import FaultProxy
from support.runs import Time, end, run_of, urn

STORED = redis()
"""What the account's store was made from."""


class Account:
    """An account behind a proxy; a new run for each call, as each process has its own."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, notes: Path) -> None:
        self.emulator, self.proxy, self._notes = emulator, proxy, notes
        self._time = Time()

    @property
    def deadline(self) -> Deadline:
        """Plenty of time, none of it real."""
        return Deadline(120, self._time.clock)

    def run(self) -> Stores:
        """A run of its own connections and budget, that has met the password."""
        run, _ = run_of(self.proxy.url, self._notes, time=self._time)
        run.session.learn(STORED)
        return run

    @property
    def client(self) -> Client:
        """What calls."""
        return self.run().session.client

    @property
    def reconciler(self) -> Reconciler:
        """What updates."""
        return self.run().writers.reconciler

    def create(self) -> dict[str, Any]:
        """Creates the store, in a process that ends afterwards."""
        run = self.run()
        try:
            return dict(run.writers.creator.create(Resource(urn()), STORED, run.session.deadline).document)
        finally:
            end(run)

    def existing(self) -> IntegrationId:
        """A store that is there, alone."""
        self.empty()
        document = self.emulator.outside_create("default", "production", "redis", **create_body(STORED))
        return IntegrationId("default", "production", "redis", document["_id"])

    def empty(self) -> None:
        """Removes what there is, and what this machine knows of it."""
        for id_ in self.emulator.integrations:
            self.emulator.remove(id_)
        for note in self._notes.glob("notes/*"):
            note.unlink()
