"""``export`` from LaunchDarkly: the program, what is said beside it, and what is left out."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import Any

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.commands import program
from launchdarkly_pulumi.commands.stores import Found, Store
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.fields import KEY_FIELDS
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.account import existing, methods, name_in_environment
from support.commands import Shell
from support.programs import stores_of
from support.scripted_server import Answer, Request, ScriptedServer, answer

EXPORTED = '''\
"""The big segment stores of a LaunchDarkly account, adopted as they were found.

A store with a password gets one PATCH, which sets it: LaunchDarkly shows only a mask of it.

A store that another stack manages must not be adopted again: each stack would revert the
other's changes, and one that deletes the store would delete it for both.
"""

import launchdarkly_pulumi as launchdarkly
import pulumi

config = pulumi.Config()

launchdarkly.BigSegmentStoreIntegration(
    "default-production-dynamodb-big-segment-store",
    project_key="default",
    environment_key="production",
    config=launchdarkly.DynamoDBConfig(
        table_name="big-segments",
        region="eu-west-1",
        external_id="7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11",
        role_arn="arn:aws:iam::123456789012:role/launchdarkly-big-segments",
    ),
    name="DynamoDB big segment store",
    opts=pulumi.ResourceOptions(
        import_="{ids[0]}"
    ),
)

launchdarkly.BigSegmentStoreIntegration(
    "default-production-production-redis",
    project_key="default",
    environment_key="production",
    config=launchdarkly.RedisConfig(
        host="redis.example.com",
        port=6380,
        username="launchdarkly",
        password=config.require_secret("default-production-production-redis-password"),
        tls_enabled=True,
    ),
    name="Production Redis",
    on=True,
    tags=["managed-by-pulumi"],
    opts=pulumi.ResourceOptions(
        import_="{ids[2]}"
    ),
)

launchdarkly.BigSegmentStoreIntegration(
    "default-test-production-redis",
    project_key="default",
    environment_key="test",
    config=launchdarkly.RedisConfig(
        host="redis.example.com", username="launchdarkly", tls_enabled=True
    ),
    name="Production Redis",
    on=True,
    tags=["managed-by-pulumi"],
    opts=pulumi.ResourceOptions(import_="{ids[1]}"),
)
'''
"""What is exported of three stores, by their IDs."""


def test_the_program_declares_what_the_account_has(emulator: Emulator, run: Shell) -> None:
    """Without defaults; a password only where there is one, by its key in the stack's configuration."""
    ids = [
        existing(emulator, samples.dynamodb()),
        existing(emulator, samples.redis(environment_key="test", config={"password": "", "port": 6379})),
        existing(emulator, samples.redis()),
    ]
    done = run("export")
    assert done.code == 0
    assert done.output == EXPORTED.format(ids=ids)
    assert (
        done.errors
        == """\
3 stores to adopt.
Before the first preview, give the stack what LaunchDarkly does not show:
  pulumi config set --secret default-production-production-redis-password
"""
    )
    assert methods(emulator) == ["GET"] * 4
    checked = subprocess.run(
        ["ruff", "format", "--isolated", "--check", "-"], input=done.output, text=True, check=False, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr


def test_it_can_be_narrowed(emulator: Emulator, run: Shell) -> None:
    """By project and environment; what is not wanted is not read either."""
    for project, environment in (("a", "test"), ("a", "production"), ("b", "test")):
        existing(emulator, samples.redis(project_key=project, environment_key=environment))
    assert sorted(stores_of(run("export", "--project", "a").output)) == [
        "a-production-production-redis",
        "a-test-production-redis",
    ]
    emulator.clear_requests()
    assert sorted(stores_of(run("export", "--project", "b", "--environment", "test").output)) == [
        "b-test-production-redis"
    ]
    assert methods(emulator) == ["GET", "GET"]


def test_nothing_to_export_is_1(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """No empty program is written."""
    assert run("export", "--out", str(tmp_path / "new")) == (1, "", "0 stores to adopt.\n")
    assert list(tmp_path.iterdir()) == []


# Names.


def store(name: str, id_: str = "57c0", **changes: Any) -> Store:
    """A store to name."""
    return Store(IntegrationId("default", "production", "redis", id_), {"name": name} | changes)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Production Redis", "default-production-production-redis"),
        ("Größe: 10 %", "default-production-groe-10"),
        ("Склад", "default-production-redis"),
        ("", "default-production-redis"),
        ("class", "default-production-class"),
        ('"); import os  #', "default-production-import-os"),
        ("a\n  b\x1b[1m", "default-production-a-b-1m"),
    ],
)
def test_a_resource_is_named_for_its_place_and_name(name: str, named: str) -> None:
    """In characters that need no quoting, in a program or in a shell."""
    assert list(program.names_of([store(name)])) == [named]


def test_the_same_name_is_not_given_twice() -> None:
    """The later ones get LaunchDarkly's ID as well, whatever other names look like, and in whatever order they come."""
    stores = [
        store("Redis", "a1"),
        store("redis!", "a2"),
        store("Redis a2", "a0"),
        store("Redis", "A2"),
        store("Redis", "a-2"),
    ]
    named = {name: each.id.integration_id for name, each in program.names_of(stores).items()}
    assert named == {
        "default-production-redis": "A2",
        "default-production-redis-a-2": "a-2",
        "default-production-redis-a2": "a0",
        "default-production-redis-a1": "a1",
        "default-production-redis-a2-2": "a2",
    }
    assert program.names_of(stores) == program.names_of(reversed(stores))
    keys = [key for name, each in program.names_of(stores).items() for key in program.config_keys(name, each).values()]
    assert len(set(keys)) == len(keys)


# Hostile values.

TEXTS = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    [
        '"""',
        "'''",
        "\\",
        '\\"',
        "{0}",
        "%s",
        "\r\n",
        "\u202e",
        '") or __import__("os") or ("',
        "# comment",
        "None",
        "\ud800",
    ]
)
CALLS = {
    "launchdarkly.BigSegmentStoreIntegration",
    "launchdarkly.RedisConfig",
    "config.require_secret",
    "pulumi.ResourceOptions",
    "pulumi.Config",
}


@given(name=TEXTS, username=TEXTS, tags=st.lists(TEXTS, max_size=3), host=TEXTS)
def test_a_value_is_a_literal_whatever_it_looks_like(name: str, username: str, tags: list[str], host: str) -> None:
    """The program calls what it should and nothing else, and its literals are the values."""
    config = {"host": host, "username": username}
    written = Store(
        IntegrationId("default", "production", "redis", "57c0"),
        {"project_key": "default", "environment_key": "production", "config": config, "name": name, "tags": tags},
        ("password",),
    )
    text = program.program_of(program.names_of([written]))
    tree = ast.parse(text)

    assert {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)} == CALLS
    statements = [type(node) for node in tree.body]
    assert statements == [ast.Expr, ast.Import, ast.Import, ast.Assign, ast.Expr]
    given_ = {node.arg: node.value for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    for argument, value in {"name": name, "username": username, "tags": tags, "host": host}.items():
        assert ast.literal_eval(given_[argument]) == value
    assert black.format_str(text, mode=black.Mode()) == text
    assert not any(character in text for character in "\x1b\r\u202e")


# What the provider would refuse to declare.


def document(**changes: Any) -> dict[str, Any]:
    """LaunchDarkly's document of a store."""
    return {"config": {"host": "redis.example.com"}, "name": "Redis", "on": True, "tags": []} | changes


ID = IntegrationId("default", "production", "redis", "57c0")


def test_a_name_that_cannot_be_declared_stays_in_launchdarkly() -> None:
    """The store is adopted without it: LaunchDarkly's is kept then."""
    found = Found()
    found.add(ID, document(name="Redis\nerror: forged"))
    [adopted] = found.stores.values()
    assert "name" not in adopted.inputs
    [remark] = found.remarks
    assert remark.startswith(
        "default/production/redis/57c0: its name is not declared, and stays as it is: it must have no"
    )
    assert found.left_out == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"config": {"host": "redis://u:hunter22@h"}}, "config.host must be the host name alone"),
        ({"config": {}}, "config.host is required"),
        ({"tags": ["a", "a"]}, "tags[1] repeats tags[0], 'a'"),
        ({"tags": "a"}, "its tags are not a list"),
        ({"on": "yes"}, "on must be True or False"),
    ],
)
def test_what_cannot_be_declared_is_left_out(changes: dict[str, Any], told: str) -> None:
    """With the reason, but without a password that stands in the wrong place."""
    found = Found()
    found.add(ID, document(**changes))
    assert found.stores == {}
    [left_out] = found.left_out
    assert left_out.startswith(f"default/production/redis/57c0: {told}")
    assert "hunter22" not in left_out


@pytest.mark.parametrize("password", ["a", "redis", "must", "host"])
def test_an_everyday_password_garbles_no_reason(password: str) -> None:
    """What is told of a store is the same whatever its password is."""
    told = []
    for secret in (password, "another-password"):
        found = Found()
        found.add(ID, document(config={"host": "redis://h", "port": "x", "password": secret}))
        told += found.left_out
    assert told[0] == told[1]
    assert "[secret]" not in told[0]


def test_a_field_that_is_not_known_is_told() -> None:
    """Not by its name or value, which may be anything."""
    found = Found()
    found.add(ID, document(config={"host": "h", "hunter22": "hunter22"}))
    assert found.remarks == ["default/production/redis/57c0: 1 unknown field(s) of its config are not declared"]


def test_a_kind_that_is_not_known_is_left_out(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the others, which are exported; the exit code tells."""
    item = document(**{f.api_name: key for f, key in zip(KEY_FIELDS, ID.segments, strict=False)})
    item |= {"_id": "57c0", "version": 1}
    other = item | {"integrationKey": "cassandra"}
    with ScriptedServer(answer(200, {"items": [item, other]}), answer(200, item)) as server:
        name_in_environment(monkeypatch, server.url)
        done = run("export")
    assert done.code == 1
    assert sorted(stores_of(done.output)) == ["default-production-redis"]
    assert "left out: 'default/production/cassandra/57c0' is not an integration's ID" in done.errors
    assert "1 store to adopt." in done.errors


def test_a_store_that_cannot_be_read_is_left_out(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It went meanwhile, or the token may only list it; with LaunchDarkly's answer, in one line."""
    item = document(projectKey="default", environmentKey="production", integrationKey="redis", version=1)
    items = {id_: item | {"_id": id_} for id_ in ("57c0", "57c1", "57c2")}
    refused = {"57c1": (404, "not_found"), "57c2": (403, "forbidden")}

    def reply(request: Request) -> Answer:
        id_ = request.target.rpartition("/")[2]
        if id_ in refused:
            status, code = refused[id_]
            return answer(status, {"code": code, "message": "no\nway"})
        return answer(200, items.get(id_, {"items": list(items.values())}))

    with ScriptedServer(reply) as server:
        name_in_environment(monkeypatch, server.url)
        done = run("export")
    assert done.code == 1
    assert sorted(stores_of(done.output)) == ["default-production-redis"]
    told = [line for line in done.errors.splitlines() if line.startswith("left out: ")]
    assert [line.partition(": no way")[0] for line in told] == [
        "left out: GET default/production/redis/57c1: 404 not_found",
        "left out: GET default/production/redis/57c2: 403 forbidden",
    ]
