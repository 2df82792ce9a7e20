"""What all calls of one run share: the settings, the messages, the client, and what was read from LaunchDarkly."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import models
from .engine import Messages
from .reconcile import Reconciler
from .redaction import Redactor
from .settings import Settings

if TYPE_CHECKING:
    from .client import Client


class Run:
    """One run of Pulumi's engine, which keeps one provider process for it.

    :param settings: token, host and the rest.
    :param messages: shows what people should know.

    ``out_of_reach`` is set once a preview has found that it must do without LaunchDarkly, ``has_program``
    once the program has declared something: a plain refresh calls ``diff`` too, and nothing will be sent then.
    """

    def __init__(self, settings: Settings, messages: Messages) -> None:
        self.settings = settings
        self.messages = messages
        self.out_of_reach = False
        self.has_program = False
        self._redactor = Redactor()
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._reconciler: Reconciler | None = None

    @property
    def client(self) -> Client:
        """The client, made when it is first needed; ``SettingsError`` without a token."""
        from .client import Client

        with self._lock:
            if self._client is None:
                self._client = Client(self.settings, self._redactor)
            return self._client

    @property
    def reconciler(self) -> Reconciler:
        """What reads and patches integrations, and remembers what it read."""
        with self._lock:
            if self._reconciler is None:
                self._reconciler = Reconciler(self.client, self.messages.warn_once)
            return self._reconciler

    def learn(self, *inputs: Mapping[str, Any]) -> None:
        """Remembers the secrets among the inputs, to hide them wherever a server may echo them."""
        for each in inputs:
            self._redactor.learn(models.secrets_of(each))

    def without_secrets(self, text: str) -> str:
        """The text in one line, every secret that was learnt taken out."""
        return self._redactor.one_line(text)
