"""One HTTP request and its answer, in bounded time and size. The only module that imports requests.

Safe to use from several threads: what they share is urllib3's connection pool, which is made for it.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Optional

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .retry import LONGEST_DEAFNESS, Deadline

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

    :param reason: why, in the operating system's words where it has any.
    :param sent: whether the request may have arrived.
    :param repeatable: whether trying again makes sense.
    """

    def __init__(self, reason: str, *, sent: bool, repeatable: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.sent, self.repeatable = reason, sent, repeatable


class Transport:
    """Sends requests to one LaunchDarkly instance.

    :param base_url: the instance's URL, without a path.
    :param token: goes into ``Authorization`` as it is.
    :param timeout: seconds to wait for each read of an answer.
    :param connections: how many are kept open.
    """

    def __init__(self, base_url: str, token: str, timeout: float, connections: int = CONNECTIONS) -> None:
        self._base_url = base_url
        self._timeout = timeout
        session = requests.Session()
        self._adapter = _WatchedAdapter(pool_connections=1, pool_maxsize=connections)
        # What is the same for all requests is worked out once: proxies and certificates, and most of the headers.
        self._environment: Any = session.merge_environment_settings(base_url, {}, True, None, None)
        headers = {"LD-API-Version": "beta", "Accept": "application/json", "User-Agent": "launchdarkly-pulumi"}
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
            raise _lost(error, deadline, sent=exchange.sent) from None

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
    """

    current: ContextVar[_Exchange] = ContextVar("exchange")

    def __init__(self, exchanged: Callable[[], Answer]) -> None:
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
            self._socket = connected

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


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools, of connections that can be cut."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for a proxy of the environment."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
        return manager


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


def _lost(error: BaseException, deadline: Deadline, *, sent: bool) -> Lost:
    causes = list(_causes(error))
    words = _words(causes[-1])
    if isinstance(error, _TooLarge):
        return Lost(f"answers with more than {MAX_BODY_BYTES} bytes", sent=True, repeatable=False)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Lost(f"has a certificate that is not accepted: {words}", sent=False, repeatable=False)
    if deadline.remaining() <= 0 or any(isinstance(cause, (requests.Timeout, TimeoutError)) for cause in causes):
        return Lost("gave no answer in time", sent=sent)
    return Lost(f"{'broke the connection' if sent else 'cannot be reached'}: {words}", sent=sent)


def _causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(error: BaseException) -> str:
    """The operating system's own words; what the libraries wrap around them says nothing to people."""
    words = getattr(error, "strerror", None) or str(error)
    # The URL of a proxy may hold a password.
    return re.sub(r"//[^/\s]*@", "//[secret]@", words)
