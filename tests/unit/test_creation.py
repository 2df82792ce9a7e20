"""Creating exactly one integration, with the real client and a local LaunchDarkly behind a proxy that loses answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from launchdarkly_pulumi.journal import Journal

from launchdarkly_pulumi.client import Client
from launchdarkly_pulumi.creation import SETTLING_TIME, Creator
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import CallError, UnknownSecret, Unreachable, UnreadableAnswer, error_for_status
from launchdarkly_pulumi.models import REPLACED_OUTSIDE, create_body
from launchdarkly_pulumi.reading import Listing
from launchdarkly_pulumi.redaction import Redactor
from launchdarkly_pulumi.retry import Clock, Deadline
from launchdarkly_pulumi.settings import Settings
from support import samples
from support.fault_proxy import (
    Answer,
    Barrier,
    CutAnswer,
    Fault,
    FaultProxy,
    Forward,
    Hook,
    Mangle,
    Refuse,
    ResetAfter,
    ResetBefore,
    without_id,
)

Document = dict[str, Any]


def redis(**changes: Any) -> Document:
    """Checked inputs of the Redis sample."""
    return samples.redis(integration_key="redis", **changes)


INPUTS = redis()
FORBIDDEN = {"code": "forbidden", "message": "no"}


class Killed(BaseException):
    """Ends a run as a signal would."""


class Run:
    """One run of Pulumi, whose time passes only while it waits."""

    def __init__(self, proxy: FaultProxy, notes: Path) -> None:
        self.now = 0.0
        self.warnings: list[str] = []
        self.on_wait: Callable[[], object] = lambda: None
        self._clock = Clock(monotonic=lambda: self.now, sleep=self._wait)
        settings = Settings(access_token=samples.TOKEN, base_url=proxy.url)
        # The port is another one after a restart; the notes are about the account behind it.
        journal = Journal("account", notes)
        client = Client(settings, Redactor(), self._clock)
        self._creator = Creator(client, Listing(client), self.warnings.append, journal, self._clock)

    def create(self, inputs: Document = INPUTS) -> Document:
        """Creates an integration within two minutes."""
        return dict(self._creator.create(inputs, Deadline(120, self._clock)))

    def _wait(self, seconds: float) -> None:
        self.now += seconds
        self.on_wait()


class Account:
    """An account behind a proxy, and the folder where runs leave notes."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, notes: Path) -> None:
        self.emulator, self.proxy, self._notes = emulator, proxy, notes

    def run(self) -> Run:
        """Another run on the same machine."""
        return Run(self.proxy, self._notes)

    def lose(self, *faults: Fault) -> None:
        """What happens to the next POSTs."""
        self.proxy.inject(*faults, method="POST")

    def listing(self, *faults: Fault) -> None:
        """What happens to the next listings."""
        self.proxy.inject(*faults, method="GET")

    def existing(self, **changes: Any) -> str:
        """Somebody else creates an integration; its ID."""
        return str(
            self.emulator.outside_create("default", "production", "redis", **create_body(redis(**changes)))["_id"]
        )

    @property
    def ids(self) -> list[str]:
        """The integrations that there are."""
        return list(self.emulator.integrations)

    @property
    def notes(self) -> list[Path]:
        """What is remembered for another run."""
        return list(self._notes.glob("*"))

    @property
    def methods(self) -> list[str]:
        """The requests that the proxy has read so far."""
        return [request.method for request in self.proxy.requests]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def launchdarkly() -> Iterator[Emulator]:
    """A local LaunchDarkly."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def account(launchdarkly: Emulator, tmp_path: Path) -> Iterator[Account]:
    """An empty account; every fault that a test injects has to happen."""
    for integration_id in launchdarkly.integrations:
        launchdarkly.remove(integration_id)
    with FaultProxy(launchdarkly.url) as proxy:
        yield Account(launchdarkly, proxy, tmp_path / "creates")
        assert proxy.clear() == []


# Creates that nothing disturbs.


def test_a_create_lists_first_and_posts_once(account: Account) -> None:
    """The integration is as declared, its password included, and no note stays."""
    run = account.run()
    document = run.create()
    assert account.methods == ["GET", "POST"]
    assert account.ids == [document["_id"]]
    assert account.emulator.stored_config(document["_id"]) == create_body(INPUTS)["config"]
    assert (account.notes, run.warnings, run.now) == ([], [], 0)


def test_one_listing_serves_every_create_of_a_run(account: Account) -> None:
    """Also of several workers at once."""
    run = account.run()
    with ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(run.create, [redis(name=f"Store {number}") for number in range(8)]))
    assert {document["_id"] for document in documents} == set(account.ids)
    assert account.methods == ["GET"] + ["POST"] * 8


def test_equal_integrations_may_be_created_one_after_another(account: Account) -> None:
    """LaunchDarkly allows them, and so they are two."""
    run = account.run()
    assert {run.create()["_id"], run.create()["_id"]} == set(account.ids)
    assert (len(account.ids), account.methods) == (2, ["GET", "POST", "POST"])


def test_a_secret_that_only_launchdarkly_knows_is_not_created(account: Account) -> None:
    """Told before anything is sent."""
    with pytest.raises(UnknownSecret, match=r"config\.password was set outside of Pulumi"):
        account.run().create(redis(config={"password": REPLACED_OUTSIDE}))
    assert account.methods == []


# The answer is lost after the POST was committed.

CUT = {f"cut at {offset}": CutAnswer(offset) for offset in (0, 1, 9, 13, 17, 18, 40, 100, -400, -100, -2, -1)}
BROKEN = {
    "reset": ResetAfter(),
    "502 page": Answer.html(502, forwarded=True),
    "504 page": Answer.html(504, forwarded=True),
    "500": Answer.json(500, {"code": "internal", "message": "oops"}, forwarded=True),
    "503": Answer.json(503, {"code": "unavailable", "message": "later"}, {"Retry-After": "1"}, forwarded=True),
    "409": Answer.json(409, {"code": "conflict", "message": "there is one"}, forwarded=True),
    "truncated JSON": Answer(201, {"Content-Type": "application/json"}, b'{"_id": "57c0ffee', forwarded=True),
    "empty": Answer(201, forwarded=True),
    "page": Answer.html(201, forwarded=True),
    "list": Answer.json(201, [], forwarded=True),
    "no ID": Mangle(without_id),
    "not gzip": Answer(201, {"Content-Encoding": "gzip"}, b"plain", forwarded=True),
}


@pytest.mark.parametrize("fault", [*CUT.values(), *BROKEN.values()], ids=[*CUT, *BROKEN])
def test_what_a_lost_answer_leaves_behind_is_taken_over(account: Account, fault: Fault) -> None:
    """One POST, one integration, one warning that names it, and no wait where it is listed at once."""
    account.lose(fault)
    run = account.run()
    document = run.create()
    assert account.ids == [document["_id"]]
    assert account.methods == ["GET", "POST", "GET"]
    assert (len(run.warnings), run.now, account.notes) == (1, 0, [])
    assert run.warnings[0].startswith("POST default/production/redis: ")
    assert run.warnings[0].endswith(f" The integration was found and is taken over: {document['_id']}.")


@pytest.mark.parametrize("looks", [1, 3, 5])
def test_an_integration_may_take_time_to_be_listed(account: Account, looks: int) -> None:
    """It is looked for again, up to the tenth second, before a second POST is thought of."""
    account.lose(ResetAfter())
    account.listing(Forward(), *[Mangle(lambda listing: listing | {"items": []})] * looks)
    run = account.run()
    assert [run.create()["_id"]] == account.ids
    assert account.methods == ["GET", "POST"] + ["GET"] * (looks + 1)
    assert run.now == [0, 0.5, 1.5, 3.5, 7.5, 10][looks]


def test_what_was_taken_over_is_taken_over_once(account: Account) -> None:
    """The next create of the same makes its own, also when its own answer is lost."""
    run = account.run()
    account.lose(ResetAfter(), ResetAfter())
    assert [run.create()["_id"], run.create()["_id"]] == account.ids
    assert len(run.warnings) == 2


# The POST is lost before it was committed.


@pytest.mark.parametrize(
    "fault",
    [
        ResetBefore(),
        Refuse(),
        Answer.html(502),
        Answer.json(500, {"code": "internal", "message": "oops"}),
        Answer.json(409, {"code": "conflict", "message": "there is one"}),
        Answer.html(200),
    ],
    ids=lambda fault: f"{fault.kind} {getattr(fault, 'status', '')}".strip(),
)
def test_a_post_that_left_nothing_behind_is_sent_once_more(account: Account, fault: Fault) -> None:
    """After ten seconds in which nothing has shown up."""
    account.lose(fault)
    run = account.run()
    document = run.create()
    assert account.ids == [document["_id"]]
    assert account.methods == ["GET", "POST"] + ["GET"] * 6 + ["POST"]
    assert SETTLING_TIME <= run.now < SETTLING_TIME + 1
    assert (run.warnings, account.notes) == ([], [])


def test_there_is_no_third_post(account: Account) -> None:
    """Lost twice it is an error, which does not know what became of it; the note stays."""
    account.lose(ResetBefore(), ResetBefore())
    run = account.run()
    with pytest.raises(Unreachable, match=r"^POST default/production/redis: .* broke the connection") as error:
        run.create()
    assert error.value.outcome_unknown
    assert (account.methods.count("POST"), account.ids, len(account.notes)) == (2, [], 1)
    assert run.now >= 2 * SETTLING_TIME


def test_the_second_post_may_be_lost_after_its_commit(account: Account) -> None:
    """It is taken over like the first."""
    account.lose(ResetBefore(), ResetAfter())
    run = account.run()
    assert [run.create()["_id"]] == account.ids
    assert (account.methods.count("POST"), len(run.warnings)) == (2, 1)


# Which integration it is.


@pytest.mark.parametrize("lost", [ResetAfter(), Answer.json(409, {"code": "c", "message": "m"}, forwarded=True)])
def test_several_that_may_be_it_are_told(account: Account, lost: Fault) -> None:
    """Somebody else creates an equal one at this very moment: the error names both, and nothing more is sent."""
    account.lose(Hook(account.existing, then=lost))
    run = account.run()
    with pytest.raises(UnreadableAnswer, match="It is not known whether the integration was created") as error:
        run.create()
    assert [integration_id in str(error.value) for integration_id in account.ids] == [True, True]
    assert "delete what the lost request left behind" in error.value.advice
    assert (account.methods, run.warnings) == (["GET", "POST", "GET"], [])


@pytest.mark.parametrize(
    "other", [{"name": "Another"}, {"on": False}, {"tags": []}, {"tags": ["managed-by-pulumi", "and another"]}]
)
def test_a_new_integration_that_differs_is_not_taken_over(account: Account, other: Document) -> None:
    """It is somebody else's."""
    account.lose(Hook(lambda: account.existing(**other), then=ResetBefore()))
    run = account.run()
    document = run.create()
    assert account.ids[1:] == [document["_id"]]
    assert run.warnings == []


@pytest.mark.parametrize(
    "place", [("other", "production", "redis"), ("default", "other", "redis"), ("default", "production", "dynamodb")]
)
def test_a_new_integration_in_another_place_is_not_taken_over(account: Account, place: tuple[str, str, str]) -> None:
    """Projects, environments and kinds are apart."""
    kind = samples.dynamodb(integration_key="dynamodb") if place[2] == "dynamodb" else INPUTS
    body = create_body(INPUTS) | {"config": create_body(kind)["config"]}
    account.lose(Hook(lambda: account.emulator.outside_create(*place, **body), then=ResetBefore()))
    document = account.run().create()
    assert (document["projectKey"], document["environmentKey"]) == ("default", "production")
    assert (document["integrationKey"], account.ids[1:]) == ("redis", [document["_id"]])


def test_tags_in_another_order_are_no_difference(account: Account) -> None:
    """They are a set."""
    account.lose(ResetAfter())
    account.listing(
        Forward(), Mangle(lambda listing: {"items": [each | {"tags": each["tags"][::-1]} for each in listing["items"]]})
    )
    assert [account.run().create(redis(tags=["a", "b"]))["_id"]] == account.ids
    assert account.methods == ["GET", "POST", "GET"]


def test_without_a_name_the_one_that_launchdarkly_chose_is_no_difference(account: Account) -> None:
    """The program leaves it to LaunchDarkly."""
    inputs = {name: value for name, value in INPUTS.items() if name != "name"}
    account.lose(ResetAfter())
    assert [account.run().create(inputs)["_id"]] == account.ids


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter()])
def test_what_was_there_before_is_never_taken_over(account: Account, lost: Fault) -> None:
    """However well it fits: it may be another stack's."""
    before = account.existing()
    account.lose(lost)
    document = account.run().create()
    assert account.ids == [before, document["_id"]]


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter()])
def test_what_this_run_has_created_is_never_taken_over(account: Account, lost: Fault) -> None:
    """Another resource has it already."""
    run = account.run()
    first = run.create()
    account.lose(lost)
    second = run.create()
    assert account.ids == [first["_id"], second["_id"]]


# The POST is refused.


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_told_at_once(account: Account, status: int) -> None:
    """It created nothing: no look, no wait, no second POST, and no note."""
    account.lose(Answer.json(status, {"code": "refused", "message": "no"}))
    run = account.run()
    with pytest.raises(error_for_status(status), match=f"{status} refused: no"):
        run.create()
    assert (account.methods, run.now, account.notes) == (["GET", "POST"], 0, [])


def test_a_rate_limit_is_waited_for(account: Account) -> None:
    """LaunchDarkly did nothing: the POST is sent again, without a look."""
    account.lose(Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "3"}))
    run = account.run()
    assert [run.create()["_id"]] == account.ids
    assert account.methods == ["GET", "POST", "POST"]
    assert 3 <= run.now < 4


def test_a_refused_connection_is_tried_again(account: Account) -> None:
    """Nothing was sent, so nothing has to be looked for."""
    run = account.run()
    run.create()
    account.proxy.clear_requests()
    account.proxy.stop_listening()
    run.on_wait = account.proxy.start_listening
    run.create(redis(name="Second"))
    assert (account.methods, len(account.ids), run.warnings) == (["POST"], 2, [])


def test_a_connection_that_stays_refused_is_told(account: Account) -> None:
    """The create certainly did nothing, and no note says otherwise."""
    run = account.run()
    run.create()
    account.proxy.stop_listening()
    with pytest.raises(Unreachable, match=r"^POST default/production/redis: .* cannot be reached") as error:
        run.create(redis(name="Second"))
    assert not error.value.outcome_unknown
    assert (account.methods, account.notes) == (["GET", "POST"], [])


# The account cannot be listed.


def test_a_token_that_may_not_list_may_create(account: Account) -> None:
    """One look, which is refused, and one POST for each create."""
    account.listing(Answer.json(403, FORBIDDEN))
    run = account.run()
    assert [run.create()["_id"], run.create(redis(name="Second"))["_id"]] == account.ids
    assert (account.methods, run.warnings) == (["GET", "POST", "POST"], [])


@pytest.mark.parametrize("lost", [ResetBefore(), ResetAfter(), Answer.html(502)])
def test_without_a_listing_a_person_has_to_look(account: Account, lost: Fault) -> None:
    """A lost answer is an error that says so and why; nothing more is sent."""
    account.listing(Answer.json(403, FORBIDDEN))
    account.lose(lost)
    run = account.run()
    with pytest.raises(CallError, match=r"its stores cannot be listed \(403 forbidden: no\)") as error:
        run.create()
    assert error.value.outcome_unknown
    assert error.value.advice.startswith("Look in LaunchDarkly, and delete what the lost request left behind")
    assert (account.methods, run.now, run.warnings) == (["GET", "POST"], 0, [])


def test_without_a_connection_nothing_is_created(account: Account) -> None:
    """The listing that cannot be had fails the create before its POST."""
    account.proxy.stop_listening()
    with pytest.raises(Unreachable, match=r"^GET big segment stores: .* cannot be reached"):
        account.run().create()
    assert (account.methods, account.notes) == ([], [])


# Another run, after one that was killed.


def killed(account: Account, lost: Fault) -> None:
    """A run that is killed while it looks for what a lost answer has left behind."""
    account.lose(lost)
    account.listing(Forward(), Mangle(lambda listing: listing | {"items": []}))
    run = account.run()

    def kill() -> None:
        raise Killed

    run.on_wait = kill
    with pytest.raises(Killed):
        run.create()
    account.proxy.clear_requests()


def test_what_a_killed_run_has_created_is_taken_over_by_the_next(account: Account) -> None:
    """With a warning, without a POST, and the note is gone."""
    killed(account, ResetAfter())
    (left_behind,) = account.ids
    run = account.run()
    assert run.create()["_id"] == left_behind
    assert (account.methods, len(run.warnings), account.notes) == (["GET", "GET", "GET"], 1, [])


def test_after_a_killed_run_that_created_nothing_the_next_one_does(account: Account) -> None:
    """Also where an equal integration was there before either of them."""
    before = account.existing()
    killed(account, ResetBefore())
    run = account.run()
    document = run.create()
    assert account.ids == [before, document["_id"]]
    assert (run.warnings, account.notes) == ([], [])


def test_a_note_is_for_the_same_integration_only(account: Account) -> None:
    """A create of another one does not take over what was left behind."""
    killed(account, ResetAfter())
    (left_behind,) = account.ids
    assert account.run().create(redis(name="Second"))["_id"] != left_behind
    assert len(account.notes) == 1


def test_a_note_holds_no_secret(account: Account) -> None:
    """Neither the password nor the token is in its name or its text."""
    killed(account, ResetAfter())
    (note,) = account.notes
    told = note.name + note.read_text(encoding="utf-8")
    assert [secret for secret in (samples.PASSWORD, samples.TOKEN, "kanarienvogel") if secret in told] == []


# Several at once.


def test_creates_that_can_be_told_apart_go_on_together(account: Account) -> None:
    """Ten in one place, with names of their own: the barrier opens only for all of them."""
    account.lose(Barrier(10))
    run = account.run()
    with ThreadPoolExecutor(10) as workers:
        made = list(workers.map(lambda number: run.create(redis(name=f"Store {number}")), range(10)))
    assert sorted(each["_id"] for each in made) == sorted(account.ids)
    assert account.methods.count("GET") == 1


@pytest.mark.parametrize(
    "other", [redis(), redis(config={"host": "other.example.com"}), {**redis(), "name": None}], ids=str
)
def test_creates_that_look_alike_wait_for_each_other(account: Account, other: Document) -> None:
    """Both answers are lost: each finds its own integration, since the other one was not under way yet."""
    account.lose(ResetAfter(), ResetAfter())
    run = account.run()
    with ThreadPoolExecutor(2) as workers:
        made = list(workers.map(run.create, [redis(), {k: v for k, v in other.items() if v is not None}]))
    assert sorted(each["_id"] for each in made) == sorted(account.ids)
    assert len(account.ids) == 2
