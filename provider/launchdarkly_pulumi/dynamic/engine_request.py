"""Reads parts of the engine's request that the host of dynamic providers does not pass to the provider's method.

The request is a local variable of the host's method, and is only read. If it is missing or has another form, the
provider does without it: each function here says what it returns then.
"""

from __future__ import annotations

import sys
from typing import Any, Optional


def of_call(depth: int) -> Any:
    """The engine's request; ``None`` if it is not there.

    :param depth: how many frames above this function the host's method is.
    """
    return sys._getframe(depth).f_locals.get("request")


def urn_of(request: object) -> str:
    """The URN of the resource that the call is about; empty if it is not known."""
    return str(getattr(request, "urn", ""))


def ignored_in(request: object) -> Optional[list[str]]:
    """The paths of ``ignore_changes``, also those from a transform; ``None`` if they are not known."""
    ignored = getattr(request, "ignoreChanges", None)
    return None if ignored is None else [str(path) for path in ignored]


def has_new_inputs(request: Any) -> bool:
    """Whether the inputs differ from those of the last update; ``False`` if that is not known.

    Nulls do not count, since the engine's own comparison does not see them: it must find every difference that this
    function finds.
    """
    try:
        has_both = request.HasField("old_inputs") and request.HasField("news")
    except (AttributeError, ValueError):
        return False
    return bool(has_both and _without_nulls(request.old_inputs) != _without_nulls(request.news))


def _without_nulls(value: Any) -> Any:
    """A protobuf struct, or a value in one, as plain Python values without null members of mappings."""
    fields = getattr(value, "fields", None)
    if fields is not None:
        known = {name: inner for name, inner in fields.items() if inner.WhichOneof("kind") != "null_value"}
        return {name: _without_nulls(inner) for name, inner in known.items()}
    kind = value.WhichOneof("kind")
    inner = getattr(value, str(kind))
    if kind == "struct_value":
        return _without_nulls(inner)
    return [_without_nulls(each) for each in inner.values] if kind == "list_value" else (kind, inner)
