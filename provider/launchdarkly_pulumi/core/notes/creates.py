"""Notes of creates, one for each resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Optional

from ...api.clock import Clock
from ...model.fields import KEY_FIELDS
from ...model.ids import is_id
from .accounts import Account
from .adoptions import Adoptions
from .believed import is_string
from .deletes import Deletes
from .folder import KEPT_FOR, Folder, backend
from .processes import Process

KIND = "notes"

NOT_READ = (
    "The note of a create, {path}, cannot be read: {reason}. It is not used. Look for what that create left behind."
)


@dataclass(frozen=True)
class Note:
    """A create of one resource.

    :param urn: the resource's URN.
    :param host: of the account.
    :param token: the hash of the account's token.
    :param time: epoch seconds at which the create began.
    :param process: of whom it is.
    :param intent: what is created, as far as a listing shows it.
    :param known: the IDs that the account had before; ``None`` where LaunchDarkly did not list them.
    :param created: the ID of what came of it.
    :param given_up: whether its process ended it without knowing what came of it.
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
        """The account that it was created in."""
        return Account(self.host, self.token)

    @classmethod
    def parse(cls, text: str) -> Note:
        """Reads a note back.

        :raises ValueError: it is none; with what is wrong with it.
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


def _is_intent(value: Any) -> bool:
    """Whether what is compared with other creates is of the types that inputs have."""
    names = (*(field.name for field in KEY_FIELDS), "name")
    return isinstance(value, dict) and all(isinstance(value.get(name, ""), str) for name in names)


_IS_RIGHT: Mapping[str, Callable[[Any], bool]] = {
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
    """The notes of this machine, as one process of an account sees them; itself those of creates.

    :param account: the account that the process works with.
    :param warn: shows a warning once, of the run where it is told what it is about.
    :param clock: time, for tests to replace.
    :param folder: where they are; by default below ``PULUMI_HOME``, or else ``~/.pulumi``.
    """

    def __init__(
        self,
        account: Account,
        warn: Callable[..., None],
        clock: Clock = Clock(),  # noqa: B008 - frozen
        folder: Optional[Path] = None,
    ) -> None:
        self.account = account
        self._folder = Folder(warn, clock, folder)
        self.process = Process(self._folder, self._clear)
        self.deletes = Deletes(self._folder, account)
        self.adoptions = Adoptions(self._folder, account.host, self.process)

    def find(self, organization: str, urn: str) -> Optional[Note]:
        """The note of the last create of a resource, if there is one that can be believed."""
        path = self._path_of(organization, urn)
        note = self._read(path)
        if note is not None and note.urn != urn:
            self._folder.warn(NOT_READ.format(path=path, reason="it is of another resource"))
            return None
        return note

    def is_under_way(self, note: Note) -> bool:
        """Whether a process that lives is still at it."""
        is_open = note.created is None and not note.given_up
        return is_open and self.process.is_another_that_lives(note.process)

    def is_open(self, note: Note) -> bool:
        """Whether it is not known what came of a create that may still turn up: one of the last day."""
        return note.created is None and self._folder.clock.epoch() - note.time < KEPT_FOR

    def begin(self, organization: str, urn: str, intent: dict[str, Any], known: Optional[set[str]]) -> Note:
        """Notes that a resource is about to be created, and what the account has before that."""
        ids = None if known is None else sorted(known)
        now = self._folder.clock.epoch()
        note = Note(urn, self.account.host, self.account.token, now, self.process.id, intent, ids)
        self._folder.write(self._path_of(organization, urn), asdict(note))
        return note

    def end(self, organization: str, note: Note, created: Optional[str] = None) -> None:
        """Notes what came of a create; without an ID, that it is not known."""
        ended = replace(note, created=created, given_up=created is None, known=None if created else note.known)
        self._folder.write(self._path_of(organization, note.urn), asdict(ended))

    def forget(self, organization: str, urn: str) -> None:
        """Takes a note back: nothing was created."""
        with suppress(OSError):
            self._path_of(organization, urn).unlink()

    def of_others(self, organization: str, urn: str) -> Iterator[Note]:
        """The notes of other resources with the same host, ended within a day or not at all."""
        own = self._path_of(organization, urn)
        for path in sorted(self._folder.files(KIND)):
            note = self._read(path) if path != own else None
            if note is not None and note.host == self.account.host:
                yield note

    def _path_of(self, organization: str, urn: str) -> Path:
        return self._folder.file(KIND, backend(), organization, urn)

    def _read(self, path: Path) -> Optional[Note]:
        try:
            return Note.parse(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, RecursionError) as error:
            self._folder.warn(NOT_READ.format(path=path, reason=_reason(error)))
            return None

    def _clear(self) -> None:
        """Removes what is of no use any more: notes of creates that ended long ago, and what processes left behind."""
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
