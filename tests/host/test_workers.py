"""The host process: more calls at a time than Pulumi's allows by itself, and no more requests than the setting allows.

And what it spares itself.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from launchdarkly_pulumi.dynamic.host import widen_host
from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.fault_proxy import Barrier, Exchange, Fault, FaultProxy
from support.host import host_for, urn_of

TWO = 2
FOUR = 4
EIGHT = 8
TIMEOUT = 30
URNS = [urn_of(f"store-{number}") for number in range(EIGHT)]

CONFIGURED = """\
import gc
from pulumi.dynamic import Config, ConfigureRequest
from launchdarkly_pulumi.provider import BigSegmentStoreProvider

loaded = len(gc.get_objects())
BigSegmentStoreProvider().configure(ConfigureRequest(Config({}, "shop")))
print(len(gc.get_objects()) / loaded)
"""
"""Tells how much of what is loaded garbage collections still go through."""


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    """Sees how many requests are under way."""
    with FaultProxy(emulator.url) as running:
        yield running


def test_eight_creates_are_under_way_at_once(proxy: FaultProxy, emulator: Emulator) -> None:
    """The barrier opens once all eight have arrived: with Pulumi's four workers it never would."""
    with host_for(proxy.url) as host:
        checked = [host.check(samples.redis(environment_key=f"e{number}"))[0] for number in range(EIGHT)]
        proxy.inject(Barrier(EIGHT), method="POST")
        with ThreadPoolExecutor(EIGHT) as callers:
            ids = [id_ for id_, _ in callers.map(host.create, checked, URNS)]
    assert len(set(ids)) == len(emulator.integrations) == EIGHT


class Counting(Fault):
    """Forwards requests two at a time, and remembers how many were under way at once."""

    def __init__(self) -> None:
        self._two = threading.Barrier(TWO)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def apply(self, exchange: Exchange) -> None:
        """Counts."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._two.wait(TIMEOUT)
        exchange.answer(exchange.forward())
        with self._lock:
            self._now -= 1


def test_the_setting_bounds_the_requests(proxy: FaultProxy, emulator: Emulator) -> None:
    """There are as many workers as before, but two requests at a time."""
    counting = Counting()
    with host_for(proxy.url, maxConcurrency=str(TWO)) as host:
        checked = [host.check(samples.redis(environment_key=f"e{number}"))[0] for number in range(EIGHT)]
        proxy.inject(*[counting] * EIGHT, method="POST")
        with ThreadPoolExecutor(EIGHT) as callers:
            list(callers.map(host.create, checked, URNS))
    assert len(emulator.integrations) == EIGHT
    assert counting.most == TWO


def test_a_pool_is_widened_from_within() -> None:
    """Calls that wait already get a worker too."""
    begun = threading.Barrier(EIGHT + 1)

    def work(number: int) -> None:
        if number == 0:
            widen_host(EIGHT)
        begun.wait(10)

    with ThreadPoolExecutor(FOUR) as pool:
        done = [pool.submit(work, number) for number in range(EIGHT)]
        begun.wait(10)
    assert [each.result() for each in done] == [None] * EIGHT


def test_elsewhere_nothing_is_widened() -> None:
    """A thread that belongs to no pool, as in plain Python, changes nothing."""
    widen_host()


def test_an_unknown_kind_of_pool_is_left_alone() -> None:
    """Its arguments only look like those of a worker."""
    seen: list[BaseException] = []

    def work(_reference: object) -> None:
        try:
            widen_host()
        except BaseException as error:
            seen.append(error)

    thread = threading.Thread(target=work, args=(lambda: "no pool",))
    thread.start()
    thread.join()
    assert seen == []


def test_what_is_loaded_is_spared_by_collections() -> None:
    """Once a provider is configured, garbage collections skip most of the objects that were there before."""
    told = subprocess.run([sys.executable, "-c", CONFIGURED], capture_output=True, text=True, check=True)
    assert float(told.stdout) < 0.1
