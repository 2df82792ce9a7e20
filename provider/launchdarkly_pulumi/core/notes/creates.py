"""Notes of creates, one for each resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

from ...api.clock import Clock
from ...model.fields import KEY_FIELDS
from ...model.ids import is_id
from .accounts import Account
from .adoptions import Adoptions
from .believed import is_string
from .deletes import Deletes
from .folder import KEPT_FOR, Folder, Pulumi
from .processes import Process

KIND = "notes"

NOT_READ = (
    "The note of a create, {path}, cannot be read: {reason}. It is not used. Look for what that create left behind."
)


@dataclass(frozen=True)
class Note:
    """The note of a create of one resource.

    :param urn: the resource's URN.
    :param host: the account's host.
    :param token: the hash of the account's token.
    :param time: when the create began, in seconds since 1970.
    :param process: the ID of the process that creates it.
    :param intent: the declared values that a listing would show.
    :param known: the IDs that were there before, of the intent's keys at least; ``None`` if they were not listed.
    :param created: the ID of the integration that was created; ``None`` if none is known.
    :param given_up: whether its process has ended the create without knowing its outcome.
    """

    urn: str
    host: str
    token: str
    time: float
    process: str
    intent: dict[str, Any]
    known: Optional[list[str]] = None
    created: Optional[str] = None
    given_up: bool = False

    @property
    def account(self) -> Account:
        """The account in which the integration was to be created."""
        return Account(self.host, self.token)

    @classmethod
    def parse(cls, text: str) -> Note:
        """Reads a note from JSON.

        :raises ValueError: it is not a valid note; the error says why.
        """
        try:
            values = json.loads(text)
        except RecursionError:
            raise ValueError("it nests too deep") from None
        if not isinstance(values, dict):
            raise ValueError("it is no note")
        wrong = [name for name, is_right in _IS_RIGHT.items() if not is_right(values.get(name))]
        if wrong or values.keys() - _IS_RIGHT.keys():
            raise ValueError(f"it has no valid {(wrong or sorted(values.keys() - _IS_RIGHT.keys()))[0]}")
        return cls(**values)


def _is_intent(value: object) -> bool:
    """Whether the values that are compared with other creates have the types of inputs."""
    names = (*(field.name for field in KEY_FIELDS), "name")
    return isinstance(value, dict) and all(isinstance(value.get(name, ""), str) for name in names)


_IS_RIGHT: Mapping[str, Callable[[object], bool]] = {
    "urn": is_string,
    "host": is_string,
    "token": is_string,
    "time": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "process": is_id,
    "intent": _is_intent,
    "known": lambda value: value is None or (isinstance(value, list) and all(map(is_id, value))),
    "created": lambda value: value is None or is_id(value),
    "given_up": lambda value: isinstance(value, bool),
}


class Notes:
    """The notes of this machine for one process and account: those of creates and, as attributes, the others.

    :param account: the account that the process works with.
    :param warn: shows a warning once; its optional second argument is the subject of a warning about the whole run.
    :param clock: time, for tests to replace.
    :param folder: where the notes are; by default in Pulumi's own folder.
    :param pulumi: where Pulumi keeps its own things.
    """

    def __init__(
        self,
        account: Account,
        warn: Callable[..., None],
        clock: Clock = Clock(),  # noqa: B008 - frozen
        folder: Optional[Path] = None,
        pulumi: Pulumi = Pulumi(),  # noqa: B008 - frozen
    ) -> None:
        self.account = account
        self._pulumi = pulumi
        self._folder = Folder(warn, clock, folder or pulumi.home / "launchdarkly")
        self.process = Process(self._folder, self._clear)
        self.deletes = Deletes(self._folder, account)
        self.adoptions = Adoptions(self._folder, account.host, self.process)

    def find(self, organization: str, urn: str) -> Optional[Note]:
        """The note of the last create of a resource; ``None`` if there is no valid one."""
        path = self._path_of(organization, urn)
        note = self._read(path)
        if note is not None and note.urn != urn:
            self._folder.warn(NOT_READ.format(path=path, reason="it is of another resource"))
            return None
        return note

    def is_under_way(self, note: Note) -> bool:
        """Whether another living process is still creating the resource of a note."""
        is_open = note.created is None and not note.given_up
        return is_open and self.process.is_another_that_lives(note.process)

    def is_open(self, note: Note) -> bool:
        """Whether a create of the last day has no known outcome, so that its integration may still appear."""
        return note.created is None and self._folder.clock.epoch() - note.time < KEPT_FOR

    def begin(self, organization: str, urn: str, intent: dict[str, Any], known: Optional[set[str]]) -> Note:
        """Notes that a resource is about to be created.

        :param organization: the organization of its stack.
        :param urn: its URN.
        :param intent: the declared values that a listing would show.
        :param known: the IDs that were there before, of the intent's keys at least; ``None`` if they were not listed.
        """
        ids = None if known is None else sorted(known)
        now = self._folder.clock.epoch()
        note = Note(urn, self.account.host, self.account.token, now, self.process.id, intent, ids)
        self._folder.write(self._path_of(organization, urn), vars(note))
        return note

    def end(self, organization: str, note: Note, created: Optional[str] = None) -> None:
        """Notes the outcome of a create: the ID of its integration; ``None`` if it is not known."""
        ended = replace(note, created=created, given_up=created is None, known=None if created else note.known)
        self._folder.write(self._path_of(organization, note.urn), vars(ended))

    def forget(self, organization: str, urn: str) -> None:
        """Removes the note of a create that has created nothing."""
        with suppress(OSError):
            self._path_of(organization, urn).unlink()

    def of_others(self, organization: str, urn: str) -> Iterator[Note]:
        """The notes of other resources' creates at the same host that are under way, or have ended within a day."""
        own = self._path_of(organization, urn)
        for path in sorted(self._folder.files(KIND)):
            note = self._read(path) if path != own else None
            if note is not None and note.host == self.account.host:
                yield note

    def _path_of(self, organization: str, urn: str) -> Path:
        return self._folder.file(KIND, self._pulumi.backend, organization, urn)

    def _read(self, path: Path) -> Optional[Note]:
        try:
            return Note.parse(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, RecursionError) as error:
            self._folder.warn(NOT_READ.format(path=path, reason=_reason(error)))
            return None

    def _clear(self) -> None:
        """Removes old notes of creates that have succeeded, other old notes, and the locks of ended processes."""
        for path in self._folder.old_files(KIND):
            with suppress(OSError, ValueError):
                if Note.parse(path.read_text(encoding="utf-8")).created is not None:
                    path.unlink()
        self.adoptions.clear()
        self.deletes.clear()
        self.process.clear_locks()


def _reason(error: Exception) -> str:
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError, RecursionError)):
        return "it is no JSON"
    return str(getattr(error, "strerror", None) or error)
