"""One integration has one owner: a second resource for it is refused in the preview, with the real CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.door_stacks import DoorStack
from support.doors import DOORS, cases
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack, errors

PREVIEW = ("preview",)
BOTH = (PREVIEW, ("up", "--yes", "--skip-preview"))

IN_ORDER = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

before = []
for name, id in {stores!r}:
    options = pulumi.ResourceOptions(depends_on=before[-1:], import_=id)
    before.append(launchdarkly.BigSegmentStoreIntegration(name, options, **{arguments!r}))
"""
"""Each comes when the one before it is done: without that, Pulumi takes them as they come."""

SAME_NAMES = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

team = pulumi.ComponentResource("shop:index:Team", "team")
launchdarkly.BigSegmentStoreIntegration("a", **{arguments!r})
options = pulumi.ResourceOptions(parent=team, import_={id!r})
launchdarkly.BigSegmentStoreIntegration("a", options, **{arguments!r})
"""

TWO_PROVIDERS = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

providers = {{name: launchdarkly.Provider(name, access_token=token) for name, token in {tokens!r}.items()}}
for name, provider, id in {stores!r}:
    options = pulumi.ResourceOptions(provider=providers.get(provider), import_=id)
    launchdarkly.BigSegmentStoreIntegration(name, options, **{arguments!r})
"""

EXPORTS_DURING_A_WRITE = """\
#!/bin/bash
if [[ "$1 $2" == "stack export" && ! -e {seen} ]]; then
    mv {attributes} {seen}
    touch {attributes}
    code=0
    {pulumi} "$@" || code=$?
    cp {seen} {attributes}
    exit $code
fi
exec {pulumi} "$@"
"""
"""A ``pulumi`` whose first export comes while the file backend writes the state: its attributes are empty just then."""

ONE_TOKEN = {"p": "the-token", "q": "the-token"}
TWO_TOKENS = {"p": "one-token", "q": "another-token"}


def store(id_: str | None = None) -> dict[str, Any]:
    """The sample store's arguments, with the ID of what it is to adopt."""
    return samples.open_redis(options={"import_": id_} if id_ else {})


def refusal(id_: str, owner: str, other: str) -> str:
    """The error about a second resource."""
    return f"{id_} is managed by {owner} already: {other} cannot manage it too"


def require_refusals(
    stack: DoorStack, emulator: Emulator, *any_of: str, commands: Sequence[tuple[str, ...]] = BOTH
) -> None:
    """Each command ends with one of these errors, has sent nothing but reads, and forgets no owner."""
    before = stack.ids()
    for command in commands:
        emulator.clear_requests()
        run = stack.run(*command)
        assert run.code not in (0, CHANGES_FOUND), run.output
        assert any(told in line for told in any_of for line in errors(run)), run.output
        assert set(methods(emulator)) <= {"GET"}
        assert before.items() <= stack.ids().items()
        assert "Traceback" not in run.output


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("first", ["created", "adopted"])
def test_a_second_resource_for_a_managed_store_is_refused(
    stack: Stack, emulator: Emulator, first: str, order: str
) -> None:
    """Whichever the program declares first, and whether or not the owner keeps its ``import_``."""
    kept = existing(emulator, samples.open_redis()) if first == "adopted" else None
    stack.declare(a=store(kept))
    stack.up()
    id_ = stack.ids()["a"]
    declared = {"a": kept, "b": id_}
    stores = [(name, declared[name]) for name in order]
    stack.program(IN_ORDER.format(stores=stores, arguments=samples.open_redis()))
    require_refusals(stack, emulator, refusal(id_, "a", "b"))

    stack.program(IN_ORDER.format(stores=[("a", kept)], arguments=samples.open_redis()))
    stack.up()
    assert stack.ids() == {"a": id_}
    assert list(emulator.integrations) == [id_.rpartition("/")[2]]
    stack.preview(NO_CHANGE)


def test_two_new_resources_for_one_store_are_refused(stack: Stack, emulator: Emulator) -> None:
    """Nobody manages it yet: the engine may have adopted it for one of them before it checks the other."""
    id_ = existing(emulator, samples.open_redis())
    stack.declare(a=store(id_), b=store(id_))
    require_refusals(stack, emulator, refusal(id_, "a", "b"), refusal(id_, "b", "a"))
    assert len(stack.ids()) <= 1


def test_a_third_one_is_refused_as_well(stack: Stack, emulator: Emulator) -> None:
    """It imports an ID that the state has: the state knows the option, of another resource."""
    id_ = existing(emulator, samples.open_redis())
    stack.declare(a=store(id_))
    stack.up()
    stack.declare(b=store(id_), a=store(id_), c=store(id_))
    require_refusals(stack, emulator, refusal(id_, "a", "b"), refusal(id_, "a", "c"))


def test_resources_of_one_name_are_told_by_their_urns(stack: Stack, emulator: Emulator) -> None:
    """One of them is in a component."""
    stack.declare(a=store())
    stack.up()
    id_, owner = stack.ids()["a"], stack.resources()["a"]["urn"]
    stack.program(SAME_NAMES.format(arguments=samples.open_redis(), id=id_))
    other = owner.replace("::pulumi-python:", "::shop:index:Team$pulumi-python:")
    require_refusals(stack, emulator, refusal(id_, owner, other))


@pytest.mark.parametrize(
    ("owner", "other", "tokens"),
    [("p", "q", ONE_TOKEN), ("p", "q", TWO_TOKENS), ("p", "", ONE_TOKEN), ("", "q", ONE_TOKEN)],
    ids=["one token", "two tokens", "the stack's own is second", "the stack's own is first"],
)
def test_two_providers_of_one_account_are_no_two_owners(
    stack: Stack, emulator: Emulator, owner: str, other: str, tokens: dict[str, str]
) -> None:
    """Each explicit provider, and the stack's own, has a host process of its own."""
    id_ = existing(emulator, samples.open_redis())

    def declare(*stores: tuple[str, str, str]) -> None:
        stack.program(TWO_PROVIDERS.format(tokens=tokens, stores=stores, arguments=samples.open_redis()))

    declare(("a", owner, id_))
    stack.up()
    declare(("a", owner, id_), ("b", other, id_))
    require_refusals(stack, emulator, refusal(id_, "a", "b"))


def test_an_exported_program_in_a_stack_that_has_the_store_is_refused(stack: Stack, emulator: Emulator) -> None:
    """Somebody pastes it below the program that has created the store."""
    stack.declare(a=store())
    stack.up()
    id_ = stack.ids()["a"]
    done = subprocess.run(
        [sys.executable, "-m", "launchdarkly_pulumi", "export"],
        env=stack.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    program = stack.folder / "__main__.py"
    program.write_text(f"{program.read_text()}\n{done.stdout}")
    require_refusals(stack, emulator, f"{id_} is managed by a already: ", commands=[PREVIEW])


def with_two_owners(stack: DoorStack) -> str:
    """Gives the state a second resource for the store of the first, as an earlier version has done; the store's ID."""
    stack.declare(a=store())
    stack.up()
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets").output)
    resources = state["deployment"]["resources"]
    [first] = [each for each in resources if each["urn"].endswith("::a")]
    resources.append(first | {"urn": first["urn"].removesuffix("::a") + "::b"})
    path = stack.folder / "state.json"
    path.write_text(json.dumps(state))
    stack.pulumi("stack", "import", "--file", str(path))
    assert stack.ids() == {"a": first["id"], "b": first["id"]}
    return str(first["id"])


def test_a_state_with_two_owners_is_told(stack: Stack, emulator: Emulator) -> None:
    """Which of them was meant cannot be known, so either may be named first."""
    id_ = with_two_owners(stack)
    stack.declare(a=store(), b=store())
    require_refusals(stack, emulator, refusal(id_, "a", "b"), refusal(id_, "b", "a"))


@cases("kept", {"a": "a", "b": "b"}, plugin=["a"])
def test_one_of_two_owners_is_removed_without_the_store(door_stack: DoorStack, emulator: Emulator, kept: str) -> None:
    """That is the way out of such a state."""
    stack = door_stack
    id_ = with_two_owners(stack)
    stack.declare(**{kept: store()})
    emulator.clear_requests()
    run = stack.up()
    assert f"{id_}: kept in LaunchDarkly, {kept} manages it now." in run.output
    assert set(methods(emulator)) == {"GET"}
    assert stack.ids() == {kept: id_}
    assert list(emulator.integrations) == [id_.rpartition("/")[2]]
    stack.preview(NO_CHANGE)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_state_that_is_being_written_is_read_again(door_stack: DoorStack, emulator: Emulator, tmp_path: Path) -> None:
    """A delete of one of two owners alone: only the state knows of the other one, which keeps the store."""
    stack = door_stack
    id_ = with_two_owners(stack)
    urn = stack.resources()["b"]["urn"]
    [attributes] = stack.backend.glob(".pulumi/stacks/*/*.json.attrs")
    fake, seen = tmp_path / "bin" / "pulumi", tmp_path / "seen"
    fake.parent.mkdir()
    fake.write_text(EXPORTS_DURING_A_WRITE.format(seen=seen, attributes=attributes, pulumi=shutil.which("pulumi")))
    fake.chmod(0o755)
    stack.environment["PATH"] = f"{fake.parent}{os.pathsep}{stack.environment['PATH']}"
    stack.destroy("--target", urn)
    assert seen.exists()
    assert list(emulator.integrations) == [id_.rpartition("/")[2]]
