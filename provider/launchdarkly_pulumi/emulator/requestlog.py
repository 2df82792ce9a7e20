"""What the emulator was asked: raw in memory, for tests; without secrets as JSON Lines in a file."""

from __future__ import annotations

import functools
import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO, TypeGuard

from .errors import HIDDEN, shown_name
from .fields import manifests
from .patching import KNOWN_OPERATIONS

KEPT_RECORDS = 10_000
LONGEST_BODY = 10_000
"""Characters of a body in the file; of a longer one its length is there."""
HEADERS_OF_INTEREST = ("ld-api-version", "content-type", "accept", "user-agent")


@dataclass(frozen=True)
class RequestRecord:
    """One request and how it was answered."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case. Of ``authorization`` only that it was there."""
    body: Any = field(repr=False)
    """The parsed body, secrets included; its text if it is not JSON; ``None`` if there is none."""
    duration_ms: float
    error: str | None = None
    """``code: message`` of a refusal, or the message alone where LaunchDarkly gives no code."""


class RequestLog:
    """Keeps the last records in memory and, if asked to, writes each to a file at once."""

    def __init__(self, path: Path | str | None = None) -> None:
        """Append to the file at ``path``, if that is given; a new file is its owner's alone."""
        self._lock = threading.Lock()
        self._records: deque[RequestRecord] = deque(maxlen=KEPT_RECORDS)
        self._file = _opened(path) if path is not None else None

    def add(self, record: RequestRecord) -> None:
        """Keep one record."""
        line = log_line(record) if self._file is not None else ""
        with self._lock:
            self._records.append(record)
            if self._file is not None and not self._file.closed:
                self._file.write(f"{line}\n")
                self._file.flush()

    def records(self) -> list[RequestRecord]:
        """The records so far, oldest first."""
        with self._lock:
            return list(self._records)

    def clear(self) -> None:
        """Forget the records in memory."""
        with self._lock:
            self._records.clear()

    def close(self) -> None:
        """Close the file. What is still being answered is kept in memory only."""
        with self._lock:
            if self._file is not None:
                self._file.close()


def _opened(path: Path | str) -> TextIO:
    return open(path, "a", encoding="utf-8", opener=lambda file, flags: os.open(file, flags, mode=0o600))


def log_line(record: RequestRecord) -> str:
    """One record as a line of JSON, without secrets."""
    entry = {
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "error": record.error,
        "headers": dict(record.headers),
        "body": redacted(record.body),
        "durationMs": round(record.duration_ms, 3),
    }
    length = len(json.dumps(entry["body"]))
    if length > LONGEST_BODY:
        entry["body"] = f"[{length} characters]"
    return json.dumps(entry)


def redacted(body: Any) -> Any:
    """Of a body, an integration or a patch, what is known to be no secret: in a known field, and of its form."""
    if body is None:
        return None
    if isinstance(body, list):
        return [_operation(each) if isinstance(each, dict) else HIDDEN for each in body]
    if isinstance(body, dict):
        return _operation(body) if body.keys() & {"op", "path"} else _shown((), body)
    return HIDDEN


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    return {shown_name(key): _part(operation, key) for key in operation}


def _part(operation: dict[str, Any], key: str) -> Any:
    part, path = operation[key], operation.get("path")
    if key == "value" and _is_pointer(path):
        # A pointer's escapes stand for characters that no known field has.
        return _shown(tuple(path.split("/")[1:]), part)
    if key == "op":
        return part if part in KNOWN_OPERATIONS else HIDDEN
    return shown_name(part) if key in ("path", "from") and _is_pointer(part) else HIDDEN


def _is_pointer(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value[:1] in ("", "/")


def _shown(path: tuple[str, ...], value: Any) -> Any:
    """What may be shown of the value at a path of an integration."""
    if path in ((), ("config",)):
        return {shown_name(k): _shown((*path, k), v) for k, v in value.items()} if isinstance(value, dict) else HIDDEN
    if path == ("tags",) and isinstance(value, list):
        return value if all(isinstance(tag, str) for tag in value) else HIDDEN
    known = path in _plain_paths() or (path[0] == "tags" and len(path) == 2)
    # A host may be a URL with a password in it.
    credentials = isinstance(value, str) and path[0] == "config" and "@" in value
    return value if known and not credentials and not isinstance(value, dict | list) else HIDDEN


@functools.cache
def _plain_paths() -> frozenset[tuple[str, ...]]:
    """The fields that hold no secret, by their paths; of a config those that are a secret in no kind of store."""
    secret = {key for manifest in manifests().values() for key in manifest.secret_keys}
    config = {key for manifest in manifests().values() for key in manifest.field_keys} - secret
    return frozenset({("name",), ("on",), ("version",)} | {("config", key) for key in config})
