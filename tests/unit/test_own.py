"""One integration, one owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from launchdarkly_pulumi.core.own import Hold, Owners, already_managed, names_of
from launchdarkly_pulumi.errors import AlreadyManaged
from launchdarkly_pulumi.model.ids import IntegrationId
from support.runs import urn

ID = IntegrationId.parse("default/production/redis/57c0")
OTHER = IntegrationId.parse("default/production/redis/57c1")
A, B, C = urn("a"), urn("b"), urn("c")


def refused(by: str, also: str) -> AbstractContextManager[object]:
    """Both resources are named."""
    return pytest.raises(AlreadyManaged, match=rf"^{ID} is managed by {by} already: {also} cannot manage it too$")


def test_a_resource_may_have_what_nobody_else_has() -> None:
    """As often as it says so, and whichever way."""
    owners = Owners()
    assert owners.others(A, ID) == {}
    for _ in range(2):
        owners.note(A, ID)
        owners.hold(A, ID)
        owners.ask(A, ID)
        owners.gain(A, ID)
        owners.hold(B, OTHER)
    assert (owners.others(A, ID), owners.others(B, OTHER)) == ({}, {})


@pytest.mark.parametrize("first", ["note", "hold", "ask", "gain"])
@pytest.mark.parametrize("second", ["hold", "ask"])
def test_a_second_resource_is_refused(first: str, second: str) -> None:
    """Whichever of both came first, and however it has it; but what the state has goes before what is asked for."""
    owners = Owners()
    getattr(owners, first)(A, ID)
    with refused(*(("b", "a") if (first, second) == ("ask", "hold") else ("a", "b"))):
        getattr(owners, second)(B, ID)


@pytest.mark.parametrize("way", ["hold", "ask"])
def test_what_is_refused_is_forgotten(way: str) -> None:
    """The resource that has it is not in trouble because another one asked for it."""
    owners = Owners()
    owners.hold(A, ID)
    with refused("a", "b"):
        owners.ask(B, ID)
    getattr(owners, way)(A, ID)
    assert owners.others(A, ID) == {}


def test_a_refresh_only_notes() -> None:
    """It shows what the state has, even where two resources have the same; the program is refused."""
    owners = Owners()
    owners.note(A, ID)
    owners.note(B, ID)
    assert owners.others(A, ID) == {B: Hold.STATE}
    with refused("b", "a"):
        owners.hold(A, ID)


def test_how_a_resource_has_it_is_known() -> None:
    """A move is over once it is gained; what the state has stays what it is until then."""
    owners = Owners()
    owners.ask(B, ID)
    owners.ask(B, ID)
    assert owners.others(A, ID) == {B: Hold.ASKED}
    owners.note(A, ID)
    owners.gain(B, ID)
    assert owners.others(A, ID) == {B: Hold.GAINED}
    owners.note(B, ID)
    assert owners.others(A, ID) == {B: Hold.GAINED}
    assert owners.others(B, ID) == {A: Hold.STATE}


def test_what_the_state_has_is_known() -> None:
    """What is only asked for, or new, is not in it."""
    owners = Owners()
    owners.hold(A, ID)
    owners.ask(B, OTHER)
    assert owners.known() == {ID}
    owners.gain(B, OTHER)
    assert owners.known() == {ID}
    owners.note(A, OTHER)
    assert owners.known() == {ID, OTHER}


def test_what_others_have_or_ask_for_is_known() -> None:
    """But for what is the resource's own alone."""
    owners = Owners()
    owners.hold(A, ID)
    assert (owners.of_others(A), owners.of_others(B)) == (set(), {ID})
    owners.ask(B, OTHER)
    owners.note(A, OTHER)
    assert (owners.of_others(A), owners.of_others(B)) == ({OTHER}, {ID, OTHER})


def test_what_is_given_up_stays_with_the_others() -> None:
    """Those that the run has met, and those of the state, of which it may have met none."""
    owners = Owners()
    owners.note(A, ID)
    owners.gain(B, ID)
    assert owners.give_up(A, ID, [A, B, C]) == {B: Hold.GAINED, C: Hold.STATE}
    assert owners.give_up(A, OTHER, [A, C]) == {C: Hold.STATE}
    assert Owners().give_up(A, ID, []) == {}


def test_of_several_that_give_it_up_the_last_one_has_no_others() -> None:
    """It is the one whose delete reaches LaunchDarkly; another integration is none of its business."""
    owners = Owners()
    assert [dict(owners.give_up(each, ID, [A, B])) for each in (A, B)] == [{B: Hold.STATE}, {}]
    assert owners.give_up(B, OTHER, [A, B]) == {A: Hold.STATE}


def test_one_of_many_workers_gets_it() -> None:
    """The others are refused."""
    owners = Owners()

    def ask(number: int) -> bool:
        try:
            owners.ask(urn(str(number)), ID)
        except AlreadyManaged:
            return False
        return True

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(ask, range(8))) == 1


def test_resources_are_called_by_their_names() -> None:
    """By their URNs where the names are the same, as in two components."""
    inside = urn("a").replace("$", "component$").replace("::a", "$component::a")
    assert names_of(A, B) == ("a", "b")
    assert names_of(A, inside) == (A, inside)
    assert names_of(A, A) == ("a", "a")
    assert str(already_managed(ID, A, inside)) == f"{ID} is managed by {A} already: {inside} cannot manage it too"
