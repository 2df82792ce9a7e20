"""The servers that keep Pulumi's state in a bench: moto's S3, and a Postgres. Each is one of its own, on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from .servers import free_port

LOOPBACK = "127.0.0.1"
TIMEOUT = 30
POLL = 0.02

BUCKET = "states"
MARKER = "/counted-so-far"
REQUEST = re.compile(r'"(?:\x1b\[\d+m)*([A-Z]+) /')
"""A request in moto's log, which may be coloured."""

ROOT_STANDS_IN = "postgres"
"""The user of Debian's package, as whom Postgres runs where this process is root: it refuses to run as root."""

COUNTED = (
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
    " FROM pg_stat_user_tables"
)
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class StateServer:
    """A server that Pulumi's CLI keeps a state with.

    :param port: where it listens.
    :param backend_url: gives Pulumi's URL of it, for the port that the CLI is to use.
    :param counted: gives what the server has counted since it was started.
    :param settings: further variables of the CLI's environment.
    """

    port: int
    backend_url: Callable[[int], str]
    counted: Callable[[], Counter[str]]
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self, port: int) -> dict[str, str]:
        """The variables with which Pulumi's CLI uses the server, by this port."""
        return {"PULUMI_BACKEND_URL": self.backend_url(port), **self.settings}


@contextmanager
def s3() -> Iterator[StateServer]:
    """Runs moto, which keeps objects in memory; it counts requests by their method."""
    counts: Counter[str] = Counter()
    marked = threading.Event()

    def count(line: str) -> None:
        if MARKER in line:
            marked.set()
        elif found := REQUEST.search(line):
            counts[found[1]] += 1

    command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", "0"]
    with _running(command, r"http://127\.0\.0\.1:(\d+)", count, signal.SIGTERM) as started:
        url = f"http://{LOOPBACK}:{started[1]}"
        requests.put(f"{url}/{BUCKET}", timeout=TIMEOUT).raise_for_status()

        def counted() -> Counter[str]:
            """The log is behind the responses: what is before the marker's line is there when that line is."""
            marked.clear()
            requests.get(f"{url}{MARKER}", timeout=TIMEOUT)
            if not marked.wait(TIMEOUT):
                raise RuntimeError("moto's log has no line for a request")
            return counts.copy()

        yield StateServer(
            port=int(started[1]),
            backend_url=lambda port: (
                f"s3://{BUCKET}?endpoint=http://{LOOPBACK}:{port}&region=us-east-1&use_path_style=true"
            ),
            counted=counted,
            settings={
                "AWS_ACCESS_KEY_ID": "bench",
                "AWS_SECRET_ACCESS_KEY": "bench",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            },
        )


@contextmanager
def postgres() -> Iterator[StateServer]:
    """Runs a Postgres, in a temporary folder; it counts the rows and the bytes of its log that were written."""
    user = ROOT_STANDS_IN if os.getuid() == 0 else None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        if user:
            os.chown(name, *_ids_of(user))
        folder = Path(name) / "data"
        _run(
            ["initdb", f"--pgdata={folder}", "--username=bench", "--auth=trust", "--locale=C", "--encoding=UTF8"], user
        )
        settings = {"listen_addresses": LOOPBACK, "port": str(port), "unix_socket_directories": ""}
        command = [
            "postgres",
            "-D",
            str(folder),
            *(word for pair in settings.items() for word in ("-c", "=".join(pair))),
        ]
        # SIGINT ends it although a client may still be connected.
        with _running(command, "ready to accept connections", lambda _: None, signal.SIGINT, user):
            yield StateServer(
                port=port,
                backend_url=lambda port: f"postgres://bench@{LOOPBACK}:{port}/postgres?sslmode=disable",
                counted=lambda: _counted_by_postgres(port),
            )


def _counted_by_postgres(port: int) -> Counter[str]:
    """A connection hands in what it has counted when it ends, so all others have to."""
    until = time.monotonic() + TIMEOUT
    while _query(port, OTHERS) != ["0"]:
        if time.monotonic() > until:
            raise RuntimeError("a connection to Postgres does not end")
        time.sleep(POLL)
    rows, log_bytes = _query(port, COUNTED)
    return Counter({"rows": int(rows), "log_bytes": int(log_bytes)})


def _query(port: int, sql: str) -> list[str]:
    """The first row of the result."""
    place = [f"--host={LOOPBACK}", f"--port={port}", "--username=bench", "--dbname=postgres"]
    return _run(["psql", "--no-psqlrc", "--tuples-only", "--no-align", *place, f"--command={sql}"]).strip().split("|")


def _ids_of(user: str) -> tuple[int, int]:
    import pwd

    found = pwd.getpwnam(user)
    return found.pw_uid, found.pw_gid


def _as(user: str | None) -> dict[str, Any]:
    """How subprocess starts a program as another user, in a folder that the user may enter."""
    return {"user": user, "group": _ids_of(user)[1], "extra_groups": [], "cwd": "/"} if user else {}


def _run(command: Sequence[str], user: str | None = None) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, capture_output=True, text=True, check=False, **_as(user)
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


@contextmanager
def _running(
    command: Sequence[str], ready: str, each: Callable[[str], None], stop: signal.Signals, user: str | None = None
) -> Iterator[re.Match[str]]:
    """Runs a server until the end; gives the match of the line that says that it is ready.

    :param each: takes each further line of its log.
    """
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **_as(user)
    ) as process:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        log = process.stderr

        def read_on() -> None:
            for line in log:
                each(line)

        reading = threading.Thread(target=read_on, daemon=True)
        try:
            lines = []
            for line in log:
                lines.append(line.strip())
                if found := re.search(ready, line):
                    break
            else:
                raise RuntimeError(f"{' '.join(command[:3])} did not start: {' '.join(lines)}")
            reading.start()
            yield found
        finally:
            process.send_signal(stop)
            process.wait(TIMEOUT)
            if reading.ident:
                reading.join()
