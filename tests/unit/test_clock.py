"""Waits that a cancelled run ends."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Optional

import pytest

from launchdarkly_pulumi.api.clock import Clock
from launchdarkly_pulumi.errors import Interrupted
from support.runs import Time


def test_a_pause_waits() -> None:
    """As long as it is asked for."""
    times = Time()
    times.clock.pause(3.5)
    assert (times.waits, times.now) == ([3.5], 3.5)


@pytest.mark.parametrize("seconds", [0, -1, -1e9])
def test_a_pause_that_is_over_does_not_wait(seconds: float) -> None:
    """Not even for a moment."""
    times = Time()
    times.clock.pause(seconds)
    assert times.waits == []


@pytest.mark.parametrize("seconds", [3.5, 0, -1])
def test_a_pause_of_a_cancelled_run_ends_before_it_begins(seconds: float) -> None:
    """Whatever comes after it is not to be done."""
    times = Time()
    times.cancelled.set()
    with pytest.raises(Interrupted):
        times.clock.pause(seconds)
    assert times.waits == []


def test_a_pause_during_which_the_run_is_cancelled_ends_as_such() -> None:
    """The sleep returns early, or late: either way nothing follows."""
    times = Time()
    times.on_wait = times.cancelled.set
    with pytest.raises(Interrupted, match=r"^interrupted: nothing more is sent to LaunchDarkly$"):
        times.clock.pause(1)


def test_a_run_s_clock_is_woken_by_its_end() -> None:
    """The real one: an hour is over as soon as the event is set."""
    cancelled = threading.Event()
    clock = Clock.of_run(cancelled)
    timer = threading.Timer(0.01, cancelled.set)
    timer.start()
    with pytest.raises(Interrupted):
        clock.pause(3600)
    timer.join()


def test_a_run_s_clock_has_the_real_time() -> None:
    """Both of them."""
    clock = Clock.of_run(threading.Event())
    assert (clock.monotonic, clock.epoch) == (time.monotonic, time.time)
    clock.require_running()


def test_clocks_are_cancelled_each_for_itself() -> None:
    """One run's end is not another's."""
    one, other = Clock(), Clock()
    one.cancelled.set()
    other.require_running()
    with pytest.raises(Interrupted):
        one.require_running()


def test_an_event_is_awaited() -> None:
    """Until it is set, by somebody else."""
    event = threading.Event()
    timer = threading.Timer(0.01, event.set)
    timer.start()
    assert Clock().await_event(event, 3600)
    timer.join()


@pytest.mark.parametrize("seconds", [0.0, -1.0, 0.01])
def test_an_event_that_does_not_come_is_given_up(seconds: float) -> None:
    """When the time is up."""
    assert not Clock().await_event(threading.Event(), seconds)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_an_event_that_is_set_already_needs_no_time(seconds: float) -> None:
    """Also when there is none."""
    event = threading.Event()
    event.set()
    assert Clock().await_event(event, seconds)


def test_the_wait_for_an_event_heeds_the_end_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody wakes it."""
    monkeypatch.setattr("launchdarkly_pulumi.api.clock.LONGEST_DEAFNESS", 0.01)
    clock = Clock()
    timer = threading.Timer(0.02, clock.cancelled.set)
    timer.start()
    with pytest.raises(Interrupted):
        clock.await_event(threading.Event(), 3600)
    timer.join()


def test_the_last_wait_for_an_event_is_for_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the others is as long as it may be deaf; none begins when the time is up to the moment."""
    waits: list[float] = []

    class Never(threading.Event):
        def wait(self, timeout: Optional[float] = None) -> bool:
            waits.append(timeout or 0.125)
            return False

    monkeypatch.setattr("launchdarkly_pulumi.api.clock.time", SimpleNamespace(monotonic=lambda: sum(waits)))
    assert not Clock().await_event(Never(), 1.25)
    assert waits == [0.5, 0.5, 0.25]
