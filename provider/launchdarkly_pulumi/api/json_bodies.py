"""The bodies of requests and responses: LaunchDarkly's JSON, in values that a Pulumi state can hold. Pure.

What belongs here: how a body is encoded and decoded, and whether a decoded one has the form that it should have.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Union

from ..model.ids import is_id

Document = dict[str, Any]
"""An object of LaunchDarkly's. Any value may be in it: `model` reads no field before it has looked at its type."""

LONGEST_INTEGER = 15
"""Digits, sign included: a double holds each such number exactly."""


def is_listed_integration(item: object) -> bool:
    """Whether an item of a listing has the fields by which creates are recognised, of the documented types."""
    if not isinstance(item, dict) or not is_id(item.get("_id")):
        return False
    tags = item.get("tags") or []
    return isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)


def encoded(body: object) -> bytes:
    """A body as it is sent: JSON without white space, UTF-8."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: LaunchDarkly has it in a field that is sent back unchanged.
        return json.dumps(body, separators=(",", ":")).encode()


def is_whole(listed: Document, items: Sequence[object]) -> bool:
    """Whether a listing is complete: nothing in it says that there is more. LaunchDarkly documents no pages for it."""
    links, total = listed.get("_links"), listed.get("totalCount")
    has_next = isinstance(links, dict) and bool(links.get("next"))
    return not has_next and not (isinstance(total, (int, float)) and total > len(items))


def _int(digits: str) -> Union[int, str]:
    """An integer; as a string where a Pulumi state, whose numbers are doubles, cannot hold it exactly."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else digits


def _float(digits: str) -> Union[float, str]:
    number = float(digits)
    return number if math.isfinite(number) else digits


PARSERS: Mapping[str, Any] = MappingProxyType({"parse_int": _int, "parse_float": _float, "parse_constant": str})
"""What :mod:`json` makes of numbers: values that a Pulumi state can hold."""


def decoded(body: bytes) -> object:
    """The JSON value of a body; ``None`` where the body is not JSON."""
    try:
        value: object = json.loads(body, **PARSERS)
        return value
    except (ValueError, RecursionError):
        return None
