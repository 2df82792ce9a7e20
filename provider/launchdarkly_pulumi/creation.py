"""Creating exactly one integration, also when LaunchDarkly's response is lost.

A POST whose outcome is unknown is never just repeated: it may have created the integration already. The account's
listing shows what is new, compared with the one that was taken before the POST, and a GET whether it has the declared
config. What is new, alike and not what was declared is named, so that a person can look at it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

from . import models, patch, retry
from .errors import (
    AmbiguousCreate,
    AnswerError,
    CallError,
    Conflict,
    Interrupted,
    LaunchDarklyError,
    NotFound,
    UnreadableAnswer,
)
from .models import IntegrationId
from .notes import Note, Notes
from .patch import Document
from .reading import Listing
from .reconcile import Reached, Reconciler
from .retry import Clock, Deadline

POSTS = 2
"""One, and another when the first one has left nothing behind for as long as there was time to look."""

LOOKS_END = 0.5
"""The share of a create's time after which a lost POST is taken for one that never arrived."""

LONGEST_LOOK = 8.0
"""Seconds between two looks at the listing, at the most."""

_SHOWN_IN_A_LISTING = {f.name: f.default for f in models.INTEGRATION_FIELDS if f.name not in ("name", "tags")}

Inputs = Mapping[str, Any]


class Resource(NamedTuple):
    """Which resource is being created.

    :param urn: its URN; empty where nobody tells: then no note of its create can be kept.
    :param organization: its stack's organization, as far as it is known.
    """

    urn: str
    organization: str = ""


class Creator:
    """Creates the integrations of one run.

    :param api: the client.
    :param listing: the account's integrations before the run's first POST.
    :param reconciler: sets what is not known of an integration that is taken over.
    :param warn: shows a warning.
    :param notes: what earlier processes could not finish, and what others are at.
    :param owned: LaunchDarkly's IDs of what other resources than the one with a URN have.
    :param clock: time, for tests to replace.
    """

    def __init__(  # noqa: PLR0917 - each is a part of the run
        self,
        api: Any,
        listing: Listing,
        reconciler: Reconciler,
        warn: Callable[[str], None],
        notes: Notes,
        owned: Callable[[str], Collection[str]],
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._api = api
        self._listing = listing
        self._reconciler = reconciler
        self._warn = warn
        self._notes = notes
        self._owned = owned
        self._clock = clock
        self._turns = _Turns(clock)
        self._own: set[str] = set()

    def create(self, resource: Resource, inputs: Inputs, new_deadline: Callable[[], Deadline]) -> Reached:
        """Creates the integration that the inputs declare.

        :param new_deadline: when a create that begins now has to end.
        :raises CallError: it was not created, or LaunchDarkly cannot tell whether it was.
        :raises Interrupted: the run is being cancelled, and nothing was sent.
        """
        body = models.create_body(inputs)
        with self._turns.of(_intent(inputs)):
            create = _Create(self, resource, inputs, new_deadline())
            reached = create.run(body)
            self._own.add(reached.document["_id"])
            return reached


class _Create:
    """One create, from its note to its end."""

    def __init__(self, creator: Creator, resource: Resource, inputs: Inputs, deadline: Deadline) -> None:
        self._creator = creator
        self._api, self._notes, self._clock = creator._api, creator._notes, creator._clock
        self._warn = creator._warn
        self._resource, self._inputs, self._deadline = resource, inputs, deadline
        self._call = f"POST {'/'.join(models.keys_of(inputs))}"
        self._known: Optional[set[str]] = None

    def run(self, body: Document) -> Reached:
        """Creates it, or takes over what an earlier process has left behind."""
        before = self._note_before()
        items = self._creator._listing.within(self._deadline)
        # What is there before the POST. What appears in a listing that comes later may be what the POST has created.
        self._known = None if items is None else set(items)
        left_behind = self._left_behind(before) if before else None
        if left_behind is not None:
            return self._end(left_behind["_id"], self._taken_over(left_behind, "an earlier update was cut off"))
        note = self._begin()
        try:
            document, trouble = self._post(body)
        except (CallError, Interrupted) as error:
            self._give_up(note, error)
            raise
        reached = self._created(document) if trouble is None else self._taken_over(document, trouble)
        return self._end(document["_id"], reached, note)

    # Notes.

    def _note_before(self) -> Optional[Note]:
        """The note of an earlier create of this resource, once no other process is at it."""
        if not self._resource.urn:
            self._warn(
                "Pulumi does not tell which resource is created: a create that is cut off will not be recognized."
            )
            return None
        for number in itertools.count():
            note = self._notes.find(self._resource.organization, self._resource.urn)
            if note is None or not self._notes.is_under_way(note):
                # What ended before this create began is in a state, or was removed from it.
                return note if note and (note.created is None or number) else None
            if self._deadline.remaining() <= 0:
                raise AmbiguousCreate(
                    self._call, f"another process has been creating it since {_shown_time(note)}", "Run again later."
                )
            self._clock.pause(min(retry.FIRST_BACKOFF, self._deadline.remaining()))
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def _begin(self) -> Optional[Note]:
        if not self._resource.urn:
            return None
        known = None if self._known is None else self._known | self._creator._own
        return self._notes.begin(self._resource.organization, self._resource.urn, _intent(self._inputs), known)

    def _give_up(self, note: Optional[Note], error: LaunchDarklyError) -> None:
        if note is not None and isinstance(error, CallError) and error.outcome_unknown:
            self._notes.end(self._resource.organization, note)
        elif note is not None:
            self._notes.forget(self._resource.organization, note.urn)

    def _end(self, integration_id: str, reached: Reached, note: Optional[Note] = None) -> Reached:
        note = note or self._begin()
        if note is not None:
            self._notes.end(self._resource.organization, note, integration_id)
        return reached

    # What an earlier process has left behind.

    def _left_behind(self, note: Note) -> Optional[Document]:
        """What an earlier process has created without Pulumi's engine learning of it."""
        trouble = UnreadableAnswer(self._call, f"an earlier update was cut off at {_shown_time(note)}")
        is_of_account = note.account == self._notes.account
        if not is_of_account:
            self._warn(f"{trouble}, with another access token or host. Look there for what it may have left behind.")
        if (
            isinstance(self._creator._listing.failure, AnswerError)
            and not self._creator._listing.failure.outcome_unknown
        ):
            self._warn(
                f"{trouble}, and the stores cannot be listed. Look in LaunchDarkly for what it may have left behind."
            )
            return None
        new = self._new_since(note)
        is_known = is_of_account and (note.known is not None or note.created is not None)
        found = [each for each in new if is_known and _is_like(each, self._inputs) and self._has_config(each)]
        if len(found) > 1:
            raise _ask_a_person(trouble, _any_of(found))
        for each in new if not found else ():
            self._name(each, f"{trouble}, and may have left this behind, which is not what is declared now")
        return found[0] if found else None

    def _new_since(self, note: Note) -> list[Document]:
        """What has appeared since an earlier create began, in its place or in that of this one."""
        accounted = {*(note.known or ()), *self._creator._own, *self._ids_of_others()}
        places = {tuple(models.keys_of(self._inputs)), tuple(note.intent.get(f.name) for f in models.KEY_FIELDS)}
        return [
            each
            for each in self._api.list(self._deadline)
            if (each["_id"] not in accounted and note.created in (None, each["_id"]))
            and tuple(each.get(f.api_name) for f in models.KEY_FIELDS) in places
        ]

    def _ids_of_others(self) -> set[str]:
        noted = {note.created for note in self._others() if note.created}
        return noted | set(self._creator._owned(self._resource.urn))

    def _others(self) -> Iterator[Note]:
        return self._notes.of_others(self._resource.organization, self._resource.urn)

    def _name(self, found: Document, why: str) -> None:
        self._warn(f"{why}. Look at it in LaunchDarkly, and delete it there if it is not needed: {found['_id']}.")

    # The POST.

    def _post(self, body: Document) -> tuple[Document, Optional[str]]:
        """The integration, and why it had to be looked for where it is not the response to the POST."""
        trouble: Optional[CallError] = None
        for number in range(POSTS):
            try:
                document: Document = self._api.create(models.keys_of(self._inputs), body, self._deadline)
            except (CallError, Interrupted) as error:
                is_unknown = isinstance(error, CallError) and error.outcome_unknown
                if trouble is not None and not is_unknown:
                    return self._found_after_all(trouble, error), trouble.reason
                if not isinstance(error, CallError) or not (is_unknown or isinstance(error, Conflict)):
                    raise
                trouble = error
            else:
                if number:
                    self._look_for_the_first(document)
                return document, None
            is_last = number == POSTS - 1
            found = self._settle(trouble, is_last)
            if found is not None:
                return found, trouble.reason
            if isinstance(trouble, Conflict):
                break
        assert trouble is not None  # noqa: S101 - the loop ends otherwise where there was none
        raise trouble from None

    def _found_after_all(self, trouble: CallError, second: LaunchDarklyError) -> Document:
        """What the first POST has left behind, where the second one was not accepted."""
        if isinstance(second, Interrupted):
            raise _interrupted(trouble) from None
        found = self._look(trouble, last=True)
        if found is None:
            raise _ask_a_person(trouble, f"a second request was refused: {second}") from None
        return found

    def _settle(self, trouble: CallError, is_last: bool) -> Optional[Document]:
        """The integration that a lost POST has left behind, looked for as long as it may take to show up."""
        if self._known is None:
            failure = self._creator._listing.failure
            raise _ask_a_person(trouble, f"its stores could not be listed before ({failure or 'it took too long'})")
        left = self._deadline.remaining()
        # A conflict is a response: what came of the request is there by now.
        seconds = 0.0 if isinstance(trouble, Conflict) else left if is_last else left * LOOKS_END
        looks = Deadline(seconds - 1 if is_last else seconds, self._clock)
        for attempt in itertools.count():
            # Never beyond the end: the last look is the one that counts.
            last = looks.remaining() <= 0
            found = self._look(trouble, last)
            if found is not None or last:
                return found
            try:
                self._clock.pause(max(0.0, min(retry.FIRST_BACKOFF * 2**attempt, LONGEST_LOOK, looks.remaining())))
            except Interrupted:
                raise _interrupted(trouble) from None
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def _look(self, trouble: CallError, last: bool) -> Optional[Document]:
        try:
            new = self._new_and_like(self._known or set())
        except CallError as error:
            if last:
                raise _ask_a_person(trouble, f"its stores cannot be listed ({error.reason})") from None
            return None
        except Interrupted:
            raise _interrupted(trouble) from None
        found = [each for each in new if self._has_config(each)]
        if len(found) > 1 or (new and not found) or (found and self._may_be_of_another()):
            raise _ask_a_person(trouble, _any_of(found or new))
        return found[0] if found else None

    def _new_and_like(self, known: Collection[str]) -> list[Document]:
        """The integrations that are new, of no other resource, and as declared, as far as a listing shows."""
        accounted = {*known, *self._creator._own, *self._ids_of_others()}
        items = self._api.list(self._deadline)
        return [each for each in items if each["_id"] not in accounted and _is_like(each, self._inputs)]

    def _may_be_of_another(self) -> bool:
        """Whether another process on this machine is creating something that a listing could not tell from this."""
        intent = _intent(self._inputs)
        return any(self._notes.is_open(each) and _look_alike(intent, each.intent) for each in self._others())

    def _has_config(self, listed: Document) -> bool:
        try:
            document = self._api.get(IntegrationId(*models.keys_of(self._inputs), listed["_id"]), self._deadline)
        except NotFound:
            return False
        return not patch.changes(document, models.document_of(self._inputs))

    def _look_for_the_first(self, created: Document) -> None:
        """After a second POST: the first one may have been committed late."""
        self._creator._own.add(created["_id"])
        try:
            late = self._new_and_like(self._known or set())
        except LaunchDarklyError:
            late = []
        for each in late:
            self._name(each, f"{self._call}: an earlier request was committed late, and {each['_id']} is one too many")
        if not late:
            self._warn(
                f"{self._call}: sent twice, since the first request got no response. Should another integration like "
                f"{created['_id']} show up in LaunchDarkly, it is one too many: delete it there."
            )

    # What came of it.

    def _created(self, document: Document) -> Reached:
        """The integration that the POST has created; whatever the response has, its ID must not be lost."""
        if not isinstance(document.get("config"), dict) or not document["config"]:
            return Reached(document, dict(self._inputs), compared=False)
        asked = models.document_of(self._inputs)
        try:
            differing = patch.changes({**document, "integrationKey": self._inputs["integration_key"]}, asked)
        except Exception:
            # Whatever a foreign value does to the comparison: the next preview reads the integration, and reports it.
            return Reached(document, dict(self._inputs), compared=False)
        if differing:
            fields = ", ".join(".".join(change.path) for change in differing)
            self._warn(
                f"{self._call}: LaunchDarkly created {document['_id']} with other values than asked for: {fields}. "
                "The next preview shows them."
            )
        return Reached(document, dict(self._inputs), compared=not differing)

    def _taken_over(self, found: Document, trouble: str) -> Reached:
        """What was found, with the declared password sent to it: whether it has it already, a mask does not prove."""
        id_ = IntegrationId(*models.keys_of(self._inputs), found["_id"])
        self._warn(f"{self._call}: {trouble}. The integration was found and is taken over: {found['_id']}.")
        try:
            return self._creator._reconciler.adopt(id_, self._inputs, self._deadline)
        except LaunchDarklyError as error:
            self._warn(f"{id_}: its password could not be set: {error}. The next update sends it.")
            return Reached(found, models.with_unknown_secrets(self._inputs), compared=False)


class _Turns:
    """One create at a time of those that look alike: which of two new integrations is whose could not be told apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way: list[Inputs] = []

    @contextmanager
    def of(self, intent: Inputs) -> Iterator[None]:
        """Waits until nothing is being created that a listing could show in place of this."""
        with self._changed:
            while any(_look_alike(intent, each) for each in self._under_way):
                self._clock.require_running()
                self._changed.wait(retry.LONGEST_DEAFNESS)
            self._under_way.append(intent)
        try:
            yield
        finally:
            with self._changed:
                self._under_way.remove(intent)
                self._changed.notify_all()


def _look_alike(one: Inputs, other: Inputs) -> bool:
    """Whether a listing may show the same of both; a name that LaunchDarkly chooses may be any."""
    alike = all(one.get(name, default) == other.get(name, default) for name, default in _SHOWN_IN_A_LISTING.items())
    names = {one.get("name"), other.get("name")}
    same_tags = models.same_members(one.get("tags", ()), other.get("tags", ()))
    return alike and same_tags and (None in names or len(names) == 1)


def _any_of(candidates: list[Document]) -> str:
    ids = ", ".join(sorted(each["_id"] for each in candidates))
    return f"any of these new integrations may be it: {ids}"


def _intent(inputs: Inputs) -> dict[str, Any]:
    """What is about to be created, as far as a listing would show it, which is without its config."""
    hidden = ("config", *models.HIDDEN_INPUTS, *inputs.get(models.MARKED_SECRETS, ()))
    return {name: value for name, value in inputs.items() if name not in hidden}


def _is_like(document: Document, inputs: Inputs) -> bool:
    """Whether a listed integration is what was asked for, as far as a listing shows it."""
    keys = tuple(document.get(f.api_name) for f in models.KEY_FIELDS)
    asked = models.document_of(inputs)
    return (
        keys == models.keys_of(inputs)
        and document.get("on") == asked["on"]
        and models.same_members(document.get("tags") or (), asked["tags"])
        and document.get("name") == asked.get("name", document.get("name"))
    )


def _ask_a_person(trouble: CallError, why: str) -> AmbiguousCreate:
    return AmbiguousCreate(
        trouble.call,
        f"{trouble.reason}. It is not known whether the integration was created: {why}",
        "Look in LaunchDarkly, and delete what the lost request left behind before the next update.",
    )


def _interrupted(trouble: CallError) -> AmbiguousCreate:
    return AmbiguousCreate(
        trouble.call,
        f"{trouble.reason}, and the run was interrupted. It is not known whether the integration was created: "
        "the next update looks for it",
    )


def _shown_time(note: Note) -> str:
    try:
        return f"{datetime.fromtimestamp(note.time, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "a time that is not known"
