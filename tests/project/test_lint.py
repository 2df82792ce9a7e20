"""``make lint`` and the hooks before a commit are the same checks, and they find what they look for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from support.documents import ROOT

HOOKS = ROOT / ".pre-commit-config.yaml"
BIN = Path(sys.executable).parent
MISSPELT = "rec" + "ieves"


def of_make() -> set[str]:
    """The commands of ``make lint``, but for the loop over the examples, which takes longest."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint: ")[2].partition("\n\n")[0]
    return set(re.findall(r"^\t\$\(BIN\)/(.+)$", recipe, re.MULTILINE))


def test_the_hooks_run_what_make_lint_runs() -> None:
    """With the programs of ``.venv``, whose versions the dev extra decides."""
    [repository] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert {hook["entry"] for hook in repository["hooks"]} == {f".venv/bin/{command}" for command in of_make()}


def test_a_hook_refuses_a_commit(tmp_path: Path) -> None:
    """A misspelt word, with the real ``git`` and ``pre-commit``."""
    for file in (HOOKS, ROOT / "pyproject.toml"):
        shutil.copy(file, tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(BIN)
    (tmp_path / "README.md").write_text(f"It {MISSPELT} a string.\n")
    for command in (["git", "init", "--quiet"], ["git", "add", "README.md", HOOKS.name]):
        subprocess.run(command, cwd=tmp_path, check=True)
    run = [str(BIN / "pre-commit"), "run", "codespell"]
    refused = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (refused.returncode, f"{MISSPELT} ==> receives" in refused.stdout) == (1, True), (
        refused.stdout + refused.stderr
    )

    (tmp_path / "README.md").write_text("It receives a string.\n")
    subprocess.run(["git", "add", "README.md"], cwd=tmp_path, check=True)
    taken = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert taken.returncode == 0, taken.stdout + taken.stderr
