"""Notes of adoptions, by LaunchDarkly's ID: the process of another provider must not delete what was adopted."""

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
    """What the processes of this machine that live have adopted in an account.

    :param folder: where it is noted.
    :param host: of the account.
    :param process: this one.
    """

    def __init__(self, folder: Folder, host: str, process: Process) -> None:
        self._folder = folder
        self._host = host
        self._process = process

    def claim(self, integration_id: str, urn: str) -> bool:
        """Notes that a resource adopts an integration: a provider's process knows only its own resources.

        :returns: whether other processes can know.
        """
        is_written = self._folder.write(self._file(integration_id), {"urn": urn, "process": self._process.id})
        return is_written and self._process.is_known_to_live

    def disclaim(self, integration_id: str) -> None:
        """Takes a claim back: the adoption has failed."""
        with suppress(OSError):
            self._file(integration_id).unlink()

    def claimed_by(self, integration_id: str) -> Optional[str]:
        """The URN of the resource that another process, which still lives, has adopted an integration for."""
        try:
            claim = json.loads(self._file(integration_id).read_text(encoding="utf-8"))
            urn, process = claim["urn"], claim["process"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        is_claim = is_string(urn) and is_id(process)
        return urn if is_claim and self._process.is_another_that_lives(process) else None

    def clear(self) -> None:
        """Removes what no process that lives can have noted."""
        for path in self._folder.old_files(KIND):
            with suppress(OSError):
                path.unlink()

    def _file(self, integration_id: str) -> Path:
        return self._folder.file(KIND, self._host, integration_id)
