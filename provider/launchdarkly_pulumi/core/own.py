"""Which resource of a run manages which integration: only one resource may manage it.

If two resources managed the same integration, each could delete the other's. So the run remembers the ID of every
resource that it meets, and refuses a second resource with the same ID, even in a preview. An integration that the state
has and the program no longer declares may move to another resource by ``import_``. The delete of the old resource
follows in the same run, and must not be sent to LaunchDarkly then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from enum import Enum

from ..errors import AlreadyManaged
from ..model.ids import IntegrationId


class Hold(Enum):
    """How a resource came to an integration."""

    STATE = "the state has it"
    ASKED = "the program asks to adopt it"
    GAINED = "it was created or adopted in this run"


class Owners:
    """The resources of a run, by URN, and the integrations that they manage."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holds: dict[IntegrationId, dict[str, Hold]] = {}
        self._given_up: set[tuple[IntegrationId, str]] = set()

    def note(self, urn: str, id_: IntegrationId) -> None:
        """Notes that the state has the integration under this resource."""
        with self._lock:
            self._holds.setdefault(id_, {}).setdefault(urn, Hold.STATE)

    def hold(self, urn: str, id_: IntegrationId) -> None:
        """Notes the same for a resource that the program declares.

        :raises AlreadyManaged: another resource of the program manages it, or is to adopt it.
        """
        self.note(urn, id_)
        for other, how in self.others(urn, id_).items():
            raise already_managed(id_, *((urn, other) if how is Hold.ASKED else (other, urn)))

    def ask(self, urn: str, id_: IntegrationId) -> None:
        """Notes that this resource is to adopt the integration.

        :raises AlreadyManaged: another resource of the program manages it, or is to adopt it.
        """
        with self._lock:
            holds = self._holds.setdefault(id_, {})
            for other in holds:
                if other != urn:
                    raise already_managed(id_, other, urn)
            holds.setdefault(urn, Hold.ASKED)

    def gain(self, urn: str, id_: IntegrationId) -> None:
        """Notes that the resource has created or adopted the integration."""
        with self._lock:
            self._holds.setdefault(id_, {})[urn] = Hold.GAINED

    def others(self, urn: str, id_: IntegrationId) -> Mapping[str, Hold]:
        """The other resources that manage the integration or are to adopt it, by URN."""
        with self._lock:
            return {other: how for other, how in self._holds.get(id_, {}).items() if other != urn}

    def give_up(self, urn: str, id_: IntegrationId, in_state: Iterable[str]) -> Mapping[str, Hold]:
        """Notes that the resource is deleted, and returns the other resources that keep the integration.

        If several resources with the integration are deleted in one run, the last one has no others.

        :param in_state: the URNs of the resources that have it in the state; empty if the state cannot be read.
        """
        with self._lock:
            holds = dict.fromkeys(in_state, Hold.STATE) | self._holds.get(id_, {})
            others = {other: how for other, how in holds.items() if other != urn and (id_, other) not in self._given_up}
            if others:
                self._given_up.add((id_, urn))
            return others

    def of_others(self, urn: str) -> set[IntegrationId]:
        """The integrations that other resources manage or are to adopt."""
        with self._lock:
            return {id_ for id_, holds in self._holds.items() if holds.keys() - {urn}}

    def known(self) -> set[IntegrationId]:
        """The integrations of the state that the run has met."""
        with self._lock:
            return {id_ for id_, holds in self._holds.items() if Hold.STATE in holds.values()}


def already_managed(id_: IntegrationId, owner: str, other: str) -> AlreadyManaged:
    """The error for a second resource that would manage an integration; it names both resources."""
    by, also = names_of(owner, other)
    return AlreadyManaged(f"{id_} is managed by {by} already: {also} cannot manage it too")


def names_of(*urns: str) -> tuple[str, ...]:
    """The names that the program gives resources; their URNs if two of them have the same name."""
    names = tuple(urn.rsplit("::", 1)[-1] for urn in urns)
    return names if len(set(names)) == len(set(urns)) else urns
