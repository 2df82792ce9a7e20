"""Reads integrations: individually or, for many stores, from one listing of the account.

A listing shows everything of an integration but its config. If the state's config was compared with LaunchDarkly's at
the version that the listing shows, nobody has changed the integration since, and its config is the one in the state.
Every other store is read individually. A patch that is made from a listing is safe too, since it carries the guard
``test /version``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Optional, Protocol

from ..api.clock import Clock, Deadline
from ..errors import LaunchDarklyError
from ..model import diff
from ..model.desired import Applied
from ..model.diff import Document
from ..model.documents import document_of, managed_document_of, version_of
from ..model.fields import KEY_FIELDS
from ..model.ids import IntegrationId
from .shared import Items, ListAll, Listings

_log = logging.getLogger(__name__)

SAMPLE_EVERY = 50
"""Check every Nth store that the listing covers with a GET of its own, in the background."""

SLOW = 0.5
"""Seconds after which the listing is requested beside the first read: it shows whether LaunchDarkly is out of reach."""

PATIENCE = 0.1
"""The share of a call's time that it waits for the listing. Without a listing, stores are read individually."""

NOT_BELIEVED = (
    "LaunchDarkly's listing does not fit what it answers for {id} itself: {why}. "
    "Each store is read individually from now on; run this again for what was compared before."
)


class Api(Protocol):
    """The calls of the client that are needed here."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """Reads one integration."""

    @property
    def list_all(self) -> ListAll:
        """Reads every integration of the account, without configs, and keeps a part of each."""


class Listing:
    """The account's integrations, requested at most once a run, in the background, and shared by all of its workers.

    :param api: the client.
    :param new_deadline: gives the deadline of a listing that begins now.
    :param clock: time, for tests to replace.
    :param listings: the listings of other runs of the process.

    ``failure`` is the error of the request, if it has failed.
    """

    def __init__(
        self,
        api: Api,
        new_deadline: Callable[[], Deadline],
        clock: Clock = Clock(),  # noqa: B008 - frozen
        listings: Optional[Listings] = None,
    ) -> None:
        self._api = api
        self._listings = listings or Listings()
        self._new_deadline = new_deadline
        self._clock = clock
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._patience: Optional[Deadline] = None
        self._end: Optional[Deadline] = None
        self._has_begun = False
        self._items: Optional[Items] = None
        self.failure: Optional[LaunchDarklyError] = None

    def begin(self) -> None:
        """Requests the listing if it was not requested yet; does not wait."""
        with self._lock:
            begins, self._has_begun = not self._has_begun, True
        if begins:
            threading.Thread(target=self._take, name="launchdarkly-listing", daemon=True).start()

    def outcome(self, deadline: Deadline) -> Optional[Items]:
        """The listing, for callers that need to know whether LaunchDarkly can be reached.

        All callers wait until the deadline of the first of them at most.

        :returns: ``None`` if the request has failed, or has not ended by then.
        """
        self.begin()
        with self._lock:
            self._end = self._end or deadline
        self._clock.await_event(self._done, max(0.0, self._end.remaining()))
        return self._items

    def within(self, deadline: Deadline) -> Optional[Items]:
        """The listing, for callers that can do without it.

        All callers together wait for a share of the first one's time: a slow listing must not delay calls whose own
        requests are quick.

        :returns: ``None`` if the request has failed, or has not ended by then.
        """
        self.begin()
        with self._lock:
            self._patience = self._patience or Deadline(PATIENCE * deadline.remaining(), self._clock)
            patience = self._patience.remaining()
        self._clock.await_event(self._done, max(0.0, min(patience, deadline.remaining())))
        return self._items

    def _take(self) -> None:
        try:
            self._items = self._listings.items(self._api.list_all, self._new_deadline(), self._clock)
            _log.debug("the listing has %d integrations", len(self._items))
        except LaunchDarklyError as error:
            _log.debug("there is no listing: %s", error)
            self.failure = error
        finally:
            self._done.set()


class _Read(NamedTuple):
    """An integration that was read individually."""

    id: IntegrationId
    applied: Optional[Applied]
    document: Document


class Reader:
    """Reads integrations, and remembers what it has read for the rest of the run.

    :param api: the client.
    :param listing: the run's listing.
    :param warn: shows a warning once.
    :param clock: time, for tests to replace.
    """

    def __init__(
        self,
        api: Api,
        listing: Listing,
        warn: Callable[[str], None],
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._api = api
        self._listing = listing
        self._warn = warn
        self._clock = clock
        self._lock = threading.Lock()
        self._documents: dict[IntegrationId, Document] = {}
        self._assembled: set[IntegrationId] = set()
        """The integrations whose documents have their config from the state, and the rest from the listing."""
        self._begun = 0
        self._first_done = threading.Event()
        self._new: set[IntegrationId] = set()
        self._to_judge: list[_Read] = []
        self._is_trusted = True

    def read(self, id_: IntegrationId, deadline: Deadline, applied: Optional[Applied] = None) -> Document:
        """The integration, read at most once a run. If it has changed by the time of a patch, the guard finds out.

        :param applied: what the state knows of it; without that, it is read individually.
        :raises NotFound: LaunchDarkly answered 404.
        """
        document = self._documents.get(id_)
        if document is None:
            document = self._documents[id_] = self._read(id_, deadline, applied)
        return document

    def is_as_stored(self, id_: IntegrationId) -> bool:
        """Whether the listing has proven that nobody has changed the integration since the last update."""
        return id_ in self._assembled

    def created(self, id_: IntegrationId) -> None:
        """Notes that an integration is new, and may be missing from a listing that is older."""
        with self._lock:
            self._new.add(id_)

    def take(self, id_: IntegrationId, *, whole: bool) -> Optional[Document]:
        """The document that was read of an integration, if any; it is forgotten, since a patch follows.

        :param whole: whether the caller needs the whole config, with the fields that are not managed: a document that
            was made from the listing does not have those.
        """
        document = self._documents.pop(id_, None)
        return None if whole and id_ in self._assembled else document

    def _read(self, id_: IntegrationId, deadline: Deadline, applied: Optional[Applied]) -> Document:
        if applied is None or not applied.compared:
            _log.debug("%s: read individually, its config was never compared at a version", id_)
            return self._individually(id_, applied, deadline)
        with self._lock:
            self._begun += 1
            place = self._begun
        if place == 1:
            # For a single store that is cheaper than a listing. The listing is compared with this document later.
            slow = threading.Timer(SLOW, self._listing.begin)
            slow.start()
            try:
                return self._individually(id_, applied, deadline)
            finally:
                slow.cancel()
                self._first_done.set()
        items = self._believed(deadline)
        listed = None if items is None else proven(id_, applied, items)
        if listed is None:
            _log.debug("%s: read individually, the listing does not prove it", id_)
            return self._individually(id_, applied, deadline)
        self._assembled.add(id_)
        if place % SAMPLE_EVERY == 0:
            # In the background: Pulumi's engine calls one diff after another, and each would wait for this request.
            threading.Thread(
                target=self._sample, args=(id_, applied, deadline), name="launchdarkly-sample", daemon=True
            ).start()
        return listed

    def _individually(self, id_: IntegrationId, applied: Optional[Applied], deadline: Deadline) -> Document:
        document = self._api.get(id_, deadline)
        with self._lock:
            if id_ not in self._new:
                self._to_judge.append(_Read(id_, applied, document))
        return document

    def _sample(self, id_: IntegrationId, applied: Applied, deadline: Deadline) -> None:
        with suppress(LaunchDarklyError):
            self._individually(id_, applied, deadline)
            self._believed(deadline)

    def _believed(self, deadline: Deadline) -> Optional[Items]:
        """The listing, if there is one and no store that was read individually contradicts it."""
        items = self._listing.within(deadline) if self._is_trusted else None
        if items is None or not self._clock.await_event(self._first_done, max(0.0, PATIENCE * deadline.remaining())):
            return None
        with self._lock:
            reads, self._to_judge = self._to_judge, []
        for read in reads:
            why = _contradiction(read, items)
            if why:
                self._is_trusted = False
                _log.debug("%s: the listing is not believed from now on: %s", read.id, why)
                self._warn(NOT_BELIEVED.format(id=read.id, why=why))
        return items if self._is_trusted else None


def _contradiction(read: _Read, items: Items) -> str:
    """How an integration that was read individually contradicts the listing; empty if it does not."""
    item = items.get(read.id.integration_id)
    if item is None:
        return "it is missing from the listing"
    listed, own = version_of(item), version_of(read.document)
    if listed is not None and own is not None and listed < own:
        return "the listing is older"
    applied = read.applied
    if applied is None or listed != own or not proven(read.id, applied, items):
        return ""
    differs = diff.changes(read.document, managed_document_of(applied.desired))
    return "it shows the version of the last update for a config that is another one" if differs else ""


def proven(id_: IntegrationId, applied: Applied, items: Items) -> Optional[Document]:
    """The integration with the state's config, if the listing proves that nobody has changed it since the last update.

    :param applied: what the state knows of it.
    :param items: the listing.
    :returns: ``None`` if the listing does not prove it.
    """
    item = items.get(id_.integration_id)
    if item is None or not applied.compared or applied.version is None or version_of(item) != applied.version:
        return None
    if any(item.get(field.api_name) != key for field, key in zip(KEY_FIELDS, id_.segments, strict=False)):
        return None
    document = {**item, "config": document_of(applied.desired)["config"]}
    return None if diff.changes(document, managed_document_of(applied.desired)) else document
