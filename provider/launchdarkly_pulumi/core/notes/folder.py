"""The folder of this machine's notes: where it is, and how files are written there."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ...api.clock import Clock

KEPT_FOR = 24 * 3600.0
"""Seconds for which the note of an ended create is kept: concurrent processes read there whose an integration is."""

NOT_KEPT = (
    "No note of a create can be kept in {folder}: {reason}. One that is cut off will not be recognized by the next run."
)


class Folder:
    """The folder of this machine's notes.

    :param warn: shows a warning once; its optional second argument is the subject of a warning about the whole run.
    :param clock: time, for tests to replace.
    :param path: the folder.
    """

    def __init__(self, warn: Callable[..., None], clock: Clock, path: Path) -> None:
        self.warn = warn
        self.clock = clock
        self.path = path

    def file(self, kind: str, *parts: str) -> Path:
        """The file of a note of a kind; the parts say what the note is about."""
        return self.path / kind / f"{digest(*parts)}.json"

    def write(self, path: Path, values: Mapping[str, Any]) -> bool:
        """Writes a note as a whole, so that no process reads a part of it; warns if it cannot be written.

        :returns: whether it was written.
        """
        try:
            _write_whole(path, json.dumps(values))
        except OSError as error:
            self.cannot_keep(error)
            return False
        return True

    def cannot_keep(self, error: OSError) -> None:
        """Warns, once a run, that notes cannot be written."""
        self.warn(NOT_KEPT.format(folder=self.path, reason=error.strerror or error), "notes")

    def files(self, kind: str) -> list[Path]:
        """The files of a kind, without those that are being written."""
        try:
            return [path for path in (self.path / kind).iterdir() if path.suffix in (".json", ".lock")]
        except OSError:
            return []

    def old_files(self, kind: str) -> Iterator[Path]:
        """The files of a kind that were last written more than :data:`KEPT_FOR` seconds ago."""
        for path in self.files(kind):
            with suppress(OSError):
                if self.clock.epoch() - path.stat().st_mtime > KEPT_FOR:
                    yield path


class Pulumi(NamedTuple):
    """Where Pulumi keeps its own things on this machine.

    :param named_home: its folder, as ``PULUMI_HOME`` names it; empty for ``~/.pulumi``.
    :param named_backend: the URL of the backend, as ``PULUMI_BACKEND_URL`` names it; empty for the one that somebody
        has logged into.
    """

    named_home: str = ""
    named_backend: str = ""

    @property
    def home(self) -> Path:
        """Pulumi's folder."""
        return Path(self.named_home) if self.named_home else Path.home() / ".pulumi"

    @property
    def backend(self) -> str:
        """The URL of the backend: stacks with the same name in two backends are two stacks."""
        if self.named_backend:
            return self.named_backend
        try:
            return str(json.loads((self.home / "credentials.json").read_text(encoding="utf-8")).get("current", ""))
        except (OSError, ValueError, AttributeError):
            return ""


def digest(*parts: str) -> str:
    """A hash of some strings that can be part of a file's name."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
