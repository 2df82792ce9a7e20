"""What a check comes to. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

CLIENTS = {"redis": "redis", "dynamodb": "boto3"}
"""The library that each kind of store is read with."""


class Outcome(str, Enum):
    """How a check ended. One that could not look is neither passed nor failed, and says so."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One link between LaunchDarkly and an SDK, and what was found there.

    :param name: what programs know it by.
    :param found: what was found, or why nothing could be.
    :param why: why it matters.
    :param advice: what to do.
    """

    name: str
    outcome: Outcome
    found: str
    why: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Unread:
    """Stands for a value that could not be read.

    :param why: in a few words of our own.
    :param code: the store's word for it, as far as it has refused.
    """

    why: str
    code: str = ""


NO_PREFIX = Unread("the client-side ID is not known, and no prefix was given")


def passed(name: str, found: str) -> Check:
    """A check that found what it should."""
    return Check(name, Outcome.PASSED, found)


def failed(name: str, found: str, why: str, advice: str) -> Check:
    """A check that found what breaks SDKs, or what LaunchDarkly writes."""
    return Check(name, Outcome.FAILED, found, why, advice)


def unchecked(name: str, found: str, advice: str = "") -> Check:
    """A check that could not look, or was not asked to."""
    return Check(name, Outcome.UNCHECKED, found, advice=advice)


def unread_by(unread: Unread, not_tried: Collection[Unread], why: str, advice: str) -> Check:
    """The check of an SDK's right to read, which was refused, or was not tried.

    :param not_tried: what stands for a read that nobody has tried.
    """
    return unchecked("read", unread.why) if unread in not_tried else failed("read", unread.why, why, advice)
