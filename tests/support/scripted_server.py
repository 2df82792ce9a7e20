"""A server that answers as it is told, for what no well-behaved server does."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Union


class Request(NamedTuple):
    """One request as it came over the wire.

    :param target: the path as it was sent, percent-encoding and all.
    :param headers: names and values in their order, repeated ones repeated.
    :param connection: which connection of the server it came on, from 1.
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body. A ``Content-Length`` is added; one that is given is sent as it is, right or wrong."""

Step = Union[Answer, Callable[[Request], Union[Answer, None]]]
"""An answer, or what makes one of the request; ``None`` closes the connection without an answer."""


def no_answer(_request: Request) -> None:
    """A step that closes the connection."""


def answer(status: int, body: Any, **headers: str) -> Answer:
    """An answer with a JSON body; ``retry_after="3"`` is the header ``Retry-After``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(body).encode()


def html(status: int) -> Answer:
    """A proxy's own page."""
    return status, {"Content-Type": "text/html"}, b"<html><body><h1>Bad gateway</h1></body></html>"


class ScriptedServer:
    """Listens on loopback from ``with`` to its end, and gives the answers in turn, the last one ever after.

    :param tls: speaks TLS.
    """

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None) -> None:
        self._steps = list(steps)
        self._server = _Server(self)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.002,), daemon=True)
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.disconnect()
        self._server.server_close()
        assert self._server.failures == []

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://{self.host}"

    @property
    def connections(self) -> int:
        """How many connections were opened, whether or not a request came on them."""
        return self._server.connections

    @property
    def methods(self) -> list[str]:
        """The methods of the requests so far."""
        return [request.method for request in self.requests]

    def reply(self, request: Request) -> Answer | None:
        """The next answer of the script."""
        with self._lock:
            self.requests.append(request)
            step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        return step(request) if callable(step) else step


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        self.connections = 0
        self.failures: list[str] = []
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[Any, Any]:
        self.connections += 1
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, (*address, self.connections)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def disconnect(self) -> None:
        """Ends the connections that clients keep open, and with them their threads."""
        for connection in list(self._open):
            # Some are closed by their clients at this very moment.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        failure = traceback.format_exc()
        # A client may leave before it has read everything.
        if "ConnectionResetError" not in failure and "BrokenPipeError" not in failure:
            self.failures.append(failure)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, self.headers.items(), body, self.client_address[2])  # type: ignore[misc]
        reply = self.server.script.reply(request)
        if reply is None:
            self.close_connection = True
            return
        status, headers, content = reply
        headers = {"Content-Length": str(len(content)), **headers}
        self.close_connection = headers["Content-Length"] != str(len(content))
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        # In one piece, or else the rest waits for the client's acknowledgement.
        self.wfile.write("\r\n".join(lines).encode() + content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""
