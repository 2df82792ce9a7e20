"""What LaunchDarkly has: read store by store or, for many stores, from one listing of the account.

A listing shows all of an integration but its config. Where it shows the version and the fields that the stack's
state has, nobody has changed the integration since: its config is the one in the state. Anything else is read singly.
A patch that is made from it is safe too: it is sent behind the guard ``test /version``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Optional, Protocol

from . import patch
from .errors import AnswerError, CallError
from .models import KEY_FIELDS, IntegrationId, document_of, managed_document_of
from .patch import Document
from .retry import Deadline

SAMPLE_EVERY = 50
"""Of the stores that the listing speaks for, one in so many is read singly all the same, while the run goes on."""

CONFIG_IS_STALE = (
    "LaunchDarkly's listing shows the version of the last update for {id}, whose config is another one. "
    "Each store is read singly from now on; run this again for what was compared before."
)


class Known(NamedTuple):
    """What the stack's state has of an integration: LaunchDarkly's version, and the inputs that it had then."""

    version: Any
    inputs: Mapping[str, Any]


class Api(Protocol):
    """The calls of the client that are needed here."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> dict[str, Any]:
        """Reads one integration."""

    def list(self, deadline: Deadline) -> list[dict[str, Any]]:
        """Reads every integration of the account, without configs."""


class Listing:
    """The account's integrations, listed at most once a run and shared by all of its workers.

    ``refusal`` says why LaunchDarkly does not list them, where it does not.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._items: Optional[dict[str, Document]] = None
        self.refusal = ""

    @property
    def is_taken(self) -> bool:
        """Whether it costs nothing more."""
        return self._items is not None

    def once(self, deadline: Deadline) -> Optional[dict[str, Document]]:
        """The integrations by LaunchDarkly's ID; ``None`` where LaunchDarkly does not list them.

        :raises Unreachable: there was no answer; the next caller tries again.
        """
        with self._lock:
            if self._items is None and not self.refusal:
                try:
                    self._items = {each["_id"]: each for each in self._api.list(deadline)}
                except AnswerError as error:
                    self.refusal = error.reason
            return self._items


class Reader:
    """Reads each integration at most once a run.

    :param api: the client.
    :param listing: the run's listing.
    :param warn: shows a warning once.
    """

    def __init__(self, api: Api, listing: Listing, warn: Callable[[str], None]) -> None:
        self._api = api
        self._listing = listing
        self._warn = warn
        self._lock = threading.Lock()
        self._documents: dict[IntegrationId, Document] = {}
        self._put_together: set[IntegrationId] = set()
        self._begun = 0
        self._first_done = threading.Event()
        self._samples: list[tuple[IntegrationId, Known, Document]] = []
        self._is_trusted = True

    def read(
        self, id_: IntegrationId, deadline: Deadline, known: Optional[Known] = None, *, among_many: bool = False
    ) -> Document:
        """The integration as it is; should it be stale by an update, the guard finds out.

        :param known: what the state has of it; without it, it is read singly.
        :param among_many: whether others will be read too: the first of them then need not wait for the second one
            before the account is listed.
        :raises NotFound: it is gone.
        """
        document = self._documents.get(id_)
        if document is None:
            document = self._documents[id_] = self._read(id_, deadline, known, among_many)
        return document

    def is_as_stored(self, id_: IntegrationId) -> bool:
        """Whether the listing has proven that nobody has changed it since the last update."""
        return id_ in self._put_together

    def take(self, id_: IntegrationId, *, whole: bool) -> Optional[Document]:
        """What was read of an integration, which is about to change.

        :param whole: whether its config has to be there with what of it is not managed, as no listing shows it.
        """
        document = self._documents.pop(id_, None)
        return None if whole and id_ in self._put_together else document

    def _read(self, id_: IntegrationId, deadline: Deadline, known: Optional[Known], among_many: bool) -> Document:
        if known is None:
            return self._api.get(id_, deadline)
        with self._lock:
            self._begun += 1
            place = self._begun
        if place == 1:
            if among_many:
                threading.Thread(target=self._list_ahead, args=(deadline,), daemon=True).start()
            return self._read_first(id_, known, deadline)
        listed = self._listed(id_, known, deadline)
        if listed is None:
            return self._api.get(id_, deadline)
        self._put_together.add(id_)
        if place % SAMPLE_EVERY == 0:
            # Pulumi's engine asks for one diff after another: each would wait for this one.
            threading.Thread(target=self._sample, args=(id_, known, deadline), daemon=True).start()
        return listed

    def _read_first(self, id_: IntegrationId, known: Known, deadline: Deadline) -> Document:
        """Singly: for one store that is cheaper than a listing. It is also what the listing has to agree with."""
        try:
            document = self._api.get(id_, deadline)
            with self._lock:
                self._samples.append((id_, known, document))
            return document
        finally:
            self._first_done.set()

    def _list_ahead(self, deadline: Deadline) -> None:
        with suppress(CallError):
            self._listing.once(deadline)

    def _sample(self, id_: IntegrationId, known: Known, deadline: Deadline) -> None:
        with suppress(CallError):
            document = self._api.get(id_, deadline)
            with self._lock:
                self._samples.append((id_, known, document))
            self._judge_samples(deadline)

    def _listed(self, id_: IntegrationId, known: Known, deadline: Deadline) -> Optional[Document]:
        """The integration put together from the listing and the state, where the listing proves the state."""
        try:
            items = self._listing.once(deadline) if self._is_trusted else None
        except CallError:
            items = None
        if items is None:
            return None
        self._first_done.wait(max(0.0, deadline.remaining()))
        self._judge_samples(deadline)
        return proven(id_, known, items) if self._is_trusted else None

    def _judge_samples(self, deadline: Deadline) -> None:
        """Gives the listing up where it would have spoken for a config that is another one."""
        items = self._listing.once(deadline) or {}
        with self._lock:
            samples, self._samples = self._samples, []
        for id_, known, document in samples:
            spoken_for = items.get(id_.integration_id, {}).get("version") == document["version"]
            if spoken_for and proven(id_, known, items) and patch.changes(document, managed_document_of(known.inputs)):
                self._is_trusted = False
                self._warn(CONFIG_IS_STALE.format(id=id_))


def proven(id_: IntegrationId, known: Known, items: Mapping[str, Document]) -> Optional[Document]:
    """The integration with the state's config, if the listing shows that nobody has changed it since.

    :param items: the listing, by LaunchDarkly's ID.
    """
    item = items.get(id_.integration_id)
    if item is None or item.get("version") != known.version:
        return None
    if any(item.get(field.api_name) != key for field, key in zip(KEY_FIELDS, id_.segments, strict=False)):
        return None
    document = {**item, "config": document_of(known.inputs)["config"]}
    return None if patch.changes(document, managed_document_of(known.inputs)) else document
