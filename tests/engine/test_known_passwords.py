"""A password is known only if it was sent: LaunchDarkly shows the same mask for two that begin and end alike."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.emulator.integration import mask
from support import samples
from support.account import existing, methods
from support.fault_proxy import FaultProxy
from support.interruptions import end_during
from support.processes import kill_provider
from support.stack import NO_CHANGE, Stack

SENT = '[{"op":"replace","path":"/config/password","value":"[secret]"}]'

ROTATIONS = {
    "long, with the same ends": (samples.PASSWORD, "kan, but another one/+1"),
    "long and almost the same": (samples.PASSWORD, samples.PASSWORD.replace("vogel", "vögel")),
    "short": ("old", "new"),
    "of other lengths": ("old", "newer"),
}
each_rotation = pytest.mark.parametrize(("before", "after"), ROTATIONS.values(), ids=ROTATIONS)


def store(password: str, **changes: Any) -> dict[str, Any]:
    """The sample store with a password."""
    return samples.redis(config={"password": password}, **changes)


@pytest.fixture
def stack(stack: Stack, proxy: FaultProxy) -> Stack:
    """A stack behind the proxy."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    return stack


def cut_off_create(stack: Stack, emulator: Emulator, proxy: FaultProxy, password: str) -> str:
    """A create whose process is killed after LaunchDarkly has committed it; LaunchDarkly's ID."""
    stack.declare(store=store(password))
    end_during(stack, proxy, "POST", kill_provider, after_commit=True, command="up")
    [id_] = emulator.integrations
    emulator.clear_requests()
    return id_


def require_password(stack: Stack, emulator: Emulator, id_: str, password: str) -> None:
    """LaunchDarkly has one store, with this password; the state has it too, and nothing is left to do."""
    assert list(emulator.integrations) == [id_]
    assert emulator.stored_config(id_)["password"] == password
    assert stack.resources()["store"]["outputs"]["integration_id"] == id_
    stack.preview(NO_CHANGE)


@each_rotation
def test_a_cut_off_create_is_taken_over_with_the_password_of_now(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, before: str, after: str
) -> None:
    """It was rotated before the next run, to one with the same mask: the store that is taken over gets the new one."""
    assert mask(before) == mask(after)
    id_ = cut_off_create(stack, emulator, proxy, before)
    stack.declare(store=store(after))
    assert f"taken over: {id_}" in stack.up().output
    require_password(stack, emulator, id_, after)


def test_the_password_of_what_is_taken_over_is_sent_once(stack: Stack, emulator: Emulator, proxy: FaultProxy) -> None:
    """It is sent although it was not rotated, since the mask does not show that; no later update sends it again."""
    id_ = cut_off_create(stack, emulator, proxy, samples.PASSWORD)
    stack.up()
    [patch] = [request.body for request in emulator.requests if request.method == "PATCH"]
    assert [operation["path"] for operation in patch] == ["/version", "/config/password"]
    assert "POST" not in methods(emulator)

    stack.declare(store=store(samples.PASSWORD, on=False))
    stack.up()
    [patch] = [request.body for request in emulator.requests if request.method == "PATCH"]
    assert [operation["path"] for operation in patch] == ["/version", "/on"]
    require_password(stack, emulator, id_, samples.PASSWORD)


def test_without_a_password_nothing_is_sent_after_a_take_over(
    stack: Stack, emulator: Emulator, proxy: FaultProxy
) -> None:
    """The program declares none."""
    id_ = cut_off_create(stack, emulator, proxy, "")
    stack.up()
    assert set(methods(emulator)) == {"GET"}
    require_password(stack, emulator, id_, "")


@each_rotation
def test_an_adopted_store_gets_the_declared_password(stack: Stack, emulator: Emulator, before: str, after: str) -> None:
    """The preview says that it is sent, although LaunchDarkly shows the mask of the declared one."""
    id_ = existing(emulator, store(before))
    stack.declare(store=store(after, options={"import_": id_}))
    assert f"{id_}: will be adopted. PATCH {SENT}" in stack.preview().output
    stack.up()
    require_password(stack, emulator, id_.rpartition("/")[2], after)


def test_an_adopted_store_gets_its_own_password_once(stack: Stack, emulator: Emulator) -> None:
    """The mask does not show that the store has it; a refresh and an update after that leave it alone."""
    id_ = existing(emulator, samples.redis())
    stack.declare(store=samples.redis(options={"import_": id_}))
    stack.up()
    assert methods(emulator).count("PATCH") == 1
    stack.refresh(NO_CHANGE)
    stack.up(NO_CHANGE)
    assert "PATCH" not in methods(emulator)


def test_without_a_password_a_store_is_adopted_as_it_is(stack: Stack, emulator: Emulator) -> None:
    """Neither the program nor LaunchDarkly has a password."""
    id_ = existing(emulator, store(""))
    stack.declare(store=store("", options={"import_": id_}))
    assert f"{id_}: will be adopted as it is." in stack.preview().output
    stack.up()
    assert set(methods(emulator)) == {"GET"}
