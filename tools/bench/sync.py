"""Measures how the emulator writes big segments into a Redis, beside a plain pipelined write of the same sets.

Usage: ``make bench-sync``, or ``python -m bench.sync [MEMBERS]``. It needs ``redis-server`` and starts one of its own.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis

from launchdarkly_pulumi.emulator import Emulator

from .servers import free_port

ROUNDS = 5
SEGMENT = "default/production/beta"
BATCH = 1000
"""Commands of a pipeline of the plain write."""


@contextmanager
def redis() -> Iterator[int]:
    """Runs a Redis that keeps nothing; gives its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            try:
                if not any("Ready to accept connections" in line for line in process.stdout):
                    raise RuntimeError("redis-server did not start")
                yield port
            finally:
                process.terminate()


def plain_write(port: int, members: list[str], prefix: str) -> None:
    """What the emulator is compared with: the same sets, in pipelines without transactions."""
    with Redis(port=port, protocol=2) as client:
        for begin in range(0, len(members), BATCH):
            with client.pipeline(transaction=False) as pipeline:
                for member in members[begin : begin + BATCH]:
                    name = base64.b64encode(hashlib.sha256(member.encode()).digest()).decode()
                    pipeline.sadd(f"{prefix}:big_segment_include:{name}", "beta.g1")
                pipeline.execute()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(port: int, members: list[str]) -> tuple[list[float], list[float]]:
    """The seconds of the plain writes and of the emulator's, in turns."""
    plain, ours = [], []
    with Emulator(segments={}) as emulator, Redis(port=port) as client:
        prefix = emulator.environment("default", "production").client_side_id
        config = {"host": "127.0.0.1", "port": str(port)}
        emulator.outside_create("default", "production", "redis", config=config, on=True)
        for _ in range(ROUNDS):
            emulator.members(SEGMENT, [])
            client.flushall()
            plain.append(seconds(lambda: plain_write(port, members, prefix)))
            client.flushall()
            emulator.sync()
            ours.append(seconds(lambda: emulator.members(SEGMENT, members)))
    return plain, ours


def peaks(port: int, members: list[str]) -> tuple[float, float]:
    """The most memory, in MiB, that a first sync takes beside the members themselves, and that ten refreshes take."""
    with Emulator(segments={SEGMENT: members}) as emulator:
        tracemalloc.start()
        config = {"host": "127.0.0.1", "port": str(port)}
        emulator.outside_create("default", "production", "redis", config=config, on=True)
        emulator.sync()
        first = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        for _ in range(10):
            emulator.sync()
        refreshes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return first / 2**20, refreshes / 2**20


def main() -> int:
    """Measures and prints; the exit code is 1 if the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.sync", description=__doc__)
    parser.add_argument("members", nargs="?", type=int, default=100_000)
    count = parser.parse_args().members
    members = [f"user-{number}" for number in range(count)]
    with redis() as port:
        plain, ours = compare(port, members)
        few, many = (peaks(port, members[:amount]) for amount in (count // 10, count))
    ratio = statistics.median(ours) / statistics.median(plain)
    print(f"{count} memberships into a Redis on this machine, medians of {ROUNDS} rounds in turns:")
    print(f"  plain pipelined write  {statistics.median(plain):6.2f} s  ({min(plain):.2f} to {max(plain):.2f})")
    print(f"  the emulator           {statistics.median(ours):6.2f} s  ({min(ours):.2f} to {max(ours):.2f})")
    print(f"  ratio                  {ratio:6.2f}    (goal: 1.5 at most)")
    print("memory beside the members, at its peak:")
    print(f"  a first sync   {few[0]:6.1f} MiB of {count // 10} members, {many[0]:.1f} MiB of {count}")
    print(f"  ten refreshes  {few[1]:6.1f} MiB of {count // 10} members, {many[1]:.1f} MiB of {count}")
    return int(ratio > 1.5)


if __name__ == "__main__":
    sys.exit(main())
