"""Finding and ending the processes of a running ``pulumi`` command."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from support.front import TIMEOUT, Front, posts
from support.scripted_server import Request
from support.stack import Project

MODULES = {b"pulumi.dynamic", b"launchdarkly_pulumi.plugin.main"}
"""What the provider's process runs: that of the dynamic resource, and the plugin."""


def kill_provider(cli: int) -> None:
    """Ends the provider's process below the CLI at once, as the kernel does when memory runs out."""
    for pid in _descendants(cli):
        if _runs_provider(pid):
            os.kill(pid, signal.SIGKILL)


def kill_all(root: int) -> None:
    """Ends a process and all below it at once, as when a machine of a pipeline is taken away."""
    for pid in [*_descendants(root)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def interrupt(cli: int) -> None:
    """What Ctrl-C does to the CLI."""
    os.kill(cli, signal.SIGINT)


class EngineKiller:
    """Ends the CLI, which the engine is a part of, at once: it tells its plugin nothing then."""

    def __init__(self) -> None:
        self._plugins: list[int] = []

    def __call__(self, cli: int) -> None:
        """Returns when the engine is gone."""
        for pid in _descendants(cli):
            if _runs_provider(pid):
                self._plugins.append(os.pidfd_open(pid))
            else:
                # Pulumi's language host would stay; others may have ended meanwhile.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        engine = os.pidfd_open(cli)
        os.kill(cli, signal.SIGKILL)
        _await_end(engine)

    def await_plugin(self) -> None:
        """Waits until the plugin has ended by itself."""
        [plugin] = self._plugins
        _await_end(plugin)


def cut_off(stack: Project, front: Front, *, creates: int = 1, after_commit: bool = True) -> None:
    """Runs an update whose provider is killed while LaunchDarkly has its POSTs in hand.

    :param creates: how many, all at the same time.
    :param after_commit: whether the stores are there by then.
    """
    started: list[int] = []
    under_way = threading.Barrier(creates, lambda: kill_provider(started[0]), TIMEOUT)

    def end(request: Request) -> None:
        if after_commit:
            front.forward(request)
        under_way.wait()

    front.on(posts, end)
    with stack.start("up", "--yes", "--skip-preview", "--parallel", str(creates)) as process:
        started.append(process.pid)
        process.communicate(timeout=TIMEOUT)
    front.clear()


def _await_end(pidfd: int) -> None:
    ended, _, _ = select.select([pidfd], [], [], TIMEOUT)
    os.close(pidfd)
    assert ended


def _runs_provider(pid: int) -> bool:
    return not MODULES.isdisjoint(_read(pid, "cmdline").split(b"\0"))


def _descendants(parent: int) -> Iterator[int]:
    parents = {int(path.name): _parent(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    generation = {parent}
    while generation:
        generation = {pid for pid, its_parent in parents.items() if its_parent in generation}
        yield from generation


def _parent(pid: int) -> int:
    # The command's name stands in parentheses and may hold anything; the parent is the second word after it.
    words = _read(pid, "stat").rpartition(b")")[2].split()
    return int(words[1]) if words else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
