"""An account: how a command finds it, what it has before Pulumi knows of it, and what it was asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.emulator.requestlog import RequestRecord
from launchdarkly_pulumi.model.documents import create_body, keys_of
from support.desired import desired
from support.fault_proxy import Request
from support.samples import TOKEN


def name_in_environment(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Makes the environment name a LaunchDarkly API, and a token for it."""
    monkeypatch.setenv("LAUNCHDARKLY_API_HOST", url)
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", TOKEN)


def existing(emulator: Emulator, arguments: dict[str, Any]) -> str:
    """An integration that somebody has made by hand, as the arguments declare it; its full ID."""
    declared = desired(arguments)
    document = emulator.outside_create(*keys_of(declared), **create_body(declared))
    return "/".join([*keys_of(declared), document["_id"]])


def methods(emulator: Emulator) -> list[str]:
    """The requests so far, oldest first; they are forgotten afterwards."""
    seen = [request.method for request in emulator.requests]
    emulator.clear_requests()
    return seen


def listings_and_singles(emulator: Emulator) -> Counter[str]:
    """How many of the requests so far were for the whole account, and how many for one integration."""
    return Counter("listing" if is_listing(request) else "single" for request in emulator.requests)


def is_listing(request: RequestRecord | Request) -> bool:
    """Whether a request is for the whole account."""
    return request.path.endswith("big-segment-store")
