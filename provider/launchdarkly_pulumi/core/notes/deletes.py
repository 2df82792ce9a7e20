"""Notes of deletes, by LaunchDarkly's ID: they explain a 404 for an integration that this machine has begun to delete.

All processes append to one file a day. One file for each delete would take ten times as long to write, and a destroy
would wait for that. A note stays after its delete: LaunchDarkly does not use an ID again, and a process may be killed
before Pulumi's engine has saved the state without the integration.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import gmtime, strftime

from .accounts import Account
from .folder import Folder, digest

KIND = "deletes"
BEGUN, REFUSED = "+", "-"
DAYS_KEPT = 30


class Deletes:
    """The deletes that this machine has begun in an account.

    :param folder: the folder of the notes.
    :param account: the account; a 404 for another account's token proves no delete.
    """

    def __init__(self, folder: Folder, account: Account) -> None:
        self._folder = folder
        self._account = account

    def begin(self, integration_id: str) -> None:
        """Notes that an integration is about to be deleted."""
        self._append(BEGUN, integration_id)

    def refuse(self, integration_id: str) -> None:
        """Notes that an integration was not deleted: nothing was sent, or LaunchDarkly refused the request."""
        self._append(REFUSED, integration_id)

    def was_begun_before(self, integration_id: str) -> bool:
        """Whether an earlier delete was begun and not refused, before the one that was begun last."""
        name = digest(*self._account, integration_id)
        begun = 0
        for sign, each in self._lines():
            if each == name:
                begun = begun + 1 if sign == BEGUN else 0
        return begun > 1

    def clear(self) -> None:
        """Removes all but the newest :data:`DAYS_KEPT` files."""
        for path in self._files()[:-DAYS_KEPT]:
            with suppress(OSError):
                path.unlink()

    def _append(self, sign: str, integration_id: str) -> None:
        day = strftime("%Y-%m-%d", gmtime(self._folder.clock.epoch()))
        line = f"{sign}{digest(*self._account, integration_id)}\n"
        path = self._folder.path / KIND / f"{day}.log"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # NOTE: one write of a short line, so that lines of several processes do not mix.
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError as error:
            self._folder.cannot_keep(error)

    def _lines(self) -> Iterator[tuple[str, str]]:
        for path in self._files():
            with suppress(OSError):
                for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                    yield line[:1], line[1:]

    def _files(self) -> list[Path]:
        return sorted((self._folder.path / KIND).glob("*.log"))
