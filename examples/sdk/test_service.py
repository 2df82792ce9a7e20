"""The service with a real Redis, LaunchDarkly's real SDK, and an emulator that fills the one for the other."""

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import service
from ldclient import LDClient

from launchdarkly_pulumi.emulator import Emulator

FLAGS = Path(__file__).parent / "flags.json"
SEGMENT = "default/production/beta-testers"


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    """The port of a Redis that is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            assert any("Ready to accept" in line for line in server.stdout), "redis-server did not start"
            yield port
            server.terminate()


@pytest.fixture
def client(launchdarkly_emulator: Emulator, redis_port: int) -> Iterator[LDClient]:
    """The service's SDK, reading a store that LaunchDarkly keeps up to date."""
    config = {"host": "127.0.0.1", "port": str(redis_port)}
    launchdarkly_emulator.outside_create("default", "production", "redis", config=config, on=True)
    launchdarkly_emulator.sync({SEGMENT: ["ada"]})
    prefix = launchdarkly_emulator.environment("default", "production").client_side_id
    with service.connect(f"redis://127.0.0.1:{redis_port}", prefix, flags_file=str(FLAGS)) as client:
        yield client


def test_beta_testers_get_the_new_checkout(client: LDClient) -> None:
    """And nobody else does."""
    assert service.checkout(client, "ada") == "new checkout (HEALTHY)"
    assert service.checkout(client, "grace") == "old checkout (HEALTHY)"


def test_a_user_who_becomes_a_beta_tester(client: LDClient, launchdarkly_emulator: Emulator) -> None:
    """As soon as the segment has the user."""
    launchdarkly_emulator.members(SEGMENT, ["grace"])
    assert service.checkout(client, "grace") == "new checkout (HEALTHY)"
