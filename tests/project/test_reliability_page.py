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
CALLS = {
    id_: re.findall(r"`(?:tests/)?((?:unit|component|doors|host|plugin|engine)/\w+\.py)(?:::(\w+))?`", note)
    for id_, note in NOTES.items()
}
NAMED = sorted({call for calls in CALLS.values() for call in calls})
CELLS = r"\| \[\^([\w-]+)\] \| (?:\[\^([\w-]+)\]|– .+) \|$"
"""The last two of a row: the dynamic resource's note, and the plugin's, or why there is none."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_each_fault_has_a_test_for_each_door(row: str) -> None:
    """In the notes of the last columns: the names are too long for a table that can be read on a telephone."""
    cells = re.search(CELLS, row)
    assert cells
    assert all("/test_" in NOTES[note] for note in cells.groups() if note)


def test_each_note_is_of_one_fault() -> None:
    """None is left over, and none is of two faults; one may be of both doors."""
    cells = [set(found) - {""} for found in re.findall(CELLS, PAGE, re.MULTILINE)]
    assert sorted(note for notes in cells for note in notes) == sorted(NOTES)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_each_test_that_is_named_exists(file: str, test: str) -> None:
    """The file, and the function in it."""
    code = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {test or 'test_.*'}\(", code, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_what_is_named_for_the_plugin_runs_with_it(row: str) -> None:
    """A test of the host is of the dynamic resource alone; so is one of the CLI, unless it takes a door."""
    cells = re.search(CELLS, row)
    for file, test in CALLS[cells[2]] if cells and cells[2] else ():
        assert not file.startswith("host/")
        code = (TESTS / file).read_text(encoding="utf-8")
        function = re.search(rf"((?:^@.*\n)*)^def {test or 'test_'}", code, re.MULTILINE)
        assert function
        assert "[DYNAMIC]" not in function[1]
        if file.startswith("engine/") and file != "engine/test_plugin.py":
            assert re.search(r"^@(cases\(|each_point|pytest.mark.parametrize\(\"door\")", function[1], re.MULTILINE)
