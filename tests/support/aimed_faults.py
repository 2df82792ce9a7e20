"""Faults that depend on the request: on what it is for, or on what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.fault_proxy import Exchange, Fault, Forward, Request

ALWAYS = 500
"""As many requests as no test sends."""


@dataclass(frozen=True)
class Only(Fault):
    """A fault for the requests that are meant; others pass.

    :param meant: tells them by the request.
    """

    meant: Callable[[Request], bool]
    fault: Fault

    def apply(self, exchange: Exchange) -> None:
        """Acts, or forwards."""
        (self.fault if self.meant(exchange.request) else Forward()).apply(exchange)


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
