"""What a resource declares, and what its state knows of it: what every door hands to the core. Pure.

Values have the names of the table in `fields`, whatever a door calls them. A resource's options are kept apart from its
values, and name fields by their paths in LaunchDarkly's document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

from .fields import Path

Values = Mapping[str, Any]
"""Declared values by the names of the table, those of the config nested. Until `validation` has checked them, a program
may have declared anything."""


@dataclass(frozen=True)
class Desired:
    """An integration as a resource declares it.

    :param values: what is not set is left out; a value that is not known before the update is :data:`fields.UNKNOWN`.
    :param secret: the fields that the program marks as secrets, in addition to those that always are secrets.
    :param ignored: the fields whose changes the program ignores: an update leaves them alone.
    """

    values: Values
    secret: frozenset[Path] = frozenset()
    ignored: frozenset[Path] = frozenset()

    @property
    def kind(self) -> Optional[str]:
        """The kind of store, ``redis`` or ``dynamodb``; ``None`` if the program does not decide it."""
        return self.values.get("integration_key")

    def with_values(self, values: Values) -> Desired:
        """Returns the same options with other values."""
        return replace(self, values=values)

    def with_config(self, config: Values) -> Desired:
        """Returns the same options and values with another config."""
        return self.with_values({**self.values, "config": config})


@dataclass(frozen=True)
class Applied:
    """What a state knows of an integration.

    :param desired: what was declared when it was last updated.
    :param version: LaunchDarkly's version after that update; ``None`` if LaunchDarkly gave none that can be compared.
    :param compared: whether the declared config was compared with LaunchDarkly's at that version.
    """

    desired: Desired
    version: Optional[int] = None
    compared: bool = False
