"""Which hosts the emulator writes to: nobody else's, unless it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.emulator.near import is_near
from launchdarkly_pulumi.emulator.status import StoreError
from support.synced import messages, status_of


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that syncs."""
    with Emulator(segments={}) as running:
        yield running


@pytest.mark.parametrize("host", ["1.1.1.1", "::ffff:8.8.8.8", "2001:4860:4860::8888", "169.254.169.254", "0.0.0.0"])  # noqa: S104
def test_public_hosts_are_not_written_to(emulator: Emulator, host: str) -> None:
    """Nor asked."""
    [message] = messages(status_of(emulator, host=host))
    assert message.startswith("the emulator does not write to Redis at ")
    assert message.endswith(": it is public, and --allow-public-hosts is not given")


def test_names_are_judged_by_their_addresses(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> None:
    """All of them."""
    found = [(2, 1, 6, "", ("10.0.0.1", 0)), (2, 1, 6, "", ("1.1.1.1", 0))]
    monkeypatch.setattr("launchdarkly_pulumi.emulator.near.socket.getaddrinfo", lambda *_, **__: found)
    assert (
        "does not write to Redis at redis.example.com:6379"
        in messages(status_of(emulator, host="redis.example.com"))[0]
    )


@pytest.mark.parametrize("host", ["10.1.2.3", "172.31.0.1", "192.168.0.1", "fd00::1", "127.0.0.2", "::ffff:10.0.0.1"])
def test_private_hosts_are_written_to(host: str) -> None:
    """Containers have such addresses."""
    assert is_near(host)


def test_public_hosts_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever starts the emulator."""

    def open_store(config: Mapping[str, Any], *_: Any) -> NoReturn:
        raise StoreError(400, f"tried {config['host']}")

    monkeypatch.setattr("launchdarkly_pulumi.emulator.sync.RedisStore", open_store)
    with Emulator() as emulator:
        emulator.sync(public_hosts=True)
        assert messages(status_of(emulator, host="1.1.1.1")) == ["tried 1.1.1.1"]
