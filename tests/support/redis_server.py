"""A real Redis: a process of its own on a free loopback port, without persistence."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

START_TIMEOUT = 10
STOP_TIMEOUT = 5


class Certificate(NamedTuple):
    """Two files of PEM."""

    certificate: Path
    key: Path

    @classmethod
    def self_signed(cls, folder: Path, address: str = "127.0.0.1") -> Certificate:
        """Makes one with the ``openssl`` command, valid for a day and one IP address."""
        openssl = shutil.which("openssl")
        assert openssl, "a certificate is made with the openssl command: install openssl"
        made = cls(folder / "certificate.pem", folder / "key.pem")
        kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        names = ["-subj", "/CN=redis", "-addext", f"subjectAltName=IP:{address}"]
        files = ["-keyout", str(made.key), "-out", str(made.certificate)]
        subprocess.run([openssl, "req", *kind, *names, *files], check=True, capture_output=True)
        return made


class RedisServer:
    """A ``redis-server`` that listens from ``start`` (or ``with``) to ``stop``, as often as one likes.

    The port stays the same, and connections to it are refused in between. Credentials may be changed before a start.

    :param password: of the default user; ``None``: it needs none, unless there are ``users``, then it is off.
    :param users: passwords of further users, who may do everything.
    :param tls: speaks TLS with this certificate, and nothing else.
    :param options: further lines of its configuration.
    """

    host = "127.0.0.1"
    ready = "Ready to accept connections"

    def __init__(
        self,
        *,
        password: str | None = None,
        users: Mapping[str, str] | None = None,
        tls: Certificate | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.password = password
        self.users = dict(users or {})
        self.tls = tls
        self.options = tuple(options)
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind((self.host, 0))
        self.port: int = self._reservation.getsockname()[1]
        # NOTE: only Linux lets Redis listen on a port that another socket is bound to; there it is kept while
        # Redis is stopped. Elsewhere somebody else could get it.
        if sys.platform != "linux":
            self._reservation.close()
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> None:
        """Listens. Returns when commands are answered; ``RuntimeError`` with Redis's own words if they never are."""
        executable = shutil.which("redis-server")
        if executable is None:
            raise FileNotFoundError("there is no redis-server on PATH: run tools/get_redis.sh")
        self._folder = tempfile.TemporaryDirectory(prefix="redis-")
        # From standard input, so that no password is on a command line or in a file.
        self._process = subprocess.Popen(
            [executable, *self._arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self._folder.name,
        )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(self._configuration())
        self._wait_until_ready(self._process)

    def _arguments(self) -> list[str]:
        return ["-"]

    def _configuration(self) -> str:
        lines = [f"bind {self.host}", "loglevel notice", 'save ""', "appendonly no"]
        if self.tls is None:
            lines.append(f"port {self.port}")
        else:
            files = (f"tls-cert-file {quoted(str(self.tls.certificate))}", f"tls-key-file {quoted(str(self.tls.key))}")
            lines += ["port 0", f"tls-port {self.port}", *files, "tls-auth-clients no"]
        if self.password is not None:
            lines.append(f"requirepass {quoted(self.password)}")
        elif self.users:
            lines.append("user default off")
        lines += [f"user {name} on {quoted(f'>{password}')} ~* &* +@all" for name, password in self.users.items()]
        return "\n".join([*lines, *self.options]) + "\n"

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        # Ends the reading below, should Redis hang.
        watchdog = threading.Timer(START_TIMEOUT, process.kill)
        watchdog.start()
        said: list[str] = []
        try:
            for line in process.stdout:
                if self.ready in line:
                    return
                said.append(line)
        finally:
            watchdog.cancel()
        self.stop()
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def stop(self) -> None:
        """Stops listening. What was stored is gone."""
        if self._process is not None:
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def close(self) -> None:
        """Stops, and gives the port back."""
        self.stop()
        self._reservation.close()

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SentinelServer(RedisServer):
    """A Sentinel, which watches a primary.

    :param password: that clients of the Sentinel need.
    """

    ready = "+monitor"

    def __init__(self, primary: RedisServer, *, password: str | None = None) -> None:
        watched = f"sentinel monitor main {primary.host} {primary.port} 1"
        super().__init__(password=password, options=[watched])

    def _arguments(self) -> list[str]:
        assert self._folder is not None
        # It writes what it knows into its file, so there must be one, with what standard input would have said.
        file = Path(self._folder.name, "sentinel.conf")
        file.write_text(self._configuration(), encoding="utf-8")
        return [str(file), "--sentinel"]


def quoted(text: str) -> str:
    """A word of Redis's configuration, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)
