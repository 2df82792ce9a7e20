"""Pulumi's resource options count for a store however they were set: in the program, by transformations, by transforms.

One program has a store for each of these ways, and the option is what a test says.
"""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.canary import leaks
from support.stack import NO_CHANGE, Stack

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

OPTIONS, PROPS = {options}, {props}
transformed = lambda args: changed(args, pulumi.ResourceTransformationResult)
transform = lambda args: changed(args, pulumi.ResourceTransformResult)

def changed(args, result):
    return result({{**args.props, **PROPS}}, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(**OPTIONS)))

def component(**options):
    name = "of-" + next(iter(options))
    return pulumi.ComponentResource("shop:index:Store", name, None, pulumi.ResourceOptions(**options))

def only(name, change):
    return lambda args: change(args) if args.name == name else None

pulumi.runtime.register_stack_transformation(only("stack-transformation", transformed))
pulumi.runtime.register_resource_transform(only("stack-transform", transform))
of_component = only("component-transformation", transformed), only("component-transform", transform)
WAYS = {{
    "program": OPTIONS,
    "transformation": dict(transformations=[transformed]),
    "component-transformation": dict(parent=component(transformations=[of_component[0]])),
    "stack-transformation": dict(),
    "transform": dict(transforms=[transform]),
    "component-transform": dict(parent=component(transforms=[of_component[1]])),
    "stack-transform": dict(),
}}
for way in {ways}:
    launchdarkly.BigSegmentStoreIntegration(
        way, pulumi.ResourceOptions(**WAYS[way]), project_key="default", environment_key=way,
        config={{"host": "{host}.example.com"}}, name={name}, on=True,
    )
"""
BY_TRANSFORMATIONS = ["program", "transformation", "component-transformation", "stack-transformation"]
BY_TRANSFORMS = ["transform", "component-transform", "stack-transform"]


def program(
    ways: list[str], options: dict[str, Any], props: str = "{}", host: str = "redis", name: str = "'Redis'"
) -> str:
    """A program that sets options, or arguments, in each of the ways."""
    return PROGRAM.format(ways=ways, options=options, props=props, host=host, name=name)


def test_what_is_ignored_stays_as_others_have_set_it(stack: Stack, emulator: Emulator) -> None:
    """It is not drift, and an update of another field leaves it alone."""
    ways, options = BY_TRANSFORMATIONS + BY_TRANSFORMS, {"ignore_changes": ["name"]}
    stack.program(program(ways, options))
    stack.up()
    for id_ in emulator.integrations:
        emulator.outside_edit(id_, {"name": "Of others"})
    stack.preview(NO_CHANGE)
    stack.program(program(ways, options, host="another"))
    stack.up()
    found = {each["environmentKey"]: each["name"] for each in emulator.integrations.values()}
    assert found == dict.fromkeys(ways, "Of others")
    assert {emulator.stored_config(id_)["host"] for id_ in emulator.integrations} == {"another.example.com"}
    stack.preview(NO_CHANGE)


def test_what_replaces_a_store_replaces_it(stack: Stack, emulator: Emulator) -> None:
    """``replace_on_changes``: another integration. Where the program knows that, no patch is announced."""
    ways, options = BY_TRANSFORMATIONS + BY_TRANSFORMS, {"replace_on_changes": ["config.host"]}
    stack.program(program(ways, options))
    stack.up()
    before = set(emulator.integrations)
    stack.program(program(ways, options, host="another"))
    run = stack.preview()
    assert f"+-{len(ways)} to replace" in run.output
    assert run.output.partition("Diagnostics:")[2].count("PATCH ") == len(BY_TRANSFORMS)
    stack.up()
    assert len(emulator.integrations) == len(ways)
    assert before.isdisjoint(emulator.integrations)


@pytest.mark.parametrize(
    ("options", "props"),
    [({}, '{"name": pulumi.Output.secret("canary")}'), ({"additional_secret_outputs": ["name"]}, "{}")],
    ids=["marked", "additional_secret_outputs"],
)
def test_what_is_marked_as_a_secret_is_hidden(
    stack: Stack, emulator: Emulator, options: dict[str, Any], props: str
) -> None:
    """By the program or a transformation. A mark of a transform comes too late: there is a warning."""
    stack.program(program(BY_TRANSFORMATIONS[1:], options, props, name="'canary'"))
    outputs = [stack.up("--diff")]
    for id_ in emulator.integrations:
        emulator.outside_edit(id_, {"name": "Of others"})
    outputs += [stack.preview("--diff")]
    assert [leaks(run.output, "canary") for run in outputs] == [[], []]

    stack.program(program(BY_TRANSFORMS, options, props))
    run = stack.preview()
    assert run.output.partition("Diagnostics:")[2].count("warning: name is marked as a secret by a transform.") == 3


def test_a_path_that_names_no_field_is_a_warning_of_each_store(stack: Stack) -> None:
    """Pulumi's engine takes any path. What only transforms add is seen where there is a store already."""
    options = {"ignore_changes": ["config.hostt", "on"], "replace_on_changes": ["nmae"]}
    stack.program(program([*BY_TRANSFORMATIONS, *BY_TRANSFORMS], options))
    told = stack.preview().output.partition("Diagnostics:")[2]
    assert (
        told.count(
            "replace_on_changes: nmae is not a field of a big segment store, and has no effect (did you mean name?)"
        )
        == 4
    )
    assert told.count("ignore_changes: config.hostt is not a field") == 4
    stack.up()
    told = stack.preview().output.partition("Diagnostics:")[2]
    assert told.count("ignore_changes: config.hostt is not a field") == 7
    assert "ignore_changes: on" not in told


def test_another_order_of_tags_replaces_nothing(stack: Stack, emulator: Emulator) -> None:
    """Also beside drift, which is reverted with a patch, as the preview says."""
    options = {"replace_on_changes": ["tags"]}
    stack.declare(a=samples.redis(tags=["x", "y"], options=options))
    stack.up()
    [integration_id] = emulator.integrations
    emulator.outside_edit(integration_id, {"on": not emulator.integrations[integration_id]["on"]})
    stack.declare(a=samples.redis(tags=["y", "x"], options=options))
    emulator.clear_requests()
    stack.up()
    assert list(emulator.integrations) == [integration_id]
    assert [request.method for request in emulator.requests] == ["GET", "PATCH"]


MARKS = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

given = {given}
launchdarkly.BigSegmentStoreIntegration(
    "a",
    project_key="default",
    environment_key="production",
    name=given("hush-name"),
    config={{"host": given("hush.example.com")}},
)
"""


def test_a_new_mark_as_a_secret_is_an_update_that_sends_nothing(stack: Stack, emulator: Emulator) -> None:
    """From then on the state has the field encrypted, and a refresh hides it."""
    stack.program(MARKS.format(given="str"))
    stack.up()
    stack.program(MARKS.format(given="pulumi.Output.secret"))
    emulator.clear_requests()
    assert "marked as secret differently than in the state" in stack.preview().output
    stack.up()
    assert {request.method for request in emulator.requests} == {"GET"}
    assert "hush" not in stack.pulumi("stack", "export").output
    [integration_id] = emulator.integrations
    emulator.outside_edit(integration_id, {"name": "theirs", "config": {"host": "theirs.example.com"}})
    done = stack.run("refresh", "--yes", "--skip-preview")
    assert not {"hush", "theirs"} & set(done.output.replace('"', " ").replace(".", " ").split())
