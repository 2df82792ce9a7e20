"""Many calls at a time: no more requests than the setting allows, and each gets its own response."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.doors import Door
from support.fault_proxy import Barrier, Exchange, Fault, FaultProxy

TWO = 2
EIGHT = 8
TIMEOUT = 30


def create_all(door: Door, proxy: FaultProxy, *faults: Fault, **settings: str) -> list[str]:
    """Creates eight stores at the same time, each in an environment of its own; their IDs."""
    urns = [door.urn(f"store-{number}") for number in range(EIGHT)]
    with door.open(proxy.url, None, **settings) as process, ThreadPoolExecutor(EIGHT) as callers:
        checked = [process.check(samples.redis(environment_key=f"e{number}"))[0] for number in range(EIGHT)]
        proxy.inject(*faults, method="POST")
        created = list(callers.map(process.create, checked, urns))
    assert [id_.split("/")[1] for id_, _ in created] == [f"e{number}" for number in range(EIGHT)]
    return [outputs["integration_id"] for _, outputs in created]


def test_eight_creates_are_under_way_at_once(door: Door, proxy: FaultProxy, emulator: Emulator) -> None:
    """The barrier opens once all eight have arrived: with Pulumi's own four workers it never would."""
    assert set(create_all(door, proxy, Barrier(EIGHT))) == set(emulator.integrations)


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


def test_the_setting_bounds_the_requests(door: Door, proxy: FaultProxy, emulator: Emulator) -> None:
    """There are as many workers as before, but two requests at a time."""
    counting = Counting()
    created = create_all(door, proxy, *[counting] * EIGHT, maxConcurrency=str(TWO))
    assert set(created) == set(emulator.integrations)
    assert counting.most == TWO
