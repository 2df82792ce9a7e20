"""What can be believed of what a note holds."""

from __future__ import annotations

from typing import Any

from ...model.fields import KEY_PATTERN


def is_string(value: Any) -> bool:
    """Whether it is a string that is not empty."""
    return isinstance(value, str) and bool(value)


def is_id(value: Any) -> bool:
    """Whether it can be an ID, and a part of a path."""
    return isinstance(value, str) and KEY_PATTERN.fullmatch(value) is not None
