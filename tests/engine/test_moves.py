"""A store that another resource takes over with ``import_`` is never deleted, with the real CLI."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.fault_proxy import Answer, FaultProxy
from support.stack import NO_CHANGE, Stack

IN_A_COMPONENT = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

team = pulumi.ComponentResource("shop:index:Team", "team")
options = pulumi.ResourceOptions(parent=team, import_={id!r})
launchdarkly.BigSegmentStoreIntegration("a", options, **{arguments!r})
"""

TWO_PROVIDERS = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

providers = {{name: launchdarkly.Provider(name, access_token="token-" + name) for name in ("p", "q")}}
options = pulumi.ResourceOptions(provider=providers[{provider!r}], import_={id!r})
launchdarkly.BigSegmentStoreIntegration({name!r}, options, **{arguments!r})
"""
"""One account by two tokens: each provider has a process of its own."""

OFF = '[{"op":"replace","path":"/on","value":false}]'


@pytest.fixture
def store_id(request: pytest.FixtureRequest, stack: Stack, emulator: Emulator) -> str:
    """The full ID of the stack's store ``a``, adopted unless a test wants it created. The requests are forgotten."""
    if getattr(request, "param", "adopted") == "adopted":
        id_ = existing(emulator, samples.open_redis())
        stack.declare(a=samples.open_redis(options={"import_": id_}))
    else:
        stack.declare(a=samples.open_redis())
    stack.up()
    emulator.clear_requests()
    return stack.ids()["a"]


def require_only(stack: Stack, emulator: Emulator, name: str, id_: str) -> None:
    """The account has the store, the state has it by this name, nothing but reads was sent, and nothing is left."""
    assert list(emulator.integrations) == [id_.rpartition("/")[2]]
    assert stack.ids() == {name: id_}
    assert set(methods(emulator)) == {"GET"}
    stack.preview(NO_CHANGE)


@pytest.mark.parametrize("store_id", ["created", "adopted"], indirect=True)
@pytest.mark.parametrize("command", [("up", "--yes", "--skip-preview"), ("up", "--yes")], ids=" ".join)
def test_a_renamed_resource_keeps_its_store(
    stack: Stack, emulator: Emulator, store_id: str, command: tuple[str, ...]
) -> None:
    """The preview says from where to where it moves, and the deletion of the old resource sends nothing."""
    stack.declare(renamed=samples.open_redis(options={"import_": store_id}))
    assert f"{store_id}: moves from a to renamed as it is." in stack.preview().output
    assert f"{store_id}: kept in LaunchDarkly, renamed manages it now." in stack.pulumi(*command).output
    require_only(stack, emulator, "renamed", store_id)

    stack.destroy()
    assert methods(emulator)[-1] == "DELETE"
    assert emulator.integrations == {}


def test_a_move_may_change_the_store(stack: Stack, emulator: Emulator, store_id: str) -> None:
    """The patch that the preview shows is all that is sent."""
    stack.declare(renamed=samples.open_redis(options={"import_": store_id}, on=False))
    assert f"{store_id}: moves from a to renamed. PATCH {OFF}" in stack.preview().output
    stack.up()
    assert sorted(set(methods(emulator))) == ["GET", "PATCH"]
    assert [integration["on"] for integration in emulator.integrations.values()] == [False]
    assert stack.ids() == {"renamed": store_id}


def test_a_resource_that_moves_into_a_component_keeps_its_store(
    stack: Stack, emulator: Emulator, store_id: str
) -> None:
    """Its name stays, its URN does not: there is no alias."""
    stack.program(IN_A_COMPONENT.format(id=store_id, arguments=samples.open_redis()))
    shown = stack.preview().output
    assert f"{store_id}: moves from " in shown
    assert " as it is." in shown
    assert f"{store_id}: kept in LaunchDarkly" in stack.up().output
    require_only(stack, emulator, "a", store_id)
    assert stack.resources()["a"]["parent"].endswith("shop:index:Team::team")


def test_a_resource_that_moves_to_another_provider_of_the_account_keeps_its_store(
    stack: Stack, emulator: Emulator
) -> None:
    """One host process adopts the store that the other one is asked to delete."""
    store_id = existing(emulator, samples.open_redis())

    def declare(name: str, provider: str) -> None:
        arguments = samples.open_redis()
        stack.program(TWO_PROVIDERS.format(name=name, provider=provider, id=store_id, arguments=arguments))

    declare("a", "p")
    stack.up()
    declare("renamed", "q")
    assert f"{store_id}: moves from a to renamed as it is." in stack.preview().output
    assert f"{store_id}: kept in LaunchDarkly, renamed manages it now." in stack.up().output
    require_only(stack, emulator, "renamed", store_id)


def test_two_stores_that_change_places_are_both_kept(stack: Stack, emulator: Emulator) -> None:
    """Each resource adopts the other's: whether that is done or refused, neither store is deleted."""
    one, other = (existing(emulator, samples.open_redis(name=name)) for name in ("one", "other"))

    def program(a: str, b: str) -> dict[str, Any]:
        arguments = samples.open_redis()
        del arguments["name"]
        return {name: arguments | {"options": {"import_": id_}} for name, id_ in (("a", a), ("b", b))}

    stack.declare(**program(a=one, b=other))
    stack.up()
    emulator.clear_requests()
    stack.declare(**program(a=other, b=one))
    stack.run("up", "--yes", "--skip-preview")
    assert set(methods(emulator)) <= {"GET"}
    assert set(stack.ids().values()) == {one, other}


@pytest.mark.parametrize("option", [(), ("--continue-on-error",)], ids=["stops", "continues"])
def test_a_move_that_fails_leaves_the_store_to_its_resource(
    stack: Stack, emulator: Emulator, store_id: str, option: tuple[str, ...]
) -> None:
    """Only the resource that is to be deleted manages it: an error, and the next ``up`` moves it."""
    stack.declare(renamed=samples.open_redis(options={"import_": store_id}, on=False))
    with FaultProxy(emulator.url) as proxy:
        stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
        proxy.inject(Answer.json(403, {"code": "forbidden", "message": "not now"}), method="PATCH")
        failed = stack.run("up", "--yes", "--skip-preview", *option)
    assert failed.code not in (0, None)
    assert "DELETE" not in methods(emulator)
    assert stack.ids() == {"a": store_id}

    stack.environment["LAUNCHDARKLY_API_HOST"] = emulator.url
    stack.up()
    assert stack.ids() == {"renamed": store_id}
    assert [integration["on"] for integration in emulator.integrations.values()] == [False]
