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
NAMED = sorted(set(re.findall(r"`(?:tests/)?((?:unit|host|engine)/\w+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_each_fault_has_a_test(row: str) -> None:
    """In the last column."""
    assert "/test_" in row.split("|")[-2]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_each_test_that_is_named_exists(file: str, test: str) -> None:
    """The file, and the function in it."""
    code = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {test or 'test_.*'}\(", code, re.MULTILINE)
