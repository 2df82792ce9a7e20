"""One HTTP request and its answer, in bounded time and size. The only module that imports requests.

Safe to use from several threads: what they share is urllib3's connection pool, which is made for it.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Optional

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ..errors import SettingsError
from .clock import LONGEST_DEAFNESS, Deadline
from .proxies import Proxy, proxy_for

DISTRIBUTION = "launchdarkly-pulumi"
CONNECT_TIMEOUT = 5.0
MAX_BODY_BYTES = 16 * 1024 * 1024
CONNECTIONS = 16
"""Kept open to LaunchDarkly, one for each request that may be under way."""

SHORTEST_TIMEOUT = 0.05


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(Exception):
    """There was no answer that could be read.

    :param reason: what happened.
    :param words: the operating system's words for it, or a proxy's, where there are any: foreign text.
    :param sent: whether the request may have arrived.
    :param repeatable: whether trying again makes sense.
    :param by: what it happened to, in words, where that is not the instance itself.
    """

    def __init__(self, reason: str, words: str = "", *, sent: bool, repeatable: bool = True, by: str = "") -> None:
        super().__init__(f"{reason}: {words}" if words else reason)
        self.reason, self.words, self.sent, self.repeatable, self.by = reason, words, sent, repeatable, by


class Transport:
    """Sends requests to one LaunchDarkly instance.

    :param base_url: the instance's URL, without a path.
    :param token: goes into ``Authorization`` as it is.
    :param timeout: seconds to wait for each read of an answer.
    :param connections: how many are kept open.
    :raises SettingsError: the environment names a proxy, or certificates, that cannot be used.

    ``proxy`` is what the requests go through, if anything.
    """

    def __init__(self, base_url: str, token: str, timeout: float, connections: int = CONNECTIONS) -> None:
        self._base_url = base_url
        self._timeout = timeout
        session = requests.Session()
        self._adapter = _WatchedAdapter(pool_connections=1, pool_maxsize=connections)
        # What is the same for all requests is worked out once: proxies and certificates, and most of the headers.
        self._environment: Any = session.merge_environment_settings(base_url, {}, True, None, None)
        self.proxy = _usable(proxy_for(base_url, self._environment["proxies"], os.environ))
        self._environment["proxies"] = {"https": self.proxy.url} if self.proxy else {}
        _require_certificates(self._environment["verify"])
        headers = {"LD-API-Version": "beta", "Accept": "application/json", "User-Agent": _user_agent()}
        self._template = session.prepare_request(
            requests.Request("GET", base_url, headers=headers, auth=_TokenAuth(token))
        )

    def send(
        self,
        method: str,
        path: str,
        body: Optional[bytes],
        deadline: Deadline,
        ends_early: Optional[threading.Event] = None,
    ) -> Answer:
        """Sends one request and reads the whole answer; redirects are answers like any other.

        :param path: quoted, as it is sent.
        :param ends_early: ends the wait for the answer once it is set.
        :raises Lost: there was no answer in time, or none of a bearable size.
        """
        request = self._prepared(method, path, body)
        timeout = max(SHORTEST_TIMEOUT, min(self._timeout, deadline.remaining()))

        def exchanged() -> Answer:
            response = self._adapter.send(
                request, timeout=(min(CONNECT_TIMEOUT, timeout), timeout), **self._environment
            )
            with response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                answer = Answer(response.status_code, headers, _body(response))
            # http.client takes the end of a connection for the end of the headers, or of a body without a length.
            if not _is_whole(answer, response.raw.version):
                raise ConnectionError("the answer was cut off")
            return answer

        exchange = _Exchange(exchanged)
        try:
            return exchange.answer_within(deadline.remaining(), ends_early)
        except Exception as error:
            # Not only what the libraries document: a chunk of a negative length is a ValueError of Python's own, and
            # whatever an answer can do to them, its request may have taken effect.
            by = str(self.proxy) if exchange.at_proxy else ""
            raise _lost(error, deadline, sent=exchange.sent, by=by) from None

    def _prepared(self, method: str, path: str, body: Optional[bytes]) -> requests.PreparedRequest:
        request = self._template.copy()
        request.method, request.url = method, self._base_url + path
        if body is not None:
            request.headers["Content-Type"] = "application/json"
        request.prepare_body(body, None)
        return request


class _TokenAuth(requests.auth.AuthBase):
    """Sets the token itself: without an ``auth`` requests would let an entry in ``.netrc`` replace the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token
        return request


class _Exchange:
    """A request and its answer in a thread of their own, which is left behind at the deadline.

    A time-out for each read would let a dripping server go on, and none holds for the search for an address, nor for a
    handshake that drips. What was not sent by then never is.

    :param exchanged: does it, on a connection that tells :attr:`current` before it sends.

    ``at_proxy`` is set while a proxy is asked for a connection, and stays set where it gives none.
    """

    current: ContextVar[_Exchange] = ContextVar("exchange")

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
        """The answer; ``TimeoutError`` if there is none in time, or whatever went wrong."""
        thread = threading.Thread(target=self._run, name="launchdarkly-exchange", daemon=True)
        if seconds > 0:
            thread.start()
            _join(thread, seconds, ends_early)
        self._leave()
        if self._error is not None:
            try:
                raise self._error
            finally:
                # Its traceback leads to this object: a circle would keep the connection.
                self._error = None
        if self._answer is None:
            raise TimeoutError
        return self._answer

    def begin(self, connected: Any) -> None:
        """The connection is there, and its TLS agreed on: from now on something may arrive, unless it is too late."""
        with self._lock:
            if self._left:
                raise TimeoutError
            # TLS within a proxy's TLS is no socket, but has one.
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
            # It may end at this very moment.
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
        """Sends a request, and says so before: later the socket may be in the answer alone."""
        if self.sock is None:
            self.connect()
        _Exchange.current.get().begin(self.sock)
        super().request(*args, **kwargs)


class _WatchedTLS(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _Tunnelled(_WatchedTLS):
    def connect(self) -> None:
        """Connects through a proxy: until the tunnel is there, what goes wrong does so at the proxy."""
        _Exchange.current.get().at_proxy = True
        super().connect()

    def _tunnel(self) -> None:
        super()._tunnel()
        _Exchange.current.get().at_proxy = False


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _PoolTunnelled(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tunnelled


@lru_cache(maxsize=1)
def _pool_through_socks() -> type[urllib3.HTTPSConnectionPool]:
    # It needs a library that few have.
    from urllib3.contrib.socks import SOCKSHTTPSConnection

    class Tunnelled(_WatchedTLS, SOCKSHTTPSConnection):
        def _new_conn(self) -> Any:
            exchange = _Exchange.current.get()
            exchange.at_proxy = True
            connected = super()._new_conn()
            exchange.at_proxy = False
            return connected

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Tunnelled

    return Pool


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools, of connections that can be cut."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for a proxy of the environment, which only https goes through."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        pool = _pool_through_socks() if proxy.startswith("socks") else _PoolTunnelled
        manager.pool_classes_by_scheme = {"https": pool}
        return manager


def _user_agent() -> str:
    """``launchdarkly-pulumi/0.1.0``; without the version where the package runs without being installed."""
    with suppress(PackageNotFoundError):
        return f"{DISTRIBUTION}/{version(DISTRIBUTION)}"
    return DISTRIBUTION


def _usable(proxy: Optional[Proxy]) -> Optional[Proxy]:
    if proxy and proxy.is_socks and find_spec("socks") is None:
        raise SettingsError(f"{proxy} speaks SOCKS, which needs PySocks: pip install 'launchdarkly-pulumi[socks]'")
    return proxy


def _require_certificates(verify: object) -> None:
    """``SettingsError`` where the certificates that the environment names are not there."""
    if isinstance(verify, str) and not os.path.exists(verify):
        source = next(name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name))
        raise SettingsError(f"{source} must name a file or a folder of certificates; there is none at {verify}")


def _is_whole(answer: Answer, http_version: int) -> bool:
    """Whether the headers say where the body ends, as those of a whole answer do (RFC 9112, section 6.3)."""
    length, encoding = (answer.headers.get(name, "") for name in ("content-length", "transfer-encoding"))
    framed = length.isdecimal() or encoding.lower().endswith("chunked")
    until_close = http_version < 11 or "close" in answer.headers.get("connection", "").lower()
    return framed or until_close or answer.status in (204, 304)


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.raw.stream(64 * 1024, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _TooLarge
    return bytes(body)


class _TooLarge(OSError):
    pass


_FINAL_REFUSAL = re.compile("Tunnel connection failed: 4|.*SOCKS5 authentication")
"""How what a proxy says begins where it wants other credentials, or never lets anybody through to the instance."""


def _lost(error: BaseException, deadline: Deadline, *, sent: bool, by: str) -> Lost:
    causes = list(_causes(error))
    words = _words(causes[-1])
    if isinstance(error, _TooLarge):
        return Lost(f"answers with more than {MAX_BODY_BYTES} bytes", sent=True, repeatable=False)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Lost("has a certificate that is not accepted", words, sent=False, repeatable=False, by=by)
    if deadline.remaining() <= 0 or any(isinstance(cause, (requests.Timeout, TimeoutError)) for cause in causes):
        return Lost("gave no answer in time", sent=sent, by=by)
    if by and getattr(causes[-1], "errno", None) is None:
        # Not the operating system's words, but the proxy's own.
        final = _FINAL_REFUSAL.match(words) is not None
        words = words.removeprefix("Tunnel connection failed: ")
        return Lost("gives no connection", words, sent=False, repeatable=not final, by=by)
    return Lost("broke the connection" if sent else "cannot be reached", words, sent=sent, by=by)


def _causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    """An error and what led to it; through a proxy, urllib3 gives that as an argument alone."""
    while error is not None:
        yield error
        within = (argument for argument in error.args if isinstance(argument, BaseException))
        error = error.__cause__ or error.__context__ or next(within, None)


def _words(error: BaseException) -> str:
    """The operating system's own words; what the libraries wrap around them says nothing to people."""
    words = getattr(error, "strerror", None) or str(error)
    # The URL of a proxy may hold a password.
    return re.sub(r"//\S*@", "//[secret]@", words)
