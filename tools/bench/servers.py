"""The local LaunchDarkly that is asked, in a process of its own, and a relay that counts what passes."""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

STOP_TIMEOUT = 15


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def emulator(latency_ms: int, request_log: Path | None = None, rate_limit: int | None = None) -> Iterator[str]:
    """Runs LaunchDarkly; gives its URL."""
    command = [sys.executable, "-m", "launchdarkly_pulumi", "emulator", "--port", "0", "--latency", str(latency_ms)]
    command += ["--request-log", str(request_log)] if request_log else []
    command += ["--rate-limit", str(rate_limit)] if rate_limit else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            announced = re.search(r"http://\S+", process.stdout.readline())
            if announced is None:
                raise RuntimeError("the emulator did not start")
            yield announced[0]
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)


@dataclass
class Traffic:
    """What passed between Pulumi and LaunchDarkly."""

    requests: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


class CountingRelay:
    """Passes connections on to a server and counts them; a context manager.

    :param upstream: the server's URL.
    :param request_log: where that server writes a line for each request.
    """

    def __init__(self, upstream: str, request_log: Path) -> None:
        self._upstream = (str(urlsplit(upstream).hostname), int(urlsplit(upstream).port or 80))
        self._log = request_log
        self._lines_read = 0
        self._lock = threading.Lock()
        self._traffic = Traffic()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> CountingRelay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def take(self) -> Traffic:
        """What passed since the last time."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        with self._lock:
            traffic, self._traffic = self._traffic, Traffic()
        traffic.requests = Counter(json.loads(line)["method"] for line in lines[self._lines_read :])
        self._lines_read = len(lines)
        return traffic

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    self._traffic.connections += 1
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as server, suppress(OSError):
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (server if ready is client else client).sendall(data)
                    with self._lock:
                        self._traffic.bytes_sent += len(data) if ready is client else 0
                        self._traffic.bytes_received += len(data) if ready is server else 0
