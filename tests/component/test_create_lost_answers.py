"""A POST whose response is lost: exactly one integration all the same, or a word about each that there is."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.core.lost_creates import LONGEST_PAUSE, POLLS_END
from launchdarkly_pulumi.errors import Conflict
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from support import samples
from support.creating import DESIRED, NOTHING_LISTED, TAKEN_OVER, Account, ambiguous, interrupted
from support.desired import redis
from support.fault_proxy import (
    Answer,
    CutAnswer,
    Fault,
    Forward,
    Hook,
    Mangle,
    Refuse,
    ResetAfter,
    ResetBefore,
    without_id,
)

CALL = "POST default/production/redis"
OPERATION_TIME = 120.0
CONFLICT = {"code": "conflict", "message": "there is one"}


# The response is lost after the POST was committed.

CUT = {f"cut at {offset}": CutAnswer(offset) for offset in (0, 1, 9, 13, 17, 18, 40, 100, -400, -100, -2, -1)}
BROKEN = {
    "reset": ResetAfter(),
    "502 page": Answer.html(502, forwarded=True),
    "504 page": Answer.html(504, forwarded=True),
    "500": Answer.json(500, {"code": "internal", "message": "oops"}, forwarded=True),
    "503": Answer.json(503, {"code": "unavailable", "message": "later"}, {"Retry-After": "1"}, forwarded=True),
    "truncated JSON": Answer(201, {"Content-Type": "application/json"}, b'{"_id": "57c0ffee', forwarded=True),
    "empty": Answer(201, forwarded=True),
    "page": Answer.html(201, forwarded=True),
    "list": Answer.json(201, [], forwarded=True),
    "no ID": Mangle(without_id),
    "not gzip": Answer(201, {"Content-Encoding": "gzip"}, b"plain", forwarded=True),
}


@pytest.mark.parametrize("fault", [*CUT.values(), *BROKEN.values()], ids=[*CUT, *BROKEN])
def test_what_a_lost_response_leaves_behind_is_taken_over(account: Account, fault: Fault) -> None:
    """One POST, one integration, one warning that names it, and no wait where it is listed at once."""
    account.lose(fault)
    process = account.process()
    reached = process.reach()
    integration_id = reached.document["_id"]
    assert account.ids == [integration_id]
    assert account.methods == TAKEN_OVER
    assert (reached.desired, reached.compared, process.time.now) == (DESIRED, True, 0)
    [warning] = process.warnings
    assert warning.startswith(f"{CALL}: ")
    assert warning.endswith(f" The integration was found and is taken over: {integration_id}.")
    assert [(note.created, note.given_up) for note in account.notes] == [(integration_id, False)]


@pytest.mark.parametrize("looks", range(8))
def test_an_integration_may_take_time_to_be_listed(account: Account, looks: int) -> None:
    """It is looked for again, for half of the time that there is, before a second POST is thought of."""
    account.lose(ResetAfter())
    account.reads(Forward(), *[NOTHING_LISTED] * looks)
    process = account.process()
    assert [process.create()["_id"]] == account.ids
    assert account.methods.count("POST") == 1
    assert process.time.now == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5][looks]


def test_what_was_taken_over_is_taken_over_once(account: Account) -> None:
    """The next create of the same makes its own, also when its own response is lost."""
    process = account.process()
    account.lose(ResetAfter(), ResetAfter())
    assert [process.create(name="a")["_id"], process.create(name="b")["_id"]] == account.ids
    assert len(process.warnings) == 2


def test_what_is_taken_over_gets_the_declared_password(account: Account) -> None:
    """Somebody has changed it meanwhile to one with the same mask: a mask proves nothing."""
    other = f"{samples.PASSWORD[:3]}-another-{samples.PASSWORD[-3:]}"

    def rotate() -> None:
        [integration_id] = account.ids
        account.emulator.outside_edit(integration_id, {"config": {"password": other}})

    account.lose(Hook(rotate, after_commit=True, then=ResetBefore()))
    account.process().create()
    [integration_id] = account.ids
    assert account.has(integration_id, DESIRED)


def test_without_a_password_nothing_is_sent_to_what_is_taken_over(account: Account) -> None:
    """There is none to be set."""
    inputs = redis(config={"password": ""})
    account.lose(ResetAfter())
    reached = account.process().reach(inputs)
    assert (account.methods, reached.compared) == (TAKEN_OVER[:-1], True)


def test_a_password_that_cannot_be_set_is_not_claimed(account: Account) -> None:
    """The ID is kept, and the state does not say that LaunchDarkly has the password."""
    account.lose(ResetAfter())
    account.proxy.inject(Answer.json(403, {"code": "forbidden", "message": "no"}), method="PATCH")
    process = account.process()
    reached = process.reach()
    assert [reached.document["_id"]] == account.ids
    assert (reached.desired.values["config"]["password"], reached.compared) == (REPLACED_OUTSIDE, False)
    assert [warning.rpartition(" The next ")[2] for warning in process.warnings[1:]] == ["update sends it."]
    assert "its password could not be set" in process.warnings[1]


# The POST is lost before it was committed.

LOST = [
    ResetBefore(),
    Refuse(),
    Answer.html(502),
    Answer.json(500, {"code": "internal", "message": "oops"}),
    Answer.html(200),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.kind} {getattr(fault, 'status', '')}".strip())
def test_a_post_that_left_nothing_behind_is_sent_once_more(account: Account, fault: Fault) -> None:
    """After half of the time, in which nothing has shown up; and people are told to watch out."""
    account.lose(fault)
    process = account.process()
    document = process.create()
    assert account.ids == [document["_id"]]
    looks = len(process.time.waits) + 1
    assert account.methods == ["GET", "POST"] + ["GET"] * looks + ["POST", "GET"]
    assert process.time.now == POLLS_END * OPERATION_TIME
    assert max(process.time.waits) == LONGEST_PAUSE
    assert process.warnings == [
        f"{CALL}: sent twice, since the first request got no response. If another integration like "
        f"{document['_id']} appears in LaunchDarkly, it is one too many: delete it there."
    ]


@pytest.mark.parametrize("seconds", [1, 5, 20])
def test_the_looks_take_half_of_what_is_left(account: Account, seconds: float) -> None:
    """Whatever the setting allows for an operation."""
    account.lose(ResetBefore())
    process = account.process(operation_timeout=seconds)
    process.create()
    assert process.time.now == pytest.approx(POLLS_END * seconds)


def test_a_conflict_is_looked_at_once(account: Account) -> None:
    """It is a response: nothing will come of the request later, and a second one would be answered alike."""
    account.lose(Answer.json(409, CONFLICT))
    process = account.process()
    with pytest.raises(Conflict, match=f"^{CALL}: 409 conflict: there is one\n"):
        process.create()
    assert (account.methods, process.time.now) == (["GET", "POST", "GET"], 0)
    assert (account.ids, account.notes, process.warnings) == ([], [], [])


def test_what_a_conflict_may_be_about_is_named_and_not_taken_over(account: Account) -> None:
    """Ours was refused: what is new and as declared is somebody else's, or what a proxy has sent twice."""
    account.lose(
        Hook(lambda: (account.existing(), account.existing()), then=Answer.json(409, CONFLICT | {"id": "1f2e"}))
    )
    process = account.process()
    with pytest.raises(Conflict) as error:
        process.create()
    told = f"there is one (request 1f2e). New there, and as declared: {', '.join(sorted(account.ids))}"
    assert len(account.ids) == 2
    assert str(error.value).splitlines()[0] == f"{CALL}: 409 conflict: {told}"
    assert "the option import_ adopts it" in str(error.value)
    assert (error.value.status, error.value.code, error.value.request_id) == (409, "conflict", "1f2e")
    assert (account.methods, account.notes, process.warnings) == (["GET", "POST", "GET"], [], [])


@pytest.mark.parametrize(
    ("listings", "why"),
    [
        ([Answer.json(403, CONFLICT)], "its stores could not be listed before"),
        ([Forward(), Answer.json(403, CONFLICT)], "its stores cannot be read"),
    ],
    ids=["before", "after"],
)
def test_a_conflict_where_nothing_can_be_listed_is_left_to_a_person(
    account: Account, listings: list[Fault], why: str
) -> None:
    """A proxy may have sent the POST twice: the first one was committed then."""
    account.proxy.inject(*listings, method="GET")
    account.lose(Answer.json(409, CONFLICT, forwarded=True))
    assert why in str(ambiguous(account.process()))


def test_a_first_post_that_was_committed_late_is_named(account: Account) -> None:
    """The second one has created another: which is one too many is told, with its ID."""
    account.lose(ResetBefore(), Hook(account.existing))
    process = account.process()
    document = process.create()
    [late] = set(account.ids) - {document["_id"]}
    assert process.warnings == [
        f"{CALL}: an earlier request was committed late, and {late} is one too many. Look at it in LaunchDarkly, and "
        f"delete it there if it is not needed: {late}."
    ]


def test_where_nobody_can_look_for_the_first_post_people_are_told_to_watch_out(account: Account) -> None:
    """The second one has created what was asked for."""
    account.lose(ResetBefore(), Hook(lambda: account.reads(Answer.json(403, {"code": "forbidden", "message": "no"}))))
    process = account.process()
    document = process.create()
    assert account.ids == [document["_id"]]
    assert [warning.startswith(f"{CALL}: sent twice, ") for warning in process.warnings] == [True]


def test_there_is_no_third_post(account: Account) -> None:
    """Lost twice it is an error, which does not know what became of it; the note says so."""
    account.lose(ResetBefore(), ResetBefore())
    process = account.process()
    error = str(ambiguous(process))
    assert error.startswith(f"{CALL}: ")
    assert "broke the connection" in error
    assert "2 requests were sent, and nothing has shown up so far" in error
    assert (account.methods.count("POST"), account.ids) == (2, [])
    assert [(note.created, note.given_up, note.known) for note in account.notes] == [(None, True, [])]
    # The last look has a moment of its own before the time is up.
    assert process.time.now == OPERATION_TIME - 1


def test_the_second_post_may_be_lost_after_its_commit(account: Account) -> None:
    """It is taken over like the first."""
    account.lose(ResetBefore(), ResetAfter())
    process = account.process()
    assert [process.create()["_id"]] == account.ids
    assert (account.methods.count("POST"), len(process.warnings)) == (2, 1)


@pytest.mark.parametrize("status", [403, 409])
def test_a_second_post_that_is_refused_says_nothing_about_the_first(account: Account, status: int) -> None:
    """It is looked for once more, and then a person has to look."""
    account.lose(ResetBefore(), Answer.json(status, {"code": "refused", "message": "no"}))
    error = str(ambiguous(account.process()))
    assert f"a second request was refused: {CALL}: {status} refused: no" in error
    assert account.methods[-2:] == ["POST", "GET"]
    assert (account.methods.count("POST"), [note.given_up for note in account.notes]) == (2, [True])


@pytest.mark.parametrize("status", [403, 409])
def test_a_first_post_that_shows_up_after_a_refused_second_one_is_taken_over(account: Account, status: int) -> None:
    """The first one was committed late, just before LaunchDarkly refused the second one."""
    account.lose(ResetBefore(), Hook(account.existing, then=Answer.json(status, {"code": "refused", "message": "no"})))
    process = account.process()
    integration_id = process.create()["_id"]
    assert account.ids == [integration_id]
    assert account.methods.count("POST") == 2
    *others, warning = process.warnings
    assert len(others) == (1 if status == 409 else 0)
    assert "broke the connection" in warning
    assert warning.endswith(f" The integration was found and is taken over: {integration_id}.")
    assert [(note.created, note.given_up) for note in account.notes] == [(integration_id, False)]


def test_a_conflict_of_the_second_post_may_hide_that_it_was_committed(account: Account) -> None:
    """A proxy may have sent it twice, and the first one may still be committed: people learn that there may be two."""
    account.lose(ResetBefore(), Answer.json(409, CONFLICT, forwarded=True))
    process = account.process()
    assert [process.create()["_id"]] == account.ids
    sent_twice, taken_over = process.warnings
    assert sent_twice.startswith(f"{CALL}: sent twice, since the first request got no response. If another ")
    assert taken_over.endswith(f" The integration was found and is taken over: {account.ids[0]}.")


def test_a_look_that_fails_after_a_refused_second_post_leaves_it_to_a_person(account: Account) -> None:
    """Why the first one got no response, and why nobody could look for it."""
    refused = Answer.json(403, {"code": "forbidden", "message": "no"})
    account.lose(ResetBefore(), Hook(lambda: account.reads(refused), then=refused))
    error = str(ambiguous(account.process()))
    assert error.startswith(f"{CALL}: ")
    assert "broke the connection" in error
    assert "its stores cannot be read (403 forbidden: no)" in error


def test_ctrl_c_before_the_second_post_is_sent_leaves_it_to_the_next_run(account: Account) -> None:
    """The second one is rate limited, and never sent again."""
    process = account.process()
    limited = Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "30"})
    account.lose(ResetBefore(), account.cancel(process, limited))
    interrupted(process)
    assert (account.methods[-1], account.methods.count("POST"), account.ids) == ("POST", 2, [])
    assert [(note.created, note.given_up) for note in account.notes] == [(None, True)]


# Looks that fail.


def test_a_look_that_fails_is_repeated(account: Account) -> None:
    """As the integration may be found by the next one."""
    account.lose(ResetAfter())
    account.reads(Forward(), Answer.json(400, {"code": "x", "message": "y"}))
    process = account.process()
    assert [process.create()["_id"]] == account.ids
    assert process.time.now == 0.5


def test_looks_that_all_fail_leave_it_to_a_person(account: Account) -> None:
    """No second POST: the first one may have created it."""
    account.lose(ResetAfter())
    account.reads(Forward(), *[Answer.json(403, {"code": "forbidden", "message": "no"})] * 5)
    assert "its stores cannot be read (403 forbidden: no)" in str(ambiguous(account.process(operation_timeout=8)))
    assert account.methods.count("POST") == 1


def test_a_candidate_that_cannot_be_read_leaves_it_to_a_person(account: Account) -> None:
    """The refusal is of the read, and says nothing of the POST: the note stays for the next run."""
    account.lose(ResetAfter())
    refused = Answer.json(403, {"code": "forbidden", "message": "no"})
    account.reads(Forward(), *[Forward(), refused] * 5)
    assert "its stores cannot be read (403 forbidden: no)" in str(ambiguous(account.process(operation_timeout=8)))
    assert account.methods.count("POST") == 1
    assert [(note.created, note.given_up) for note in account.notes] == [(None, True)]


def test_a_candidate_is_read_again_at_the_next_look(account: Account) -> None:
    """As the account is listed again."""
    account.lose(ResetAfter())
    account.reads(Forward(), Forward(), Answer.json(403, {"code": "forbidden", "message": "no"}))
    assert [account.process().create()["_id"]] == account.ids


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter(), Answer.json(409, CONFLICT)])
def test_ctrl_c_ends_the_looks(account: Account, lost: Fault) -> None:
    """Nothing is sent afterwards; the note tells the next run to look."""
    process = account.process()
    account.lose(account.cancel(process, lost))
    interrupted(process)
    assert account.methods == ["GET", "POST"]
    assert [(note.created, note.given_up) for note in account.notes] == [(None, True)]


def test_ctrl_c_between_two_looks_ends_them(account: Account) -> None:
    """The wait is over at once."""
    account.lose(ResetBefore())
    process = account.process()
    process.time.on_wait = process.time.cancelled.set
    interrupted(process)
    assert account.methods == ["GET", "POST", "GET"]
