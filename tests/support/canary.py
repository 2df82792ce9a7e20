"""Looks for a secret in whatever form it may have been written."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path


def forms(secret: str) -> set[str]:
    """The secret raw, JSON-escaped, URL-encoded and in base64 (at each of the three offsets in a longer text)."""
    raw = secret.encode()
    found = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
    }
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            # The characters at both ends depend on the neighbours: what is between them does not.
            found.add(encode(b"\0" * offset + raw).decode().rstrip("=")[4 if offset else 0 : -2])
    return found


def leaks(text: str, *secrets: str) -> list[str]:
    """The forms of the secrets that the text holds."""
    return [form for secret in secrets for form in forms(secret) if form in text]


def files_with_leaks(folder: Path, *secrets: str) -> Iterator[Path]:
    """The files below the folder that hold a form of a secret."""
    for path in folder.rglob("*"):
        if path.is_file() and leaks(path.read_bytes().decode(errors="replace"), *secrets):
            yield path
