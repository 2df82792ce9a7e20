"""Creating exactly one integration, also when LaunchDarkly's answer is lost.

A POST whose outcome is unknown is never just repeated: it may have created the integration already. The
account's listing tells, compared with the one that was taken before the run's first POST.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Optional

from . import models, patch, retry
from .errors import AmbiguousCreate, CallError, Conflict, NotFound, UnreadableAnswer
from .journal import Entry, Journal
from .models import IntegrationId
from .patch import Document
from .reading import Listing
from .retry import Clock, Deadline

SETTLING_TIME = 10.0
"""Seconds that an integration may take to show up in the listing."""

POSTS = 2
"""One, and another when the first one has certainly left nothing behind."""

_SHOWN_IN_A_LISTING = {f.name: f.default for f in models.INTEGRATION_FIELDS if f.name not in ("name", "tags")}

Inputs = Mapping[str, Any]


class Creator:
    """Creates the integrations of one run.

    :param api: the client.
    :param listing: the account's integrations before the run's first POST.
    :param warn: shows a warning.
    :param journal: remembers what an earlier process could not finish.
    :param clock: time, for tests to replace.
    """

    def __init__(
        self,
        api: Any,
        listing: Listing,
        warn: Callable[[str], None],
        journal: Journal,
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._api = api
        self._listing = listing
        self._warn = warn
        self._journal = journal
        self._clock = clock
        self._turns = _Turns()
        self._own: set[str] = set()

    def create(self, inputs: Inputs, deadline: Deadline) -> Document:
        """Creates the integration that the inputs declare; returns LaunchDarkly's document of it.

        :raises CallError: it was not created, or LaunchDarkly cannot tell whether it was.
        """
        body = models.create_body(inputs)
        intent = _intent(inputs)
        with self._turns.of(intent):
            document = self._create(inputs, body, self._journal.entry(intent), deadline)
            self._own.add(document["_id"])
            return document

    def _create(self, inputs: Inputs, body: Document, note: Entry, deadline: Deadline) -> Document:
        known = self._known(deadline)
        document = self._left_behind(inputs, note, deadline)
        if document is None:
            if known is not None:
                note.write(known | self._own)
            try:
                document = self._post(inputs, body, deadline)
            except CallError as error:
                if not error.outcome_unknown:
                    note.forget()
                raise
        note.forget()
        return document

    def _known(self, deadline: Deadline) -> Optional[set[str]]:
        """What the account had before the run's first POST; ``None`` if the token may not know.

        A token that may create but not list is no reason to fail before anything has gone wrong.
        """
        items = self._listing.once(deadline)
        return None if items is None else set(items)

    def _left_behind(self, inputs: Inputs, note: Entry, deadline: Deadline) -> Optional[Document]:
        """What an earlier process has created without learning of it."""
        known = note.known_before()
        if known is None:
            return None
        call = f"POST {'/'.join(models.keys_of(inputs))}"
        trouble = UnreadableAnswer(call, "an earlier update was cut off")
        # Much may have happened since: only what has the declared config too can be what was left behind.
        new = [each for each in self._new_and_like(known, inputs, deadline) if self._has_config(each, inputs, deadline)]
        found = _the_only(new, trouble)
        return self._taken_over(found, trouble) if found else None

    def _has_config(self, listed: Document, inputs: Inputs, deadline: Deadline) -> bool:
        try:
            document = self._api.get(IntegrationId(*models.keys_of(inputs), listed["_id"]), deadline)
        except NotFound:
            return False
        return not patch.changes(document, models.document_of(inputs))

    def _post(self, inputs: Inputs, body: Document, deadline: Deadline) -> Document:
        trouble: CallError
        for _ in range(POSTS):
            try:
                document: Document = self._api.create(models.keys_of(inputs), body, deadline)
                return document
            except CallError as error:
                if not error.outcome_unknown and not isinstance(error, Conflict):
                    raise
                trouble = error
            found = self._settle(inputs, trouble, deadline)
            if found is not None:
                return self._taken_over(found, trouble)
        raise trouble from None

    def _taken_over(self, found: Document, trouble: CallError) -> Document:
        self._warn(f"{trouble.call}: {trouble.reason}. The integration was found and is taken over: {found['_id']}.")
        return found

    def _settle(self, inputs: Inputs, trouble: CallError, deadline: Deadline) -> Optional[Document]:
        """The integration that a lost POST has left behind, looked for as long as it may take to show up."""
        known = self._known(deadline)
        if known is None:
            raise _ask_a_person(trouble, f"its stores cannot be listed ({self._listing.refusal})")
        settled = Deadline(min(SETTLING_TIME, deadline.remaining()), self._clock)
        for attempt in itertools.count():
            # Never beyond the end: the last look is the one that counts.
            last = settled.remaining() <= 0
            try:
                found = _the_only(self._new_and_like(known, inputs, deadline), trouble)
            except AmbiguousCreate:
                raise
            except CallError as error:
                if last:
                    raise _ask_a_person(trouble, f"its stores cannot be listed ({error.reason})") from None
            else:
                if found or last:
                    return found
            self._clock.sleep(max(0.0, min(retry.FIRST_BACKOFF * 2**attempt, settled.remaining())))
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def _new_and_like(self, known: set[str], inputs: Inputs, deadline: Deadline) -> list[Document]:
        """The integrations that are new, not of this run, and as the inputs want them, as far as a listing shows."""
        accounted = known | self._own
        return [each for each in self._api.list(deadline) if each["_id"] not in accounted and _is_like(each, inputs)]


class _Turns:
    """One create at a time of those that look alike: which of two new integrations is whose could not be told apart."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way: list[Inputs] = []

    @contextmanager
    def of(self, intent: Inputs) -> Iterator[None]:
        """Waits until nothing is being created that a listing could show in place of this."""
        with self._changed:
            self._changed.wait_for(lambda: not any(_look_alike(intent, each) for each in self._under_way))
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
    return alike and set(one.get("tags", ())) == set(other.get("tags", ())) and (None in names or len(names) == 1)


def _the_only(candidates: list[Document], trouble: CallError) -> Optional[Document]:
    """The one candidate, if there is any; which of several it is, a person has to tell."""
    if len(candidates) > 1:
        ids = ", ".join(sorted(each["_id"] for each in candidates))
        raise _ask_a_person(trouble, f"any of these new integrations may be it: {ids}")
    return candidates[0] if candidates else None


def _intent(inputs: Inputs) -> dict[str, Any]:
    """What is about to be created, as far as a listing would show it, which is without its config."""
    return {name: value for name, value in inputs.items() if name not in ("config", *models.HIDDEN_INPUTS)}


def _is_like(document: Document, inputs: Inputs) -> bool:
    """Whether a listed integration is what was asked for, as far as a listing shows it."""
    keys = tuple(document.get(f.api_name) for f in models.KEY_FIELDS)
    asked = models.document_of(inputs)
    return (
        keys == models.keys_of(inputs)
        and document.get("on") == asked["on"]
        and set(document.get("tags") or ()) == set(asked["tags"])
        and document.get("name") == asked.get("name", document.get("name"))
    )


def _ask_a_person(trouble: CallError, why: str) -> AmbiguousCreate:
    return AmbiguousCreate(
        trouble.call,
        f"{trouble.reason}. It is not known whether the integration was created: {why}",
        "Look in LaunchDarkly, and delete what the lost request left behind before the next update.",
    )
