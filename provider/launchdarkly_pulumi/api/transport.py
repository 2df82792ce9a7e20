"""One HTTP request and its response, in bounded time and size. The only module that imports requests.

What belongs here: headers, proxies, certificates, and which words an error of the libraries becomes.

Safe to use from several threads: what they share is urllib3's connection pool, which is made for it.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, Optional

import requests
from requests.adapters import HTTPAdapter

from .. import __version__
from ..errors import SettingsError
from .answers import Answer, Lost
from .clock import Deadline
from .exchange import Exchange, Pool, PoolTLS, PoolTunnelled, pool_through_socks
from .proxies import Proxy, proxy_for

USER_AGENT = f"launchdarkly-pulumi/{__version__}"
CONNECT_TIMEOUT = 5.0
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_STREAM_BYTES = 8 * MAX_BODY_BYTES
"""Of a body that is read as it arrives: the listing of about 160,000 stores."""
CONNECTIONS = 16
"""Kept open to LaunchDarkly, one for each request that may be under way."""

SHORTEST_TIMEOUT = 0.05

Reader = Callable[[Iterator[bytes]], object]
"""Makes something of a body as it arrives."""


class Transport:
    """Sends requests to one LaunchDarkly instance.

    :param base_url: the instance's URL, without a path.
    :param token: goes into ``Authorization`` as it is.
    :param timeout: seconds to wait for each read of a response.
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
        headers = {"LD-API-Version": "beta", "Accept": "application/json", "User-Agent": USER_AGENT}
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
        *,
        reader: Optional[Reader] = None,
    ) -> Answer:
        """Sends one request and reads the whole response; a redirect is a response like any other.

        :param path: quoted, as it is sent.
        :param ends_early: ends the wait for the response once it is set.
        :param reader: reads the body of a 2xx as it arrives, which may be larger then.
        :raises Lost: there was no response in time, or it was larger than ``MAX_BODY_BYTES``; with a reader, than
            ``MAX_STREAM_BYTES``.
        """
        request = self._prepared(method, path, body)
        timeout = max(SHORTEST_TIMEOUT, min(self._timeout, deadline.remaining()))

        exchange = Exchange(lambda: self._exchanged(request, timeout, reader))
        try:
            return exchange.answer_within(deadline.remaining(), ends_early)
        except Exception as error:
            # Not only the errors that the libraries document: a chunk of negative length is a ValueError of Python's
            # own, and whatever a response does to the libraries, its request may have taken effect.
            by = str(self.proxy) if exchange.at_proxy else ""
            raise _lost(error, deadline, sent=exchange.sent, by=by) from None

    def _exchanged(self, request: requests.PreparedRequest, timeout: float, reader: Optional[Reader]) -> Answer:
        """The response, with its body or what the reader makes of it."""
        response = self._adapter.send(request, timeout=(min(CONNECT_TIMEOUT, timeout), timeout), **self._environment)
        with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if reader and response.status_code // 100 == 2:
                answer = Answer(response.status_code, headers, read=reader(_chunks(response, MAX_STREAM_BYTES)))
            else:
                answer = Answer(response.status_code, headers, b"".join(_chunks(response, MAX_BODY_BYTES)))
        # http.client takes the end of a connection for the end of the headers, or of a body without a length.
        if not _is_whole(answer, response.raw.version):
            raise ConnectionError("the response was cut off")
        return answer

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


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes pools whose connections can be cut."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": PoolTLS}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for a proxy of the environment, which only https goes through."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        pool = pool_through_socks() if proxy.startswith("socks") else PoolTunnelled
        manager.pool_classes_by_scheme = {"https": pool}
        return manager


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
    """Whether the headers say where the body ends, as those of a whole response do (RFC 9112, section 6.3)."""
    length, encoding = (answer.headers.get(name, "") for name in ("content-length", "transfer-encoding"))
    framed = length.isdecimal() or encoding.lower().endswith("chunked")
    until_close = http_version < 11 or "close" in answer.headers.get("connection", "").lower()
    return framed or until_close or answer.status in (204, 304)


def _chunks(response: requests.Response, most: int) -> Iterator[bytes]:
    """The body as it arrives.

    :raises _TooLarge: it has more than so many bytes.
    """
    length = 0
    for chunk in response.raw.stream(64 * 1024, decode_content=True):
        length += len(chunk)
        if length > most:
            raise _TooLarge(most)
        yield chunk


class _TooLarge(OSError):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most


_FINAL_REFUSAL = re.compile("Tunnel connection failed: 4|.*SOCKS5 authentication")
"""How a proxy's words begin where it wants other credentials, or lets nobody through to the instance."""


def _lost(error: BaseException, deadline: Deadline, *, sent: bool, by: str) -> Lost:
    causes = list(_causes(error))
    words = _words(causes[-1])
    if isinstance(error, _TooLarge):
        return Lost(f"responds with more than {error.most} bytes", sent=True, repeatable=False)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Lost("has a certificate that is not accepted", words, sent=False, repeatable=False, by=by)
    if deadline.remaining() <= 0 or any(isinstance(cause, (requests.Timeout, TimeoutError)) for cause in causes):
        return Lost("did not respond in time", sent=sent, by=by)
    if by and getattr(causes[-1], "errno", None) is None:
        # Not the operating system's words, but the proxy's own.
        final = _FINAL_REFUSAL.match(words) is not None
        words = words.removeprefix("Tunnel connection failed: ")
        return Lost("gives no connection", words, sent=False, repeatable=not final, by=by)
    return Lost("broke the connection" if sent else "cannot be reached", words, sent=sent, by=by)


def _causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    """An error and its causes; through a proxy, urllib3 gives the cause only as an argument."""
    while error is not None:
        yield error
        within = (argument for argument in error.args if isinstance(argument, BaseException))
        error = error.__cause__ or error.__context__ or next(within, None)


def _words(error: BaseException) -> str:
    """The operating system's own words; what the libraries wrap around them says nothing to people."""
    words = getattr(error, "strerror", None) or str(error)
    # The URL of a proxy may hold a password.
    return re.sub(r"//\S*@", "//[secret]@", words)
