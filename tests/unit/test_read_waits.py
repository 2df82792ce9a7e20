"""How long a listing is waited for, exactly, and what goes on in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.json_stream import Keep
from launchdarkly_pulumi.core import read
from launchdarkly_pulumi.core.read import Listing, Reader
from launchdarkly_pulumi.errors import LaunchDarklyError, UnexpectedAnswer
from launchdarkly_pulumi.model.desired import Applied
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.ids import IntegrationId
from support.desired import redis
from support.runs import Time

INPUTS = redis()
KNOWN = Applied(INPUTS, 7, compared=True)
IDS = [IntegrationId("default", "production", "redis", f"57c{number}") for number in range(3)]
FAILURE = UnexpectedAnswer("GET", "no")


def document(id_: IntegrationId) -> dict[str, Any]:
    """What LaunchDarkly has of a store."""
    keys = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
    return document_of(INPUTS) | keys | {"_id": id_.integration_id, "version": 7}


class Api:
    """LaunchDarkly: it lists when it may, and keeps what it was asked with."""

    def __init__(self) -> None:
        self.may_list = threading.Event()
        self.failure: Optional[LaunchDarklyError] = None
        self.listed: list[Deadline] = []
        self.read: list[tuple[IntegrationId, Deadline]] = []
        self.documents = {id_: document(id_) for id_ in IDS}
        self.on_read: Callable[[IntegrationId], object] = lambda _: None

    def get(self, id_: IntegrationId, deadline: Deadline) -> dict[str, Any]:
        """One integration."""
        self.read.append((id_, deadline))
        self.on_read(id_)
        return self.documents[id_]

    def list_all(self, deadline: Deadline, keep: Keep) -> list[dict[str, Any]]:
        """All of them."""
        self.listed.append(deadline)
        self.may_list.wait(30)
        if self.failure:
            raise self.failure
        return [keep({name: value for name, value in document(id_).items() if name != "config"}) for id_ in IDS]


class Run:
    """A reader on a clock that does not wait for events: ``waits`` is how long it would have."""

    def __init__(self, *, real: bool = False) -> None:
        self.api = Api()
        self.time = Time()
        self.waits: list[float] = []
        self.warnings: list[str] = []
        waits = self.waits

        class Impatient(Clock):
            def await_event(self, event: threading.Event, seconds: float) -> bool:
                waits.append(seconds)
                return event.is_set()

        self.clock = self.time.clock if real else Impatient(lambda: self.time.now)
        self.deadline = self.in_seconds(100)
        self.of_listing = self.in_seconds(50)
        self.listing = Listing(self.api, lambda: self.of_listing, self.clock)
        self.reader = Reader(self.api, self.listing, self.warnings.append, self.clock)

    def in_seconds(self, seconds: float) -> Deadline:
        """A deadline."""
        return Deadline(seconds, self.clock)

    def threads(self, name: str) -> list[threading.Thread]:
        """Those of this name that are running."""
        return [thread for thread in threading.enumerate() if thread.name == name]

    def await_threads(self, name: str) -> None:
        """Until they have ended."""
        for thread in self.threads(name):
            thread.join()


@pytest.fixture
def run() -> Iterator[Run]:
    """On a clock that does not wait."""
    run = Run()
    yield run
    run.api.may_list.set()


@pytest.fixture
def real() -> Run:
    """On one that does."""
    run = Run(real=True)
    run.api.may_list.set()
    return run


def test_all_callers_together_wait_for_a_tenth_of_the_first_one_s_time(run: Run) -> None:
    """Whatever the others would have."""
    assert run.listing.within(run.deadline) is None
    run.time.now = 4.0
    assert run.listing.within(run.in_seconds(1000)) is None
    run.time.now = 10.5
    assert run.listing.within(run.in_seconds(1000)) is None
    assert run.waits == [10.0, 6.0, 0.0]


def test_a_caller_without_time_does_not_wait(run: Run) -> None:
    """Though others had some."""
    run.listing.within(run.deadline)
    run.listing.within(run.in_seconds(0.25))
    run.listing.within(run.in_seconds(-1))
    assert run.waits == [10.0, 0.25, 0.0]


def test_what_became_of_it_is_waited_for_until_the_first_one_s_deadline(run: Run) -> None:
    """By whoever wants to know."""
    assert run.listing.outcome(run.deadline) is None
    run.time.now = 40.0
    assert run.listing.outcome(run.in_seconds(1000)) is None
    run.time.now = 101.0
    assert run.listing.outcome(run.in_seconds(1000)) is None
    assert run.waits == [100.0, 60.0, 0.0]
    assert run.listing.failure is None


def test_what_became_of_it_is_the_listing_or_its_failure(real: Run) -> None:
    """Asked for with a deadline of its own."""
    items = real.listing.outcome(real.deadline)
    assert items is not None
    assert list(items) == ["57c0", "57c1", "57c2"]
    assert real.api.listed == [real.of_listing]
    failing = Run(real=True)
    failing.api.failure = FAILURE
    failing.api.may_list.set()
    assert failing.listing.outcome(failing.deadline) is None
    assert failing.listing.failure is FAILURE


def test_a_listing_does_not_keep_the_process(run: Run) -> None:
    """It goes on in the background, by a name that people can tell in a dump."""
    run.listing.begin()
    assert [thread.daemon for thread in run.threads("launchdarkly-listing")] == [True]


def test_the_first_store_is_waited_for_by_the_others(run: Run) -> None:
    """For a tenth of each call's time: until then nothing speaks for the listing, and each store is read."""
    run.api.may_list.set()

    def read_the_others(id_: IntegrationId) -> None:
        if id_ == IDS[0]:
            run.await_threads("launchdarkly-listing")
            run.reader.read(IDS[1], run.in_seconds(30), KNOWN)
            run.reader.read(IDS[2], run.in_seconds(-1), KNOWN)

    run.api.on_read = read_the_others
    run.listing.begin()
    run.reader.read(IDS[0], run.deadline, KNOWN)
    assert run.waits == [3.0, 3.0, 0.0, 0.0]
    assert [id_ for id_, _ in run.api.read] == IDS


def test_each_read_has_the_deadline_of_its_call(run: Run) -> None:
    """Whatever the reason is that the store is read individually."""
    known = [KNOWN, KNOWN, None]
    deadlines = [run.in_seconds(number) for number in (30, 20, 10)]
    for id_, deadline, each in zip(IDS, deadlines, known, strict=True):
        run.reader.read(id_, deadline, each)
    assert run.api.read == list(zip(IDS, deadlines, strict=True))


def test_what_was_read_before_the_listing_came_is_held_against_it(run: Run) -> None:
    """A config that has changed under the version that the listing shows."""
    run.reader.read(IDS[0], run.deadline, KNOWN)
    edited = document(IDS[1])
    edited["config"] = edited["config"] | {"host": "silently-edited.example.com"}
    run.api.documents[IDS[1]] = edited
    assert run.reader.read(IDS[1], run.deadline, KNOWN) == edited
    run.api.may_list.set()
    run.await_threads("launchdarkly-listing")
    run.reader.read(IDS[2], run.deadline, KNOWN)
    assert not run.reader.is_as_stored(IDS[2])
    assert [f"{IDS[1]} itself: it shows the version of the last update" in each for each in run.warnings] == [True]


# What is logged, for people who want to know why a request was sent.

READ_ALONE = f"{IDS[1]}: read individually, the listing does not prove it"


def test_why_a_store_is_read_individually_is_logged(real: Run, caplog: pytest.LogCaptureFixture) -> None:
    """Beside a listing that is there."""
    with caplog.at_level(logging.DEBUG, "launchdarkly_pulumi"):
        for id_, known in zip(IDS, (KNOWN, replace(KNOWN, version=6), None), strict=True):
            real.reader.read(id_, real.deadline, known)
    never_compared = f"{IDS[2]}: read individually, its config was never compared at a version"
    assert caplog.messages == ["the listing has 3 integrations", READ_ALONE, never_compared]


@pytest.mark.parametrize(
    ("failure", "version", "why"),
    [
        (FAILURE, 7, [f"there is no listing: {FAILURE}"]),
        (None, 8, [f"{IDS[0]}: the listing is not believed from now on: the listing is older"]),
    ],
    ids=["it fails", "it does not fit"],
)
def test_why_there_is_no_listing_to_go_by_is_logged(
    real: Run, caplog: pytest.LogCaptureFixture, failure: Optional[LaunchDarklyError], version: int, why: list[str]
) -> None:
    """As the stores are read individually then."""
    real.api.failure = failure
    real.api.documents[IDS[0]]["version"] = version
    with caplog.at_level(logging.DEBUG, "launchdarkly_pulumi"):
        for id_ in IDS[:2]:
            real.reader.read(id_, real.deadline, KNOWN)
    assert [each for each in caplog.messages if not each.startswith("the listing has")] == [*why, READ_ALONE]


# Stores that are read although the listing has spoken for them.


def test_a_sample_is_read_in_the_background(real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call does not wait for it, and the process neither."""
    monkeypatch.setattr(read, "SAMPLE_EVERY", 2)
    may_read = threading.Event()
    real.reader.read(IDS[0], real.deadline, KNOWN)
    real.api.on_read = lambda _: may_read.wait(30)
    real.reader.read(IDS[1], real.deadline, KNOWN)
    real.reader.read(IDS[2], real.deadline, KNOWN)
    samples_ = real.threads("launchdarkly-sample")
    assert [thread.daemon for thread in samples_] == [True]
    may_read.set()
    samples_[0].join()
    assert real.api.read == [(IDS[0], real.deadline), (IDS[1], real.deadline)]


def test_a_sample_that_cannot_be_read_is_none(real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing against the listing, and disturbs nobody."""
    monkeypatch.setattr(read, "SAMPLE_EVERY", 2)
    failures: list[object] = []
    monkeypatch.setattr(threading, "excepthook", failures.append)

    def fail(_: IntegrationId) -> None:
        raise FAILURE

    real.reader.read(IDS[0], real.deadline, KNOWN)
    real.api.on_read = fail
    real.reader.read(IDS[1], real.deadline, KNOWN)
    real.await_threads("launchdarkly-sample")
    real.reader.read(IDS[2], real.deadline, KNOWN)
    assert real.reader.is_as_stored(IDS[2])
    assert (failures, real.warnings, len(real.api.read)) == ([], [], 2)


def test_a_sample_is_judged_at_once(real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only when another store is read: it may be the last one."""
    monkeypatch.setattr(read, "SAMPLE_EVERY", 2)
    failures: list[object] = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    real.reader.read(IDS[0], real.deadline, KNOWN)
    real.api.documents[IDS[1]] = document(IDS[1]) | {"version": 8}
    real.reader.read(IDS[1], real.deadline, KNOWN)
    real.await_threads("launchdarkly-sample")
    assert failures == []
    assert [f"{IDS[1]} itself: the listing is older" in warning for warning in real.warnings] == [True]
