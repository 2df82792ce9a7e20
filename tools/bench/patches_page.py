"""The section about the patch engine: pure, figures in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import goals
from .goals import Verdict
from .markdown import table

ONE_FIELD = "1 field"

TEMPLATE = """\
## The patch

One patch of an integration with more and more tags, in milliseconds of CPU: ours alone; ours and the check that is made
before a patch is sent, which applies it with jsonpatch and compares the result;
and `jsonpatch.make_patch`, for which the order of tags counts.

{table}

{growth}
"""

MEASURED = ("ours_ms", "checked_ms", "jsonpatch_ms", "ours_bytes", "jsonpatch_bytes")


def section(rows: Sequence[Mapping[str, Any]]) -> str:
    """The section of the page."""
    lines = [[f"{row['tags']:,}", row["edit"], *(f"{row[name]:,}" for name in MEASURED)] for row in rows]
    head = ["tags", "edited", "ms", "ms, with the check", "ms, jsonpatch", "bytes", "bytes, jsonpatch"]
    by_tags = _of_one_field(rows, "checked_ms")
    *_, less, most = sorted(by_tags)
    times = by_tags[most] / by_tags[less]
    growth = f"With the check, one field beside {most:,} tags takes {times:.1f} times as long as beside {less:,}."
    return TEMPLATE.format(table=table(head, lines), growth=growth)


def verdicts(rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """The goals for a patch of one field."""
    return goals.of_patches(_of_one_field(rows, "ours_ms"), _of_one_field(rows, "checked_ms"))


def _of_one_field(rows: Sequence[Mapping[str, Any]], name: str) -> dict[int, float]:
    return {row["tags"]: row[name] for row in rows if row["edit"] == ONE_FIELD}
