"""The program's resources as Pulumi's engine would get them: with mocks, without AWS and without LaunchDarkly."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest

import launchdarkly_pulumi as launchdarkly

PROJECT = "launchdarkly-dynamodb-aws"
EXTERNAL_ID = "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11"
PRINCIPAL = "arn:aws:iam::111122223333:root"
TABLE_ARN = "arn:aws:dynamodb:eu-west-1:444455556666:table/big-segments"
ROLE_ARN = "arn:aws:iam::444455556666:role/launchdarkly-big-segments"
STORE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"


class Mocks(pulumi.runtime.Mocks):
    """Takes each resource with its inputs, and answers with what AWS would assign."""

    def __init__(self) -> None:
        self.resources: dict[str, Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """A resource of the program."""
        self.resources[args.typ] = args.inputs
        arns = {"aws:dynamodb/table:Table": TABLE_ARN, "aws:iam/role:Role": ROLE_ARN}
        return f"{args.name}-id", {"name": args.name, **args.inputs, "arn": arns.get(args.typ)}

    def call(self, _args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        """A function of another provider, of which the program calls none."""
        return {}, None


@pytest.fixture(params=[False, True], ids=["up", "preview"])
def resources(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The inputs of each resource, by its type; in a preview and in an update alike."""
    # Mocks know resources; a look-up would ask LaunchDarkly.
    found = launchdarkly.GetEnvironmentResult("default", "production", client_side_id="57c0ffee57c0ffee57c0ffee")
    monkeypatch.setattr(launchdarkly, "get_environment", lambda *_: found)
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project=PROJECT, preview=request.param)
    settings = {"externalId": EXTERNAL_ID, "launchdarklyPrincipal": PRINCIPAL}
    pulumi.runtime.set_all_config({f"{PROJECT}:{k}": v for k, v in settings.items()} | {"aws:region": "eu-west-1"})

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        runpy.run_path(str(Path(__file__).parent / "__main__.py"))

    run()
    return mocks.resources


def test_the_graph_has_a_table_a_role_its_policy_and_the_store(resources: dict[str, Any]) -> None:
    """Four resources, and the stack's own."""
    assert {type_ for type_ in resources if not type_.startswith("pulumi:")} == {
        "aws:dynamodb/table:Table",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        STORE,
    }


def test_the_table_has_the_keys_that_launchdarkly_needs(resources: dict[str, Any]) -> None:
    """Partition key ``namespace``, sort key ``key``, both strings."""
    table = resources["aws:dynamodb/table:Table"]
    assert (table["hashKey"], table["rangeKey"]) == ("namespace", "key")
    assert table["attributes"] == [{"name": "namespace", "type": "S"}, {"name": "key", "type": "S"}]


def test_only_launchdarkly_with_the_external_id_may_assume_the_role(resources: dict[str, Any]) -> None:
    """The trust policy: one principal, one condition."""
    [statement] = json.loads(resources["aws:iam/role:Role"]["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": PRINCIPAL}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}


def test_the_role_may_read_and_write_the_items_of_this_table_alone(resources: dict[str, Any]) -> None:
    """Least privilege: no wildcard, no other table, nothing about the table itself."""
    [statement] = json.loads(resources["aws:iam/rolePolicy:RolePolicy"]["policy"])["Statement"]
    assert statement["Resource"] == TABLE_ARN
    assert not any("*" in action or "Table" in action for action in statement["Action"])


def test_the_store_is_that_table_by_that_role(resources: dict[str, Any]) -> None:
    """The integration's config names what the program has made, and the ID that the role demands."""
    store = resources[STORE]
    assert store["config"] == {
        "table_name": "big-segments",
        "region": "eu-west-1",
        "external_id": EXTERNAL_ID,
        "role_arn": ROLE_ARN,
    }
