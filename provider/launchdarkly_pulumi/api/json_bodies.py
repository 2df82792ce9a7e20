"""The bodies of requests and responses: JSON as LaunchDarkly has it, in values that a Pulumi state can hold. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ..model.ids import is_id

Document = dict[str, Any]

LONGEST_INTEGER = 15
"""Digits, sign included: each such number is a double too."""


def is_listed_integration(item: Any) -> bool:
    """Whether an item has what creations are compared by, of the types that the API documents."""
    if not isinstance(item, dict) or not is_id(item.get("_id")):
        return False
    tags = item.get("tags") or []
    return isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)


def encoded(body: Any) -> bytes:
    """A body as it is sent: JSON without white space, UTF-8."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which LaunchDarkly has in a field that is sent back as it is.
        return json.dumps(body, separators=(",", ":")).encode()


def is_whole(listed: Document, items: Sequence[Any]) -> bool:
    """Whether nothing in a listing says that there is more. LaunchDarkly documents no pages for it."""
    links, total = listed.get("_links"), listed.get("totalCount")
    has_next = isinstance(links, dict) and bool(links.get("next"))
    return not has_next and not (isinstance(total, (int, float)) and total > len(items))


def decoded(body: bytes) -> Any:
    """The JSON of a body; ``None`` where it is none."""
    try:
        return json.loads(body, parse_int=_int, parse_float=_float, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _int(digits: str) -> Any:
    """A number that a Pulumi state, which has doubles, cannot hold exactly stays the string that it is written as."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else digits


def _float(digits: str) -> Any:
    number = float(digits)
    return number if math.isfinite(number) else digits
