"""Which declarations a listing could not tell apart, and which of its items may be a declared store."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.core.look_alikes import in_place_of, look_alike
from launchdarkly_pulumi.model.diff import Document
from launchdarkly_pulumi.model.fields import KEY_FIELDS
from support import samples

Inputs = dict[str, Any]


def redis(**changes: Any) -> Inputs:
    """Checked inputs of the Redis sample."""
    return samples.redis(integration_key="redis", **changes)


def without(*names: str) -> Inputs:
    """The same, which leaves these to their defaults."""
    return {name: value for name, value in redis().items() if name not in names}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (redis(), redis(config={"host": "other.example.com"})),
        (redis(tags=["a", "b"]), redis(tags=["b", "a"])),
        (without("tags"), redis(tags=[])),
        (without("on"), redis(on=False)),
        (without("name"), redis()),
        (without("name"), without("name")),
    ],
    ids=["another config", "tags in another order", "no tags", "on", "a name that is chosen", "two of them"],
)
def test_these_look_alike(one: Inputs, other: Inputs) -> None:
    """Whichever of the two waits for the other."""
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (redis(), redis(project_key="other")),
        (redis(), redis(environment_key="other")),
        (redis(), {**redis(), "integration_key": "dynamodb"}),
        (redis(), redis(name="Another")),
        (redis(), redis(tags=[])),
        (without("tags"), redis()),
        (without("on"), redis(on=True)),
    ],
    ids=["project", "environment", "kind", "name", "tags", "tags left out", "on"],
)
def test_these_can_be_told_apart(one: Inputs, other: Inputs) -> None:
    """They are created at the same time."""
    assert not look_alike(one, other)
    assert not look_alike(other, one)


PLACE = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
NAMES = {field.api_name: field.name for field in KEY_FIELDS}


@pytest.mark.parametrize("name", PLACE)
def test_only_another_key_rules_an_item_out(name: str) -> None:
    """Nobody knows what an item without a key is; a key that the intent does not have may be any."""
    another, without_key = PLACE | {name: "other"}, {**PLACE, name: None}
    items: list[Document] = [PLACE, another, without_key]
    assert in_place_of(items, redis()) == [PLACE, without_key]
    assert in_place_of(items, without(NAMES[name])) == items
