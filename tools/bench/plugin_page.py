"""The section of the page about the plugin, beside the dynamic resource: pure, figures in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from . import goals
from .goals import LATENCY_MS
from .markdown import of_rounds, table

Figures = dict[str, Any]

SECTION = """\
## The plugin

[The plugin](plugin.md) with programs in YAML and in JavaScript, beside the dynamic resource with one in Python, side by
side in one run of `make bench-plugin`: {stores} stores, {rounds}. The plugin is installed, and the programs name its
version. At {latency} ms the engine makes 32 calls at a time. Each ratio is to what the dynamic resource took
**before**, in commit `{before}`.

The **dynamic resource**, and beside it the **floor**: a dynamic resource that does nothing and sends nothing, as above.

{dynamic}

**The plugin**, and beside it a **bare** plugin with the program in YAML, which looks at nothing: by the same library it
sends the listing, POST, PATCH or DELETE that cannot be spared, and takes whatever comes. Pulumi, Python, gRPC and
requests take that much, and what keeps the stores safe comes on top.

{plugin}

**Diffs at once**: with `PULUMI_PARALLEL_DIFF=true`, which `pulumi about env` lists, the engine does not await one diff
before it begins the next, as it does by default: the GET of the first store and the listing are sent together.

Node.js loads Pulumi's SDK for JavaScript in each command that runs a program; `refresh` and `destroy` run none.

The process with the provider:

{process}

"""

_Compared = Sequence[tuple[str, str, bool]]
"""What has a column and a ratio: its kind, its heading, and whether it has a goal."""

OF_DYNAMIC: _Compared = (("ours", "dynamic", True), ("floor", "floor", False))
OF_PLUGIN: _Compared = (
    ("yaml", "YAML", True),
    ("diffs", "YAML, diffs at once", True),
    ("javascript", "JavaScript", True),
    ("bare", "bare", False),
)


def section(figures: Figures) -> str:
    """The section."""
    of_process = [
        [
            name,
            f"{of['ours']:g}",
            *_judged(of["ours"], of["yaml"], most),
            *_judged(of["ours"], of["bare"]),
            f"{most:.2f}",
        ]
        for name, of, most in (
            ("memory at most, MB", figures["peak_mb"], goals.MEMORY_OF_PLUGIN),
            ("start, ms", figures["start_ms"], goals.START_OF_PLUGIN),
        )
    ]
    return SECTION.format(
        stores=figures["stores"],
        rounds=of_rounds(figures["rounds"]),
        latency=LATENCY_MS,
        before=figures["before"],
        dynamic=_beside_before(figures["speed"], OF_DYNAMIC, goals.OF_DYNAMIC),
        plugin=_beside_before(figures["speed"], OF_PLUGIN, goals.OF_PLUGIN),
        process=table(["", "dynamic", "plugin", "ratio", "bare", "ratio", "goal"], of_process),
    )


def _beside_before(speed: Sequence[Figures], kinds: _Compared, limits: Mapping[int, Mapping[str, float]]) -> str:
    """A table of what some kinds take beside the earlier build."""
    seconds = {(row["kind"], row["latency_ms"]): row["seconds"] for row in speed}
    lines = []
    for latency, of_latency in limits.items():
        for operation, most in of_latency.items():
            before = seconds["before", latency][operation]
            cells = [
                cell
                for kind, _, has_goal in kinds
                for cell in _judged(before, seconds[kind, latency][operation], most if has_goal else None)
            ]
            lines.append([f"{operation} at {latency} ms, s", f"{before:g}", *cells, f"{most:.2f}"])
    return table(["", "before", *(cell for _, name, _ in kinds for cell in (name, "ratio")), "goal"], lines)


def _judged(other: float, own: float, most: Optional[float] = None) -> tuple[str, str]:
    """What one takes, and its ratio to another, which stands out where the goal is not met."""
    ratio = own / other
    return f"{own:g}", f"{ratio:.2f}" if most is None or ratio <= most else f"**{ratio:.2f}, not met**"
