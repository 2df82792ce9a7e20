"""What a resource declares, and what its state knows: the documents that every door hands to the core. Pure.

Values have the names of the table in `fields`, whatever a door calls them. The options of a resource are beside them:
where which field is, is told by its path in LaunchDarkly's document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

from .fields import Path


@dataclass(frozen=True)
class Desired:
    """An integration as a resource declares it.

    :param values: by the names of the table, those of the config nested. What is not set is left out; a value that is
        not known before the update is :data:`fields.UNKNOWN`.
    :param secret: the fields that the program marks as secrets, beside those that always are.
    :param ignored: the fields whose changes the program ignores: an update leaves them alone.
    """

    values: Mapping[str, Any]
    secret: frozenset[Path] = frozenset()
    ignored: frozenset[Path] = frozenset()

    @property
    def kind(self) -> Optional[str]:
        """The kind of store, ``redis`` or ``dynamodb``, where it is known."""
        return self.values.get("integration_key")

    def with_values(self, values: Mapping[str, Any]) -> Desired:
        """The same options for other values."""
        return replace(self, values=values)

    def with_config(self, config: Mapping[str, Any]) -> Desired:
        """The same with another config."""
        return self.with_values({**self.values, "config": config})


@dataclass(frozen=True)
class Applied:
    """What a state knows of an integration.

    :param desired: what was declared when it was last updated.
    :param version: LaunchDarkly's version then; ``None`` where it gave none that can be compared.
    :param compared: whether the config was compared with LaunchDarkly's at that version.
    """

    desired: Desired
    version: Optional[int] = None
    compared: bool = False
