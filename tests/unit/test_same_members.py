"""When two lists have the same members: for tags, order and repetition do not count."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.model.diff import same_members


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b"], ["b", "a"]),
        (["a"], ["a", "a"]),
        ((), []),
        (["a"], ("a",)),
        ([["a"]], [["a"]]),
        (["a", 1], [1, "a"]),
    ],
    ids=["order", "repetition", "none", "tuple", "lists", "strings-and-others"],
)
def test_the_same_members_in_another_form(one: Any, other: Any) -> None:
    """Either way round."""
    assert same_members(one, other)
    assert same_members(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a"], ["b"]),
        (["a"], []),
        (["1"], [1]),
        (["a", "1"], ["a", 1]),
        ([True], [1]),
        ("a", ["a"]),
        ("a", "a"),
        (None, None),
    ],
    ids=["other", "fewer", "string-and-number", "one-of-two", "true-and-1", "no-list", "two-strings", "nothing"],
)
def test_other_members_and_what_is_no_list(one: Any, other: Any) -> None:
    """Either way round."""
    assert not same_members(one, other)
    assert not same_members(other, one)
