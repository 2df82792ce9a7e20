"""A store that is gone, and one that the token only cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.core.presence import ASKED_FOR
from launchdarkly_pulumi.errors import Interrupted, StoresNotSeen
from launchdarkly_pulumi.model.ids import IntegrationId
from support.fault_proxy import Answer
from support.managed import Stack, stack_of
from support.runs import urn

FORBIDDEN = Answer.json(403, {"code": "forbidden", "message": "no"})
NOWHERE = IntegrationId.parse("default/production/redis/000000000000000000000000")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Of two stores."""
    with stack_of(tmp_path) as stack:
        yield stack


def require(stack: Stack, **options: Any) -> None:
    """Asks whether what is missing is gone, in a run of its own."""
    run, _ = stack.again(**options)
    run.presence.require_any(urn("a"), stack["a"], run.session.deadline())


def test_beside_a_store_that_is_seen_one_is_gone(stack: Stack) -> None:
    """The state tells which others there are, and one listing whether the token sees one."""
    stack.remove("a")
    require(stack, stores=stack.stores)
    assert stack.methods == ["GET"]


def test_what_the_run_has_seen_needs_no_request(stack: Stack) -> None:
    """It stands for the whole run."""
    stack.run.presence.saw()
    for _ in range(3):
        stack.run.presence.require_any(urn("a"), stack["a"], stack.run.session.deadline())
    assert stack.methods == []


def test_what_was_found_once_is_remembered(stack: Stack) -> None:
    """A hundred stores that are gone are one listing."""
    run, _ = stack.again(stores=stack.stores)
    for _ in range(3):
        run.presence.require_any(urn("a"), stack["a"], run.session.deadline())
    assert stack.methods == ["GET"]


def test_what_the_run_has_met_is_known_without_the_state(stack: Stack) -> None:
    """Nobody can read the state, as where there is no ``pulumi``."""
    run, _ = stack.again(stores=None)
    run.owners.note(urn("b"), stack["b"])
    run.presence.require_any(urn("a"), stack["a"], run.session.deadline())


def test_what_is_only_to_be_adopted_is_no_store_of_the_stack(stack: Stack) -> None:
    """Anybody's token may see it."""
    run, _ = stack.again(stores={})
    run.owners.ask(urn("b"), stack["b"])
    with pytest.raises(StoresNotSeen):
        run.presence.require_any(urn("a"), stack["a"], run.session.deadline())


@pytest.mark.parametrize("is_known", [True, False])
def test_where_none_is_seen_it_is_an_error(stack: Stack, is_known: bool) -> None:
    """It names the host, where the token comes from, and the command for a store that was deleted."""
    stack.remove("a", "b")
    stack.existing()
    with pytest.raises(StoresNotSeen) as error:
        require(stack, stores=stack.stores if is_known else None, token_source="LAUNCHDARKLY_ACCESS_TOKEN")
    assert str(error.value) == (
        f"{stack['a']} is gone in LaunchDarkly, or the token cannot see it: no store of this stack was found at "
        f"{stack.proxy.host} with the access token from LAUNCHDARKLY_ACCESS_TOKEN. Check the token and the host. "
        f"If it was deleted, let the stack forget it: pulumi state delete '{urn('a')}'"
    )


def test_the_store_itself_is_no_proof(stack: Stack) -> None:
    """A stack with one store alone: the listing may be newer than the read, or older."""
    with pytest.raises(StoresNotSeen):
        require(stack, stores={urn("a"): stack["a"]})
    assert stack.methods == []


def test_an_error_is_not_remembered_as_a_proof(stack: Stack) -> None:
    """The next one is asked as well."""
    run, _ = stack.again(stores={})
    for _ in range(2):
        with pytest.raises(StoresNotSeen):
            run.presence.require_any(urn("a"), stack["a"], run.session.deadline())
    run.presence.saw()
    run.presence.require_any(urn("a"), stack["a"], run.session.deadline())


# Where the account cannot be listed.


def test_without_a_listing_the_others_are_asked_for(stack: Stack) -> None:
    """Until one is seen."""
    stack.remove("a")
    stack.proxy.inject(FORBIDDEN, method="GET")
    require(stack, stores=stack.stores)
    assert stack.methods == ["GET", "GET"]


def test_what_was_asked_for_once_is_not_asked_for_again(stack: Stack) -> None:
    """What was seen stands for the whole run."""
    stack.proxy.inject(FORBIDDEN, method="GET")
    run, _ = stack.again(stores=stack.stores)
    for _ in range(3):
        run.presence.require_any(urn("a"), stack["a"], run.session.deadline())
    assert stack.methods == ["GET", "GET"]


def test_without_a_listing_only_some_are_asked_for(stack: Stack) -> None:
    """A stack of hundreds would take hundreds of requests."""
    others = {
        urn(str(number)): IntegrationId("default", "production", "redis", f"0000{number:02}")
        for number in range(2 * ASKED_FOR)
    }
    stack.proxy.inject(FORBIDDEN, method="GET")
    with pytest.raises(StoresNotSeen):
        require(stack, stores=others)
    assert len(stack.methods) == 1 + ASKED_FOR


@pytest.mark.parametrize("fault", [FORBIDDEN, Answer.html(404), Answer.html(200)])
def test_what_cannot_be_read_is_not_seen(stack: Stack, fault: Answer) -> None:
    """Whatever the reason is."""
    stack.proxy.inject(FORBIDDEN, fault, method="GET")
    with pytest.raises(StoresNotSeen):
        require(stack, stores={urn("b"): stack["b"]})


def test_past_the_deadline_none_is_asked_for(stack: Stack) -> None:
    """It is the one of the whole call."""
    stack.proxy.inject(FORBIDDEN, method="GET")
    run, _ = stack.again(stores=stack.stores)
    deadline = run.session.deadline(5.0)
    assert run.listing.within(deadline) is None
    stack.time.now += 6.0
    with pytest.raises(StoresNotSeen):
        run.presence.require_any(urn("a"), stack["a"], deadline)
    assert stack.methods == ["GET"]


def test_ctrl_c_is_heeded(stack: Stack) -> None:
    """And proves nothing."""
    stack.proxy.inject(FORBIDDEN, method="GET")
    run, _ = stack.again(stores=stack.stores)
    assert run.listing.within(run.session.deadline()) is None
    stack.time.cancelled.set()
    with pytest.raises(Interrupted):
        run.presence.require_any(urn("a"), NOWHERE, run.session.deadline())
