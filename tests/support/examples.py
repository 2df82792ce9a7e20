"""Examples as their READMEs say: a copy of one, and a LaunchDarkly for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from launchdarkly_pulumi.emulator import Emulator
from support.documents import ROOT, Page
from support.redis_server import RedisServer
from support.stack import NO_CHANGE, Project, Run

EXAMPLES = ROOT / "examples"


class Example:
    """A copy of an example, and a LaunchDarkly for it.

    :param folder: an empty folder.
    """

    def __init__(self, folder: Path, home: Path, emulator: Emulator) -> None:
        self._emulator = emulator
        self.tools = folder / "bin"
        self.project = Project(folder, emulator.url, home=home)
        self.tools.mkdir()
        self.project.environment["PATH"] = f"{self.tools}:{self.project.environment['PATH']}"
        self.project.environment["PULUMI_SKIP_CONFIRMATIONS"] = "true"

    def copy(self, case: str) -> None:
        """Copies the example's files."""
        shutil.copytree(EXAMPLES / case, self.project.folder, dirs_exist_ok=True)

    def run_as_told(self, *others: Emulator, redis: RedisServer | None = None) -> Run:
        """Runs the README's commands as they stand, but for the servers' ports; it prints what the README shows.

        :param others: further emulators, at the ports that follow the first one's.
        :param redis: the Redis that the commands take for the one at Redis's own port.
        """
        commands = "".join(self._blocks("sh"))
        if redis is not None:
            commands = commands.replace("6379", str(redis.port))
        for port, emulator in enumerate((self._emulator, *others), start=8000):
            commands = commands.replace(f"http://127.0.0.1:{port}", emulator.url)
        done = self.project.shell(commands)
        shown = [_without_accidents(line) for block in self._blocks("text") for line in block.splitlines()]
        printed = {_without_accidents(line) for line in done.output.splitlines()}
        assert [line for line in shown if line not in printed] == [], done.output
        return done

    def lives(self) -> None:
        """Runs it as its README says; then nothing is left to change, and a destroy leaves nothing behind."""
        # A preview before the update would compile the program once more, which takes longest.
        self.project.environment["PULUMI_OPTION_SKIP_PREVIEW"] = "true"
        self.run_as_told()
        [(id_, store)] = self._emulator.integrations.items()
        assert (store["name"], store["on"]) == ("Production Redis", True)
        assert self._emulator.stored_config(id_)["password"] == "the password"
        self.project.preview(NO_CHANGE)
        self.project.destroy()
        assert self._emulator.integrations == {}

    def pytest(self) -> subprocess.CompletedProcess[str]:
        """Runs the example's tests as users do: with the plugin of the distribution, and without Pulumi's variables."""
        ours = ("PULUMI_", "LAUNCHDARKLY_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "_launchdarkly_pulumi_pytest"],
            cwd=self.project.folder,
            env=inherited | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HOME": str(self.project.folder / "a home")},
            capture_output=True,
            text=True,
            check=False,
        )

    def use_python(self, program: Path) -> None:
        """Runs the example's program with another Python."""
        path = self.project.environment["PATH"]
        self.project.environment["PATH"] = f"{self.tools}:{program.parent}:{path}"

    def _blocks(self, language: str) -> list[str]:
        readme = Page(self.project.folder / "README.md")
        return [block.text for block in readme.blocks if block.language == language]


def _without_accidents(line: str) -> str:
    """A printed line without what differs in each run: IDs, durations and indentation."""
    return " ".join(re.sub(r"\b[0-9a-f]{24}\b", "<id>", re.sub(r"\(\d+(\.\d+)?s\)", "", line)).split())
