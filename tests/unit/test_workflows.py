"""The project's workflows and the pipelines for users are what GitHub and GitLab can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.documents import ROOT

PIPELINES = ROOT / "docs" / "pipelines"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), PIPELINES / "github-actions.yml"]
GITLAB = PIPELINES / "gitlab-ci.yml"

ACTIONLINT = ROOT / ".tools" / "actionlint"
"""``tools/get_actionlint.sh`` gets it."""


def complaints(*command: str | Path) -> str:
    """What a linter says, nothing when it has nothing to say."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def schema(name: str, file: Path, *options: str) -> str:
    """What a published schema, of those that check-jsonschema has with it, says of a file."""
    return complaints(sys.executable, "-m", "check_jsonschema", "--builtin-schema", name, *options, file)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_github_can_read_it(workflow: Path) -> None:
    """Syntax, expressions, contexts and the inputs of well-known actions; every job has a time-out."""
    assert complaints(ACTIONLINT, workflow) == ""
    assert schema("vendor.github-workflows", workflow) == ""
    assert schema("custom.github-workflows-require-timeout", workflow) == ""


def test_gitlab_can_read_it() -> None:
    """GitLab's published schema."""
    assert schema("vendor.gitlab-ci", GITLAB, "--data-transform", "gitlab-ci") == ""


def test_the_linters_would_say_so(tmp_path: Path) -> None:
    """Otherwise their silence says nothing."""
    broken = tmp_path / "workflow.yml"
    broken.write_text(WORKFLOWS[-1].read_text().replace("secrets.", "secret."))
    assert 'undefined variable "secret"' in complaints(ACTIONLINT, broken)

    broken.write_text(GITLAB.read_text().replace("  script:", "  scripts:"))
    assert "scripts" in schema("vendor.gitlab-ci", broken, "--data-transform", "gitlab-ci")
