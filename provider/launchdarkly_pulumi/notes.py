"""Notes on this machine of what is under way in LaunchDarkly, for the process that comes after one that was cut off.

A provider that is killed between a POST and its response leaves an integration that no state knows: to Pulumi's engine
the create has failed. So each create has a note, which belongs to one resource of one account, and each process holds a
lock for as long as it lives, which the operating system releases. A note that nobody has ended, of a process that no
longer lives, means a create that was cut off. Deletes and adoptions leave notes too, by LaunchDarkly's ID.

Notes hold no secret: of the access token a hash, and nothing of a config.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Optional

from .models import KEY_FIELDS, KEY_PATTERN
from .retry import Clock

KEPT_FOR = 24 * 3600.0
"""Seconds that the note of an ended create is kept: concurrent processes look there for whose an integration is."""

NOT_KEPT = (
    "No note of a create can be kept in {folder}: {reason}. One that is cut off will not be recognized by the next run."
)
NOT_READ = (
    "The note of a create, {path}, cannot be read: {reason}. It is not used. Look for what that create left behind."
)


class Account(NamedTuple):
    """What tells accounts apart: the host, and a hash of the access token."""

    host: str
    token: str

    @classmethod
    def of(cls, host: str, access_token: str) -> Account:
        """The account of a token."""
        return cls(host, hashlib.sha256(f"launchdarkly-pulumi {access_token}".encode()).hexdigest()[:16])


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


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and KEY_PATTERN.fullmatch(value) is not None


def _is_intent(value: Any) -> bool:
    """Whether what is compared with other creates is of the types that inputs have."""
    names = (*(field.name for field in KEY_FIELDS), "name")
    return isinstance(value, dict) and all(isinstance(value.get(name, ""), str) for name in names)


_IS_RIGHT: Mapping[str, Callable[[Any], bool]] = {
    "urn": _is_string,
    "host": _is_string,
    "token": _is_string,
    "time": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "process": _is_id,
    "intent": _is_intent,
    "known": lambda value: value is None or (isinstance(value, list) and all(map(_is_id, value))),
    "created": lambda value: value is None or _is_id(value),
    "given_up": lambda value: isinstance(value, bool),
}


class Notes:
    """The notes of this machine, as one process of an account sees them.

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
        self._warn = warn
        self._clock = clock
        self._folder = folder or _home() / "launchdarkly"
        self._process: Optional[_Process] = None
        self._lock = threading.Lock()

    # Creates, by resource.

    def find(self, organization: str, urn: str) -> Optional[Note]:
        """The note of the last create of a resource, if there is one that can be believed."""
        path = self._path_of(organization, urn)
        note = self._read(path)
        if note is not None and note.urn != urn:
            self._warn(NOT_READ.format(path=path, reason="it is of another resource"))
            return None
        return note

    def is_under_way(self, note: Note) -> bool:
        """Whether a process that lives is still at it."""
        is_open = note.created is None and not note.given_up
        return is_open and note.process != self._own.id and _lives(self._folder, note.process)

    def is_open(self, note: Note) -> bool:
        """Whether it is not known what came of a create that may still turn up: one of the last day."""
        return note.created is None and self._clock.epoch() - note.time < KEPT_FOR

    def begin(self, organization: str, urn: str, intent: dict[str, Any], known: Optional[set[str]]) -> Note:
        """Notes that a resource is about to be created, and what the account has before that."""
        ids = None if known is None else sorted(known)
        now = self._clock.epoch()
        note = Note(urn, self.account.host, self.account.token, now, self._own.id, intent, ids)
        self._write(self._path_of(organization, urn), asdict(note))
        return note

    def end(self, organization: str, note: Note, created: Optional[str] = None) -> None:
        """Notes what came of a create; without an ID, that it is not known."""
        ended = replace(note, created=created, given_up=created is None, known=None if created else note.known)
        self._write(self._path_of(organization, note.urn), asdict(ended))

    def forget(self, organization: str, urn: str) -> None:
        """Takes a note back: nothing was created."""
        with suppress(OSError):
            self._path_of(organization, urn).unlink()

    def of_others(self, organization: str, urn: str) -> Iterator[Note]:
        """The notes of other resources with the same host, ended within a day or not at all."""
        own = self._path_of(organization, urn)
        for path in sorted(_files(self._folder / "notes")):
            note = self._read(path) if path != own else None
            if note is not None and note.host == self.account.host:
                yield note

    # Deletes and adoptions, by LaunchDarkly's ID.

    def begin_delete(self, integration_id: str) -> bool:
        """Notes that an integration is about to be deleted; whether an earlier process was cut off at that."""
        path = self._mark(integration_id, "deletes")
        was_begun = path.exists()
        self._write(path, {"time": self._clock.epoch()})
        return was_begun

    def end_delete(self, integration_id: str) -> None:
        """Takes the note of a delete back."""
        with suppress(OSError):
            self._mark(integration_id, "deletes").unlink()

    def claim(self, integration_id: str, urn: str) -> None:
        """Notes that a resource has adopted an integration: a provider's process knows only its own resources."""
        self._write(self._mark(integration_id, "adoptions"), {"urn": urn, "process": self._own.id})

    def claimed_by(self, integration_id: str) -> Optional[str]:
        """The URN of the resource that another process, which still lives, has adopted an integration for."""
        try:
            claim = json.loads(self._mark(integration_id, "adoptions").read_text(encoding="utf-8"))
            urn, process = claim["urn"], claim["process"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        is_live = _is_string(urn) and _is_id(process) and process != self._own.id and _lives(self._folder, process)
        return urn if is_live else None

    # How it is done.

    @property
    def _own(self) -> _Process:
        with self._lock:
            if self._process is None:
                self._process = self._begin_process()
            return self._process

    def _begin_process(self) -> _Process:
        try:
            _clear(self._folder, self._clock.epoch())
            return _Process(self._folder)
        except OSError as error:
            self._cannot_keep(error)
            return _Process(None)

    def _path_of(self, organization: str, urn: str) -> Path:
        return self._folder / "notes" / f"{_digest(_backend(), organization, urn)}.json"

    def _mark(self, integration_id: str, kind: str) -> Path:
        return self._folder / kind / f"{_digest(self.account.host, integration_id)}.json"

    def _read(self, path: Path) -> Optional[Note]:
        try:
            return Note.parse(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, RecursionError) as error:
            self._warn(NOT_READ.format(path=path, reason=_reason(error)))
            return None

    def _write(self, path: Path, values: Mapping[str, Any]) -> None:
        try:
            _write_whole(path, json.dumps(values))
        except OSError as error:
            self._cannot_keep(error)

    def _cannot_keep(self, error: OSError) -> None:
        self._warn(NOT_KEPT.format(folder=self._folder, reason=error.strerror or error), "notes")


class _Process:
    """What stands for this process in notes: a file that is locked as long as it lives.

    :param folder: ``None`` where nothing can be written.
    """

    def __init__(self, folder: Optional[Path]) -> None:
        self.id = uuid.uuid4().hex
        if folder is not None:
            self._lock = _lock_of(folder, self.id)
            self._lock.acquire(timeout=0)


def _lives(folder: Path, process: str) -> bool:
    """Whether the process of a note still holds its lock."""
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

    locks = folder / "processes"
    locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileLock(locks / f"{process}.lock", mode=0o600, thread_local=False)


def _clear(folder: Path, now: float) -> None:
    """Removes what is of no use any more: notes of creates that ended long ago, and locks of processes long gone."""
    for path in _old_files(folder / "notes", now):
        with suppress(OSError, ValueError):
            if Note.parse(path.read_text(encoding="utf-8")).created is not None:
                path.unlink()
    for path in _old_files(folder / "adoptions", now):
        with suppress(OSError):
            path.unlink()
    for path in _old_files(folder / "processes", now):
        with suppress(OSError):
            if not _lives(folder, path.stem):
                path.unlink()


def _old_files(folder: Path, now: float) -> Iterator[Path]:
    for path in _files(folder):
        with suppress(OSError):
            if now - path.stat().st_mtime > KEPT_FOR:
                yield path


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix in (".json", ".lock")]
    except OSError:
        return []


def _write_whole(path: Path, text: str) -> None:
    """Writes a file so that nobody ever finds a part of it."""
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


def _home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def _backend() -> str:
    """Where the state is: stacks of one name in two backends are two stacks."""
    named = os.environ.get("PULUMI_BACKEND_URL")
    if named:
        return named
    try:
        return str(json.loads((_home() / "credentials.json").read_text(encoding="utf-8")).get("current", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError, RecursionError)):
        return "it is no JSON"
    return str(getattr(error, "strerror", None) or error)
