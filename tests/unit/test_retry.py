"""What is sent again and when: bounds of the waits, and headers that no server should send."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from launchdarkly_pulumi.api import retry
from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.retry import backoff, demanded_wait, is_repeatable
from launchdarkly_pulumi.api.throttle import Pace

NOW = 1_717_263_000.0
DATE = "Sat, 01 Jun 2024 17:30:00 GMT"  # the same moment

TEXT = st.text(max_size=30)
NUMBERS = st.one_of(st.integers().map(str), st.floats().map(str), TEXT)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (None, True, False),
        (429, True, True),
        (500, True, False),
        (502, True, False),
        (503, True, False),
        (504, True, False),
        *((status, False, False) for status in (200, 301, 400, 401, 403, 404, 408, 409, 422, 501)),
    ],
)
def test_what_may_have_taken_effect_is_not_sent_again(status: Optional[int], read: bool, write: bool) -> None:
    """GET and DELETE are, when there was no answer or a passing trouble; POST and PATCH at a rate limit only."""
    found = {method: is_repeatable(method, status) for method in ("GET", "DELETE", "POST", "PATCH")}
    assert found == {"GET": read, "DELETE": read, "POST": write, "PATCH": write}


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_a_backoff_stays_below_its_bound(attempt: int, jitter: float) -> None:
    """Full jitter: from nothing up to half a second, doubled each time, and never more than 20 seconds."""
    assert 0 <= backoff(attempt, lambda: jitter) <= min(20, 0.5 * 2**attempt)


@pytest.mark.parametrize(
    ("attempt", "longest"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 16.0), (6, 20.0)]
)
def test_the_jitter_is_full(attempt: int, longest: float) -> None:
    """The wait is the bound times the random number: all of it can be jittered away."""
    found = [backoff(attempt, lambda jitter=jitter: jitter) for jitter in (0.0, 0.25, 1.0)]  # type: ignore[misc]
    assert found == [0, longest / 4, longest]


def test_two_backoffs_differ() -> None:
    """The default jitter is random: pipelines that were stopped together do not come back together."""
    assert len({backoff(3) for _ in range(20)}) > 1


def test_without_headers_no_wait_is_demanded() -> None:
    """Then the backoff alone decides."""
    assert demanded_wait({}, NOW) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "3600"}, 3600),
        ({"retry-after": "7", "x-ratelimit-reset": "1717263002000"}, 7),
        ({"x-ratelimit-reset": "1717263002500"}, 2.5),
        ({"x-ratelimit-reset": "1717263002500", "date": DATE}, 2.5),
    ],
)
def test_the_server_says_how_long(headers: dict[str, str], seconds: float) -> None:
    """``Retry-After`` in seconds, which must be waited for however long; else until the reset in milliseconds."""
    assert demanded_wait(headers, NOW) == seconds


@pytest.mark.parametrize("skew", [-86_400, -10, 10, 86_400])
@pytest.mark.parametrize(
    "headers", [{"x-ratelimit-reset": "1717263004000"}, {"retry-after": "Sat, 01 Jun 2024 17:30:04 GMT"}]
)
def test_the_clock_of_the_server_counts(headers: dict[str, str], skew: float) -> None:
    """With a ``Date`` the reset is right however wrong this machine's clock is."""
    assert demanded_wait({**headers, "date": DATE}, NOW + skew) == 4


@pytest.mark.parametrize(("moment", "seconds"), [("17:30:09", 9), ("18:30:00", 3600), ("17:30:00", 0), ("17:29:59", 0)])
def test_a_retry_after_may_be_a_moment(moment: str, seconds: float) -> None:
    """RFC 9110 allows a date too. It must be waited for however far away it is; one in the past demands nothing."""
    headers = {"retry-after": f"Sat, 01 Jun 2024 {moment} GMT", "x-ratelimit-reset": "1717263002000"}
    assert demanded_wait(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1717262999000", 0),
        ("0", 0),
        ("1", 0),
        ("1717273800000", 20),
        ("9999999999999999999", 20),
        ("1717263005", 0),
    ],
)
def test_a_skewed_reset_is_clamped(reset: str, seconds: float) -> None:
    """In the past, at the epoch, hours ahead, ages ahead, or in seconds where milliseconds are documented."""
    assert demanded_wait({"x-ratelimit-reset": reset, "date": DATE}, NOW) == seconds


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "-5",
        "-1717263004000",
        "soon",
        "1.5",
        "1e3",
        "inf",
        "nan",
        "0x10",
        "9" * 400,
        "½",
        "1 2",
        "5X",
        "5\x1f",
        "5\n",
    ],
)
@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset"])
def test_garbage_demands_nothing(header: str, garbage: str) -> None:
    """Negative, not a whole number, or so long that it can be no time."""
    assert demanded_wait({header: garbage}, NOW) == 0


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "32 Foo 2024",
        "Sat, 01 Jun",
        "\x00",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999",
    ],
)
def test_a_garbled_date_is_left_out(date: str) -> None:
    """Then this machine's clock has to do."""
    assert demanded_wait({"x-ratelimit-reset": "1717263003000", "date": date}, NOW) == 3


def test_a_garbled_retry_after_leaves_the_reset() -> None:
    """One unreadable header does not hide the other."""
    assert demanded_wait({"retry-after": "soon", "x-ratelimit-reset": "1717263003000"}, NOW) == 3


@given(reset=NUMBERS, date=st.text(max_size=40), now=st.floats(0, 1e11))
@example(reset="1717263003000", date="Mon, 01 Jan 0001 00:00:00 GMT", now=NOW)
def test_a_reset_never_demands_more_than_twenty_seconds(reset: str, date: str, now: float) -> None:
    """Whatever stands in the headers, the wait is from 0 to 20 seconds."""
    assert 0 <= demanded_wait({"x-ratelimit-reset": reset, "date": date}, now) <= 20


@given(retry_after=NUMBERS)
def test_a_retry_after_never_demands_a_negative_wait(retry_after: str) -> None:
    """Whatever stands in it, the wait can be slept, or compared with the time that is left."""
    assert 0 <= demanded_wait({"retry-after": retry_after}, NOW) < float("inf")


def test_a_deadline_counts_down_to_below_zero() -> None:
    """It is over once its seconds are, by the clock it was given."""
    moments = iter([100.0, 100.0, 104.0, 111.0])
    deadline = Deadline(10, Clock(monotonic=lambda: next(moments)))
    assert [deadline.remaining() for _ in range(3)] == [10, 6, -1]


def test_there_are_five_attempts_at_most() -> None:
    """Between them lie 7.5 seconds of backoff at most: a preview may take ten in all."""
    waits = [backoff(attempt, lambda: 1.0) for attempt in range(retry.MAX_ATTEMPTS - 1)]
    assert (retry.MAX_ATTEMPTS, sum(waits)) == (5, 7.5)


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = Clock(monotonic=lambda: self.now)


def test_a_held_pace_holds_every_worker_until_the_reset() -> None:
    """Each waits until then and a little longer, by jitter of its own; afterwards nobody waits."""
    time = Time()
    jitter = iter([0.0, 0.5, 1.0])
    pace = Pace(time.clock, lambda: next(jitter))
    pace.hold_all(8)
    assert [pace.wait_time() for _ in range(3)] == [8.0, 8.25, 8.5]
    time.now = 8.0
    assert pace.wait_time() == 0.0


def test_a_short_hold_holds_too() -> None:
    """Until its very end."""
    time = Time()
    pace = Pace(time.clock, lambda: 0.5)
    pace.hold_all(0.5)
    assert pace.held_time() == 0.75
    time.now = 0.25
    assert pace.held_time() == 0.5


def test_a_shorter_hold_does_not_shorten_a_longer_one() -> None:
    """Two workers meet the limit, and their answers name different resets."""
    pace = Pace(Time().clock, lambda: 0.0)
    pace.hold_all(8)
    pace.hold_all(2)
    assert pace.wait_time() == 8.0


def test_a_failing_account_gets_no_storm_of_retries() -> None:
    """Workers share a budget: when it is used up nobody tries again, and successes give some of it back."""
    pace = Pace()
    assert [pace.may_retry() for _ in range(100)] == [True] * 20 + [False] * 80
    pace.succeeded()
    assert pace.may_retry() is False
    pace.succeeded()
    assert pace.may_retry() is True


def quota(**left: int) -> dict[str, str]:
    """The headers of an answer five seconds before the window ends."""
    headers = {f"x-ratelimit-{whose}-remaining": str(count) for whose, count in left.items()}
    return headers | {"x-ratelimit-reset": "1005000"}


def paced(now: list[float]) -> Pace:
    """A pace without jitter, whose clock shows what the list holds."""
    return Pace(Clock(monotonic=lambda: now[0], epoch=lambda: 1000.0 + now[0]), jitter=lambda: 0.0)


def test_before_the_first_answer_nobody_waits() -> None:
    """How much is left is not known then."""
    pace = paced([0.0])
    assert [pace.take_turn() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_new_window_frees_everyone() -> None:
    """Whoever was told to wait for a turn in the old one does not any more."""
    pace = paced([0.0])
    pace.heed(quota(**{"global": 4}))
    assert [pace.take_turn() for _ in range(2)] == [1.0, 2.0]
    pace.heed(quota(**{"global": 1000}))
    assert [pace.take_turn() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_plenty_of_quota_slows_nobody_down() -> None:
    """Most runs never come near the limit."""
    pace = paced([0.0])
    pace.heed(quota(**{"global": 20, "route": 1000}))
    assert [pace.take_turn() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_the_rest_of_a_window_is_spread_over_it() -> None:
    """Four requests left of five seconds: one a second, so that none has to be refused."""
    pace = paced([0.0])
    pace.heed(quota(**{"global": 1000, "route": 4}))
    assert [pace.take_turn() for _ in range(4)] == [1.0, 2.0, 3.0, 4.0]


def test_nothing_left_waits_for_the_next_window_and_no_longer() -> None:
    """Whoever comes then has a new window."""
    now = [0.0]
    pace = paced(now)
    pace.heed(quota(**{"global": 0}))
    assert [pace.take_turn() for _ in range(3)] == [5.0, 5.0, 5.0]
    now[0] = 5.0
    assert pace.take_turn() == 0.0


def test_headers_without_quota_change_nothing() -> None:
    """Not every answer has them, and a proxy may write anything."""
    pace = paced([0.0])
    pace.heed({"x-ratelimit-global-remaining": "few", "x-ratelimit-reset": "soon"})
    assert [pace.take_turn() for _ in range(2)] == [0.0, 0.0]
