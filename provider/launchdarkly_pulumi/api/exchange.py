"""One request and its response in a thread of their own, on connections that can be cut.

What belongs here: what is between `requests` and the socket. The connections report when something is sent, so that an
error can say whether a write may have taken effect.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Optional

import urllib3

from .answers import Answer
from .clock import LONGEST_DEAFNESS


class Exchange:
    """A request and its response in a thread of their own, which is abandoned at the deadline.

    A timeout for each read is not enough: a server that sends a byte now and then never runs into it, and neither a
    DNS lookup nor a slow TLS handshake is bounded by it. What was not sent by the deadline is never sent.

    :param exchanged: does the exchange, on a connection that reports to :attr:`current` before it sends.

    ``at_proxy`` is set while a proxy is asked for a connection, and stays set where the proxy refuses one.
    """

    current: ContextVar[Exchange] = ContextVar("exchange")

    def __init__(self, exchanged: Callable[[], Answer]) -> None:
        self.at_proxy = False
        self._exchanged = exchanged
        self._lock = threading.Lock()
        self._left = False
        self._socket: Any = None
        self._answer: Optional[Answer] = None
        self._error: Optional[BaseException] = None

    @property
    def sent(self) -> bool:
        """Whether something of the request may have arrived."""
        return self._socket is not None

    def answer_within(self, seconds: float, ends_early: Optional[threading.Event] = None) -> Answer:
        """The response; ``TimeoutError`` if there is none in time, or whatever went wrong."""
        thread = threading.Thread(target=self._run, name="launchdarkly-exchange", daemon=True)
        if seconds > 0:
            thread.start()
            _join(thread, seconds, ends_early)
        self._leave()
        if self._error is not None:
            try:
                raise self._error
            finally:
                # Its traceback refers to this object: the cycle would keep the connection open.
                self._error = None
        if self._answer is None:
            raise TimeoutError
        return self._answer

    def begin(self, connected: Any) -> None:
        """Notes that the connection is ready to send: from now on something may arrive, unless it is too late."""
        with self._lock:
            if self._left:
                raise TimeoutError
            # TLS inside a proxy's TLS is not a socket, but has one.
            self._socket = getattr(connected, "socket", connected)

    def _run(self) -> None:
        self.current.set(self)
        try:
            self._answer = self._exchanged()
        except BaseException as error:
            self._error = error

    def _leave(self) -> None:
        with self._lock:
            self._left = True
        if self.sent and self._answer is None and self._error is None:
            # The peer may close it at this very moment.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _join(thread: threading.Thread, seconds: float, ends_early: Optional[threading.Event]) -> None:
    if ends_early is None:
        thread.join(min(seconds, threading.TIMEOUT_MAX))
        return
    end = time.monotonic() + seconds
    while thread.is_alive() and not ends_early.is_set() and (left := end - time.monotonic()) > 0:
        thread.join(min(left, LONGEST_DEAFNESS))


class _Watched(urllib3.connection.HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        """Sends a request, and reports it before: later only the response may have the socket."""
        if self.sock is None:
            self.connect()
        Exchange.current.get().begin(self.sock)
        super().request(*args, **kwargs)


class _WatchedTLS(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _Tunnelled(_WatchedTLS):
    def connect(self) -> None:
        """Connects through a proxy: until the tunnel is open, what fails has failed at the proxy."""
        Exchange.current.get().at_proxy = True
        super().connect()

    def _tunnel(self) -> None:
        super()._tunnel()
        Exchange.current.get().at_proxy = False


class Pool(urllib3.HTTPConnectionPool):
    """To LaunchDarkly over http, as to an emulator."""

    ConnectionCls = _Watched


class PoolTLS(urllib3.HTTPSConnectionPool):
    """To LaunchDarkly."""

    ConnectionCls = _WatchedTLS


class PoolTunnelled(urllib3.HTTPSConnectionPool):
    """To LaunchDarkly through an HTTP proxy."""

    ConnectionCls = _Tunnelled


@lru_cache(maxsize=1)
def pool_through_socks() -> type[urllib3.HTTPSConnectionPool]:
    """To LaunchDarkly through a SOCKS proxy."""
    # It needs PySocks, which is an extra.
    from urllib3.contrib.socks import SOCKSHTTPSConnection

    class Tunnelled(_WatchedTLS, SOCKSHTTPSConnection):
        def _new_conn(self) -> Any:
            exchange = Exchange.current.get()
            exchange.at_proxy = True
            connected = super()._new_conn()
            exchange.at_proxy = False
            return connected

    class PoolThroughSocks(urllib3.HTTPSConnectionPool):
        ConnectionCls = Tunnelled

    return PoolThroughSocks
