"""Inputs to start from, and the canaries that must never be seen."""

from __future__ import annotations

import copy
from typing import Any

PASSWORD = 'kanarienvogel-"pässwörd"/+1'  # quotes, slashes and non-ASCII: each encoding writes it differently
TOKEN = "api-canary-token-0123456789abcdef"

_REDIS: dict[str, Any] = {
    "project_key": "default",
    "environment_key": "production",
    "config": {
        "host": "redis.example.com",
        "port": 6380,
        "username": "launchdarkly",
        "password": PASSWORD,
        "tls_enabled": True,
    },
    "name": "Production Redis",
    "on": True,
    "tags": ["managed-by-pulumi"],
}

_DYNAMODB: dict[str, Any] = {
    "project_key": "default",
    "environment_key": "production",
    "config": {
        "table_name": "big-segments",
        "region": "eu-west-1",
        "external_id": "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11",
        "role_arn": "arn:aws:iam::123456789012:role/launchdarkly-big-segments",
    },
}


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(base)
    config = changes.pop("config", {})
    merged.update(changes)
    merged["config"] |= config
    return merged


def redis(**changes: Any) -> dict[str, Any]:
    """A Redis store's arguments; ``config`` in the changes is merged into the sample's."""
    return _merged(_REDIS, changes)


def dynamodb(**changes: Any) -> dict[str, Any]:
    """A DynamoDB store's arguments; ``config`` in the changes is merged into the sample's."""
    return _merged(_DYNAMODB, changes)


def open_redis(**changes: Any) -> dict[str, Any]:
    """A Redis store's arguments without a password, of which nobody can tell whether LaunchDarkly has the same."""
    arguments = redis(**changes)
    del arguments["config"]["password"]
    return arguments
