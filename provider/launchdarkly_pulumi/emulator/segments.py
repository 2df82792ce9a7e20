"""The members of big segments, and how they are named in a store."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from .integration import Environment
from .options import KEY

GENERATION = 1
"""Of each segment. LaunchDarkly begins another one when it writes a segment anew; flags name it with the segment."""

INCLUDE, EXCLUDE = "include", "exclude"

NOBODY: frozenset[str] = frozenset()

SetName = tuple[str, str]
"""A segment's reference in a store, as ``beta.g1``, and ``include`` or ``exclude``."""

_PATH = re.compile(rf"({KEY.pattern})/({KEY.pattern})/({KEY.pattern})")


@dataclass(frozen=True)
class Patch:
    """Contexts, by their hashes, that a segment gains or loses."""

    reference: str
    kind: str
    adds: bool
    hashes: tuple[str, ...]


class Segments:
    """The big segments of an account: who is in them, for many threads at a time."""

    def __init__(self, members: Mapping[str, Iterable[str]]) -> None:
        self._lock = threading.Lock()
        self._sets: dict[Environment, dict[SetName, frozenset[str]]] = {}
        self.update(members)

    def update(self, members: Mapping[str, Iterable[str]]) -> None:
        """Say who is in some segments."""
        for path, keys in members.items():
            self.change(path, keys)

    def change(self, path: str, included: Iterable[str], excluded: Iterable[str] = ()) -> None:
        """Say who is in ``PROJECT/ENVIRONMENT/SEGMENT``, by the keys of contexts, and who is expressly not."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise ValueError("a segment must be PROJECT/ENVIRONMENT/SEGMENT, by their keys")
        project, environment, segment = found.groups()
        reference = f"{segment}.g{GENERATION}"
        sets = {(reference, INCLUDE): _keys(included), (reference, EXCLUDE): _keys(excluded)}
        with self._lock:
            self._sets.setdefault(Environment(project, environment), {}).update(sets)

    def of(self, environment: Environment) -> dict[SetName, frozenset[str]]:
        """The sets of an environment, by their names; a segment that nobody is in any more has empty ones."""
        with self._lock:
            return dict(self._sets.get(environment, {}))


def _keys(keys: Iterable[str]) -> frozenset[str]:
    if isinstance(keys, str):
        raise ValueError("the members of a segment must be several keys, not one string")
    found = frozenset(keys)
    for key in found:
        if not isinstance(key, str) or not key:
            raise ValueError("the key of a context must be a string that is not empty")
        key.encode()  # a ValueError for what UTF-8 cannot write
    return found


def context_hash(key: str) -> str:
    """What stands for a context in a store. Its kind is not in it."""
    return base64.b64encode(hashlib.sha256(key.encode()).digest()).decode()


class Copy:
    """What one store holds of an environment's segments, as far as is known here."""

    def __init__(self) -> None:
        self._sure: dict[SetName, frozenset[str]] = {}
        self._possible: dict[SetName, tuple[frozenset[str], ...]] = {}
        """Whose keys may be in the store: what was written, and what was tried since."""

    def doubt(self) -> None:
        """The store may have lost what was written."""
        self._sure = {}

    def patches(self, wanted: Mapping[SetName, frozenset[str]], size: int) -> Iterator[Patch]:
        """What leads to these sets. A patch counts as written only when the next one is asked for."""
        for name, keys in wanted.items():
            sure = self._sure.pop(name, NOBODY)
            if sure is not keys:
                yield from self._changes(name, sure, keys, size)
            self._sure[name] = keys

    def _changes(self, name: SetName, sure: frozenset[str], keys: frozenset[str], size: int) -> Iterator[Patch]:
        possible = self._possible.get(name, ())
        if not any(each is keys for each in possible):
            # Few of them: no set is copied where writing works.
            self._possible[name] = (keys, *possible) if len(possible) < 2 else (keys, NOBODY.union(*possible))
        gone = (key for each in possible for key in each if key not in keys)
        new = (key for key in keys if key not in sure)
        for adds, changed in ((False, gone), (True, new)):
            while batch := tuple(context_hash(key) for key in islice(changed, size)):
                yield Patch(*name, adds, batch)
        self._possible[name] = (keys,)
