"""Faults that depend on the request, on what it is for or on what it says; and one that a test lets go of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.fault_proxy import Exchange, Fault, Forward, Hook, Request

ALWAYS = 500
"""As many requests as no test sends."""

PATIENCE = 60
"""Seconds for what a test says to happen."""


@dataclass(frozen=True)
class Only(Fault):
    """A fault for the requests that are meant; others pass.

    :param meant: tells them by the request.
    :param otherwise: what happens to the others instead.
    """

    meant: Callable[[Request], bool]
    fault: Fault
    otherwise: Fault = field(default_factory=Forward)

    def apply(self, exchange: Exchange) -> None:
        """Acts, or forwards."""
        (self.fault if self.meant(exchange.request) else self.otherwise).apply(exchange)


@dataclass(frozen=True)
class Rewrite(Fault):
    """LaunchDarkly takes in something else than it was sent.

    :param function: makes another body of the request's.
    :param then: what else happens to the request.
    """

    function: Callable[[Any], Any]
    then: Fault = field(default_factory=Forward)

    def apply(self, exchange: Exchange) -> None:
        """Acts on the other request."""
        exchange.rewrite(self.function(exchange.request.document))
        self.then.apply(exchange)


@dataclass(frozen=True)
class Watch(Fault):
    """Lets a function look at the request just before it is forwarded."""

    function: Callable[[Request], object]

    def apply(self, exchange: Exchange) -> None:
        """Looks, and forwards."""
        self.function(exchange.request)
        exchange.answer(exchange.forward())


class Held:
    """A request that LaunchDarkly gets when the test says so, although nobody waits for the response any more."""

    def __init__(self) -> None:
        self._let_through, self._committed = threading.Event(), threading.Event()
        committing = Hook(self._committed.set, after_commit=True)
        self.fault = Hook(lambda: self._let_through.wait(PATIENCE), then=committing)

    def commit(self) -> None:
        """Lets it through, and waits until LaunchDarkly has it."""
        self._let_through.set()
        assert self._committed.wait(PATIENCE)

    def end(self) -> None:
        """Lets it through."""
        self._let_through.set()
