"""Finding and ending the processes of a running ``pulumi`` command."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path


def kill_provider(cli: int) -> None:
    """Ends the provider's process below the CLI at once, as the kernel does when memory runs out."""
    for pid in _descendants(cli):
        if b"pulumi.dynamic" in _read(pid, "cmdline").split(b"\0"):
            os.kill(pid, signal.SIGKILL)


def interrupt(cli: int) -> None:
    """What Ctrl-C does to the CLI."""
    os.kill(cli, signal.SIGINT)


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
