"""What a listing shows of an integration, and which integrations it could not tell apart.

A listing has no config. Here is what is compared by what it does have: a declaration with what is listed, and two
declarations with each other, of which one waits for the other. Nothing here sends a request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..api.clock import LONGEST_DEAFNESS, Clock
from ..model.desired import Desired
from ..model.diff import Document, same_members
from ..model.documents import document_of, keys_of
from ..model.fields import INTEGRATION_FIELDS, KEY_FIELDS, path_of

_SHOWN_IN_A_LISTING = {f.name: f.default for f in INTEGRATION_FIELDS if f.name not in ("name", "tags")}

Intent = Mapping[str, Any]
"""The values of a store, by the names of the table, that a listing shows and a note may keep."""


def intent_of(desired: Desired) -> dict[str, Any]:
    """What is about to be created, as far as a listing would show it, which is without its config."""
    shown = {name: value for name, value in desired.values.items() if name != "config"}
    return {name: value for name, value in shown.items() if path_of(name) not in desired.secret}


def is_like(document: Document, desired: Desired) -> bool:
    """Whether a listed integration is what was asked for, as far as a listing shows it."""
    keys = tuple(document.get(f.api_name) for f in KEY_FIELDS)
    asked = document_of(desired)
    return (
        keys == keys_of(desired)
        and document.get("on") == asked["on"]
        and same_members(document.get("tags") or (), asked["tags"])
        and document.get("name") == asked.get("name", document.get("name"))
    )


def look_alike(one: Intent, other: Intent) -> bool:
    """Whether a listing may show the same of both; a name that LaunchDarkly chooses may be any."""
    alike = all(one.get(name, default) == other.get(name, default) for name, default in _SHOWN_IN_A_LISTING.items())
    names = {one.get("name"), other.get("name")}
    same_tags = same_members(one.get("tags", ()), other.get("tags", ()))
    return alike and same_tags and (None in names or len(names) == 1)


class Turns:
    """One create at a time of those that look alike: which of two new integrations is whose could not be told apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way: list[Intent] = []

    @contextmanager
    def of(self, intent: Intent) -> Iterator[None]:
        """Waits until nothing is being created that a listing could show in place of this."""
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
