"""The plugin with the real engine, and a program in JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from support import javascript
from support.account import existing, methods
from support.front import Front, tokens
from support.javascript import JavaScriptStack
from support.plugin_samples import redis
from support.samples import PASSWORD
from support.samples import redis as python_redis
from support.stack import CHANGES_FOUND, NO_CHANGE, PROGRAM, Stack, errors

ALIASES = 'arguments["options"]["aliases"]'
PROGRAM_WITH_ALIASES = PROGRAM.replace(
    "options = pulumi", f"{ALIASES} = [pulumi.Alias(**each) for each in {ALIASES}]\n    options = pulumi"
)
"""Options are data in the tests' program; aliases are objects of Pulumi's."""


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> JavaScriptStack:
    """A stack whose provider is the plugin, which talks to the emulator."""
    return JavaScriptStack(tmp_path, emulator.url, home=pulumi_home)


def test_a_store_lives(stack: JavaScriptStack, emulator: Emulator) -> None:
    """Create, change, drift, refresh and destroy; a plain password is nowhere."""
    stack.declare(store=redis())
    preview = stack.preview()
    assert "+ 2 to create" in preview.output
    stack.up()
    assert methods(emulator).count("POST") == 1
    [id_] = emulator.integrations
    stack.preview(NO_CHANGE)

    stack.declare(store=redis(on=False, config={"port": 6381}))
    preview = stack.preview("--diff")
    assert "~ port: 6380 => 6381" in preview.output
    assert "~ on: true => false" in " ".join(preview.output.split()).replace(" : ", ": ")
    methods(emulator)
    update = stack.up()
    assert methods(emulator).count("PATCH") == 1

    emulator.outside_edit(id_, {"on": True})
    drifted = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    assert f"default/production/redis/{id_}: changed in LaunchDarkly since the last update: on (false → true)." in (
        drifted.output
    )
    refreshed = stack.refresh()
    assert stack.resources()["store"]["inputs"]["on"] is True
    stack.up()
    assert emulator.integrations[id_]["on"] is False
    stack.destroy()
    assert emulator.integrations == {}
    states = "".join(path.read_text() for path in stack.backend.rglob("*.json*"))
    shown = "".join(run.output for run in (preview, update, drifted, refreshed))
    assert json.dumps(PASSWORD)[1:-1] not in states + shown
    assert PASSWORD not in states + shown


def test_mistakes_are_one_line_each(stack: JavaScriptStack, emulator: Emulator) -> None:
    """Under the plugin's names, and before anything is sent."""
    stack.declare(store={"config": {"redis": {"tls_enabled": True, "port": 0}}, "on": "yes"})
    run = stack.preview(code=1)
    assert "<nil>" not in run.output
    reasons = [error.partition("has a problem: ")[2] for error in errors(run)]
    assert sorted(reasons) == [
        "config.redis.host is required",
        "config.redis.port must be 1 to 65535, not 0",
        "config.redis.tls_enabled is not a field of a redis config (did you mean tlsEnabled?)",
        "environmentKey is required",
        "on must be true or false, not 'yes'",
        "projectKey is required",
    ]
    assert "POST" not in methods(emulator)


def test_options_of_the_engine_hold(stack: JavaScriptStack, emulator: Emulator) -> None:
    """``ignoreChanges`` leaves fields alone, ``replaceOnChanges`` makes another store of a change."""
    stack.declare(store=redis())
    stack.up()
    [id_] = emulator.integrations
    stack.declare(store=redis(on=False, options={"ignoreChanges": ["on"]}))
    stack.preview(NO_CHANGE)
    emulator.outside_edit(id_, {"on": False})
    stack.preview(NO_CHANGE)
    changed = redis(config={"host": "other.example.com"}, options={"replaceOnChanges": ["config.redis.host"]})
    stack.declare(store=changed)
    assert "+-1 to replace" in stack.preview().output


def test_an_integration_is_imported(stack: JavaScriptStack, emulator: Emulator) -> None:
    """By the option and by the command: its password is left alone until it is declared."""
    first, second = existing(emulator, python_redis()), existing(emulator, python_redis(environment_key="test"))
    declared = redis(options={"import": first})
    declared["config"]["redis"]["password"] = REPLACED_OUTSIDE
    stack.declare(store=declared)
    methods(emulator)
    stack.up()
    assert set(methods(emulator)) <= {"GET", "PATCH"}
    assert emulator.stored_config(first.rpartition("/")[2])["password"] == PASSWORD
    type_ = f"{javascript.PLUGIN}:index:BigSegmentStoreIntegration"
    stack.pulumi("import", type_, "second", second, "--yes", "--generate-code=false", "--protect=false")
    assert stack.resources()["second"]["inputs"]["name"] == "Production Redis"
    again = stack.run("import", type_, "third", second, "--yes", "--generate-code=false", "--protect=false")
    assert again.code != 0
    assert f"{second} is managed by second already: third cannot manage it too" in again.output
    stack.declare(store=redis())
    stack.up()
    assert len(emulator.integrations) == 1


def test_of_two_imports_of_one_integration_one_is_in_the_state(stack: JavaScriptStack, emulator: Emulator) -> None:
    """The other one is refused, in the same run and in the next; one that is only looked at is not."""
    id_ = existing(emulator, python_redis())
    imported = redis(options={"import": id_})
    imported["config"]["redis"] |= {"password": REPLACED_OUTSIDE, "username": "launchdarkly"}
    imported["name"] = "Production Redis"
    two = {"first": imported, "second": imported}
    stack.declare(**two)
    for _ in range(2):
        run = stack.run("up", "--yes", "--skip-preview")
        assert run.code != 0
        [kept] = stack.resources()
        [refused] = {*two} - {kept}
        assert f"{id_} is managed by {kept} already: {refused} cannot manage it too" in run.output
    stack.declare(**{kept: imported}, seen={"options": {"id": id_}})
    stack.up()
    assert {*stack.resources()} == {kept, "seen"}
    assert len(emulator.integrations) == 1


def test_a_stack_goes_to_the_plugin_and_back(tmp_path: Path, pulumi_home: Path, emulator: Emulator) -> None:
    """No POST and no DELETE, and a clean preview after one update, either way."""
    python = Stack(tmp_path, emulator.url, home=pulumi_home)
    other: dict[str, Any] = {"environment_key": "test", "tags": ["b", "a"]}
    python.declare(store=python_redis(), other=python_redis(**other))
    python.up()
    ids = set(emulator.integrations)
    alias = {"options": {"aliases": [{"type": "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"}]}}
    same = {"name": "Production Redis", "config": {"username": "launchdarkly"}, **alias}
    javascript.become_javascript(python)
    javascript.declare(python, {"store": redis(**same), "other": redis(environmentKey="test", tags=["b", "a"], **same)})
    methods(emulator)
    preview = python.preview()
    assert "the dynamic resource has written its state" in preview.output
    python.up()
    assert set(methods(emulator)) <= {"GET", "PATCH"}
    assert set(emulator.integrations) == ids
    python.preview(NO_CHANGE)
    assert {r["outputs"]["integrationId"] for r in javascript.resources(python).values()} == ids

    python.become_python()
    back = {"aliases": [{"type_": f"{javascript.PLUGIN}:index:BigSegmentStoreIntegration"}]}
    python.program(PROGRAM_WITH_ALIASES)
    python.declare(store=python_redis(options=back), other=python_redis(**other, options=back))
    preview = python.preview()
    assert "the plugin has written its state" in preview.output
    methods(emulator)
    python.up()
    assert set(methods(emulator)) <= {"GET", "PATCH"}
    assert set(emulator.integrations) == ids
    python.preview(NO_CHANGE)
    assert {r["outputs"]["integration_id"] for r in python.resources().values()} == ids


PYTHON_ACCOUNT = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

eu = launchdarkly.Provider("eu", access_token="api-of-the-eu")
store = launchdarkly.BigSegmentStoreIntegration(
    "store", pulumi.ResourceOptions(provider=eu), project_key="default", environment_key="production",
    config=launchdarkly.RedisConfig(host="redis.example.com", tls_enabled=True, port=6380), on=True,
    tags=["managed-by-pulumi"],
)
launchdarkly.BigSegmentStoreReadiness("ready", integration=store)
"""


def test_a_stack_with_accounts_and_waits_goes_to_the_plugin(
    tmp_path: Path, pulumi_home: Path, emulator: Emulator
) -> None:
    """Another provider of the program replaces nothing; a wait is not repeated without need."""
    python = Stack(tmp_path, emulator.url, home=pulumi_home)
    python.program(PYTHON_ACCOUNT)
    python.up()
    ids = set(emulator.integrations)
    declared = redis(account="eu")
    del declared["config"]["redis"]["password"]
    options = {"aliases": [{"type": "pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness"}]}
    alias = {"aliases": [{"type": "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"}]}
    javascript.become_javascript(python)
    javascript.declare(
        python,
        {"store": {**declared, "options": alias}},
        accounts={"eu": {"accessToken": "api-of-the-eu"}},
        ready={"ready": {"store": "store", "account": "eu", "options": options}},
    )
    methods(emulator)
    python.up()
    assert set(methods(emulator)) <= {"GET", "PATCH"}
    assert set(emulator.integrations) == ids
    python.preview(NO_CHANGE)
    assert set(javascript.resources(python)) == {"store", "ready"}


def test_accounts_and_waits(stack: JavaScriptStack, emulator: Emulator) -> None:
    """A provider of the program has typed settings; a wait ends at once where the store works."""
    accounts = {"eu": {"accessToken": "api-of-the-eu", "maxConcurrency": "2"}}
    javascript.declare(
        stack,
        {"store": redis(account="eu")},
        accounts=accounts,
        ready={"ready": {"store": "store", "account": "eu"}},
    )
    stack.up()
    state = json.loads(stack.pulumi("stack", "export").output)
    assert "api-of-the-eu" not in json.dumps(state)
    assert stack.resources()["ready"]["outputs"]["integration"] == stack.resources()["store"]["id"]
    stack.preview(NO_CHANGE)
    javascript.declare(stack, {"store": redis(account="eu")}, accounts={"eu": {"maxConcurency": "2"}})
    [error] = errors(stack.preview(code=1))
    assert error.endswith("maxConcurency is no setting of this provider (did you mean maxConcurrency?)")


def test_a_rotated_token_is_used_in_the_run_that_brings_it(
    tmp_path: Path, pulumi_home: Path, emulator: Emulator
) -> None:
    """The provider of the program is updated, and its store in the same run."""
    with Front({"api-old": emulator, "api-new": emulator}) as front:
        stack = JavaScriptStack(tmp_path, front.url, home=pulumi_home)
        javascript.declare(stack, {"store": redis(account="eu")}, accounts={"eu": {"accessToken": "api-old"}})
        stack.up()
        before = len(front.requests)
        changed = redis(account="eu", on=False)
        javascript.declare(stack, {"store": changed}, accounts={"eu": {"accessToken": "api-new"}})
        stack.up()
        assert {*tokens(front)[:before]} == {"api-old"}
        assert {*tokens(front)[before:]} == {"api-new"}
    assert [store["on"] for store in emulator.integrations.values()] == [False]


def test_the_schema_has_no_warning(stack: JavaScriptStack) -> None:
    """Pulumi's own tools read it."""
    run = stack.pulumi("package", "get-schema", str(stack.folder / "plugin" / f"pulumi-resource-{javascript.PLUGIN}"))
    assert "warning" not in run.output.lower().partition("{")[0]
    assert json.loads(run.output[run.output.index("{") :])["name"] == javascript.PLUGIN
