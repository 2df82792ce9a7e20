"""How two documents of an integration differ, field by field. Pure; the only user of deepdiff.

Only the managed fields are compared: those that the desired document has. Other fields of LaunchDarkly's document are
left alone. A field that LaunchDarkly leaves out counts as its default, tags are a set, and secrets are compared with
their masks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

from .fields import (
    ALL_SECRETS,
    CONFIG_PATH,
    REPLACED_OUTSIDE,
    Field,
    Names,
    Path,
    fields_by_path,
    is_unknown,
    name_of,
    pointer,
)
from .secrets import may_be_mask_of

Document = Mapping[str, Any]
"""An integration as a JSON object by the API's names, from LaunchDarkly or for it. LaunchDarkly may put any value into
a field, so a value's type is checked before it is used."""

NewDocument = dict[str, Any]
"""A document that was made for its caller, who may change it."""

SECRET_SHOWN = "[secret]"  # noqa: S105 - what is shown in place of one
UNKNOWN_SHOWN = "[unknown]"

LONGEST_SHOWN = 300
"""How many characters of a drifted value a message shows."""

MISSING = object()
"""Stands for the value of a field that a document does not have."""


@dataclass(frozen=True)
class Change:
    """One managed field whose value differs: its path, LaunchDarkly's value and the desired one."""

    path: Path
    actual: Any
    desired: Any

    def as_drift(self, hidden: Collection[str], names: Names = name_of) -> str:
        """The change as drift, for people: the value that was last applied and LaunchDarkly's, ``on (true → false)``.

        :param hidden: JSON Pointers to the values that must not be shown.
        :param names: gives the names of fields in messages.
        """
        place = pointer(self.path)
        if _is_hidden(place, hidden):
            return f"{names(self.path)} ({SECRET_SHOWN} → another {SECRET_SHOWN})"
        values = (_cut(visible_json(shown_value(value, place, hidden))) for value in (self.desired, self.actual))
        return f"{names(self.path)} ({' → '.join(values)})"


def changes(actual: Document, desired: Document, previous: Optional[Document] = None) -> list[Change]:
    """The managed fields that differ, in the order of ``desired``.

    :param actual: LaunchDarkly's document, secrets masked (``sup********123``).
    :param desired: what the program asks for (``documents.document_of``), secrets in full.
    :param previous: what the program asked for last time. A secret that the program has not changed since, and that
        fits the mask, does not differ. Without ``previous``, every secret that fits the mask is taken for unchanged.
    """
    fields = fields_by_path(actual.get("integrationKey"))
    paths = _managed_paths(actual, desired)
    differing = _differing(*_compared(paths, actual, desired, previous, fields))
    return [
        Change(path, actual=_member(actual, path), desired=_member(desired, path))
        for path in paths
        if path in differing
    ]


def rebased(desired: Document, kept: Sequence[Change]) -> Document:
    """The desired document with LaunchDarkly's values of some fields: a patch towards it leaves those alone."""
    secrets = {("config", field.api_name) for field in ALL_SECRETS}
    values = {change.path: REPLACED_OUTSIDE if change.path in secrets else change.actual for change in kept}
    outer = {path[-1]: value for path, value in values.items() if len(path) == 1}
    config = {path[-1]: value for path, value in values.items() if len(path) > 1}
    return {**desired, "config": {**desired["config"], **config}, **outer}


def snapshot(actual: Document, desired: Document) -> Document:
    """The managed fields of an actual document with defaults filled in, to compare a later document with."""
    fields = fields_by_path(actual.get("integrationKey"))
    part: NewDocument = {"config": {}}
    for path in _managed_paths(actual, desired):
        found = _member(actual, path)
        owner = part["config"] if len(path) > 1 else part
        owner[path[-1]] = fields[path].to_api(fields[path].default) if found in (None, MISSING) else found
    return part


def _managed_paths(actual: Document, desired: Document) -> list[Path]:
    """The fields to compare: the fields of the config individually if both documents have a config, else as a whole."""
    paths: list[Path] = [(name,) for name in desired if name != "config"]
    config = desired.get("config", {})
    if isinstance(config, Mapping) and isinstance(actual.get("config"), Mapping):
        return paths + [("config", name) for name in config]
    return [*paths, CONFIG_PATH]


def _compared(
    paths: Sequence[Path],
    actual: Document,
    desired: Document,
    previous: Optional[Document],
    fields: Mapping[Path, Field],
) -> tuple[NewDocument, NewDocument]:
    """The managed fields of both documents, without those that are equal: deepdiff takes long, and most are equal."""
    sides: tuple[NewDocument, NewDocument] = {}, {}
    for path in paths:
        wanted, current = _member(desired, path), _member(actual, path)
        if path in fields and current in (None, MISSING):
            current = fields[path].to_api(fields[path].default)
        if path in fields and fields[path].secret:
            current = _settled_secret(current, wanted, _member(previous, path) if previous else wanted)
        if _is_plainly_equal(current, wanted):
            continue
        values = _as_set(current), _as_set(wanted)
        for side, value in zip(sides, values, strict=True):
            owner = side.setdefault("config", {}) if len(path) > 1 else side
            owner[path[-1]] = value
    return sides


def _is_plainly_equal(one: object, other: object) -> bool:
    """Whether two values are equal and of the same type: in Python, unlike in JSON, ``True`` equals 1.

    Lists are compared as sets. Most have the same strings in the same order, which is seen without making sets: for
    10,000 tags in half the time.
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return (one == other and _has_only_strings(one)) or same_members(one, other)
    return isinstance(one, (str, bool)) and bool(one == other)


def _differing(actual: Document, desired: Document) -> set[Path]:
    """The paths of the fields that differ; for tags, the path of the whole set."""
    if not desired:
        return set()
    from deepdiff import DeepDiff

    found = DeepDiff(actual, desired, view="tree", custom_operators=[_sets_as_a_whole()])
    paths = (tuple(level.path(output_format="list")) for levels in found.values() for level in levels)
    return {path[:2] if path[:1] == CONFIG_PATH else path[:1] for path in paths}


@lru_cache(maxsize=1)
def _sets_as_a_whole() -> Any:
    """An operator for deepdiff that compares sets by ``==``: deepdiff would hash each member, 25 ms for 1,000 tags.

    NOTE: a function, since deepdiff takes 50 ms to import, and most runs find nothing to compare.
    """
    from deepdiff.operator import BaseOperator

    class SetsAsAWhole(BaseOperator):
        def match(self, level: Any) -> bool:
            return isinstance(level.t1, frozenset) and isinstance(level.t2, frozenset)

        def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
            if level.t1 != level.t2:
                diff_instance.custom_report_result("set_changed", level)
            return True

    return SetsAsAWhole(types=[frozenset])


def _settled_secret(mask: object, wanted: str, previous: object) -> Optional[str]:
    """The wanted secret if LaunchDarkly may have it; otherwise ``None``, which differs from every secret."""
    surely_same = wanted == REPLACED_OUTSIDE or (not mask and not wanted)
    return wanted if surely_same or (previous == wanted and may_be_mask_of(mask, wanted)) else None


def _as_set(value: object) -> object:
    """A list as a set of its members; in LaunchDarkly's document these may be of any type, hashable or not."""
    if not isinstance(value, list):
        return value
    return _members(value)


def is_of_strings(value: object) -> bool:
    """Whether a value is a list that holds nothing but strings."""
    return isinstance(value, list) and _has_only_strings(value)


def same_members(one: object, other: object) -> bool:
    """Whether two values are lists with the same set of members, of any types."""
    if not isinstance(one, (list, tuple)) or not isinstance(other, (list, tuple)):
        return False
    return _members(one) == _members(other)


def _members(values: Sequence[object]) -> frozenset[object]:
    """The set of a list's members in a form that can be compared: the members need not be hashable.

    Strings stand for themselves where there is nothing else, as in most lists: there may be thousands. Otherwise each
    member is in a tuple, which no string equals.
    """
    if _has_only_strings(values):
        return frozenset(values)
    return frozenset((repr(each),) for each in values)


def _has_only_strings(values: Sequence[object]) -> bool:
    return all(isinstance(each, str) for each in values)


def _member(document: Document, path: Path) -> Any:
    found: Any = document
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return MISSING
        found = found[name]
    return found


def shown_value(value: object, place: str, hidden: Collection[str]) -> object:
    """A value for people: a placeholder stands for each secret, and for each value that is not known yet.

    :param place: the JSON Pointer to the value.
    :param hidden: JSON Pointers to the values that must not be shown.
    """
    if _is_hidden(place, hidden):
        return SECRET_SHOWN
    if isinstance(value, Mapping):
        return {name: shown_value(inner, f"{place}/{name}", hidden) for name, inner in value.items()}
    if isinstance(value, list):
        return [shown_value(inner, place, hidden) for inner in value]
    return UNKNOWN_SHOWN if is_unknown(value) else value


def _is_hidden(place: str, hidden: Collection[str]) -> bool:
    return any(place == each or place.startswith(each + "/") for each in hidden)


def visible_json(value: object) -> str:
    """JSON for people, with every unprintable character escaped: a terminal could act on it, or reorder the line."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in as_json(value))


def _cut(shown_value: str) -> str:
    """A value of which a message shows only the beginning if it is long: others may have written any length."""
    return shown_value if len(shown_value) <= LONGEST_SHOWN else f"{shown_value[:LONGEST_SHOWN]}…"


def as_json(value: object) -> str:
    """JSON without white space; ``null`` for :data:`MISSING`."""
    return json.dumps(None if value is MISSING else value, ensure_ascii=False, separators=(",", ":"))
