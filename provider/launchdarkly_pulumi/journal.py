"""Remembers, across processes, the POSTs whose end is not known.

A provider that is killed between a POST and its answer leaves an integration that no state knows: to
Pulumi's engine the create has failed. So a note is kept on this machine until the outcome is known, and
the next create of the same integration looks first for what the lost one has left behind.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional


class Journal:
    """Notes in a folder of Pulumi's home; without a folder to write to it remembers nothing.

    :param account: what tells accounts and projects apart.
    :param folder: where the notes are; by default below ``PULUMI_HOME``, or else ``~/.pulumi``.
    """

    def __init__(self, account: str, folder: Optional[Path] = None) -> None:
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        self._folder = folder or home / "launchdarkly" / "creates"
        self._account = account

    def entry(self, intent: Mapping[str, Any]) -> Entry:
        """The place of the note on one integration.

        :param intent: what is to be created, without any secret.
        """
        name = json.dumps([self._account, os.environ.get("PULUMI_PROJECT", ""), intent], sort_keys=True)
        return Entry(self._folder / f"{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}.json")


class Entry:
    """The note on one integration.

    :param path: its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, known: Iterable[str]) -> None:
        """Notes that the integration is about to be created, and which ones there are."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(sorted(known)), encoding="utf-8")

    def known_before(self) -> Optional[set[str]]:
        """The integrations that there were before a create that never ended; ``None`` without one."""
        try:
            return set(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self) -> None:
        """Takes the note back, once the outcome is known."""
        with suppress(OSError):
            self._path.unlink()
