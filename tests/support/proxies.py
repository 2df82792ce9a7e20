"""Proxies on loopback whose tunnels all lead to one server, whatever host is asked for."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator


class Proxy(ABC):
    """Listens from ``with`` to its end.

    :param target: the port on loopback that each tunnel leads to.
    :param tls: speaks TLS with its clients.

    ``asked`` has what each client wanted to be connected with, ``credentials`` what it gave to be let through.
    """

    scheme = ""

    def __init__(self, target: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._target, self._tls = target, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self.asked: list[str] = []
        self.credentials: list[str] = []

    @property
    def url(self) -> str:
        """What the environment variable holds."""
        return f"{self.scheme}://{self.host}"

    def url_with(self, credentials: str) -> str:
        """The same with a user and a password, as they are written there."""
        return f"{self.scheme}://{credentials}@{self.host}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in (self._thread, *self._threads):
            thread.join(10)
        self._listener.close()

    def _listen(self) -> None:
        # Ends with the listener.
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                connection, _ = self._listener.accept()
                self.connections += 1
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        # Clients leave as they like, also in the middle of a handshake.
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as client:
                if self._greet(client):
                    with socket.create_connection(("127.0.0.1", self._target), 10) as server:
                        for received, to in self._received(client, server):
                            to.sendall(received)

    def _received(self, one: socket.socket, other: socket.socket) -> Iterator[tuple[bytes, socket.socket]]:
        """What comes from either side, and the side that it is for."""
        while not self._over.is_set():
            held = [each for each in (one, other) if isinstance(each, ssl.SSLSocket) and each.pending()]
            for each in held or select.select([one, other], [], [], 0.05)[0]:
                received = each.recv(64 * 1024)
                if not received:
                    return
                yield received, other if each is one else one

    @abstractmethod
    def _greet(self, client: socket.socket) -> bool:
        """Agrees with a client on a tunnel; whether there is to be one."""


class ConnectProxy(Proxy):
    """A proxy that speaks HTTP.

    :param refusal: its whole answer to each request, in place of a tunnel.
    """

    scheme = "http"

    def __init__(self, target: int = 0, *, refusal: bytes = b"", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(target, tls)
        self.scheme = "https" if tls else "http"
        self._refusal = refusal

    def _greet(self, client: socket.socket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(64 * 1024)
        first, *headers = head.decode().split("\r\n")
        self.asked.append(first.split()[1])
        self.credentials += [line.partition(": ")[2] for line in headers if line.lower().startswith("proxy-auth")]
        client.sendall(self._refusal or b"HTTP/1.1 200 Connection established\r\n\r\n")
        return not self._refusal


class SocksProxy(Proxy):
    """A proxy that speaks SOCKS 5.

    :param wants: the user and password, ``user:password``, that it lets through; empty for everybody.
    :param refusal: the code that it answers with in place of a tunnel, such as 5 for "connection refused".
    """

    scheme = "socks5h"

    def __init__(self, target: int = 0, *, wants: str = "", refusal: int = 0) -> None:
        super().__init__(target)
        self._wants, self._refusal = wants, refusal

    def _greet(self, client: socket.socket) -> bool:
        _, methods = self._exactly(client, 2)
        self._exactly(client, methods)
        client.sendall(bytes([5, 2 if self._wants else 0]))
        if self._wants and not self._is_let_through(client):
            return False
        _, _, _, kind = self._exactly(client, 4)
        length = self._exactly(client, 1)[0] if kind == 3 else 4
        host = self._exactly(client, length)
        (port,) = struct.unpack(">H", self._exactly(client, 2))
        self.asked.append(f"{host.decode() if kind == 3 else socket.inet_ntoa(host)}:{port}")
        client.sendall(bytes([5, self._refusal, 0, 1, 0, 0, 0, 0, 0, 0]))
        return not self._refusal

    def _is_let_through(self, client: socket.socket) -> bool:
        _, length = self._exactly(client, 2)
        user = self._exactly(client, length)
        password = self._exactly(client, self._exactly(client, 1)[0])
        self.credentials.append(f"{user.decode()}:{password.decode()}")
        known = self.credentials[-1] == self._wants
        client.sendall(bytes([1, 0 if known else 1]))
        return known

    @staticmethod
    def _exactly(client: socket.socket, count: int) -> bytes:
        received = b""
        while len(received) < count:
            more = client.recv(count - len(received))
            if not more:
                raise ConnectionError
            received += more
        return received
