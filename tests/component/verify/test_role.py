"""``verify`` of the role that LaunchDarkly assumes for a table, in moto's IAM."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support import samples
from support.dynamodb import REGION, aws_client
from support.verifying import Table

EXTERNAL_ID = samples.dynamodb()["config"]["external_id"]
PRINCIPAL = "arn:aws:iam::111122223333:root"
WRITER = [
    f"dynamodb:{action}"
    for action in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
]


class Iam:
    """The role of the sample, in moto's IAM."""

    def __init__(self, endpoint: str, table: Table) -> None:
        self._endpoint = endpoint
        self.name = f"role-{table.name}"
        self.table_arn = f"arn:aws:dynamodb:{REGION}:123456789012:table/{table.name}"
        config = table.emulator.stored_config(table.id.rpartition("/")[2])
        arn = f"arn:aws:iam::123456789012:role/{self.name}"
        table.emulator.outside_edit(table.id.rpartition("/")[2], {"config": config | {"roleArn": arn}})

    def create(self, trust: list[dict[str, Any]], actions: list[str], resource: str | None = None) -> None:
        """Makes the role, one half of its rights its own and the other attached."""
        documents = [
            {"Effect": "Allow", "Action": half, "Resource": resource or self.table_arn}
            for half in (actions[::2], actions[1::2])
        ]
        with aws_client(self._endpoint, "iam") as client:
            client.create_role(RoleName=self.name, AssumeRolePolicyDocument=document(*trust))
            client.put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=document(documents[0]))
            made = client.create_policy(PolicyName=self.name, PolicyDocument=document(documents[1]))["Policy"]
            client.attach_role_policy(RoleName=self.name, PolicyArn=made["Arn"])


def document(*statements: dict[str, Any]) -> str:
    """An IAM document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(external_id: str | None = EXTERNAL_ID, principal: Any = PRINCIPAL) -> dict[str, Any]:
    """A statement that lets somebody assume the role."""
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}, **condition}


@pytest.fixture
def iam(table: Table, monkeypatch: pytest.MonkeyPatch) -> Iam:
    """Moto's IAM in place of Amazon's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", table.endpoint)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    return Iam(table.endpoint, table)


def test_a_role_that_launchdarkly_may_assume(table: Table, iam: Iam) -> None:
    """Its trust and its rights; who LaunchDarkly is, nobody can tell."""
    iam.create([trust(), trust(None, "arn:aws:iam::123456789012:user/admin")], WRITER)
    code, checks = table.verify()
    assert (code, checks["role"]["outcome"], checks["role-policy"]["outcome"]) == (0, "passed", "passed")
    assert checks["role"]["found"].startswith(f"{PRINCIPAL} may assume it with the config's external ID")


def test_a_probe_as_the_role(table: Table, iam: Iam) -> None:
    """Where it can be assumed from here, the probe is LaunchDarkly's."""
    iam.create([trust()], WRITER)
    code, checks = table.verify("--write-probe", place=())
    assert (code, checks["write"]["outcome"]) == (0, "passed")
    assert checks["write"]["found"].startswith("the role may do what a writer needs")


def test_a_role_with_too_few_rights(table: Table, iam: Iam) -> None:
    """What is missing is named."""
    iam.create([trust()], [action for action in WRITER if not action.endswith(("UpdateItem", "PutItem"))])
    assert table.failed() == {"role-policy": "it may not PutItem, UpdateItem on the table"}


def test_no_role(table: Table, iam: Iam) -> None:
    """LaunchDarkly cannot assume it."""
    assert table.failed() == {"role": "there is no such role"}
