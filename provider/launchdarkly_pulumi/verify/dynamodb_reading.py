"""Reading a DynamoDB table, and the role that LaunchDarkly assumes. Nothing is judged here."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from secrets import token_hex
from typing import Any, Optional, Union
from urllib.parse import urlsplit

from . import aws, layout
from .checks import NO_PREFIX, Unread
from .dynamodb_facts import DynamoDBFacts, Item, Role, Table
from .marker import Clocks, Markers
from .membership import Membership

SAMPLE = 25
"""How many items of members are looked at."""

AWS_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM")
"""The variables that say where IAM is, beside a DynamoDB that is not Amazon's."""


class Reader:
    """Reads one table.

    :param config: LaunchDarkly's, by Python names.
    :param endpoint: of a DynamoDB other than Amazon's.
    :param prefix: under which LaunchDarkly writes; ``None``: not known.
    """

    def __init__(self, config: Mapping[str, Any], endpoint: Optional[str], prefix: Optional[str]) -> None:
        self._config = config
        self._endpoint = endpoint
        self._prefix = prefix
        self._name = config["table_name"]
        where = urlsplit(endpoint).netloc if endpoint else "Amazon's DynamoDB"
        self._place = f"table {self._name} in {config['region']} at {where}"

    def read(self, context_key: Optional[str]) -> DynamoDBFacts:
        """Everything that can be read.

        :param context_key: of the context whose sets are asked for.
        """
        client = aws.attempt("connect", lambda: aws.client("dynamodb", self._config["region"], self._endpoint))
        if isinstance(client, Unread):
            return DynamoDBFacts(self._place, no_login=client.why)
        try:
            return self._read(client, context_key)
        finally:
            client.close()

    def read_marker(self) -> tuple[Union[Item, Unread, None], Clocks]:
        """The marker's item alone."""
        client = aws.attempt("connect", lambda: aws.client("dynamodb", self._config["region"], self._endpoint))
        if isinstance(client, Unread):
            return client, Clocks(time.time(), client)
        try:
            return self._marker(client)
        finally:
            client.close()

    def _read(self, client: Any, context_key: Optional[str]) -> DynamoDBFacts:
        table = aws.attempt("DescribeTable", lambda: client.describe_table(TableName=self._name))
        if isinstance(table, Unread) and table.code == aws.NO_CONNECTION:
            return DynamoDBFacts(self._place, unreachable=table.why)
        if isinstance(table, Unread) and table.code == aws.NO_LOGIN:
            return DynamoDBFacts(self._place, no_login=table.why)
        here = aws.region_here()
        if isinstance(table, Unread) and table.code == "ResourceNotFoundException":
            return DynamoDBFacts(self._place, region_here=here, table=None, role=self._role())
        marker, clocks = self._marker(client)
        return DynamoDBFacts(
            self._place,
            region_here=here,
            clocks=clocks,
            table=table if isinstance(table, Unread) else _table(table["Table"]),
            time_to_live=self._time_to_live(client),
            marker=marker,
            markers=self._markers(client, marker),
            read=self._unread_member(client),
            memberships=self._memberships(client),
            member=self._member(client, context_key),
            role=self._role(),
        )

    def _get(self, client: Any, namespace: str, key: str) -> Union[Mapping[str, Any], Unread]:
        names = {"namespace": {"S": namespace}, "key": {"S": key}}
        return aws.attempt("GetItem", lambda: client.get_item(TableName=self._name, Key=names))

    def _marker_under(self, client: Any, prefix: str) -> Union[Mapping[str, Any], Unread]:
        name = layout.named(prefix, layout.METADATA)
        return self._get(client, name, name)

    def _marker(self, client: Any) -> tuple[Union[Item, Unread, None], Clocks]:
        if self._prefix is None:
            return NO_PREFIX, Clocks(time.time(), NO_PREFIX)
        found = self._marker_under(client, self._prefix)
        now = time.time()
        if isinstance(found, Unread):
            return found, Clocks(now, found)
        return found.get("Item"), Clocks(now, _date(found))

    def _time_to_live(self, client: Any) -> Union[str, Unread, None]:
        told = aws.attempt("DescribeTimeToLive", lambda: client.describe_time_to_live(TableName=self._name))
        if isinstance(told, Unread):
            return told
        description = told.get("TimeToLiveDescription", {})
        is_on = description.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return str(description.get("AttributeName")) if is_on else None

    def _markers(self, client: Any, marker: Union[Item, Unread, None]) -> Union[Markers, Unread]:
        """Where the marker is missing: those under likely prefixes, and in the first megabyte of the table."""
        if isinstance(marker, Unread) and marker is not NO_PREFIX:
            return marker
        if marker is not None and not isinstance(marker, Unread):
            return Markers((("this table", self._prefix or ""),), complete=False)
        likely = {each for each in layout.SDK_DEFAULTS if self._has_marker(client, each)}
        scanned = aws.attempt("Scan", lambda: self._scanned(client))
        if isinstance(scanned, Unread):
            return Markers(tuple(("this table", each) for each in sorted(likely)), complete=False)
        found = likely | {
            layout.prefix_of(item["namespace"]["S"], layout.METADATA)
            for item in scanned.get("Items", ())
            if item["namespace"]["S"].endswith(layout.METADATA)
        }
        return Markers(tuple(("this table", each) for each in sorted(found)), "LastEvaluatedKey" not in scanned)

    def _has_marker(self, client: Any, prefix: str) -> bool:
        found = self._marker_under(client, prefix)
        return not isinstance(found, Unread) and "Item" in found

    def _scanned(self, client: Any) -> Mapping[str, Any]:
        page: Mapping[str, Any] = client.scan(
            TableName=self._name,
            FilterExpression="contains(#namespace, :name)",
            ProjectionExpression="#namespace",
            ExpressionAttributeNames={"#namespace": "namespace"},
            ExpressionAttributeValues={":name": {"S": layout.METADATA}},
        )
        return page

    def _unread_member(self, client: Any) -> Optional[Unread]:
        """Why a context that nobody has ever seen cannot be looked for: no cache may stand in for the store."""
        if self._prefix is None:
            return NO_PREFIX
        users = layout.named(self._prefix, layout.USERS)
        found = self._get(client, users, layout.context_hash(token_hex(16)))
        return found if isinstance(found, Unread) else None

    def _memberships(self, client: Any) -> Union[list[Item], Unread]:
        if self._prefix is None:
            return NO_PREFIX
        found = aws.attempt(
            "Query",
            lambda: client.query(
                TableName=self._name,
                Limit=SAMPLE,
                KeyConditionExpression="#namespace = :users",
                ExpressionAttributeNames={"#namespace": "namespace"},
                ExpressionAttributeValues={":users": {"S": layout.named(self._prefix or "", layout.USERS)}},
            ),
        )
        return found if isinstance(found, Unread) else list(found.get("Items", ()))

    def _member(self, client: Any, context_key: Optional[str]) -> Union[Membership, Unread, None]:
        if context_key is None or self._prefix is None:
            return None if context_key is None else NO_PREFIX
        users = layout.named(self._prefix, layout.USERS)
        found = self._get(client, users, layout.context_hash(context_key))
        if isinstance(found, Unread):
            return found
        # As SDKs read: a list in place of a string set is nothing to them.
        return Membership(*(found.get("Item", {}).get(name, {}).get("SS", ()) for name in layout.SETS))

    def _role(self) -> Union[Role, Unread, None]:
        if self._endpoint is not None and not any(name in os.environ for name in AWS_ENDPOINTS):
            return Unread("the DynamoDB is not Amazon's, so there is no IAM to ask")
        return read_role(self._config["role_arn"], self._config["region"])


def read_role(arn: str, region: str) -> Union[Role, Unread, None]:
    """A role with its documents; ``None`` where there is none."""
    parts = re.fullmatch(r"arn:[a-z-]+:iam::([0-9]{12}):role/(?:.*/)?([\w+=,.@-]+)", arn)
    if not parts:
        return Unread("role_arn is not the ARN of a role")
    account, name = parts.groups()
    sts = aws.client("sts", region, None)
    caller = aws.attempt("GetCallerIdentity", sts.get_caller_identity)
    if isinstance(caller, Unread):
        return caller
    if caller.get("Account") != account:
        return Unread("the role is in another AWS account than the credentials of this machine")
    iam = aws.client("iam", region, None)
    found = aws.attempt("GetRole", lambda: iam.get_role(RoleName=name))
    if isinstance(found, Unread):
        return None if found.code == "NoSuchEntity" else found
    if found["Role"]["Arn"] != arn:
        return None
    policies = aws.attempt("read the role's policies", lambda: _policies(iam, name))
    return Role(found["Role"]["AssumeRolePolicyDocument"], policies)


def _policies(iam: Any, role: str) -> list[Mapping[str, Any]]:
    """The documents of a role's policies, its own and those that are attached to it."""
    inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in inline]
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        documents.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return documents


def _table(description: Mapping[str, Any]) -> Table:
    types = {each["AttributeName"]: each["AttributeType"] for each in description.get("AttributeDefinitions", ())}
    keys = {
        each["KeyType"]: (each["AttributeName"], types.get(each["AttributeName"])) for each in description["KeySchema"]
    }
    return Table(description["TableStatus"], description["TableArn"], keys)


def _date(response: Mapping[str, Any]) -> Union[float, Unread]:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return Unread("the response has no date")
