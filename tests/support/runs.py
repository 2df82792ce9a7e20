"""Runs of the provider as its host has them, on a clock that moves only while they wait, with what they said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Optional

from launchdarkly_pulumi.api.clock import Clock
from launchdarkly_pulumi.core.notes import Account, Notes
from launchdarkly_pulumi.core.reporter import current_urn
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.core.stack import FindStores
from launchdarkly_pulumi.core.stores import Stores
from launchdarkly_pulumi.dynamic.messages import Messages
from launchdarkly_pulumi.model.fields import TYPE
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples

EPOCH = 1_717_263_000.0
"""2024-06-01T17:30:00Z, where the time of a run begins."""


def urn(name: str = "store", stack: str = "prod") -> str:
    """The URN of a store of the stack."""
    return f"urn:pulumi:{stack}::shop::{TYPE}::{name}"


class Time:
    """Time that passes only while somebody waits.

    ``waits`` are those so far, ``on_wait`` is called at the beginning of each, ``cancelled`` is what Ctrl-C sets.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.on_wait: Callable[[], object] = lambda: None
        self.cancelled = threading.Event()
        self.clock = Clock(lambda: self.now, lambda: EPOCH + self.now, self._wait, self.cancelled)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.on_wait()
        self.now += seconds


class Message(NamedTuple):
    """What was shown, and the resource that it appeared under."""

    severity: str
    text: str
    urn: str


class Shown(Messages):
    """Keeps what people would see; ``is_there`` tells whether the engine is."""

    def __init__(self, cancelled: Optional[threading.Event] = None) -> None:
        super().__init__(None, cancelled)
        self.messages: list[Message] = []
        self.is_there: Callable[[], bool] = lambda: True

    def is_heard(self) -> bool:
        """Whether the engine takes what comes of an operation."""
        return self.is_there()

    def _log(self, severity: str, text: str, urn: str = "", *, ephemeral: bool = False) -> bool:
        if not ephemeral:
            self.messages.append(Message(severity, text, urn))
        return True

    @property
    def infos(self) -> list[str]:
        """The lines so far that are no warnings."""
        return [each.text for each in self.messages if each.severity == "INFO"]

    @property
    def warnings(self) -> list[str]:
        """The warnings so far."""
        return [each.text for each in self.messages if each.severity == "WARNING"]


def run_of(
    url: str,
    notes: Path,
    *,
    time: Optional[Time] = None,
    stores: Optional[Mapping[str, IntegrationId]] = None,
    **settings: Any,
) -> tuple[Stores, Shown]:
    """A run of a process of its own, and what it shows.

    :param url: where LaunchDarkly is.
    :param notes: the folder of this machine's notes.
    :param stores: what the stack's state has; nobody knows by default.
    :param settings: on top of the token and the URL.
    """
    time = time or Time()
    shown = Shown(time.cancelled)
    settings = {"access_token": samples.TOKEN, "base_url": url, **settings}
    account = Account.of(url, settings["access_token"] or "none")
    kept = Notes(account, shown.warn_once, time.clock, notes)
    find: FindStores = lambda _urn, _organization: stores  # noqa: E731
    return Stores(Settings(**settings), shown, time.clock, find_stores=find, notes=kept), shown


def end(run: Stores) -> None:
    """The process ends that the run is of."""
    release(run.writers.notes)


def release(notes: Notes) -> None:
    """What the operating system does for the notes of a process that ends, however it ends."""
    lock = notes.process._lock
    if lock is not None:
        lock.release(force=True)


def about(name: str = "store") -> str:
    """The URN of a store, under which what follows appears, as in a call of the host."""
    current_urn.set(urn(name))
    return urn(name)
