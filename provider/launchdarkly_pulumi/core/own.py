"""One integration, one owner: which resource of a run has which integration.

Two resources with one integration would delete it under each other. So the run learns the ID of every resource that it
meets, and refuses a second one, in a preview already. What the state has and the program no longer declares may move to
another resource by ``import_``; the delete that follows in the same run must not reach LaunchDarkly then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from enum import Enum

from ..errors import AlreadyManaged
from ..model.ids import IntegrationId


class Hold(Enum):
    """How a resource has an integration."""

    STATE = "the state has it"
    ASKED = "the program asks to adopt it"
    GAINED = "it was created or adopted in this run"


class Owners:
    """The resources of a run, by URN, and the integrations that they have."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holds: dict[IntegrationId, dict[str, Hold]] = {}
        self._given_up: set[tuple[IntegrationId, str]] = set()

    def note(self, urn: str, id_: IntegrationId) -> None:
        """The state has it under this resource."""
        with self._lock:
            self._holds.setdefault(id_, {}).setdefault(urn, Hold.STATE)

    def hold(self, urn: str, id_: IntegrationId) -> None:
        """The same for a resource that the program declares.

        :raises AlreadyManaged: another resource of the program has it, or asks for it.
        """
        self.note(urn, id_)
        for other, how in self.others(urn, id_).items():
            raise already_managed(id_, *((urn, other) if how is Hold.ASKED else (other, urn)))

    def ask(self, urn: str, id_: IntegrationId) -> None:
        """The program asks to adopt it with this resource.

        :raises AlreadyManaged: another resource of the program has it, or asks for it.
        """
        with self._lock:
            holds = self._holds.setdefault(id_, {})
            for other in holds:
                if other != urn:
                    raise already_managed(id_, other, urn)
            holds.setdefault(urn, Hold.ASKED)

    def gain(self, urn: str, id_: IntegrationId) -> None:
        """The resource has created or adopted it."""
        with self._lock:
            self._holds.setdefault(id_, {})[urn] = Hold.GAINED

    def others(self, urn: str, id_: IntegrationId) -> Mapping[str, Hold]:
        """The other resources that have it, or are to have it."""
        with self._lock:
            return {other: how for other, how in self._holds.get(id_, {}).items() if other != urn}

    def give_up(self, urn: str, id_: IntegrationId, in_state: Iterable[str]) -> Mapping[str, Hold]:
        """The resource is deleted: the others that have the integration, and keep it.

        Of several that are deleted in one run, the last one has no others.

        :param in_state: the URNs that have it in the state, as far as that is known.
        """
        with self._lock:
            holds = dict.fromkeys(in_state, Hold.STATE) | self._holds.get(id_, {})
            others = {other: how for other, how in holds.items() if other != urn and (id_, other) not in self._given_up}
            if others:
                self._given_up.add((id_, urn))
            return others

    def of_others(self, urn: str) -> set[IntegrationId]:
        """The integrations that other resources have, or are to have."""
        with self._lock:
            return {id_ for id_, holds in self._holds.items() if holds.keys() - {urn}}

    def known(self) -> set[IntegrationId]:
        """The integrations that the state has, as far as the run has met them."""
        with self._lock:
            return {id_ for id_, holds in self._holds.items() if Hold.STATE in holds.values()}


def already_managed(id_: IntegrationId, owner: str, other: str) -> AlreadyManaged:
    """The error for a second resource with an integration; it names both."""
    by, also = names_of(owner, other)
    return AlreadyManaged(f"{id_} is managed by {by} already: {also} cannot manage it too")


def names_of(*urns: str) -> tuple[str, ...]:
    """What people call resources: the names that the program gives them, or the URNs where these are the same."""
    names = tuple(urn.rsplit("::", 1)[-1] for urn in urns)
    return names if len(set(names)) == len(set(urns)) else urns
