"""The account of the documentation: three stores, of which one works."""

from __future__ import annotations

from typing import Any

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import existing

NOON = 1_781_006_400_000
MINUTE = 60_000


def _status(document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
    if not document["on"]:
        return {"available": False, "potentiallyStale": True, "lastSync": 0, "lastError": 0, "errors": []}
    if document["environmentKey"] == "production":
        return {"available": True, "potentiallyStale": False, "lastSync": NOON, "lastError": 0, "errors": []}
    error = {"statusCode": 503, "message": "redis-staging.example.com:6379: connection refused", "timestamp": NOON}
    return {
        "available": False,
        "potentiallyStale": True,
        "lastSync": NOON - 17 * MINUTE,
        "lastError": NOON,
        "errors": [error],
    }


def sample_account() -> Emulator:
    """An emulator, not yet started, that fills its account with :func:`fill`."""
    return Emulator(EmulatorOptions(status_source=_status))


def fill(emulator: Emulator) -> list[str]:
    """Makes the stores; their IDs."""
    production = samples.redis(project_key="shop")
    staging = samples.redis(project_key="shop", environment_key="staging", name="Staging Redis", tags=[])
    staging["config"] = {"host": "redis-staging.example.com"}
    test = samples.dynamodb(project_key="shop", environment_key="test", name="Test table")
    return [existing(emulator, each) for each in (production, staging, test)]
