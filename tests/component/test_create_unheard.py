"""A create whose engine was killed meanwhile: no state has what it has made, and the next create takes it over."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.core.notes import Note
from support.creating import DESIRED, Account, Process


def unheard(account: Account) -> Process:
    """A process whose engine is gone."""
    process = account.process()
    process.shown.is_there = lambda: False
    return process


def only_note(account: Account) -> Note:
    """The note of the resource."""
    [note] = account.notes
    return note


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_next_create_takes_it_over(account: Account, times: int) -> None:
    """Also where that one's engine is killed too: the note of the first one stays as it is."""
    made = unheard(account).create_and_end()["_id"]
    note = only_note(account)
    assert (note.created, note.given_up, note.known) == (None, True, [])
    for _ in range(times - 1):
        assert unheard(account).create_and_end()["_id"] == made
        assert only_note(account) == note
    process = account.process()
    assert process.create()["_id"] == made
    assert account.ids == [made]
    assert [made in warning for warning in process.warnings] == [True]
    assert (only_note(account).created, only_note(account).given_up) == (made, False)
    assert account.has(made, DESIRED)


def test_the_engine_is_asked_once_the_integration_is_there(account: Account) -> None:
    """Later than that nothing happens that could tell; earlier it would say nothing of the response."""
    process, there = account.process(), list[bool]()

    def is_there() -> bool:
        there.append(bool(account.ids))
        return True

    process.shown.is_there = is_there
    made = process.create()["_id"]
    assert there == [True]
    assert only_note(account).created == made


def test_another_resource_is_not_kept_waiting(account: Account) -> None:
    """The process lives on without its engine, as that of the dynamic resource does; its create has ended."""
    unheard(account).create()
    process = account.process()
    process.create(name="other")
    assert process.time.waits == []
    assert len(account.ids) == 2
