"""``tools/get_pulumi.py``: what it says while it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import get_pulumi


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are found first."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def program(path: Path, text: str) -> None:
    """A script of Python at a path."""
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)


def test_a_long_build_is_not_silent(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Go tool of this test ends when the first word has been said."""
    os.mkfifo(tools / "said")
    program(tools / "go", f"print(open({str(tools / 'said')!r}).read(), end='')")
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 1:
            (tools / "said").write_text("built")

    monkeypatch.setattr(get_pulumi, "say", say)
    monkeypatch.setattr(get_pulumi, "PATIENCE", 0.01)
    assert get_pulumi.go(tools, "build") == "built"
    assert said[0].startswith("  still building")


def test_a_build_that_fails_is_an_error(tools: Path) -> None:
    """So that the next way, or the last line, follows."""
    program(tools / "go", "raise SystemExit(2)")
    with pytest.raises(subprocess.CalledProcessError):
        get_pulumi.go(tools, "build")


def test_a_cli_on_the_path_is_used_and_named(tools: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where it is recent enough."""
    (tmp_path / "folder").mkdir()
    program(tools / "pulumi", "print('v3.300.0')")
    program(tools / "pulumi-language-python", "")
    assert get_pulumi.link_to_path(tmp_path / "folder")
    assert (tmp_path / "folder" / "pulumi").resolve() == tools / "pulumi"
    assert capfd.readouterr().err == "Using the Pulumi CLI v3.300.0 on PATH.\n"


def test_a_folder_of_an_earlier_version_is_completed(tools: Path, tmp_path: Path) -> None:
    """What was built stays; what is new is built, where everything was."""
    folder = tmp_path / "folder"
    folder.mkdir()
    program(tools / "go", "import sys\nopen(sys.argv[sys.argv.index('-o') + 1], 'w').close()")
    program(folder / "pulumi", "")
    assert get_pulumi.main(folder) == 0
    assert not (folder / "pulumi-language-nodejs").exists()
    program(folder / "pulumi-language-python", "")
    assert get_pulumi.main(folder) == 0
    assert (folder / "pulumi-language-nodejs").exists()


def test_a_host_that_cannot_be_built_is_one_line(tools: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The exit code says so too."""
    folder = tools / "folder"
    folder.mkdir()
    program(tools / "go", "raise SystemExit(2)")
    for name in ("pulumi", "pulumi-language-python"):
        program(folder / name, "")
    assert get_pulumi.main(folder) == 1
    assert capfd.readouterr().err.splitlines()[-1].startswith("error: pulumi-language-nodejs cannot be built: ")


def test_setup_says_what_it_does() -> None:
    """Each of its steps begins with a line, and no installation is quiet."""
    makefile = (Path(get_pulumi.__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    for target in ("$(VENV)/ready", "$(PULUMI)/ready"):
        recipe = makefile.partition(f"\n{target}:")[2].partition("\n\n")[0]
        assert recipe.splitlines()[1].startswith("\t@echo ")
        assert "--quiet" not in recipe
