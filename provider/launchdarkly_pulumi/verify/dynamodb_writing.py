"""Writing to a DynamoDB table as LaunchDarkly's role, an item of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any, Optional, Union

from . import aws, layout
from .checks import Check, Unread, failed, passed, unchecked

NAME = "write"
EXPIRY = 60
"""Seconds, after which the item of the probe says that it is of no more use."""

NOT_ASKED = unchecked(NAME, "nothing was written", "Give --write-probe to write an item, and to delete it again.")


def probe(config: Mapping[str, Any], endpoint: Optional[str], prefix: str) -> Check:
    """Writes an item with the actions that a writer needs, and deletes it.

    :param config: LaunchDarkly's, by Python names.
    :param endpoint: of a DynamoDB other than Amazon's, which has no roles.
    """
    credentials = None if endpoint else _of_role(config)
    if isinstance(credentials, Unread):
        return unchecked(NAME, f"{config['role_arn']} cannot be assumed from here: {credentials.why}")
    client = aws.client("dynamodb", config["region"], endpoint, credentials)
    key = {"namespace": {"S": layout.named(prefix, "launchdarkly-pulumi-verify")}, "key": {"S": token_hex(8)}}
    written = False
    for what, call in _steps(client, config["table_name"], key):
        outcome = aws.attempt(what, call)
        if isinstance(outcome, Unread):
            left = f"; the item {key['namespace']['S']}, {key['key']['S']} is left" if written else ""
            return failed(
                NAME,
                f"{outcome.why}{left}",
                "LaunchDarkly cannot keep the segments up to date",
                "Allow the role what a writer needs, and check the table's keys.",
            )
        written = True
    whom = "the DynamoDB takes" if endpoint else "the role may do"
    return passed(NAME, f"{whom} what a writer needs; the item that was written is deleted")


def _of_role(config: Mapping[str, Any]) -> Union[dict[str, str], Unread]:
    sts = aws.client("sts", config["region"], None)
    session = {"RoleArn": config["role_arn"], "ExternalId": config["external_id"]}
    told = aws.attempt("AssumeRole", lambda: sts.assume_role(**session, RoleSessionName="launchdarkly-pulumi-verify"))
    if isinstance(told, Unread):
        return told
    given = told["Credentials"]
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    return {name: given[key] for name, key in (names | {"aws_session_token": "SessionToken"}).items()}


def _steps(client: Any, table: str, key: Mapping[str, Any]) -> list[tuple[str, Callable[[], Any]]]:
    change = {
        "TableName": table,
        "Key": key,
        "UpdateExpression": "ADD #included :reference SET #expires = :expires",
        "ExpressionAttributeNames": {"#included": layout.SETS[0], "#expires": "expires"},
        "ExpressionAttributeValues": {
            ":reference": {"SS": ["probe.g1"]},
            ":expires": {"N": str(int(time.time()) + EXPIRY)},
        },
    }
    deletion = {table: [{"DeleteRequest": {"Key": key}}]}
    return [
        ("UpdateItem", lambda: client.update_item(**change)),
        ("GetItem", lambda: client.get_item(TableName=table, Key=key)),
        ("TransactWriteItems", lambda: client.transact_write_items(TransactItems=[{"Update": change}])),
        ("BatchWriteItem", lambda: client.batch_write_item(RequestItems=deletion)),
    ]
