"""The pipelines in ``docs/pipelines`` do what they say: their commands, run with the real CLI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.documents import ROOT
from support.scripted_server import ScriptedServer, answer
from support.stack import Run, Stack

READER, WRITER = "the-reader", "the-writer"
INSTALL = "pip install --requirement requirements.txt"
"""The step that a test leaves out: the packages are there."""


class Pipeline:
    """A pipeline, and the stack that it deploys.

    :param name: of its file.
    """

    def __init__(self, name: str, stack: Stack) -> None:
        self.jobs: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "pipelines" / name).read_text(encoding="utf-8"))
        self.stack = stack
        self.variables = {
            "PULUMI_BACKEND_URL": stack.environment["PULUMI_BACKEND_URL"],
            "PULUMI_CONFIG_PASSPHRASE": stack.environment["PULUMI_CONFIG_PASSPHRASE"],
            "LAUNCHDARKLY_READER_TOKEN": READER,
            "LAUNCHDARKLY_WRITER_TOKEN": WRITER,
        }

    def comment(self) -> str:
        """The text of the only comment so far."""
        raise NotImplementedError

    def run(self, job: str, code: int = 0) -> Run:
        """Runs a job's commands, with the environment that the file gives them."""
        raise NotImplementedError


class GitHubActions(Pipeline):
    """With a ``gh`` that keeps what it was called with."""

    def __init__(self, stack: Stack) -> None:
        super().__init__("github-actions.yml", stack)
        self._comment = stack.folder / "posted.md"
        self.summary = stack.folder / "summary.md"
        tools = stack.folder / "bin"
        tools.mkdir()
        (tools / "gh").write_text(f'#!/bin/bash\n[ "$1 $2" = "pr comment" ] && cat "${{@: -1}}" >>"{self._comment}"\n')
        (tools / "gh").chmod(0o755)
        stack.environment |= {
            "PATH": f"{tools}:{stack.environment['PATH']}",
            "GITHUB_SHA": "0123abc",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def comment(self) -> str:
        """Of the pull request."""
        return self._comment.read_text(encoding="utf-8")

    def run(self, job: str, code: int = 0) -> Run:
        """Step by step; after a failure, those that ask for it."""
        result, output = 0, ""
        for step in self.jobs["jobs"][job]["steps"]:
            if step.get("run", INSTALL) == INSTALL or (result and "failure()" not in step.get("if", "")):
                continue
            given = self.jobs["env"] | step.get("env", {})
            done = self.stack.script(step["run"], **{name: self._evaluated(value) for name, value in given.items()})
            result, output = result or done.code, output + done.output
        assert result == code, output
        return Run(result, output)

    def _evaluated(self, text: str) -> str:
        known = {
            **{f"secrets.{name}": value for name, value in self.variables.items()},
            **{f"vars.{name}": value for name, value in self.variables.items()},
            "github.token": "of this run",
            "github.event.pull_request.html_url": "https://github.example.com/shop/stores/pull/7",
        }
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text)


class GitLab(Pipeline):
    """With a server that takes the comments."""

    def __init__(self, stack: Stack, server: ScriptedServer) -> None:
        super().__init__("gitlab-ci.yml", stack)
        self._server = server
        self.variables |= {
            "CI_API_V4_URL": server.url,
            "CI_PROJECT_DIR": str(stack.folder),
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_COMMIT_SHORT_SHA": "0123abc",
            "COMMENT_TOKEN": "of the comments",
        }

    def comment(self) -> str:
        """Of the merge request."""
        [request] = self._server.requests
        assert (request.method, request.target) == ("POST", "/projects/12/merge_requests/7/notes")
        assert request.values("PRIVATE-TOKEN") == ["of the comments"]
        return parse_qs(request.body.decode())["body"][0]

    def run(self, job: str, code: int = 0) -> Run:
        """The whole script."""
        given = self.jobs["variables"] | self.jobs[job].get("variables", {})
        resolved = {name: Template(value).substitute(self.variables) for name, value in given.items()}
        # What is set in the project goes before what the file says.
        done = self.stack.script("\n".join(self.jobs[job]["script"]), **resolved | self.variables)
        assert done.code == code, done.output
        return done


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """LaunchDarkly with a token that may only read."""
    with Emulator(EmulatorOptions(access_tokens=(WRITER,), reader_tokens=(READER,))) as running:
        yield running


@pytest.fixture(params=[GitHubActions, GitLab])
def pipeline(
    request: pytest.FixtureRequest, tmp_path: Path, pulumi_home: Path, emulator: Emulator
) -> Iterator[Pipeline]:
    """A pipeline for a stack that has no store yet."""
    stack = Stack(tmp_path, emulator.url, token=None, home=pulumi_home)
    with ScriptedServer(answer(201, {})) as server:
        yield GitLab(stack, server) if request.param is GitLab else GitHubActions(stack)


def methods(emulator: Emulator) -> set[str]:
    """The kinds of the requests so far, which are forgotten."""
    seen = {request.method for request in emulator.requests}
    emulator.clear_requests()
    return seen


def test_a_pipeline_previews_applies_and_compares(pipeline: Pipeline, emulator: Emulator) -> None:
    """The patch in the comment is the one that is applied; at night 7 says that LaunchDarkly is not as declared."""
    operation = '{"op":"replace","path":"/config/host","value":"new.example.com"}'
    pipeline.stack.declare(store=samples.redis())
    pipeline.run("apply")
    assert methods(emulator) == {"GET", "POST"}

    pipeline.stack.declare(store=samples.redis(config={"host": "new.example.com"}))
    pipeline.run("preview")
    assert f"PATCH [{operation}]" in pipeline.comment()
    assert methods(emulator) == {"GET"}

    pipeline.run("apply")
    assert methods(emulator) == {"GET", "PATCH"}
    pipeline.run("drift")

    [id_] = emulator.integrations
    emulator.outside_edit(id_, {"on": False})
    night = pipeline.run("drift", code=7)
    assert "LaunchDarkly is not as declared" in night.output
    assert 'PATCH [{"op":"replace","path":"/on","value":true}]' in night.output
    assert methods(emulator) == {"GET"}


def test_a_preview_that_fails_fails_its_job_and_says_why(pipeline: Pipeline) -> None:
    """The comment has the error."""
    pipeline.stack.declare(store=samples.redis(config={"port": 70000}))
    pipeline.run("preview", code=1)

    assert "must be 1 to 65535, not 70000" in pipeline.comment()
