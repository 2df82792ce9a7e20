"""The pipelines in ``docs/pipelines`` do what they say: their commands, run with the real CLI."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.canary import leaks
from support.documents import ROOT
from support.scripted_server import Answer, Request, ScriptedServer, answer
from support.stack import Run, Stack

READER, WRITER = "the-reader", "the-writer"
INSTALL = "pip install --requirement requirements.txt"
"""The step that a test leaves out: the packages are there."""
MARK = "<!-- big segment stores: prod -->"
OTHERS = [f"{MARK} quoted by a person", "Of another pipeline, by the same account."]
"""Comments that are there before, and stay: their author or their beginning is another one."""

GH = """\
#!{python}
import argparse, json, pathlib, sys

parser = argparse.ArgumentParser()
for option in ("--method", "--jq", "--field"):
    parser.add_argument(option)
for option in ("--paginate", "--silent"):
    parser.add_argument(option, action="store_true")
parser.add_argument("api", choices=["api"])
parser.add_argument("path")
args = parser.parse_args()
file = pathlib.Path({comments!r})
comments = json.loads(file.read_text())
if args.jq:
    assert args.path == "repos/shop/stores/issues/7/comments"
    bot, mark = args.jq.split('"')[1:4:2]
    print(*[i for i, each in enumerate(comments) if each["by"] == bot and each["body"].startswith(mark)], sep="\\n")
    sys.exit()
name, _, source = args.field.partition("=@")
written = {{"by": "github-actions[bot]", name: pathlib.Path(source).read_text()}}
if args.method == "PATCH":
    comments[int(args.path.removeprefix("repos/shop/stores/issues/comments/"))] = written
else:
    assert args.path == "repos/shop/stores/issues/7/comments"
    comments.append(written)
file.write_text(json.dumps(comments))
"""
"""GitHub's command line, as far as the pipeline uses it: it keeps the comments of a pull request in a file."""


class Pipeline:
    """A pipeline, and the stack that it deploys.

    :param name: of its file.
    """

    def __init__(self, name: str, stack: Stack) -> None:
        self.jobs: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "pipelines" / name).read_text(encoding="utf-8"))
        self.stack = stack
        self.variables = {
            "PULUMI_BACKEND_URL": stack.environment["PULUMI_BACKEND_URL"],
            "PULUMI_CONFIG_PASSPHRASE": stack.environment.pop("PULUMI_CONFIG_PASSPHRASE"),
            "LAUNCHDARKLY_READER_TOKEN": READER,
            "LAUNCHDARKLY_WRITER_TOKEN": WRITER,
        }

    def comments(self) -> list[str]:
        """The texts of all comments on the change, the first one first."""
        raise NotImplementedError

    def comment(self) -> str:
        """The text of the only comment that is not one of the others."""
        *others, ours = self.comments()
        assert others == OTHERS
        return ours

    def run(self, job: str, code: int = 0) -> Run:
        """Runs a job's commands, with the environment that the file gives them."""
        raise NotImplementedError


class GitHubActions(Pipeline):
    """With a ``gh`` that keeps the comments."""

    def __init__(self, stack: Stack) -> None:
        super().__init__("github-actions.yml", stack)
        self._comments = stack.folder / "comments.json"
        authors = ("a-person", "github-actions[bot]")
        self._comments.write_text(
            json.dumps([{"by": by, "body": body} for by, body in zip(authors, OTHERS, strict=True)])
        )
        self.summary = stack.folder / "summary.md"
        tools = stack.folder / "bin"
        tools.mkdir()
        (tools / "gh").write_text(GH.format(python=sys.executable, comments=str(self._comments)))
        (tools / "gh").chmod(0o755)
        stack.environment |= {
            "PATH": f"{tools}:{stack.environment['PATH']}",
            "GITHUB_SHA": "0123abc",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def comments(self) -> list[str]:
        """Of the pull request."""
        return [each["body"] for each in json.loads(self._comments.read_text(encoding="utf-8"))]

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
            "github.repository": "shop/stores",
            "github.event.pull_request.number": "7",
        }
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text)


class GitLab(Pipeline):
    """With a server that keeps the comments."""

    def __init__(self, stack: Stack) -> None:
        super().__init__("gitlab-ci.yml", stack)
        authors = ("a-person", "project_12_bot_89ab")
        self._notes = [
            {"id": number, "body": body, "author": {"username": by}}
            for number, (by, body) in enumerate(zip(authors, OTHERS, strict=True))
        ]
        self.server = ScriptedServer(self._answer)
        self.variables |= {
            "CI_API_V4_URL": self.server.url,
            "CI_PROJECT_DIR": str(stack.folder),
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_COMMIT_SHORT_SHA": "0123abc",
            "COMMENT_TOKEN": "of the comments",
            "STATE_ROLE": "arn:aws:iam::123456789012:role/state",
        }

    def _answer(self, request: Request) -> Answer:
        """GitLab's notes of a merge request: newest first, with an ID each."""
        path, _, number = request.target.partition("?")[0].partition("/notes")
        assert (path, request.values("PRIVATE-TOKEN")) == ("/projects/12/merge_requests/7", ["of the comments"])
        if request.method == "GET":
            return answer(200, self._notes[::-1])
        note = {"body": parse_qs(request.body.decode())["body"][0], "author": {"username": "project_12_bot_89ab"}}
        if request.method == "PUT":
            self._notes[int(number.strip("/"))].update(note)
            return answer(200, {})
        self._notes.append({"id": len(self._notes), **note})
        return answer(201, {})

    def comments(self) -> list[str]:
        """Of the merge request."""
        return [str(note["body"]) for note in self._notes]

    def run(self, job: str, code: int = 0) -> Run:
        """The whole script."""
        given = self.jobs["variables"] | self.jobs[job].get("variables", {})
        resolved = {name: Template(value).substitute(self.variables) for name, value in given.items()}
        # What is set in the project goes before what the file says.
        done = self.stack.script("\n".join(self.jobs[job]["script"]), **resolved | self.variables)
        assert done.code == code, done.output
        return done


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """LaunchDarkly with a token that may only read."""
    return EmulatorOptions(access_tokens=(WRITER,), reader_tokens=(READER,))


@pytest.fixture(params=[GitHubActions, GitLab])
def pipeline(
    request: pytest.FixtureRequest, tmp_path: Path, pulumi_home: Path, emulator: Emulator
) -> Iterator[Pipeline]:
    """A pipeline for a stack that has no store yet."""
    stack = Stack(tmp_path, emulator.url, token=None, home=pulumi_home)
    if request.param is GitHubActions:
        yield GitHubActions(stack)
        return
    pipeline = GitLab(stack)
    with pipeline.server:
        yield pipeline


def methods(emulator: Emulator) -> set[str]:
    """The kinds of the requests so far, which are forgotten."""
    seen = {request.method for request in emulator.requests}
    emulator.clear_requests()
    return seen


def test_a_pipeline_previews_applies_and_compares(pipeline: Pipeline, emulator: Emulator) -> None:
    """The patch in the comment is the one that is applied; at night 7 says that LaunchDarkly is not as declared.

    A night in which nobody could look is an error.
    """
    operation = '{"op":"replace","path":"/config/host","value":"new.example.com"}'
    pipeline.stack.declare(store=samples.redis())
    pipeline.run("plan")
    pipeline.run("apply")
    assert methods(emulator) == {"GET", "POST"}

    pipeline.stack.declare(store=samples.redis(config={"host": "new.example.com"}))
    pipeline.run("preview")
    pipeline.run("comment")
    assert f"PATCH [{operation}]" in pipeline.comment()
    assert methods(emulator) == {"GET"}

    assert f"PATCH [{operation}]" in pipeline.run("plan").output
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

    emulator.stop()
    assert "was not compared with LaunchDarkly" in pipeline.run("drift", code=1).output
    pipeline.variables["LAUNCHDARKLY_READER_TOKEN"] = ""
    assert "LAUNCHDARKLY_ACCESS_TOKEN is set and empty" in pipeline.run("drift", code=1).output


def test_what_is_not_in_the_plan_is_not_applied(pipeline: Pipeline, emulator: Emulator) -> None:
    """A store that somebody changes after the plan was approved, and a program that is another one by then."""
    pipeline.stack.declare(store=samples.redis())
    pipeline.run("plan")
    pipeline.run("apply")
    pipeline.run("plan")
    [id_] = emulator.integrations
    emulator.outside_edit(id_, {"on": False})
    methods(emulator)
    assert "update is not allowed by the plan" in pipeline.run("apply", code=1).output

    emulator.outside_edit(id_, {"on": True})
    pipeline.stack.declare(store=samples.redis(config={"host": "new.example.com"}))
    assert "violates plan" in pipeline.run("apply", code=1).output
    assert methods(emulator) <= {"GET"}


def test_a_plan_holds_no_secret_in_clear(pipeline: Pipeline) -> None:
    """It is kept as an artifact."""
    pipeline.stack.declare(store=samples.redis())
    pipeline.run("plan")
    plan = (pipeline.stack.folder / "plan.json").read_text()
    assert "ciphertext" in plan
    assert leaks(plan, samples.PASSWORD, READER) == []


def test_a_preview_that_fails_fails_its_job_and_says_why(pipeline: Pipeline) -> None:
    """The comment has the error. It is one comment, however often the change is previewed."""
    for port in (70000, 80000):
        pipeline.stack.declare(store=samples.redis(config={"port": port}))
        pipeline.run("preview", code=1)
        pipeline.run("comment")

        comment = pipeline.comment()
        assert comment.startswith(MARK)
        assert f"must be 1 to 65535, not {port}" in comment
