"""The section of the page about ``examples/fleet``: pure, figures in, Markdown out."""

from __future__ import annotations

from typing import Any

from . import goals
from .markdown import table

Figures = dict[str, Any]

SECTION = """
## A fleet

[examples/fleet](../examples/fleet/README.md) deploys a stack for each project, {at_once} at a time on {cores} cores
here, with one process of the plugin. Written by `make bench-fleet`: a create of {stores:,} stores as {stacks} stacks,
beside one stack of as many with the dynamic resource of an earlier build (commit `{base}`), one after the other on the
same machine. Where it is busy with other things as well, the seconds of a processor say more than those of the clock.

{compared}

The fleet sends {requests:,} requests, {listings} of them listings: where another stack has created stores since, a
stack lists the account anew. With a limit of {limit} requests in ten seconds:

{limited}

How a fleet of stacks of {each} stores grows: a create and a preview, and the most memory that the plugin's process had
in both.

{memory}
"""


def section(figures: Figures) -> str:
    """The section."""
    one, fleet, limited = figures["one"], figures["fleet"], figures["limited"]
    pace = limited["seconds"] / (limited["requests"] / limited["limit"] * 10)
    return SECTION.format(
        **{name: figures[name] for name in ("at_once", "cores", "stores", "stacks", "base", "each")},
        requests=fleet["requests"],
        listings=fleet["listings"],
        limit=limited["limit"],
        compared=table(
            ["", "one stack", "fleet", "ratio", "at most", ""],
            [
                ["seconds", *_compared(one["seconds"], fleet["seconds"], goals.OF_FLEET["seconds"])],
                *_on_processors(one, fleet),
                ["MB written", *_compared(one["bytes"] / 1e6, fleet["bytes"] / 1e6, goals.OF_FLEET["bytes"])],
            ],
        ),
        limited=table(
            ["seconds", "requests", "refused with 429", "seconds by those that the limit demands", "at most", ""],
            [
                [
                    f"{limited['seconds']:.1f}",
                    f"{limited['requests']:,}",
                    str(limited["refused"]),
                    f"{pace:.2f}",
                    f"{goals.PACE_OF_FLEET}",
                    _verdict(pace, goals.PACE_OF_FLEET),
                ]
            ],
        ),
        memory=_growth(figures["growth"]),
    )


def _on_processors(one: Figures, fleet: Figures) -> list[list[str]]:
    """The row, where both runs have counted it."""
    if "on_processors" not in one or "on_processors" not in fleet:
        return []
    return [["seconds of a processor", *_compared(one["on_processors"], fleet["on_processors"])]]


def _growth(rows: list[Figures]) -> str:
    fewest = rows[0]["peak_mb"]
    return table(
        ["stores", "create, s", "preview, s", "most memory, MB", "ratio", "at most", ""],
        [
            [
                f"{row['stores']:,}",
                f"{row['seconds']['up']:.1f}",
                f"{row['seconds']['preview']:.1f}",
                f"{row['peak_mb']:.1f}",
                f"{row['peak_mb'] / fewest:.2f}",
                f"{goals.MEMORY_OF_FLEET}",
                _verdict(row["peak_mb"] / fewest, goals.MEMORY_OF_FLEET),
            ]
            for row in rows
        ],
    )


def _compared(one: float, fleet: float, most: float | None = None) -> list[str]:
    """The cells of a row; where there is no goal, no verdict."""
    limit = "" if most is None else f"{most}"
    if not one:
        return ["not counted", "not counted", "", limit, ""]
    verdict = "" if most is None else _verdict(fleet / one, most)
    return [f"{one:,.1f}", f"{fleet:,.1f}", f"{fleet / one:.2f}", limit, verdict]


def _verdict(measured: float, most: float) -> str:
    return "met" if measured <= most else "**not met**"
