"""``verify`` of a DynamoDB table: what it finds at moto's, and at one that refuses most of it."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import launchdarkly_pulumi
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import existing
from support.commands import Shell
from support.dynamodb import KEY, NAMESPACE, REGION, aws_client, create_table, forget_aws_settings, local_dynamodb
from support.samples import TOKEN
from support.scripted_server import Answer, Request, ScriptedServer, answer
from support.segments import hashed, now
from support.verifying import Verified, status_of, with_outcome

MINUTE = 60_000
TABLE_NUMBERS = itertools.count(1)
EXTERNAL_ID = samples.dynamodb()["config"]["external_id"]
PRINCIPAL = "arn:aws:iam::111122223333:root"
WRITER = [
    f"dynamodb:{action}"
    for action in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
]


class Table(Verified):
    """An integration, and the table that it names."""

    endpoint: str
    name: str

    def put(self, namespace: str, key: str, **attributes: Any) -> None:
        """Writes an item, by hand."""
        item = {"namespace": {"S": namespace}, "key": {"S": key}, **attributes}
        with aws_client(self.endpoint) as client:
            client.put_item(TableName=self.name, Item=item)

    def mark(self, value: dict[str, str] | None = None, prefix: str | None = None) -> None:
        """Writes the marker: the present, unless there is a value."""
        name = f"{prefix}:big_segments_metadata" if prefix != "" else "big_segments_metadata"
        self.put(name, name, synchronizedOn=value or {"N": str(now())})

    def member(self, context_key: str, **sets: Any) -> None:
        """Writes what a context is included in and excluded from."""
        self.put(f"{self.prefix}:big_segments_user", hashed(context_key), **sets)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Moto's AWS."""
    with local_dynamodb() as url:
        yield url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands; none may print a secret."""
    return Shell(capsys)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    """LaunchDarkly; the environment names it, and no AWS."""
    forget_aws_settings(monkeypatch, tmp_path)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_IAM"):
        monkeypatch.delenv(name, raising=False)
    with Emulator(EmulatorOptions(access_tokens=(TOKEN,), status_source=status_of)) as running:
        monkeypatch.setenv("LAUNCHDARKLY_API_HOST", running.url)
        monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", TOKEN)
        yield running


def table_at(endpoint: str, emulator: Emulator, run: Shell, **config: Any) -> Table:
    """An integration that names a table, which is yet to be made."""
    name = f"big-segments-{next(TABLE_NUMBERS)}"
    id_ = existing(emulator, samples.dynamodb(on=True, config={"table_name": name, **config}))
    prefix = launchdarkly_pulumi.get_environment("default", "production").client_side_id
    made = Table(run, emulator, id_, prefix, ("--dynamodb-endpoint", endpoint))
    made.endpoint, made.name = endpoint, name
    return made


@pytest.fixture
def table(endpoint: str, emulator: Emulator, run: Shell) -> Table:
    """One that LaunchDarkly has synchronized just now."""
    made = table_at(endpoint, emulator, run)
    create_table(endpoint, made.name, NAMESPACE, KEY)
    made.mark(prefix=made.prefix)
    made.member("anna", included={"SS": ["beta.g1", "beta.g2"]}, excluded={"SS": ["beta.g1"]})
    return made


def test_a_table_that_works(table: Table) -> None:
    """Each check passes that can; what was not asked for, or cannot be known of a local one, is not checked."""
    code, checks = table.verify()
    assert code == 0
    assert with_outcome(checks, "passed") == {
        "launchdarkly", "client-side-id", "reachable", "login", "table", "keys", "clock", "marker", "last-sync",
        "prefixes-in-use", "read", "items", "ttl",
    }  # fmt: skip
    assert with_outcome(checks, "not checked") == {"sdk-prefix", "region", "member", "role", "role-policy", "write"}


def test_everything_asked_for(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the role is left unchecked; nothing of the probe is left in the table."""
    monkeypatch.setenv("AWS_REGION", REGION)
    code, checks = table.verify("--prefix", table.prefix, "--segment", "beta", "--member", "anna", "--write-probe")
    assert (code, with_outcome(checks, "passed") | {"role", "role-policy"}) == (0, set(checks))
    assert checks["member"]["found"] == "the store includes it in generation 2, 1, which wins over excluded in 1"
    with aws_client(table.endpoint) as client:
        assert client.scan(TableName=table.name)["Count"] == 2


def test_another_region_of_sdks(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be given to SDKs in another way: that cannot be seen here."""
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    code, checks = table.verify()
    assert (code, checks["region"]["outcome"]) == (0, "not checked")
    assert checks["region"]["found"].endswith(
        f"the table is in {REGION}; SDKs here that are given no region ask in us-west-2"
    )


MARKERS: dict[str, tuple[Callable[[Table], Any], dict[str, str]]] = {
    "none": (lambda _: None, {"marker": "there is no ", "prefixes-in-use": "there is no marker at all"}),
    "under no prefix": (
        lambda table: table.mark(prefix=""),
        {"marker": "there is no ", "prefixes-in-use": "markers are under no prefix in this table, and none under "},
    ),
    "under another prefix": (
        lambda table: table.mark(prefix="shop"),
        {"marker": "there is no ", "prefixes-in-use": "markers are under shop in this table, and none under "},
    ),
    "old": (
        lambda table: table.mark({"N": str(now() - 60 * MINUTE)}, table.prefix),
        {"marker": "20", "last-sync": "LaunchDarkly reports "},
    ),
    "with a fraction": (
        lambda table: table.mark({"N": f"{now()}.5"}, table.prefix),
        {"marker": "synchronizedOn of "},
    ),
    "a string": (
        lambda table: table.mark({"S": str(now())}, table.prefix),
        {"marker": "synchronizedOn of "},
    ),
    "without its attribute": (
        lambda table: table.put(*[f"{table.prefix}:big_segments_metadata"] * 2, other={"N": "1"}),
        {"marker": "synchronizedOn of "},
    ),
}


@pytest.mark.parametrize("case", MARKERS)
def test_a_marker_that_sdks_do_not_believe(table: Table, case: str) -> None:
    """Each case fails with what was found, and no other check does."""
    prepare, expected = MARKERS[case]
    name = {"S": f"{table.prefix}:big_segments_metadata"}
    with aws_client(table.endpoint) as client:
        client.delete_item(TableName=table.name, Key={"namespace": name, "key": name})
    prepare(table)
    found = table.failed()
    assert found.keys() == expected.keys()
    assert all(found[check].startswith(beginning) for check, beginning in expected.items()), found


def test_members_in_lists(table: Table) -> None:
    """SDKs read string sets alone."""
    table.member("bert", included={"L": [{"S": "beta.g1"}]})
    found = table.failed("--segment", "beta", "--member", "bert")
    assert found == {
        "items": "2 looked at, some with included (L)",
        "member": "the store has nothing of it and this segment; it is included in 0 other segments",
    }


def test_items_that_expire(table: Table) -> None:
    """A time to live that LaunchDarkly's items do not have does no harm."""
    with aws_client(table.endpoint) as client:
        settings = {"Enabled": True, "AttributeName": "expires"}
        client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=settings)
    code, checks = table.verify()
    assert (code, checks["ttl"]["found"]) == (0, "items with expires expire; none of 2 looked at has it")
    table.member("bert", included={"SS": ["beta.g1"]}, expires={"N": "1"})
    assert table.failed() == {"ttl": "items with expires expire, and some of LaunchDarkly's have it"}


def test_a_table_without_a_sort_key_is_read_by_nobody(endpoint: str, emulator: Emulator, run: Shell) -> None:
    """DynamoDB refuses what SDKs ask, and what a writer sends."""
    table = table_at(endpoint, emulator, run)
    create_table(endpoint, table.name, NAMESPACE)
    found = table.failed("--write-probe")
    assert found["keys"] == "its sort key must be key (S), and it has none"
    assert found["read"] == "GetItem is refused (ValidationException)"
    assert found["write"] == "UpdateItem is refused (ValidationException)"


def test_no_table(endpoint: str, emulator: Emulator, run: Shell) -> None:
    """One check fails, and a probe has nothing to write to."""
    table = table_at(endpoint, emulator, run)
    told = f"there is no table {table.name} in {REGION} at {endpoint.removeprefix('http://')}"
    assert table.failed() == {"table": told}
    assert table.failed("--write-probe")["write"] == "UpdateItem is refused (ResourceNotFoundException)"


def test_no_connection_and_no_credentials(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest says that it could not look."""
    nowhere = ("--dynamodb-endpoint", "http://127.0.0.1:1")
    found = table.failed(place=nowhere)
    assert found.keys() == {"reachable"}
    assert found["reachable"].endswith("at 127.0.0.1:1: connection refused")
    assert table.failed(place=()) == {"login": "this machine has no AWS credentials"}
    monkeypatch.setenv("AWS_PROFILE", "none")
    assert table.failed() == {"login": "this machine has no AWS credentials"}


def only(*actions: str) -> Callable[[Request], Answer]:
    """A DynamoDB that allows these actions alone, and has an empty item for everybody."""

    def respond(request: Request) -> Answer:
        action = request.values("X-Amz-Target")[0].partition(".")[2]
        if action in actions:
            return answer(200, {"Item": {"synchronizedOn": {"N": str(now())}}})
        return answer(400, {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "secret words"})

    return respond


def test_a_principal_with_an_sdk_s_rights(emulator: Emulator, run: Shell) -> None:
    """GetItem alone: nothing fails, and what cannot be seen is said to be unchecked."""
    with ScriptedServer(only("GetItem")) as server:
        table = table_at(server.url, emulator, run)
        code, checks = table.verify()
    unseen = {"table": "DescribeTable", "keys": "DescribeTable", "items": "Query", "ttl": "DescribeTimeToLive"}
    assert code == 0
    for name, action in unseen.items():
        told = f"this principal may not {action} (AccessDeniedException)"
        assert (checks[name]["outcome"], checks[name]["found"]) == ("not checked", told)
    assert checks["marker"]["outcome"] == checks["read"]["outcome"] == "passed"


def test_a_principal_without_any_rights(emulator: Emulator, run: Shell) -> None:
    """SDKs with it cannot read; the store's own words are in no message."""
    with ScriptedServer(only()) as server:
        table = table_at(server.url, emulator, run)
        found = table.failed("--write-probe")
    assert found == {
        "read": "this principal may not GetItem (AccessDeniedException)",
        "write": "this principal may not UpdateItem (AccessDeniedException)",
    }


def test_credentials_that_aws_does_not_know(emulator: Emulator, run: Shell) -> None:
    """That is no matter of rights."""
    refusal = answer(400, {"__type": "com.amazon.coral.service#UnrecognizedClientException", "message": "?"})
    with ScriptedServer(refusal) as server:
        found = table_at(server.url, emulator, run).failed()
    assert found == {"login": "AWS refuses the credentials of this machine (UnrecognizedClientException)"}


# The role.


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


def test_a_missing_extra_is_2(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line tells what to install."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = table.run("verify", table.id)
    assert done == (2, "", "error: this needs boto3: pip install 'launchdarkly-pulumi[verify]'\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--redis-url", "redis://redis"], "is no Redis: --redis-url is for one"),
        (["--dynamodb-endpoint", "localhost:8000"], "must be an http or https URL without user and password"),
        (
            ["--dynamodb-endpoint", "http://user:word@localhost"],
            "must be an http or https URL without user and password",
        ),
    ],
)
def test_a_wrong_use_is_2(table: Table, arguments: list[str], told: str) -> None:
    """And asks nobody."""
    table.emulator.clear_requests()
    done = table.run("verify", table.id, *arguments)
    assert (done.code, done.output) == (2, "")
    assert told in done.errors
    assert table.emulator.requests == []
