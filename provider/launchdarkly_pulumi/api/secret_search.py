"""Finds which of thousands of secrets a text may contain, without trying each of them.

A regular expression for a secret that a server may have escaped takes milliseconds to compile: with a store's own
password for each of thousands of stores, one message would take a minute. So secrets are found by two pieces of each:
one behind its first character and one before its last, of :data:`PIECE` characters. The pieces of a text are all that
it could spell, read as it stands, with escapes or as base64. A secret that the text has, in any form, has both of its
pieces among them; whether the text has it is decided by whoever asks.

The first and the last character are left out, since base64 of a longer text mixes both with their neighbours.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

PIECE = 4
"""Characters of a piece."""


_SHORTEST = PIECE + 2
"""Characters of a secret that has pieces."""


_ESCAPE = re.compile(
    r"""\\u(?P<unit>[0-9A-Fa-f]{4}) | \\U(?P<point>[0-9A-Fa-f]{8}) | \\x(?P<byte>[0-9A-Fa-f]{2})
    | %(?P<percent>[0-9A-Fa-f]{2}) | \\(?P<short>["'\\/nrtbf]) | &(?P<entity>amp|lt|gt|quot|\#39); | (?P<plus>\+)""",
    re.VERBOSE,
)
"""What may stand for one character of ASCII; at most one of these begins at a place."""


_BEGINS_ESCAPE = re.compile(r"[\\%&+]")


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}")
"""A shorter run has no piece."""


_STANDARD = str.maketrans("-_", "+/")


_MEANINGS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"} | {
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "#39": "'",
}


class SecretSearch:
    """Secrets, by their pieces.

    Those of other characters than ASCII, and those too short for pieces, may be in any text.
    """

    def __init__(self) -> None:
        self._by_piece: dict[str, list[str]] = {}
        self._anywhere: list[str] = []

    def add(self, secret: str) -> None:
        """Adds a secret that was not added before."""
        if len(secret) < _SHORTEST or not secret.isascii():
            self._anywhere.append(secret)
        else:
            self._by_piece.setdefault(secret[1 : 1 + PIECE], []).append(secret)

    def possible_in(self, text: str) -> list[str]:
        """The secrets that the text may contain in any form; one that is not among them is not in it."""
        if not self._by_piece:
            return list(self._anywhere)
        pieces = pieces_of(text)
        first = [secret for piece in pieces for secret in self._by_piece.get(piece, ())]
        return self._anywhere + [secret for secret in first if secret[-1 - PIECE : -1] in pieces]


def pieces_of(text: str) -> set[str]:
    """All strings of :data:`PIECE` characters of ASCII that a text may spell; some that it does not spell too."""
    pieces = _pieces_as_it_stands(text)
    for escape in _BEGINS_ESCAPE.finditer(text):
        # With the characters before it that stand for themselves; others are escapes of their own.
        for start in range(max(0, escape.start() - PIECE + 1), escape.start() + 1):
            pieces.update(_spelled(text, start, PIECE))
    for run in _BASE64.findall(text):
        plain = run.translate(_STANDARD)
        # A secret begins anywhere in four characters of base64, of which those before it may be missing.
        for missing in range(4):
            whole = "A" * missing + plain
            decoded = base64.b64decode(whole + "A" * (-len(whole) % 4))
            pieces |= _pieces_as_it_stands(decoded.decode("latin-1"))
    return pieces


def _pieces_as_it_stands(text: str) -> set[str]:
    return {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}


def _spelled(text: str, start: int, length: int) -> Iterator[str]:
    """The strings of a length that a text may spell from a place on."""
    if not length:
        yield ""
    elif start < len(text):
        for character, end in _readings(text, start):
            for rest in _spelled(text, end, length - 1):
                yield character + rest


def _readings(text: str, start: int) -> Iterator[tuple[str, int]]:
    """What the text may say at a place, each with the place behind it: the character itself, and what it escapes."""
    yield text[start], start + 1
    found = _ESCAPE.match(text, start)
    if found and found.lastgroup:
        said = found[found.lastgroup]
        if found.lastgroup in ("unit", "point", "byte", "percent"):
            yield chr(min(int(said, 16), 0x10FFFF)), found.end()
        else:
            yield _MEANINGS.get(said, " " if said == "+" else said), found.end()
