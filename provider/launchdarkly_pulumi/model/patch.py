"""The minimal JSON Patch (RFC 6902) that turns the actual integration into the desired one.

Pure: documents in, operations out, in the API's names. A patch changes only the managed fields, which
are those that the desired document has. Minimal means: one operation for each changed field, and for
the tags, which are a set, either edits or the whole list, whichever is fewer bytes. Before a patch is
sent, `misses` applies it with jsonpatch to check its result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Optional

from .diff import (
    MISSING,
    Change,
    Document,
    as_json,
    changes,
    is_of_strings,
    shown_value,
    visible_json,
)
from .fields import CONFIG_PATH, REPLACED_OUTSIDE, Path, pointer
from .secrets import require_known_secrets

Operation = dict[str, Any]
"""One operation of a JSON Patch: ``op``, ``path`` and, unless it removes, ``value``."""

TAGS_PATH: Path = ("tags",)


def minimal_patch(actual: Document, desired: Document, previous: Optional[Document] = None) -> list[Operation]:
    """The fewest and shortest operations that give ``actual`` the values of ``desired``; empty when nothing differs.

    The parameters are those of :func:`diff.changes`.
    """
    return operations_for(changes(actual, desired, previous))


def operations_for(differing: Sequence[Change]) -> list[Operation]:
    """The fewest and shortest operations that make these changes."""
    return [operation for change in differing for operation in _operations(change)]


def guarded(operations: Sequence[Operation], version: int) -> list[Operation]:
    """The operations after a ``test /version``, as documented: LaunchDarkly applies them to this version only."""
    return [{"op": "test", "path": "/version", "value": version}, *operations]


def with_config_whole(operations: Sequence[Operation], actual: Document, desired: Document) -> list[Operation]:
    """The same patch with one replacement of ``/config`` for all edits inside it, as LaunchDarkly's own tools send it.

    Members of the config that are not managed are kept. Secrets come from the program, since the actual document has
    only their masks.

    :raises UnknownSecret: the config has a secret that the program does not give.
    """
    if not edits_inside_config(operations):
        return list(operations)
    kept = {key: REPLACED_OUTSIDE if _masked(value) else value for key, value in actual["config"].items()}
    config = {**kept, **desired["config"]}
    require_known_secrets(config)
    whole = {"op": "replace", "path": pointer(CONFIG_PATH), "value": config}
    return [op for op in operations if not _inside_config(op)] + [whole]


def edits_inside_config(operations: Sequence[Operation]) -> bool:
    """Whether any operation points below ``/config``, which the beta endpoint may refuse."""
    return any(_inside_config(op) for op in operations)


def misses(operations: Sequence[Operation], actual: Document, desired: Document) -> list[str]:
    """Applies a patch to the actual document, and returns JSON Pointers to what is wrong in the result.

    Every managed field must have its desired value, and every other field the value that it had. A secret that is not
    sent is right if the desired one fits its mask. The list is empty if the patch is right.
    """
    from jsonpatch import JsonPatchException, JsonPointerException, apply_patch

    try:
        reached = apply_patch(_copy(actual), operations, in_place=True)
    except (JsonPatchException, JsonPointerException, LookupError, TypeError, ValueError) as error:
        return [f"any field: it cannot be applied ({type(error).__name__})"]
    missed = [pointer(change.path) for change in changes(reached, desired, desired)]
    missed += [f"/{name}" for name in _unlike(actual, reached) if name not in desired]
    before, after, managed = (each.get("config") for each in (actual, reached, desired))
    if isinstance(before, Mapping) and isinstance(after, Mapping) and isinstance(managed, Mapping):
        missed += [f"/config/{name}" for name in _unlike(before, after) if name not in managed]
    return missed


def _unlike(one: Document, other: Document) -> list[str]:
    """The names of the members that differ between two objects."""
    return [name for name in {**one, **other} if one.get(name, MISSING) != other.get(name, MISSING)]


def _copy(document: Document) -> Document:
    """A copy as deep as operations reach: a full deep copy of 1,000 tags would take longer than everything else."""
    return {name: _one_deep(value) for name, value in document.items()}


def _one_deep(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, list) else value


def shown(operations: Sequence[Operation], hidden: Collection[str]) -> str:
    """The patch as JSON for people: placeholders stand for secrets, and for values that are not known yet.

    :param hidden: JSON Pointers to the values that must not be shown (``secrets.hidden_pointers``).
    """
    return visible_json(
        [{**op, "value": shown_value(op["value"], op["path"], hidden)} if "value" in op else op for op in operations]
    )


def encoded(operations: Sequence[Operation]) -> bytes:
    """The patch as it is sent: JSON without white space, UTF-8."""
    return as_json(operations).encode()


def _operations(change: Change) -> list[Operation]:
    kind = "add" if change.actual is MISSING else "replace"
    whole = [{"op": kind, "path": pointer(change.path), "value": change.desired}]
    if change.path == TAGS_PATH and is_of_strings(change.actual) and is_of_strings(change.desired):
        return min(whole, _tag_edits(change.actual, change.desired), key=lambda operations: len(encoded(operations)))
    return whole


def _tag_edits(current: Sequence[str], wanted: Sequence[str]) -> list[Operation]:
    """Edits of individual tags: superfluous tags are replaced by new ones as long as there are both.

    If tags have to be removed, those at the lowest positions are, which keeps the pointers to the others short.
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


def _masked(value: object) -> bool:
    return isinstance(value, str) and "***" in value


def _inside_config(operation: Operation) -> bool:
    return str(operation["path"]).startswith(pointer(CONFIG_PATH) + "/")
