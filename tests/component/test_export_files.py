"""``export --out``: a whole project, or nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.commands import export
from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.commands import Shell
from support.programs import stores_of
from support.samples import PASSWORD


def test_a_project_is_written(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """Its three files; a folder is made where there is none."""
    existing(emulator, samples.redis())
    folder = tmp_path / "new" / "project"
    done = run("export", "--out", str(folder))
    assert (done.code, done.output) == (0, "")
    assert {path.name for path in folder.iterdir()} == {"__main__.py", "Pulumi.yaml", "requirements.txt"}
    assert sorted(stores_of((folder / "__main__.py").read_text())) == ["default-production-production-redis"]
    assert (folder / "Pulumi.yaml").read_text().startswith("name: launchdarkly-stores\nruntime: python\n")


@pytest.mark.parametrize(
    ("current", "bounds"), [("0.1.0", ">=0.1.0,<0.2"), ("0.12.3", ">=0.12.3,<0.13"), ("1.2.3", ">=1.2.3,<2")]
)
def test_the_requirement_has_both_bounds(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, current: str, bounds: str
) -> None:
    """It ends before the next version that may break the program; and the file says where the package comes from."""
    existing(emulator, samples.redis())
    monkeypatch.setattr(export, "__version__", current)
    run("export", "--out", str(tmp_path))
    *note, requirement = (tmp_path / "requirements.txt").read_text().splitlines()
    assert requirement == f"launchdarkly-pulumi{bounds}"
    assert "from a clone" in note[0]
    assert all(line.startswith("# ") for line in note)


@pytest.mark.parametrize("name", ["__main__.py", "Pulumi.yaml", "requirements.txt"])
def test_no_file_is_overwritten(emulator: Emulator, run: Shell, tmp_path: Path, name: str) -> None:
    """Nothing is written then, and LaunchDarkly is not asked."""
    existing(emulator, samples.redis())
    (tmp_path / name).write_text("mine")
    done = run("export", "--out", str(tmp_path))
    assert done == (2, "", f"error: {tmp_path / name} exists already, and nothing is overwritten\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]
    assert methods(emulator) == []


def contents(folder: Path) -> dict[str, str]:
    """What a folder holds."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else "" for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("folder", ["project", "a/new/project"])
@pytest.mark.parametrize("last", ["Pulumi.yaml", "requirements.txt"])
def test_an_error_leaves_nothing(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, last: str
) -> None:
    """What the disk had room for goes again, with the folders that were made for it; what was there stays."""
    existing(emulator, samples.redis())
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_text("mine")
    before = contents(tmp_path)
    fail_at(monkeypatch, last, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    done = run("export", "--out", str(tmp_path / folder))
    assert done == (2, "", f"error: {tmp_path / folder / last} cannot be written: No space left on device\n")
    assert contents(tmp_path) == before


def test_an_interrupt_leaves_nothing(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between two files."""
    existing(emulator, samples.redis())
    fail_at(monkeypatch, "Pulumi.yaml", KeyboardInterrupt())
    assert run("export", "--out", str(tmp_path / "new" / "project")).code == 130
    assert contents(tmp_path) == {}


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> None:
    """Makes writing a file of this name fail, once it is there."""
    really_open = Path.open

    def opened(path: Path, mode: str = "r", **kwargs: Any) -> Any:
        file = really_open(path, mode, **kwargs)
        if (path.name, mode) == (name, "x"):
            monkeypatch.setattr(file, "write", lambda _content: raising(error))
        return file

    monkeypatch.setattr(Path, "open", opened)


def raising(error: BaseException) -> None:
    """Raises an error, in place of an expression."""
    raise error


def test_a_file_that_comes_meanwhile_is_not_overwritten(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor removed: it is somebody else's."""
    existing(emulator, samples.redis())
    monkeypatch.setattr("launchdarkly_pulumi.commands.export._require_free", lambda _folder: None)
    (tmp_path / "requirements.txt").write_text("mine")
    done = run("export", "--out", str(tmp_path))
    assert done == (2, "", f"error: {tmp_path / 'requirements.txt'} cannot be written: File exists\n")
    assert contents(tmp_path) == {"requirements.txt": "mine"}


def test_a_place_that_cannot_be_written_to_is_told(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """In one line."""
    existing(emulator, samples.redis())
    (tmp_path / "file").write_text("mine")
    done = run("export", "--out", str(tmp_path / "file" / "project"))
    assert (done.code, done.output) == (2, "")
    assert done.errors.startswith("error: ")
    assert "cannot be written: Not a directory" in done.errors


def test_the_password_is_nowhere(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """Neither the password nor LaunchDarkly's mask of it."""
    existing(emulator, samples.redis())
    run("export", "--out", str(tmp_path))
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert PASSWORD not in written
    assert "***" not in written
