"""What each kind of resource of the plugin does, as the server calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Optional, Protocol

from ..errors import LaunchDarklyError
from .wire import Properties

if TYPE_CHECKING:
    from ..model.validation import Failure


class Kind(Enum):
    """How a property differs, by the protocol's names."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True)
class Changes:
    """What an update would change.

    :param changes: whether there is anything to update.
    :param details: the properties that the program has changed, by property path.
    :param replaces: the properties for whose change another resource is needed.
    """

    changes: bool
    details: Mapping[str, Kind] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()


class Result(NamedTuple):
    """A resource as it is now.

    :param id: its ID; empty in a preview of its creation.
    :param outputs: what the state keeps.
    :param inputs: what would declare it, where it was read.
    """

    id: str
    outputs: Properties
    inputs: Properties = Properties({})


class DoneInPart(LaunchDarklyError):
    """A resource was created or updated, and something of it is missing: the next update goes on with it.

    :param result: what the state has to keep.
    """

    def __init__(self, reason: str, result: Result) -> None:
        self.result = result
        super().__init__(reason)


class Resource(Protocol):
    """One kind of resource. All threads of a run call it at the same time.

    ``urn`` is the resource's, ``outputs`` what the state has of it, ``given`` and ``inputs`` what the program declares,
    and ``ignored`` the property paths whose changes it ignores.
    """

    def check(self, urn: str, stored: Properties, given: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs in their normal form, and everything that is wrong with them.

        :param stored: the inputs of the last update.
        """

    def diff(self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str]) -> Changes:
        """What an update would change."""

    def create(self, urn: str, inputs: Properties, *, preview: bool) -> Result:
        """Creates it, or says in a preview what will be known of it."""

    def read(self, urn: str, id: str, outputs: Optional[Properties], *, is_import: bool = False) -> Optional[Result]:
        """As it is now; ``None`` where it is gone.

        :param outputs: ``None`` where no state has it.
        :param is_import: whether the resource is to have it from then on.
        """

    def update(
        self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str], *, preview: bool
    ) -> Result:
        """Updates it, or says in a preview what will be known of it."""

    def delete(self, urn: str, id: str, outputs: Properties) -> None:
        """Deletes it."""
