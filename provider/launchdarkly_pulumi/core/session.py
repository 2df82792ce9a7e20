"""One LaunchDarkly account during one run: client, settings and deadlines, and the secrets that are never shown."""

from __future__ import annotations

import math
from typing import Optional

from ..api.client import Client
from ..api.clock import Clock, Deadline
from ..api.redaction import Redactor
from ..api.throttle import Line
from ..model.desired import Desired
from ..model.secrets import secrets_of
from .reporter import Reporter
from .settings import Settings


class Session:
    """What every operation needs.

    :param settings: the token, the host and the other settings.
    :param reporter: shows messages.
    :param clock: time, for tests to replace.
    :param line: what it shares with other runs of the process.

    ``client`` sends the requests; without a token each of its methods raises a ``SettingsError``.
    """

    def __init__(
        self, settings: Settings, reporter: Reporter, clock: Optional[Clock] = None, line: Optional[Line] = None
    ) -> None:
        self.settings = settings
        self.reporter = reporter
        self.clock = clock or Clock.of_run(reporter.cancelled)
        self._redactor = Redactor()
        self.client = Client(settings, self._redactor, self.clock, line)

    def deadline(self, seconds: float = math.inf) -> Deadline:
        """The deadline of an operation that begins now: after ``seconds``, and at most after the operation timeout."""
        return Deadline(min(seconds, self.settings.operation_timeout), self.clock)

    def learn(self, *all_desired: Desired) -> None:
        """Remembers the secrets of what is declared, to hide them in messages: a server may echo them."""
        for each in all_desired:
            self._redactor.learn(secrets_of(each))

    def without_secrets(self, foreign: str) -> str:
        """A string that others have written, in one line and without any secret that was learnt."""
        return self._redactor.one_line(foreign)

    def own_words(self, sentence: str) -> str:
        """A sentence of this package, in one line and without any secret in what it quotes."""
        return self._redactor.own_line(sentence)
