"""A local DynamoDB, moto's, and tables in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"
NAMESPACE, KEY = ("namespace", "S", "HASH"), ("key", "S", "RANGE")
"""The keys that LaunchDarkly needs: a name, a type, and HASH or RANGE."""

_AWS = {"region_name": REGION, "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def forget_aws_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing of this machine's AWS settings has an effect."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(folder / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@contextmanager
def local_dynamodb(host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Listens, on a free port unless there is one; gives the endpoint's URL.

    Moto keeps its tables in this process. They are dropped at the end, so that no test meets those of another.
    """
    server = ThreadedMotoServer(host, port, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    try:
        yield endpoint
    finally:
        requests.post(f"{endpoint}/moto-api/reset", timeout=30).raise_for_status()
        server.stop()


def create_table(endpoint: str, name: str, *keys: tuple[str, str, str]) -> None:
    """Makes a table with these keys."""
    with closing(boto3.client("dynamodb", endpoint_url=endpoint, **_AWS)) as client:
        client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind, _ in keys],
            KeySchema=[{"AttributeName": key, "KeyType": role} for key, _, role in keys],
            BillingMode="PAY_PER_REQUEST",
        )


@contextmanager
def aws_client(endpoint: str, service: str = "dynamodb") -> Iterator[Any]:
    """A client of the local AWS, which may do everything."""
    with closing(boto3.client(service, endpoint_url=endpoint, **_AWS)) as client:
        yield client


def delete_table(endpoint: str, name: str) -> None:
    """Deletes a table."""
    with closing(boto3.client("dynamodb", endpoint_url=endpoint, **_AWS)) as client:
        client.delete_table(TableName=name)
