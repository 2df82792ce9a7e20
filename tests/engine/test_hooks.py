"""Pulumi's resource hooks on a store: what a hook is given, and what one that raises keeps from happening."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.stack import NO_CHANGE, Stack, errors

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

def refuse(config):
    raise ValueError(f"{{config['host']}} is refused")

def by_apply(args):
    args.new_inputs["config"].apply(refuse)

async def by_waiting(args):
    refuse(await args.new_inputs["config"].future())

hook = pulumi.ResourceHook("check", {hook})
launchdarkly.BigSegmentStoreIntegration(
    "store", pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding({when}=[hook])), project_key="default",
    environment_key="production", config=launchdarkly.RedisConfig(host="{host}", password="correct-horse"),
)
"""


def test_an_after_hook_fails_a_create_that_is_kept(stack: Stack, emulator: Emulator) -> None:
    """The command fails; the store is in LaunchDarkly and in the state, and nothing is left to do."""
    stack.program(PROGRAM.format(hook="by_waiting", when="after_create", host="redis.example.com"))
    failed = stack.up(code=1)
    # Pulumi shows the resources with diagnostics in any order.
    assert 'error: after hook "check" failed: redis.example.com is refused' in errors(failed)
    assert [id_.rpartition("/")[2] for id_ in stack.ids().values()] == list(emulator.integrations)
    stack.preview(NO_CHANGE)


@pytest.mark.parametrize(("hook", "host"), [("by_waiting", "redis"), ("by_apply", "another")])
def test_only_a_before_hook_that_waits_keeps_an_update_from_being_made(
    stack: Stack, emulator: Emulator, hook: str, host: str
) -> None:
    """The config of a store with a password is an output: what its ``apply`` raises comes too late."""
    stack.program(PROGRAM.format(hook="print", when="after_create", host="redis"))
    stack.up()
    stack.program(PROGRAM.format(hook=hook, when="before_update", host="another"))
    stack.up(code=1)
    (id_,) = emulator.integrations
    assert emulator.stored_config(id_)["host"] == host
