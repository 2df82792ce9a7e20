"""What programs may write for an argument."""

from __future__ import annotations

import uuid
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pulumi
import pytest

from launchdarkly_pulumi import DynamoDBConfig, RedisConfig
from launchdarkly_pulumi.program import arguments

ID = "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"b", "a"}, ["a", "b"]),
        (frozenset("ba"), ["a", "b"]),
        ((tag for tag in "ba"), ["b", "a"]),
        ({"b": 1, "a": 2}.keys(), ["b", "a"]),
        (["b", "a"], ["b", "a"]),
        (None, None),
        ("ab", "ab"),
        ({"a": 1}, {"a": 1}),
    ],
    ids=["a set", "a frozen set", "a generator", "keys", "a list", "none", "a string", "a mapping"],
)
def test_tags_are_a_list(given: Any, sent: Any) -> None:
    """A set in the same order in each run; what is wrong is left to be refused with everything else."""
    assert arguments.tags(given) == sent


@pytest.mark.parametrize("given", [{1, "a"}, {None}], ids=["mixed", "none"])
def test_a_set_without_an_order_is_refused(given: Any) -> None:
    """Each run would send another list."""
    with pytest.raises(pulumi.RunError, match="tags is a set with other things than strings, which has no order"):
        arguments.tags(given)


def test_a_config_has_values_that_pulumi_can_send() -> None:
    """Of a class or a mapping; what is not set is left out of a class."""
    config = DynamoDBConfig(table_name="t", region="r", external_id=uuid.UUID(ID), role_arn="a")
    assert arguments.config(config) == {"table_name": "t", "region": "r", "external_id": ID, "role_arn": "a"}
    assert arguments.config({"host": ip_address("10.0.0.1"), "port": None}) == {"host": "10.0.0.1", "port": None}


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("config.host", lambda: arguments.config({"host": Path("x")})),
        ("tags[1]", lambda: arguments.tags(["a", Path("x")])),
        ("tags", lambda: arguments.tags(5j)),
        ("config", lambda: arguments.config(Path("x"))),
    ],
)
def test_what_pulumi_cannot_send_is_named(name: str, refused: Any) -> None:
    """In one line, instead of Pulumi's traceback."""
    with pytest.raises(pulumi.RunError) as error:
        refused()
    assert str(error.value).startswith(f"{name} is a ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", [RedisConfig, DynamoDBConfig])
def test_a_config_is_written_with_names(kind: Any) -> None:
    """A second positional argument would be the port or the region, and nobody could see it."""
    with pytest.raises(TypeError, match="positional"):
        kind("h", "x")


class Name(Enum):
    """A name that a program gives to a value."""

    PRODUCTION = "production"
    ID = uuid.UUID(ID)


@pytest.mark.parametrize(("given", "sent"), [(Name.PRODUCTION, "production"), (Name.ID, ID)], ids=["string", "uuid"])
def test_a_member_of_an_enumeration_is_its_value(given: Name, sent: str) -> None:
    """Pulumi sends none of a plain ``Enum`` (findings/pulumi-uuid-input.sh)."""
    assert arguments.value("environment_key", given) == sent
