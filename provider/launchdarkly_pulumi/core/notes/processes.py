"""The processes in notes, and whether they live: each one holds the lock of a file while it does."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

from .folder import Folder

LOCKS = "processes"


class Process:
    """The running process, which takes its lock when its ID is first needed.

    :param folder: the folder of the notes.
    :param clear: removes old notes; it is called before the lock is taken.
    """

    def __init__(self, folder: Folder, clear: Callable[[], None]) -> None:
        self._folder = folder
        self._clear = clear
        self._guard = threading.Lock()
        self._id: Optional[str] = None
        self._lock: Any = None

    @property
    def id(self) -> str:
        """The process's ID in notes. The first use takes the lock."""
        with self._guard:
            if self._id is None:
                self._id = uuid.uuid4().hex
                self._begin(self._id)
            return self._id

    @property
    def is_known_to_live(self) -> bool:
        """Whether the process holds its lock: without it, others believe that it has ended."""
        return bool(self.id) and self._lock is not None and bool(self._lock.is_locked)

    def _begin(self, id_: str) -> None:
        try:
            self._clear()
            self._lock = _lock_of(self._folder.path, id_)
            self._lock.acquire(timeout=0)
        except OSError as error:
            self._folder.cannot_keep(error)

    def is_another_that_lives(self, process: str) -> bool:
        """Whether a process from a note lives and is not this one."""
        return process != self.id and lives(self._folder.path, process)

    def clear_locks(self) -> None:
        """Removes the locks of processes that have ended long ago."""
        for path in self._folder.old_files(LOCKS):
            with suppress(OSError):
                if not lives(self._folder.path, path.stem):
                    path.unlink()


def lives(folder: Path, process: str) -> bool:
    """Whether a process holds its lock."""
    from filelock import Timeout

    lock = _lock_of(folder, process)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def _lock_of(folder: Path, process: str) -> Any:
    from filelock import FileLock

    locks = folder / LOCKS
    locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileLock(locks / f"{process}.lock", mode=0o600, thread_local=False)
