"""The account's listing as it arrives, item by item: of thousands of stores it is never in memory as a whole. Pure.

Each value is decoded by :mod:`json` itself, as every other body is: what is here finds out where one begins, and
whether all of it is there.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Optional

from .json_bodies import PARSERS, Document, is_listed_integration

LONGEST_VALUE = 16 * 1024 * 1024
"""Characters of one value: an item, or whatever else is a member."""

_DECODER = json.JSONDecoder(**PARSERS)

_SPACE = re.compile(r"[ \t\n\r]*")
_ENDS = frozenset(",:]} \t\n\r")
"""What follows a value in JSON: before one of these, a number might go on."""

ITEMS = "items"

_NOT_KEPT = ("_links", "_access")
"""What only people and LaunchDarkly's own pages need: most of an item."""


Keep = Callable[[Document], Document]
"""Gives what is kept of an item."""


class _NoIntegration(Exception):
    """An item is none: nothing more is read."""


def whole(item: Document) -> Document:
    """Keeps all of an item."""
    return item


def read_listing(chunks: Iterable[bytes], keep: Keep = whole) -> Optional[Document]:
    """The object of a listing.

    :param chunks: the body, as it arrives.
    :param keep: what is kept of each item, less its links.
    :returns: its members. ``items`` is ``None`` where one is no integration, and the object where the body is not a
        JSON object.
    """
    text = _Text(chunks)
    members: Document = {}
    try:
        text.take("{")
        for _ in text.until("}"):
            name = text.name()
            is_array = name == ITEMS and text.next() == "["
            members[name] = [keep(_integration(item)) for item in text.items()] if is_array else text.value()
        return members if text.next() == "" else None
    except _NoIntegration:
        return {ITEMS: None}
    except (ValueError, RecursionError):
        return None


def _integration(item: object) -> Document:
    if not isinstance(item, dict) or not is_listed_integration(item):
        raise _NoIntegration
    # Each item is decoded alone, so the names in it are strings of its own.
    return {sys.intern(name): value for name, value in item.items() if name not in _NOT_KEPT}


class _Text:
    """The text of a body, of which only what is not decoded yet is kept."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = _pieces(chunks)
        self._text = ""
        self._at = 0

    def next(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def take(self, character: str) -> None:
        """Goes past a character that has to be next."""
        if self.next() != character:
            raise ValueError(f"no {character}")
        self._at += 1

    def until(self, end: str) -> Iterator[None]:
        """Goes through what commas separate, and past the character at its end."""
        if self.next() != end:
            yield
            while self.next() == ",":
                self._at += 1
                yield
        self.take(end)

    def name(self) -> str:
        """The name of a member, and past the colon behind it."""
        if self.next() != '"':
            raise ValueError("no name")
        name = self.value()
        self.take(":")
        return str(name)

    def items(self) -> Iterator[object]:
        """The values of an array."""
        self.take("[")
        for _ in self.until("]"):
            yield self.value()

    def value(self) -> object:
        """The next value."""
        self.next()
        while True:
            try:
                value: object
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._read():
                    raise
                continue
            is_whole = end < len(self._text) and self._text[end] in _ENDS
            if is_whole or not self._read():
                self._at = end
                return value

    def _read(self) -> bool:
        """Reads on; as much as there is already, so that a long value is not begun anew for each piece of it."""
        left = self._text[self._at :]
        if len(left) > LONGEST_VALUE:
            raise ValueError("a value is too long")
        pieces, length = [left], 0
        while length <= len(left) and (piece := next(self._pieces, "")):
            pieces.append(piece)
            length += len(piece)
        self._text, self._at = "".join(pieces), 0
        return length > 0


def _pieces(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text, which is UTF-8 (RFC 8259, section 8.1); no piece is empty."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogatepass")
    for chunk in chunks:
        if piece := decoder.decode(chunk):
            yield piece
    decoder.decode(b"", final=True)
