"""A big segment store in DynamoDB: the table, the role that LaunchDarkly assumes, and the integration."""

import pulumi
import pulumi_aws as aws

import launchdarkly_pulumi as launchdarkly

TABLE_ACTIONS = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem"]
"""What LaunchDarkly documents for a process that reads and writes a big segment table ("DynamoDB", permissions)."""

config = pulumi.Config()
external_id = config.require("externalId")
project_key = config.get("projectKey") or "default"
environment_key = config.get("environmentKey") or "production"

table = aws.dynamodb.Table(
    "big-segments",
    billing_mode="PAY_PER_REQUEST",
    hash_key="namespace",
    range_key="key",
    attributes=[{"name": "namespace", "type": "S"}, {"name": "key", "type": "S"}],
    server_side_encryption={"enabled": True},
    point_in_time_recovery={"enabled": True},
)

role = aws.iam.Role(
    "launchdarkly-big-segments",
    description="Lets LaunchDarkly keep the big segments of one environment up to date",
    assume_role_policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": config.require("launchdarklyPrincipal")},
                    "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
                }
            ],
        }
    ),
)

policy = aws.iam.RolePolicy(
    "launchdarkly-big-segments-table",
    role=role.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": [f"dynamodb:{a}" for a in TABLE_ACTIONS], "Resource": table.arn}
            ],
        }
    ),
)

store = launchdarkly.BigSegmentStoreIntegration(
    "production-dynamodb",
    # LaunchDarkly writes as soon as the store is on: not before the role may.
    pulumi.ResourceOptions(depends_on=[policy]),
    project_key=project_key,
    environment_key=environment_key,
    config=launchdarkly.DynamoDBConfig(
        table_name=table.name,
        region=pulumi.Config("aws").require("region"),
        external_id=external_id,
        role_arn=role.arn,
    ),
    name="Production DynamoDB",
    on=True,
    tags=["managed-by-pulumi"],
)
pulumi.export("integrationId", store.integration_id)
pulumi.export("roleArn", role.arn)
# SDKs read the table with this prefix, and with no other.
pulumi.export("sdkPrefix", launchdarkly.get_environment(project_key, environment_key).client_side_id)
