"""How two documents of an integration differ, field by field. Pure; the only user of deepdiff.

Only the managed fields are compared, those that the desired document has; whatever else LaunchDarkly keeps is left
alone. A field that LaunchDarkly leaves out has its default, tags are a set, and a secret is compared with its mask.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

from .documents import members
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

SECRET_SHOWN = "[secret]"  # noqa: S105 - what is shown in place of one
UNKNOWN_SHOWN = "[unknown]"

LONGEST_SHOWN = 300
"""Characters of a drifted value that are shown."""

MISSING = object()
"""The value of a field that a document does not have."""


@dataclass(frozen=True)
class Change:
    """One managed field whose value differs."""

    path: Path
    actual: Any
    desired: Any

    def as_drift(self, hidden: Collection[str], names: Names = name_of) -> str:
        """For people: the value that was last applied and what LaunchDarkly has instead, ``on (true → false)``.

        :param hidden: pointers to what must not be shown.
        :param names: what fields are called.
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
    :param previous: what the program asked for last time. A secret that it has not changed since, and that
        the mask can stand for, does not differ. Without it the mask alone decides.
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
    """The desired document with these fields as they are now: a patch towards it leaves them alone."""
    document: dict[str, Any] = {**desired, "config": dict(desired["config"])}
    secrets = {("config", field.api_name) for field in ALL_SECRETS}
    for change in kept:
        owner = document["config"] if len(change.path) > 1 else document
        owner[change.path[-1]] = REPLACED_OUTSIDE if change.path in secrets else change.actual
    return document


def snapshot(actual: Document, desired: Document) -> Document:
    """The managed part of an actual document, to compare a later one with."""
    fields = fields_by_path(actual.get("integrationKey"))
    part: dict[str, Any] = {"config": {}}
    for path in _managed_paths(actual, desired):
        found = _member(actual, path)
        owner = part["config"] if len(path) > 1 else part
        owner[path[-1]] = fields[path].to_api(fields[path].default) if found in (None, MISSING) else found
    return part


def _managed_paths(actual: Document, desired: Document) -> list[Path]:
    """The fields to compare: those of the config one by one where both sides have a config to look into."""
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
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The managed part of both documents, without what is plainly equal: most of it is, and deepdiff takes its time."""
    sides: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for path in paths:
        wanted, current = _member(desired, path), _member(actual, path)
        if path in fields and current in (None, MISSING):
            current = fields[path].to_api(fields[path].default)
        if path in fields and fields[path].secret:
            current = _settled_secret(current, wanted, _member(previous, path) if previous else wanted)
        values = _as_set(current), _as_set(wanted)
        if _is_plainly_equal(*values):
            continue
        for side, value in zip(sides, values, strict=True):
            owner = side.setdefault("config", {}) if len(path) > 1 else side
            owner[path[-1]] = value
    return sides


def _is_plainly_equal(one: Any, other: Any) -> bool:
    """Equal, and of the same type: to Python, unlike to JSON, ``True`` is 1."""
    return type(one) is type(other) and isinstance(one, (str, bool, frozenset)) and bool(one == other)


def _differing(actual: Document, desired: Document) -> set[Path]:
    """The paths of what differs; for tags, of the whole set."""
    if not desired:
        return set()
    from deepdiff import DeepDiff

    found = DeepDiff(actual, desired, view="tree", ignore_order=True, custom_operators=[_sets_as_a_whole()])
    paths = (tuple(level.path(output_format="list")) for levels in found.values() for level in levels)
    return {path[:2] if path[:1] == CONFIG_PATH else path[:1] for path in paths}


@lru_cache(maxsize=1)
def _sets_as_a_whole() -> Any:
    """Compares sets by ``==``: deepdiff would hash each member, 25 ms for a thousand tags.

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


def _settled_secret(mask: Any, wanted: str, previous: Any) -> Optional[str]:
    """The wanted secret where LaunchDarkly may have it; otherwise ``None``, which differs from every secret."""
    surely_same = wanted == REPLACED_OUTSIDE or (not mask and not wanted)
    return wanted if surely_same or (previous == wanted and may_be_mask_of(mask, wanted)) else None


def _as_set(value: Any) -> Any:
    """A list as a set of its members, which may be anything in LaunchDarkly's document."""
    if not isinstance(value, list):
        return value
    return frozenset(value) if is_of_strings(value) else frozenset(members(value))


def is_of_strings(value: Any) -> bool:
    """Whether it is a list of strings alone."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _member(document: Document, path: Path) -> Any:
    found: Any = document
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return MISSING
        found = found[name]
    return found


def shown_value(value: Any, place: str, hidden: Collection[str]) -> Any:
    """A value for people: what the pointers hide, and what is not known yet, is not in it."""
    if _is_hidden(place, hidden):
        return SECRET_SHOWN
    if isinstance(value, Mapping):
        return {name: shown_value(inner, f"{place}/{name}", hidden) for name, inner in value.items()}
    if isinstance(value, list):
        return [shown_value(inner, place, hidden) for inner in value]
    return UNKNOWN_SHOWN if is_unknown(value) else value


def _is_hidden(place: str, hidden: Collection[str]) -> bool:
    return any(place == each or place.startswith(each + "/") for each in hidden)


def visible_json(value: Any) -> str:
    """What others have written may hold characters that a terminal acts on, or that reorder its line."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in as_json(value))


def _cut(shown_value: str) -> str:
    """What people read of a value: others may have written any."""
    return shown_value if len(shown_value) <= LONGEST_SHOWN else f"{shown_value[:LONGEST_SHOWN]}…"


def as_json(value: Any) -> str:
    """JSON without white space; ``null`` for what is missing."""
    return json.dumps(None if value is MISSING else value, ensure_ascii=False, separators=(",", ":"))
