"""What the runs of one process share: when a listing is taken from another run, and when it is not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.core.shared import LONGEST_AGE, Accounts, Listings
from launchdarkly_pulumi.errors import CallError, Interrupted, LaunchDarklyError, Unreachable


@dataclass
class Account:
    """An account whose listing is another one each time, and a time that tests set."""

    now: float = 1000.0
    writes: int = 0
    listed: int = 0
    failure: Optional[LaunchDarklyError] = None
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.now)
        self.listings = Listings(lambda: self.writes)
        self.may_end.set()

    def list_all(self, _deadline: Deadline) -> list[dict[str, Any]]:
        """The listing; its only item tells which one it is."""
        self.listed += 1
        self.begun.set()
        assert self.may_end.wait(30)
        if self.failure:
            failure, self.failure = self.failure, None
            raise failure
        return [{"_id": str(self.listed)}]

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
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(account.run)
        assert account.begun.wait(30)
        with pytest.raises(Unreachable, match="did not respond in time"):
            account.run(seconds=0)
        account.may_end.set()
        assert first.result(30) == ["1"]


def test_accounts_are_told_apart_by_host_and_token() -> None:
    """Whatever else the settings say."""
    accounts = Accounts()
    one = accounts.of(Settings(access_token="a", base_url="https://a"))
    assert accounts.of(Settings(access_token="a", base_url="https://a", http_timeout=3.0, max_concurrency=2)) is one
    assert accounts.of(Settings(access_token="b", base_url="https://a")) is not one
    assert accounts.of(Settings(access_token="a", base_url="https://b")) is not one
