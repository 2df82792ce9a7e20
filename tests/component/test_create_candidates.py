"""Which of the new integrations is the one that a lost POST has created, and which must never be taken for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from launchdarkly_pulumi.core.look_alikes import intent_of
from launchdarkly_pulumi.model.documents import create_body
from support.creating import DESIRED, TAKEN_OVER, Account, Document, ambiguous
from support.desired import but, dynamodb, redis
from support.fault_proxy import (
    Fault,
    Forward,
    Hook,
    Mangle,
    ResetAfter,
    ResetBefore,
)
from support.runs import urn

CONFLICT = {"code": "conflict", "message": "there is one"}


def test_several_that_may_be_it_are_told(account: Account) -> None:
    """Somebody else creates an equal one at this very moment: the error names both, and nothing more is sent."""
    account.lose(Hook(account.existing, then=ResetAfter()))
    process = account.process()
    error = ambiguous(process)
    assert f"any of these new integrations may be it: {', '.join(sorted(account.ids))}" in str(error)
    assert (account.methods, process.warnings) == (["GET", "POST", "GET", "GET", "GET"], [])


@pytest.mark.parametrize(
    "config", [{"host": "other.example.com"}, {"port": 1}, {"username": "x"}, {"password": "quite another"}]
)
def test_one_with_another_config_may_be_it(account: Account, config: Document) -> None:
    """Somebody may have changed what was created: it is named, not taken over, and no second POST is sent."""
    account.lose(Hook(lambda: account.existing(config=config), then=ResetBefore()))
    error = ambiguous(account.process())
    assert account.ids[0] in str(error)
    assert (len(account.ids), account.methods) == (1, ["GET", "POST", "GET", "GET"])


def test_one_with_the_declared_config_among_others_is_it(account: Account) -> None:
    """The others are somebody's."""
    account.lose(Hook(lambda: account.existing(config={"host": "other.example.com"}), then=ResetAfter()))
    document = account.process().create()
    assert account.ids[1:] == [document["_id"]]


def test_one_that_is_gone_again_is_not_it(account: Account) -> None:
    """The listing shows it still, and a read no longer does: nothing is known of it."""
    account.lose(ResetAfter())
    account.reads(Forward(), Forward(), Hook(lambda: account.emulator.remove(account.ids[0])))
    assert "any of these new integrations may be it" in str(ambiguous(account.process()))
    assert account.ids == []


@pytest.mark.parametrize(
    "other", [{"name": "Another"}, {"on": False}, {"tags": []}, {"tags": ["managed-by-pulumi", "and another"]}]
)
def test_a_new_integration_that_differs_is_not_taken_over(account: Account, other: Document) -> None:
    """It is somebody else's."""
    account.lose(Hook(lambda: account.existing(**other), then=ResetBefore()))
    process = account.process()
    document = process.create()
    assert account.ids[1:] == [document["_id"]]
    assert [warning for warning in process.warnings if account.ids[0] in warning] == []


@pytest.mark.parametrize(
    "place", [("other", "production", "redis"), ("default", "other", "redis"), ("default", "production", "dynamodb")]
)
def test_a_new_integration_in_another_place_is_not_taken_over(account: Account, place: tuple[str, str, str]) -> None:
    """Projects, environments and kinds are apart."""
    kind = dynamodb() if place[2] == "dynamodb" else DESIRED
    body = create_body(DESIRED) | {"config": create_body(kind)["config"]}
    account.lose(Hook(lambda: account.emulator.outside_create(*place, **body), then=ResetBefore()))
    document = account.process().create()
    assert (document["projectKey"], document["environmentKey"]) == ("default", "production")
    assert (document["integrationKey"], account.ids[1:]) == ("redis", [document["_id"]])


def test_tags_in_another_order_are_no_difference(account: Account) -> None:
    """They are a set."""
    account.lose(ResetAfter())
    account.reads(
        Forward(), Mangle(lambda listing: {"items": [each | {"tags": each["tags"][::-1]} for each in listing["items"]]})
    )
    assert [account.process().create(redis(tags=["a", "b"]))["_id"]] == account.ids
    assert account.methods == TAKEN_OVER


def test_without_a_name_the_one_that_launchdarkly_chose_is_no_difference(account: Account) -> None:
    """The program leaves it to LaunchDarkly."""
    account.lose(ResetAfter())
    assert [account.process().create(but(DESIRED, name=None))["_id"]] == account.ids


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter()])
def test_what_was_there_before_is_never_taken_over(account: Account, lost: Fault) -> None:
    """However well it fits: it may be another stack's."""
    before = account.existing()
    account.lose(lost)
    document = account.process().create()
    assert account.ids == [before, document["_id"]]


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter()])
def test_what_this_run_has_created_is_never_taken_over(account: Account, lost: Fault) -> None:
    """Another resource has it already."""
    process = account.process()
    first = process.create(name="a")
    account.lose(lost)
    second = process.create(name="b")
    assert account.ids == [first["_id"], second["_id"]]


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter()])
def test_what_another_process_has_created_is_never_taken_over(account: Account, lost: Fault) -> None:
    """Two stacks on one machine, each with an equal store: the note of the other one tells whose it is."""
    other = account.process()
    account.lose(Hook(lambda: other.create(name="b"), then=lost), Forward())
    document = account.process().create(name="a")
    noted = {note.urn: note.created for note in account.notes}
    assert set(account.ids) == set(noted.values())
    assert (len(account.ids), noted[urn("a")]) == (2, document["_id"])


@pytest.mark.parametrize("same_token", [True, False])
def test_what_another_process_may_be_creating_is_not_taken_over(account: Account, same_token: bool) -> None:
    """It may be the other one's: a person has to look. Two tokens may belong to one account."""
    token = {} if same_token else {"access_token": "another-token-0123456789"}
    other = account.process(**token)
    other.run.writers.notes.begin("", urn("b"), intent_of(DESIRED), set())
    account.lose(ResetAfter())
    error = ambiguous(account.process())
    assert account.ids[0] in str(error)


def test_one_that_looks_otherwise_does_not_matter(account: Account) -> None:
    """What another process creates elsewhere, or with another name, could be told apart."""
    other = account.process()
    other.run.writers.notes.begin("", urn("b"), intent_of(redis(name="Another")), set())
    account.lose(ResetAfter())
    assert [account.process().create()["_id"]] == account.ids


def mangled(change: Callable[[Document], Any]) -> Mangle:
    """A listing whose items are changed."""
    return Mangle(lambda listing: listing | {"items": [change(each) for each in listing["items"]]})


@pytest.mark.parametrize(
    "change",
    [{"name": None}, {"name": 5}, {"on": "yes"}, {"tags": ["\ud800"]}],
    ids=["no name", "a number", "a string", "a surrogate"],
)
def test_what_no_program_declares_is_not_taken_over(account: Account, change: Document) -> None:
    """Whatever LaunchDarkly lists, a create ends with one integration or a clear error."""
    account.lose(ResetAfter())
    account.reads(Forward(), *[mangled(lambda each: each | change)] * 50)
    process = account.process(operation_timeout=2)
    process.create()
    assert len(account.ids) == 2
    assert account.proxy.clear() != []
