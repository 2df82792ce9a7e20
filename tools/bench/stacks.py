"""One Pulumi stack, driven by the real CLI through the operations that are measured."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import languages
from .programs import PROGRAM

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 1800

OPERATIONS = {
    "create": ("up", "--yes", "--skip-preview"),
    "preview": ("preview", "--expect-no-changes"),
    "update": ("up", "--yes", "--skip-preview", "--config", "host=new.example.com"),
    "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
"""In the order in which they are run; nothing has changed when the preview and the refresh look."""


def impersonal_environment() -> dict[str, str]:
    """The variables of this process but for those that change how Pulumi, the provider or Python works.

    Python's too: without the bytecode that it keeps, imports take three times as long, which users do not see. And
    those that the clients of Pulumi's S3 and Postgres backends read.
    """
    personal = ("PULUMI_", "LAUNCHDARKLY_", "PYTHON", "AWS_", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(personal)}


def environment_in(folder: Path, url: str) -> dict[str, str]:
    """The variables of Pulumi's CLI where all that it keeps is in a folder, which gets its backend.

    :param url: where LaunchDarkly is.
    """
    (folder / "backend").mkdir()
    return impersonal_environment() | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "bench",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "LAUNCHDARKLY_API_HOST": url,
        "LAUNCHDARKLY_ACCESS_TOKEN": "api-of-the-bench",
    }


class Cost(NamedTuple):
    """What a command took: seconds, the bytes that it and its children wrote, and their seconds on a processor."""

    seconds: float
    bytes_written: int
    on_processors: float = 0.0


class Stack:
    """A stack of so many stores of one kind, in a folder of its own.

    :param kind: ``floor``, ``naive`` or ``ours``, which are programs in Python; or one of :data:`languages.WRITERS`,
        which use the plugin.
    :param url: where LaunchDarkly is.
    :param settings: further variables of the CLI's environment.
    """

    def __init__(self, folder: Path, kind: str, count: int, url: str, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._count = count
        if kind in languages.WRITERS:
            languages.WRITERS[kind](folder, count)
        else:
            (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
            (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self._environment = environment_in(folder, url) | {"PYTHONPATH": str(ROOT / "tools"), **settings}
        if kind in languages.WRITERS:
            self._environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{self._environment['PATH']}"
            self._pulumi(*languages.INSTALL)
        self._pulumi("stack", "init", "bench")
        configuration = {"kind": kind, "count": str(count), "host": "redis.example.com"}
        self._pulumi(
            "config", "set-all", *(word for pair in configuration.items() for word in ("--plaintext", "=".join(pair)))
        )

    def run(self, operation: str, *options: str) -> Cost:
        """Runs one of :data:`OPERATIONS`, with further options of the CLI."""
        return self._pulumi(*OPERATIONS[operation], *options)

    def state_bytes_per_store(self) -> float:
        """What the state takes for each store."""
        [state] = (self._folder / "backend").glob(".pulumi/stacks/bench/bench.json")
        return state.stat().st_size / self._count

    def _pulumi(self, *arguments: str) -> Cost:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return measured(command, self._folder, self._environment)


def measured(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Runs a command in a folder; its output is in ``output.txt`` there.

    :raises RuntimeError: it has failed.
    """
    output = folder / "output.txt"
    with output.open("w", encoding="utf-8") as written:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output.read_text(encoding='utf-8')}")
    return Cost(seconds, used.ru_oublock * 512, used.ru_utime + used.ru_stime)


@contextmanager
def new_stack(kind: str, count: int, url: str, settings: Mapping[str, str]) -> Iterator[Stack]:
    """A stack that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Stack(Path(folder), kind, count, url, settings)
