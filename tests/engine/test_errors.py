"""What people see when something is wrong: one line to act on, no traceback, and bounded time."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples, sdk
from support.fault_proxy import FaultProxy, Unchanged
from support.stack import Stack, errors


def test_every_problem_is_named_before_any_request(stack: Stack, emulator: Emulator) -> None:
    """Each is below its property, and all are reported at once."""
    stack.declare(
        store=samples.redis(
            environment_key="no such/key",
            tags=["twice", "twice"],
            config={"host": "redis://redis.example.com", "port": 70000, "tlsEnabled": True},
        )
    )
    run = stack.preview(code=1)

    for property_, reason in {
        "environment_key": "must be letters, digits",
        "tags[1]": "repeats tags[0], 'twice'",
        "config.host": "must be the host name alone, without a scheme",
        "config.port": "must be 1 to 65535, not 70000",
        "config.tlsEnabled": "is not a field of a redis config (did you mean tls_enabled?)",
    }.items():
        assert any(f"has a problem: {property_} {reason}" in line for line in errors(run)), run.output
    assert "<nil>" not in run.output
    assert emulator.requests == []


def test_hostile_values_are_refused_and_not_printed(stack: Stack, emulator: Emulator) -> None:
    """The engine prints the value of a property that it is told of: no escape sequence, no megabytes, no line of it."""
    hostile = "\x1b[2J\x00\u202e\nerror: forged"
    stack.declare(
        store=samples.redis(
            project_key="x" * 10_000_000, environment_key="../..", name=hostile, tags=[hostile], config={"port": 1e308}
        )
    )
    run = stack.preview(code=1)

    for problem in ("project_key", "environment_key", "name", "tags[0]", "config.port"):
        assert any(f"{problem} " in line for line in errors(run)), problem
    assert [char for char in run.output.replace("\n", "") if not char.isprintable()] == []
    assert [line for line in run.output.splitlines() if len(line) > 1000 or line.startswith("error: forged")] == []
    assert emulator.requests == []


def test_a_refused_token_is_an_error_in_the_preview(tmp_path: Path, pulumi_home: Path) -> None:
    """401: the error says where the token comes from, and no update is planned on a guess."""
    with Emulator() as emulator:
        stack = Stack(tmp_path, emulator.url, home=pulumi_home)
        stack.declare(store=samples.redis())
        stack.up()
        port = emulator.port
    with Emulator(EmulatorOptions(access_tokens=("another-token",)), port=port):
        run = stack.preview(code=1)
    [error] = errors(run)
    assert error.startswith(f"error: {sdk.ERROR}GET default/production/redis/")
    assert ": 401 unauthorized: " in error
    assert "The token comes from the environment variable LAUNCHDARKLY_ACCESS_TOKEN" in run.output
    assert "Traceback" not in run.output


def test_a_reader_may_preview_and_is_told_why_it_may_not_update(tmp_path: Path, pulumi_home: Path) -> None:
    """403: the error names the role and the beta header."""
    with Emulator(EmulatorOptions(reader_tokens=("reader",))) as emulator:
        stack = Stack(tmp_path, emulator.url, token="reader", home=pulumi_home)
        stack.declare(store=samples.redis())
        stack.preview()
        run = stack.up(code=1)
    assert any("POST default/production/redis: 403 forbidden: " in line for line in errors(run))
    assert "its role must allow managing integrations in default/production" in run.output
    assert "LD-API-Version: beta" in run.output


def test_a_missing_project_is_told(tmp_path: Path, pulumi_home: Path) -> None:
    """404 on create."""
    with Emulator(EmulatorOptions(projects={"other": ("production",)})) as emulator:
        stack = Stack(tmp_path, emulator.url, home=pulumi_home)
        stack.declare(store=samples.redis())
        run = stack.up(code=1)
    assert any("POST default/production/redis: 404 not_found: " in line for line in errors(run))
    assert "Check that project, environment and integration in default/production exist" in run.output


def test_without_an_answer_the_preview_uses_the_state_and_warns_once(stack: Stack, emulator: Emulator) -> None:
    """Two stores, one warning, and the change of the program is still shown."""
    stack.declare(one=samples.redis(), two=samples.redis(environment_key="staging"))
    stack.up()
    emulator.stop()
    stack.declare(one=samples.redis(on=False), two=samples.redis(environment_key="staging"))
    run = stack.preview()

    diagnostics = run.output.partition("Diagnostics:")[2]
    assert diagnostics.count("warning: Compared with the stack's state, not with LaunchDarkly: ") == 1
    assert "cannot be reached: Connection refused" in diagnostics
    assert 'PATCH [{"op":"replace","path":"/on","value":false}]' in diagnostics
    assert "~ 1 to update" in run.output


def test_an_update_without_an_answer_names_the_host(stack: Stack, emulator: Emulator) -> None:
    """One line, no traceback."""
    stack.declare(store=samples.redis())
    stack.up()
    emulator.stop()
    stack.declare(store=samples.redis(on=False))
    run = stack.up(code=1)
    assert any(f"{emulator.host} cannot be reached: Connection refused" in line for line in errors(run))
    assert "Traceback" not in run.output


def test_an_update_that_was_not_applied_leaves_the_old_state(stack: Stack, emulator: Emulator) -> None:
    """The response is 200 with the unchanged store: an error, the ID stays, and the next update applies it."""
    stack.declare(store=samples.redis())
    stack.up()
    before = stack.resources()["store"]
    stack.declare(store=samples.redis(on=False))
    with FaultProxy(emulator.url) as proxy:
        stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
        proxy.inject(Unchanged(), method="PATCH")
        run = stack.up(code=1)
    assert any("LaunchDarkly answered 200, but did not apply /on" in line for line in errors(run))
    after = stack.resources()["store"]
    assert (after["id"], after["inputs"]["on"], after["outputs"]["on"]) == (before["id"], True, True)

    stack.environment["LAUNCHDARKLY_API_HOST"] = emulator.url
    stack.up()
    assert [integration["on"] for integration in emulator.integrations.values()] == [False]


def test_a_server_that_never_answers_holds_a_preview_no_longer_than_its_limit(stack: Stack, emulator: Emulator) -> None:
    """It accepts connections and never responds: the preview decides without it."""
    stack.declare(store=samples.redis())
    stack.up()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stack.environment["LAUNCHDARKLY_API_HOST"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        run = stack.preview()
    assert "did not respond in time" in run.output


def test_without_a_token_a_preview_warns_and_an_update_says_what_to_do(stack: Stack, emulator: Emulator) -> None:
    """The preview still shows the program's changes."""
    stack.declare(store=samples.redis())
    stack.up()
    del stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    stack.declare(store=samples.redis(on=False))

    preview = stack.preview()
    assert "there is no access token" in preview.output
    assert 'PATCH [{"op":"replace","path":"/on","value":false}]' in preview.output
    up = stack.up(code=1)
    assert any("pulumi config set --secret launchdarkly:accessToken" in line for line in errors(up))


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("apiHost", "http://launchdarkly.example.com", "launchdarkly:apiHost of the stack must be https"),
        ("liveDiff", "perhaps", "launchdarkly:liveDiff of the stack must be true, false or required"),
        ("httpTimeout", "soon", "launchdarkly:httpTimeout of the stack must be a number of seconds"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(stack: Stack, setting: str, value: str, told: str) -> None:
    """The error says which one, where it comes from, and what it should be."""
    stack.pulumi("config", "set", f"launchdarkly:{setting}", value)
    stack.declare(store=samples.redis())
    assert any(told in line for line in errors(stack.preview(code=1)))


def test_live_diff_can_be_turned_off(stack: Stack, emulator: Emulator) -> None:
    """``launchdarkly:liveDiff`` is false: the preview sends no request, and finds no drift."""
    stack.declare(store=samples.redis())
    stack.up()
    stack.pulumi("config", "set", "launchdarkly:liveDiff", "false")
    [id_] = emulator.integrations
    emulator.outside_edit(id_, {"on": False})
    emulator.clear_requests()

    stack.preview("--expect-no-changes")
    assert emulator.requests == []
    stack.declare(store=samples.redis(config={"host": "new.example.com"}))
    stack.up()
    assert [request.method for request in emulator.requests] == ["GET", "PATCH"]
    assert emulator.integrations[id_]["on"] is True


def test_a_region_that_launchdarkly_does_not_list_is_a_warning(stack: Stack, emulator: Emulator) -> None:
    """The list may lag behind AWS; LaunchDarkly has the last word."""
    stack.declare(store=samples.dynamodb(config={"region": "eu-south-2"}))
    run = stack.preview()
    assert "warning: config.region: eu-south-2 is not in the list that LaunchDarkly publishes" in run.output


def test_debug_shows_the_traceback(stack: Stack) -> None:
    """``LAUNCHDARKLY_DEBUG`` is for those who look for the cause."""
    del stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    stack.environment["LAUNCHDARKLY_DEBUG"] = "1"
    stack.declare(store=samples.redis())
    assert "Traceback" in stack.up(code=1).output


DOUBTFUL = """\
import uuid
import pulumi
import launchdarkly_pulumi as launchdarkly

launchdarkly.BigSegmentStoreIntegration(
    "dynamodb", project_key="default", environment_key="production", tags={"b", "a", "c"},
    config=launchdarkly.DynamoDBConfig(
        table_name="t", region="eu-west-1", role_arn="arn:aws:iam::123456789012:role/r",
        external_id=uuid.UUID("7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11"),
    ),
)
launchdarkly.BigSegmentStoreIntegration(
    "redis", project_key="default", environment_key="staging", tags=(tag for tag in ["with blanks"]),
    config=launchdarkly.RedisConfig(host="redis.example.com", password=pulumi.Config().require_secret("redisPassword")),
)
"""


def test_what_is_hardly_meant_is_a_warning(stack: Stack, emulator: Emulator) -> None:
    """Secrets of the plain configuration, a misspelt setting, a password in clear, a tag; sets and UUIDs are taken."""
    stack.program(DOUBTFUL)
    plain = {"launchdarkly:liveDif": "true", "redisPassword": "canary-1", "launchdarkly:accessToken": "canary-2"}
    for key, value in plain.items():
        stack.pulumi("config", "set", "--plaintext", key, value)
    run = stack.up()
    told = run.output.partition("Diagnostics:")[2]
    for warning in (
        "launchdarkly:liveDif of the stack is not a setting of this provider: did you mean liveDiff?",
        "config.password is in the configuration as shop:redisPassword, which was set without --secret",
        "the access token is in the configuration as launchdarkly:accessToken, which was set without --secret",
        "without config.tls_enabled the password travels to redis.example.com in clear",
        "tags: 'with blanks' is not only letters, digits, '.', '_' and '-'",
    ):
        assert told.count(warning) == 1, warning
    assert sorted(each["tags"] for each in emulator.integrations.values()) == [["a", "b", "c"], ["with blanks"]]
    assert "canary" not in run.output
    assert stack.resources()["dynamodb"]["inputs"]["tags"] == ["a", "b", "c"]
