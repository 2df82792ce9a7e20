"""``tools/generate_sdks.py``: the same schema gives the same bytes, and the names are nobody else's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import generate_sdks
from support.documents import ROOT

SDKS = ROOT / "sdks"
TESTED = ("go", "nodejs", "python")


def files(folder: Path) -> dict[str, bytes]:
    """Each file of the SDKs that the tests use."""
    found = (path for language in TESTED for path in (folder / language).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_two_runs_write_the_same(tmp_path: Path) -> None:
    """What is compiled and packed included; and what was there before is gone."""
    stray = tmp_path / "go" / "stray.go"
    stray.parent.mkdir()
    stray.touch()
    assert generate_sdks.main(tmp_path, TESTED) == 0
    first, second = files(SDKS), files(tmp_path)
    assert [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)] == []
    assert {"go/go.mod", "python/pyproject.toml", "nodejs/bin/index.js"} <= first.keys()


def test_no_name_is_one_of_pulumi_s_own() -> None:
    """Pulumi publishes none of these."""
    names = ("go/go.mod", "nodejs/package.json", "nodejs/README.md")
    assert all(b"@pulumi/launchdarkly" not in files(SDKS)[name] for name in names)
    assert files(SDKS)["go/go.mod"].startswith(b"module example.com/pulumi-launchdarkly-big-segments\n")


def test_a_generator_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The exit code says so too."""

    def fail(*_: object) -> str:
        raise subprocess.CalledProcessError(1, ["go", "build"])

    monkeypatch.setattr(generate_sdks, "go", fail)
    assert generate_sdks.main(Path("unused"), ["go"]) == 1
    assert capfd.readouterr().err.splitlines()[-1].startswith("error: the SDKs cannot be generated: ")


def test_a_language_without_a_generator_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Misspelt, say."""
    assert generate_sdks.main(Path("unused"), ["golang"]) == 1
    assert "golang" in capfd.readouterr().err
