"""A Pulumi stack driven by the real CLI, with a file backend in a folder of the test's own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from support.samples import TOKEN

PROGRAM = """\
import json, pathlib
import pulumi
import launchdarkly_pulumi as launchdarkly

for name, arguments in json.loads(pathlib.Path("stores.json").read_text()).items():
    options = pulumi.ResourceOptions(**arguments.pop("options", {}))
    launchdarkly.BigSegmentStoreIntegration(name, options, **arguments)
"""
"""Declares the stores of a JSON file, so that a test changes data and not code; ``options`` are the resource's."""

NO_CHANGE = "--expect-no-changes"
CHANGES_FOUND = 7
"""How a command with :data:`NO_CHANGE` exits when it would change something."""


class Run(NamedTuple):
    """A command's exit code, and everything it printed."""

    code: int
    output: str


def errors(run: Run) -> list[str]:
    """The error lines of the diagnostics."""
    return _diagnostics(run, "error:")


def warnings(run: Run) -> list[str]:
    """The warnings of the diagnostics."""
    return _diagnostics(run, "warning:")


def _diagnostics(run: Run, beginning: str) -> list[str]:
    lines = run.output.partition("Diagnostics:")[2].splitlines()
    return [line.strip() for line in lines if line.strip().startswith(beginning)]


class Project:
    """A Pulumi project, still empty, with a backend of its own.

    :param folder: an empty folder; the project, the backend and Pulumi's home go below it.
    :param api_host: the URL of a LaunchDarkly API.
    """

    def __init__(self, folder: Path, api_host: str, token: str | None = TOKEN, home: Path | None = None) -> None:
        self.folder = folder / "project"
        self.backend = folder / "backend"
        self.folder.mkdir(parents=True)
        self.backend.mkdir()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "LAUNCHDARKLY_"))}
        self.environment = inherited | {
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_HOME": str(home or folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "LAUNCHDARKLY_API_HOST": api_host,
        }
        if token is not None:
            self.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = token

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command of Pulumi's CLI; its output is a pipe."""
        return self._start(["pulumi", *arguments, "--color", "never", "--non-interactive"], {})

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> Run:
        """Runs a command of Pulumi's CLI to its end."""
        return _finished(self.start(*arguments))

    def script(self, script: str, **environment: str) -> Run:
        """Runs a script of commands as a person would type them, or a pipeline."""
        return _finished(self._start(["bash", "-euo", "pipefail", "-c", script], environment))

    def shell(self, script: str, code: int = 0) -> Run:
        """Runs a script and requires its exit code."""
        done = self.script(script)
        assert done.code == code, f"{script}\nended with {done.code}\n{done.output}"
        return done

    def pulumi(self, *arguments: str, code: int = 0) -> Run:
        """Runs a command to its end and requires its exit code."""
        done = self.run(*arguments)
        assert done.code == code, f"pulumi {' '.join(arguments)} ended with {done.code}\n{done.output}"
        return done

    def preview(self, *arguments: str, code: int = 0) -> Run:
        """``pulumi preview``."""
        return self.pulumi("preview", *arguments, code=code)

    def up(self, *arguments: str, code: int = 0) -> Run:
        """``pulumi up`` without the preview that would come first."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, code=code)

    def refresh(self, *arguments: str, code: int = 0) -> Run:
        """``pulumi refresh`` without the preview that would come first."""
        return self.pulumi("refresh", "--yes", "--skip-preview", *arguments, code=code)

    def destroy(self, *arguments: str, code: int = 0) -> Run:
        """``pulumi destroy`` without the preview that would come first."""
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments, code=code)

    def ids(self) -> dict[str, str]:
        """The ID of each store that the state has, by the resource's name."""
        return {name: resource["id"] for name, resource in self.resources().items()}

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state of each store, by the resource's name."""
        states = [json.loads(path.read_text()) for path in self.backend.glob(".pulumi/stacks/*/*.json")]
        if len(states) == 1:
            # What `pulumi stack export` prints, without a process for it.
            deployment = states[0]["checkpoint"]["latest"]
        else:
            deployment = json.loads(self.pulumi("stack", "export").output)["deployment"]
        found = deployment.get("resources", [])
        return {r["urn"].rsplit("::", 1)[1]: r for r in found if r["type"].startswith("pulumi-python:dynamic")}


class Stack(Project):
    """A project with one stack; its program declares what the test says.

    :param home: where it is shared by tests, only the first of a name runs ``pulumi stack init``, which computes a key;
        the others begin with a copy of what it left.
    """

    def __init__(
        self, folder: Path, api_host: str, token: str | None = TOKEN, home: Path | None = None, name: str = "prod"
    ) -> None:
        super().__init__(folder, api_host, token, home)
        self.become_python()
        self.program(PROGRAM)
        if home is None:
            self.pulumi("stack", "init", name)
        else:
            self._begin_as(home.with_name(f"{home.name}-{name}"), home, name)

    def _begin_as(self, kept: Path, home: Path, name: str) -> None:
        """Begins with what ``pulumi stack init`` has left: the backend, the stack's settings, and the choice of it."""
        settings = f"Pulumi.{name}.yaml"
        if not kept.exists():
            self.pulumi("stack", "init", name)
            kept.mkdir()
            shutil.copytree(self.backend, kept / "backend")
            shutil.copyfile(self.folder / settings, kept / settings)
            chosen = _choice_of_stack(home, self.folder).read_text()
            (kept / "chosen.json").write_text(chosen.replace(str(self.backend), "{backend}"))
            return
        shutil.copytree(kept / "backend", self.backend, dirs_exist_ok=True)
        shutil.copyfile(kept / settings, self.folder / settings)
        chosen = (kept / "chosen.json").read_text().replace("{backend}", str(self.backend))
        _choice_of_stack(home, self.folder).write_text(chosen)

    def become_python(self) -> None:
        """The project is one in Python from now on."""
        (self.folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")

    def program(self, text: str) -> None:
        """Replaces the program."""
        (self.folder / "__main__.py").write_text(text)

    def declare(self, **stores: dict[str, Any]) -> None:
        """Makes the program declare exactly these stores."""
        (self.folder / "stores.json").write_text(json.dumps(stores))


def _choice_of_stack(home: Path, project: Path) -> Path:
    """The file in which Pulumi keeps which stack of a project is chosen."""
    digest = hashlib.sha1(str(project / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    return home / "workspaces" / f"shop-{digest}-workspace.json"


def _finished(started: subprocess.Popen[str]) -> Run:
    with started as process:
        try:
            output, _ = process.communicate(timeout=120)
        except BaseException:
            process.kill()
            raise
    return Run(process.returncode, output)
