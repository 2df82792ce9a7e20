"""Creating exactly one integration, with the real client and a local LaunchDarkly behind a proxy."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from launchdarkly_pulumi.core.create import Resource
from launchdarkly_pulumi.errors import CallError, Interrupted, UnknownSecret, Unreachable, error_for_status
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from support import samples
from support.creating import DESIRED, TAKEN_OVER, Account, Document, ambiguous
from support.desired import but, redis
from support.fault_proxy import Answer, Barrier, Delay, Fault, Hook, Mangle, ResetAfter, ResetBefore
from support.runs import urn

FORBIDDEN = {"code": "forbidden", "message": "no"}


# Creates that nothing disturbs.


def test_a_create_lists_first_and_posts_once(account: Account) -> None:
    """The integration is as declared, its password included, and the note tells what came of it."""
    process = account.process()
    reached = process.reach()
    integration_id = reached.document["_id"]
    assert account.methods == ["GET", "POST"]
    assert account.ids == [integration_id]
    assert account.has(integration_id, DESIRED)
    assert (reached.desired, reached.compared) == (DESIRED, True)
    [note] = account.notes
    assert (note.urn, note.created, note.given_up, note.known) == (urn(), integration_id, False, None)
    assert (process.warnings, process.time.now) == ([], 0)


def test_one_listing_serves_every_create_of_a_run(account: Account) -> None:
    """Also of several workers at once."""
    process = account.process()
    names = [f"Store {number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(lambda name: process.create(redis(name=name), name), names))
    assert {document["_id"] for document in documents} == set(account.ids)
    assert account.methods == ["GET"] + ["POST"] * 8


def test_equal_integrations_may_be_created_one_after_another(account: Account) -> None:
    """LaunchDarkly allows them, and so they are two."""
    process = account.process()
    assert {process.create(name="a")["_id"], process.create(name="b")["_id"]} == set(account.ids)
    assert (len(account.ids), account.methods) == (2, ["GET", "POST", "POST"])


def test_a_secret_that_only_launchdarkly_knows_is_not_created(account: Account) -> None:
    """Reported before anything is sent."""
    with pytest.raises(UnknownSecret, match=r"config\.password was set outside of Pulumi"):
        account.process().create(redis(config={"password": REPLACED_OUTSIDE}))
    assert account.methods == []


def test_without_a_resource_s_name_no_note_is_kept(account: Account) -> None:
    """The integration is created all the same, and people know."""
    process = account.process()
    process.run.writers.creator.create(Resource(""), DESIRED, process.run.session.deadline)
    assert (len(account.ids), account.notes) == (1, [])
    assert process.warnings == [
        "Pulumi does not report which resource is created: a create that is cut off will not be recognized."
    ]


@pytest.mark.parametrize("is_cut_off", [False, True], ids=["a lost response", "cut off"])
def test_each_call_of_a_create_has_its_deadline(account: Account, is_cut_off: bool) -> None:
    """Also those that look for what was left behind; but not the listing of the run, which has a share of it."""
    leave = account.kill if is_cut_off else account.lose
    leave(ResetAfter())
    process = account.process()
    deadline = process.run.session.deadline()
    deadlines = process.reach_within(deadline)
    assert account.methods == (["GET", "GET", "GET", "GET", "PATCH"] if is_cut_off else TAKEN_OVER)
    assert deadlines[1:] == [deadline] * (len(account.methods) - 1)


# What LaunchDarkly answers to the POST.


@pytest.mark.parametrize("config", [None, {}, [], "x", 5])
def test_a_response_without_a_config_proves_none(account: Account, config: Any) -> None:
    """The ID is kept, and the next preview compares."""
    account.lose(Mangle(lambda document: document | {"config": config}))
    process = account.process()
    reached = process.reach()
    assert [reached.document["_id"]] == account.ids
    assert (reached.desired, reached.compared, process.warnings) == (DESIRED, False, [])


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"config": {"host": "other.example.com", "port": "1"}}, "config.host, config.port"),
        ({"config": {"password": "oth********er!"}}, "config.password"),
        ({"on": False, "name": "Another"}, "name, on"),
        ({"tags": [["nested"]]}, "tags"),
        ({"config": {"port": {"a": [1, {"b": "\ud800"}]}}}, "config.port"),
    ],
)
def test_a_response_with_other_values_is_told(account: Account, changes: Document, fields: str) -> None:
    """The ID is kept, the fields are named, no value is shown, and nothing counts as compared."""

    def changed(document: Document) -> Document:
        return document | changes | {"config": document["config"] | changes.get("config", {})}

    account.lose(Mangle(changed))
    process = account.process()
    reached = process.reach()
    [integration_id] = account.ids
    assert (reached.document["_id"], reached.desired, reached.compared) == (integration_id, DESIRED, False)
    assert process.warnings == [
        f"POST default/production/redis: LaunchDarkly created {integration_id} with other values than asked for: "
        f"{fields}. The next preview shows them."
    ]


def test_a_response_that_cannot_be_compared_proves_nothing(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a foreign value does to the comparison: the ID is kept, and the next preview compares."""

    def too_deep(*_: Any) -> None:
        raise RecursionError

    monkeypatch.setattr("launchdarkly_pulumi.model.diff.changes", too_deep)
    reached = account.process().reach()
    assert [reached.document["_id"]] == account.ids
    assert (reached.desired, reached.compared) == (DESIRED, False)


@pytest.mark.parametrize("kind", [None, "another"])
def test_the_mask_in_a_response_is_one_of_the_kind_that_was_asked_for(account: Account, kind: str | None) -> None:
    """Whatever kind the response names."""
    account.lose(Mangle(lambda document: document | {"integrationKey": kind}))
    process = account.process()
    assert (process.reach().compared, process.warnings) == (True, [])


# The POST is refused.


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_told_at_once(account: Account, status: int) -> None:
    """It created nothing: no look, no wait, no second POST, and no note."""
    account.lose(Answer.json(status, {"code": "refused", "message": "no"}))
    process = account.process()
    with pytest.raises(error_for_status(status), match=f"{status} refused: no"):
        process.create()
    assert (account.methods, process.time.now, account.notes) == (["GET", "POST"], 0, [])


def test_a_rate_limit_is_waited_for(account: Account) -> None:
    """LaunchDarkly did nothing: the POST is sent again, without a look."""
    account.lose(Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "3"}))
    process = account.process()
    assert [process.create()["_id"]] == account.ids
    assert account.methods == ["GET", "POST", "POST"]
    assert 3 <= process.time.now < 4


def test_ctrl_c_during_a_rate_limit_ends_it(account: Account) -> None:
    """No second POST, and no note: LaunchDarkly did nothing."""
    account.lose(Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "30"}))
    process = account.process()
    process.time.on_wait = process.time.cancelled.set
    with pytest.raises(Interrupted, match=r"^interrupted: "):
        process.create()
    assert (account.methods, account.ids, account.notes) == (["GET", "POST"], [], [])


def test_a_cancelled_run_creates_nothing(account: Account) -> None:
    """Whatever was asked of it before."""
    process = account.process()
    process.time.cancelled.set()
    with pytest.raises(Interrupted):
        process.create()
    assert ("POST" in account.methods, account.ids, account.notes) == (False, [], [])


def test_a_refused_connection_is_tried_again(account: Account) -> None:
    """Nothing was sent, so nothing has to be looked for."""
    process = account.process()
    process.create(name="a")
    account.proxy.clear_requests()
    account.proxy.stop_listening()
    process.time.on_wait = account.proxy.start_listening
    process.create(redis(name="Second"), "b")
    assert (account.methods, len(account.ids), process.warnings) == (["POST"], 2, [])


def test_a_connection_that_stays_refused_is_told(account: Account) -> None:
    """The create certainly did nothing, and no note says otherwise."""
    process = account.process()
    process.create(name="a")
    account.proxy.stop_listening()
    with pytest.raises(Unreachable, match=r"^POST default/production/redis: .* cannot be reached") as error:
        process.create(redis(name="Second"), "b")
    assert not error.value.outcome_unknown
    assert (account.methods, [note.urn for note in account.notes]) == (["GET", "POST"], [urn("a")])


# The account cannot be listed.


def test_a_token_that_may_not_list_may_create(account: Account) -> None:
    """One look, which is refused, and one POST for each create."""
    account.reads(Answer.json(403, FORBIDDEN))
    process = account.process()
    ids = [process.create(name="a")["_id"], process.create(redis(name="Second"), "b")["_id"]]
    assert ids == account.ids
    assert (account.methods, process.warnings) == (["GET", "POST", "POST"], [])


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter(), Answer.html(502)])
def test_without_a_listing_a_person_has_to_look(account: Account, lost: Fault) -> None:
    """A lost response is an error that says so and why; nothing more is sent, and the note stays."""
    account.reads(Answer.json(403, FORBIDDEN))
    account.lose(lost)
    process = account.process()
    with pytest.raises(CallError, match=r"its stores could not be listed before \(.*403 forbidden: no") as error:
        process.create()
    assert error.value.outcome_unknown
    assert error.value.advice.startswith("Look in LaunchDarkly, and delete what the lost request left behind")
    assert (account.methods, process.time.now, process.warnings) == (["GET", "POST"], 0, [])
    assert [(note.given_up, note.known) for note in account.notes] == [(True, None)]


def test_a_listing_that_takes_long_holds_no_create_up(account: Account) -> None:
    """A tenth of the create's time is what it may take."""
    account.reads(Delay(60))
    process = account.process(operation_timeout=1)
    assert [process.create()["_id"]] == account.ids
    account.proxy.release()


def test_where_the_listing_took_too_long_a_person_has_to_look(account: Account) -> None:
    """Nobody knows what was there before the POST whose response is lost."""
    account.reads(Delay(60))
    account.lose(ResetAfter())
    error = ambiguous(account.process(operation_timeout=1))
    account.proxy.release()
    assert "its stores could not be listed before (it took too long)" in str(error)


def test_without_a_connection_nothing_is_created(account: Account) -> None:
    """The POST is what fails, and it certainly did nothing."""
    account.proxy.stop_listening()
    with pytest.raises(Unreachable, match=r"^POST default/production/redis: .* cannot be reached"):
        account.process().create()
    assert (account.methods, account.notes) == ([], [])


# Several at once.


def test_creates_that_can_be_told_apart_go_on_together(account: Account) -> None:
    """Ten in one place, with names of their own: the barrier opens only for all of them."""
    account.lose(Barrier(10))
    process = account.process()
    names = [f"Store {number}" for number in range(10)]
    with ThreadPoolExecutor(10) as workers:
        made = list(workers.map(lambda name: process.create(redis(name=name), name), names))
    assert sorted(each["_id"] for each in made) == sorted(account.ids)
    assert account.methods.count("GET") == 1


@pytest.mark.parametrize(
    "other",
    [redis(), redis(config={"host": "other.example.com"}), but(redis(), name=None)],
    ids=["equal", "another host", "no name"],
)
def test_creates_that_look_alike_wait_for_each_other(account: Account, other: Desired) -> None:
    """Both responses are lost: each finds its own integration, since the other one was not under way yet."""
    account.lose(ResetAfter(), ResetAfter())
    process = account.process()
    both = [redis(), other]
    with ThreadPoolExecutor(2) as workers:
        made = list(workers.map(process.create, both, ["a", "b"]))
    assert sorted(each["_id"] for each in made) == sorted(account.ids)
    assert len(account.ids) == 2


def test_a_create_that_waits_for_another_one_heeds_ctrl_c(account: Account) -> None:
    """The one that is under way is still awaited; the other one sends nothing."""
    process = account.process()
    failed = threading.Event()
    noticed: list[bool] = []
    account.lose(Hook(process.time.cancelled.set, then=Hook(lambda: noticed.append(failed.wait(30)))))
    with ThreadPoolExecutor(2) as workers:
        both = [workers.submit(process.create, redis(), name) for name in ("a", "b")]
        for each in both:
            each.add_done_callback(lambda done: failed.set() if done.exception() else None)
        errors = [each.exception() for each in both]
    assert ([type(error) for error in errors if error], noticed) == ([Interrupted], [True])
    assert (len(account.ids), account.methods) == (1, ["GET", "POST"])


def test_a_note_holds_no_secret(account: Account) -> None:
    """Neither the password nor the token is in its name or its text, however the create ends."""
    account.kill(ResetAfter(), redis(_secrets=["tags"], tags=["kanarienvogel-tag"]))
    account.process().create_and_end(redis(name="Second"), "b")
    told = "".join(path.name + path.read_text(encoding="utf-8") for path in account.note_files)
    assert len(account.notes) == 2
    assert [secret for secret in (samples.PASSWORD, samples.TOKEN, "kanarienvogel") if secret in told] == []
