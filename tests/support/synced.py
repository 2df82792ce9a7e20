"""Stores that the emulator writes to, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import boto3
from redis import Redis

from launchdarkly_pulumi.emulator import Emulator
from support.dynamodb import REGION

PLACE = ("shop", "production")
BETA = "shop/production/beta"
"""A segment of that environment."""

KINDS: dict[str, dict[str, Any]] = {
    "redis": {"host": "127.0.0.1", "port": "6379", "username": "", "password": "", "tlsEnabled": False},
    "dynamodb": {"tableName": "segments", "region": REGION, "externalId": "e", "roleArn": "r"},
}


def status_of(emulator: Emulator, kind: str = "redis", /, **config: Any) -> dict[str, Any]:
    """The status of the only store, by what differs from the defaults in its config, after it was tried with it."""
    fields: dict[str, Any] = {"config": KINDS[kind] | config, "on": True}
    if emulator.integrations:
        [integration_id] = emulator.integrations
        emulator.outside_edit(integration_id, fields)
    else:
        integration_id = emulator.outside_create(*PLACE, kind, **fields)["_id"]
    emulator.sync()
    status: dict[str, Any] = emulator.integrations[integration_id]["_status"]
    return status


def messages(status: Mapping[str, Any]) -> list[str]:
    """What the errors say, newest first; a status with errors from now on must be one of an unavailable store."""
    assert status["available"] is False
    assert status["potentiallyStale"] is True
    assert status["lastError"] == status["errors"][0]["timestamp"]
    return [error["message"] for error in status["errors"]]


def written_to_redis(port: int) -> dict[str, Any]:
    """All that is in a Redis: a set as a set, a string as one."""
    with closing(Redis(port=port, decode_responses=True)) as client:
        keys = list(client.scan_iter())
        assert {client.ttl(key) for key in keys} <= {-1}
        return {key: client.smembers(key) if client.type(key) == "set" else client.get(key) for key in keys}


def written_to_table(endpoint: str, table: str = "segments") -> dict[tuple[str, str], dict[str, Any]]:
    """All that is in a table, by its two keys: each attribute as DynamoDB writes it, its type and its value."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with closing(boto3.client("dynamodb", endpoint_url=endpoint, region_name=REGION, **keys)) as client:
        items = client.scan(TableName=table)["Items"]
    return {(item.pop("namespace")["S"], item.pop("key")["S"]): item for item in items}
