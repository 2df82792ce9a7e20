"""What all calls of one run share: the settings, the messages, the client, and what was read from LaunchDarkly."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from . import models
from .adoption import Adoptions
from .creation import Creator
from .engine import Messages
from .journal import Journal
from .models import IntegrationId
from .reading import Listing, Reader
from .reconcile import Reconciler
from .redaction import Redactor
from .retry import Clock, Deadline
from .settings import Settings

if TYPE_CHECKING:
    from .client import Client


_runs: dict[Settings, Run] = {}
_runs_lock = threading.Lock()


class _Connected(NamedTuple):
    client: Client
    reader: Reader
    reconciler: Reconciler
    creator: Creator


class Run:
    """One run of Pulumi's engine, which keeps one provider process for it.

    :param settings: token, host and the rest.
    :param messages: shows what people should know.
    :param clock: time, for tests to replace.

    ``out_of_reach`` is set once a preview has found that it must do without LaunchDarkly, ``has_program``
    once the program has declared something: a plain refresh calls ``diff`` too, and nothing will be sent then.
    ``has_many_stores`` is set once the program has told that it declares more than one.
    """

    def __init__(self, settings: Settings, messages: Messages, clock: Clock = Clock()) -> None:  # noqa: B008 - frozen
        self.settings = settings
        self.messages = messages
        self.out_of_reach = False
        self.has_program = False
        self.has_many_stores = False
        self.adoptions = Adoptions()
        self.clock = clock
        self._redactor = Redactor()
        self._lock = threading.Lock()
        self._connected: Optional[_Connected] = None

    @classmethod
    def of_process(cls, settings: Settings, messages: Callable[[], Messages]) -> Run:
        """The one run of this process for these settings: the providers of all kinds of resources share it."""
        with _runs_lock:
            if settings not in _runs:
                _runs[settings] = cls(settings, messages())
            return _runs[settings]

    @property
    def client(self) -> Client:
        """The calls; ``SettingsError`` without a token."""
        return self._connect().client

    @property
    def reader(self) -> Reader:
        """What reads integrations, and remembers what it read."""
        return self._connect().reader

    @property
    def reconciler(self) -> Reconciler:
        """What patches integrations."""
        return self._connect().reconciler

    @property
    def creator(self) -> Creator:
        """What creates integrations, and remembers which there were before."""
        return self._connect().creator

    def reads_as_stored(self, id_: IntegrationId) -> bool:
        """Whether an integration was read, and is surely as the stack's state has it: nothing is left to compare."""
        return self._connected is not None and self._connected.reader.is_as_stored(id_)

    def deadline(self, seconds: float = math.inf) -> Deadline:
        """When an operation that begins now has to end: after so long, at most after the setting's time."""
        return Deadline(min(seconds, self.settings.operation_timeout), self.clock)

    def learn(self, *inputs: Mapping[str, Any]) -> None:
        """Remembers the secrets among the inputs, to hide them wherever a server may echo them."""
        for each in inputs:
            self._redactor.learn(models.secrets_of(each))

    def without_secrets(self, text: str) -> str:
        """The text in one line, every secret that was learnt taken out."""
        return self._redactor.one_line(text)

    def _connect(self) -> _Connected:
        from .client import Client

        with self._lock:
            if self._connected is None:
                client = Client(self.settings, self._redactor, self.clock)
                warn = self.messages.warn_once
                listing = Listing(client)
                reader = Reader(client, listing, warn)
                journal = Journal(self.settings.base_url)
                self._connected = _Connected(
                    client,
                    reader,
                    Reconciler(client, reader, warn, self.clock),
                    Creator(client, listing, warn, journal, self.clock),
                )
            return self._connected
