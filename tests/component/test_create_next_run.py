"""What a create that was cut off has left behind is found by the next process, and nobody else's is taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import tzset

import pytest

from launchdarkly_pulumi.core.create import Resource
from launchdarkly_pulumi.core.look_alikes import intent_of
from launchdarkly_pulumi.errors import AmbiguousCreate, Interrupted
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import create_body
from launchdarkly_pulumi.model.fields import path_of
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.creating import DESIRED, Account, Document, Process, ambiguous, interrupted
from support.desired import dynamodb, redis
from support.fault_proxy import Answer, FaultProxy, Forward, ResetAfter, ResetBefore
from support.runs import EPOCH, urn

CUT_OFF = "POST default/production/redis: an earlier update was cut off at 2024-06-01T17:30:00Z"
LOOK_AT_IT = "Look at it in LaunchDarkly, and delete it there if it is not needed"
OTHER_TOKEN = "api-another-token-0123456789"


def left_behind(account: Account, **changes: Document) -> str:
    """The ID of what a process that was killed has created."""
    account.kill(ResetAfter(), redis(**changes))
    [integration_id] = account.ids
    return integration_id


# The same declaration.


def test_what_a_killed_process_has_created_is_taken_over_by_the_next(account: Account) -> None:
    """With a warning, without a POST, with the declared password, and the note says so."""
    found = left_behind(account)
    process = account.process()
    reached = process.reach()
    assert (reached.document["_id"], reached.desired, reached.compared) == (found, DESIRED, True)
    assert account.methods == ["GET", "GET", "GET", "GET", "PATCH"]
    assert process.warnings == [
        "POST default/production/redis: an earlier update was cut off. "
        f"The integration was found and is taken over: {found}."
    ]
    assert [(note.created, note.given_up) for note in account.notes] == [(found, False)]


def test_the_password_was_rotated_in_the_program_meanwhile(account: Account) -> None:
    """To one with the same mask: LaunchDarkly has the new one afterwards."""
    left_behind(account)
    rotated = redis(config={"password": f"{samples.PASSWORD[:3]}-new-{samples.PASSWORD[-3:]}"})
    document = account.process().create(rotated)
    assert account.has(document["_id"], rotated)
    assert len(account.ids) == 1


def test_after_a_killed_process_that_created_nothing_the_next_one_does(account: Account) -> None:
    """Also where an equal integration was there before either of them."""
    before = account.existing()
    account.kill(ResetBefore())
    process = account.process()
    document = process.create()
    assert account.ids == [before, document["_id"]]
    assert process.warnings == []


def test_a_create_that_ended_without_knowing_is_cut_off_too(account: Account) -> None:
    """Its process lives on, and a person was told: the next update finds what is there."""
    process = account.process()
    account.lose(account.cancel(process, ResetAfter()))
    interrupted(process)
    [found] = account.ids
    assert account.process().create()["_id"] == found


def test_two_that_may_be_it_are_left_to_a_person(account: Account) -> None:
    """Both are named, and nothing is sent."""
    left_behind(account)
    account.existing()
    account.proxy.clear_requests()
    with pytest.raises(AmbiguousCreate) as error:
        account.process().create()
    assert all(each in str(error.value) for each in account.ids)
    assert set(account.methods) == {"GET"}


def test_what_the_killed_process_had_created_before_is_known(account: Account) -> None:
    """Its own IDs are in the note: the listing is older than they are."""
    account.lose(Forward(), ResetBefore())
    process = account.process(operation_timeout=1)
    first = process.create(name="a")["_id"]
    process.time.on_wait = process.time.cancelled.set
    with pytest.raises(AmbiguousCreate):
        process.create(name="b")
    [note] = [note for note in account.notes if note.urn == urn("b")]
    assert note.known == [first]
    # Its own note would tell the same, for a day.
    account.note_files[[each.urn for each in account.notes].index(urn("a"))].unlink()
    assert account.process().create(name="b")["_id"] != first


def test_what_others_have_created_is_theirs(account: Account) -> None:
    """Another resource on this machine got its own since."""
    account.kill(ResetBefore(), name="a")
    other = account.process().create_and_end(name="b")
    assert account.process().create(name="a")["_id"] != other["_id"]


def test_a_create_that_ended_well_leaves_nothing_to_take_over(account: Account) -> None:
    """The stack may forget a store on purpose: the next create makes another, and names the first one."""
    first = account.process().create_and_end()
    process = account.process(stores={})
    assert process.create()["_id"] != first["_id"]
    assert len(account.ids) == 2
    assert process.warnings == [
        "POST default/production/redis: an earlier create of this resource, begun at 2024-06-01T17:30:00Z, has created "
        f"{first['_id']}, which the stack does not have. Unless another stack has it, it is one too many: "
        "delete it in LaunchDarkly."
    ]


@pytest.mark.parametrize("owner", ["store", "other"])
def test_what_the_stack_has_of_an_earlier_create_is_not_named(account: Account, owner: str) -> None:
    """As the store that is being replaced, and one that has moved to another resource."""
    first = account.process().create_and_end()
    id_ = IntegrationId("default", "production", "redis", first["_id"])
    process = account.process(stores={urn(owner): id_})
    assert process.create()["_id"] != first["_id"]
    assert process.warnings == []


def test_what_a_run_has_met_of_an_earlier_create_is_not_named(account: Account) -> None:
    """Where nobody can read the state."""
    first = account.process().create_and_end()
    process = account.process()
    process.run.owners.note(urn(), IntegrationId("default", "production", "redis", first["_id"]))
    assert process.create()["_id"] != first["_id"]
    assert process.warnings == []


def test_what_is_gone_of_an_earlier_create_is_not_named(account: Account) -> None:
    """It was destroyed, and is created again."""
    first = account.process().create_and_end()
    account.emulator.remove(first["_id"])
    process = account.process(stores={})
    process.create()
    assert process.warnings == []


def test_without_a_listing_an_earlier_create_is_not_named(account: Account) -> None:
    """What it has made may be gone."""
    account.process().create_and_end()
    account.reads(Answer.json(403, {"code": "forbidden", "message": "no"}))
    process = account.process(stores={})
    process.create()
    assert (len(account.ids), process.warnings) == (2, [])


def test_what_an_earlier_create_has_made_in_another_account_is_not_named(account: Account) -> None:
    """The same ID in this one is somebody else's."""
    first = account.process(access_token="another").create_and_end()
    process = account.process(stores={})
    assert process.create()["_id"] != first["_id"]
    assert process.warnings == []


# Another declaration.


@pytest.mark.parametrize(
    "corrected",
    [
        redis(config={"host": "corrected.example.com"}),
        redis(name="Corrected"),
        redis(on=False),
        redis(environment_key="staging"),
        redis(project_key="other"),
    ],
    ids=["host", "name", "on", "environment", "project"],
)
def test_after_a_correction_what_was_left_behind_is_named(account: Account, corrected: Desired) -> None:
    """The note is found by the resource. What it left behind may hold a live password: its ID, and what to do."""
    found = left_behind(account)
    process = account.process()
    document = process.create(corrected)
    assert account.ids == [found, document["_id"]]
    [warning] = process.warnings
    assert warning.partition(": ")[2] == (
        f"{CUT_OFF.partition(': ')[2]}, and may have left this behind, which is not what is declared now. "
        f"{LOOK_AT_IT}: {found}."
    )


def test_what_is_new_where_the_cut_off_create_was_not_is_nobodys_of_this_stack(account: Account) -> None:
    """Somebody has made the very store there that is declared now: the create that was cut off asked for another."""
    account.kill(ResetBefore())
    elsewhere = redis(environment_key="staging")
    theirs = account.existing(environment_key="staging")
    process = account.process()
    assert process.create(elsewhere)["_id"] != theirs
    assert process.warnings == []


@pytest.mark.parametrize("key", ["project_key", "environment_key"])
def test_a_note_has_the_stores_that_have_its_keys(account: Account, key: str) -> None:
    """No other one can be what its create makes; an account has thousands."""
    here = account.existing(name="here")
    account.existing(**{"name": "there", key: "other"})
    account.kill(ResetBefore())
    assert [note.known for note in account.notes] == [[here]]


@pytest.mark.parametrize("made", ["before", "since"])
def test_of_a_key_that_is_a_secret_a_note_knows_nothing(account: Account, made: str) -> None:
    """The one that is declared now stands for it: what is elsewhere is not named, and what was there is not taken."""
    secret = replace(DESIRED, secret=frozenset({path_of("environment_key")}))
    theirs = account.existing() if made == "before" else ""
    account.kill(ResetBefore(), secret)
    theirs = theirs or account.existing(environment_key="staging")
    process = account.process()
    assert process.create(secret)["_id"] != theirs
    assert process.warnings == []


def test_of_two_left_behind_the_declared_one_is_taken_over(account: Account) -> None:
    """No word about the other one, which somebody has made."""
    found = left_behind(account)
    account.existing(config={"host": "other.example.com"})
    process = account.process()
    assert process.create()["_id"] == found
    assert len(process.warnings) == 1


def test_another_kind_of_store_in_the_same_place_is_named_as_well(account: Account) -> None:
    """A resource's kind may be corrected too."""
    found = left_behind(account)
    process = account.process()
    process.create(dynamodb())
    assert [found in warning for warning in process.warnings] == [True]


# Another resource, another stack, another account.


@pytest.mark.parametrize("how", ["hold", "ask", "gain", "state"])
def test_what_another_resource_has_is_never_taken_over(account: Account, how: str) -> None:
    """Somebody made it by hand after the create that was cut off, and another resource has adopted it since."""
    account.kill(ResetBefore(), name="a")
    theirs = account.existing()
    id_ = IntegrationId("default", "production", "redis", theirs)
    process = account.process(stores={urn("b"): id_} if how == "state" else None)
    if how != "state":
        getattr(process.run.owners, how)(urn("b"), id_)
    assert process.create(name="a")["_id"] != theirs


def test_what_the_resource_itself_asks_for_may_be_its_own(account: Account) -> None:
    """The state does not name it for another one."""
    found = left_behind(account)
    id_ = IntegrationId("default", "production", "redis", found)
    process = account.process(stores={urn(): id_})
    process.run.owners.note(urn(), id_)
    assert process.create()["_id"] == found


@pytest.mark.parametrize("other", [urn("other"), urn("store", "staging")], ids=["resource", "stack"])
def test_a_note_is_for_one_resource_of_one_stack(account: Account, other: str) -> None:
    """What was left behind is not another's."""
    found = left_behind(account)
    process = account.process()
    reached = process.run.writers.creator.create(Resource(other), DESIRED, process.run.session.deadline)
    assert reached.document["_id"] != found
    assert process.warnings == []


def test_a_note_is_for_one_organization(account: Account) -> None:
    """Two of them may have a stack and a project of the same names."""
    found = left_behind(account)
    process = account.process()
    reached = process.run.writers.creator.create(Resource(urn(), "acme"), DESIRED, process.run.session.deadline)
    assert reached.document["_id"] != found


def test_another_token_s_is_named_and_never_taken_over(account: Account) -> None:
    """It may be another account, where the look-alike was there for long."""
    account.kill(ResetAfter(), access_token=OTHER_TOKEN)
    [found] = account.ids
    process = account.process()
    assert process.create()["_id"] != found
    assert process.warnings == [
        f"{CUT_OFF}, with another access token or host. Look there for what it may have left behind.",
        f"{CUT_OFF}, and may have left this behind, which is not what is declared now. {LOOK_AT_IT}: {found}.",
    ]


def test_another_host_s_is_never_taken_over(account: Account) -> None:
    """The same with the same token."""
    found = left_behind(account)
    with FaultProxy(account.emulator.url) as elsewhere:
        process = Process(elsewhere.url, account.folder)
        assert process.create()["_id"] != found
    assert "with another access token or host" in process.warnings[0]


# The account cannot be listed.


def test_without_a_listing_before_nothing_is_taken_over(account: Account) -> None:
    """Nobody knows what was there before: everything alike is named."""
    account.reads(Answer.json(403, {"code": "forbidden", "message": "no"}))
    account.lose(ResetAfter())
    process = account.process()
    ambiguous(process)
    [found] = account.ids
    process = account.process()
    assert process.create()["_id"] != found
    assert [found in warning for warning in process.warnings] == [True]


def test_without_a_listing_now_the_create_goes_on(account: Account) -> None:
    """A token that may not list is told where to look."""
    left_behind(account)
    account.reads(Answer.json(403, {"code": "forbidden", "message": "no"}))
    process = account.process()
    process.create()
    assert process.warnings == [
        f"{CUT_OFF}, and the stores cannot be listed. Look in LaunchDarkly for what it may have left behind."
    ]
    assert len(account.ids) == 2


# Notes that are of no use.


@pytest.mark.parametrize("text", ['"abc"', '{"a": 1}', "[1, 2]", "", "\0", "null"])
def test_a_note_that_cannot_be_believed_is_told_and_not_used(account: Account, text: str) -> None:
    """It does not mean that nothing was there before: what is there may be anybody's."""
    found = left_behind(account)
    account.note_files[0].write_text(text, encoding="utf-8")
    process = account.process()
    assert process.create()["_id"] != found
    [warning] = process.warnings
    assert warning.startswith(f"The note of a create, {account.note_files[0]}, cannot be read: ")
    assert warning.endswith(" It is not used. Look for what that create left behind.")


def test_where_no_note_can_be_kept_the_create_goes_on(account: Account) -> None:
    """Reported once: the folder is a file."""
    account.folder.joinpath("notes").write_text("", encoding="utf-8")
    process = account.process()
    process.create(name="a")
    process.create(redis(name="Second"), "b")
    [warning] = process.warnings
    assert warning.startswith(f"No note of a create can be kept in {account.folder}: ")
    assert len(account.ids) == 2


# A process that is at it.


def test_another_process_that_creates_the_same_resource_is_waited_for(account: Account) -> None:
    """What it creates is found, as its note tells, beside what others create; it is not created twice."""
    other, process = account.process(), account.process()
    first: list[Document] = []
    note = other.run.writers.notes.begin("", urn(), intent_of(DESIRED), set())

    def ends() -> None:
        if not first:
            first.append(account.emulator.outside_create("default", "production", "redis", **create_body(DESIRED)))
            other.run.writers.notes.end("", note, first[0]["_id"])
            account.existing()

    process.time.on_wait = ends
    assert process.create()["_id"] == first[0]["_id"]
    assert process.time.waits == [0.5]


def test_another_process_that_never_ends_is_not_waited_for_for_ever(account: Account) -> None:
    """When the time is up the error tells since when it has been at it; nothing was sent."""
    other = account.process()
    other.run.writers.notes.begin("", urn(), intent_of(DESIRED), set())
    process = account.process(operation_timeout=3)
    with pytest.raises(AmbiguousCreate) as error:
        process.create()
    assert str(error.value).splitlines() == [
        "POST default/production/redis: another process has been creating it since 2024-06-01T17:30:00Z",
        "  Run again later.",
    ]
    assert (account.methods, process.time.now) == ([], 3)


@pytest.fixture
def _east_of_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "EAST-9")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


@pytest.mark.usefixtures("_east_of_utc")
def test_a_time_is_told_in_utc(account: Account) -> None:
    """As it says, wherever the machine is."""
    account.kill(ResetAfter(), access_token=OTHER_TOKEN)
    process = account.process()
    process.create()
    assert process.warnings[0].startswith(CUT_OFF)


@pytest.mark.parametrize("time", [1e300, -1e300, float("nan"), float("inf")])
def test_a_time_that_is_none_is_told_as_such(account: Account, time: float) -> None:
    """A note may hold any number."""
    left_behind(account)
    [path] = account.note_files
    path.write_text(path.read_text(encoding="utf-8").replace(str(EPOCH), str(time).title().replace("E", "e")))
    process = account.process()
    process.create(redis(name="Corrected"))
    assert "was cut off at a time that is not known" in process.warnings[0] or "cannot be read" in process.warnings[0]


def test_ctrl_c_ends_the_wait_for_another_process(account: Account) -> None:
    """And nothing is sent."""
    other = account.process()
    other.run.writers.notes.begin("", urn(), intent_of(DESIRED), set())
    process = account.process()
    process.time.on_wait = process.time.cancelled.set
    with pytest.raises(Interrupted):
        process.create()
    assert account.methods == []
