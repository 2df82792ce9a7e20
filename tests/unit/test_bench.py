"""The verdicts and the page of ``make bench``, from figures that are made up."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from bench import goals, picture, report
from bench.goals import Times
from bench.stacks import OPERATIONS


def figures(stores: int = 100, seconds: float = 1.8) -> dict[str, Any]:
    """Every operation takes the floor two seconds, and ours as many as are given."""
    rows = [("floor", 0, 2.0), ("naive", 0, 4.0), ("ours", 0, seconds), ("naive", 100, 9.0), ("ours", 100, seconds)]
    seen = {"requests": {"GET": 2}, "connections": 1, "bytes_sent": 1000, "bytes_received": 2000}
    return {
        "cores": 2,
        "rounds": 3,
        "speed": [
            {"kind": kind, "stores": stores, "latency_ms": latency, "seconds": dict.fromkeys(OPERATIONS, each)}
            for kind, latency, each in rows
        ],
        "traffic": [
            {
                "kind": kind,
                "stores": stores,
                "traffic": dict.fromkeys(OPERATIONS, seen),
                "state_bytes_per_store": 3000,
            }
            for kind in ("naive", "ours")
        ],
        "growth": [
            {"kind": kind, "stores": count, "seconds": 1.0, "bytes_written": count**2 * 1000}
            for count in (10, 100)
            for kind in ("floor", "ours")
        ],
        "patches": [{"edit": "1 field", "ours_ms": 0.1, "ours_bytes": 45, "jsonpatch_ms": 1.0, "jsonpatch_bytes": 45}],
        "import_ms": 20.0,
    }


def test_a_goal_is_met_up_to_its_limit() -> None:
    """At no latency 1.10 of the floor, at 100 ms 1.15 of the floor and the waiting of 8 requests at once."""
    verdicts = goals.of_speed("create", Times(2.0, 2.2, 3.737), requests=100, cores=2)[:2]
    assert [each.limit for each in verdicts] == pytest.approx([2.2, 1.15 * (2.0 + 1.25)])
    assert [each.is_met for each in verdicts] == [True, True]
    assert not goals.of_speed("create", Times(2.0, 2.21, 3.74), requests=100, cores=2)[1].is_met


def test_terraform_is_scaled_by_the_floor() -> None:
    """A machine that is half as fast makes the floor and Terraform take twice as long."""
    *_, verdict = goals.of_speed("refresh", Times(2.0, 2.0, 2.0), requests=4, cores=2)
    assert verdict.limit == pytest.approx(2.8)


@pytest.mark.parametrize(
    ("operation", "most"), [("create", 101), ("preview", 4), ("update", 200), ("refresh", 4), ("destroy", 100)]
)
def test_the_requests_have_a_limit(operation: str, most: int) -> None:
    """As many as promised, and no more."""
    assert goals.of_requests(operation, most).is_met
    assert not goals.of_requests(operation, most + 1).is_met


def test_the_page_counts_the_goals() -> None:
    """What is met and what is not is worked out, never claimed."""
    assert "20 of 20 are met" in report.page(figures())
    page = report.page(figures(seconds=100.0))
    assert "5 of 20 are met" in page
    assert page.count("**not met**") == 15


def test_without_100_stores_there_is_no_verdict() -> None:
    """A quick look."""
    assert report.verdicts(figures(stores=10)) == []
    assert "which this run did not have" in report.page(figures(stores=10))


def test_the_picture_has_a_bar_for_each_figure() -> None:
    """Five operations, four bars each, and the four of the legend."""
    root = ElementTree.fromstring(picture.of(figures()))  # noqa: S314 - our own
    bars = [each for each in root.iter("{http://www.w3.org/2000/svg}rect") if "--bar" in each.get("fill", "")]
    assert len(bars) == 5 * 4 + 4
