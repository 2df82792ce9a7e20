"""The settings of a provider, as the engine hands them over: strings, whatever their type."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.fields import UNKNOWN
from launchdarkly_pulumi.plugin.wire import Properties, encoded
from support.front import Front, tokens
from support.host import error_of
from support.plugin import PROVIDER, Plugin, plugin_for, urn_of
from support.plugin_samples import created, redis
from support.samples import TOKEN

EXPLICIT = PROVIDER.replace("::default", "::eu")


@pytest.mark.parametrize(
    ("settings", "urn", "failures"),
    [
        ({"apiHost": "app.eu.launchdarkly.com", "httpTimeout": "12.5", "version": "0.1.0"}, PROVIDER, []),
        ({"allowHttp": "true", "maxConcurrency": 4.0, "liveDiff": "required", "accessToken": UNKNOWN}, PROVIDER, []),
        (
            {"maxConcurrency": "many"},
            PROVIDER,
            ["launchdarkly-big-segments:maxConcurrency of the stack must be a whole number from 1 to 64"],
        ),
        (
            {"maxConcurrency": "many"},
            EXPLICIT,
            ["maxConcurrency of the provider eu must be a whole number from 1 to 64"],
        ),
        ({"accessTokn": TOKEN}, PROVIDER, ["accessTokn is no setting of this provider (did you mean accessToken?)"]),
        (
            {"accessToken": "sdk-0123"},
            PROVIDER,
            [
                "launchdarkly-big-segments:accessToken of the stack is an SDK key (sdk-…), not an access token: API "
                "access tokens begin with api-"
            ],
        ),
        ({"accessToken": 5.0}, PROVIDER, ["accessToken must be a string, not a number"]),
        (
            {"accessToken": [TOKEN], "maxConcurrency": 0.0},
            PROVIDER,
            [
                "accessToken must be a string, not a list",
                "launchdarkly-big-segments:maxConcurrency of the stack must be a whole number from 1 to 64",
            ],
        ),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], urn: str, failures: list[str]) -> None:
    """Each problem is one line."""
    with Plugin() as plugin:
        checked = plugin.check_config(urn, **settings)
    assert checked.failures == failures
    assert TOKEN not in str(failures)


def test_the_token_is_a_secret_in_any_case() -> None:
    """The engine encrypts what the check marks."""
    with Plugin() as plugin:
        inputs = plugin.check_config(accessToken=TOKEN, liveDiff="false").inputs
    assert inputs == Properties({"accessToken": TOKEN, "liveDiff": "false"}, frozenset({("accessToken",)}))


@pytest.mark.parametrize(("other", "changes"), [("another", "DIFF_SOME"), (TOKEN, "DIFF_NONE")])
def test_other_settings_replace_nothing(other: str, changes: str) -> None:
    """They update the provider."""
    olds, news = (encoded(Properties({"accessToken": token})) for token in (TOKEN, other))
    with Plugin() as plugin:
        diff = plugin.stub.DiffConfig(provider_pb2.DiffRequest(urn=PROVIDER, olds=olds, news=news))
    assert diff.changes == getattr(provider_pb2.DiffResponse, changes)
    assert list(diff.replaces) == []


def test_a_token_that_is_rotated_in_a_run_is_used_in_it(emulator: Emulator) -> None:
    """What is configured last holds."""
    with Front({TOKEN: emulator, "api-rotated": emulator}) as front, plugin_for(front.url) as plugin:
        id_, outputs, inputs = created(plugin)
        plugin.configure(accessToken="api-rotated", apiHost=front.url)
        before = len(front.requests)
        plugin.update(id_, outputs, plugin.check(redis(on=False), inputs).inputs)
        assert {*tokens(front)[:before]} == {TOKEN}
        assert {*tokens(front)[before:]} == {"api-rotated"}


def test_a_create_without_a_token_says_how_to_give_one() -> None:
    """In the namespace of the plugin, in one line."""
    with plugin_for("http://127.0.0.1:1", accessToken=None) as plugin:
        inputs = plugin.check(redis()).inputs
        for preview in (True, False):
            with pytest.raises(grpc.RpcError) as failed:
                plugin.create(inputs, preview=preview)
            assert error_of(failed.value) == (
                "there is no LaunchDarkly access token: run `pulumi config set --secret "
                "launchdarkly-big-segments:accessToken`, or set the environment variable LAUNCHDARKLY_ACCESS_TOKEN"
            )


def test_the_environment_holds_what_the_stack_does_not(emulator: Emulator) -> None:
    """The token above all."""
    with Front({"api-of-the-environment": emulator}) as front:
        environment = {"LAUNCHDARKLY_ACCESS_TOKEN": "api-of-the-environment", "LAUNCHDARKLY_API_HOST": front.url}
        with Plugin(environment) as plugin:
            plugin.configure()
            created(plugin)
        assert {*tokens(front)} == {"api-of-the-environment"}


def test_a_token_of_the_wrong_instance_is_one_line() -> None:
    """Whatever cannot be reached."""
    with plugin_for("http://127.0.0.1:1", operationTimeout="1") as plugin:
        inputs = plugin.check(redis(), urn=urn_of("store")).inputs
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs)
    shown = error_of(failed.value)
    assert shown.startswith("POST default/production/redis: ")
    assert "\n" not in shown
    assert TOKEN not in shown
