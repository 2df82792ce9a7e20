"""Running the emulator: beside a test, behind Pulumi's back, and from the command line."""

from __future__ import annotations

import argparse
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, command
from launchdarkly_pulumi.emulator.errors import ApiError

BASE = "/api/v2/integration-capabilities/big-segment-store"
HEADERS = {"Authorization": "api-token", "LD-API-Version": "beta"}
COMMAND = """
import argparse, sys
from launchdarkly_pulumi.emulator import command
parser = argparse.ArgumentParser()
command.add_arguments(parser)
sys.exit(command.run(parser.parse_args()))
"""


def test_url_and_host(emulator: Emulator) -> None:
    """The URL is on a free loopback port, and the host is the URL without its scheme."""
    assert emulator.port > 0
    assert emulator.host == f"127.0.0.1:{emulator.port}"
    assert emulator.url == f"http://{emulator.host}"


def test_emulators_do_not_share_accounts(redis: dict[str, Any]) -> None:
    """Each emulator has a port and an account of its own."""
    with Emulator() as first, Emulator() as second:
        first.outside_create("shop", "production", "redis", **redis)
        assert first.url != second.url
        assert second.integrations == {}


def test_stopped_emulator_refuses_connections() -> None:
    """After the block nothing listens any more, even if a client kept its connection."""
    with Emulator() as emulator, requests.Session() as session:
        session.get(emulator.url + BASE, headers=HEADERS, timeout=10)
        emulator.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(emulator.url + BASE, headers=HEADERS, timeout=10)


def test_occupied_port() -> None:
    """A port that is taken is an OSError at the start."""
    with Emulator() as emulator, pytest.raises(OSError, match=r"[Aa]ddress"):
        Emulator(port=emulator.port).start()


def test_options_do_not_show_tokens() -> None:
    """Tokens are not in the text form of the options."""
    options = EmulatorOptions(access_tokens=["api-secret"], reader_tokens=["reader-secret"])
    assert "secret" not in repr(options)


def test_keep_alive(emulator: Emulator) -> None:
    """Several requests share one connection."""
    connection = HTTPConnection(emulator.host, timeout=10)
    with closing(connection):
        connection.connect()
        connection.auto_open = False  # a closed connection is an error from here on
        for _ in range(3):
            connection.request("GET", BASE, headers=HEADERS)
            with connection.getresponse() as response:
                assert response.status == 200
                response.read()


def test_answers_do_not_wait_for_acknowledgements(api: requests.Session) -> None:
    """An answer on a kept connection takes less than the 40 ms of Nagle's algorithm."""
    fastest = min(api.get("").elapsed.total_seconds() for _ in range(10))
    assert fastest < 0.03


def test_repeated_beta_header(emulator: Emulator) -> None:
    """Two beta headers are one too many."""
    request = (
        f"GET {BASE} HTTP/1.1\r\nHost: x\r\nAuthorization: t\r\nLD-API-Version: beta\r\nLD-API-Version: beta\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
        connection.sendall(request.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 403 ")


def test_concurrent_requests(emulator: Emulator) -> None:
    """Many clients at a time each get an integration of their own."""
    url = f"{emulator.url}{BASE}/shop/production/redis"

    def create(number: int) -> str:
        body = {"config": {"host": f"h{number}"}}
        return str(requests.post(url, json=body, headers=HEADERS, timeout=30).json()["config"]["host"])

    with ThreadPoolExecutor(32) as pool:
        hosts = list(pool.map(create, range(200)))
    assert hosts == [f"h{number}" for number in range(200)]
    assert len(emulator.integrations) == 200


def test_only_one_of_many_guarded_patches_wins(emulator: Emulator, store: str) -> None:
    """Of concurrent patches guarded by the same version exactly one is applied."""

    def patch(number: int) -> int:
        operations = [
            {"op": "test", "path": "/version", "value": 1},
            {"op": "replace", "path": "/name", "value": str(number)},
        ]
        return requests.patch(emulator.url + BASE + store, json=operations, headers=HEADERS, timeout=30).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(patch, range(16)))
    assert statuses == [200, *15 * [409]]
    assert [document["version"] for document in emulator.integrations.values()] == [2]


def test_outside_edit_of_fields(api: requests.Session, emulator: Emulator, store: str) -> None:
    """An edit from outside changes the given fields, merges the config, and raises the version."""
    integration_id = store.rpartition("/")[2]
    edited = emulator.outside_edit(integration_id, {"on": True, "tags": ["x"], "config": {"password": "changed"}})
    assert (edited["on"], edited["tags"], edited["version"]) == (True, ["x"], 2)
    assert emulator.stored_config(integration_id)["password"] == "changed"
    assert emulator.stored_config(integration_id)["host"] == "redis.example.com"
    assert api.get(store).json()["version"] == 2


def test_outside_edit_by_patch(emulator: Emulator, store: str) -> None:
    """An edit from outside may also be a JSON Patch, and is no request."""
    operations = [{"op": "add", "path": "/tags/-", "value": "d"}]
    edited = emulator.outside_edit(store.rpartition("/")[2], operations)
    assert (edited["tags"], edited["version"]) == (["a", "b", "c", "d"], 2)
    assert emulator.requests == []


def test_outside_edit_of_an_unknown_integration(emulator: Emulator) -> None:
    """A wrong ID in a test is an error."""
    with pytest.raises(ApiError, match="no such integration"):
        emulator.outside_edit("0", {"on": True})


def test_invalid_outside_edit(emulator: Emulator, store: str) -> None:
    """What the API would refuse cannot be set from outside either."""
    with pytest.raises(ApiError, match="bad"):
        emulator.outside_edit(store.rpartition("/")[2], {"config": {"bad": 1}})


def test_remove(api: requests.Session, emulator: Emulator, store: str) -> None:
    """An integration can disappear from outside."""
    emulator.remove(store.rpartition("/")[2])
    assert api.get(store).status_code == 404


def test_integrations_are_as_the_api_shows_them(api: requests.Session, emulator: Emulator, store: str) -> None:
    """Tests see the same documents as clients."""
    assert list(emulator.integrations.values()) == [api.get(store).json()]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the URL that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip().rpartition(" ")[2]
        finally:
            process.kill()


def run_command(*arguments: str) -> int:
    """The command in this process; its exit status."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_ends_cleanly(number: signal.Signals) -> None:
    """The command prints where it listens, and ends with status 0 and no noise when it is told to."""
    with running("--port", "0") as (process, url):
        assert requests.get(url + BASE, headers=HEADERS, timeout=10).status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
        assert (process.returncode, output, errors) == (0, "", "")


def test_command_options(tmp_path: Path) -> None:
    """Tokens, rate limit and request log arrive where they belong."""
    log = tmp_path / "requests.jsonl"
    arguments = ["--port=0", "--access-token=a", "--access-token=b", "--reader-token=r", "--rate-limit=9"]
    with running(*arguments, f"--request-log={log}", "--latency=20") as (_, url):
        statuses = [
            requests.get(url + BASE, headers=HEADERS | {"Authorization": token}, timeout=10).status_code
            for token in ("a", "b", "r", "c")
        ]
        response = requests.delete(f"{url}{BASE}/p/e/redis/1", headers=HEADERS | {"Authorization": "r"}, timeout=10)
        entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert statuses == [200, 200, 200, 401]
    assert response.status_code == 403
    assert response.headers["X-Ratelimit-Global-Remaining"] == "4"
    assert [entry["status"] for entry in entries] == [*statuses, 403]
    assert all(entry["durationMs"] >= 20 for entry in entries)


def test_command_with_an_occupied_port(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken is named in one line on standard error, with what to do, and status 1."""
    assert run_command("--port", str(emulator.port)) == 1
    assert capsys.readouterr().err == (
        f"error: port {emulator.port} of 127.0.0.1 is in use: end what listens there, or give another --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "192.0.2.1"], "the emulator cannot listen on port 0 of 192.0.2.1: "),
        (["--request-log", "/nowhere/log"], "/nowhere/log cannot be written: No such file or directory"),
    ],
)
def test_command_that_cannot_start(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    """One line says what the system refused."""
    assert run_command("--port", "0", *arguments) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {told}")


@pytest.mark.parametrize("arguments", ["--port=65536", "--port=x", "--rate-limit=0", "--latency=-1"])
def test_command_refuses_impossible_numbers(arguments: str) -> None:
    """Numbers out of range are refused with the usage."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args([arguments])


def test_command_default_port() -> None:
    """Without options the port is 8000, any token is fine, and there are no limits."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert vars(parser.parse_args([])) == {
        "host": "127.0.0.1", "port": 8000, "access_token": [], "reader_token": [], "environment": [],
        "latency": 0, "rate_limit": None, "request_log": None, "sync": False, "segment": [],
        "dynamodb_endpoint": None, "allow_public_hosts": False,
    }  # fmt: skip


def test_command_without_the_extra() -> None:
    """Without the extra the command can still describe itself, and says what to install."""
    without = "import sys; sys.modules['uvicorn'] = None\n"
    process = subprocess.run(
        [sys.executable, "-c", without + COMMAND], capture_output=True, text=True, check=False, timeout=60
    )
    assert process.returncode == 1
    assert "pip install 'launchdarkly-pulumi[emulator]'" in process.stderr
