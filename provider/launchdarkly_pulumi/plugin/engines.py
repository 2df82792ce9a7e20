"""The engines that one process of the plugin serves, told apart by their connections.

An engine that starts the plugin has it for itself. One process can also serve the engines of several stacks that are
deployed side by side, each of which attaches itself with ``PULUMI_DEBUG_PROVIDERS``: they share the pace and the
listing of an account, and nothing else.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from ..errors import LaunchDarklyError
from .messages import EngineReporter

# NOTE: an engine waits until the process serves: what only its settings need is loaded meanwhile.
if TYPE_CHECKING:
    from ..core.shared import Accounts
    from .account import Account

A_MOMENT = 5.0
"""Seconds for which a channel is kept to an engine that is gone: gRPC's own thread looks at it for some tenths more."""


class Engine:
    """One engine, during one run.

    :param reporter: shows it messages.
    :param engines: those of the process.
    """

    def __init__(self, reporter: EngineReporter, engines: Engines) -> None:
        self.reporter = reporter
        self._engines = engines
        self._account: Optional[Account] = None

    @property
    def account(self) -> Account:
        """What its resources share.

        :raises LaunchDarklyError: it has given no settings yet.
        """
        if self._account is None:
            raise LaunchDarklyError("the engine has not configured the plugin")
        return self._account

    def configure(self, given: Mapping[str, Any], urn: str) -> None:
        """Takes the settings of a provider.

        :raises SettingsError: for a value that cannot be used.
        """
        from .account import Account

        self._account = Account(given, urn, self.reporter, self._engines.accounts)


class Engines:
    """Those that a process serves.

    :param owner: talks to the engine that has started the process, which is the only one then; ``None`` where each
        attaches itself.
    """

    def __init__(self, owner: Optional[EngineReporter]) -> None:
        self._lock = threading.Lock()
        self._accounts: Optional[Accounts] = None
        self._owner = None if owner is None else Engine(owner, self)
        self._attached: dict[str, Engine] = {}
        self._left: list[tuple[float, object]] = []

    @property
    def accounts(self) -> Accounts:
        """What the engines share."""
        from ..core.shared import Accounts

        with self._lock:
            self._accounts = self._accounts or Accounts()
            return self._accounts

    def that_calls(self, peer: str) -> Engine:
        """The engine at the other end of a connection.

        :raises LaunchDarklyError: it has not attached itself.
        """
        with self._lock:
            engine = self._owner or self._attached.get(peer)
        if engine is None:
            raise LaunchDarklyError("the engine has not attached itself to the plugin")
        return engine

    def greet(self, peer: str, address: str) -> None:
        """Takes a connection that begins: its engine is another one than that of an earlier connection.

        :param peer: the connection's other end.
        :param address: where the engine listens.
        """
        if self._owner is None:
            self._take(peer, address)

    def attach(self, peer: str, address: str) -> None:
        """Takes the engine that attaches itself; messages go to its address from now on."""
        if self._owner is not None:
            self._owner.reporter.attach(address)
            return
        with self._lock:
            known = self._attached.get(peer)
        # An engine of before the handshake only attaches itself.
        if known is None or known.reporter.address != address:
            self._take(peer, address)

    def end(self) -> None:
        """The process ends: so does what is under way for any engine."""
        with self._lock:
            engines = [*self._attached.values(), *([self._owner] if self._owner else [])]
        for engine in engines:
            engine.reporter.end()

    def _take(self, peer: str, address: str) -> None:
        engine = Engine(EngineReporter(address), self)
        with self._lock:
            # What is known of engines that are gone goes with them.
            ended = [other for other, each in self._attached.items() if each.reporter.ended.is_set()]
            gone = [self._attached.pop(other).reporter for other in ended]
            self._attached[peer] = engine
        now = time.monotonic()
        left = [(now, reporter.let_go()) for reporter in gone]
        with self._lock:
            self._left = [each for each in self._left if now - each[0] < A_MOMENT] + left
        if gone:
            # The parts of an account know each other, and the process looks for garbage seldom.
            gc.collect()
