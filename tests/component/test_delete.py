"""Deleting what is the resource's own, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import pytest

from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core.delete import STATE_UNKNOWN
from launchdarkly_pulumi.errors import (
    AccessDenied,
    AlreadyManaged,
    Interrupted,
    ServerError,
    StoresNotSeen,
    Unreachable,
)
from support.desired import redis
from support.fault_proxy import Answer, Delay, Hook, ResetAfter
from support.managed import Stack, stack_of
from support.runs import end, urn

SAMPLE_ERROR = {"code": "unavailable", "message": "later"}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Of two stores."""
    with stack_of(tmp_path) as stack:
        yield stack


def delete(stack: Stack, name: str = "a") -> None:
    """Deletes a store."""
    stack.run.delete(urn(name), stack[name], redis())


def noted(stack: Stack) -> str:
    """What is noted of deletes, one sign for each line: begun, or refused."""
    return "".join(line[0] for path in stack.folder.glob("deletes/*") for line in path.read_text().splitlines())


def test_a_store_is_deleted_with_one_request(stack: Stack) -> None:
    """Nothing is read before it. The note stays: this process may be killed before the state is saved."""
    stack.again(stores=stack.stores)
    delete(stack)
    assert (stack.methods, stack.shown.messages, noted(stack)) == (["DELETE"], [], "+")
    assert list(stack.emulator.integrations) == [stack["b"].integration_id]


# Stores that another resource has.


def kept(stack: Stack, owner: str) -> None:
    """Nothing was sent, and people were told who has it."""
    assert (stack.methods, noted(stack)) == ([], "")
    assert stack.shown.infos == [f"{stack['a']}: kept in LaunchDarkly, {owner} manages it now."]
    assert len(stack.emulator.integrations) == 2


def test_what_another_resource_has_adopted_is_kept(stack: Stack) -> None:
    """As after a rename without an alias."""
    stack.run.owners.ask(urn("renamed"), stack["a"])
    stack.run.owners.gain(urn("renamed"), stack["a"])
    delete(stack)
    kept(stack, "renamed")


def test_what_another_resource_has_in_the_state_is_kept(stack: Stack) -> None:
    """Two resources of one integration: removing one of them deletes nothing."""
    stack.run.owners.note(urn("a"), stack["a"])
    stack.run.owners.note(urn("other"), stack["a"])
    delete(stack)
    kept(stack, "other")


def test_what_another_resource_has_in_the_state_alone_is_kept(stack: Stack) -> None:
    """A destroy, and a run with targets, meets only what it deletes."""
    stack.again(stores={**stack.stores, urn("other"): stack["a"]})
    delete(stack)
    kept(stack, "other")


def test_the_last_of_two_owners_deletes_the_store(stack: Stack) -> None:
    """Where one run deletes both."""
    stack.again(stores={**stack.stores, urn("other"): stack["a"]})
    delete(stack)
    stack.run.delete(urn("other"), stack["a"], redis())
    assert stack.methods == ["DELETE"]
    assert list(stack.emulator.integrations) == [stack["b"].integration_id]


def test_what_another_process_has_adopted_is_kept(stack: Stack) -> None:
    """Each explicit provider has a process of its own."""
    other, _ = stack.run, stack.shown
    other.writers.notes.adoptions.claim(stack["a"].integration_id, urn("renamed"))
    stack.again()
    delete(stack)
    kept(stack, "renamed")


def test_what_a_process_that_ended_had_adopted_is_deleted(stack: Stack) -> None:
    """A later run knows what the state has."""
    stack.run.writers.notes.adoptions.claim(stack["a"].integration_id, urn("renamed"))
    end(stack.run)
    stack.again()
    delete(stack)
    assert stack.methods == ["DELETE"]


def test_what_moved_into_a_component_is_called_by_its_urn(stack: Stack) -> None:
    """Both have the same name."""
    inside = urn("a").replace("::a", "$component::a")
    stack.run.owners.gain(inside, stack["a"])
    delete(stack)
    kept(stack, inside)


def test_what_another_resource_did_not_get_stays_in_the_state(stack: Stack) -> None:
    """Its adoption has failed: the store must neither be deleted nor forgotten."""
    stack.run.owners.ask(urn("renamed"), stack["a"])
    with pytest.raises(AlreadyManaged, match=r"was to move from a to renamed, which failed: it stays with a$"):
        delete(stack)
    assert (stack.methods, noted(stack)) == ([], "")


def test_one_that_has_it_is_enough(stack: Stack) -> None:
    """Whoever else asked for it."""
    stack.run.owners.note(urn("asking"), stack["a"])
    with pytest.raises(AlreadyManaged):
        stack.run.owners.ask(urn("other"), stack["a"])
    delete(stack)
    kept(stack, "asking")


def test_what_others_have_of_another_store_does_not_matter(stack: Stack) -> None:
    """Nor what the resource itself has."""
    stack.run.owners.gain(urn("renamed"), stack["b"])
    stack.run.owners.gain(urn("a"), stack["a"])
    delete(stack)
    assert stack.methods == ["DELETE"]


# Stores that are not there.


def test_what_is_gone_beside_another_one_is_deleted(stack: Stack) -> None:
    """People learn that somebody else has done it."""
    stack.remove("a")
    stack.again(stores=stack.stores)
    delete(stack)
    assert stack.shown.infos == [f"{stack['a']}: was gone in LaunchDarkly already."]


def test_what_is_gone_with_all_others_is_an_error(stack: Stack) -> None:
    """The token may be the wrong one: nothing leaves the state, however often it is tried."""
    stack.remove("a", "b")
    stack.again(stores=stack.stores)
    for _ in range(2):
        with pytest.raises(StoresNotSeen, match=f"^{stack['a']} is gone in LaunchDarkly, or .*'{urn('a')}'$"):
            delete(stack)
    assert (stack.shown.infos, noted(stack)) == ([], "+-+-")


def test_once_something_was_deleted_the_token_is_the_right_one(stack: Stack) -> None:
    """The last store of a stack that is destroyed may be gone already."""
    delete(stack, "a")
    stack.remove("b")
    delete(stack, "b")
    assert stack.methods == ["DELETE", "DELETE"]


@pytest.mark.parametrize("is_confirmed", [True, False], ids=["confirmed", "cut off"])
def test_a_404_for_what_another_process_began_to_delete_is_believed(stack: Stack, is_confirmed: bool) -> None:
    """Whether it was killed before it learnt that the store is deleted, or before the state was saved."""
    if is_confirmed:
        delete(stack)
    else:
        stack.run.writers.notes.deletes.begin(stack["a"].integration_id)
    end(stack.run)
    stack.remove(*({"a", "b"} - ({"a"} if is_confirmed else set())))
    stack.again(stores=stack.stores)
    delete(stack)
    assert stack.shown.infos == [f"{stack['a']}: was gone in LaunchDarkly already."]
    with pytest.raises(StoresNotSeen):
        delete(stack, "b")


def test_that_the_state_cannot_be_read_is_told_once(stack: Stack) -> None:
    """Whether another resource manages the store too is then known of what the run has met alone."""
    delete(stack)
    delete(stack, "b")
    assert stack.shown.warnings == [STATE_UNKNOWN]
    assert stack.emulator.integrations == {}


# Deletes that fail.


def test_a_response_that_is_lost_is_asked_for_again(stack: Stack) -> None:
    """The 404 is then our own work."""
    stack.again(stores=stack.stores)
    stack.proxy.inject(ResetAfter(), method="DELETE")
    delete(stack)
    assert (stack.writes, stack.shown.messages, noted(stack)) == (["DELETE", "DELETE"], [], "+")


def test_a_refusal_is_noted(stack: Stack) -> None:
    """Nothing was deleted: a 404 of the next run is not believed for it."""
    stack.proxy.inject(Answer.json(403, {"code": "forbidden", "message": "no"}), method="DELETE")
    with pytest.raises(AccessDenied):
        delete(stack)
    assert noted(stack) == "+-"
    stack.remove("a", "b")
    stack.again(stores=stack.stores)
    with pytest.raises(StoresNotSeen):
        delete(stack)


def test_a_delete_of_which_nobody_knows_leaves_one(stack: Stack) -> None:
    """The next run may find nothing."""
    stack.proxy.inject(*[Answer.json(503, SAMPLE_ERROR)] * MAX_ATTEMPTS, method="DELETE")
    with pytest.raises(ServerError):
        delete(stack)
    assert noted(stack) == "+"


def test_past_the_deadline_nothing_is_deleted(stack: Stack) -> None:
    """Nothing is sent, so that a 404 of the next run is not believed for it."""
    deadline = stack.run.session.deadline(5.0)
    stack.time.now += 6.0
    with pytest.raises(Unreachable):
        stack.run.writers.deleter.delete(urn("a"), stack["a"], deadline)
    assert (stack.methods, noted(stack)) == ([], "+-")


def test_ctrl_c_before_it_deletes_nothing(stack: Stack) -> None:
    """Nothing is sent, so that a 404 of the next run is not believed for it."""
    stack.time.cancelled.set()
    with pytest.raises(Interrupted):
        delete(stack)
    assert (stack.methods, noted(stack)) == ([], "")


# Several at a time.


def deleted_beside_each_other(stack: Stack) -> tuple[futures.Future[None], futures.Future[None]]:
    """What comes of deleting ``b``, whose response is late, and of deleting ``a`` meanwhile, which waits for it."""
    run, _ = stack.again(stores=stack.stores)
    committed = threading.Event()
    stack.proxy.inject(Hook(committed.set, after_commit=True, then=Delay(30.0)), method="DELETE")
    with futures.ThreadPoolExecutor(2) as engine:
        first = engine.submit(lambda: run.delete(urn("b"), stack["b"], redis()))
        assert committed.wait(30)
        second = engine.submit(lambda: run.delete(urn("a"), stack["a"], redis()))
        with pytest.raises(futures.TimeoutError):
            second.result(1.0)
        stack.proxy.release()
    return first, second


def test_a_store_is_gone_beside_one_that_is_being_deleted(stack: Stack) -> None:
    """LaunchDarkly has deleted the other one, and its response is still on the way: the listing has neither."""
    stack.remove("a")
    for each in deleted_beside_each_other(stack):
        each.result()


def test_none_is_gone_beside_one_whose_delete_is_refused(stack: Stack) -> None:
    """As by a token that sees neither of them: each waits for the other's response, and none for ever."""
    stack.remove("a", "b")
    assert all(isinstance(each.exception(), StoresNotSeen) for each in deleted_beside_each_other(stack))
