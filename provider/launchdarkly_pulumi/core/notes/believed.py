"""Checks of the values in a note, which anybody may have changed."""

from __future__ import annotations


def is_string(value: object) -> bool:
    """Whether a value is a string that is not empty."""
    return isinstance(value, str) and bool(value)
