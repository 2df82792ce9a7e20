"""What the unit tests share: servers on this machine that are reached directly, and an account to create stores in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.creating import Account, empty_account


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def launchdarkly() -> Iterator[Emulator]:
    """A local LaunchDarkly."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def account(launchdarkly: Emulator, tmp_path: Path) -> Iterator[Account]:
    """An empty account, in which one process after another creates integrations."""
    with empty_account(launchdarkly, tmp_path) as account:
        yield account
