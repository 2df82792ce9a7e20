"""A token that sees none of a stack's stores is an error, and a deleted store is reported; with the real CLI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.door_stacks import DoorStack, declare_in_accounts, stack_of
from support.doors import Door, cases
from support.front import Front
from support.samples import TOKEN
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack, errors

BLIND, OTHER = "api-that-sees-none", "api-of-another-account"
COMMANDS = {
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "refresh one by one": ("refresh", "--yes", "--skip-preview", "--parallel", "1"),
    "preview": ("preview",),
    "up": ("up", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
    "destroy one by one": ("destroy", "--yes", "--skip-preview", "--parallel", "1"),
}
each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())

URN_TO_DELETE = re.compile(r"pulumi state delete \W?(urn:[^\s'\"`]*::[\w-]+)")


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another account, with stores that the stack has nothing to do with."""
    with Emulator() as running:
        for name in ("one", "another"):
            existing(running, samples.redis(name=name))
        yield running


@pytest.fixture
def front(emulator: Emulator, other: Emulator) -> Iterator[Front]:
    """The stack's account, one that is empty, and another one, told apart by their tokens."""
    with Emulator() as empty, Front({TOKEN: emulator, BLIND: empty, OTHER: other}) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, front: Front) -> Stack:
    """A stack whose provider talks to the account of its token."""
    return Stack(tmp_path, front.url, home=pulumi_home)


@pytest.fixture
def door_stack(door: Door, tmp_path: Path, pulumi_home: Path, front: Front) -> DoorStack:
    """The same with the provider of a door."""
    return stack_of(door, tmp_path, front.url, pulumi_home)


def bring_up(stack: DoorStack, emulator: Emulator, stores: int) -> dict[str, str]:
    """Creates stores; their IDs by name. The requests are forgotten."""
    stack.declare(**{f"store-{place}": samples.redis(name=f"Store {place}") for place in range(stores)})
    stack.up()
    emulator.clear_requests()
    return stack.ids()


@each_command
@pytest.mark.parametrize("stores", [1, 3])
def test_a_token_that_sees_none_is_an_error(
    stack: Stack, front: Front, emulator: Emulator, other: Emulator, stores: int, command: tuple[str, ...]
) -> None:
    """It names the token's source and the host; nothing leaves the state, and nothing is created or deleted."""
    ids = bring_up(stack, emulator, stores)
    urns = {resource["id"]: resource["urn"] for resource in stack.resources().values()}
    known = other.integrations.keys()
    for token in (BLIND, OTHER):
        stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = token
        front.requests.clear()
        run = stack.run(*command)
        assert run.code not in (0, CHANGES_FOUND), run.output
        assert {request.method for request in front.requests} <= {"GET", "DELETE"}
        assert stack.ids() == ids
        told = [id_ for id_ in urns if f"{id_} is gone in LaunchDarkly, or the token cannot see it: " in run.output]
        assert told, run.output
        assert f"no store of this stack was found at {front.host} with the access token from " in run.output
        assert "LAUNCHDARKLY_ACCESS_TOKEN" in run.output
        assert all(URN_TO_DELETE.search(run.output) and urns[id_] in run.output for id_ in told)
        assert "Traceback" not in run.output
    assert (len(emulator.integrations), other.integrations.keys()) == (stores, known)

    stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = TOKEN
    stack.preview(NO_CHANGE)


@pytest.mark.parametrize("gone", ["store-0", "store-2"])
@pytest.mark.parametrize("command", ["refresh", "refresh one by one"])
def test_a_refresh_tells_which_store_leaves_the_state(
    stack: Stack, emulator: Emulator, command: str, gone: str
) -> None:
    """One of three is deleted in LaunchDarkly, whether or not another one is read before it."""
    ids = bring_up(stack, emulator, 3)
    emulator.remove(ids[gone].rpartition("/")[2])
    run = stack.pulumi(*COMMANDS[command])
    assert f"{ids[gone]}: gone in LaunchDarkly; it leaves the state." in run.output
    assert errors(run) == []
    assert stack.ids() == {name: id_ for name, id_ in ids.items() if name != gone}


def test_a_refresh_of_one_store_tells_it_too(stack: Stack, emulator: Emulator) -> None:
    """No other store is read: the listing shows that the others exist."""
    ids = bring_up(stack, emulator, 3)
    emulator.remove(ids["store-1"].rpartition("/")[2])
    run = stack.refresh("--target", stack.resources()["store-1"]["urn"])
    assert f"{ids['store-1']}: gone in LaunchDarkly; it leaves the state." in run.output
    assert stack.ids().keys() == {"store-0", "store-2"}


@pytest.mark.parametrize("gone", ["store-0", "store-2"])
def test_a_store_that_is_gone_is_recreated(stack: Stack, emulator: Emulator, gone: str) -> None:
    """The preview says why it is replaced."""
    ids = bring_up(stack, emulator, 3)
    emulator.remove(ids[gone].rpartition("/")[2])
    preview = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    assert f"{ids[gone]}: gone in LaunchDarkly since the last update. It will be recreated." in preview.output
    emulator.clear_requests()
    stack.up()
    assert methods(emulator).count("POST") == 1
    assert {id_.rpartition("/")[2] for id_ in stack.ids().values()} == emulator.integrations.keys()
    stack.preview(NO_CHANGE)


DESTROYS = {
    f"{how}, {gone}": (how, gone) for how in ("destroy", "destroy one by one") for gone in ("store-0", "store-2")
}


@cases("case", DESTROYS, plugin=["destroy one by one, store-0"])
def test_a_stack_with_a_store_that_is_gone_is_destroyed(
    door_stack: DoorStack, emulator: Emulator, case: tuple[str, str]
) -> None:
    """A 404 means that the store is deleted, where the token sees the stack's other stores."""
    command, gone = case
    ids = bring_up(door_stack, emulator, 3)
    emulator.remove(ids[gone].rpartition("/")[2])
    door_stack.pulumi(*COMMANDS[command])
    assert door_stack.ids() == {}
    assert emulator.integrations == {}


def test_the_only_store_that_is_gone_leaves_the_state_by_the_command_that_is_told(
    stack: Stack, emulator: Emulator
) -> None:
    """A deletion looks like a token that cannot see the store; after the command the store is created again."""
    [id_] = bring_up(stack, emulator, 1).values()
    emulator.remove(id_.rpartition("/")[2])
    [urn] = set(URN_TO_DELETE.findall(stack.run("preview").output))
    stack.pulumi("state", "delete", urn, "--yes")
    assert stack.ids() == {}
    stack.up()
    assert len(emulator.integrations) == 1


@cases("command", COMMANDS, plugin=["preview"])
def test_stores_of_another_account_say_nothing_of_a_token(
    door_stack: DoorStack, front: Front, emulator: Emulator, other: Emulator, command: tuple[str, ...]
) -> None:
    """Each provider has its own account: one token sees its store, the other was replaced by one that sees none."""
    stack = door_stack
    declare_in_accounts(stack, {"home": TOKEN, "abroad": OTHER}, **samples.redis())
    stack.up()
    ids, known = stack.ids(), other.integrations.keys()
    declare_in_accounts(stack, {"home": TOKEN, "abroad": BLIND}, **samples.redis())
    if command[0] in ("refresh", "destroy"):
        command = (*command, "--run-program")
    run = stack.run(*command)
    assert run.code not in (0, CHANGES_FOUND), run.output
    assert f"{ids['store-abroad']} is gone in LaunchDarkly, or the token cannot see it: " in run.output
    assert "accessToken of the provider abroad" in run.output
    assert stack.ids()["store-abroad"] == ids["store-abroad"]
    assert other.integrations.keys() == known
