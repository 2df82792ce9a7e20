"""The page of the figures: pure, figures in, Markdown out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import goals
from .goals import LATENCY_MS, STORES, TERRAFORM, Times, Verdict
from .stacks import OPERATIONS

Figures = dict[str, Any]

TEMPLATE = """\
# Performance

Written by `make bench`: real `pulumi` commands against the local LaunchDarkly API, which waits {latency} ms before each
answer where that is said. Medians of {rounds} on {cores} cores, in which what is compared takes turns. The figures are
in [performance.json](performance.json).

![Seconds for {stores} stores at {latency} ms a request](pictures/performance.svg)

- **floor**: the same program with a dynamic resource that does nothing: what Pulumi itself takes;
- **naive**: a dynamic provider as one would write it in an afternoon: no live comparison, and for an update a GET and a
  PATCH of everything;
- **ours**: this provider, every preview compared with LaunchDarkly.

## Seconds

{seconds}

## Goals

Goals are compared within one run. At {latency} ms an operation may take 1.15 of the floor and the waiting that its
requests cannot do without, 4 of them at once for each core; at 0 ms 1.10 of the floor, a refresh 1.3. Terraform is
LaunchDarkly's own provider with its best setting: its figures come from an earlier run on 2 cores, scaled by the floors
of both runs.

{goals}

## Requests

For {stores} stores. A run lists the account once in place of a read for each store, and samples the listing with single
reads; [concepts](concepts.md) says when a listing is believed.

{traffic}

The state takes {state_ours} bytes for each store, {state_naive} with the naive provider.

## How cost grows

A create without latency:

{growth}

Pulumi's file backend, like each one that keeps a state in one file, writes the whole state after each step: what is
written grows with the square of the number of stores{growth_said}.
Split a stack, by project or by environment, before it has some hundred stores: of 10,000 stores, a hundred stacks of
100 write a hundredth of what one stack of 10,000 would, and can run side by side. Requests grow with the stores that
change, and those of a preview hardly at all: one listing, of at most 16 MiB, and a sample for each 50 stores.

What can be set:

- `launchdarkly:maxConcurrency`: how many requests may be under way at once, 16 by default. Pulumi's engine makes 4
  calls at a time for each core unless `--parallel` says otherwise; the provider lets them all run, where Pulumi's host
  process alone has 4.
- Pulumi's engine asks for one comparison after another. `PULUMI_PARALLEL_DIFF=true` in its environment makes it ask for
  several at once.

## The patch

One patch of an integration with {tags} tags, beside `jsonpatch.make_patch`, for which the order of tags counts:

{patches}

## Importing

`import launchdarkly_pulumi` takes {import_ms} ms on top of `import pulumi`.
"""


def page(figures: Figures) -> str:
    """The whole page."""
    stores = max(row["stores"] for row in figures["speed"])
    states = {row["kind"]: row["state_bytes_per_store"] for row in figures["traffic"] if row["stores"] == stores}
    return TEMPLATE.format(
        latency=LATENCY_MS,
        rounds="1 round" if figures["rounds"] == 1 else f"{figures['rounds']} rounds",
        cores=figures["cores"],
        stores=stores,
        seconds=_seconds(figures["speed"]),
        goals=_goals(figures),
        traffic=_traffic(figures["traffic"], stores),
        state_ours=f"{states['ours']:,}",
        state_naive=f"{states['naive']:,}",
        growth=_growth(figures["growth"]),
        growth_said=_growth_said(figures["growth"]),
        tags=f"{1000:,}",
        patches=_patches(figures["patches"]),
        import_ms=figures["import_ms"],
    )


def verdicts(figures: Figures) -> list[Verdict]:
    """Every goal for 100 stores; none where the run had fewer."""
    seconds = {(row["kind"], row["latency_ms"]): row["seconds"] for row in figures["speed"] if row["stores"] == STORES}
    counted = [row["traffic"] for row in figures["traffic"] if (row["kind"], row["stores"]) == ("ours", STORES)]
    found = []
    for operation in OPERATIONS if seconds else ():
        requests = sum(counted[0][operation]["requests"].values())
        rows = (("floor", 0), ("ours", 0), ("ours", LATENCY_MS))
        found += goals.of_speed(
            operation, Times(*(seconds[row][operation] for row in rows)), requests, figures["cores"]
        )
        found.append(goals.of_requests(operation, requests))
    return found


def _seconds(rows: Sequence[Figures]) -> str:
    lines = [
        [
            f"{row['stores']}",
            row["kind"],
            f"{row['latency_ms']} ms",
            *(f"{row['seconds'][each]:.2f}" for each in OPERATIONS),
        ]
        for row in rows
    ]
    return _table(["stores", "", "a request", *OPERATIONS], lines)


def _goals(figures: Figures) -> str:
    found = verdicts(figures)
    if not found:
        return f"They are for {STORES} stores, which this run did not have."
    met = sum(each.is_met for each in found)
    lines = [
        [each.name, f"{each.measured:g}", f"{each.limit:.4g}", "met" if each.is_met else "**not met**"]
        for each in found
    ]
    return f"{met} of {len(found)} are met.\n\n" + _table(["", "measured", "at most", ""], lines)


def _traffic(rows: Sequence[Figures], stores: int) -> str:
    lines = [
        [
            row["kind"],
            operation,
            ", ".join(f"{count} {method}" for method, count in seen["requests"].items()) or "none",
            f"{seen['connections']}",
            f"{seen['bytes_sent']:,}",
            f"{seen['bytes_received']:,}",
        ]
        for row in rows
        if row["stores"] == stores
        for operation, seen in row["traffic"].items()
    ]
    return _table(["", "", "requests", "connections", "bytes sent", "bytes received"], lines)


def _growth(rows: Sequence[Figures]) -> str:
    lines = [
        [
            f"{row['stores']}",
            row["kind"],
            f"{row['seconds']:.2f}",
            f"{row['seconds'] / row['stores'] * 1000:,.0f}",
            f"{row['bytes_written'] / 1e6:,.1f}",
        ]
        for row in rows
    ]
    return _table(["stores", "", "seconds", "ms for each store", "MB written"], lines)


def _growth_said(rows: Sequence[Figures]) -> str:
    ours = [row for row in rows if row["kind"] == "ours"]
    less, most = ours[-2], ours[-1]
    if not less["bytes_written"]:
        return ""
    times = most["bytes_written"] / less["bytes_written"]
    return f": {most['stores'] / less['stores']:.0f} times as many stores wrote {times:.0f} times as much here"


def _patches(rows: Sequence[Figures]) -> str:
    lines = [
        [row["edit"], *(f"{row[name]:,}" for name in ("ours_ms", "jsonpatch_ms", "ours_bytes", "jsonpatch_bytes"))]
        for row in rows
    ]
    return _table(["edited", "ms", "ms, jsonpatch", "bytes", "bytes, jsonpatch"], lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bars(figures: Figures) -> dict[str, dict[str, float]]:
    """Seconds by operation and kind at latency, for the most stores: what the picture shows."""
    stores = max(row["stores"] for row in figures["speed"])
    rows = {(row["kind"], row["latency_ms"]): row["seconds"] for row in figures["speed"] if row["stores"] == stores}
    floor = rows["floor", 0]
    return {
        operation: {
            "floor": floor[operation],
            "ours": rows["ours", LATENCY_MS][operation],
            "Terraform, scaled": TERRAFORM[operation] * floor[operation] / goals.FLOOR_BESIDE_TERRAFORM[operation],
            "naive": rows["naive", LATENCY_MS][operation],
        }
        for operation in OPERATIONS
    }
