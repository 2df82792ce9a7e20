"""The verdicts and the page of ``make bench``, from figures that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import (
    accounts,
    builds,
    curve,
    fleet_report,
    goals,
    measure,
    page,
    patches_page,
    picture,
    plugin_page,
    profiles,
    report,
)
from bench.goals import Times
from bench.stacks import OPERATIONS

PLUGIN_SECONDS = {"before": 2.0, "ours": 1.7, "floor": 1.5, "yaml": 1.4, "diffs": 1.0, "javascript": 3.0, "bare": 0.8}


def figures(stores: int = 100, seconds: float = 1.8) -> dict[str, Any]:
    """Every operation takes the floor two seconds, and ours as many as are given."""
    rows = [("floor", 0, 2.0), ("naive", 0, 4.0), ("ours", 0, seconds), ("naive", 100, 9.0), ("ours", 100, seconds)]
    seen = {"requests": {"GET": 2}, "connections": 1, "bytes_sent": 1000, "bytes_received": 2000}
    return {
        "cores": 2,
        "rounds": 3,
        "rounds_of_growth": 1,
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
        "settings": [
            {"settings": names, "stores": 100, "seconds": 3.0, "bytes_written": 1000}
            for names in ([], ["PULUMI_SKIP_CHECKPOINTS"])
        ],
        "bytecode": [{"bytecode": kept, "stores": 1, "seconds": 1.0 if kept else 2.0} for kept in (True, False)],
        "concurrency": [{"max_concurrency": 16, "stores": 100, "seconds": 5.0}],
        "plugin": {
            "stores": stores,
            "rounds": 3,
            "before": "0123abc",
            "speed": [
                {"kind": kind, "latency_ms": latency, "seconds": dict.fromkeys(OPERATIONS, each)}
                for latency in (0, 100)
                for kind, each in PLUGIN_SECONDS.items()
            ],
            "peak_mb": {"ours": 60.0, "yaml": 30.0, "bare": 20.0},
            "start_ms": {"ours": 400, "yaml": 220, "bare": 200},
        },
        "patches": patches(10.0),
        "import_ms": 20.0,
    }


def patches(growth: float) -> list[dict[str, Any]]:
    """One field beside 100, 1,000 and 10,000 tags; the last takes so many times what the one before does."""
    rows = [(100, 0.1), (1000, 0.5), (10_000, 0.5 * growth)]
    of_all = {"edit": "1 field", "jsonpatch_ms": 2.0, "ours_bytes": 45, "jsonpatch_bytes": 46}
    return [{"tags": tags, "ours_ms": ours, "checked_ms": 2 * ours, **of_all} for tags, ours in rows]


def test_a_goal_is_met_up_to_its_limit() -> None:
    """At no latency 1.10 of the floor, at 100 ms 1.15 of the floor and the waiting of 8 requests at once."""
    verdicts = goals.of_speed("create", Times(2.0, 2.2, 3.737), requests=100, cores=2)
    assert [each.limit for each in verdicts] == pytest.approx([2.2, 1.15 * (2.0 + 1.25)])
    assert [each.is_met for each in verdicts] == [True, True]
    assert not goals.of_speed("create", Times(2.0, 2.21, 3.74), requests=100, cores=2)[1].is_met


@pytest.mark.parametrize(
    ("operation", "most"), [("create", 101), ("preview", 4), ("update", 200), ("refresh", 4), ("destroy", 100)]
)
def test_the_requests_have_a_limit(operation: str, most: int) -> None:
    """As many as promised, and no more."""
    assert goals.of_requests(operation, most).is_met
    assert not goals.of_requests(operation, most + 1).is_met


def test_the_page_counts_the_goals() -> None:
    """What is met and what is not is worked out, never claimed."""
    assert "19 of 19 are met" in report.page(figures())
    page = report.page(figures(seconds=100.0))
    assert "9 of 19 are met" in page
    assert page.partition("## The plugin")[0].count("**not met**") == 10


def test_the_plugin_is_judged_by_its_ratio_to_the_dynamic_resource() -> None:
    """As an earlier build has it; the dynamic resource's own goals are other ones. What does nothing has no goal."""
    section = plugin_page.section(figures()["plugin"])
    assert "| create at 0 ms, s | 2 | 1.7 | 0.85 | 1.5 | 0.75 | 0.85 |" in section.splitlines()
    assert "| update at 0 ms, s | 2 | 1.7 | **0.85, not met** | 1.5 | 0.75 | 0.80 |" in section.splitlines()
    create = "| create at 0 ms, s | 2 | 1.4 | 0.70 | 1 | 0.50 | 3 | **1.50, not met** | 0.8 | 0.40 | 0.70 |"
    assert create in section.splitlines()
    assert "| preview at 100 ms, s | 2 | 1.4 | **0.70, not met** | 1 | 0.50 | 3 |" in section
    assert "in commit `0123abc`" in section
    assert "| memory at most, MB | 60 | 30 | 0.50 | 20 | 0.33 | 0.60 |" in section
    assert "| start, ms | 400 | 220 | **0.55, not met** | 200 | 0.50 | 0.50 |" in section


def test_without_100_stores_no_operation_has_a_verdict() -> None:
    """A quick look; importing and patches cost the same with few stores."""
    judged = ["import: ms", *(each.name for each in patches_page.verdicts(patches(10.0)))]
    assert [each.name for each in report.verdicts(figures(stores=10))] == judged


def test_a_patch_is_judged_with_its_check_and_by_its_growth() -> None:
    """0.5 ms, 1.2 ms with the check; ten times the tags may take twelve times as long."""
    assert [each.is_met for each in patches_page.verdicts(patches(12.0))] == [True, True, True]
    assert [each.is_met for each in patches_page.verdicts(patches(12.1))] == [True, True, False]
    slower = [{**row, "ours_ms": 0.51, "checked_ms": 1.21} for row in patches(1.0)]
    assert [each.is_met for each in patches_page.verdicts(slower)] == [False, False, True]


def test_the_page_shows_patches_without_and_with_the_check() -> None:
    """A row for each number of tags, and how the time grows."""
    section = patches_page.section(patches(11.0))
    assert "| 1,000 | 1 field | 0.5 | 1.0 | 2.0 | 45 | 46 |" in section
    assert "one field beside 10,000 tags takes 11.0 times as long as beside 1,000." in section


def test_the_page_tells_what_bytecode_brings() -> None:
    """The time with it first."""
    text = " ".join(report.page(figures()).split())
    assert "takes 1.00 seconds with bytecode and 2.00 without any" in text


def test_bytes_that_the_system_does_not_count_are_not_shown() -> None:
    """As on a file system in memory."""
    uncounted = figures()
    uncounted["growth"] = [{**row, "bytes_written": 0} for row in uncounted["growth"]]
    assert "| 100 | ours | 1.00 | 10 | not counted |" in report.page(uncounted)


def test_the_picture_has_a_bar_for_each_figure() -> None:
    """Five operations, three bars each, and the three of the legend."""
    root = ElementTree.fromstring(picture.of(figures()))  # noqa: S314 - our own
    bars = [each for each in root.iter("{http://www.w3.org/2000/svg}rect") if each.get("class", "").startswith("bar")]
    assert len(bars) == 5 * 3 + 3


def test_the_curve_goes_through_the_last_three_figures() -> None:
    """What starting takes, each store, and each pair of them; the cheapest size follows."""
    shape = curve.through([(1, 99.0), *((count, 1.5 + 0.01 * count + 1e-4 * count**2) for count in (10, 100, 300))])
    assert shape
    assert list(shape) == pytest.approx([1.5, 0.01, 1e-4])
    assert shape.seconds(10_000) == pytest.approx(10_101.5)
    assert shape.cheapest_size == 122


@pytest.mark.parametrize("points", [[(1, 1.0), (10, 2.0)], [(1, 1.0), (10, 3.0), (100, 4.0)]])
def test_too_few_figures_and_noise_give_no_curve(points: list[tuple[int, float]]) -> None:
    """A cost that grows ever less is none that squares could explain."""
    assert curve.through(points) is None


def test_the_page_says_what_10_000_stores_need() -> None:
    """From the curve for the time; the bytes by the square of the last figures."""
    page = figures()
    page["growth"] = [
        {"kind": "ours", "stores": count, "seconds": 2 + 1e-4 * count**2, "bytes_written": count**2 * 1000}
        for count in (10, 100, 300)
    ]
    text = " ".join(report.page(page).split())
    assert "10,000 stores in one stack would take 2.8 hours and write 100 GB" in text
    assert "as 100 stacks of 100 they take 5 minutes one after another and write 1,000.0 MB" in text
    assert "about 141:" in text
    assert "| `PULUMI_SKIP_CHECKPOINTS=true` | 3.00 | 0.0 |" in text


def test_each_round_begins_with_another_one() -> None:
    """What is compared takes turns in being the first."""
    assert [measure.rotated("abc", number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_two_builds_are_compared_by_their_rounds() -> None:
    """The ratio of the medians, and the median of the ratios, which a machine that is slow for a round moves less."""
    base, this = (dict.fromkeys(OPERATIONS, seconds) for seconds in ([1.0, 2.0, 8.0], [0.9, 1.8, 10.0]))
    rows = builds.table({0: {"base": base, "this": this}}).splitlines()
    assert len(rows) == 2 + len(OPERATIONS)
    assert rows[2] == "| 0 ms | create | 2.00 | 1.80 | 0.900 | 0.900 |"


@pytest.mark.parametrize(
    ("stack", "part"),
    [
        ("<module> (pulumi/__init__.py:9);<module> (grpc/_channel.py:3)", "Pulumi's SDK: imports"),
        ("run (pulumi/runtime/stack.py:1);__init__ (launchdarkly_pulumi/program/integration.py:9)", "this package"),
        ("diff (launchdarkly_pulumi/provider.py:9);<module> (requests/__init__.py:1)", "this package: imports"),
        ("Diff (pulumi/dynamic/__main__.py:1);send (requests/sessions.py:1);recv (socket.py:1)", "HTTP"),
        ("run (threading.py:1)", "Python itself"),
    ],
    ids=["imports", "innermost", "imports-of-a-library", "library", "unknown"],
)
def test_a_sample_counts_for_the_innermost_known_package(stack: str, part: str) -> None:
    """An import of a library counts for the package that needs the library."""
    assert profiles.part_of(stack.split(";")) == part


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("pulumi preview --non-interactive", "CLI and engine"),
        ("/x/pulumi-language-python 127.0.0.1:1 --root /x", "language host"),
        ("python3 -u /x/pulumi-language-python-exec --monitor 127.0.0.1:2", "program"),
        ("python3 -u -m pulumi.dynamic 127.0.0.1:3", "host"),
        ("python3 -m launchdarkly_pulumi emulator", ""),
    ],
)
def test_a_process_is_known_by_its_command_line(command: str, role: str) -> None:
    """The local LaunchDarkly is none of the command's."""
    assert profiles.role_of(command + " ") == role


def test_the_accounts_leave_out_what_takes_no_time() -> None:
    """A process's CPU is split by the shares of its samples."""
    measured = {
        "seconds": 2.0,
        "cpu": {"program": 1.0, "host": 0.0},
        "shares": {"program": {"HTTP": 0.25, "gRPC": 0.0}},
    }
    told = accounts.section({"rounds": 3, "counts": {"1": {"preview": measured}}})
    assert "| program: HTTP | 0.25 |" in told
    assert "gRPC" not in told
    assert "**host**" not in told


FLEET: dict[str, Any] = {
    **{"stores": 1000, "stacks": 10, "each": 100, "at_once": 2, "cores": 2, "base": "2fcd686"},
    "one": {"seconds": 100.0, "on_processors": 80.0, "bytes": 1e9, "requests": 1001, "refused": 0, "listings": 1},
    "fleet": {"seconds": 25.0, "on_processors": 40.0, "bytes": 1.6e8, "requests": 1010, "refused": 0, "listings": 10},
    "limited": {"limit": 100, "seconds": 122.0, "bytes": 0, "requests": 1010, "refused": 3, "listings": 10},
    "growth": [
        {"stores": 100, "peak_mb": 50.0, "seconds": {"up": 3.0, "preview": 1.0}},
        {"stores": 1000, "peak_mb": 66.0, "seconds": {"up": 31.0, "preview": 9.0}},
    ],
}


def test_a_fleet_is_judged_by_one_stack_and_by_the_limit() -> None:
    """Time, bytes, what a rate limit lets pass, and memory; bytes that nobody has counted have no verdict."""
    section = fleet_report.section(FLEET)
    assert "| seconds | 100.0 | 25.0 | 0.25 | 0.25 | met |" in section
    assert "| seconds of a processor | 80.0 | 40.0 | 0.50 |  |  |" in section
    assert "| MB written | 1,000.0 | 160.0 | 0.16 | 0.15 | **not met** |" in section
    assert "| 122.0 | 1,010 | 3 | 1.21 | 1.2 | **not met** |" in section
    assert "| 1,000 | 31.0 | 9.0 | 66.0 | 1.32 | 1.3 | **not met** |" in section
    uncounted = {**FLEET, "one": {"seconds": 100.0, "bytes": 0}}
    assert "| seconds of a processor |" not in fleet_report.section(uncounted)
    assert "| MB written | not counted | not counted |  | 0.15 |  |" in fleet_report.section(uncounted)
    assert section in report.page({**figures(), "fleet": FLEET})


def test_a_bench_of_one_part_keeps_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each part may be measured alone, also where another one never was."""
    kept = figures()
    del kept["plugin"]
    (tmp_path / "performance.json").write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    monkeypatch.setattr(page, "FIGURES", tmp_path / "performance.json")
    measured = {"seconds": 2.0, "cpu": {"program": 1.0}, "shares": {}}
    page.write({"profile": {"rounds": 3, "counts": {"1": {"preview": measured}}}})
    written = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "## Where the time goes" in written
    assert "## The plugin" not in written
    assert "## Backends" not in written
    page.write({"plugin": figures()["plugin"], "backends": {"stores": 300, "rounds": 3, "rows": []}})
    written = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert written.index("## Backends") < written.index("## The plugin")
    assert "## Where the time goes" in written
    assert "## The plugin" in written
