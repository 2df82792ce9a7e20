"""A pipeline is killed, or somebody presses Ctrl-C, at each request of create, update and delete.

The next update, with what Pulumi documents for interrupted creates, ends with one integration and a preview
without changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.fault_proxy import FaultProxy
from support.interruptions import Ending, end_during, pending_creates
from support.processes import interrupt, kill_provider
from support.stack import Stack

ENDINGS = {"SIGKILL of the provider": kill_provider, "SIGINT of the CLI": interrupt}
MOMENTS = {"before": False, "after": True}

both_endings = pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
both_moments = pytest.mark.parametrize("after_commit", MOMENTS.values(), ids=MOMENTS.keys())


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    """Stands between the provider and LaunchDarkly."""
    with FaultProxy(emulator.url) as running:
        yield running


@pytest.fixture
def stack(stack: Stack, proxy: FaultProxy) -> Stack:
    """A stack behind the proxy, with one store declared."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    stack.declare(store=samples.redis())
    return stack


def recover(stack: Stack, emulator: Emulator) -> None:
    """What Pulumi documents: an interrupted create is imported where it left something behind, else forgotten."""
    for urn in pending_creates(stack):
        ids = [f"default/production/redis/{id_}" for id_ in emulator.integrations]
        how = ["--import-pending-creates", f"{urn},{ids[0]}"] if ids else ["--clear-pending-creates"]
        stack.refresh(*how)


def require_one_and_no_change(stack: Stack, emulator: Emulator) -> None:
    """The account has what the program declares, once, and the state knows it."""
    stack.up()
    [id_] = emulator.integrations
    assert stack.resources()["store"]["id"] == f"default/production/redis/{id_}"
    assert emulator.stored_config(id_)["password"] == samples.PASSWORD
    stack.preview("--expect-no-changes")


@both_endings
@both_moments
def test_a_create_that_ends_at_the_listing(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, ending: Ending, after_commit: bool
) -> None:
    """Nothing was sent yet."""
    end_during(stack, proxy, "GET", ending, after_commit, command="up")
    recover(stack, emulator)
    require_one_and_no_change(stack, emulator)


@both_endings
@both_moments
def test_a_create_that_ends_at_its_post(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, ending: Ending, after_commit: bool
) -> None:
    """The integration may exist, and the state may not know it."""
    end_during(stack, proxy, "POST", ending, after_commit, command="up")
    recover(stack, emulator)
    require_one_and_no_change(stack, emulator)


@both_endings
@both_moments
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_update_that_ends(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, ending: Ending, after_commit: bool, method: str
) -> None:
    """It is killed at its read or at its patch."""
    stack.up()
    stack.declare(store=samples.redis(on=False, config={"host": "new.example.com"}))
    end_during(stack, proxy, method, ending, after_commit, command="up")
    require_one_and_no_change(stack, emulator)
    [integration] = emulator.integrations.values()
    assert (integration["on"], integration["config"]["host"]) == (False, "new.example.com")


@both_endings
@both_moments
def test_a_delete_that_ends(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, ending: Ending, after_commit: bool
) -> None:
    """The next destroy finishes it, whether or not the DELETE had arrived."""
    stack.up()
    end_during(stack, proxy, "DELETE", ending, after_commit, command="destroy")
    stack.destroy()
    assert emulator.integrations == {}
    assert stack.resources() == {}
