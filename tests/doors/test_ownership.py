"""Who owns an integration, call by call, in the real process of each door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.doors import Door, Process, Props
from support.host import Message, error_of

STORE = samples.open_redis()


@pytest.fixture
def owned(door: Door, emulator: Emulator) -> tuple[str, Props]:
    """A store that an earlier run has created as ``a``: its ID and its outputs. The requests are forgotten."""
    urn = door.urn("a")
    with door.open(emulator.url) as earlier:
        created = earlier.create(earlier.check(STORE, urn=urn)[0], urn)
    emulator.clear_requests()
    return created


def told(call: Callable[[], Any]) -> str:
    """The error of a call."""
    with pytest.raises(grpc.RpcError) as failure:
        call()
    return error_of(failure.value)


def refusal(id_: str) -> str:
    """What is reported of the second resource."""
    return f"{id_} is managed by a already: b cannot manage it too"


def test_what_the_run_has_cannot_be_adopted(
    door: Door, process: Process, emulator: Emulator, owned: tuple[str, Props]
) -> None:
    """The store's owner has been compared before in the run."""
    id_, outputs = owned
    inputs, _ = process.check(STORE, outputs, urn=door.urn("a"))
    process.diff(id_, outputs, inputs, urn=door.urn("a"))
    assert refusal(id_) in told(lambda: process.plan_adoption(STORE, id_, door.urn("b")))
    assert set(methods(emulator)) == {"GET"}


def test_what_was_adopted_cannot_have_been_had(
    door: Door, process: Process, emulator: Emulator, owned: tuple[str, Props]
) -> None:
    """The owner is compared after the adoption: that is a move only while the program does not declare the owner."""
    id_, outputs = owned
    process.plan_adoption(STORE, id_, door.urn("b"))
    inputs, _ = process.check(STORE, outputs, urn=door.urn("a"))
    assert refusal(id_) in told(lambda: process.diff(id_, outputs, inputs, urn=door.urn("a")))
    assert set(methods(emulator)) == {"GET"}


def test_two_resources_cannot_adopt_the_same(door: Door, process: Process, emulator: Emulator) -> None:
    """The second one fails in the preview; an update without a preview does not adopt it either."""
    id_ = existing(emulator, STORE)
    inputs = process.plan_adoption(STORE, id_, door.urn("a"))
    assert refusal(id_) in told(lambda: process.plan_adoption(STORE, id_, door.urn("b")))
    assert process.adopt(inputs, id_, door.urn("a")) == id_
    assert refusal(id_) in told(lambda: process.adopt(inputs, id_, door.urn("b")))
    assert set(methods(emulator)) == {"GET"}


def test_the_same_resource_may_be_checked_again(door: Door, process: Process, emulator: Emulator) -> None:
    """The engine does so where a resource is replaced."""
    id_ = existing(emulator, STORE)
    for _ in range(2):
        process.plan_adoption(STORE, id_, door.urn("a"))


def test_a_store_is_not_deleted_before_it_was_adopted(
    door: Door, process: Process, emulator: Emulator, owned: tuple[str, Props]
) -> None:
    """The resource that is to adopt it was only planned: the state has to keep the old resource."""
    id_, outputs = owned
    inputs = process.plan_adoption(STORE, id_, door.urn("b"))
    assert id_ in told(lambda: process.delete(id_, outputs, door.urn("a")))
    assert "DELETE" not in methods(emulator)

    assert process.adopt(inputs, id_, door.urn("b")) == id_
    process.delete(id_, outputs, door.urn("a"))
    assert "DELETE" not in methods(emulator)
    assert Message("INFO", f"{id_}: kept in LaunchDarkly, b manages it now.", door.urn("a")) in process.messages


def test_a_store_that_nobody_else_has_is_deleted(
    door: Door, process: Process, emulator: Emulator, owned: tuple[str, Props]
) -> None:
    """So may its own resource, which has adopted it in this run, as when a later step fails and all is undone."""
    id_, outputs = owned
    process.adopt(process.plan_adoption(STORE, id_, door.urn("a")), id_, door.urn("a"))
    process.delete(id_, outputs, door.urn("a"))
    assert methods(emulator)[-1] == "DELETE"
    assert emulator.integrations == {}
