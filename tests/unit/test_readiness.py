"""What a program's declaration of a wait hands over to the provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

import launchdarkly_pulumi as launchdarkly
from launchdarkly_pulumi.program.readiness import TYPE
from support.programs import SECRET_SIGNATURE

STORE_ID = "default/production/redis/57c0ffee57c0ffee57c0ffee"


class Recorder(mocks.Mocks):
    """Takes every resource; a store gets an ID and a version."""

    def __init__(self) -> None:
        self.waits: list[mocks.MockResourceArgs] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        """One resource that the program declares."""
        if args.typ == TYPE:
            self.waits.append(args)
        return STORE_ID, {"version": 3, **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        """No function is known."""
        raise NotImplementedError(args.token)


def declared(program: Callable[[], launchdarkly.BigSegmentStoreReadiness]) -> mocks.MockResourceArgs:
    """What a program declares as its one wait."""
    recorder = Recorder()
    mocks.set_mocks(recorder, project="shop", stack="prod", preview=False)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        program()

    run()
    [wait] = recorder.waits
    return wait


def a_store(opts: pulumi.ResourceOptions | None = None) -> launchdarkly.BigSegmentStoreIntegration:
    """A store that is on."""
    return launchdarkly.BigSegmentStoreIntegration(
        "store", opts, project_key="default", environment_key="production", config={"host": "h"}, on=True
    )


def handed_over(wait: mocks.MockResourceArgs) -> dict[str, Any]:
    """The inputs that are not Pulumi's own."""
    return {name: value for name, value in wait.inputs.items() if name not in ("__provider", "_urn")}


@pytest.mark.parametrize("as_output", [False, True], ids=["the store", "an output of the store"])
def test_a_store_gives_its_id_its_version_and_whether_it_is_on(as_output: bool) -> None:
    """So that any update of it makes a difference."""

    def program() -> launchdarkly.BigSegmentStoreReadiness:
        store = a_store()
        integration: Any = pulumi.Output.from_input(store) if as_output else store
        return launchdarkly.BigSegmentStoreReadiness("ready", integration=integration)

    wait = declared(program)
    assert handed_over(wait) == {"integration": STORE_ID, "version": 3, "timeout": "5m", "_on": True}


@pytest.mark.parametrize("as_output", [False, True], ids=["a text", "an output"])
def test_an_id_is_enough(as_output: bool) -> None:
    """Of a store that another program declares, say."""
    integration = pulumi.Output.from_input(STORE_ID) if as_output else STORE_ID
    wait = declared(lambda: launchdarkly.BigSegmentStoreReadiness("ready", integration=integration, timeout=90))
    assert handed_over(wait) == {"integration": STORE_ID, "timeout": 90}


def test_where_sdks_read_is_a_secret() -> None:
    """The URL has a password; without ``verify`` nothing of it is handed over."""
    wait = declared(
        lambda: launchdarkly.BigSegmentStoreReadiness(
            "ready", integration=STORE_ID, verify=True, redis_url="rediss://sdk:word@redis.example.com"
        )
    )
    url = handed_over(wait)["redis_url"]
    assert (url["value"], SECRET_SIGNATURE in url) == ("rediss://sdk:word@redis.example.com", True)


@pytest.mark.parametrize(
    ("within", "types"),
    [(False, TYPE), (True, f"pulumi:pulumi:Stack$shop:index:Team${TYPE}")],
    ids=["of the stack", "of a component"],
)
def test_the_resource_s_own_urn_is_told(within: bool, types: str) -> None:
    """For the status line; a parent does not make the wait depend on itself. Only the mocks name the stack in a URN."""

    def program() -> launchdarkly.BigSegmentStoreReadiness:
        team = pulumi.ComponentResource("shop:index:Team", "team") if within else None
        return launchdarkly.BigSegmentStoreReadiness("ready", pulumi.ResourceOptions(parent=team), integration=STORE_ID)

    # The mocks of older SDKs know neither stack nor project of a component.
    assert declared(program).inputs["_urn"].split("::")[2:] == [*types.split("::"), "ready"]


@pytest.mark.parametrize(
    ("of_store", "of_wait", "used"),
    [("eu", None, "eu"), ("eu", "us", "us"), (None, "us", "us"), (None, None, "")],
    ids=["the store's", "its own", "its own alone", "the stack's"],
)
def test_a_wait_is_in_the_account_of_its_store(of_store: str | None, of_wait: str | None, used: str) -> None:
    """No other account knows the store, unless the program says otherwise."""

    def program() -> launchdarkly.BigSegmentStoreReadiness:
        accounts = {name: launchdarkly.Provider(name, access_token=name) for name in ("eu", "us")}
        options = [pulumi.ResourceOptions(provider=accounts.get(name or "")) for name in (of_store, of_wait)]
        return launchdarkly.BigSegmentStoreReadiness("ready", options[1], integration=a_store(options[0]))

    wait = declared(program)
    assert (wait.provider or "").split("::")[-2:-1] == ([used] if used else [])
