"""Pulumi's property paths, such as ``config.host``, in the options ``ignore_changes`` and ``replace_on_changes``. Pure.

Here belongs what the paths in these options of a Python program mean for an integration: which fields they name, which
of these have changed, and which paths name no field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..model.desired import Desired
from ..model.diff import Document, same_members
from ..model.documents import document_of
from ..model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS, Path, fields_by_path, name_of, path_of
from ..model.value_rules import closest, did_you_mean, shown_name

_PROPERTY_NAME = re.compile(r"[^.\[\]\"]+")


def _name_parts(path: Path) -> Path:
    """The names of a field in a program."""
    return tuple(name_of(path).split("."))


def named_by(paths: Iterable[str], kind: object, names: Callable[[Path], Path] = _name_parts) -> list[Path]:
    """The editable fields that property paths name: ``tags``, ``config.host``, ``config["host"]``, ``*``.

    A path to one tag names all tags, since they have no order.

    :param paths: the property paths.
    :param kind: the kind of store, as declared: it may be unknown or missing.
    :param names: the names on the way to a field; by default those of Python programs.
    """
    asked = [_parts(path) for path in paths]
    fields = fields_by_path(kind if isinstance(kind, str) else None)
    return [path for path in fields if any(_is_within(names(path), each) for each in asked)]


def changed_within(paths: Iterable[str], stored: Desired, desired: Desired) -> list[Path]:
    """The fields that property paths name and that the program has changed."""
    named = named_by(paths, desired.kind)
    if not named:
        return []
    before, after = document_of(stored), document_of(desired)
    return [path for path in named if _differs(path, before, after)]


def is_all_meant(stored: Desired, desired: Desired) -> bool:
    """Whether every difference between the declared and the stored values changes a field.

    Another order of tags, a default that is written out, and another mark as a secret do not.
    """
    if (stored.secret, stored.ignored) != (desired.secret, desired.ignored):
        return False
    one, other = stored.values, desired.values
    differing = {path_of(name) for name in {*one, *other} - {"config"} if one.get(name) != other.get(name)}
    before, after = one.get("config"), other.get("config")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = {*before, *after}
        differing |= {path_of("config", name) for name in names if before.get(name) != after.get(name)}
    elif before != after:
        differing.add(path_of("config"))
    return differing <= set(changed_within(["*"], stored, desired))


def that_name_nothing(option: str, paths: Iterable[str], kind: object) -> Iterator[str]:
    """A warning for each path that names no field.

    :param option: the name of the option, ``ignore_changes``.
    :param paths: its property paths.
    :param kind: the kind of store, as declared; if it is not known, the fields of all kinds count.
    """
    kinds = [kind] if isinstance(kind, str) and kind in CONFIG_FIELDS else list(CONFIG_FIELDS)
    fields = [f.name for f in INTEGRATION_FIELDS]
    fields += dict.fromkeys(f"config.{f.name}" for each in kinds for f in CONFIG_FIELDS[each])
    for path in paths:
        asked = _parts(path)
        if not any(_is_within(tuple(name.split(".")), asked) for name in fields):
            hint = did_you_mean(closest(".".join(asked), fields))
            yield f"{option}: {shown_name(path)} is not a field of a big segment store, and has no effect{hint}"


def _parts(path: str) -> Path:
    return tuple(_PROPERTY_NAME.findall(path))


def _differs(path: Path, before: Document, after: Document) -> bool:
    """Whether an update would change a field; it does not if the program leaves the field to LaunchDarkly."""
    for name in path[:-1]:
        before, after = before[name], after[name]
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            return bool(before != after)
    if path[-1] not in after:
        return False
    one, other = before.get(path[-1]), after[path[-1]]
    return bool(one != other) and not same_members(one, other)


def _is_within(name: Path, asked: Path) -> bool:
    """Whether a property path names a field, a part of it, or something that it is a part of."""
    return bool(asked) and all(wanted in ("*", own) for own, wanted in zip(name, asked, strict=False))
