"""``verify`` of a DynamoDB table: what it finds at moto's, and at one that refuses most of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.commands import Shell
from support.dynamodb import NAMESPACE, REGION, aws_client, create_table
from support.scripted_server import Answer, Request, ScriptedServer, answer
from support.segments import now
from support.verifying import Table, table_at, with_outcome

MINUTE = 60_000


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
