"""Syncing with a DynamoDB, and what it says of it: tables with wrong keys, refusals, and the layout."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator, Sync
from support.dynamodb import KEY, NAMESPACE, create_table, forget_aws_settings, local_dynamodb
from support.scripted_server import Answer, Request, ScriptedServer, answer
from support.synced import BETA, messages, status_of, written_to_table

PASSWORD = "canary-p4ssw0rd"
PREFIX = "903fef0d5516b093c9ce5903"
USER_1, USER_2 = "xsKJ5J6cBbIUWGA4e3O8sY30P7CaHkpKlxPHbIi7VBs=", "2Stpz7gs7KtFx1P1YAKywObQHxMv458sh4hY3JUo4Qs="

Start = Callable[..., tuple[Emulator, Any]]


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's AWS settings has an effect."""
    forget_aws_settings(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[str]:
    """The endpoint of a local DynamoDB."""
    with local_dynamodb() as endpoint:
        yield endpoint


@pytest.fixture
def status(start: Start) -> Callable[..., dict[str, Any]]:
    """The status of a DynamoDB store that is on, in the DynamoDB at an endpoint."""

    def status(endpoint: str | None, table: str = "segments") -> dict[str, Any]:
        emulator, _ = start(status_source=Sync({BETA: ["user-1"]}, dynamodb_endpoint=endpoint))
        return status_of(emulator, "dynamodb", tableName=table)

    return status


Status = Callable[..., dict[str, Any]]


def users_in(endpoint: str, table: str) -> dict[str, Any]:
    """The memberships in a table, by the contexts' hashes."""
    written = written_to_table(endpoint, table)
    return {key: item for (namespace, key), item in written.items() if namespace == f"{PREFIX}:big_segments_user"}


def test_the_layout_is_the_relay_proxys(start: Start, dynamodb: str) -> None:
    """As in the source of the Relay Proxy 8: the keys, the attributes, and their types."""
    create_table(dynamodb, "layout", NAMESPACE, KEY)
    emulator, _ = start(status_source=Sync(dynamodb_endpoint=dynamodb))
    status = status_of(emulator, "dynamodb", tableName="layout")
    emulator.members(BETA, ["user-1"])
    emulator.members("shop/production/gamma", ["user-1"], excluded=["user-2"])
    written = written_to_table(dynamodb, "layout")
    metadata = written.pop((f"{PREFIX}:big_segments_metadata", f"{PREFIX}:big_segments_metadata"))
    included = written[f"{PREFIX}:big_segments_user", USER_1]["included"]["SS"]

    assert status["available"] is True
    assert re.fullmatch(r"[0-9]{13}", metadata["synchronizedOn"]["N"])
    assert metadata.keys() == {"synchronizedOn", "lastVersion"}
    assert metadata["lastVersion"].keys() == {"S"}
    assert sorted(included) == ["beta.g1", "gamma.g1"]
    assert written == {
        (f"{PREFIX}:big_segments_user", USER_1): {"included": {"SS": included}},
        (f"{PREFIX}:big_segments_user", USER_2): {"excluded": {"SS": ["gamma.g1"]}},
    }


def test_members_come_and_go(start: Start, dynamodb: str) -> None:
    """In several transactions where they are many."""
    create_table(dynamodb, "members", NAMESPACE, KEY)
    emulator, _ = start(status_source=Sync(dynamodb_endpoint=dynamodb))
    status_of(emulator, "dynamodb", tableName="members")
    emulator.members(BETA, [f"user-{number}" for number in range(50)])
    many = users_in(dynamodb, "members")
    emulator.members(BETA, ["user-2"], excluded=["user-1"])
    few = {key: item for key, item in users_in(dynamodb, "members").items() if item}
    assert len(many) == 50
    assert few == {USER_1: {"excluded": {"SS": ["beta.g1"]}}, USER_2: {"included": {"SS": ["beta.g1"]}}}


def test_table_that_comes_to_be(start: Start, dynamodb: str) -> None:
    """A table that does not exist is an error, until it does."""
    emulator, _ = start(status_source=Sync(dynamodb_endpoint=dynamodb))
    before = status_of(emulator, "dynamodb", tableName="late")
    create_table(dynamodb, "late", NAMESPACE, KEY)
    after = status_of(emulator, "dynamodb", tableName="late")
    assert messages(before) == ["table late does not exist in eu-west-1"]
    assert before["errors"][0]["statusCode"] == 400
    assert after["available"] is True
    assert before["lastError"] <= after["lastError"] <= after["lastSync"]


@pytest.mark.parametrize(
    ("name", "keys", "message"),
    [
        (
            "partition-name",
            [("id", "S", "HASH"), KEY],
            "the table's partition key must be `namespace` (S), not `id` (S)",
        ),
        (
            "partition-type",
            [("namespace", "N", "HASH"), KEY],
            "the table's partition key must be `namespace` (S), not `namespace` (N)",
        ),
        ("sort-name", [NAMESPACE, ("sort", "S", "RANGE")], "the table's sort key must be `key` (S), not `sort` (S)"),
        ("sort-type", [NAMESPACE, ("key", "B", "RANGE")], "the table's sort key must be `key` (S), not `key` (B)"),
        ("no-sort", [NAMESPACE], "the table's sort key must be `key` (S), but it has none"),
    ],
)
def test_table_with_wrong_keys(
    status: Status, dynamodb: str, name: str, keys: list[tuple[str, str, str]], message: str
) -> None:
    """A table whose keys have other names or types is an error that says what is wrong with which."""
    create_table(dynamodb, name, *keys)
    assert messages(status(dynamodb, name)) == [message]


def test_table_with_swapped_keys(status: Status, dynamodb: str) -> None:
    """DynamoDB's requests name the keys, so that their roles do not matter: what LaunchDarkly and SDKs send works."""
    create_table(dynamodb, "swapped", ("key", "S", "HASH"), ("namespace", "S", "RANGE"))
    assert status(dynamodb, "swapped")["available"] is True


def test_dynamodb_that_comes_up(start: Start) -> None:
    """A DynamoDB that is down is an error, until it listens; what it has then is complete."""
    with local_dynamodb() as endpoint:
        pass
    emulator, _ = start(status_source=Sync({BETA: ["user-1"]}, dynamodb_endpoint=endpoint))
    down = status_of(emulator, "dynamodb")
    host, port = endpoint.removeprefix("http://").split(":")
    with local_dynamodb(host, int(port)):
        create_table(endpoint, "segments", NAMESPACE, KEY)
        up = status_of(emulator, "dynamodb")
    assert messages(down) == [f"Could not connect to DynamoDB in eu-west-1 at {host}:{port}: connection refused"]
    assert up["available"] is True


def refusing(code: str, status: int = 400, **more: Any) -> Answer:
    """DynamoDB's answer with an error, and with a secret in it."""
    return answer(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": PASSWORD, **more})


@pytest.mark.parametrize(
    ("code", "status_code", "message"),
    [
        (
            "UnrecognizedClientException",
            400,
            "DynamoDB refused the emulator's AWS credentials (UnrecognizedClientException)",
        ),
        ("ValidationException", 400, "table segments: DynamoDB answered with an error (ValidationException)"),
        ("InternalServerError", 500, "table segments: DynamoDB answered with an error (InternalServerError)"),
        (
            "ConditionalCheckFailedException",
            400,
            "table segments: somebody else writes big segments there, too",
        ),
    ],
)
def test_dynamodb_that_refuses(status: Status, code: str, status_code: int, message: str) -> None:
    """A refusal is an error in words of the emulator."""
    with ScriptedServer(refusing(code, status_code)) as server:
        seen = status(server.url)
    assert messages(seen) == [message]
    assert PASSWORD not in json.dumps(seen)


def test_a_transaction_that_somebody_else_forestalled(status: Status) -> None:
    """The cursor is not where it was."""

    def step(request: Request) -> Answer:
        if request.values("X-Amz-Target")[0].endswith("TransactWriteItems"):
            return refusing("TransactionCanceledException", CancellationReasons=[{"Code": "ConditionalCheckFailed"}])
        return answer(200, {})

    with ScriptedServer(step) as server:
        seen = status(server.url)
    assert messages(seen) == ["table segments: somebody else writes big segments there, too"]


@pytest.mark.parametrize("table_status", ["CREATING", "DELETING", "ARCHIVED"])
def test_table_that_is_not_active(status: Status, table_status: str) -> None:
    """A table that is being made or unmade is an error: DynamoDB takes it for missing."""

    def step(request: Request) -> Answer:
        if request.values("X-Amz-Target")[0].endswith("DescribeTable"):
            table = {"TableStatus": table_status, "AttributeDefinitions": [], "KeySchema": []}
            return answer(200, {"Table": table})
        return refusing("ResourceNotFoundException")

    with ScriptedServer(step) as server:
        assert messages(status(server.url)) == [f"table segments is not active, but {table_status}"]


def test_what_is_not_dynamodb(status: Status) -> None:
    """Another kind of server at the endpoint is not available."""
    with ScriptedServer((404, {"Content-Type": "text/html"}, b"<html></html>")) as server:
        assert messages(status(server.url)) == ["table segments: DynamoDB answered with an error (404)"]


def access_key(server: ScriptedServer) -> str:
    """Whose credentials signed the request."""
    (authorization,) = server.requests[0].values("Authorization")
    return authorization.partition("Credential=")[2].partition("/")[0]


def test_made_up_credentials(status: Status) -> None:
    """A local DynamoDB gets made-up credentials where the environment has none."""
    with ScriptedServer(answer(200, {})) as server:
        status(server.url)
        assert access_key(server) == "testing"


def test_credentials_of_the_environment(monkeypatch: pytest.MonkeyPatch, status: Status) -> None:
    """The environment's credentials are used where there are some."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    with ScriptedServer(answer(200, {})) as server:
        seen = status(server.url)
        assert access_key(server) == "OWN"
    assert PASSWORD not in json.dumps(seen)


def test_amazons_is_public(status: Status) -> None:
    """It is not written to unless whoever starts the emulator says so."""
    assert messages(status(None)) == [
        "the emulator does not write to DynamoDB: it is public, and --allow-public-hosts is not given"
    ]


def test_no_credentials(start: Start) -> None:
    """Amazon's DynamoDB is not asked without credentials."""
    emulator, _ = start(status_source=Sync(public_hosts=True))
    assert messages(status_of(emulator, "dynamodb")) == ["the emulator has no AWS credentials for DynamoDB"]


@pytest.mark.parametrize(
    "endpoint", ["", "127.0.0.1:8000", "ftp://h", "http://", "http://[", "http://h:x", "http://u:secret@h"]
)
def test_impossible_endpoints(endpoint: str) -> None:
    """An endpoint that is no plain URL is refused at once, without being quoted."""
    with pytest.raises(ValueError, match="endpoint of DynamoDB must be") as refusal:
        Sync(dynamodb_endpoint=endpoint)
    assert "secret" not in str(refusal.value)
