"""Creates exactly one integration, even if LaunchDarkly's response is lost.

A POST whose outcome is unknown is not simply repeated: it may have created the integration. `lost_creates` searches
LaunchDarkly for that integration. Here belongs what is sent, what is noted, and what follows from the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Optional

from ..api.clock import Clock, Deadline
from ..errors import CallError, Conflict, Interrupted, LaunchDarklyError
from ..model import diff
from ..model.desired import Desired
from ..model.diff import Document
from ..model.documents import create_body, document_of, keys_of
from ..model.fields import Names, name_of
from ..model.ids import IntegrationId
from ..model.secrets import with_unknown_secrets
from .look_alikes import Turns, in_place_of, intent_of
from .lost_creates import Api, OwnedIds, Search, SharedByCreates, interrupted, outcome_unknown
from .notes import Note, Notes
from .read import Listing
from .update import Reached, Reconciler

POSTS = 2
"""At most two are sent: the second one if nothing of the first one was found in time."""


class Resource(NamedTuple):
    """Which resource is being created.

    :param urn: its URN; empty if it is not known: then no note of its create can be kept.
    :param organization: its stack's organization; empty if it is not known.
    """

    urn: str
    organization: str = ""


class Creator:
    """Creates the integrations of one run.

    :param api: the client.
    :param listing: the account's integrations before the run's first POST.
    :param reconciler: patches an integration that is taken over.
    :param warn: shows a warning.
    :param notes: this machine's notes of creates.
    :param owned: gives the IDs of the integrations that the stack's resources manage.
    :param heard: tells whether the engine takes what comes of a create.
    :param clock: time, for tests to replace.
    :param names: gives the names of fields in messages.
    """

    def __init__(  # noqa: PLR0917 - each is a part of the run
        self,
        api: Api,
        listing: Listing,
        reconciler: Reconciler,
        warn: Callable[[str], None],
        notes: Notes,
        owned: OwnedIds,
        heard: Callable[[], bool],
        clock: Clock = Clock(),  # noqa: B008 - frozen
        names: Names = name_of,
    ) -> None:
        self._shared = SharedByCreates(api, listing, warn, notes, owned, heard, clock, names)
        self._reconciler = reconciler
        self._turns = Turns(clock)

    def create(self, resource: Resource, desired: Desired, new_deadline: Callable[[], Deadline]) -> Reached:
        """Creates the integration that is declared.

        :param new_deadline: gives the deadline of a create that begins now.
        :raises CallError: it was not created, or it is not known whether it was.
        :raises Interrupted: the run is being cancelled, and nothing was sent.
        """
        body = create_body(desired)
        with self._turns.of(intent_of(desired)):
            create = _Create(self._shared, self._reconciler, resource, desired, new_deadline())
            reached = create.run(body)
            self._shared.own.add(reached.document["_id"])
            return reached


class _Create:
    """One create, from writing its note to closing it."""

    def __init__(
        self, shared: SharedByCreates, reconciler: Reconciler, resource: Resource, desired: Desired, deadline: Deadline
    ) -> None:
        self._shared, self._reconciler = shared, reconciler
        self._resource, self._desired, self._deadline = resource, desired, deadline
        self._search = Search(shared, resource, desired, deadline)
        self._intent = intent_of(desired)

    def run(self, body: Document) -> Reached:
        """Creates the integration, or takes over the one that an interrupted process has created."""
        before = self._search.earlier_note()
        items = self._shared.listing.within(self._deadline)
        # The search for a lost create compares later listings with this one.
        if items is not None:
            self._search.known = {each["_id"] for each in in_place_of(items.values(), self._intent)}
        left_behind = self._search.left_behind(before) if before else None
        if left_behind is not None:
            return self._end(left_behind["_id"], self._taken_over(left_behind, "an earlier update was cut off"))
        if before is None and items is not None:
            self._search.name_finished(items)
        note = self._begin()
        try:
            document, trouble = self._post(body)
        except (CallError, Interrupted) as error:
            self._give_up(note, error)
            raise
        reached = self._created(document) if trouble is None else self._taken_over(document, trouble)
        return self._end(document["_id"], reached, note)

    # Notes.

    def _begin(self) -> Optional[Note]:
        if not self._resource.urn:
            return None
        known = None if self._search.known is None else self._search.known | self._shared.own
        return self._shared.notes.begin(self._resource.organization, self._resource.urn, self._intent, known)

    def _give_up(self, note: Optional[Note], error: LaunchDarklyError) -> None:
        if note is not None and isinstance(error, CallError) and error.outcome_unknown:
            self._shared.notes.end(self._resource.organization, note)
        elif note is not None:
            self._shared.notes.forget(self._resource.organization, note.urn)

    def _end(self, integration_id: str, reached: Reached, note: Optional[Note] = None) -> Reached:
        # The state learns of it from an engine that is there. Otherwise the next create of the resource has to find it:
        # an earlier note, by which this one was found, stays as it is.
        heard = self._shared.heard()
        note = note or (self._begin() if heard else None)
        if note is not None:
            self._shared.notes.end(self._resource.organization, note, integration_id if heard else None)
        return reached

    # The POST.

    def _post(self, body: Document) -> tuple[Document, Optional[str]]:
        """The integration, and why it had to be searched for; ``None`` if it is the response to the POST."""
        trouble: Optional[CallError] = None
        for number in range(POSTS):
            try:
                document: Document = self._shared.api.create(keys_of(self._desired), body, self._deadline)
            except (CallError, Interrupted) as error:
                is_unknown = isinstance(error, CallError) and error.outcome_unknown
                if trouble is not None and not is_unknown:
                    return self._found_after_all(trouble, error), trouble.reason
                if not isinstance(error, CallError) or not (is_unknown or isinstance(error, Conflict)):
                    raise
                trouble = error
            else:
                if number:
                    self._search.find_late_first(document)
                return document, None
            if isinstance(trouble, Conflict):
                raise self._search.conflict(trouble) from None
            found = self._search.settle(trouble, is_last=number == POSTS - 1)
            if found is not None:
                return found, trouble.reason
        assert trouble is not None  # noqa: S101 - the loop ends otherwise where there was none
        raise outcome_unknown(trouble, f"{POSTS} requests were sent, and nothing has shown up so far") from None

    def _found_after_all(self, trouble: CallError, second: LaunchDarklyError) -> Document:
        """The integration that the first POST has created, after the second POST was refused."""
        if isinstance(second, Interrupted):
            raise interrupted(trouble) from None
        found = self._search.poll(trouble, last=True)
        if found is None:
            raise outcome_unknown(trouble, f"a second request was refused: {second}") from None
        if isinstance(second, Conflict):
            # A proxy may have sent the second one twice. Any other refusal means that it has created nothing.
            self._search.find_late_first(found)
        return found

    # The outcome.

    def _created(self, document: Document) -> Reached:
        """The integration that the POST has created. Nothing here may raise, or its ID would be lost."""
        if not isinstance(document.get("config"), dict) or not document["config"]:
            return Reached(document, self._desired, compared=False)
        asked = document_of(self._desired)
        try:
            differing = diff.changes({**document, "integrationKey": self._desired.kind}, asked)
        except Exception:
            # A value of an unexpected type may break the comparison. The next preview compares again, and reports it.
            return Reached(document, self._desired, compared=False)
        if differing:
            fields = ", ".join(self._shared.names(change.path) for change in differing)
            self._shared.warn(
                f"{self._search.call}: LaunchDarkly created {document['_id']} with other values than asked for: "
                f"{fields}. The next preview shows them."
            )
        return Reached(document, self._desired, compared=not differing)

    def _taken_over(self, found: Document, trouble: str) -> Reached:
        """The integration that was found. The declared password is sent to it: a mask does not prove that it has it."""
        id_ = IntegrationId(*keys_of(self._desired), found["_id"])
        self._shared.warn(
            f"{self._search.call}: {trouble}. The integration was found and is taken over: {found['_id']}."
        )
        try:
            return self._reconciler.adopt(id_, self._desired, self._deadline)
        except LaunchDarklyError as error:
            self._shared.warn(f"{id_}: its password could not be set: {error}. The next update sends it.")
            return Reached(found, with_unknown_secrets(self._desired), compared=False)
