"""What comes of one request: a response, or none that could be read. Needs no HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by lower-case name, and the body.

    :param read: what a reader of the body has made of it, in place of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    read: object = None


class Lost(Exception):
    """There was no answer that could be read.

    :param reason: what happened.
    :param words: the operating system's words for it, or a proxy's, where there are any: foreign text.
    :param sent: whether the request may have arrived.
    :param repeatable: whether trying again makes sense.
    :param by: what it happened to, in words, where that is not the instance itself.
    """

    def __init__(self, reason: str, words: str = "", *, sent: bool, repeatable: bool = True, by: str = "") -> None:
        super().__init__(f"{reason}: {words}" if words else reason)
        self.reason, self.words, self.sent, self.repeatable, self.by = reason, words, sent, repeatable, by
