"""Notes of adoptions, by LaunchDarkly's ID: they keep another process from deleting an integration that was adopted."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Optional

from ...model.ids import is_id
from .believed import is_string
from .folder import Folder
from .processes import Process

KIND = "adoptions"


class Adoptions:
    """The adoptions of an account by the living processes of this machine.

    :param folder: the folder of the notes.
    :param host: the host of the account.
    :param process: this process.
    """

    def __init__(self, folder: Folder, host: str, process: Process) -> None:
        self._folder = folder
        self._host = host
        self._process = process

    def claim(self, integration_id: str, urn: str) -> bool:
        """Notes that a resource adopts an integration, for other processes, which do not know this one's resources.

        :returns: whether other processes can read the note.
        """
        is_written = self._folder.write(self._file(integration_id), {"urn": urn, "process": self._process.id})
        return is_written and self._process.is_known_to_live

    def disclaim(self, integration_id: str) -> None:
        """Withdraws a claim after the adoption has failed."""
        with suppress(OSError):
            self._file(integration_id).unlink()

    def claimed_by(self, integration_id: str) -> Optional[str]:
        """The URN of the resource for which another living process has adopted an integration; ``None`` if none has."""
        try:
            claim = json.loads(self._file(integration_id).read_text(encoding="utf-8"))
            urn, process = claim["urn"], claim["process"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        is_claim = is_string(urn) and is_id(process)
        return urn if is_claim and self._process.is_another_that_lives(process) else None

    def clear(self) -> None:
        """Removes notes that are too old to be those of living processes."""
        for path in self._folder.old_files(KIND):
            with suppress(OSError):
                path.unlink()

    def _file(self, integration_id: str) -> Path:
        return self._folder.file(KIND, self._host, integration_id)
