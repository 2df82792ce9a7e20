"""Look-ups in a program, with the real CLI."""

from __future__ import annotations

import json

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import existing
from support.canary import files_with_leaks, leaks
from support.samples import TOKEN
from support.stack import Stack

EU_TOKEN = "api-eu-canary-token-0123456789"

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

one, all_of = launchdarkly.get_big_segment_store_integration, launchdarkly.get_big_segment_store_integrations
later, all_later = (
    launchdarkly.get_big_segment_store_integration_output, launchdarkly.get_big_segment_store_integrations_output
)
secret = launchdarkly.Provider("secret", access_token=pulumi.Config().require_secret("euToken"), api_host={eu!r})
plain = launchdarkly.Provider("plain", access_token=pulumi.Config().require("euToken"), api_host={eu!r})
team = pulumi.ComponentResource("shop:index:Team", "team", None, pulumi.ResourceOptions(providers=[plain]))

pulumi.export("of the stack", [store.id for store in all_of("default")])
pulumi.export("with a plain provider", one({id!r}, pulumi.InvokeOptions(provider=plain)).status.available)
pulumi.export("with a parent's provider", len(all_of(opts=pulumi.InvokeOptions(parent=team))))
pulumi.export("later", later(pulumi.Output.from_input({id!r}), pulumi.InvokeOptions(provider=secret)).name)
pulumi.export("all later", all_later(opts=pulumi.InvokeOptions(provider=secret)).apply(len))
"""


def test_a_program_looks_integrations_up(stack: Stack, emulator: Emulator) -> None:
    """It uses the stack's settings, a provider's, and a provider's that are outputs; the result is not a secret."""
    del stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    stack.pulumi("config", "set", "--secret", "launchdarkly:accessToken", TOKEN)
    stack.pulumi("config", "set", "--secret", "euToken", EU_TOKEN)
    home = existing(emulator, samples.redis())
    with Emulator(EmulatorOptions(access_tokens=(EU_TOKEN,))) as eu:
        abroad = existing(eu, samples.redis(name="Abroad"))
        stack.program(PROGRAM.format(id=abroad, eu=eu.url))
        preview, up = stack.preview(), stack.up()
    assert "Abroad" in preview.output
    assert json.loads(stack.pulumi("stack", "output", "--json").output) == {
        "of the stack": [home],
        "with a plain provider": True,
        "with a parent's provider": 1,
        "later": "Abroad",
        "all later": 1,
    }
    assert [leaks(run.output, TOKEN, EU_TOKEN) for run in (preview, up)] == [[], []]
    assert list(files_with_leaks(stack.backend, TOKEN, EU_TOKEN)) == []


def test_a_look_up_that_fails_is_told_in_one_line(stack: Stack) -> None:
    """It fails at once or later, also where the program awaits an output in the wrong way: never with a traceback."""
    functions = "get_big_segment_store_integration", "get_big_segment_store_integration_output"
    missing = "error: GET default/production/redis/57c0: 404 not_found: "
    for call, told in {
        f"{functions[0]}('default/production/redis/57c0')": missing,
        f"{functions[1]}('default/production/redis/57c0')": missing,
        f"{functions[0]}(pulumi.Output.from_input('57c0'))": "use the function of the same name that ends in _output",
    }.items():
        stack.program(f"import pulumi, launchdarkly_pulumi as launchdarkly\nlaunchdarkly.{call}\n")
        output = stack.preview(code=1).output
        assert told in output
        assert "Traceback" not in output
