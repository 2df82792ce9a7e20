"""Big segments in a DynamoDB table, written as LaunchDarkly's Relay Proxy writes them. Needs ``boto3``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ..connection_errors import reason
from .segments import Patch
from .status import REFUSED, UNREACHABLE, StoreError, address, missing_client

ANY_CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
"""What a local DynamoDB is content with."""

TABLE_KEYS = (("HASH", "partition key", "`namespace` (S)"), ("RANGE", "sort key", "`key` (S)"))
USABLE_TABLES = ("ACTIVE", "UPDATING")
REFUSED_CREDENTIALS = (
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
)


class DynamoDBStore:
    """The big segments of one environment in one table.

    It is written with the emulator's own AWS credentials: no role is assumed.

    :param endpoint: a local DynamoDB's URL. Where the environment variables ``AWS_ACCESS_KEY_ID`` and ``AWS_PROFILE``
        are missing, it gets made-up credentials. ``None``: Amazon's.
    """

    batch = 24
    """Beside the check of the cursor: the Relay Proxy sends transactions of 25."""

    def __init__(self, config: Mapping[str, Any], prefix: str, endpoint: str | None, timeout: float) -> None:
        try:
            import boto3.session
            from botocore.config import Config
        except ModuleNotFoundError as error:
            raise missing_client("boto3") from error
        self._config = config
        self._endpoint = endpoint
        self._table = config["tableName"]
        self._metadata = {"namespace": {"S": f"{prefix}:big_segments_metadata"}}
        self._metadata["key"] = self._metadata["namespace"]
        self._user = {"S": f"{prefix}:big_segments_user"}
        with self._reported():
            # A session of its own, since sessions are not for several threads.
            self._client = boto3.session.Session().client(
                "dynamodb",
                region_name=config["region"],
                endpoint_url=endpoint,
                config=Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}),
                **_credentials(endpoint),
            )

    def cursor(self) -> str | None:
        """Which patch was the last one; ``None`` where there was none."""
        return self._read("lastVersion", "S")

    def apply(self, patch: Patch | None, before: str | None, after: str) -> None:
        """Write a patch, all or nothing, and then the cursor; without a patch the cursor alone."""
        check = {
            "ConditionExpression": "attribute_not_exists(#0)" if before is None else "#0 = :0",
            "ExpressionAttributeNames": {"#0": "lastVersion"},
        }
        known = {} if before is None else {":0": {"S": before}}
        target = {"TableName": self._table, "Key": self._metadata}
        with self._reported():
            if patch is not None:
                values = {"ExpressionAttributeValues": known} if known else {}
                items = [{"ConditionCheck": check | target | values}, *map(self._change(patch), patch.hashes)]
                self._client.transact_write_items(TransactItems=items)
            values = {"ExpressionAttributeValues": known | {":1": {"S": after}}}
            self._client.update_item(**target, **check, **values, UpdateExpression="SET #0 = :1")

    def _change(self, patch: Patch) -> Any:
        def change(context: str) -> dict[str, Any]:
            update = {
                "TableName": self._table,
                "Key": {"namespace": self._user, "key": {"S": context}},
                "UpdateExpression": f"{'ADD' if patch.adds else 'DELETE'} #0 :0",
                "ExpressionAttributeNames": {"#0": f"{patch.kind}d"},
                "ExpressionAttributeValues": {":0": {"SS": [patch.reference]}},
            }
            return {"Update": update}

        return change

    def mark(self, now: int) -> None:
        """Write the marker: everything is as it was at this time, in milliseconds."""
        with self._reported():
            self._client.update_item(
                TableName=self._table,
                Key=self._metadata,
                UpdateExpression="SET #0 = :0",
                ExpressionAttributeNames={"#0": "synchronizedOn"},
                ExpressionAttributeValues={":0": {"N": str(now)}},
            )

    def marker(self) -> str | None:
        """The marker as it is in the store."""
        return self._read("synchronizedOn", "N")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, attribute: str, kind: str) -> str | None:
        with self._reported():
            found = self._client.get_item(TableName=self._table, Key=self._metadata, ConsistentRead=True)
        value: str | None = found.get("Item", {}).get(attribute, {}).get(kind)
        return value

    @contextmanager
    def _reported(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            raise StoreError(REFUSED, self._refusal(error.response)) from error
        except (BotoCoreError, ValueError) as error:
            raise _unreachable(error, self._config, self._endpoint) from error

    def _refusal(self, response: Mapping[str, Any]) -> str:
        """Why DynamoDB did not do what it was asked to."""
        code = re.sub(r"[^A-Za-z0-9]", "", str(response.get("Error", {}).get("Code")))
        reasons = [each.get("Code") for each in response.get("CancellationReasons", ())]
        if code == "ConditionalCheckFailedException" or "ConditionalCheckFailed" in reasons:
            return f"table {self._table}: somebody else writes big segments there, too"
        if code in REFUSED_CREDENTIALS:
            return f"DynamoDB refused the emulator's AWS credentials ({code})"
        # It says little of a table that is not as it must be: a look at it says more, where that is allowed.
        return self._wrong_table() or self._plain_refusal(code)

    def _plain_refusal(self, code: str) -> str:
        if code == "ResourceNotFoundException":
            return f"table {self._table} does not exist in {self._config['region']}"
        return f"table {self._table}: DynamoDB answered with an error ({code})"

    def _wrong_table(self) -> str | None:
        """What is wrong with the table, as far as it can be looked at."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            table = self._client.describe_table(TableName=self._table)["Table"]
        except (BotoCoreError, ClientError, ValueError):
            return None
        if table["TableStatus"] not in USABLE_TABLES:
            return f"table {self._table} is not active, but {table['TableStatus']}"
        return "; ".join(_wrong_keys(table)) or None


def _wrong_keys(table: Mapping[str, Any]) -> list[str]:
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["AttributeDefinitions"]}
    keys = {
        key["KeyType"]: f"`{key['AttributeName']}` ({types.get(key['AttributeName'])})" for key in table["KeySchema"]
    }
    return [
        f"the table's {role} must be {expected}, {f'not {keys[kind]}' if kind in keys else 'but it has none'}"
        for kind, role, expected in TABLE_KEYS
        if keys.get(kind) != expected
    ]


def _credentials(endpoint: str | None) -> dict[str, str]:
    # NOTE: not by asking boto3 what it finds: outside of AWS that takes seconds.
    own = endpoint is None or "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
    return {} if own else ANY_CREDENTIALS


def _unreachable(error: Exception, config: Mapping[str, Any], endpoint: str | None) -> StoreError:
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError, ProfileNotFound

    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return StoreError(REFUSED, "the emulator has no AWS credentials for DynamoDB")
    place = f"DynamoDB in {config['region']}"
    if endpoint is not None:
        url = urlsplit(endpoint)
        place += f" at {address(url.hostname or '', url.port)}"
    return StoreError(UNREACHABLE, f"Could not connect to {place}: {reason(error)}")


def is_http_url(text: str) -> bool:
    """Whether this can be a DynamoDB's endpoint."""
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0 and "@" not in url.netloc
    except ValueError:
        return False
