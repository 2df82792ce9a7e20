"""The changelog: each change in a file of ``changelog.d``, which ``scriv collect`` puts into ``CHANGELOG.md``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from support.documents import ROOT

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
FRAGMENT = "### Fixed\n\n- A thing\n  in two lines.\n"


def scriv(*arguments: str, folder: Path = ROOT) -> str:
    """What scriv prints."""
    command = [str(Path(sys.executable).parent / "scriv"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The changelog's files and settings, without what is unreleased."""
    for file in ("CHANGELOG.md", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "changelog.d").mkdir()
    return tmp_path


def test_every_change_is_of_a_kind() -> None:
    """The kinds are those of Keep a Changelog: scriv would take any heading, and text without one."""
    for fragment in (ROOT / "changelog.d").glob("*.md"):
        headings = [
            line for line in fragment.read_text(encoding="utf-8").splitlines() if not line.startswith(("-", " "))
        ]
        assert [line for line in headings if line and line.removeprefix("### ") not in KINDS] == [], fragment.name


def test_the_newest_release_is_this_version() -> None:
    """There may be no release yet."""
    released = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released[:1] in ([], [metadata.version("launchdarkly-pulumi")])


def test_a_release_has_every_change_below_its_version(project: Path) -> None:
    """In the order of the kinds, above the releases before; its notes are that text."""
    (project / "changelog.d" / "one.md").write_text(FRAGMENT)
    (project / "changelog.d" / "two.md").write_text("### Added\n\n- Something.\n\n" + FRAGMENT)
    scriv("collect", "--version", "9.9.8", folder=project)
    (project / "changelog.d" / "three.md").write_text(FRAGMENT)
    scriv("collect", "--version", "9.9.9", folder=project)

    released = re.findall(r"^## \[(.+)\] - \d{4}-\d\d-\d\d$", (project / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[:2] == ["9.9.9", "9.9.8"]
    twice = "- A thing\n  in two lines.\n" * 2
    assert scriv("print", "--version", "9.9.8", folder=project) == f"### Added\n\n- Something.\n\n### Fixed\n\n{twice}"
    assert list((project / "changelog.d").iterdir()) == []
