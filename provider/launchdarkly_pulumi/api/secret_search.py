"""Finds which of thousands of secrets a text may contain, without trying each of them.

A regular expression for a secret that a server may have escaped takes milliseconds to compile: with a store's own
password for each of thousands of stores, one message would take a minute. So secrets are found by pieces of them, of
:data:`PIECE` characters. The pieces of a text are all that it could spell, read as it stands, with escapes or as
base64. A secret that the text has, in any form, has all of its pieces among them; whether the text has it is decided by
whoever asks.

Pieces leave the first and the last character of a secret out, since base64 of a longer text mixes both with their
neighbours; and all that is not ASCII, which has more forms.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from .escapes import ENTITIES, SHORT_ESCAPES

PIECE = 4
"""Characters of a piece."""


_WITH_PIECES = re.compile(rf"[\x00-\x7f]{{{PIECE + 2},}}")
"""A part of a secret that has pieces."""


_NAMED = {form: character for table in (SHORT_ESCAPES, ENTITIES) for character, form in table.items()} | {"+": " "}
"""What a form by name stands for; a plus sign is a space in a URL."""


_ESCAPE = re.compile(
    r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\x([0-9A-Fa-f]{2})|%([0-9A-Fa-f]{2})|" + "|".join(map(re.escape, _NAMED))
)
"""What may stand for one character of ASCII; at most one of these begins at a place. By number, that is a group."""


_BEGINS_ESCAPE = re.compile(f"(?={_ESCAPE.pattern})")


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}")
"""A shorter run has no piece."""


_STANDARD = str.maketrans("-_", "+/")


class SecretSearch:
    """Secrets, by their pieces. One without six characters of ASCII in a row has none, and may be in any text."""

    def __init__(self) -> None:
        self._by_first_piece: dict[str, list[str]] = {}
        self._anywhere: list[str] = []

    def add(self, secret: str) -> None:
        """Adds a secret that was not added before."""
        pieces = _pieces_of_secret(secret)
        if pieces:
            self._by_first_piece.setdefault(pieces[0], []).append(secret)
        else:
            self._anywhere.append(secret)

    def possible_among(self, pieces: frozenset[str]) -> list[str]:
        """The secrets that a text of these pieces may contain in any form; one that is not among them is not in it.

        :param pieces: as :func:`pieces_of` gives them.
        """
        first = [secret for piece in pieces for secret in self._by_first_piece.get(piece, ())]
        return self._anywhere + [secret for secret in first if pieces.issuperset(_pieces_of_secret(secret))]


def _pieces_of_secret(secret: str) -> list[str]:
    longest = max(_WITH_PIECES.findall(secret), key=len, default="")
    return [longest[start : start + PIECE] for start in range(1, len(longest) - PIECE)]


@lru_cache(maxsize=2)
def pieces_of(text: str) -> frozenset[str]:
    """All strings of :data:`PIECE` characters of ASCII that a text may spell; some that it does not spell too.

    They are kept for the last two texts: a message is searched several times, before and after it is folded.
    """
    pieces = _pieces_as_it_stands(text)
    # An escape, and the characters before it that stand for themselves; others are escapes of their own.
    places = (escape.start() for escape in _BEGINS_ESCAPE.finditer(text))
    for start in {start for place in places for start in range(max(0, place - PIECE + 1), place + 1)}:
        pieces.update(_spelled(text, start, PIECE))
    for run in _BASE64.findall(text):
        plain = run.translate(_STANDARD)
        # A secret begins anywhere in four characters of base64, of which those before it may be missing.
        for missing in range(4):
            whole = "A" * missing + plain
            decoded = base64.b64decode(whole + "A" * (-len(whole) % 4))
            pieces |= _pieces_as_it_stands(decoded.decode("latin-1"))
    return frozenset(pieces)


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
    if found:
        number = found.lastindex and int(found[found.lastindex], 16)
        yield _NAMED[found[0]] if number is None else chr(min(number, sys.maxunicode)), found.end()
