"""Waiting for a store, on a clock that only moves when somebody sleeps: what is asked, what is said, how it ends."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.api.clock import LONGEST_DEAFNESS
from launchdarkly_pulumi.core import wait as waiting
from launchdarkly_pulumi.core.session import Session
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.dynamic.messages import Messages
from launchdarkly_pulumi.errors import (
    AccessDenied,
    CallError,
    Forbidden,
    InvalidRequest,
    LaunchDarklyError,
    NotReady,
    Redirected,
    UnexpectedAnswer,
    Unreachable,
)
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.fields import UNKNOWN
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.validation import Failure
from support import samples
from support.canary import leaks
from support.deployment import VirtualTime
from support.samples import PASSWORD, TOKEN
from support.scripted_server import Answer, ScriptedServer, Step, answer, html, no_answer

ID = IntegrationId.parse("default/production/redis/57c0ffee57c0ffee57c0ffee")
URN = "urn:pulumi:prod::shop::pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness::ready"

MORNING = 1717263000000
"""Milliseconds: 2024-06-01T17:30:00Z."""


class Shown(Messages):
    """Keeps the status lines, and the URN that each was for."""

    def __init__(self) -> None:
        super().__init__(None)
        self.lines: list[str] = []
        self.urns: set[str] = set()

    def progress(self, text: str, urn: str = "") -> None:
        """A status line."""
        self.lines.append(text)
        self.urns.add(urn)


class Wait(NamedTuple):
    """A wait that is over.

    :param ended: with which error; ``None`` when the store became available.
    :param seconds: how long it took.
    :param looks: when LaunchDarkly was asked.
    """

    ended: LaunchDarklyError | None
    seconds: float
    looks: list[float]
    shown: Shown


def wait(
    *steps: Step,
    timeout: float = 60,
    urn: str | None = URN,
    cancelled_at: float = math.inf,
    secrets: dict[str, Any] | None = None,
    missing: Callable[[], str] | None = None,
) -> Wait:
    """Waits for a store of which LaunchDarkly says these things in turn."""
    time, shown, looks = VirtualTime(), Shown(), []

    def sleep(seconds: float) -> None:
        time.clock.sleep(seconds)
        if time.now >= cancelled_at:
            shown.cancelled.set()

    def noted(step: Step) -> Step:
        def at(request: Any) -> Answer | None:
            looks.append(time.now)
            return step(request) if callable(step) else step

        return at

    with ScriptedServer(*map(noted, steps)) as server:
        settings = Settings(access_token=TOKEN, token_source="the stack", base_url=server.url)
        session = Session(settings, shown, replace(time.clock, sleep=sleep))
        session.learn(Desired(secrets or {}))
        try:
            waiting.until_available(session, ID, timeout, *([] if urn is None else [urn]), missing=missing)
        except LaunchDarklyError as error:
            return Wait(error, time.now, looks, shown)
        return Wait(None, time.now, looks, shown)


def store(*errors: dict[str, Any], available: bool = False, on: bool = True) -> Answer:
    """The integration as LaunchDarkly shows it, with the errors of its status."""
    return integration({"available": available, "errors": list(errors)}, on)


def integration(status: Any, on: bool = True) -> Answer:
    """The same with any status."""
    keys = {"projectKey": ID.project_key, "environmentKey": ID.environment_key, "integrationKey": ID.integration_key}
    return answer(200, {"_id": ID.integration_id, **keys, "config": {}, "on": on, "version": 1, "_status": status})


def error(message: str, minutes: int = 0, status: int = 400) -> dict[str, Any]:
    """One of LaunchDarkly's errors with a store, so long after a certain morning."""
    return {"statusCode": status, "message": message, "timestamp": MORNING + minutes * 60_000}


REFUSED = error("Redis refused the password (WRONGPASS)")
DOWN = error("Could not connect: connection refused", minutes=1, status=503)
AVAILABLE = store(available=True)


def test_a_store_that_works_is_not_waited_for() -> None:
    """One look, and nothing is said."""
    done = wait(AVAILABLE)
    assert (done.ended, done.seconds, done.looks, done.shown.lines) == (None, 0, [0], [])


def test_a_store_that_may_be_stale_is_waited_for() -> None:
    """Available is not enough: SDKs would find old segments there."""
    done = wait(integration({"available": True, "potentiallyStale": True}), AVAILABLE)
    assert done.ended is None
    assert done.shown.lines == [
        "not available yet (0s of 1m): LaunchDarkly reports the store available, but potentially stale"
    ]


def test_what_is_missing_of_an_available_store_is_waited_for() -> None:
    """It is only asked for once LaunchDarkly's word is good; what LaunchDarkly cannot tell then is waited out."""
    answers: list[Any] = ["no marker", Unreachable("GET environment a/b", "connection refused"), ""]

    def missing() -> str:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return str(found)

    done = wait(store(DOWN), AVAILABLE, missing=missing)
    assert (done.ended, answers) == (None, [])
    assert [line.partition(": ")[2] for line in done.shown.lines[1:]] == [
        "LaunchDarkly reports the store available, but no marker",
        "LaunchDarkly reports the store available, but has not reported its client-side ID: connection refused",
    ]
    ended = wait(AVAILABLE, missing=lambda: "no marker", timeout=1).ended
    assert str(ended).startswith(
        f"{ID} is not available after 1s: LaunchDarkly reports the store available, but no marker"
    )


def test_a_store_that_comes_up_ends_the_wait() -> None:
    """Each look that was in vain is told, with the time and LaunchDarkly's latest error."""
    done = wait(store(DOWN), store(REFUSED), AVAILABLE)
    assert done.ended is None
    assert done.shown.lines == [
        "not available yet (0s of 1m): Could not connect: connection refused (503, 2024-06-01T17:31:00Z)",
        "not available yet (1s of 1m): Redis refused the password (WRONGPASS) (400, 2024-06-01T17:30:00Z)",
    ]
    assert done.shown.urns == {URN}


@pytest.mark.parametrize("urn", [None, ""])
def test_without_a_urn_the_line_tells_the_integration(urn: str | None) -> None:
    """It is one of the stack then, among those of other waits."""
    done = wait(store(DOWN), AVAILABLE, urn=urn)
    assert done.shown.urns == {""}
    assert [line.startswith(f"{ID}: not available yet (0s of 1m): ") for line in done.shown.lines] == [True]


def test_the_looks_become_rarer() -> None:
    """1, 2, 4, 8, then 10 seconds, each up to a tenth shorter or longer."""
    done = wait(*[store(DOWN)] * 8, AVAILABLE, timeout=120)
    pauses = [later - earlier for earlier, later in pairwise(done.looks)]
    assert pauses == [pytest.approx(expected, rel=0.101) for expected in (1, 2, 4, 8, 10, 10, 10, 10)]


@pytest.mark.parametrize(("jitter", "pauses"), [(0.0, [0.9, 1.8, 9.0]), (0.5, [1, 2, 10]), (1.0, [1.1, 2.2, 11.0])])
def test_the_pauses_are_jittered(jitter: float, pauses: list[float]) -> None:
    """Many waits of a run do not ask at the same moments; a wait of a day has no overflow."""
    assert [waiting.pause_after(number, lambda: jitter) for number in (0, 1, 10_000)] == pytest.approx(pauses)


def test_when_the_time_is_up_the_store_s_errors_are_told() -> None:
    """At exactly that time, after a last look; newest first whatever LaunchDarkly's order, and what to do."""
    done = wait(store(REFUSED, DOWN), timeout=90)
    assert isinstance(done.ended, NotReady)
    assert str(done.ended) == (
        f"{ID} is not available after 1m30s: Could not connect: connection refused (503, 2024-06-01T17:31:00Z); "
        "Redis refused the password (WRONGPASS) (400, 2024-06-01T17:30:00Z)\n"
        "  The integration is kept. Once the store works, run `pulumi up` again: it will only wait."
    )
    assert done.seconds == done.looks[-1] == pytest.approx(90)


def test_a_last_look_may_still_find_it_available() -> None:
    """The time that was given is given."""
    done = wait(*[store(DOWN)] * 2, AVAILABLE, timeout=2)
    assert done.ended is None
    assert done.looks[2:] == [pytest.approx(2)]


@pytest.mark.parametrize(
    ("count", "told", "more"),
    [
        (3, ["reason 3", "reason 2", "reason 1"], ""),
        (4, ["reason 4", "reason 3", "reason 2"], "; and 1 more"),
        (5, ["reason 5", "reason 4", "reason 3"], "; and 2 more"),
    ],
)
def test_errors_are_told_once_and_cut_to_a_few(count: int, told: list[str], more: str) -> None:
    """LaunchDarkly repeats them at each of its attempts."""
    errors = [error(f"reason {number}", minutes=number) for number in range(1, count + 1)]
    done = wait(store(*errors, *errors), timeout=1)
    line = str(done.ended).split("after 1s: ")[1].splitlines()[0]
    assert re.findall(r"reason \d", line) == told
    assert line.endswith(f"Z){more}")


@pytest.mark.parametrize(
    ("of_launchdarkly", "told"),
    [
        ({"message": "m"}, "m"),
        ({"message": "m", "statusCode": 400}, "m (400)"),
        ({"message": "m", "timestamp": MORNING}, "m (2024-06-01T17:30:00Z)"),
        ({"message": "m", "statusCode": 400, "timestamp": MORNING}, "m (400, 2024-06-01T17:30:00Z)"),
        ({"statusCode": 400}, "an error without a message (400)"),
        *(({"message": "m", "statusCode": status}, f"m ({status})") for status in (1, 999)),
        *(({"message": "m", "statusCode": status}, "m") for status in (-1, 0, 1000, 10**400)),
    ],
)
def test_of_an_error_what_there_is_is_told(of_launchdarkly: dict[str, Any], told: str) -> None:
    """Its message, its status if that can be one, and when it was."""
    assert Told({"available": False, "errors": [of_launchdarkly]}).reasons == [told]


def test_a_store_without_errors_is_told_as_such() -> None:
    """Its first synchronization takes its time."""
    done = wait(store(), timeout=1)
    assert "after 1s: LaunchDarkly has not synchronized the store, and reports no error\n" in str(done.ended)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (answer(429, {"code": "rate_limited", "message": "Too many"}), "429 rate_limited: Too many"),
        (answer(503, {"code": "unavailable", "message": "Later"}), "503 unavailable: Later"),
        (html(502), "502 (text/html): not LaunchDarkly's JSON"),
        (no_answer, "broke the connection"),
    ],
    ids=["rate limit", "server error", "a proxy's page", "no answer"],
)
def test_trouble_of_launchdarkly_is_waited_out(trouble: Step, told: str) -> None:
    """It is told, the store's own errors stay beside it, and the wait goes on to its good end."""
    done = wait(store(REFUSED), *[trouble] * 20, AVAILABLE, timeout=600)
    assert done.ended is None
    assert done.shown.lines[1].split(": ", 1)[1].startswith("LaunchDarkly gives no status: ")
    assert told in done.shown.lines[1]


def test_trouble_of_launchdarkly_to_the_end_is_told_beside_the_errors() -> None:
    """Both what it said last and that it says nothing now."""
    done = wait(store(REFUSED), answer(503, {"code": "unavailable", "message": "Later"}), timeout=30)
    assert "LaunchDarkly gives no status: 503 unavailable: Later; Redis refused the password" in str(done.ended)


def test_a_rate_limit_holds_the_looks_back() -> None:
    """No request before the time that LaunchDarkly names."""
    limit = answer(429, {"code": "rate_limited", "message": "Too many"}, retry_after="25")
    done = wait(limit, AVAILABLE)
    assert done.ended is None
    assert done.looks == [0, pytest.approx(28, abs=3.5)]


def test_a_look_gives_up_what_a_server_would_have_it_wait_for() -> None:
    """A minute without a word is too long: the trouble is told at once, and the next look is one of the wait's own."""
    done = wait(answer(503, {"code": "unavailable", "message": "Later"}, retry_after="60"), AVAILABLE, timeout=300)
    assert done.ended is None
    assert done.shown.lines == ["not available yet (0s of 5m): LaunchDarkly gives no status: 503 unavailable: Later"]


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (answer(400, {"code": "invalid_request", "message": "m"}), InvalidRequest),
        (answer(401, {"code": "unauthorized", "message": "m"}), AccessDenied),
        (answer(403, {"code": "forbidden", "message": "m"}), Forbidden),
        (answer(302, {}, location="https://elsewhere.example.com/"), Redirected),
        (answer(200, {"another": "thing"}), UnexpectedAnswer),
        (html(404), UnexpectedAnswer),
    ],
    ids=["400", "401", "403", "302", "another document", "a proxy's 404"],
)
def test_what_no_waiting_mends_ends_it_at_once(refusal: Step, kind: type[CallError]) -> None:
    """With the call's own error, at the first look or at a later one."""
    for before in ([], [store(DOWN)]):
        done = wait(*before, refusal, AVAILABLE)
        assert type(done.ended) is kind
        assert len(done.looks) == len(before) + 1


def test_an_integration_that_is_gone_ends_it_at_once() -> None:
    """Whether it was there before or not."""
    for before in ([], [store(DOWN)]):
        done = wait(*before, answer(404, {"code": "not_found", "message": "m"}), AVAILABLE)
        assert str(done.ended) == (
            f"{ID} is gone in LaunchDarkly, or the token may not see it: there is nothing to wait for"
        )


def test_a_store_that_is_off_ends_it_at_once() -> None:
    """LaunchDarkly does not write to it; somebody may turn it off during the wait too."""
    for before in ([], [store(DOWN)]):
        done = wait(*before, store(available=True, on=False), AVAILABLE)
        assert str(done.ended) == (f"{ID} is off: LaunchDarkly does not write to it, and it will not become available")


def test_without_a_token_nothing_is_asked() -> None:
    """The error says where to put one."""
    session = Session(Settings(), Shown(), VirtualTime().clock)
    with pytest.raises(LaunchDarklyError, match="there is no LaunchDarkly access token"):
        waiting.until_available(session, ID, 60)


def test_a_run_that_is_cancelled_is_left_within_half_a_second() -> None:
    """Not after the pause, and without another request."""
    done = wait(store(DOWN), timeout=300, cancelled_at=20)
    assert str(done.ended) == (
        f"{ID}: the wait was interrupted after {waiting.duration(done.seconds)}. "
        "Could not connect: connection refused (503, 2024-06-01T17:31:00Z)"
    )
    assert done.looks[-1] < 20 <= done.seconds <= 20 + LONGEST_DEAFNESS


def test_no_secret_and_no_second_line_comes_from_launchdarkly_s_errors() -> None:
    """A server may echo anything in them."""
    echo = error(f"wrong password {PASSWORD}\n\x1b[31mtoken {TOKEN}\u202e" + "x" * 1000)
    done = wait(store(echo), timeout=1, secrets=samples.redis())
    first, _advice = str(done.ended).splitlines()
    for text in (*done.shown.lines, first):
        assert leaks(text, PASSWORD, TOKEN) == []
        assert "wrong password [secret] [31mtoken [secret] x" in text
        assert {unicodedata.category(char)[0] for char in text}.isdisjoint({"C"})
        assert len(text) < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["message", "statusCode", "timestamp", "errors", "available"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)


@given(status=JSON | st.fixed_dictionaries({"errors": st.lists(JSON, max_size=4)}, optional={"available": JSON}))
def test_any_status_is_borne(status: Any) -> None:
    """Whatever the beta API sends: only ``true`` is available, and the rest is told in one line."""
    done = Told(status)
    assert done.available == (isinstance(status, dict) and status.get("available") is True)
    assert all(reason and "\n" not in reason for reason in done.reasons)


class Told:
    """What is made of a status, without a server: this is about thousands of them."""

    def __init__(self, status: Any) -> None:
        session = Session(Settings(), Messages(None), VirtualTime().clock)
        seen = waiting.seen_in(session, {"on": True, "_status": status})
        self.available, self.reasons = seen.available, seen.reasons


# How long.


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("5m", 300),
        ("90s", 90),
        ("1h30m", 5400),
        ("1m30s", 90),
        ("1h1m1s", 3661),
        (" 5m ", 300),
        ("024h", 86_400),
        (90, 90),
        (90.5, 90.5),
        (1, 1),
    ],
)
def test_durations(timeout: Any, seconds: float) -> None:
    """A text with units, or a number of seconds; over the wire every number is a float."""
    assert waiting.seconds_of(timeout) == seconds


@pytest.mark.parametrize(
    ("timeout", "reason"),
    [
        ("90", "such as '5m', '90s' or '1h30m', or a number of seconds, not '90'"),
        ("", "such as '5m'"),
        ("5 m", "such as '5m'"),
        ("30m1h", "such as '5m'"),
        ("1.5h", "such as '5m'"),
        ("-5m", "such as '5m'"),
        ("٥m", "such as '5m'"),
        ("5m\n5m", "such as '5m'"),
        (True, "such as '5m'"),
        (None, "such as '5m'"),
        ({"minutes": 5}, "not a mapping"),
        ([5], "not a list"),
        (0, "from 1 second to 24h"),
        (0.5, "from 1 second to 24h"),
        (-1, "from 1 second to 24h"),
        ("0s", "from 1 second to 24h"),
        (300_000, "from 1 second to 24h"),
        ("24h1s", "from 1 second to 24h"),
        (float("nan"), "from 1 second to 24h"),
        (float("inf"), "from 1 second to 24h"),
        ("9" * 1000 + "s", "such as '5m'"),
    ],
)
def test_what_is_no_duration_is_refused(timeout: Any, reason: str) -> None:
    """Under its property, with what would be one."""
    [failure] = waiting.problems({"integration": str(ID), "timeout": timeout}, None)
    assert (failure.property, reason in failure.reason) == ("timeout", True)
    assert len(failure.reason) < 200


@given(st.integers(min_value=1, max_value=waiting.LONGEST_TIMEOUT))
def test_a_duration_is_written_as_it_is_read(seconds: int) -> None:
    """For every whole number of seconds of a day."""
    assert waiting.seconds_of(waiting.duration(seconds)) == seconds


# Checks.


def test_good_inputs_have_no_problem() -> None:
    """Unknown ones neither."""
    for integration_, timeout in ((str(ID), "5m"), (UNKNOWN, "5m"), (str(ID), UNKNOWN)):
        assert list(waiting.problems({"integration": integration_, "timeout": timeout}, True)) == []


def test_every_problem_is_told_under_its_property() -> None:
    """All at once."""
    problems = list(waiting.problems({"integration": "57c0", "timeout": "soon"}, None))
    assert [each.property for each in problems] == ["integration", "timeout"]


@pytest.mark.parametrize(
    ("integration_", "reason"),
    [
        (None, "is required"),
        (
            "57c0",
            "must be a store or its ID: '57c0' is not an integration's ID, project/environment/kind/integrationId",
        ),
        (57, "must be a store or its ID, not 57"),
        ({"id": str(ID)}, "must be a store or its ID, not a mapping"),
    ],
)
def test_what_is_no_integration_is_refused(integration_: Any, reason: str) -> None:
    """An ID of another form, or no ID at all."""
    [failure] = waiting.problems({"integration": integration_, "timeout": "5m"}, None)
    assert (failure.property, failure.reason[: len(reason)]) == ("integration", reason)


def test_a_store_that_is_declared_off_is_refused_before_anything_is_done() -> None:
    """A preview tells it; where the program does not say, the wait finds out."""
    reason = "is declared off: LaunchDarkly will not write to it. Declare it with on=True"
    inputs = {"integration": UNKNOWN, "timeout": "5m"}
    assert list(waiting.problems(inputs, False)) == [Failure("integration", reason)]
    assert [list(waiting.problems(inputs, on)) for on in (True, None, UNKNOWN)] == [[], [], []]
