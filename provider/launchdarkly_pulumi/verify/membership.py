"""Judging what a store says of one context. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Optional, Union

from . import layout
from .checks import Check, Unread, failed, passed, unchecked

NAME = "member"


@dataclass(frozen=True)
class Question:
    """Whether a context is a member of a segment.

    :param segment: the segment's key, without a generation.
    :param context_key: the context's key, of whatever kind.
    """

    segment: str
    context_key: str


@dataclass(frozen=True)
class Membership:
    """What a store has of a context: references of segments."""

    included: Collection[str] = ()
    excluded: Collection[str] = ()


def judge(question: Optional[Question], found: Union[Membership, Unread, None]) -> Check:
    """Whether the context is in the segment, as was expected."""
    if question is None or found is None:
        return unchecked(NAME, "no segment and member were given", "Give --segment and --member.")
    if isinstance(found, Unread):
        return unchecked(NAME, found.why)
    included = layout.generations(question.segment, found.included)
    excluded = layout.generations(question.segment, found.excluded)
    if included:
        beside = f", which wins over excluded in {_shown(excluded)}" if excluded else ""
        return passed(NAME, f"the store includes it in generation {_shown(included)}{beside}")
    count = len(set(found.included))
    what = f"excludes it in generation {_shown(excluded)}" if excluded else "has nothing of it and this segment"
    return failed(
        NAME,
        f"the store {what}; it is included in {count} {'other segment' if count == 1 else 'other segments'}",
        "flags treat this context as no member",
        "Check the segment's key and the context's key, of which the store has the hash alone; then the marker above.",
    )


def _shown(generations: list[int]) -> str:
    return ", ".join(map(str, generations))
