"""``name`` and ``tags`` are outputs with LaunchDarkly's values also where the program leaves them out."""

from __future__ import annotations

import json

from launchdarkly_pulumi.emulator import Emulator
from support.stack import NO_CHANGE, Stack

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

store = launchdarkly.BigSegmentStoreIntegration(
    "store", project_key="default", environment_key="production", config={"host": "redis.example.com"}, on=False,
)
store.name.apply(lambda name: pulumi.log.info(f"the name is {name}"))
pulumi.export("name", store.name)
pulumi.export("tags", store.tags)
"""


def outputs(stack: Stack) -> dict[str, object]:
    """What the stack exports."""
    return dict(json.loads(stack.pulumi("stack", "output", "--json").output))


def test_what_the_program_leaves_out_is_an_output(stack: Stack, emulator: Emulator) -> None:
    """After an update, and in a preview of an unchanged store. Another name in LaunchDarkly is no drift."""
    stack.program(PROGRAM)
    stack.up()
    [(id_, made)] = emulator.integrations.items()
    assert outputs(stack) == {"name": made["name"], "tags": []}
    assert f"the name is {made['name']}" in stack.preview(NO_CHANGE).output

    emulator.outside_edit(id_, {"name": "Of others"})
    stack.preview(NO_CHANGE)
    stack.refresh()
    assert "the name is Of others" in stack.preview(NO_CHANGE).output
    stack.program(PROGRAM.replace("on=False", "on=True"))
    stack.up()
    assert outputs(stack) == {"name": "Of others", "tags": []}
    assert "name" not in stack.resources()["store"]["inputs"]


def test_a_state_of_an_earlier_release_gains_them(stack: Stack, emulator: Emulator) -> None:
    """Its preview proposes nothing for that, and sends what it always sends; a refresh fills them in."""
    stack.program(PROGRAM)
    stack.up()
    exported = json.loads(stack.pulumi("stack", "export").output)
    for resource in exported["deployment"]["resources"]:
        for name in ("name", "tags", "_assigned"):
            resource.get("outputs", {}).pop(name, None)
    (stack.folder / "earlier.json").write_text(json.dumps(exported))
    stack.pulumi("stack", "import", "--file", "earlier.json")
    emulator.clear_requests()
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    assert [request.method for request in emulator.requests] == ["GET", "GET"]
    stack.refresh()
    [made] = emulator.integrations.values()
    assert f"the name is {made['name']}" in stack.preview(NO_CHANGE).output
