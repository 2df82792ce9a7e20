"""What Pulumi's engine says in a call, and the host of dynamic providers does not hand on to the provider's method.

The engine's request is a local variable of the host's method. It is only read, and where it is not there, or has
another form, the provider does without: each function here says what comes of that.
"""

from __future__ import annotations

import sys
from typing import Any, Optional


def of_call(depth: int) -> Any:
    """The engine's request; ``None`` where nobody tells.

    :param depth: how many callers up the method of the host is.
    """
    return sys._getframe(depth).f_locals.get("request")


def urn_of(request: Any) -> str:
    """The URN of the resource that the call is about; empty where nobody tells."""
    return str(getattr(request, "urn", ""))


def ignored_in(request: Any) -> Optional[list[str]]:
    """The paths of ``ignore_changes``, whoever has set them; ``None`` where nobody tells: the program's have to do."""
    ignored = getattr(request, "ignoreChanges", None)
    return None if ignored is None else [str(path) for path in ignored]


def has_new_inputs(request: Any) -> bool:
    """Whether the engine has other inputs than those of the last update; ``False`` where nobody tells.

    Where this is true, the engine must find a difference too: it takes a null for nothing.
    """
    try:
        told = request.HasField("old_inputs") and request.HasField("news")
    except (AttributeError, ValueError):
        return False
    return bool(told and _without_nulls(request.old_inputs) != _without_nulls(request.news))


def _without_nulls(value: Any) -> Any:
    """A struct, or a value in one, as plain Python without the members of mappings that are null."""
    fields = getattr(value, "fields", None)
    if fields is not None:
        known = {name: inner for name, inner in fields.items() if inner.WhichOneof("kind") != "null_value"}
        return {name: _without_nulls(inner) for name, inner in known.items()}
    kind = value.WhichOneof("kind")
    inner = getattr(value, str(kind))
    if kind == "struct_value":
        return _without_nulls(inner)
    return [_without_nulls(each) for each in inner.values] if kind == "list_value" else (kind, inner)
