"""What the emulator was asked: raw in memory, for tests; without secrets as JSON Lines in a file."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .fields import manifests

HIDDEN = "[secret]"
KEPT_RECORDS = 10_000
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
        """Append to the file at ``path``, if there is one."""
        self._lock = threading.Lock()
        self._records: deque[RequestRecord] = deque(maxlen=KEPT_RECORDS)
        self._file = open(path, "a", encoding="utf-8") if path is not None else None  # noqa: SIM115 - closed in close()

    def add(self, record: RequestRecord) -> None:
        """Keep one record."""
        with self._lock:
            self._records.append(record)
            if self._file is not None and not self._file.closed:
                self._file.write(log_line(record) + "\n")
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
    return json.dumps(entry)


def redacted(body: Any) -> Any:
    """A body without the values of secret fields, whether it is an integration or a patch, well-formed or not."""
    if body is None:
        return None
    if not isinstance(body, dict | list):
        return HIDDEN  # not a body that this API knows: no telling what it holds
    return _redacted(body)


def _redacted(value: Any) -> Any:
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if not isinstance(value, dict):
        return value
    hides_value = _sets_secret(value)
    return {
        key: HIDDEN if _is_secret(key) or (key == "value" and hides_value) else _redacted(item)
        for key, item in value.items()
    }


def _sets_secret(operation: dict[str, Any]) -> bool:
    """Whether the ``value`` of this object, taken as a patch's operation, is a secret as a whole."""
    path = operation.get("path")
    if not isinstance(path, str):
        return False
    segments = [segment.replace("~1", "/").replace("~0", "~") for segment in path.split("/")]
    holds_config = segments[-1] in ("", "config")
    return any(map(_is_secret, segments)) or (holds_config and not isinstance(operation.get("value"), dict))


def _is_secret(key: str) -> bool:
    # In any spelling: a misspelt field is refused, but its value is no less secret.
    return key.strip().lower() in {name.lower() for manifest in manifests().values() for name in manifest.secret_keys}
