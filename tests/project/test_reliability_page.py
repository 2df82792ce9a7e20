"""``docs/reliability.md`` names a test for each fault, and each of these tests exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [
    row
    for table in re.findall(r"^\| fault .*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    for row in table.splitlines()
]
NOTES = dict(re.findall(r"^\[\^([\w-]+)\]: (.*)$", PAGE, re.MULTILINE))
NAMED = sorted(set(re.findall(r"`(?:tests/)?((?:unit|host|engine)/\w+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_each_fault_has_a_test(row: str) -> None:
    """In the note of the last column: the names are too long for a table that can be read on a telephone."""
    note = re.fullmatch(r" \[\^([\w-]+)\] ", row.split("|")[-2])
    assert note
    assert "/test_" in NOTES[note[1]]


def test_each_note_is_of_one_fault() -> None:
    """None is left over, and none is used twice."""
    assert sorted(re.findall(r"\| \[\^([\w-]+)\] \|$", PAGE, re.MULTILINE)) == sorted(NOTES)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_each_test_that_is_named_exists(file: str, test: str) -> None:
    """The file, and the function in it."""
    code = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {test or 'test_.*'}\(", code, re.MULTILINE)
