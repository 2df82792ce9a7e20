"""The project's workflows and the pipelines for users are what GitHub and GitLab can read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.documents import ROOT

PIPELINES = ROOT / "docs" / "pipelines"
FLEET = ROOT / "examples" / "fleet"
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = [*OURS, FLEET / "github-actions.yml", PIPELINES / "github-actions.yml"]
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
    """Syntax, expressions, contexts and the inputs of well-known actions; every job has a timeout."""
    assert complaints(ACTIONLINT, workflow) == ""
    assert schema("vendor.github-workflows", workflow) == ""
    assert schema("custom.github-workflows-require-timeout", workflow) == ""


@pytest.mark.parametrize("pipeline", [GITLAB, FLEET / "gitlab-ci.yml"], ids=["pipelines", "fleet"])
def test_gitlab_can_read_it(pipeline: Path) -> None:
    """GitLab's published schema."""
    assert schema("vendor.gitlab-ci", pipeline, "--data-transform", "gitlab-ci") == ""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    """A tag can be moved; the release stands behind the commit, where tools that update it look for it."""
    uses = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
    assert [each for each in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_images_have_a_version() -> None:
    """Those of the pipelines' page too; none is ``latest``."""
    files = (GITLAB, FLEET / "gitlab-ci.yml", ROOT / "docs" / "pipelines.md")
    images = re.findall(r"image:? '?(\S+?)'? *[}\n]", "".join(each.read_text(encoding="utf-8") for each in files))
    assert images
    assert [each for each in images if not re.search(r":\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$", each)] == []


def test_no_job_that_runs_a_change_s_code_may_write() -> None:
    """Neither comments nor LaunchDarkly; and each secret belongs to an environment, which decides who gets it."""
    github = yaml.safe_load(WORKFLOWS[-1].read_text(encoding="utf-8"))
    assert github["permissions"] == {}
    assert not any("secrets." in str(value) for value in github["env"].values())
    for name, job in github["jobs"].items():
        assert ("secrets." in str(job)) == ("environment" in job), name
        assert ("write" in (job["permissions"].get("pull-requests"), job["permissions"].get("contents"))) == (
            name == "comment"
        )
        assert ("WRITER" in str(job)) == (name == "apply")
    gitlab = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    jobs = {name: job for name, job in gitlab.items() if "script" in job}
    assert {name for name, job in jobs.items() if "COMMENT_TOKEN" in str(job)} == {"comment"}
    assert {name for name, job in jobs.items() if "WRITER" in str(job)} == {"apply"}
    assert all("environment" in job for job in jobs.values())


def test_the_linters_would_say_so(tmp_path: Path) -> None:
    """Otherwise their silence would prove nothing."""
    broken = tmp_path / "workflow.yml"
    broken.write_text(WORKFLOWS[-1].read_text().replace("secrets.", "secret."))
    assert 'undefined variable "secret"' in complaints(ACTIONLINT, broken)

    broken.write_text(GITLAB.read_text().replace("  script:", "  scripts:"))
    assert "scripts" in schema("vendor.gitlab-ci", broken, "--data-transform", "gitlab-ci")


@pytest.mark.parametrize(
    ("tag", "released", "code"), [("v9.9.9", "9.9.9", 0), ("v9.9.8", "9.9.8", 2), ("v9.9.9", None, 2)]
)
def test_a_release_is_of_its_tag_and_told_in_the_changelog(
    tmp_path: Path, tag: str, released: str | None, code: int
) -> None:
    """The version is 9.9.9 here: a tag of another version, or one that the changelog lacks, ends the release."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    heading = f"\n## [{released}] - 2026-01-01\n\n### Added\n\n- Everything.\n" if released else ""
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n<!-- scriv-insert-here -->\n{heading}")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "launchdarkly_pulumi-9.9.9.tar.gz").touch()
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
    [check] = [step["run"] for step in jobs["build"]["steps"] if step.get("name", "").startswith("The tag")]
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"GITHUB_REF_NAME": tag, "PATH": programs}
    done = subprocess.run(["bash", "-ec", check], cwd=tmp_path, env=environment, capture_output=True, check=False)

    assert done.returncode == code, done.stderr
    assert code or (tmp_path / "notes.md").read_text() == "### Added\n\n- Everything.\n"
