"""The minimal JSON Patch (RFC 6902) that turns the actual integration into the desired one.

Pure: documents in, operations out, in the API's names. Only the managed fields are looked at, those
that the desired document has; whatever else LaunchDarkly keeps is left alone. Minimal means: one
operation for each changed field, and for the tags, which are a set, the edits or the whole list,
whichever is fewer bytes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from .documents import members
from .fields import ALL_SECRETS, REPLACED_OUTSIDE, Field, Path, fields_by_path, is_unknown, pointer
from .secrets import may_be_mask_of, require_known_secrets

Document = Mapping[str, Any]
Operation = dict[str, Any]

CONFIG_PATH: Path = ("config",)
TAGS_PATH: Path = ("tags",)
SECRET_SHOWN = "[secret]"  # noqa: S105 - what is shown in place of one
UNKNOWN_SHOWN = "[unknown]"

LONGEST_SHOWN = 300
"""Characters of a drifted value that are shown."""

_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One managed field whose value differs."""

    path: Path
    actual: Any
    desired: Any

    def as_drift(self, hidden: Collection[str]) -> str:
        """For people: the value that was last applied and what LaunchDarkly has instead, ``on (true → false)``.

        :param hidden: pointers to what must not be shown.
        """
        place = pointer(self.path)
        if _is_hidden(place, hidden):
            return f"{'.'.join(self.path)} ({SECRET_SHOWN} → another {SECRET_SHOWN})"
        values = (_cut(_visible_json(_shown_value(value, place, hidden))) for value in (self.desired, self.actual))
        return f"{'.'.join(self.path)} ({' → '.join(values)})"


class _Views(NamedTuple):
    """Both documents as deepdiff compares them: the same managed paths, tags as sets, secrets settled."""

    actual: dict[str, Any]
    desired: dict[str, Any]


def minimal_patch(actual: Document, desired: Document, previous: Optional[Document] = None) -> list[Operation]:
    """The fewest and shortest operations that give ``actual`` the values of ``desired``; empty when nothing differs.

    :param actual: LaunchDarkly's document, secrets masked (``sup********123``).
    :param desired: what the program asks for (``models.document_of``), secrets in full.
    :param previous: what the program asked for last time. A secret that it has not changed since, and that
        the mask can stand for, is not sent. Without it the mask alone decides.
    """
    return operations_for(changes(actual, desired, previous))


def operations_for(differing: Sequence[Change]) -> list[Operation]:
    """The fewest and shortest operations that make these changes."""
    return [operation for change in differing for operation in _operations(change)]


def changes(actual: Document, desired: Document, previous: Optional[Document] = None) -> list[Change]:
    """The managed fields that differ, in the order of ``desired``; arguments as for :func:`minimal_patch`."""
    fields = fields_by_path(actual.get("integrationKey"))
    paths = _managed_paths(actual, desired)
    differing = _differing(_views(paths, actual, desired, previous, fields))
    return [
        Change(path, actual=_member(actual, path), desired=_member(desired, path))
        for path in paths
        if pointer(path) in differing
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
        owner[path[-1]] = fields[path].to_api(fields[path].default) if found in (None, _MISSING) else found
    return part


def guarded(operations: Sequence[Operation], version: int) -> list[Operation]:
    """The operations behind the documented precondition: LaunchDarkly applies them to this version only."""
    return [{"op": "test", "path": "/version", "value": version}, *operations]


def with_config_whole(operations: Sequence[Operation], actual: Document, desired: Document) -> list[Operation]:
    """The same patch with one replacement of ``/config`` for all edits inside it, as LaunchDarkly's own tools send.

    Members of the config that are not managed are kept; secrets come from the program, since the
    actual document has only their masks.

    :raises UnknownSecret: there is a secret that the program does not give.
    """
    if not edits_inside_config(operations):
        return list(operations)
    kept = {key: REPLACED_OUTSIDE if _masked(value) else value for key, value in actual["config"].items()}
    config = {**kept, **desired["config"]}
    require_known_secrets(config)
    whole = {"op": "replace", "path": pointer(CONFIG_PATH), "value": config}
    return [op for op in operations if not _inside_config(op)] + [whole]


def edits_inside_config(operations: Sequence[Operation]) -> bool:
    """Whether an operation points below ``/config``, which the beta endpoint may refuse."""
    return any(_inside_config(op) for op in operations)


def shown(operations: Sequence[Operation], hidden: Collection[str]) -> str:
    """The patch as JSON for people: what is sent, but for hidden values and those that are not known yet.

    :param hidden: pointers to what must not be shown (``models.hidden_pointers``).
    """
    return _visible_json(
        [{**op, "value": _shown_value(op["value"], op["path"], hidden)} if "value" in op else op for op in operations]
    )


def encoded(operations: Sequence[Operation]) -> bytes:
    """The patch as it is sent: JSON without white space, UTF-8."""
    return _json(operations).encode()


def _managed_paths(actual: Document, desired: Document) -> list[Path]:
    """The fields to compare: those of the config one by one where both sides have a config to look into."""
    paths: list[Path] = [(name,) for name in desired if name != "config"]
    config = desired.get("config", {})
    if isinstance(config, Mapping) and isinstance(actual.get("config"), Mapping):
        return paths + [("config", name) for name in config]
    return [*paths, CONFIG_PATH]


def _views(
    paths: Sequence[Path],
    actual: Document,
    desired: Document,
    previous: Optional[Document],
    fields: Mapping[Path, Field],
) -> _Views:
    views = _Views({}, {})
    for path in paths:
        wanted, current = _member(desired, path), _member(actual, path)
        if path in fields and current in (None, _MISSING):
            current = fields[path].to_api(fields[path].default)
        if path in fields and fields[path].secret:
            current = _settled_secret(current, wanted, _member(previous, path) if previous else wanted)
        views.actual[pointer(path)] = _comparable(current)
        views.desired[pointer(path)] = _comparable(wanted)
    return views


def _differing(views: _Views) -> set[str]:
    """The pointers to what differs. What is plainly equal, most of it, is not worth a look of deepdiff's."""
    places = [place for place, value in views.desired.items() if not _is_plainly_equal(views.actual[place], value)]
    if not places:
        return set()
    from deepdiff import DeepDiff

    actual, desired = ({place: view[place] for place in places} for view in views)
    tree = DeepDiff(actual, desired, view="tree")
    return {level.path(output_format="list")[0] for levels in tree.values() for level in levels}


def _is_plainly_equal(one: Any, other: Any) -> bool:
    """Equal, and of the same type: to Python, unlike to JSON, ``True`` is 1."""
    return type(one) is type(other) and isinstance(one, (str, bool)) and bool(one == other)


def _settled_secret(mask: Any, wanted: str, previous: Any) -> Optional[str]:
    """The wanted secret where LaunchDarkly may have it; otherwise ``None``, which differs from every secret."""
    surely_same = wanted == REPLACED_OUTSIDE or (not mask and not wanted)
    return wanted if surely_same or (previous == wanted and may_be_mask_of(mask, wanted)) else None


def _comparable(value: Any) -> Any:
    """A set as one text: deepdiff would look at each of its members, and nobody asks which of them differ."""
    return repr(members(value)) if isinstance(value, list) else value


def _operations(change: Change) -> list[Operation]:
    kind = "add" if change.actual is _MISSING else "replace"
    whole = [{"op": kind, "path": pointer(change.path), "value": change.desired}]
    if change.path == TAGS_PATH and _is_of_strings(change.actual) and _is_of_strings(change.desired):
        return min(whole, _tag_edits(change.actual, change.desired), key=lambda operations: len(encoded(operations)))
    return whole


def _is_of_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _tag_edits(current: Sequence[str], wanted: Sequence[str]) -> list[Operation]:
    """Single edits: a superfluous tag makes room for a new one while there are both.

    The lowest positions are removed, from the lowest up, which leaves the shortest pointers to the others.
    """
    has, wants = set(current), set(wanted)
    added = [tag for tag in wanted if tag not in has]
    superfluous = [index for index, tag in enumerate(current) if tag not in wants]
    surplus = max(len(superfluous) - len(added), 0)
    removed, reused = superfluous[:surplus], superfluous[surplus:]
    removals = [{"op": "remove", "path": f"/tags/{index - done}"} for done, index in enumerate(removed)]
    replacements = [
        {"op": "replace", "path": f"/tags/{index - surplus}", "value": tag}
        for index, tag in zip(reused, added, strict=False)
    ]
    additions = [{"op": "add", "path": "/tags/-", "value": tag} for tag in added[len(reused) :]]
    return [*removals, *replacements, *additions]


def _member(document: Document, path: Path) -> Any:
    found: Any = document
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return _MISSING
        found = found[name]
    return found


def _masked(value: Any) -> bool:
    return isinstance(value, str) and "***" in value


def _inside_config(operation: Operation) -> bool:
    return str(operation["path"]).startswith(pointer(CONFIG_PATH) + "/")


def _shown_value(value: Any, place: str, hidden: Collection[str]) -> Any:
    if _is_hidden(place, hidden):
        return SECRET_SHOWN
    if isinstance(value, Mapping):
        return {name: _shown_value(inner, f"{place}/{name}", hidden) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shown_value(inner, place, hidden) for inner in value]
    return UNKNOWN_SHOWN if is_unknown(value) else value


def _is_hidden(place: str, hidden: Collection[str]) -> bool:
    return any(place == each or place.startswith(each + "/") for each in hidden)


def _visible_json(value: Any) -> str:
    """What others have written may hold characters that a terminal acts on, or that reorder its line."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in _json(value))


def _cut(shown_value: str) -> str:
    """What people read of a value: others may have written any."""
    return shown_value if len(shown_value) <= LONGEST_SHOWN else f"{shown_value[:LONGEST_SHOWN]}…"


def _json(value: Any) -> str:
    return json.dumps(None if value is _MISSING else value, ensure_ascii=False, separators=(",", ":"))
