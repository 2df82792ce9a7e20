"""What a preview, a refresh or a deletion cannot see, it does not claim: in the real process of each door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import hostile, samples
from support.doors import NO_CHANGES, Door, Process, Props
from support.front import Front, lists, posts, reads
from support.host import error_of
from support.samples import TOKEN
from support.scripted_server import Request, answer

BLIND = "api-that-sees-none"
FAILED = answer(500, {"code": "internal_service_error", "message": "out of order"}, retry_after="0")
REFUSED = answer(403, {"code": "forbidden", "message": "not for you"})
NAMES = ("store-0", "store-1", "store-2")


def gets(request: Request) -> bool:
    """Whether something is read."""
    return request.method == "GET"


@pytest.fixture
def front(emulator: Emulator) -> Iterator[Front]:
    """Before the stack's account, and one that is empty."""
    with Emulator() as empty, Front({TOKEN: emulator, BLIND: empty}) as running:
        yield running


class Stack:
    """Three stores that an earlier run has created."""

    def __init__(self, door: Door, front: Front) -> None:
        self.door, self.front = door, front
        self.programs = {name: samples.redis(environment_key=name) for name in NAMES}
        self.inputs: dict[str, Props] = {}
        self.outputs: dict[str, Props] = {}
        self.ids: dict[str, str] = {}
        with door.open(front.url) as process:
            for name in NAMES:
                self.inputs[name], _ = process.check(self.programs[name], urn=door.urn(name))
                self.ids[name], self.outputs[name] = process.create(self.inputs[name], door.urn(name))
        front.requests.clear()

    def differ(self, process: Process) -> list[str]:
        """The stores that a preview would change."""
        for name in NAMES:
            process.check(self.programs[name], self.inputs[name], self.door.urn(name))
        return [name for name in NAMES if self.diff(process, name).changes != NO_CHANGES]

    def diff(self, process: Process, name: str) -> Any:
        """Compares one of them."""
        return process.diff(self.ids[name], self.outputs[name], self.inputs[name], self.door.urn(name))

    def read(self, process: Process, name: str) -> Any:
        """Refreshes one of them."""
        return process.read(self.ids[name], self.outputs[name], self.door.urn(name))

    def delete(self, process: Process, name: str) -> None:
        """Deletes one of them."""
        process.delete(self.ids[name], self.outputs[name], self.door.urn(name))

    def edit(self, emulator: Emulator, *names: str) -> None:
        """What somebody else changes."""
        for name in names:
            emulator.outside_edit(bare(self.ids[name]), {"on": False})


@pytest.fixture
def stack(door: Door, front: Front) -> Stack:
    """The three stores."""
    return Stack(door, front)


def bare(id_: str) -> str:
    """LaunchDarkly's own ID, the last part of a full one."""
    return id_.rpartition("/")[2]


def warnings(process: Process) -> list[str]:
    """The warnings so far."""
    return [message.text for message in process.messages if message.severity == "WARNING"]


@pytest.mark.parametrize("call", ["read", "diff", "delete"])
def test_a_token_that_sees_none_is_an_error(stack: Stack, front: Front, emulator: Emulator, call: str) -> None:
    """It is of another account: nothing leaves the state, nothing is recreated, and no 404 is believed."""
    with stack.door.open(front.url, None, accessToken=BLIND) as process:
        for name in NAMES:
            with pytest.raises(grpc.RpcError) as failure:
                getattr(stack, call)(process, name)
            told = error_of(failure.value)
            assert f"{stack.ids[name]} is gone in LaunchDarkly, or the token cannot see it: " in told
            assert f"no store of this stack was found at {front.host} with the access token from " in told
            assert stack.door.setting("accessToken") in told
    assert front.count(posts) == 0
    assert len(emulator.integrations) == len(NAMES)


@pytest.mark.parametrize("broken", ["store-0", "store-2"])
def test_one_that_cannot_be_read_hides_no_drift_of_the_others(
    stack: Stack, front: Front, emulator: Emulator, broken: str
) -> None:
    """A warning says of that one alone that it was not compared."""
    others = [name for name in NAMES if name != broken]
    stack.edit(emulator, *NAMES)
    front.on(reads(bare(stack.ids[broken])), FAILED)
    with stack.door.open(front.url) as process:
        assert stack.differ(process) == others
        [warning] = warnings(process)
    assert warning.startswith(f"{stack.ids[broken]}: compared with the stack's state, not with LaunchDarkly: ")


def test_without_a_listing_all_drift_is_found_and_creates_go_on(
    door: Door, stack: Stack, front: Front, emulator: Emulator
) -> None:
    """Each store is read individually."""
    stack.edit(emulator, *NAMES)
    front.on(lists, REFUSED)
    with door.open(front.url) as process:
        assert stack.differ(process) == list(NAMES)
        urn = door.urn("another")
        process.create(process.check(samples.redis(), urn=urn)[0], urn)
    assert len(emulator.integrations) == len(NAMES) + 1


def test_out_of_reach_is_a_warning_or_an_error(door: Door, stack: Stack, front: Front, emulator: Emulator) -> None:
    """As the setting `liveDiff` says."""
    stack.edit(emulator, *NAMES)
    front.on(gets, FAILED)
    with door.open(front.url, None, operationTimeout="2") as process:
        assert stack.differ(process) == []
        told = [warning.partition(": ")[0] for warning in warnings(process)]
    assert "Compared with the stack's state, not with LaunchDarkly" in told
    with (
        door.open(front.url, None, liveDiff="required", operationTimeout="2") as process,
        pytest.raises(grpc.RpcError) as failure,
    ):
        stack.differ(process)
    assert "was not compared with LaunchDarkly, which the setting liveDiff requires: 500 " in error_of(failure.value)


def test_hostile_values_are_refused(door: Door, process: Process, emulator: Emulator) -> None:
    """Whatever comes over the wire is refused by its field's name in one short line, and no request is sent."""
    for case in hostile.cases():
        failures = process.check(case.inputs)[1]
        assert bool(failures) != case.meant
        assert all(failure.startswith(door.field(case.field)) for failure in failures)
        assert all(failure.isprintable() and len(failure) < 300 for failure in failures)
    assert emulator.requests == []
    assert [
        each for each in process.messages if not each.text.startswith("tags: ") or not each.text.isprintable()
    ] == []
