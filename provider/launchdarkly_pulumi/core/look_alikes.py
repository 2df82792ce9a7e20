"""Compares integrations by what a listing shows of them, which is everything but their configs. Sends no requests.

Here belongs whether a listed integration may be the declared one, and whether two declared ones could be told apart in
a listing: if not, they are created one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ..api.clock import LONGEST_DEAFNESS, Clock
from ..model.desired import Desired, Values
from ..model.diff import Document, same_members
from ..model.documents import document_of, keys_of
from ..model.fields import INTEGRATION_FIELDS, KEY_FIELDS, path_of

_SHOWN_IN_A_LISTING = {f.name: f.default for f in INTEGRATION_FIELDS if f.name not in ("name", "tags")}

Intent = Values
"""The declared values of a store that a listing would show, and that a note may keep: no config, and no secrets."""


def intent_of(desired: Desired) -> dict[str, Any]:
    """The declared values that a listing would show of the integration that is about to be created."""
    shown = {name: value for name, value in desired.values.items() if name != "config"}
    return {name: value for name, value in shown.items() if path_of(name) not in desired.secret}


def in_place_of(items: Iterable[Document], intent: Intent) -> list[Document]:
    """The integrations that may have the keys of a declared store: all but those with another one that is a string.

    :param intent: what is declared; a key that it does not have, since it is a secret, may be any.
    """
    for name, api_name in ((f.name, f.api_name) for f in KEY_FIELDS if f.name in intent):
        key = intent[name]
        items = [each for each in items if not isinstance(found := each.get(api_name), str) or found == key]
    return [*items]


def shown_keys(item: Document) -> tuple[object, ...]:
    """The keys that a listed integration has: project, environment and kind."""
    return tuple(item.get(f.api_name) for f in KEY_FIELDS)


def is_like(document: Document, desired: Desired) -> bool:
    """Whether a listed integration is as declared, as far as a listing shows it."""
    asked = document_of(desired)
    return (
        shown_keys(document) == keys_of(desired)
        and document.get("on") == asked["on"]
        and same_members(document.get("tags") or (), asked["tags"])
        and document.get("name") == asked.get("name", document.get("name"))
    )


def look_alike(one: Intent, other: Intent) -> bool:
    """Whether a listing may show the same for two stores; a name that LaunchDarkly chooses may equal any other."""
    alike = all(one.get(name, default) == other.get(name, default) for name, default in _SHOWN_IN_A_LISTING.items())
    names = {one.get("name"), other.get("name")}
    same_tags = same_members(one.get("tags", ()), other.get("tags", ()))
    return alike and same_tags and (None in names or len(names) == 1)


class Turns:
    """Lets only one of several stores that look alike be created at a time.

    In a listing, nobody could tell which of two such new integrations belongs to which create.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way: list[Intent] = []

    @contextmanager
    def of(self, intent: Intent) -> Iterator[None]:
        """Waits until no store that looks alike is being created.

        :raises Interrupted: the run is being cancelled.
        """
        with self._changed:
            while any(look_alike(intent, each) for each in self._under_way):
                self._clock.require_running()
                self._changed.wait(LONGEST_DEAFNESS)
            self._under_way.append(intent)
        try:
            yield
        finally:
            with self._changed:
                self._under_way.remove(intent)
                self._changed.notify_all()
