"""Searches LaunchDarkly for the integration of a create whose response was lost, or that was interrupted.

The account's listing is compared with the one from before the POST, which gives the integrations that are new. A GET of
each new one that looks like the declared one shows whether it has the declared config. If it is not clear which one the
create has made, a warning or an error gives their IDs to a person. This module creates, changes and takes over nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Optional, Protocol

from ..api import retry
from ..api.clock import Clock, Deadline
from ..errors import (
    AmbiguousCreate,
    AnswerError,
    CallError,
    Conflict,
    Interrupted,
    LaunchDarklyError,
    NotFound,
    UnreadableAnswer,
)
from ..model import diff
from ..model.desired import Desired
from ..model.diff import Document
from ..model.documents import document_of, keys_of
from ..model.fields import KEY_FIELDS, Names
from ..model.ids import IntegrationId
from .look_alikes import intent_of, is_like, look_alike, shown_keys
from .notes import Note, Notes
from .read import Listing

if TYPE_CHECKING:
    from .create import Resource

POLLS_END = 0.5
"""The share of a create's time after which a lost POST is assumed not to have arrived."""

LONGEST_PAUSE = 8.0
"""The most seconds between two polls of the listing."""


class Api(Protocol):
    """The calls of the client that a create needs."""

    def create(self, keys: tuple[str, str, str], body: Document, deadline: Deadline) -> Document:
        """Creates an integration in (project, environment, kind)."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """Reads one integration."""

    def list_all(self, deadline: Deadline) -> Sequence[Document]:
        """Reads every integration of the account, without configs."""


class OwnedIds(Protocol):
    """Gives LaunchDarkly's IDs of the integrations that the stack's resources manage."""

    def __call__(self, urn: str, *, own: bool = False) -> Collection[str]:
        """The IDs of all resources but the one with a URN; with ``own``, also its ID."""


@dataclass(frozen=True)
class SharedByCreates:
    """What the creates of one run share.

    :param api: the client.
    :param listing: the account's integrations before the run's first POST.
    :param warn: shows a warning.
    :param notes: this machine's notes of creates.
    :param owned: gives the IDs of the integrations that the stack's resources manage.
    :param heard: tells whether the engine takes what comes of a create.
    :param clock: time.
    :param names: gives the names of fields in messages.
    :param own: LaunchDarkly's IDs of the integrations that the run has created.
    """

    api: Api
    listing: Listing
    warn: Callable[[str], None]
    notes: Notes
    owned: OwnedIds
    heard: Callable[[], bool]
    clock: Clock
    names: Names
    own: set[str] = field(default_factory=set)


class Search:
    """Searches for the integration of one create.

    :param shared: what the creates of the run share.
    :param resource: which resource is being created.
    :param desired: what the resource declares.
    :param deadline: when the create has to end.
    """

    def __init__(self, shared: SharedByCreates, resource: Resource, desired: Desired, deadline: Deadline) -> None:
        self._shared, self._resource, self._desired, self._deadline = shared, resource, desired, deadline
        self.call = f"POST {'/'.join(keys_of(desired))}"
        """The create, as messages name it."""
        self.known: Optional[set[str]] = None
        """The IDs of the integrations with its keys before the POST; ``None`` if they could not be listed."""
        self._finished: Optional[Note] = None
        """The note of an earlier create of this resource that has succeeded."""

    # An earlier process.

    def earlier_note(self) -> Optional[Note]:
        """The note of an earlier create of this resource whose outcome is not known; waits while it is under way.

        :raises AmbiguousCreate: another process is still creating the resource at the deadline.
        """
        if not self._resource.urn:
            self._shared.warn(
                "Pulumi does not report which resource is created: a create that is cut off will not be recognized."
            )
            return None
        for number in itertools.count():
            note = self._shared.notes.find(self._resource.organization, self._resource.urn)
            if note is None or not self._shared.notes.is_under_way(note):
                if note and note.created is not None and not number:
                    # It succeeded before this create began, so its integration is in a state, or was removed from it.
                    self._finished = note
                    return None
                return note
            if self._deadline.remaining() <= 0:
                raise AmbiguousCreate(
                    self.call, f"another process has been creating it since {_shown_time(note)}", "Run again later."
                )
            self._shared.clock.pause(min(retry.FIRST_BACKOFF, self._deadline.remaining()))
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def left_behind(self, note: Note) -> Optional[Document]:
        """The integration that an interrupted process has created without Pulumi's engine knowing it.

        :param note: the note of that create.
        :raises AmbiguousCreate: several integrations may be it.
        """
        trouble = UnreadableAnswer(self.call, f"an earlier update was cut off at {_shown_time(note)}")
        is_of_account = note.account == self._shared.notes.account
        if not is_of_account:
            self._shared.warn(
                f"{trouble}, with another access token or host. Look there for what it may have left behind."
            )
        if isinstance(self._shared.listing.failure, AnswerError) and not self._shared.listing.failure.outcome_unknown:
            self._shared.warn(
                f"{trouble}, and the stores cannot be listed. Look in LaunchDarkly for what it may have left behind."
            )
            return None
        new = self._new_since(note)
        is_known = is_of_account and (note.known is not None or note.created is not None)
        found = [each for each in new if is_known and is_like(each, self._desired) and self._has_config(each)]
        if len(found) > 1:
            raise outcome_unknown(trouble, _any_of(found))
        for each in new if not found else ():
            self._name(each, f"{trouble}, and may have left this behind, which is not what is declared now")
        return found[0] if found else None

    def name_finished(self, items: Mapping[str, Document]) -> None:
        """Warns if an earlier create of this resource has succeeded and the stack does not have its integration.

        Its process was killed before Pulumi's engine had the result, or somebody has removed it from the stack's state.

        :param items: the account's integrations, by LaunchDarkly's ID.
        """
        note = self._finished
        if note is None or note.created not in items or note.account != self._shared.notes.account:
            return
        if note.created not in {*self._shared.owned(self._resource.urn, own=True), *self._ids_of_others()}:
            self._shared.warn(
                f"{self.call}: an earlier create of this resource, begun at {_shown_time(note)}, has created "
                f"{note.created}, which the stack does not have. Unless another stack has it, it is one too many: "
                "delete it in LaunchDarkly."
            )

    def _new_since(self, note: Note) -> list[Document]:
        """The integrations that are new since an earlier create began, where that create may have left one."""
        accounted = {*(note.known or ()), *self._shared.own, *self._ids_of_others()}
        # A note has no key that is a secret: the one of now stands for it.
        place = tuple(note.intent.get(f.name, key) for f, key in zip(KEY_FIELDS, keys_of(self._desired), strict=True))
        return [
            each
            for each in self._shared.api.list_all(self._deadline)
            if (each["_id"] not in accounted and note.created in (None, each["_id"])) and shown_keys(each) == place
        ]

    # A lost response.

    def settle(self, trouble: CallError, is_last: bool) -> Optional[Document]:
        """Polls for the integration that a lost POST has created; ``None`` if none was found in time.

        :param trouble: how the response was lost.
        :param is_last: whether no other POST follows; if one does, half of the time is left for it.
        :raises AmbiguousCreate: only a person can find out whether it was created.
        """
        self._require_known(trouble)
        left = self._deadline.remaining()
        seconds = left if is_last else left * POLLS_END
        polls = Deadline(seconds - 1 if is_last else seconds, self._shared.clock)
        for attempt in itertools.count():
            # The last poll must end before the deadline: its result counts.
            last = polls.remaining() <= 0
            found = self.poll(trouble, last)
            if found is not None or last:
                return found
            try:
                self._shared.clock.pause(
                    max(0.0, min(retry.FIRST_BACKOFF * 2**attempt, LONGEST_PAUSE, polls.remaining()))
                )
            except Interrupted:
                raise interrupted(trouble) from None
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def conflict(self, refused: Conflict) -> CallError:
        """The error for a create that LaunchDarkly refused with 409; it gives the IDs of new integrations that fit.

        None of them is taken over, since the create was refused. But a proxy may have sent it twice: if the stores
        cannot be listed, only a person can find out whether it was created.
        """
        self._require_known(refused)
        try:
            new = self._new_and_like()
        except CallError as error:
            return outcome_unknown(refused, f"its stores cannot be read ({error.reason})")
        except Interrupted:
            return interrupted(refused)
        found = f". New there, and as declared: {', '.join(sorted(each['_id'] for each in new))}" if new else ""
        return Conflict(
            refused.call, f"{refused.reason}{found}", refused.advice, refused.status, refused.code, refused.request_id
        )

    def _require_known(self, trouble: CallError) -> None:
        """:raises AmbiguousCreate: the stores could not be listed before the POST."""
        if self.known is None:
            failure = self._shared.listing.failure
            raise outcome_unknown(trouble, f"its stores could not be listed before ({failure or 'it took too long'})")

    def poll(self, trouble: CallError, last: bool) -> Optional[Document]:
        """Searches once for the integration that a lost POST has created; ``None`` if it is not there (yet).

        :param trouble: how the response was lost.
        :param last: whether this is the last poll, so that it is an error if the stores cannot be listed.
        :raises AmbiguousCreate: only a person can find out whether it was created.
        """
        try:
            new = self._new_and_like()
            found = [each for each in new if self._has_config(each)]
        except CallError as error:
            # This error is about the search. The outcome of the POST stays unknown.
            if last:
                raise outcome_unknown(trouble, f"its stores cannot be read ({error.reason})") from None
            return None
        except Interrupted:
            raise interrupted(trouble) from None
        if len(found) > 1 or (new and not found) or (found and self._may_be_of_another()):
            raise outcome_unknown(trouble, _any_of(found or new))
        return found[0] if found else None

    def find_late_first(self, created: Document) -> None:
        """Warns, after a successful second POST, of what the first one has created late, or may still create.

        :param created: the integration that the second POST has created.
        """
        self._shared.own.add(created["_id"])
        try:
            late = self._new_and_like()
        except LaunchDarklyError:
            late = []
        for each in late:
            self._name(each, f"{self.call}: an earlier request was committed late, and {each['_id']} is one too many")
        if not late:
            self._shared.warn(
                f"{self.call}: sent twice, since the first request got no response. If another integration like "
                f"{created['_id']} appears in LaunchDarkly, it is one too many: delete it there."
            )

    # What is new.

    def _new_and_like(self) -> list[Document]:
        """The new integrations that no other resource manages and that are as declared, as far as a listing shows."""
        accounted = {*(self.known or ()), *self._shared.own, *self._ids_of_others()}
        items = self._shared.api.list_all(self._deadline)
        return [each for each in items if each["_id"] not in accounted and is_like(each, self._desired)]

    def _may_be_of_another(self) -> bool:
        """Whether another process on this machine is creating a store that looks the same in a listing."""
        intent = intent_of(self._desired)
        return any(self._shared.notes.is_open(each) and look_alike(intent, each.intent) for each in self._others())

    def _ids_of_others(self) -> set[str]:
        noted = {note.created for note in self._others() if note.created}
        return noted | set(self._shared.owned(self._resource.urn))

    def _others(self) -> Iterator[Note]:
        return self._shared.notes.of_others(self._resource.organization, self._resource.urn)

    def _has_config(self, listed: Document) -> bool:
        try:
            document = self._shared.api.get(IntegrationId(*keys_of(self._desired), listed["_id"]), self._deadline)
        except NotFound:
            return False
        return not diff.changes(document, document_of(self._desired))

    def _name(self, found: Document, why: str) -> None:
        self._shared.warn(
            f"{why}. Look at it in LaunchDarkly, and delete it there if it is not needed: {found['_id']}."
        )


def outcome_unknown(trouble: CallError, why: str) -> AmbiguousCreate:
    """The error for a create whose outcome only a person can find out.

    :param trouble: how the response was lost.
    :param why: why the search did not find the outcome.
    """
    return AmbiguousCreate(
        trouble.call,
        f"{trouble.reason}. It is not known whether the integration was created: {why}",
        "Look in LaunchDarkly, and delete what the lost request left behind before the next update.",
    )


def interrupted(trouble: CallError) -> AmbiguousCreate:
    """The error for a create whose search ends because the run is being cancelled."""
    return AmbiguousCreate(
        trouble.call,
        f"{trouble.reason}, and the run was interrupted. It is not known whether the integration was created: "
        "the next update looks for it",
    )


def _any_of(candidates: list[Document]) -> str:
    ids = ", ".join(sorted(each["_id"] for each in candidates))
    return f"any of these new integrations may be it: {ids}"


def _shown_time(note: Note) -> str:
    try:
        return f"{datetime.fromtimestamp(note.time, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "a time that is not known"
