"""A proxy between a client and a real server that breaks what a test tells it to break, and passes on the rest.

::

    with Emulator() as emulator, FaultProxy(emulator.url) as proxy:
        proxy.inject(ResetAfter(), method="POST")
        ...  # the next POST is committed by the emulator, and its answer is lost

Each fault is used once, by the next request (of its method). Nothing outlives the ``with``: it ends every
wait, and it fails if something went wrong inside the proxy, in a thread that no test looks at.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import selectors
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, parse_headers
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

JOIN_TIMEOUT = 10.0
SETTLE_TIMEOUT = 30.0
UPSTREAM_CONNECT_TIMEOUT = 10.0
RECEIVE_SIZE = 64 * 1024

Header = tuple[str, str]
Document = dict[str, Any]


class Seen(NamedTuple):
    """What became of a request; equal to a plain tuple.

    :param outcome: ``forwarded 201``, or the fault's name with what was forwarded, if anything:
        ``ResetBefore``, ``ResetAfter, forwarded 201``; ``upstream lost: ...`` if upstream gave no answer.
    """

    method: str
    path: str
    outcome: str


# What goes over the wire ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """A request as it was received; ``raw`` is empty while it is unread."""

    method: str
    path: str
    raw: bytes = b""
    headers: Message = field(default_factory=Message)

    @property
    def wants_close(self) -> bool:
        """Whether the client sends no other one on this connection."""
        return self.headers.get("Connection", "").lower() == "close"

    @property
    def document(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.raw.partition(b"\r\n\r\n")[2])

    def with_document(self, document: Any) -> Request:
        """The same request about another body."""
        body = json.dumps(document).encode()
        kept = [(k, v) for k, v in self.headers.items() if k.lower() != "content-length"]
        head = _head(f"{self.method} {self.path} HTTP/1.1", [*kept, ("Content-Length", str(len(body)))])
        return replace(self, raw=head + body)

    def as_get(self) -> Request:
        """A request for the document that this one is about."""
        kept = [(k, v) for k, v in self.headers.items() if k.lower() not in {"content-length", "content-type"}]
        head = _head(f"GET {self.path} HTTP/1.1", kept)
        return Request("GET", self.path, head, self.headers)


@dataclass(frozen=True)
class Reply:
    """An answer, taken apart."""

    status: int
    reason: str
    headers: tuple[Header, ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        """Status line, headers and body."""
        return _head(f"HTTP/1.1 {self.status} {self.reason}", self.headers) + self.body

    @property
    def document(self) -> Document | None:
        """The body, if it is a JSON object."""
        try:
            decoded = json.loads(self.body)
        except ValueError:
            return None
        return decoded if isinstance(decoded, dict) else None

    @property
    def ends_connection(self) -> bool:
        """Whether only the connection's end tells the client that this is all."""
        headers = _lower(self.headers)
        framing = [value for name, value in headers if name in {"content-length", "transfer-encoding"}]
        exact = not self.body if self.status in (204, 304) else framing == [str(len(self.body))]
        return not exact or self.status < 200 or ("connection", "close") in headers

    def with_body(self, body: bytes) -> Reply:
        """The same answer about another body."""
        kept = tuple((k, v) for k, v in self.headers if k.lower() != "content-length")
        return replace(self, headers=(*kept, ("content-length", str(len(body)))), body=body)


def _head(first_line: str, headers: Sequence[Header]) -> bytes:
    return "\r\n".join([first_line, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


def _lower(headers: Sequence[Header]) -> list[Header]:
    return [(name.lower(), value.lower()) for name, value in headers]


def _receive_request(client: socket.socket) -> Request:
    head, _, body = _receive_until(client, lambda data: b"\r\n\r\n" in data).partition(b"\r\n\r\n")
    first_line, _, fields = head.partition(b"\r\n")
    headers = parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
    if "Transfer-Encoding" in headers:
        raise NotImplementedError("the proxy reads no chunked requests")
    length = int(headers.get("Content-Length", 0))
    body = _receive_until(client, lambda data: len(data) >= length, body)
    if len(body) > length:
        raise NotImplementedError("the proxy reads no request before it has answered the last one")
    method, path, _ = first_line.decode("latin-1").split(" ")
    return Request(method, path, head + b"\r\n\r\n" + body, headers)


def _receive_until(client: socket.socket, is_whole: Callable[[bytearray], bool], begun: bytes = b"") -> bytes:
    data = bytearray(begun)
    while not is_whole(data):
        chunk = client.recv(RECEIVE_SIZE)
        if not chunk:
            raise _ClientLeft
        data += chunk
    return bytes(data)


def _receive_reply(upstream: socket.socket, method: str) -> tuple[Reply, bool]:
    """The answer, and whether the connection ends with it."""
    with contextlib.closing(HTTPResponse(upstream, method=method)) as response:
        response.begin()
        headers = tuple((k, v) for k, v in response.headers.items() if k.lower() != "transfer-encoding")
        reply = Reply(response.status, response.reason, headers, response.read())
        if reply.body and "content-length" not in dict(_lower(headers)):
            reply = reply.with_body(reply.body)  # it was chunked
        return reply, response.will_close


# The faults -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What happens to one request."""

    reads_request: ClassVar[bool] = True

    def apply(self, exchange: Exchange) -> None:
        """Acts on a request. The connection ends, unless the exchange answered."""
        raise NotImplementedError

    @property
    def kind(self) -> str:
        """What the outcome calls it."""
        return type(self).__name__

    def parts(self) -> list[Fault]:
        """What the next requests use, one each."""
        return [self]


@dataclass(frozen=True)
class Forward(Fault):
    """No fault: lets a request pass, so that the next fault is for a later one."""

    kind = ""

    def apply(self, exchange: Exchange) -> None:
        """Forwards."""
        exchange.answer(exchange.forward())


@dataclass(frozen=True)
class Refuse(Fault):
    """The connection ends before the request is read. ``FaultProxy.stop_listening`` refuses the connection itself."""

    reads_request = False

    def apply(self, exchange: Exchange) -> None:
        """Ends the connection."""
        exchange.drop()


@dataclass(frozen=True)
class ResetBefore(Fault):
    """The request is read and not forwarded; then the connection is reset."""

    def apply(self, exchange: Exchange) -> None:
        """Resets."""
        exchange.reset()


@dataclass(frozen=True)
class ResetAfter(Fault):
    """The request is committed upstream; then the connection is reset instead of the answer."""

    def apply(self, exchange: Exchange) -> None:
        """Forwards, then resets."""
        exchange.forward()
        exchange.reset()


@dataclass(frozen=True)
class CutAnswer(Fault):
    """The request is committed, and the connection ends after the first bytes of the answer, status line included.

    :param offset: how many bytes; a negative number leaves out as many at the end.
    """

    offset: int

    def apply(self, exchange: Exchange) -> None:
        """Forwards, and sends a part."""
        raw = exchange.forward().raw
        exchange.send([raw[: self.offset]])


@dataclass(frozen=True)
class Delay(Fault):
    """The answer comes late, or when the test calls ``FaultProxy.release``.

    :param after_commit: whether the request is committed before the delay, or after it: even if the client
        has given up by then, as a slow server would. ``FaultProxy.settle`` waits for that.
    """

    seconds: float
    after_commit: bool = False

    def apply(self, exchange: Exchange) -> None:
        """Waits before or after it forwards."""
        if self.after_commit:
            exchange.forward()
        exchange.pause(self.seconds)
        exchange.answer(exchange.forward())


@dataclass(frozen=True)
class Dribble(Fault):
    """The request is committed, and the answer comes a few bytes at a time, headers included.

    :param interval: seconds between the chunks.
    """

    interval: float
    chunk: int = 1

    def apply(self, exchange: Exchange) -> None:
        """Forwards, and sends slowly."""
        raw = exchange.forward().raw
        exchange.send(self._chunks(raw, exchange))

    def _chunks(self, raw: bytes, exchange: Exchange) -> Iterator[bytes]:
        for start in range(0, len(raw), self.chunk):
            if start:
                exchange.pause(self.interval)
            yield raw[start : start + self.chunk]


@dataclass(frozen=True, repr=False)
class Answer(Fault):
    """An answer instead of upstream's, as another proxy on the way may give it.

    ``Content-Length`` is added; one that is given, or ``Transfer-Encoding``, is sent as it is, right or
    wrong, and then the connection ends after the body.

    :param headers: as a mapping, or as pairs to repeat one; in Latin-1, with whatever control characters.
    :param forwarded: whether the request is committed upstream first.
    """

    status: int
    headers: Mapping[str, str] | Sequence[Header] = ()
    body: bytes = b""
    forwarded: bool = False

    @classmethod
    def html(cls, status: int, *, forwarded: bool = False) -> Answer:
        """A proxy's own page."""
        page = f"<html><body><h1>{status} {_reason(status)}</h1></body></html>"
        return cls(status, {"Content-Type": "text/html"}, page.encode(), forwarded)

    @classmethod
    def json(
        cls, status: int, body: Any, headers: Mapping[str, str] | None = None, *, forwarded: bool = False
    ) -> Answer:
        """LaunchDarkly's form of an answer."""
        named = {"Content-Type": "application/json", **(headers or {})}
        return cls(status, named, json.dumps(body).encode(), forwarded)

    @classmethod
    def redirect(cls, location: str, status: int = 302, *, forwarded: bool = False) -> Answer:
        """A redirect to another place."""
        return cls(status, {"Location": location}, b"", forwarded)

    def __repr__(self) -> str:
        forwarded = ", forwarded=True" if self.forwarded else ""
        return f"Answer({self.status}, {_brief(self.headers)}, {_brief(self.body)}{forwarded})"

    def apply(self, exchange: Exchange) -> None:
        """Answers."""
        if self.forwarded:
            exchange.forward()
        exchange.answer(self._reply())

    def _reply(self) -> Reply:
        pairs = tuple(self.headers.items() if isinstance(self.headers, Mapping) else self.headers)
        if not {"content-length", "transfer-encoding"} & set(dict(_lower(pairs))):
            pairs = (*pairs, ("Content-Length", str(len(self.body))))
        return Reply(self.status, _reason(self.status), pairs, self.body)


@dataclass(frozen=True, repr=False)
class Mangle(Fault):
    """The request is committed, and its answer is changed; an answer that is no JSON object stays as it is.

    :param function: makes another document of the decoded answer: ``other_id``, ``without_id``,
        ``older_version``, or a test's own.
    """

    function: Callable[[Document], Any]

    def __repr__(self) -> str:
        return f"Mangle({_name(self.function)})"

    def apply(self, exchange: Exchange) -> None:
        """Forwards, and answers with what the function makes of it."""
        reply = exchange.forward()
        if reply.document is not None:
            reply = reply.with_body(json.dumps(self.function(reply.document)).encode())
        exchange.answer(reply)


def other_id(document: Document) -> Document:
    """The integration with the ID of another one."""
    return document | {"_id": "ffffffffffffffffffffffff"}


def without_id(document: Document) -> Document:
    """The integration without its ID."""
    return {key: value for key, value in document.items() if key != "_id"}


def older_version(document: Document) -> Document:
    """The integration with a version below every real one."""
    return document | {"version": 0}


@dataclass(frozen=True)
class Unchanged(Fault):
    """200 with the document as it was before the request (a PATCH).

    :param forwarded: whether the request is committed after that was read.
    """

    forwarded: bool = False

    def apply(self, exchange: Exchange) -> None:
        """Reads, and answers with what was read."""
        before = exchange.read_document()
        if self.forwarded:
            exchange.forward()
        exchange.answer(before)


@dataclass(frozen=True)
class Barrier(Fault):
    """Holds the next requests until that many are in flight at once, then forwards them all.

    :param timeout: seconds, after which the requests are dropped and the test fails.
    """

    parties: int
    timeout: float = 30.0

    def parts(self) -> list[Fault]:
        """One place for each request."""
        return [_Place(self, [])] * self.parties


@dataclass(frozen=True, repr=False)
class _Place(Fault):
    barrier: Barrier
    arrivals: list[Request]

    kind = "Barrier"

    def __repr__(self) -> str:
        return repr(self.barrier)

    def apply(self, exchange: Exchange) -> None:
        exchange.meet(self.arrivals, self.barrier.parties, self.barrier.timeout)
        exchange.answer(exchange.forward())


@dataclass(frozen=True, repr=False)
class Hook(Fault):
    """Calls a function at this very moment: to edit the emulator from outside, or to kill a process.

    An exception in it ends the connection and fails the test.

    :param after_commit: whether the request is forwarded before the call, or after it.
    :param then: what else happens to the request.
    """

    function: Callable[[], object]
    after_commit: bool = False
    then: Fault = field(default_factory=Forward)

    def __repr__(self) -> str:
        moment = ", after_commit=True" if self.after_commit else ""
        then = "" if self.then == Forward() else f", then={self.then!r}"
        return f"Hook({_name(self.function)}{moment}{then})"

    @property
    def kind(self) -> str:
        """Its name, and that of what follows."""
        return ", ".join(filter(None, ["Hook", self.then.kind]))

    def apply(self, exchange: Exchange) -> None:
        """Calls the function."""
        if self.after_commit:
            exchange.forward()
        self.function()
        self.then.apply(exchange)


def _as_injected(faults: Sequence[Fault]) -> Iterator[Fault]:
    """The faults with each barrier whole, once for all its places."""
    places = set()
    for fault in faults:
        if not isinstance(fault, _Place):
            yield fault
        elif id(fault) not in places:
            places.add(id(fault))
            yield fault.barrier


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _name(function: Callable[..., object]) -> str:
    # The default would be an address, which is another one in each run.
    return str(getattr(function, "__qualname__", type(function).__name__)).rsplit("<locals>.", 1)[-1]


def _brief(value: object, limit: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


class _Queued(NamedTuple):
    method: str | None
    fault: Fault


# The proxy --------------------------------------------------------------------------------------------------


class _Closed(Exception):
    """The proxy is closed, or refuses: whatever waits ends."""


class _UpstreamLost(Exception):
    """Upstream did not answer."""


class _ClientLeft(Exception):
    """The client waits for nothing any more. Not an OSError: those of hooks and barriers are failures."""


@contextlib.contextmanager
def _client_may_leave() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _ClientLeft from error


class FaultProxy:
    """Listens on loopback from ``with`` to its end.

    :param upstream: the real server's URL.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = (str(urlsplit(upstream).hostname), int(urlsplit(upstream).port or 80))
        # One condition for all that is shared and all that is waited for, so that closing wakes everyone.
        self._changed = threading.Condition()
        self._closed = False
        self._released = 0
        self._queue: list[_Queued] = []
        self._seen: list[Seen] = []
        self._failures: list[str] = []
        self._last_answer = b""
        self._clients: set[socket.socket] = set()
        self._busy: set[socket.socket] = set()
        self._answering: set[socket.socket] = set()
        self._upstreams: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()

    def __enter__(self) -> FaultProxy:
        self._port = _Port()
        self.start_listening()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        stuck = self._close()
        failures = self.failures + [f"still running after {JOIN_TIMEOUT} s: {name}" for name in stuck]
        # Hypothesis ends examples with BaseExceptions of its own, which must get through.
        if failures and (kind is None or issubclass(kind, Exception)):
            raise AssertionError("\n".join(["the fault proxy failed:", *failures]))

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._port.number}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}"

    # What tests tell it

    def inject(self, *faults: Fault, method: str | None = None) -> None:
        """Queues faults: each is for the next request, or the next of that method, that no earlier one is for."""
        with self._changed:
            self._queue += [_Queued(method, part) for fault in faults for part in fault.parts()]

    def clear(self) -> list[Fault]:
        """Drops the faults that are unused, and returns them."""
        with self._changed:
            unused, self._queue = [fault for _, fault in self._queue], []
        return list(_as_injected(unused))

    def stop_listening(self) -> None:
        """Refuses connections from now on; those that are open end, after the answers that are under way."""
        self._port.refuse()
        with self._changed:
            # Whoever has an answer must find the connection closed, also if its thread is a moment late.
            self._changed.wait_for(lambda: not self._answering, JOIN_TIMEOUT)
            self._hang_up(self._clients - self._busy, socket.SHUT_RDWR)
            self._hang_up(self._busy, socket.SHUT_RD)

    def start_listening(self) -> None:
        """Accepts connections again, on the same port."""
        self._port.listen(self._welcome)

    def release(self) -> None:
        """Ends the delays of all requests that are in flight, those to come included."""
        with self._changed:
            self._released += 1
            self._changed.notify_all()

    def settle(self) -> None:
        """Waits until no request is in flight, also none whose client has given up."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._busy, SETTLE_TIMEOUT):
                raise AssertionError(f"{len(self._busy)} requests are in flight after {SETTLE_TIMEOUT} s")

    # What it tells tests

    @property
    def requests(self) -> list[Seen]:
        """The requests so far, each from the moment that its fate is sealed, before its client knows."""
        with self._changed:
            return list(self._seen)

    def clear_requests(self) -> None:
        """Forgets the requests so far."""
        with self._changed:
            self._seen.clear()

    @property
    def last_answer(self) -> bytes:
        """The last of upstream's answers, whole: its length bounds the offsets at which one can be cut."""
        with self._changed:
            return self._last_answer

    @property
    def failures(self) -> list[str]:
        """What went wrong inside the proxy: a barrier that was not reached, a hook that raised, a bug."""
        with self._changed:
            return list(self._failures)

    # What connections need of it

    def _welcome(self, client: socket.socket, refused: threading.Event) -> None:
        connection = _Connection(self, client, refused)
        thread = threading.Thread(target=self._run, args=(connection,), name="fault-proxy-connection", daemon=True)
        with self._changed:
            # Threads do not take themselves off: closing could miss one that is about to end.
            self._threads = {other for other in self._threads if other.is_alive()} | {thread}
            self._clients.add(client)
        thread.start()

    def _run(self, connection: _Connection) -> None:
        try:
            connection.serve()
        except (_ClientLeft, _Closed):
            pass  # nobody is there to be answered
        except Exception:
            self._fail(traceback.format_exc())
        finally:
            connection.close()

    def _connect_upstream(self) -> socket.socket:
        upstream = socket.create_connection(self._upstream, UPSTREAM_CONNECT_TIMEOUT)
        upstream.settimeout(None)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            if not self._closed:
                self._upstreams.add(upstream)
                return upstream
        upstream.close()
        raise _Closed

    def _disconnect(self, connection: socket.socket) -> None:
        # Under the lock, so that nobody shuts down a socket whose number is already another one's.
        with self._changed:
            self._clients.discard(connection)
            self._upstreams.discard(connection)
            connection.close()

    def _take(self, method: str, connection: _Connection) -> _Queued:
        """What happens to a request, which is in flight from now on."""
        with self._changed:
            # Under the lock, so that a port that has stopped listening forwards nothing more.
            if connection.refused.is_set():
                raise _Closed
            self._busy.add(connection.client)
            for queued in self._queue:
                if queued.method in (None, method):
                    # By identity: equal faults are queued for other requests.
                    self._queue = [other for other in self._queue if other is not queued]
                    return queued
        return _Queued(method, Forward())

    def _put_back(self, queued: _Queued) -> None:
        with self._changed:
            self._queue.insert(0, queued)

    def _answers(self, client: socket.socket) -> None:
        with self._changed:
            self._answering.add(client)

    def _landed(self, client: socket.socket) -> None:
        with self._changed:
            self._busy.discard(client)
            self._answering.discard(client)
            self._changed.notify_all()

    def _record(self, seen: Seen) -> None:
        with self._changed:
            self._seen.append(seen)

    def _keep_answer(self, raw: bytes) -> None:
        with self._changed:
            self._last_answer = raw

    def _fail(self, failure: str) -> None:
        with self._changed:
            self._failures.append(failure)

    def _releases(self) -> int:
        with self._changed:
            return self._released

    def _pause(self, seconds: float, releases: int) -> None:
        with self._changed:
            self._wait_for(lambda: self._released > releases, seconds)

    def _meet(self, request: Request, arrivals: list[Request], parties: int, timeout: float) -> None:
        with self._changed:
            arrivals.append(request)
            self._changed.notify_all()
            met = self._wait_for(lambda: len(arrivals) >= parties, timeout)
        if not met:
            raise TimeoutError(f"{len(arrivals)} of {parties} requests were in flight after {timeout} s")

    def _wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        came = self._changed.wait_for(lambda: self._closed or predicate(), min(timeout, threading.TIMEOUT_MAX))
        if self._closed:
            raise _Closed
        return came

    def _hang_up(self, connections: set[socket.socket], how: int) -> None:
        for connection in connections:
            # Some are closed by the other side at this very moment.
            with contextlib.suppress(OSError):
                connection.shutdown(how)

    def _close(self) -> list[str]:
        """Ends everything; the names of the threads that did not."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._port.close()
        with self._changed:
            self._hang_up(self._clients | self._upstreams, socket.SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join(JOIN_TIMEOUT)
        return [thread.name for thread in threads if thread.is_alive()]


class Exchange:
    """One request and its answer: what a fault can do with them."""

    def __init__(self, proxy: FaultProxy, connection: _Connection, request: Request, fault: Fault) -> None:
        self._proxy, self._connection, self._request = proxy, connection, request
        self._fault = fault
        self._reply: Reply | None = None
        self._releases = proxy._releases()
        self.connection_goes_on = False

    @property
    def request(self) -> Request:
        """The request."""
        return self._request

    def rewrite(self, document: Any) -> None:
        """Lets another body be forwarded than the client has sent."""
        self._request = self._request.with_document(document)

    def forward(self) -> Reply:
        """Upstream's answer; it is asked once."""
        if self._reply is None:
            self._reply = self._ask(self._request)
            self._proxy._keep_answer(self._reply.raw)
        return self._reply

    def read_document(self) -> Reply:
        """Upstream's answer to a GET of the same path."""
        return self._ask(self._request.as_get())

    def answer(self, reply: Reply) -> None:
        """Sends an answer; the connection goes on if it can."""
        self._proxy._answers(self._connection.client)
        self.send([reply.raw])
        self.connection_goes_on = not (reply.ends_connection or self._request.wants_close)

    def send(self, chunks: Sequence[bytes] | Iterator[bytes]) -> None:
        """Sends bytes."""
        self._record()
        for chunk in chunks:
            with _client_may_leave():
                self._connection.client.sendall(chunk)

    def reset(self) -> None:
        """Lets the connection end with a RST."""
        self._record()
        # Closing a socket that lingers for no time drops what is unsent and resets.
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        with _client_may_leave():
            self._connection.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def drop(self) -> None:
        """Lets the connection end."""
        self._record()

    def pause(self, seconds: float) -> None:
        """Waits, unless the test releases it or ends."""
        self._proxy._pause(seconds, self._releases)

    def meet(self, arrivals: list[Request], parties: int, timeout: float) -> None:
        """Waits for the other requests."""
        self._proxy._meet(self._request, arrivals, parties, timeout)

    def _ask(self, request: Request) -> Reply:
        try:
            return self._connection.ask_upstream(request)
        except (OSError, HTTPException) as error:
            self._record(f"upstream lost: {error!r}")
            raise _UpstreamLost from error

    def _record(self, outcome: str | None = None) -> None:
        # Before anything is sent, so that a client that has its answer finds its request recorded.
        self._proxy._record(Seen(self._request.method, self._request.path, outcome or self._outcome()))

    def _outcome(self) -> str:
        forwarded = f"forwarded {self._reply.status}" if self._reply else ""
        return ", ".join(filter(None, [self._fault.kind, forwarded]))


class _Connection:
    """A client's connection, with the one to upstream that serves it."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, refused: threading.Event) -> None:
        self._proxy, self.client, self.refused = proxy, client, refused
        self._upstream: socket.socket | None = None

    def serve(self) -> None:
        """Serves one request after another."""
        while first := self._peek():
            # A method is never cut: clients send it in one piece with the rest of the line.
            method, path = (first.split(b"\r\n", 1)[0].decode("latin-1") + " ?").split(" ")[:2]
            queued = self._proxy._take(method, self)
            try:
                goes_on = self._serve_one(Request(method, path), queued)
            except _UpstreamLost:
                goes_on = False
            finally:
                self._proxy._landed(self.client)
            if not goes_on:
                return

    def _peek(self) -> bytes:
        with _client_may_leave():
            return self.client.recv(RECEIVE_SIZE, socket.MSG_PEEK)

    def _serve_one(self, request: Request, queued: _Queued) -> bool:
        if queued.fault.reads_request:
            try:
                with _client_may_leave():
                    request = _receive_request(self.client)
            except _ClientLeft:
                # There was no request to use the fault on.
                if not isinstance(queued.fault, Forward):
                    self._proxy._put_back(queued)
                raise
        exchange = Exchange(self._proxy, self, request, queued.fault)
        queued.fault.apply(exchange)
        return exchange.connection_goes_on

    def ask_upstream(self, request: Request) -> Reply:
        """Sends a request on, and waits for the answer."""
        if self._upstream is not None and _is_stale(self._upstream):
            self._hang_up_upstream()
        if self._upstream is None:
            self._upstream = self._proxy._connect_upstream()
        self._upstream.sendall(request.raw)
        reply, ends = _receive_reply(self._upstream, request.method)
        if ends:
            self._hang_up_upstream()
        return reply

    def close(self) -> None:
        """Closes both connections."""
        self._hang_up_upstream()
        self._proxy._disconnect(self.client)

    def _hang_up_upstream(self) -> None:
        if self._upstream is not None:
            self._proxy._disconnect(self._upstream)
            self._upstream = None


def _is_stale(connection: socket.socket) -> bool:
    """Whether the other side has closed a connection on which nothing is expected."""
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
    return True


class _Port:
    """A port on loopback that listens or refuses, and is nobody else's meanwhile."""

    def __init__(self) -> None:
        self._socket = self._bound(0)
        self.number: int = self._socket.getsockname()[1]
        self._thread: threading.Thread | None = None

    def listen(self, welcome: Callable[[socket.socket, threading.Event], None]) -> None:
        """Accepts connections, each with an event that tells when the port began to refuse."""
        if self._thread is not None:
            return
        self._socket.listen(1024)
        self._socket.setblocking(False)
        self._refused = threading.Event()
        wake, self._waker = socket.socketpair()
        arguments = (self._socket, wake, self._refused, welcome)
        self._thread = threading.Thread(target=_accept, args=arguments, name="fault-proxy-port", daemon=True)
        self._thread.start()

    def refuse(self) -> None:
        """Refuses connections."""
        if self._thread is not None:
            self.close()
            # A port that is bound and does not listen refuses, and cannot be given to anyone else.
            self._socket = self._bound(self.number)

    def close(self) -> None:
        """Gives the port back."""
        if self._thread is not None:
            self._refused.set()
            self._waker.close()
            self._thread.join()
            self._thread = None
        self._socket.close()

    @staticmethod
    def _bound(number: int) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere this would share the port with others
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", number))
        return bound


def _accept(
    listener: socket.socket,
    wake: socket.socket,
    refused: threading.Event,
    welcome: Callable[[socket.socket, threading.Event], None],
) -> None:
    # Closing a socket does not wake a thread that accepts on it: hence the second one.
    with wake, selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while selector.select() and not refused.is_set():
            with contextlib.suppress(OSError):  # the client left before it was let in
                client, _ = listener.accept()
                client.setblocking(True)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                welcome(client, refused)
