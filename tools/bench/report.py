"""The page of the figures: pure, figures in, Markdown out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import accounts, backends_page, curve, fleet_report, goals, patches_page, plugin_page
from .goals import LATENCY_MS, STORES, Times, Verdict
from .markdown import megabytes, of_rounds, rounds, table
from .stacks import OPERATIONS

Figures = dict[str, Any]

MANY_STORES = 10_000

TEMPLATE = """\
# Performance

Written by `make bench`: real `pulumi` commands against the local LaunchDarkly API, which waits {latency} ms before each
answer where that is said, with the package as users install it. Medians of {rounds} on {cores} cores, in which what is
compared takes turns, operation by operation. The figures are in [performance.json](performance.json).

![Seconds for {stores} stores at {latency} ms a request](pictures/performance.svg)

- **floor**: the same program with a dynamic resource that does nothing, of the same type, inputs and outputs: what
  Pulumi itself takes;
- **naive**: a dynamic provider as one would write it in an afternoon: no live comparison, and for an update a GET and a
  PATCH of everything;
- **ours**: this provider, every preview compared with LaunchDarkly.

## Seconds

{seconds}

## Goals

Goals are compared within one run. At {latency} ms an operation may take 1.15 of the floor and the waiting that its
requests cannot do without, 4 of them at once for each core; at 0 ms 1.10 of the floor, a refresh 1.3.

{goals}

## Requests

For {stores} stores. A run lists the account once in place of a read for each store, and samples the listing with single
reads; [concepts](concepts.md) says when a listing is believed.

{traffic}

The state takes {state_ours} bytes for each store, {state_naive} with the naive provider.

## How cost grows

A create without latency, {rounds_of_growth}:

{growth}

Pulumi's file backend, like each one that keeps a state in one file, writes the whole state after each step: what is
written grows with the square of the number of stores{growth_said}.
{stacks}
Requests grow with the stores that change, and those of a preview hardly at all: one listing, and a sample for each 50
stores. A listing of 10,000 stores has about {listing}; it is read as it arrives, up to 128 MiB.

What can be set, and what it brings to a create of {settings_stores} stores, {rounds_of_growth}:

{settings}

- `PULUMI_SKIP_CHECKPOINTS=true` writes the state once, at the end. A run that is killed then leaves stores that no
  state knows: [`list`](commands.md#list) shows them, and they can be [adopted](adopting.md).
- `PULUMI_DIY_BACKEND_ZSTD=true` compresses what is written, as often as before.

`launchdarkly:maxConcurrency` says how many requests may be under way at once, 16 by default. Pulumi's engine makes 4
calls at a time for each core unless `--parallel` says otherwise; the provider lets them all run, where Pulumi's host
process alone has 4. A create of {concurrency_stores} stores at {latency} ms a request:

{concurrency}

Python compiles what it imports and keeps the bytecode, unless `PYTHONDONTWRITEBYTECODE` is set, as in many container
images; `uv` leaves the bytecode out unless `UV_COMPILE_BYTECODE=1` is set. A create of one store takes {with_bytecode}
seconds with bytecode and {without_bytecode} without any, nearly all of it for Pulumi's own packages.

{backends}{plugin}{patches}
## Importing

`import launchdarkly_pulumi` takes {import_ms} ms on top of `import pulumi`.
"""


def page(figures: Figures) -> str:
    """The whole page; without figures of a part, it has no section about these."""
    stores = max(row["stores"] for row in figures["speed"])
    states = {row["kind"]: row["state_bytes_per_store"] for row in figures["traffic"] if row["stores"] == stores}
    told = TEMPLATE.format(
        latency=LATENCY_MS,
        rounds=rounds(figures["rounds"]),
        rounds_of_growth=of_rounds(figures["rounds_of_growth"]),
        cores=figures["cores"],
        stores=stores,
        seconds=_seconds(figures["speed"]),
        goals=_goals(figures),
        traffic=_traffic(figures["traffic"], stores),
        state_ours=f"{states['ours']:,}",
        state_naive=f"{states['naive']:,}",
        growth=_growth(figures["growth"]),
        growth_said=_growth_said(figures["growth"]),
        stacks=_stacks(figures["growth"]),
        listing=_bytes(_listed_bytes(figures["traffic"]) * MANY_STORES),
        settings_stores=figures["settings"][0]["stores"],
        settings=_settings(figures["settings"]),
        concurrency_stores=figures["concurrency"][0]["stores"],
        concurrency=_concurrency(figures["concurrency"]),
        with_bytecode=_with_bytecode(figures["bytecode"], kept=True),
        without_bytecode=_with_bytecode(figures["bytecode"], kept=False),
        backends=backends_page.section(figures["backends"]) if "backends" in figures else "",
        plugin=plugin_page.section(figures["plugin"]) if "plugin" in figures else "",
        patches=patches_page.section(figures["patches"]),
        import_ms=figures["import_ms"],
    )
    fleet = fleet_report.section(figures["fleet"]) if "fleet" in figures else ""
    return told + fleet + (accounts.section(figures["profile"]) if "profile" in figures else "")


def verdicts(figures: Figures) -> list[Verdict]:
    """Every goal; those of the operations are for 100 stores, which a quick run does not have."""
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
    return [*found, goals.of_import(figures["import_ms"]), *patches_page.verdicts(figures["patches"])]


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
    return table(["stores", "", "a request", *OPERATIONS], lines)


def _goals(figures: Figures) -> str:
    found = verdicts(figures)
    met = sum(each.is_met for each in found)
    lines = [
        [each.name, f"{each.measured:g}", f"{each.limit:.4g}", "met" if each.is_met else "**not met**"]
        for each in found
    ]
    return f"{met} of {len(found)} are met.\n\n" + table(["", "measured", "at most", ""], lines)


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
    return table(["", "", "requests", "connections", "bytes sent", "bytes received"], lines)


def _growth(rows: Sequence[Figures]) -> str:
    lines = [
        [
            f"{row['stores']}",
            row["kind"],
            f"{row['seconds']:.2f}",
            f"{row['seconds'] / row['stores'] * 1000:,.0f}",
            megabytes(row["bytes_written"]),
        ]
        for row in rows
    ]
    return table(["stores", "", "seconds", "ms for each store", "MB written"], lines)


def _growth_said(rows: Sequence[Figures]) -> str:
    ours = [row for row in rows if row["kind"] == "ours"]
    less, most = ours[-2], ours[-1]
    if not less["bytes_written"]:
        return ""
    times = most["bytes_written"] / less["bytes_written"]
    return f": {most['stores'] / less['stores']:.0f} times as many stores wrote {times:.0f} times as much here"


def _stacks(rows: Sequence[Figures]) -> str:
    """Where to split, worked out from the curve through the figures."""
    ours = [row for row in rows if row["kind"] == "ours"]
    shape = curve.through([(row["stores"], row["seconds"]) for row in ours])
    if shape is None:
        return "Split a stack, by project or by environment, before it has some hundred stores."
    written = [ours[-1]["bytes_written"] * (size / ours[-1]["stores"]) ** 2 for size in (MANY_STORES, STORES)]
    stacks = MANY_STORES // STORES
    return (
        f"Through the last three figures of ours goes {shape.fixed:.1f} s + {shape.per_store * 1e3:.1f} ms × stores + "
        f"{shape.per_square * 1e6:.0f} µs × stores². So {MANY_STORES:,} stores in one stack would take "
        f"{_duration(shape.seconds(MANY_STORES))} and write {_bytes(written[0])}; as {stacks} stacks of {STORES} they "
        f"take {_duration(stacks * shape.seconds(STORES))} one after another and write {_bytes(stacks * written[1])}, "
        f"and stacks can run side by side. Least time for each store takes a stack of about {shape.cheapest_size}: "
        "split, by project or by environment, before a stack has some hundred."
    )


def _listed_bytes(rows: Sequence[Figures]) -> float:
    """What an unchanged preview receives for each store: with many of them, the listing."""
    row = max((row for row in rows if row["kind"] == "ours"), key=lambda row: int(row["stores"]))
    return float(row["traffic"]["preview"]["bytes_received"] / row["stores"])


def _settings(rows: Sequence[Figures]) -> str:
    lines = [
        [
            ", ".join(f"`{name}=true`" for name in row["settings"]) or "none",
            f"{row['seconds']:.2f}",
            megabytes(row["bytes_written"]),
        ]
        for row in rows
    ]
    return table(["setting", "seconds", "MB written"], lines)


def _concurrency(rows: Sequence[Figures]) -> str:
    lines = [[f"{row['max_concurrency']}", f"{row['seconds']:.2f}"] for row in rows]
    return table(["requests at once", "seconds"], lines)


def _with_bytecode(rows: Sequence[Figures], *, kept: bool) -> str:
    return next(f"{row['seconds']:.2f}" for row in rows if row["bytecode"] is kept)


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds > 5400 else f"{seconds / 60:.0f} minutes"


def _bytes(count: float) -> str:
    return f"{count / 1e9:,.0f} GB" if count > 2e9 else f"{count / 1e6:,.1f} MB"


def bars(figures: Figures) -> dict[str, dict[str, float]]:
    """Seconds by operation and kind at latency, for the most stores: what the picture shows."""
    stores = max(row["stores"] for row in figures["speed"])
    rows = {(row["kind"], row["latency_ms"]): row["seconds"] for row in figures["speed"] if row["stores"] == stores}
    return {
        operation: {
            "floor": rows["floor", 0][operation],
            "ours": rows["ours", LATENCY_MS][operation],
            "naive": rows["naive", LATENCY_MS][operation],
        }
        for operation in OPERATIONS
    }
