"""``CHANGELOG.md`` has the form that the release notes are made from."""

from __future__ import annotations

from importlib import metadata

import pytest

import changelog

RELEASED = """\
# Changelog

What is said before the first version is free.

## [Unreleased]

### Added

- Something.

## [0.2.0] - 2026-02-01

### Fixed

- A thing
  in two lines.

### Security

- Another.

## [0.1.0] - 2026-01-01 [YANKED]

### Added

- All of it.
"""


def test_the_changelog_has_the_form_and_tells_of_this_version() -> None:
    """Changes are released with a date, or unreleased; this version is the latest release, or comes next."""
    releases = changelog.parse(changelog.CHANGELOG.read_text(encoding="utf-8"))
    released = [release.version for release in releases if release.date]

    assert [release.version for release in releases if not release.date] == [changelog.UNRELEASED]
    assert released[:1] in ([], [metadata.version("launchdarkly-pulumi")])


def test_the_notes_of_a_version_are_what_stands_below_it() -> None:
    """Every kind below its heading, nothing of the versions around it."""
    notes = {release.version: str(release) for release in changelog.parse(RELEASED)}

    assert notes["0.2.0"] == "### Fixed\n\n- A thing\n  in two lines.\n\n### Security\n\n- Another."
    assert list(notes) == ["Unreleased", "0.2.0", "0.1.0"]


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("## [0.2.0]", "## 0.2.0", "'## 0.2.0 - 2026-02-01' must be `## [version] - YYYY-MM-DD`"),
        (" - 2026-02-01", "", "'## [0.2.0]' must be `## [version] - YYYY-MM-DD`"),
        ("2026-02-01", "1 Feb 2026", "must be `## [version] - YYYY-MM-DD`"),
        ("2026-02-01", "2026-02-30", "line 11: day"),
        ("2026-02-01", "2025-02-01", "the releases must be sorted"),
        ("### Security", "### Safety", "'Safety' must be one of Added, "),
        ("### Security", "### Fixed", "'Fixed' must be one of Added, "),
        ("### Fixed\n", "", "a change must stand below one of Added, "),
        ("## [0.1.0] - 2026-01-01 [YANKED]", "## [Unreleased]", "Unreleased must come first"),
    ],
)
def test_another_form_is_told_with_its_place(right: str, wrong: str, reason: str) -> None:
    """Each rule of the form, broken once."""
    with pytest.raises(changelog.Malformed) as error:
        changelog.parse(RELEASED.replace(right, wrong))

    assert reason in str(error.value)


def test_a_version_that_was_never_released_has_no_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """The release stops there, with one line."""
    code = changelog.main("0.0.0")

    assert (code, capsys.readouterr().err) == (1, "error: CHANGELOG.md has no version 0.0.0\n")
