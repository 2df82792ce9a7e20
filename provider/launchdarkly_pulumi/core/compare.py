"""Compares integrations with what is declared, for a preview: what differs, and what an update would send."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Optional

from ..errors import NotFound
from ..model import diff, patch
from ..model.desired import Applied, Desired
from ..model.diff import Change, Document
from ..model.documents import document_of, managed_document_of
from ..model.fields import Names, Path, name_of
from ..model.ids import IntegrationId
from ..model.patch import Operation
from . import gates
from .gates import DECISION_TIME, Gates
from .presence import Presence
from .read import Reader
from .session import Session

WARNINGS = (
    "{what}: compared with the stack's state, not with LaunchDarkly: {reason}. Its drift is not seen.",
    gates.STATE_HAS_TO_DO,
)

Side = Literal["live", "state"]
"""Where the actual values come from: from LaunchDarkly, or from the stack's state if LaunchDarkly cannot be asked."""


@dataclass(frozen=True)
class Difference:
    """How an integration differs from what is declared.

    :param changes: the fields that an update would change.
    :param drift: the fields that others have changed since the last update.
    :param operations: the patch that an update would send.
    :param replaces: the fields whose change forces a replacement.
    :param gone: whether the integration was deleted by others, so that it has to be recreated.
    :param marked: the fields that are marked as secrets only in the state or only in the program.
    :param compared_with: where the actual values come from.
    """

    changes: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    operations: tuple[Operation, ...] = ()
    replaces: tuple[Path, ...] = ()
    gone: bool = False
    marked: tuple[Path, ...] = ()
    compared_with: Side = "live"

    @property
    def updates(self) -> bool:
        """Whether an update has to send a patch, or to write the changes of others to the state."""
        return bool(self.operations or self.drift)

    def describe(self, id_: IntegrationId, hidden: Collection[str], names: Names = name_of) -> str:
        """The line of the preview.

        :param id_: the integration's ID.
        :param hidden: JSON Pointers to the values that must not be shown.
        :param names: gives the names of fields.
        """
        patched = f"PATCH {patch.shown(self.operations, hidden)}"
        return " ".join(filter(None, [f"{id_}:", describe_drift(self.drift, hidden, names), patched]))


def describe_drift(drift: Collection[Change], hidden: Collection[str], names: Names = name_of) -> str:
    """The drift as a sentence; empty if there is none. The parameters are those of :meth:`Difference.describe`."""
    changes = ", ".join(change.as_drift(hidden, names) for change in drift)
    return f"changed in LaunchDarkly since the last update: {changes}." if changes else ""


def difference(actual: Document, stored: Desired, desired: Desired, compared_with: Side = "live") -> Difference:
    """Compares the actual document with what is declared and, for drift, with what is stored.

    :param actual: LaunchDarkly's document, or one made from the state.
    :param stored: what was declared at the last update.
    :param desired: what is declared now.
    :param compared_with: where ``actual`` comes from.
    """
    missing = diff.changes(actual, managed_document_of(desired), document_of(stored))
    # A field that the program ignores now does not count as drift.
    ignoring = Desired(stored.values, stored.secret, desired.ignored)
    drift = missing if desired == stored else drift_of(actual, ignoring)
    return Difference(
        changes=tuple(missing),
        drift=tuple(drift),
        operations=tuple(patch.operations_for(missing)),
        compared_with=compared_with,
    )


def drift_of(actual: Document, stored: Desired) -> list[Change]:
    """The fields of a document that others have changed since the last update."""
    return diff.changes(actual, managed_document_of(stored))


class Comparer:
    """Compares what is declared with LaunchDarkly or, if LaunchDarkly cannot be asked, with the stack's state.

    :param session: the account.
    :param reader: reads integrations.
    :param gates: decides what to do if LaunchDarkly cannot be asked.
    :param presence: knows whether the token sees the stack's stores.
    """

    def __init__(self, session: Session, reader: Reader, gates: Gates, presence: Presence) -> None:
        self._session, self._reader, self._gates, self._presence = session, reader, gates, presence

    def compare(self, urn: str, id_: IntegrationId, applied: Applied, desired: Desired) -> Difference:
        """Compares what is declared with the live integration or, if that cannot be read, with the stack's state.

        :param urn: the URN of the resource.
        :param applied: what the state knows of the integration.
        :raises AccessDenied: LaunchDarkly refuses the token.
        :raises StoresNotSeen: neither the integration nor any other store of the stack was found.
        """
        stored = applied.desired
        self._session.learn(desired)
        try:
            actual = self._live_or_surely_gone(urn, id_, applied)
        except NotFound:
            return Difference(gone=True)
        if desired == stored and self._reader.is_as_stored(id_):
            return Difference()
        if actual is None:
            state = {**document_of(stored), "integrationKey": id_.integration_key}
            return difference(state, stored, desired, "state")
        return difference(actual, stored, desired)

    def require_account(self, urn: str, id_: IntegrationId, applied: Applied) -> None:
        """Makes sure, before a replacement is created, that the token belongs to the account of the integration.

        :raises StoresNotSeen: neither the integration nor any other store of the stack was found.
        """
        with suppress(NotFound):
            self._live_or_surely_gone(urn, id_, applied)

    def live(self, id_: IntegrationId, applied: Optional[Applied] = None) -> Optional[Document]:
        """The live integration; ``None`` if LaunchDarkly cannot be asked.

        :param applied: what the state knows of the integration; ``None`` if the state does not have it.
        :raises NotFound: LaunchDarkly answered 404.
        :raises AccessDenied: LaunchDarkly refuses the token.
        :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
        """
        if not self._gates.may_look(str(id_)):
            return None
        if self._session.settings.access_token is None:
            self._gates.go_on_without(str(id_), gates.NO_TOKEN)
            return None
        deadline = self._session.deadline(DECISION_TIME)
        try:
            return self._reader.read(id_, deadline, applied)
        except gates.UNAVAILABLE as error:
            self._gates.pass_over(str(id_), error, deadline, WARNINGS)
            return None

    def _live_or_surely_gone(self, urn: str, id_: IntegrationId, applied: Applied) -> Optional[Document]:
        """The live integration; ``None`` if LaunchDarkly cannot be asked.

        :raises NotFound: it was deleted: the token sees another store of the stack.
        :raises StoresNotSeen: the token sees no store of the stack.
        """
        # An error response may echo secrets of the state.
        self._session.learn(applied.desired)
        try:
            actual = self.live(id_, applied)
        except NotFound:
            self._presence.require_any(urn, id_, self._session.deadline(DECISION_TIME))
            raise
        if actual is not None:
            self._presence.saw()
        return actual
