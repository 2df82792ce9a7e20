"""What ``make bench`` measures with the real CLI, for a single store."""

from __future__ import annotations

from redis import Redis

from bench import measure, sync
from bench.stacks import OPERATIONS


def test_each_operation_is_counted() -> None:
    """Ours creates after a listing, reads before it writes, and sends requests in a preview."""
    naive, ours = ({name: seen["requests"] for name, seen in row["traffic"].items()} for row in measure.traffic([1]))
    assert ours == {
        "create": {"GET": 1, "POST": 1},
        "preview": {"GET": 1},
        "update": {"GET": 1, "PATCH": 1},
        "refresh": {"GET": 1},
        "destroy": {"DELETE": 1},
    }
    assert naive == {
        "create": {"POST": 1},
        "preview": {},
        "update": {"GET": 1, "PATCH": 1},
        "refresh": {"GET": 1},
        "destroy": {"DELETE": 1},
    }


def test_the_growth_has_time_and_bytes() -> None:
    """A row for the floor and one for ours."""
    rows = measure.growth([1], rounds=1)
    assert [(row["kind"], row["stores"], row["seconds"] > 0) for row in rows] == [("floor", 1, True), ("ours", 1, True)]
    assert {"create", "preview", "update", "refresh", "destroy"} == set(OPERATIONS)


def test_the_sync_is_measured_beside_a_plain_write() -> None:
    """Both write the same, in turns; the memory is that of a first sync and of refreshes."""
    members = [f"user-{number}" for number in range(50)]
    with sync.redis() as port, Redis(port=port) as client:
        plain, ours = sync.compare(port, members)
        written = client.keys("*:big_segment_include:*")
        first, refreshes = sync.peaks(port, members)
    assert len(plain) == len(ours) == sync.ROUNDS
    assert len(written) == 50
    assert 0 < refreshes <= first
