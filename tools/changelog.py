"""Reads CHANGELOG.md, which has the form of Keep a Changelog 1.1.0 (https://keepachangelog.com/en/1.1.0/).

Usage: ``python tools/changelog.py VERSION`` prints what changed in a version, for its release notes; exits with 1 and
one line when the file has no such version, or not that form.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
UNRELEASED = "Unreleased"

_RELEASED = re.compile(r"## \[(?P<version>[^\]]+)\] - (?P<date>\d{4}-\d\d-\d\d)( \[YANKED\])?")


class Malformed(Exception):
    """The file has not the form; the message says where."""


@dataclass
class Release:
    """What changed in one version.

    :param date: of the release; ``None`` for what is not released yet.
    :param notes: the text below the version's heading, by kind of change.
    """

    version: str
    date: date | None
    notes: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        """The notes as Markdown, each kind below a heading."""
        return "\n\n".join(f"### {kind}\n\n" + "\n".join(lines).strip("\n") for kind, lines in self.notes.items())


def parse(text: str) -> list[Release]:
    """The releases of a changelog, in its order, newest first; ``Malformed`` when it has not the form."""
    releases: list[Release] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            _take(line, releases)
        except ValueError as error:
            raise Malformed(f"line {number}: {error}") from error
    dates = [release.date for release in releases if release.date]
    if dates != sorted(dates, reverse=True):
        raise Malformed("the releases must be sorted, the newest first")
    return releases


def _take(line: str, releases: list[Release]) -> None:
    if line.startswith("## "):
        releases.append(_release(line, follows=bool(releases)))
    elif line.startswith("### "):
        kind = line.removeprefix("### ")
        if not releases or kind not in KINDS or kind in releases[-1].notes:
            raise ValueError(f"{kind!r} must be one of {', '.join(KINDS)}, once below each version")
        releases[-1].notes[kind] = []
    elif releases and line.strip():
        if not releases[-1].notes:
            raise ValueError(f"a change must stand below one of {', '.join(KINDS)}")
        list(releases[-1].notes.values())[-1].append(line)


def _release(line: str, follows: bool) -> Release:
    if line == f"## [{UNRELEASED}]":
        if follows:
            raise ValueError(f"{UNRELEASED} must come first")
        return Release(UNRELEASED, None)
    found = _RELEASED.fullmatch(line)
    if not found:
        raise ValueError(f"{line!r} must be `## [version] - YYYY-MM-DD`")
    return Release(found["version"], date.fromisoformat(found["date"]))


def main(version: str) -> int:
    """Prints the notes of a version."""
    try:
        notes = {release.version: str(release) for release in parse(CHANGELOG.read_text(encoding="utf-8"))}
    except Malformed as error:
        print(f"error: {CHANGELOG.name}: {error}", file=sys.stderr)
        return 1
    if version not in notes:
        print(f"error: {CHANGELOG.name} has no version {version}", file=sys.stderr)
        return 1
    print(notes[version])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
