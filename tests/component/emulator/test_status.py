"""The truthful status: real stores that are down, refuse, are not as they must be, and come up."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, LiveStatus, command
from support.dynamodb import KEY, NAMESPACE, REGION, create_table, forget_aws_settings, local_dynamodb
from support.redis_server import Certificate, RedisServer
from support.scripted_server import ScriptedServer, answer

PASSWORD = "canary-p4ssw0rd"

Status = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's AWS settings has an effect."""
    forget_aws_settings(monkeypatch, tmp_path)


@pytest.fixture
def status() -> Status:
    """The status of a Redis store that is on, by what differs from the defaults in its config."""
    return status_of_redis()


def status_of_redis(**options: Any) -> Status:
    """Asks for the status of one Redis store that is on, again and again."""
    live = LiveStatus(**options)

    def status(fields: dict[str, Any]) -> dict[str, Any]:
        config = {"host": "127.0.0.1", "port": "6379", "username": "", "password": "", "tlsEnabled": False} | fields
        return live({"_id": "1", "integrationKey": "redis", "on": True}, config)

    return status


def status_of_table(endpoint: str | None, table: str = "segments") -> dict[str, Any]:
    """The status of a DynamoDB store that is on."""
    config = {"tableName": table, "region": REGION, "externalId": "e", "roleArn": "r"}
    return LiveStatus(dynamodb_endpoint=endpoint)({"_id": "1", "integrationKey": "dynamodb", "on": True}, config)


def messages(status: dict[str, Any]) -> list[str]:
    """What the errors say, newest first; a status with errors from now on must be one of an unavailable store."""
    assert status["available"] is False
    assert status["potentiallyStale"] is True
    assert status["lastError"] == status["errors"][0]["timestamp"]
    return [error["message"] for error in status["errors"]]


def test_redis_that_answers(status: Status) -> None:
    """A Redis that answers is available, in sync by now, and has no errors."""
    with RedisServer() as redis:
        seen = status({"port": str(redis.port)})
    assert seen.pop("lastSync") > 0
    assert seen == {"available": True, "potentiallyStale": False, "lastError": 0, "errors": []}


def test_redis_that_goes_down_and_comes_back(status: Status) -> None:
    """Each status tells how it is now; the last success and the last error are remembered."""
    with RedisServer() as redis:
        config = {"port": str(redis.port)}
        before = status(config)
        redis.stop()
        down = status(config)
        redis.start()
        after = status(config)
    assert [seen["available"] for seen in (before, down, after)] == [True, False, True]
    assert messages(down) == [f"Could not connect to Redis at 127.0.0.1:{redis.port}: connection refused"]
    assert down["errors"][0]["statusCode"] == 503
    assert (before["lastError"], down["lastSync"]) == (0, before["lastSync"])
    assert (after["lastError"], after["errors"]) == (down["lastError"], down["errors"])
    assert after["lastSync"] >= down["lastError"]


@pytest.mark.parametrize(
    ("server", "config", "message"),
    [
        ({"password": PASSWORD}, {"password": f"not-{PASSWORD}"}, "Redis refused the password (WRONGPASS)"),
        ({"password": PASSWORD}, {}, "Redis requires a password (NOAUTH)"),
        ({}, {"password": PASSWORD}, "Redis refused the password: its default user has none"),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "ld", "password": f"not-{PASSWORD}"},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "other", "password": PASSWORD},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        (
            {"users": {"ld": PASSWORD}},
            {"username": "ld"},
            "Redis refused the password or the username (WRONGPASS)",
        ),
        ({"users": {"ld": PASSWORD}}, {"password": PASSWORD}, "Redis refused the password (WRONGPASS)"),
    ],
    ids=["wrong", "missing", "not asked for", "wrong of user", "wrong user", "missing of user", "no user"],
)
def test_redis_that_refuses_the_credentials(
    status: Status, server: dict[str, Any], config: dict[str, Any], message: str
) -> None:
    """Credentials that Redis refuses are an error that says which, without them."""
    with RedisServer(**server) as redis:
        seen = status({"port": str(redis.port), **config})
    assert messages(seen) == [message]
    assert seen["errors"][0]["statusCode"] == 400
    assert PASSWORD not in json.dumps(seen)


@pytest.mark.parametrize(
    ("server", "config"),
    [
        ({"password": 'sp "aces\\ and ünïcode'}, {"password": 'sp "aces\\ and ünïcode'}),
        ({"users": {"ld": PASSWORD}}, {"username": "ld", "password": PASSWORD}),
    ],
    ids=["password", "user"],
)
def test_redis_that_takes_the_credentials(status: Status, server: dict[str, Any], config: dict[str, Any]) -> None:
    """The config's username and password are used."""
    with RedisServer(**server) as redis:
        assert status({"port": str(redis.port), **config})["available"] is True


def test_redis_user_without_the_permission_to_ping(status: Status) -> None:
    """A user that Redis knows but lets do nothing is an error."""
    with RedisServer() as redis:
        with Redis(port=redis.port) as client:
            client.execute_command("ACL", "SETUSER", "ld", "on", f">{PASSWORD}", "-@all")
        seen = status({"port": str(redis.port), "username": "ld", "password": PASSWORD})
    assert messages(seen) == [f"Redis at 127.0.0.1:{redis.port} refused PING (NoPermissionError)"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for loopback that only those trust who are told to."""
    return Certificate.self_signed(tmp_path_factory.mktemp("certificate"))


def test_redis_with_tls(status: Status, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS enabled, a Redis whose certificate is trusted is available."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with RedisServer(password=PASSWORD, tls=certificate) as redis:
        config = {"port": str(redis.port), "password": PASSWORD, "tlsEnabled": True}
        assert status(config)["available"] is True


@pytest.mark.parametrize(
    ("host", "trusted"), [("127.0.0.1", False), ("localhost", True)], ids=["untrusted", "of another host"]
)
def test_redis_with_a_wrong_certificate(
    status: Status, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    """A certificate that is not trusted, or is for another host, is an error."""
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with RedisServer(tls=certificate) as redis:
        seen = status({"host": host, "port": str(redis.port), "password": PASSWORD, "tlsEnabled": True})
    place = f"{host}:{redis.port}"
    assert messages(seen) == [
        f"Could not connect to Redis at {place} with TLS: the certificate is not trusted, or is another host's"
    ]


def test_redis_with_tls_asked_without(status: Status, certificate: Certificate) -> None:
    """A Redis that speaks only TLS is not available without it."""
    with RedisServer(tls=certificate) as redis:
        seen = status({"port": str(redis.port)})
    assert messages(seen) == [f"Could not connect to Redis at 127.0.0.1:{redis.port}: the connection was closed"]


def test_redis_without_tls_asked_with(certificate: Certificate) -> None:
    """A Redis without TLS is not available with it."""
    with RedisServer() as redis:
        seen = status_of_redis(timeout=0.1)({"port": str(redis.port), "tlsEnabled": True})
    (message,) = messages(seen)
    assert message.startswith(f"Could not connect to Redis at 127.0.0.1:{redis.port} with TLS: ")


def test_redis_that_does_not_answer() -> None:
    """What takes a connection and says nothing is not waited for."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        seen = status_of_redis(timeout=0.05)({"port": str(port)})
    assert messages(seen) == [f"Could not connect to Redis at 127.0.0.1:{port}: no answer in time"]


@contextmanager
def saying(line: bytes) -> Iterator[int]:
    """A port where one client is greeted with a line, and then listened to."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(line + b"\r\n")
            while connection.recv(1024):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(10)
        served = pool.submit(serve)
        yield listener.getsockname()[1]
        served.result()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"HTTP/1.1 400 Bad Request", "Redis at 127.0.0.1:{}: what answers there is not Redis"),
        (
            b"-LOADING Redis is loading the dataset in memory",
            "Redis at 127.0.0.1:{} is still loading its data (LOADING)",
        ),
        (
            b"-ERR max number of clients reached",
            "Could not connect to Redis at 127.0.0.1:{}: the connection broke off",
        ),
    ],
)
def test_what_answers_but_not_as_it_should(status: Status, line: bytes, message: str) -> None:
    """A server that is no Redis, or a Redis that cannot serve now, is not available."""
    with saying(line) as port:
        seen = status({"port": str(port)})
    assert messages(seen) == [message.format(port)]


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("redis.invalid", "Could not connect to Redis at redis.invalid:6379: the host name cannot be resolved"),
        ("a..b", "Could not connect to Redis at a..b:6379: the host name is not valid"),
    ],
)
def test_impossible_host_names(status: Status, host: str, message: str) -> None:
    """A host name that is unknown, or none, is the store's error."""
    assert messages(status({"host": host})) == [message]


def test_errors_are_newest_first_and_few(status: Status) -> None:
    """Each failure is kept, the newest first, and only the latest ones."""
    with RedisServer(password=PASSWORD) as redis:
        config = {"port": str(redis.port), "password": "wrong"}
        for _ in range(11):
            status(config)
        redis.stop()
        seen = status(config)
    assert len(seen["errors"]) == 10
    down, *refused = messages(seen)
    assert "connection refused" in down
    assert {"WRONGPASS" in message for message in refused} == {True}
    assert [error["timestamp"] for error in seen["errors"]] == sorted(
        (error["timestamp"] for error in seen["errors"]), reverse=True
    )


def test_integrations_have_histories_of_their_own() -> None:
    """The errors of one integration are not another's."""
    live = LiveStatus()
    config = {"host": "a..b", "port": "1", "username": "", "password": "", "tlsEnabled": False}
    document = {"integrationKey": "redis", "on": True}
    live(document | {"_id": "1"}, config)
    assert len(live(document | {"_id": "2"}, config)["errors"]) == 1


def test_a_store_that_is_off_is_not_asked() -> None:
    """A store that is off gets no connection, and is not available, without being wrong."""
    with ScriptedServer(answer(200, {})) as server:
        config = {"host": "127.0.0.1", "port": server.host.rpartition(":")[2]}
        seen = LiveStatus()({"_id": "1", "integrationKey": "redis", "on": False}, config)
        assert server.connections == 0
    assert seen == {"available": False, "potentiallyStale": True, "lastSync": 0, "lastError": 0, "errors": []}


def test_last_sync_outlives_turning_off() -> None:
    """A store that is turned off keeps the time of its last success."""
    live = LiveStatus()
    with RedisServer() as redis:
        config = {"host": redis.host, "port": str(redis.port), "username": "", "password": "", "tlsEnabled": False}
        document = {"_id": "1", "integrationKey": "redis"}
        on = live(document | {"on": True}, config)
        off = live(document | {"on": False}, config)
    assert (off["available"], off["lastSync"]) == (False, on["lastSync"])


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[str]:
    """The endpoint of a local DynamoDB."""
    with local_dynamodb() as endpoint:
        yield endpoint


def test_table_that_is_right(dynamodb: str) -> None:
    """A table with the right keys is available."""
    create_table(dynamodb, "right", NAMESPACE, KEY)
    seen = status_of_table(dynamodb, "right")
    assert seen.pop("lastSync") > 0
    assert seen == {"available": True, "potentiallyStale": False, "lastError": 0, "errors": []}


def test_table_that_comes_to_be(dynamodb: str) -> None:
    """A table that does not exist is an error, until it does."""
    before = status_of_table(dynamodb, "late")
    create_table(dynamodb, "late", NAMESPACE, KEY)
    assert messages(before) == ["table late does not exist in eu-west-1"]
    assert before["errors"][0]["statusCode"] == 400
    assert status_of_table(dynamodb, "late")["available"] is True


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
        (
            "swapped",
            [("key", "S", "HASH"), ("namespace", "S", "RANGE")],
            "the table's partition key must be `namespace` (S), not `key` (S); "
            "the table's sort key must be `key` (S), not `namespace` (S)",
        ),
    ],
)
def test_table_with_wrong_keys(dynamodb: str, name: str, keys: list[tuple[str, str, str]], message: str) -> None:
    """A table whose keys have other names or types is an error that says what is wrong with which."""
    create_table(dynamodb, name, *keys)
    assert messages(status_of_table(dynamodb, name)) == [message]


def test_dynamodb_that_comes_up() -> None:
    """A DynamoDB that is down is an error, until it listens."""
    with local_dynamodb() as endpoint:
        create_table(endpoint, "segments", NAMESPACE, KEY)
    down = status_of_table(endpoint)
    host, port = endpoint.removeprefix("http://").split(":")
    with local_dynamodb(host, int(port)):
        up = status_of_table(endpoint)
    assert messages(down) == [f"Could not connect to DynamoDB in eu-west-1 at {host}:{port}: connection refused"]
    assert up["available"] is True


def refusing(code: str, status: int = 400) -> ScriptedServer:
    """A DynamoDB that answers with an error, and with a secret in it."""
    return ScriptedServer(answer(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": PASSWORD}))


@pytest.mark.parametrize(
    ("code", "status_code", "message"),
    [
        (
            "UnrecognizedClientException",
            400,
            "DynamoDB refused the emulator's AWS credentials (UnrecognizedClientException)",
        ),
        ("ValidationException", 400, "table segments: DynamoDB does not take this name (ValidationException)"),
        ("InternalServerError", 500, "table segments: DynamoDB answered with an error (InternalServerError)"),
    ],
)
def test_dynamodb_that_refuses(code: str, status_code: int, message: str) -> None:
    """A refusal is an error in words of the emulator, after a single request."""
    with refusing(code, status_code) as server:
        seen = status_of_table(server.url)
        assert len(server.requests) == 1
    assert messages(seen) == [message]


def described(status: str) -> ScriptedServer:
    """A DynamoDB with a table that has the right keys."""
    names = ("namespace", "key")
    table = {
        "TableStatus": status,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
    }
    return ScriptedServer(answer(200, {"Table": table}))


@pytest.mark.parametrize("table_status", ["ACTIVE", "UPDATING"])
def test_table_that_can_be_used(table_status: str) -> None:
    """A table is usable when it is active, and while it is changed."""
    with described(table_status) as server:
        assert status_of_table(server.url)["available"] is True


@pytest.mark.parametrize("table_status", ["CREATING", "DELETING", "ARCHIVED"])
def test_table_that_is_not_active(table_status: str) -> None:
    """A table that is being made or unmade is an error."""
    with described(table_status) as server:
        assert messages(status_of_table(server.url)) == [f"table segments is not active, but {table_status}"]


def test_what_is_not_dynamodb() -> None:
    """Another kind of server at the endpoint is not available."""
    with ScriptedServer((404, {"Content-Type": "text/html"}, b"<html></html>")) as server:
        assert messages(status_of_table(server.url)) == ["table segments: DynamoDB answered with an error (404)"]


def access_key(server: ScriptedServer) -> str:
    """Whose credentials signed the request."""
    (authorization,) = server.requests[0].values("Authorization")
    return authorization.partition("Credential=")[2].partition("/")[0]


def test_made_up_credentials() -> None:
    """A local DynamoDB gets made-up credentials where the environment has none."""
    with described("ACTIVE") as server:
        status_of_table(server.url)
        assert access_key(server) == "testing"


def test_credentials_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's credentials are used where there are some."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    with described("ACTIVE") as server:
        seen = status_of_table(server.url)
        assert access_key(server) == "OWN"
    assert PASSWORD not in json.dumps(seen)


def test_no_credentials() -> None:
    """Amazon's DynamoDB is not asked without credentials."""
    assert messages(status_of_table(None)) == ["the emulator has no AWS credentials for DynamoDB"]


@pytest.mark.parametrize(
    "endpoint", ["", "127.0.0.1:8000", "ftp://h", "http://", "http://[", "http://h:x", "http://u:secret@h"]
)
def test_impossible_endpoints(endpoint: str) -> None:
    """An endpoint that is no plain URL is refused at once, without being quoted."""
    with pytest.raises(ValueError, match="endpoint of DynamoDB must be") as refusal:
        LiveStatus(dynamodb_endpoint=endpoint)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("package", ["redis", "boto3"])
def test_a_missing_client_is_an_error(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Without the client library a store of that kind is not available, and the error says what to install."""
    for name in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    seen = status_of_redis()({}) if package == "redis" else status_of_table("http://127.0.0.1:1")
    assert messages(seen) == [f"the emulator needs {package} to ask this store: pip install {package}"]


def test_clients_are_imported_when_needed() -> None:
    """Importing the emulator, and asking no store, imports neither redis nor boto3."""
    program = """
import sys
from launchdarkly_pulumi.emulator import LiveStatus
LiveStatus()({"_id": "1", "integrationKey": "redis", "on": False}, {})
sys.exit(bool({"redis", "boto3", "botocore"} & sys.modules.keys()))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_an_emulator_with_live_status() -> None:
    """Through the API a store's status follows the store, and what its config says."""
    with (
        RedisServer(password=PASSWORD) as redis,
        Emulator(EmulatorOptions(status_source=LiveStatus())) as emulator,
    ):
        config = {"host": redis.host, "port": str(redis.port), "password": f"not-{PASSWORD}"}
        created = emulator.outside_create("shop", "production", "redis", config=config, on=True)
        redis.stop()
        down = emulator.integrations[created["_id"]]
        redis.start()
        up = emulator.outside_edit(created["_id"], {"config": {"password": PASSWORD}})
    assert messages(created["_status"]) == ["Redis refused the password (WRONGPASS)"]
    assert "connection refused" in messages(down["_status"])[0]
    assert up["_status"]["available"] is True
    assert PASSWORD not in json.dumps([created, down, up])


def parsed(*arguments: str) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "tables"),
    [
        ([], None),
        (["--live-status"], ["the emulator has no AWS credentials for DynamoDB"]),
        (["--live-status", "--dynamodb-endpoint={}"], ["table nowhere does not exist in eu-west-1"]),
    ],
    ids=["neither", "live status", "endpoint"],
)
def test_command(
    monkeypatch: pytest.MonkeyPatch, dynamodb: str, arguments: list[str], tables: list[str] | None
) -> None:
    """``--live-status`` asks the stores, and ``--dynamodb-endpoint`` says where DynamoDB is."""
    served: list[EmulatorOptions] = []
    monkeypatch.setattr("launchdarkly_pulumi.emulator.server.serve", lambda *given: served.append(given[2]))
    assert command.run(parsed(*(argument.format(dynamodb) for argument in arguments))) == 0
    source = served[0].status_source
    document = {"_id": "1", "integrationKey": "dynamodb", "on": True}
    assert (source and messages(source(document, {"tableName": "nowhere", "region": REGION}))) == tables


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--dynamodb-endpoint=http://127.0.0.1:1"], "--dynamodb-endpoint needs --live-status"),
        (["--live-status", "--dynamodb-endpoint=localhost"], "the endpoint of DynamoDB must be an http or https URL"),
    ],
)
def test_command_with_an_impossible_endpoint(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    """An endpoint that would have no effect, or is no URL, is one line on standard error and status 1."""
    assert command.run(parsed(*arguments)) == 1
    assert capsys.readouterr().err.startswith(f"error: {reason}")


def test_redis_server_that_cannot_start() -> None:
    """The tests' own Redis says why it did not start."""
    redis = RedisServer(users={"bad name": PASSWORD})
    with closing(redis), pytest.raises(RuntimeError, match="redis-server did not start") as failure:
        redis.start()
    assert "user" in str(failure.value)
