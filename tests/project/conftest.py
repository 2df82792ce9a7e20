"""The site, built once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.documents import ROOT, build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; every link and anchor in it leads somewhere, else it is not built."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder
