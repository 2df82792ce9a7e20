"""Converts the arguments that programs give to values that Pulumi can send.

Pulumi sends strings, numbers, booleans, lists and mappings. Any other value makes it fail with a traceback of its own.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pulumi

from ..model.fields import set_only
from .configs import StoreConfig

_SENT = (str, int, float, bool, pulumi.Output)
_WRITTEN_AS_STRINGS = (UUID, IPv4Address, IPv6Address)


def value(name: str, given: object) -> object:
    """Converts the value of one field.

    :param name: the name of the field, for messages.
    :param given: the value; an enum member stands for its value.
    :raises RunError: Pulumi cannot send the value.
    """
    if isinstance(given, Enum):
        return value(name, given.value)
    if given is None or isinstance(given, (*_SENT, Mapping, list, tuple)) or hasattr(given, "__await__"):
        return given
    if isinstance(given, _WRITTEN_AS_STRINGS):
        return str(given)
    raise pulumi.RunError(f"{name} is a {type(given).__name__}, which Pulumi cannot send: give a string or a number")


def tags(given: object) -> object:
    """Converts tags to a list. Those of a set are sorted, so that their order is the same in every run.

    :raises RunError: Pulumi cannot send a tag, or the tags are a set that cannot be sorted.
    """
    if isinstance(given, pulumi.Output):
        return given.apply(tags)
    if isinstance(given, (set, frozenset)):
        if not all(isinstance(tag, str) for tag in given):
            raise pulumi.RunError("tags is a set with other things than strings, which has no order: give a list")
        return sorted(given)
    # The check refuses a string and a mapping, together with all other problems.
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping)):
        return [value(f"tags[{index}]", tag) for index, tag in enumerate(given)]
    return value("tags", given)


def config(given: object) -> object:
    """Converts a config to a mapping of values that Pulumi can send; a config that is an output stays one.

    :raises RunError: Pulumi cannot send one of the values.
    """
    if isinstance(given, StoreConfig):
        given = set_only(vars(given))
    if isinstance(given, Mapping):
        return {name: value(f"config.{name}", each) for name, each in given.items()}
    return value("config", given)
