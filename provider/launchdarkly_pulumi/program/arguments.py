"""What programs may write for an argument, in the form that Pulumi can send.

Pulumi sends strings, numbers, booleans, lists and mappings, and ends with a traceback of its own at anything else.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

import pulumi

from ..model.fields import set_only
from .configs import StoreConfig

_SENT = (str, int, float, bool, pulumi.Output)
_WRITTEN_AS_STRINGS = (UUID, IPv4Address, IPv6Address)


def value(name: str, given: Any) -> Any:
    """A value of one field.

    :param name: the field's, for messages.
    :raises RunError: Pulumi cannot send it.
    """
    if isinstance(given, Enum):
        return value(name, given.value)
    if given is None or isinstance(given, (*_SENT, Mapping, list, tuple)) or hasattr(given, "__await__"):
        return given
    if isinstance(given, _WRITTEN_AS_STRINGS):
        return str(given)
    raise pulumi.RunError(f"{name} is a {type(given).__name__}, which Pulumi cannot send: give a string or a number")


def tags(given: Any) -> Any:
    """The tags as a list; those of a set in an order that is the same in each run.

    :raises RunError: they have no order, or are nothing that Pulumi can send.
    """
    if isinstance(given, pulumi.Output):
        return given.apply(tags)
    if isinstance(given, (set, frozenset)):
        if not all(isinstance(tag, str) for tag in given):
            raise pulumi.RunError("tags is a set with other things than strings, which has no order: give a list")
        return sorted(given)
    # A string and a mapping are refused with everything else that is wrong.
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping)):
        return [value(f"tags[{index}]", tag) for index, tag in enumerate(given)]
    return value("tags", given)


def config(given: Any) -> Any:
    """A config as a mapping of values that Pulumi can send; one that is an output stays one.

    :raises RunError: it has another one.
    """
    if isinstance(given, StoreConfig):
        given = set_only(vars(given))
    if isinstance(given, Mapping):
        return {name: value(f"config.{name}", each) for name, each in given.items()}
    return value("config", given)
