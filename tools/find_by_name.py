"""Does pytest find each test by the name that it gives it, where it has collected the tests before?

Usage: ``python tools/find_by_name.py TEST...``. So mutmut asks for tests: it collects them once, and then, in children
of the same process, by their names. pytest may not find one: of an ID that a function returns for a parameter, it
escapes what is not ASCII once more each time. Exits with 1 then, and with 2 when the tests cannot be collected at all.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

OPTIONS = ("--collect-only", "-q", "-p", "no:cacheprovider")


class _Names:
    """A plugin that keeps the names of the tests."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.seen = [item.nodeid for item in items]


def main(tests: Sequence[str]) -> int:
    """Collects the tests, and then the same by their names."""
    names = _Names()
    if pytest.main([*OPTIONS, *tests], plugins=[names]) != pytest.ExitCode.OK:
        return 2
    return 0 if pytest.main([*OPTIONS, *names.seen]) == pytest.ExitCode.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
