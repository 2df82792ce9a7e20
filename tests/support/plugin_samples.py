"""Stores as programs of other languages than Python declare them, to start from."""

from __future__ import annotations

import copy
from typing import Any

from launchdarkly_pulumi.plugin.wire import Properties
from support.plugin import Plugin
from support.samples import PASSWORD

PASSWORD_PLACE = ("config", "redis", "password")
REDIS: dict[str, Any] = {
    "projectKey": "default",
    "environmentKey": "production",
    "config": {"redis": {"host": "redis.example.com", "port": 6380.0, "password": PASSWORD, "tlsEnabled": True}},
    "on": True,
    "tags": ["managed-by-pulumi"],
}


def redis(**changes: Any) -> dict[str, Any]:
    """A Redis store; ``config`` in the changes is merged into its own."""
    config = changes.pop("config", {})
    inputs = copy.deepcopy(REDIS) | changes
    inputs["config"]["redis"] |= config
    return inputs


def created(plugin: Plugin, **changes: Any) -> tuple[str, Properties, Properties]:
    """A store as an update creates it: the ID, the outputs and the checked inputs."""
    inputs = plugin.check(redis(**changes)).inputs
    return *plugin.create(inputs), inputs
