"""What proves a config, and what does not: a listing is believed for what was compared, and no longer than it fits."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.api.json_stream import Keep
from launchdarkly_pulumi.core.read import PATIENCE, Listing, Reader, proven
from launchdarkly_pulumi.errors import Interrupted, LaunchDarklyError, NotFound, UnexpectedAnswer
from launchdarkly_pulumi.model.desired import Applied
from launchdarkly_pulumi.model.documents import document_of, version_of
from launchdarkly_pulumi.model.ids import IntegrationId
from support.desired import ignoring, redis
from support.runs import Time

Document = dict[str, Any]

INPUTS = redis()
VERSION = 7
COUNT = 4
IDS = [IntegrationId("default", "production", "redis", f"57c{number}") for number in range(COUNT)]
KNOWN = Applied(INPUTS, VERSION, compared=True)
FAILURE = UnexpectedAnswer("GET big segment stores", "the response is only a part of the list")


def document(number: int, **changes: Any) -> Document:
    """What LaunchDarkly has of a store."""
    keys = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
    live = document_of(INPUTS) | keys | {"_id": IDS[number].integration_id, "version": VERSION}
    live["config"] = live["config"] | {"password": "kan********/+1"} | changes.pop("config", {})
    return live | changes


class Api:
    """LaunchDarkly as it answers; the listing and the single reads need not agree.

    :param documents: by store.
    :param items: the listing, or why there is none; ``None`` for one that never ends.
    """

    def __init__(
        self,
        documents: Optional[list[Document]] = None,
        items: Optional[list[Document] | LaunchDarklyError] = FAILURE,
    ) -> None:
        self.documents = {each["_id"]: each for each in documents or map(document, range(COUNT))}
        self.items = items
        self.requests: Counter[str] = Counter()
        self.may_end = threading.Event()

    def get(self, id_: IntegrationId, _deadline: Deadline) -> Document:
        """One integration."""
        self.requests["single"] += 1
        if id_.integration_id not in self.documents:
            raise NotFound(f"GET {id_}", "404")
        return self.documents[id_.integration_id]

    def list_all(self, _deadline: Deadline, keep: Keep) -> list[Document]:
        """All of them, without their configs."""
        self.requests["listing"] += 1
        if self.items is None:
            self.may_end.wait(30)
            raise FAILURE
        if isinstance(self.items, LaunchDarklyError):
            raise self.items
        return [keep({name: value for name, value in each.items() if name != "config"}) for each in self.items]


class Run:
    """A reader, and what it warned of."""

    def __init__(self, api: Api, seconds: float = 120.0) -> None:
        self.api = api
        self.warnings: list[str] = []
        self.time = Time()
        self.deadline = Deadline(seconds, self.time.clock)
        self.listing = Listing(api, lambda: self.deadline, self.time.clock)
        self.reader = Reader(api, self.listing, self.warnings.append, self.time.clock)

    def read(self, number: int, known: Optional[Applied] = KNOWN) -> Document:
        """What is found of a store."""
        return dict(self.reader.read(IDS[number], self.deadline, known))

    def read_all(self, known: Applied = KNOWN) -> list[bool]:
        """Which stores the listing has spoken for."""
        for number in range(COUNT):
            self.read(number, known)
        return [self.reader.is_as_stored(id_) for id_ in IDS]


def listed(**changes: Any) -> list[Document]:
    """The listing, in which all but the first store are changed."""
    return [document(number, **(changes if number else {})) for number in range(COUNT)]


# What proves.


def test_a_compared_config_of_this_version_is_proven() -> None:
    """The first store is read, the listing speaks for the others."""
    api = Api(items=listed())
    assert Run(api).read_all() == [False, True, True, True]
    assert api.requests == {"single": 1, "listing": 1}


def test_what_was_not_compared_is_read() -> None:
    """Each, whichever of them is read first: the first one's GET compares nothing for the others."""
    api = Api(items=listed())
    assert Run(api).read_all(Applied(INPUTS, VERSION)) == [False] * COUNT
    assert api.requests == {"single": COUNT}


def test_one_that_was_not_compared_does_not_take_the_place_of_the_first() -> None:
    """The listing has to agree with a store of which the config is known."""
    api = Api(items=listed())
    run = Run(api)
    run.read(0, Applied(INPUTS, VERSION))
    run.read(1, None)
    assert [run.read(number)["_id"] for number in (2, 3)] == ["57c2", "57c3"]
    assert [run.reader.is_as_stored(IDS[number]) for number in (2, 3)] == [False, True]


@pytest.mark.parametrize("version", [None, True, "7", 7.0, 8, 6, -1, 2**53, [], {}], ids=repr)
def test_another_version_or_none_proves_nothing(version: Any) -> None:
    """Not even where the state has none either."""
    item = document(1, version=version)
    assert proven(IDS[1], KNOWN, {"57c1": item}) is None
    known = Applied(INPUTS, version_of(item), compared=True)
    if known.version is None:
        assert proven(IDS[1], known, {"57c1": item}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"on": False},
        {"name": "Another"},
        {"tags": []},
        {"projectKey": "other"},
        {"environmentKey": "other"},
        {"integrationKey": "dynamodb"},
        {"integrationKey": None},
    ],
    ids=str,
)
def test_an_item_that_differs_proves_nothing(changes: Document) -> None:
    """Whatever its version is."""
    assert proven(IDS[1], KNOWN, {"57c1": document(1, **changes)}) is None
    assert proven(IDS[1], KNOWN, {"57c1": document(1)}) is not None


def test_what_the_program_ignores_may_differ() -> None:
    """It is not compared, and the document keeps what the listing has of it."""
    known = replace(KNOWN, desired=ignoring(INPUTS, "on"))
    found = proven(IDS[1], known, {"57c1": document(1, on=False)})
    assert found is not None
    assert found["on"] is False


# When a listing is not believed.


def test_a_listing_that_is_older_than_a_read_is_not_believed() -> None:
    """It may be older than other edits too: a warning, and each store is read."""
    api = Api([document(0, version=8), *map(document, range(1, COUNT))], listed())
    run = Run(api)
    assert run.read_all() == [False] * COUNT
    assert api.requests == {"single": COUNT, "listing": 1}
    [warning] = run.warnings
    assert f"{IDS[0]} itself: the listing is older" in warning


def test_a_listing_that_is_newer_than_a_read_is_believed() -> None:
    """Somebody has edited the store in between."""
    run = Run(Api(items=[document(0, version=8), *listed()[1:]]))
    assert run.read_all() == [False, True, True, True]
    assert run.warnings == []


def test_a_listing_without_what_was_read_is_not_believed() -> None:
    """It may be of a cache, or only a part."""
    run = Run(Api(items=listed()[1:]))
    assert run.read_all() == [False] * COUNT
    assert [f"{IDS[0]} itself: it is missing from the listing" in warning for warning in run.warnings] == [True]


def test_what_is_new_is_nothing_against_a_listing() -> None:
    """It may have been taken before."""
    run = Run(Api(items=listed()[1:]))
    run.reader.created(IDS[0])
    assert run.read_all() == [False, True, True, True]
    assert run.warnings == []


def test_a_listing_is_judged_by_what_was_not_compared_as_well() -> None:
    """A read is a read."""
    run = Run(Api([*map(document, range(3)), document(3, version=8)], listed()))
    run.read(3, Applied(INPUTS, None))
    assert [run.read(number)["version"] for number in range(3)] == [VERSION] * 3
    assert [run.reader.is_as_stored(id_) for id_ in IDS] == [False] * COUNT
    assert f"{IDS[3]} itself: the listing is older" in run.warnings[0]


def test_a_config_that_changed_without_its_version_is_found_out() -> None:
    """Where the first store shows it, no other one is believed."""
    run = Run(Api([document(0, config={"host": "silently"}), *map(document, range(1, COUNT))], listed()))
    assert run.read_all() == [False] * COUNT
    why = "it shows the version of the last update for a config that is another one"
    assert f"{IDS[0]} itself: {why}. Each store is read individually" in run.warnings[0]


@pytest.mark.parametrize("of_read", [True, False], ids=["read", "listed"])
def test_where_one_of_both_has_no_version_nothing_contradicts(of_read: bool) -> None:
    """Neither is older, and a config that differs may just have been edited."""
    odd, usual = document(0, version=None, config={"host": "other"}), document(0)
    first, item = (odd, usual) if of_read else (usual, odd)
    run = Run(Api([first, *map(document, range(1, COUNT))], [item, *listed()[1:]]))
    assert run.read_all() == [False, True, True, True]
    assert run.warnings == []


def test_what_was_not_compared_cannot_contradict_a_listing() -> None:
    """Its config may differ for long: that is drift, and nothing is wrong with the listing."""
    run = Run(Api([document(0, config={"host": "other"}), *map(document, range(1, COUNT))], listed()))
    run.read(0, Applied(INPUTS, VERSION))
    run.read(1)
    assert [run.read(2)["_id"], run.read(3)["_id"], run.warnings] == ["57c2", "57c3", []]
    assert run.reader.is_as_stored(IDS[3])


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_gone_is_gone(number: int) -> None:
    """Also where the listing shows it still, and it is the first one."""
    api = Api(items=listed())
    del api.documents[IDS[0].integration_id]
    run = Run(api)
    with pytest.raises(NotFound):
        run.read(0)
    assert run.read(number + 1)["version"] == VERSION


# How long a listing is waited for.


def test_a_listing_that_fails_is_asked_for_once() -> None:
    """The failure is remembered, and says why."""
    run = Run(Api())
    assert run.read_all() == [False] * COUNT
    assert run.listing.failure is FAILURE
    assert run.api.requests == {"single": COUNT, "listing": 1}
    assert run.warnings == []


def test_a_listing_that_takes_long_is_waited_for_once() -> None:
    """All callers together for a tenth of the first one's time, here of a second; each store is read meanwhile."""
    api = Api(items=None)
    run = Run(api, seconds=0.2)
    assert run.read_all() == [False] * COUNT
    assert api.requests == {"single": COUNT, "listing": 1}
    assert run.listing.failure is None
    api.may_end.set()


def test_the_patience_is_spent_by_the_first_caller() -> None:
    """Of a call that has used up its time nothing is left to wait for."""
    api = Api(items=None)
    run = Run(api, seconds=0.2)
    assert run.listing.within(run.deadline) is None
    run.time.now = PATIENCE * 0.2
    assert run.listing.within(Deadline(3600, run.time.clock)) is None
    assert run.listing.failure is None
    api.may_end.set()


def test_nobody_waits_beyond_the_own_deadline() -> None:
    """Though the first caller had time."""
    api = Api(items=None)
    run = Run(api)
    run.listing._patience = Deadline(3600, run.time.clock)
    assert run.listing.within(Deadline(0.01, run.time.clock)) is None
    assert run.listing.failure is None
    api.may_end.set()


def test_ctrl_c_ends_the_wait_for_a_listing() -> None:
    """At once."""
    api = Api(items=None)
    run = Run(api, seconds=3600)
    run.time.cancelled.set()
    with pytest.raises(Interrupted):
        run.listing.within(run.deadline)
    api.may_end.set()


def test_a_listing_that_has_begun_is_not_waited_for() -> None:
    """Whoever only begins it goes on."""
    api = Api(items=None)
    run = Run(api)
    run.listing.begin()
    run.listing.begin()
    api.may_end.set()
    assert run.listing.within(run.deadline) is None
    assert api.requests == {"listing": 1}


# What an update takes.


def test_an_update_takes_what_was_read_once() -> None:
    """Whatever comes after it is read anew."""
    run = Run(Api(items=listed()))
    assert run.read(0) == run.read(0) == run.reader.take(IDS[0], whole=True)
    assert run.reader.take(IDS[0], whole=True) is None


@pytest.mark.parametrize(("whole", "is_taken"), [(True, False), (False, True)])
def test_what_the_listing_spoke_for_is_no_whole_config(whole: bool, is_taken: bool) -> None:
    """A config that is sent whole has to have what is not managed too."""
    run = Run(Api(items=listed()))
    run.read_all()
    assert (run.reader.take(IDS[2], whole=whole) is not None) is is_taken


def test_what_nobody_read_cannot_be_taken() -> None:
    """It is read by the update itself."""
    assert Run(Api()).reader.take(IDS[0], whole=False) is None
