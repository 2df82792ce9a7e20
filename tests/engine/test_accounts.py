"""Two LaunchDarkly accounts in one program, with two emulators and the real CLI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support.account import methods
from support.canary import files_with_leaks, leaks
from support.samples import TOKEN
from support.stack import Stack

EU_TOKENS = ("api-eu-canary-token-0123456789", "api-eu-rotated-token-9876543210")
EVERYTHING = ("--diff", "--debug")

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

eu = launchdarkly.Provider("eu", access_token={token}, api_host={host!r})
team = pulumi.ComponentResource("shop:index:Team", "team", None, pulumi.ResourceOptions(providers=[eu]))
for name, options in {{
    "home": None, "abroad": pulumi.ResourceOptions(provider=eu), "inside": pulumi.ResourceOptions(parent=team)
}}.items():
    launchdarkly.BigSegmentStoreIntegration(
        name, options, project_key="default", environment_key="production", config={{"host": f"{{name}}.example.com"}}
    )
"""


@pytest.fixture
def eu() -> Iterator[Emulator]:
    """Another LaunchDarkly instance, which knows tokens of its own alone."""
    with Emulator(EmulatorOptions(access_tokens=EU_TOKENS)) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, emulator: Emulator, eu: Emulator) -> Stack:
    """A stack whose own settings are for the first instance."""
    stack = Stack(tmp_path, emulator.url, home=pulumi_home)
    stack.program(PROGRAM.format(token="pulumi.Config().require('euToken')", host=eu.url))
    return stack


def hosts(emulator: Emulator) -> list[str]:
    """The hosts of an account's stores."""
    return sorted(integration["config"]["host"] for integration in emulator.integrations.values())


def test_each_account_has_its_stores_and_a_new_token_touches_none(
    stack: Stack, emulator: Emulator, eu: Emulator
) -> None:
    """No output and no state file has the token, also where the program has it in clear; a rotation only reads."""
    first, rotated = EU_TOKENS
    stack.pulumi("config", "set", "--secret", "euToken", first)
    outputs = [stack.preview(*EVERYTHING)]
    assert [methods(account) for account in (emulator, eu)] == [["GET"] * 2] * 2  # the listing, and one environment
    outputs += [stack.up(*EVERYTHING)]
    assert (hosts(emulator), hosts(eu)) == (["home.example.com"], ["abroad.example.com", "inside.example.com"])
    assert [methods(account) for account in (emulator, eu)] == [["GET", "POST"], ["GET", "POST", "POST"]]

    stack.pulumi("config", "set", "--secret", "euToken", rotated)
    outputs += [stack.preview(*EVERYTHING), stack.up()]
    assert "pulumi:providers:pulumi-python eu updated" in outputs[-1].output
    assert "~ 1 updated\n    5 unchanged" in outputs[-1].output
    outputs += [stack.preview("--expect-no-changes"), stack.pulumi("stack", "export")]
    assert [set(methods(account)) for account in (emulator, eu)] == [{"GET"}] * 2

    outputs += [stack.destroy(*EVERYTHING)]
    assert (hosts(emulator), hosts(eu)) == ([], [])
    assert [leaks(run.output, TOKEN, *EU_TOKENS) for run in outputs] == [[]] * len(outputs)
    assert list(files_with_leaks(stack.backend, TOKEN, *EU_TOKENS)) == []


def test_a_refused_token_is_the_providers(stack: Stack, emulator: Emulator, eu: Emulator) -> None:
    """The error names which of several places the token comes from; the other account's stores are compared."""
    stack.pulumi("config", "set", "--secret", "euToken", "wrong-token")
    output = stack.up(code=1).output
    assert "POST default/production/redis: 401 unauthorized: " in output
    assert "The token comes from accessToken of the provider eu: " in output
    assert leaks(output, "wrong-token") == []
    assert hosts(eu) == []


LATER = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

first = launchdarkly.BigSegmentStoreIntegration(
    "first", project_key="default", environment_key={environment!r}, config={{"host": "redis.example.com"}}
)
eu = launchdarkly.Provider("eu", access_token=first.integration_id.apply(lambda _: {token!r}), api_host={host!r})
launchdarkly.BigSegmentStoreIntegration(
    "second", pulumi.ResourceOptions(provider=eu),
    project_key="default", environment_key="production", config={{"host": "redis.example.com"}}, on={on},
)
found = launchdarkly.get_big_segment_store_integrations_output(opts=pulumi.InvokeOptions(provider=eu))
pulumi.export("stores", found.apply(len))
"""


def test_a_token_that_is_not_known_yet(stack: Stack, emulator: Emulator, eu: Emulator) -> None:
    """It is an output of a resource that is new or about to be replaced: a preview uses no other token."""
    for environment, on in (("production", False), ("staging", True)):
        stack.program(LATER.format(environment=environment, token=EU_TOKENS[0], host=eu.url, on=on))
        output = stack.preview().output
        assert "Traceback" not in output
        assert leaks(output, TOKEN, *EU_TOKENS) == []
        assert methods(eu) == []
        stack.up()
        assert methods(eu)[-1] == ("PATCH" if on else "POST")
    assert list(files_with_leaks(stack.backend, *EU_TOKENS)) == []
