"""What the sections of the page have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_rounds(count: int) -> str:
    """What a figure is, by the number of its rounds."""
    return "one run of each" if count == 1 else f"medians of {rounds(count)}"


def rounds(count: int) -> str:
    """So many rounds, in words."""
    return "1 round" if count == 1 else f"{count} rounds"


def megabytes(count: int) -> str:
    """Not every file system counts them."""
    return f"{count / 1e6:,.1f}" if count else "not counted"
