"""The section about Pulumi's backends: pure, figures of ``make bench-backends`` in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .markdown import megabytes, of_rounds, table

TEMPLATE = """\
## Backends

A create of {stores} stores without latency, with each of the backends that Pulumi's CLI writes to itself, side by side
in one run of `make bench-backends`: {rounds}. All servers are on this machine.

{table}

- The file backend's bytes are those that the CLI and its processes wrote to disk; the others' are those that passed
  between the CLI and the server, in a further run that nobody timed.
- Each step writes the whole state and keeps the one before as a backup. S3 makes that copy itself; to Postgres the CLI
  sends the state as base64, and for the copy it reads it back and sends it again.
- **S3** is [moto](https://docs.getmoto.org)'s server, which keeps objects in memory:
  `s3://BUCKET?endpoint=URL&region=REGION&use_path_style=true`. Amazon's is further away: a request waits for the
  network, and only one state is written at a time.
- **Postgres** is a new one with the settings that it comes with: `postgres://USER@HOST:PORT/DATABASE`.

### Pulumi Cloud, on paper

**Not measured**: Pulumi Cloud needs an account. What follows is what Pulumi says, in its blog ("Speeding up Pulumi
Operations by up to 20x" of December 2025, and "Now GA: Up to 20x Faster Pulumi Operations for Everyone" of 2026), and
what it would mean here.

- Since the end of 2022 the CLI sends Pulumi Cloud what differs between two states in place of the whole state, but
  still one after the other, twice for each step.
- With *journaling*, the CLI sends an entry for the begin and the end of each step, with the state of that one resource.
  Entries are sent in parallel, and Pulumi Cloud puts the state together. It is on by default with the CLI 3.225 and
  later; `PULUMI_DISABLE_JOURNALING=true` turns it off. A preview writes no state, and takes as long as before.
- Pulumi's own figures: a create of 3,222 resources took 2 min 50 s in place of 58 min 26 s, and sent 2.3 MB in place of
  16.5. Among its users, updates of stacks with fewer than 100 resources take 25.3 % less in the median, those of larger
  ones 60.2 % less.
- So what is sent should grow with the stores, and no longer with their square, and a large stack need not be split
  for its state's sake. How many seconds that brings for these stores is not known.
- The backends of the table have no journal: the issue "Add optional journaling for DIY backends" (pulumi/pulumi, number
  22075) is open. For them, splitting helps, or the settings above.

"""

UNITS = {"rows": "rows", "log_bytes": "bytes of its log"}
"""What Postgres counts; S3 counts requests by their method."""


def section(figures: Mapping[str, Any]) -> str:
    """The section of the page."""
    rows = [
        [
            row["backend"],
            f"{row['seconds']:.2f}",
            megabytes(row["bytes_written"]),
            megabytes(row.get("bytes_read", 0)),
            _counted(row.get("counted", {})),
        ]
        for row in figures["rows"]
    ]
    head = ["", "seconds", "MB written", "MB read", "counted by the server"]
    return TEMPLATE.format(stores=figures["stores"], rounds=of_rounds(figures["rounds"]), table=table(head, rows))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {UNITS.get(what, what)}" for what, count in counts.items())
