"""An emulator that listens, and a session that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions

BASE = "/api/v2/integration-capabilities/big-segment-store"


class ApiSession(requests.Session):
    """Sends what every call needs; paths are relative to the big segment stores."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = url + BASE
        self.headers.update({"Authorization": "api-token", "LD-API-Version": "beta"})

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request."""
        kwargs.setdefault("timeout", 10)
        return super().request(method, self._base + url, *args, **kwargs)


@pytest.fixture(scope="session")
def _shared() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(_shared: Emulator) -> Emulator:
    """An emulator with default options and an empty account."""
    for integration_id in _shared.integrations:
        _shared.remove(integration_id)
    _shared.clear_requests()
    return _shared


@pytest.fixture
def api(emulator: Emulator) -> Iterator[requests.Session]:
    """A client of ``emulator``."""
    with ApiSession(emulator.url) as session:
        yield session


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Emulator, requests.Session]]]:
    """Starts emulators with options of their own; each comes with a client."""
    with ExitStack() as stack:

        def start(**options: Any) -> tuple[Emulator, requests.Session]:
            emulator = stack.enter_context(Emulator(EmulatorOptions(**options)))
            return emulator, stack.enter_context(ApiSession(emulator.url))

        yield start


@pytest.fixture
def redis() -> dict[str, Any]:
    """The body that creates a Redis store."""
    return {
        "config": {"host": "redis.example.com", "port": "6380", "username": "ld", "password": "supersecret123"},
        "name": "Production Redis",
        "tags": ["a", "b", "c"],
    }


@pytest.fixture
def dynamodb() -> dict[str, Any]:
    """The body that creates a DynamoDB store."""
    return {
        "config": {
            "tableName": "segments",
            "region": "eu-west-1",
            "externalId": "8d5f3c1e-5a86-4b8e-9f3b-0d6c0c1f2a34",
            "roleArn": "arn:aws:iam::123456789012:role/launchdarkly",
        }
    }


@pytest.fixture
def store(emulator: Emulator, redis: dict[str, Any]) -> str:
    """The path of an existing Redis store."""
    return "/shop/production/redis/" + str(emulator.outside_create("shop", "production", "redis", **redis)["_id"])
