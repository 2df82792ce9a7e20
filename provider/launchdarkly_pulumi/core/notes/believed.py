"""What can be believed of what a note holds."""

from __future__ import annotations

from typing import Any


def is_string(value: Any) -> bool:
    """Whether it is a string that is not empty."""
    return isinstance(value, str) and bool(value)
