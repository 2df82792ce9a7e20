#!/usr/bin/env bash
# Guess:    a table that lacks the sort key `key` refuses the first write of a big segment's members.
# Happens:  PutItem is taken, since `key` is then an attribute like any other; but each user replaces the one before, as
#           all have the same partition key: of three users one is left. UpdateItem and every read that names both keys are
#           refused with ValidationException, so LaunchDarkly's SDK sees an unavailable store.
# Versions: moto 5.2.5, boto3 1.44.8, launchdarkly-server-sdk 9.20.0.
# Seen:     with moto's DynamoDB, not with AWS. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    "moto[dynamodb]==5.2.5" boto3==1.44.8 launchdarkly-server-sdk==9.20.0
cat > "$folder/run.py" <<'PROGRAM'
import os
import sys
from importlib.metadata import version

os.environ |= {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "us-east-1"}
import boto3
from botocore.exceptions import ClientError
from ldclient.integrations import DynamoDB
from moto import mock_aws

NAMES = ("namespace", "key")


def outcome(call):
    try:
        return call()
    except ClientError as error:
        return error.response["Error"]["Code"]


def seen(keys):
    """What a table with these keys does with three users, a marker, and the SDK's reads."""
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=f"table-{len(keys)}",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))],
    )
    table = {"TableName": f"table-{len(keys)}"}
    for user in ("user-1", "user-2", "user-3"):
        item = {"namespace": {"S": "prefix:big_segments_user"}, "key": {"S": user}, "included": {"SS": ["beta.g1"]}}
        client.put_item(**table, Item=item)
    kept = client.scan(**table)["Count"]
    marker = {name: {"S": "prefix:big_segments_metadata"} for name in NAMES}
    change = {"UpdateExpression": "SET synchronizedOn = :now", "ExpressionAttributeValues": {":now": {"N": "1795862400000"}}}
    update = outcome(lambda: bool(client.update_item(**table, Key=marker, **change)))
    store = DynamoDB.new_big_segment_store(table["TableName"], prefix="prefix")
    return kept, update, outcome(lambda: store.get_membership("user-1")), outcome(lambda: store.get_metadata().last_up_to_date)


print({name: version(name) for name in ("moto", "boto3", "launchdarkly-server-sdk")})
expected = {
    NAMES: (3, True, {"beta.g1": True}, 1795862400000),
    NAMES[:1]: (1, "ValidationException", "ValidationException", "ValidationException"),
}
with mock_aws():
    found = {keys: seen(keys) for keys in expected}
for keys, (kept, update, membership, marker) in found.items():
    print(f"keys {keys}: users kept {kept} of 3, UpdateItem {update}, SDK's membership {membership}, SDK's marker {marker}")
sys.exit(found != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
