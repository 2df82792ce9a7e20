"""What the runs of one process share: when a listing is taken from another run, and when it is not."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.json_stream import Keep
from launchdarkly_pulumi.api.throttle import Line
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.core.shared import LONGEST_AGE, Accounts, Items, Listings, SharedByRuns
from launchdarkly_pulumi.errors import CallError, Interrupted, LaunchDarklyError, Unreachable


@dataclass
class Account:
    """An account whose listing is another one each time, and a time that tests set."""

    now: float = 1000.0
    writes: int = 0
    listed: int = 0
    failure: Optional[LaunchDarklyError] = None
    deadlines: list[Deadline] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.now)
        self.listings = Listings(lambda: self.writes)
        self.may_end.set()

    def list_all(self, deadline: Deadline, keep: Keep) -> list[dict[str, Any]]:
        """The listing; its only item tells which one it is."""
        self.listed += 1
        self.deadlines.append(deadline)
        self.begun.set()
        assert self.may_end.wait(30)
        if self.failure:
            failure, self.failure = self.failure, None
            raise failure
        return [keep({"_id": str(self.listed)})]

    def run(self, seconds: float = 100) -> list[str]:
        """What one run gets."""
        return list(self.listings.items(self.list_all, Deadline(seconds, self.clock), self.clock))


def test_a_young_listing_is_taken() -> None:
    """Up to its longest age, which begins with the request."""
    account = Account()
    assert account.run() == ["1"]
    account.now += LONGEST_AGE
    assert account.run() == ["1"]
    account.now += 0.1
    assert account.run() == ["2"]


def test_a_listing_from_before_a_write_is_not_taken() -> None:
    """Whoever has written."""
    account = Account()
    account.run()
    account.writes += 1
    assert account.run() == ["2"]
    assert account.run() == ["2"]


def test_a_failure_is_nobody_elses_later_on() -> None:
    """The next run asks itself."""
    account = Account(failure=CallError("GET", "no"))
    with pytest.raises(CallError):
        account.run()
    assert account.run() == ["2"]


@pytest.mark.parametrize(("failure", "second"), [(None, ["1"]), (CallError("GET", "no"), "no"), (Interrupted(), ["2"])])
def test_runs_at_the_same_time_await_one_request(failure: Optional[LaunchDarklyError], second: Any) -> None:
    """They share how it ends, but for the end of the run that has sent it."""
    account = Account(failure=failure)
    account.may_end.clear()
    awaits = threading.Event()

    class Watched(Clock):
        def await_event(self, event: threading.Event, seconds: float) -> bool:
            awaits.set()
            return super().await_event(event, seconds)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(account.run)
        assert account.begun.wait(30)
        account.clock = Watched(lambda: account.now)
        other = pool.submit(account.run)
        assert awaits.wait(30)
        account.may_end.set()
        for each, expected in ((first, failure and type(failure)), (other, second)):
            error = each.exception(30)
            if isinstance(expected, list):
                assert each.result() == expected
            else:
                assert (error is None) == (expected is None)
    assert account.listed == (2 if isinstance(failure, Interrupted) else 1)


def test_a_run_awaits_the_request_of_another_until_its_deadline() -> None:
    """And no longer."""
    account = Account()
    account.may_end.clear()
    waited = []

    class Watched(Clock):
        def await_event(self, event: threading.Event, seconds: float) -> bool:
            waited.append(seconds)
            return event.is_set()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(account.run)
        assert account.begun.wait(30)
        account.clock = Watched(lambda: account.now)
        for seconds in (7, -1):
            with pytest.raises(Unreachable) as raised:
                account.run(seconds)
            assert str(raised.value) == "GET big segment stores: LaunchDarkly did not respond in time"
        account.may_end.set()
        assert first.result(30) == ["1"]
    assert waited == [7.0, 0.0]


def listed(listings: Listings, *items: dict[str, Any], failure: Optional[LaunchDarklyError] = None) -> Items:
    """A new listing, with copies of some items."""

    def list_all(_: Deadline, keep: Keep) -> list[dict[str, Any]]:
        if failure:
            raise failure
        return [keep(deepcopy(item)) for item in items]

    clock = Clock(lambda: 0.0)
    return listings.items(list_all, Deadline(1, clock), clock)


def writing() -> Listings:
    """Those of a process that writes before each listing."""
    return Listings(itertools.count().__next__)


def test_a_listing_keeps_what_is_compared() -> None:
    """Thousands of items stay in memory; what a listing leaves out is gone by then."""
    kept = {"_id": "57c0", "name": "Store", "version": 3}
    assert listed(Listings(), kept | {"_status": {"available": True}}) == {"57c0": kept}


def test_what_items_have_in_common_is_kept_once() -> None:
    """Most of thousands of items have the same tags and keys."""
    tags = {"a": ["a tag"], "b": ["a tag"], "c": ["a tag", "another"]}
    texts = [json.dumps({"_id": each, "name": "one name", "tags": of_it}) for each, of_it in tags.items()]
    one, same, other = listed(Listings(), *map(json.loads, texts)).values()
    assert one["name"] is same["name"] is other["name"]
    assert one["tags"] is same["tags"]
    assert one["tags"][0] is other["tags"][0]
    assert [each["tags"] for each in (one, same, other)] == [*tags.values()]


def test_an_item_that_has_not_changed_is_kept_once() -> None:
    """Runs side by side have a listing each."""
    listings = writing()
    one, other = {"_id": "a", "version": 1}, {"_id": "b", "version": 1}
    before = listed(listings, one, other)
    after = listed(listings, one, other | {"version": 2})
    assert after == {"a": one, "b": other | {"version": 2}}
    assert after["a"] is before["a"]


def test_what_new_items_have_in_common_with_old_ones_is_kept_once() -> None:
    """Each run of a fleet creates stores with the tags of all others."""
    listings = writing()
    texts = [json.dumps({"_id": each, "tags": ["a tag"]}) for each in "ab"]
    listed(listings, json.loads(texts[0]))
    one, other = listed(listings, *map(json.loads, texts)).values()
    assert one["tags"] is other["tags"]


def test_a_listing_that_fails_does_not_part_the_next_from_the_last() -> None:
    """What has not changed is kept once, as if it had not been asked for."""
    listings = writing()
    before = listed(listings, {"_id": "a"})
    with pytest.raises(CallError):
        listed(listings, failure=CallError("GET", "no"))
    assert listed(listings, {"_id": "a"})["a"] is before["a"]


@pytest.mark.parametrize("version", [True, 1.0])
def test_an_item_with_a_value_of_another_type_has_changed(version: Any) -> None:
    """Python takes them for equal, whatever their order; as versions they prove nothing."""
    listings = writing()
    listed(listings, {"_id": "a", "version": 1, "on": True})
    assert listed(listings, {"on": 1, "_id": "a", "version": version})["a"]["version"] is version


def test_a_request_has_the_deadline_of_the_run_that_sends_it() -> None:
    """It is its own request."""
    account = Account()
    account.run(seconds=12)
    assert [each.remaining() for each in account.deadlines] == [12]


def test_the_runs_of_an_account_share_what_it_allows() -> None:
    """As many requests at once as the setting says, and a listing from before a write is nobody's."""
    shared = SharedByRuns(Settings(access_token="a", max_concurrency=2))
    slots = shared.line.slots
    assert [slots.acquire(blocking=False) for _ in range(3)] == [True, True, False]
    account = Account()
    account.listings = shared.listings
    assert [account.run(), account.run()] == [["1"], ["1"]]
    shared.line.wrote()
    assert [account.run(), account.run()] == [["2"], ["2"]]


def test_a_line_counts_the_writes_and_has_a_pace() -> None:
    """A rate limit that one client meets makes all of them wait."""
    now = [0.0]
    line = Line(1, Clock(lambda: now[0]))
    counted = [line.writes]
    for _ in range(2):
        line.wrote()
        counted.append(line.writes)
    assert counted == [0, 1, 2]
    line.pace.hold_all(5)
    assert line.pace.held_time() >= 5
    now[0] = 5.0
    assert line.pace.held_time() == 0
    line.slots.acquire()
    line.slots.release()
    with pytest.raises(ValueError, match="released too many times"):
        line.slots.release()


def test_accounts_are_told_apart_by_host_and_token() -> None:
    """Whatever else the settings say."""
    accounts = Accounts()
    one = accounts.of(Settings(access_token="a", base_url="https://a"))
    assert accounts.of(Settings(access_token="a", base_url="https://a", http_timeout=3.0, max_concurrency=2)) is one
    assert accounts.of(Settings(access_token="b", base_url="https://a")) is not one
    assert accounts.of(Settings(access_token="a", base_url="https://b")) is not one
