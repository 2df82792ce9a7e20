"""A stack's stores behind a proxy, and runs of the provider over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from launchdarkly_pulumi.core.stores import Stores
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.desired import Applied
from launchdarkly_pulumi.model.documents import create_body
from launchdarkly_pulumi.model.ids import IntegrationId
from support.desired import redis
from support.fault_proxy import FaultProxy
from support.runs import Shown, Time, run_of, urn


def known(**changes: Any) -> Applied:
    """What the state has of a store that was compared when it was created."""
    return Applied(redis(**changes), 1, compared=True)


class Stack:
    """A stack with stores ``a``, ``b``, ``c``..., which the state has as LaunchDarkly has them."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, folder: Path, count: int) -> None:
        self.emulator, self.proxy, self.folder = emulator, proxy, folder
        self.time = Time()
        self.stores: dict[str, IntegrationId] = {urn(name): self.existing() for name in "abcdefgh"[:count]}
        self.emulator.clear_requests()
        self.again()

    def again(self, **options: Any) -> tuple[Stores, Shown]:
        """Another run."""
        self.run, self.shown = run_of(self.proxy.url, self.folder, time=self.time, **options)
        return self.run, self.shown

    def existing(self, **changes: Any) -> IntegrationId:
        """A store that somebody has made."""
        inputs = redis(**changes)
        document = self.emulator.outside_create("default", "production", "redis", **create_body(inputs))
        return IntegrationId("default", "production", "redis", document["_id"])

    def edit(self, name: str, /, **fields: Any) -> None:
        """What somebody changes of a store."""
        self.emulator.outside_edit(self[name].integration_id, fields)

    def remove(self, *names: str) -> None:
        """What somebody deletes."""
        for name in names:
            self.emulator.remove(self[name].integration_id)

    def __getitem__(self, name: str) -> IntegrationId:
        return self.stores[urn(name)]

    @property
    def methods(self) -> list[str]:
        """The requests that have been sent so far."""
        return [request.method for request in self.proxy.requests]

    @property
    def writes(self) -> list[str]:
        """Those that change something."""
        return [method for method in self.methods if method != "GET"]


@contextmanager
def stack_of(folder: Path, count: int = 2) -> Iterator[Stack]:
    """A stack of stores; every fault that is injected has to happen."""
    with Emulator() as emulator, FaultProxy(emulator.url) as proxy:
        yield Stack(emulator, proxy, folder, count)
        assert proxy.clear() == []
