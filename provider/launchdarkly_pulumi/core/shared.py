"""What the runs of one process share of an account: several stacks that are deployed side by side have one plugin.

Rate limits count the requests of an account, whoever sends them, so the pace is common. So is the account's listing,
which shows the stores of all stacks. Everything else belongs to one run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ..api.clock import Clock, Deadline
from ..api.json_bodies import Document
from ..api.json_stream import Keep
from ..api.throttle import Line
from ..errors import Interrupted, LaunchDarklyError, Unreachable
from .settings import Settings

LONGEST_AGE = 30.0
"""Seconds after which no run begins with a listing that another one has requested."""

Items = Mapping[str, Document]
"""Integrations without their configs, by LaunchDarkly's ID."""

Common = dict[object, Any]
"""Values that many items have in common."""

ListAll = Callable[[Deadline, Keep], Sequence[Document]]
"""Reads every integration of the account, without configs, and keeps a part of each."""

NOT_COMPARED = "_status"
"""What LaunchDarkly notes of an integration's synchronization."""


def too_late() -> Unreachable:
    """The error for a listing that is not there in time."""
    return Unreachable("GET big segment stores", "LaunchDarkly did not respond in time")


class _Request:
    """One request for the listing, which several runs may await.

    :param began: when, by the clock.
    :param writes: the number of writes at that time.
    :param before: the items of the last listing.
    :param once: the values that items have in common.
    """

    def __init__(self, began: float, writes: int, before: Items, once: Common) -> None:
        self.began, self.writes = began, writes
        self._before, self._once = before, once
        self.done = threading.Event()
        self.items: Optional[Items] = None
        self.failure: Optional[LaunchDarklyError] = None

    @property
    def newest(self) -> Items:
        """Its items; until they are there, those of the last listing."""
        return self._before if self.items is None else self.items

    @property
    def has_failed(self) -> bool:
        """Whether it has ended without a listing."""
        return self.done.is_set() and self.items is None

    def send(self, list_all: ListAll, deadline: Deadline) -> None:
        """Requests the listing."""
        try:
            self.items = {each["_id"]: each for each in list_all(deadline, keeping(self._before, self._once))}
            self._before = {}
        except LaunchDarklyError as error:
            self.failure = error
        finally:
            self.done.set()


def keeping(before: Items, once: Common) -> Keep:
    """Keeps what runs compare, once: runs side by side may each have a listing of thousands of items.

    :param before: the items of the last listing, nearly all of which are in the next one as they are.
    :param once: the strings and the lists of tags that were kept so far, each by itself or as a tuple.
    """

    def keep(item: Document) -> Document:
        kept = {name: value for name, value in item.items() if name != NOT_COMPARED}
        known = before.get(kept["_id"])
        if known is not None and _is_same(known, kept):
            return known
        for name, value in kept.items():
            if isinstance(value, str) and name != "_id":
                kept[name] = once.setdefault(value, value)
        tags = kept.get("tags")
        if tags:
            kept["tags"] = once.setdefault((*tags,), [once.setdefault(tag, tag) for tag in tags])
        return kept

    return keep


def _is_same(one: Document, other: Document) -> bool:
    """Whether two items have the same values, of the same types: 1 is not true."""
    return one == other and all(type(value) is type(other[name]) for name, value in one.items())


class Listings:
    """The account's last listing, which the runs of a process take from each other.

    A run never begins with a listing that is older than ``LONGEST_AGE``, nor with one that was requested before a write
    of this process: a run that follows another one of the same stack sees what that one has done.

    :param writes: a number that is another one after each write.
    """

    def __init__(self, writes: Callable[[], int] = lambda: 0) -> None:
        self._writes = writes
        self._lock = threading.Lock()
        self._last: Optional[_Request] = None
        self._once: Common = {}

    def items(self, list_all: ListAll, deadline: Deadline, clock: Clock) -> Items:
        """The listing: one that another run has requested, or waits for, or a new one.

        :param list_all: requests it.
        :raises LaunchDarklyError: the request has failed.
        """
        while True:
            request, is_new = self._request(clock.monotonic())
            if is_new:
                request.send(list_all, deadline)
            elif not clock.await_event(request.done, max(0.0, deadline.remaining())):
                raise too_late()
            if request.items is not None:
                return request.items
            # The run that has requested it may have been cancelled: that is none of the others' concern.
            if is_new or not isinstance(request.failure, Interrupted):
                raise request.failure or Interrupted

    def _request(self, now: float) -> tuple[_Request, bool]:
        writes = self._writes()
        with self._lock:
            last = self._last
            if last and not last.has_failed and last.writes == writes and now - last.began <= LONGEST_AGE:
                return last, False
            self._last = _Request(now, writes, last.newest if last else {}, self._once)
            return self._last, True


class SharedByRuns:
    """What the runs of one process share of an account.

    :param settings: those of its first run.
    """

    def __init__(self, settings: Settings) -> None:
        self.line = Line(settings.max_concurrency)
        self.listings = Listings(lambda: self.line.writes)


class Accounts:
    """The accounts of a process, told apart by host and token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[tuple[str, Optional[str]], SharedByRuns] = {}

    def of(self, settings: Settings) -> SharedByRuns:
        """What the runs with these settings share; ``max_concurrency`` is that of the first of them."""
        with self._lock:
            return self._shared.setdefault((settings.base_url, settings.access_token), SharedByRuns(settings))
