"""Bringing an integration to what the program declares: read, diff, patch, compare, and again after a conflict.

One :class:`Reconciler` serves a whole run, from all of its threads. It remembers what it has read, which
operations LaunchDarkly's beta endpoint takes, and whether LaunchDarkly can be reached at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional, Protocol

from . import patch, retry
from .errors import Conflict, DriftedAway, InvalidRequest, NotFound, UnexpectedAnswer
from .models import IntegrationId, document_of, pointer
from .patch import Document, Operation
from .retry import Deadline

MAX_CONFLICTS = 5

Inputs = Mapping[str, Any]


class Api(Protocol):
    """The calls of the client that are needed here."""

    def get(self, id_: IntegrationId, deadline: Optional[Deadline] = None) -> dict[str, Any]:
        """Reads one integration."""

    def patch(self, id_: IntegrationId, operations: Sequence[Operation]) -> dict[str, Any]:
        """Applies operations."""


class Dialect(NamedTuple):
    """How a patch is written, and what to tell when LaunchDarkly takes only this."""

    guarded: bool
    config_whole: bool
    warning: str = ""

    def write(self, operations: Sequence[Operation], actual: Document, desired: Document) -> list[Operation]:
        """The operations as they are sent."""
        written = patch.with_config_whole(operations, actual, desired) if self.config_whole else list(operations)
        return patch.guarded(written, actual["version"]) if self.guarded else written


_NO_GUARD = (
    "LaunchDarkly refuses `test /version`: patches are sent without it, and a concurrent change can go unnoticed"
)
_CONFIG_WHOLE = "LaunchDarkly refuses patches inside /config: it is replaced whole, secrets from the program included"

DIALECTS: tuple[Dialect, ...] = (
    Dialect(guarded=True, config_whole=False),
    Dialect(guarded=False, config_whole=False, warning=_NO_GUARD),
    Dialect(guarded=True, config_whole=True, warning=_CONFIG_WHOLE),
    Dialect(guarded=False, config_whole=True, warning=f"{_CONFIG_WHOLE}. {_NO_GUARD}"),
)
"""In the order of preference. The first is what LaunchDarkly documents, though not for this beta endpoint."""


@dataclass(frozen=True)
class Plan:
    """What an update would do to the integration as it is now."""

    operations: list[Operation]
    drift: list[patch.Change]

    def describe(self, id_: IntegrationId, hidden: Collection[str]) -> str:
        """The line of the preview, without what the pointers hide."""
        parts = [f"{id_}:", describe_drift(self.drift, hidden), f"PATCH {patch.shown(self.operations, hidden)}"]
        return " ".join(filter(None, parts))


class Reconciler:
    """Reads integrations and patches them.

    :param api: the client.
    :param warn: shows a warning once.
    :param sleep: waits between attempts, for tests to replace.
    """

    def __init__(self, api: Api, warn: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._warn = warn
        self._sleep = sleep
        self._dialects = DIALECTS
        self._documents: dict[IntegrationId, Document] = {}

    def read(self, id_: IntegrationId, deadline: Optional[Deadline] = None) -> Document:
        """The integration as it is, read once a run: should it be stale by the update, the guard finds out.

        :raises NotFound: it is gone.
        """
        if id_ not in self._documents:
            self._documents[id_] = self._api.get(id_, deadline)
        return self._documents[id_]

    def update(self, id_: IntegrationId, stored: Inputs, inputs: Inputs) -> Document:
        """Patches the integration to the inputs; returns LaunchDarkly's document, whose config may be missing.

        :param stored: the inputs of the last update, which tell whether a secret was changed in the program.
        :raises DriftedAway: the integration is gone, or others keep changing it.
        """
        previous, desired = document_of(stored), document_of(inputs)
        for attempt in range(MAX_CONFLICTS):
            actual = self._documents.pop(id_, None) or self._get(id_)
            operations = patch.minimal_patch(actual, desired, previous)
            if not operations:
                return actual
            try:
                answer = self._send(id_, operations, actual, desired)
            except Conflict:
                self._sleep(retry.backoff(attempt))
                continue
            _require_asked(id_, actual, answer, desired)
            return answer
        raise DriftedAway(
            f"PATCH {id_}: changed by others {MAX_CONFLICTS} times while being updated; run the update again"
        )

    def _get(self, id_: IntegrationId) -> Document:
        try:
            return self._api.get(id_)
        except NotFound:
            raise gone(id_) from None

    def _send(self, id_: IntegrationId, operations: list[Operation], actual: Document, desired: Document) -> Document:
        """Sends the patch in the best dialect that LaunchDarkly is known to take; falls back where it refuses one."""
        refusals: list[InvalidRequest] = []
        for dialect in self._dialects:
            if dialect.config_whole and not patch.edits_inside_config(operations):
                continue
            try:
                answer = self._api.patch(id_, dialect.write(operations, actual, desired))
            except NotFound:
                raise gone(id_) from None
            except InvalidRequest as refusal:
                refusals.append(refusal)
                self._require_unchanged(id_, actual, refusal)
            else:
                if refusals:
                    self._settle_on(dialect)
                return answer
        raise refusals[0] from None

    def _require_unchanged(self, id_: IntegrationId, actual: Document, refusal: InvalidRequest) -> None:
        """A failed guard may be answered like one that is not understood; the version tells the two apart."""
        if self._get(id_)["version"] != actual["version"]:
            raise Conflict(refusal.call, refusal.reason) from None

    def _settle_on(self, dialect: Dialect) -> None:
        self._dialects = self._dialects[self._dialects.index(dialect) :]
        self._warn(dialect.warning)


def plan(actual: Document, stored: Inputs, inputs: Inputs) -> Plan:
    """What an update from the actual document to the inputs would send, and how the document left the stored inputs."""
    return Plan(
        operations=patch.minimal_patch(actual, document_of(inputs), document_of(stored)),
        drift=drift(actual, stored),
    )


def drift(actual: Document, stored: Inputs) -> list[patch.Change]:
    """How the document left the stored inputs."""
    return patch.changes(actual, document_of(stored))


def describe_drift(drifted: Sequence[patch.Change], hidden: Collection[str]) -> str:
    """The drift as a sentence; empty without any."""
    changes = ", ".join(change.as_drift(hidden) for change in drifted)
    return f"changed in LaunchDarkly since the last update: {changes}." if changes else ""


def gone(id_: IntegrationId) -> DriftedAway:
    """The error for an integration that vanished between the preview and its update."""
    return DriftedAway(f"{id_} is gone in LaunchDarkly: run `pulumi up` again, and it is made again")


def _require_asked(id_: IntegrationId, actual: Document, answer: Document, desired: Document) -> None:
    """Compares the answer with what was asked; only the config may be missing from it."""
    if answer["_id"] != id_.integration_id:
        raise UnexpectedAnswer(f"PATCH {id_}", f"LaunchDarkly answered with another integration, {answer['_id']}")
    if answer["version"] < actual["version"]:
        raise UnexpectedAnswer(f"PATCH {id_}", f"the version went back from {actual['version']} to {answer['version']}")
    seen = answer if answer.get("config") else {**answer, "config": desired["config"]}
    missing = patch.changes({**seen, "integrationKey": id_.integration_key}, desired)
    if missing:
        fields = ", ".join(pointer(change.path) for change in missing)
        raise UnexpectedAnswer(f"PATCH {id_}", f"LaunchDarkly answered 200, but did not apply {fields}")
