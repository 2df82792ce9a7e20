"""How the host process gets more workers than Pulumi's has by itself, and what it spares itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from launchdarkly_pulumi.dynamic.host import widen_host

FOUR = 4
EIGHT = 8

CONFIGURED = """\
import gc
from pulumi.dynamic import Config, ConfigureRequest
from launchdarkly_pulumi.provider import BigSegmentStoreProvider

loaded = len(gc.get_objects())
BigSegmentStoreProvider().configure(ConfigureRequest(Config({}, "shop")))
print(len(gc.get_objects()) / loaded)
"""
"""Tells how much of what is loaded garbage collections still go through."""


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
