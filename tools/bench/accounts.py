"""The table of where the time goes: pure, figures of ``make profile`` in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAST = 0.01
"""Seconds; what takes less in every column has no row."""

TEMPLATE = """
## Where the time goes

Seconds of CPU by process, written by `make profile`: medians of {rounds} rounds without latency, and what the program
and the host use them for, by samples of [py-spy](https://github.com/benfred/py-spy). Several processes run at the same
time, so the seconds add up to more than a command takes. An import counts for the package that needs it.

{table}

- the CLI and engine plan, call the provider, and write the state; the language host starts the program;
- the list of packages is `pip list`, by which Pulumi's language host looks for plugins;
- the host is Pulumi's process for dynamic providers; its imports begin with all of Pulumi's SDK.
"""


def section(figures: Mapping[str, Any]) -> str:
    """The section of the page."""
    columns = [
        (f"{operation}, {count}", measured)
        for count, operations in figures["counts"].items()
        for operation, measured in operations.items()
    ]
    rows = [("**the command takes**", [measured["seconds"] for _, measured in columns])]
    for role in columns[0][1]["cpu"]:
        rows.append((f"**{role}**", [measured["cpu"][role] for _, measured in columns]))
        parts = dict.fromkeys(part for _, measured in columns for part in measured["shares"].get(role, {}))
        for part in parts:
            seconds = [m["cpu"][role] * m["shares"].get(role, {}).get(part, 0.0) for _, m in columns]
            rows.append((f"{role}: {part}", seconds))
    table = [f"| | {' | '.join(name for name, _ in columns)} |", "| --- " * (len(columns) + 1) + "|"]
    table += [
        f"| {name} | {' | '.join(f'{each:.2f}' for each in seconds)} |"
        for name, seconds in rows
        if max(seconds) >= LEAST
    ]
    return TEMPLATE.format(rounds=figures["rounds"], table="\n".join(table))
