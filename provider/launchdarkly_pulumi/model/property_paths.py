"""Pulumi's property paths, ``config.host``: which fields they name, in the options that hold some. Pure.

What belongs here is what the options ``ignore_changes`` and ``replace_on_changes`` mean for an integration: which
fields an update leaves alone, which need not be checked, which replace it, and which paths name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .documents import document_of, same_members
from .fields import CONFIG_FIELDS, INTEGRATION_FIELDS, Path, fields_by_path, integration_key_of
from .hidden_inputs import IGNORED
from .value_rules import closest, did_you_mean, shown_name

_PROPERTY_NAME = re.compile(r"[^.\[\]\"]+")


def managed_document_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What ``models.document_of`` gives, without the fields whose changes the program ignores: these are left alone."""
    document = document_of(inputs)
    for path in ignored_paths(inputs):
        owner = document if len(path) == 1 else document["config"]
        if isinstance(owner, dict):
            owner.pop(path[-1], None)
    return document


def ignored_paths(inputs: Mapping[str, Any]) -> list[Path]:
    """Where the fields are whose changes the program ignores; the innermost first, so that none hides another.

    The option's paths are Pulumi's property paths: ``tags``, ``config.host``, ``config["host"]``, ``*``. Of a
    list all is ignored, since tags have no order.
    """
    if not inputs.get(IGNORED):
        return []
    return _named_by(inputs[IGNORED], inputs.get("integration_key"))


def ignored_as_stored(inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> set[str]:
    """The dotted names of the fields that the program ignores the changes of and whose values come from the state.

    The engine hands back what the state has, which may be whatever LaunchDarkly had once.
    """
    kept = set()
    config, old_config = inputs.get("config"), olds.get("config")
    kind = inputs.get("integration_key") or integration_key_of(config)
    for path in ignored_paths({**inputs, "integration_key": kind}):
        name = fields_by_path(kind)[path].name
        now, before = (config, old_config) if len(path) > 1 else (inputs, olds)
        if isinstance(now, Mapping) and isinstance(before, Mapping) and name in now and now[name] == before.get(name):
            kept.add(".".join((*path[:-1], name)))
    return kept


def changed_within(paths: Iterable[str], stored: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """The dotted names of the fields that property paths name and that the program has changed."""
    before, after = document_of(stored), document_of(inputs)
    kind = inputs.get("integration_key")
    named = _named_by(paths, kind)
    return [".".join((*path[:-1], fields_by_path(kind)[path].name)) for path in named if _differs(path, before, after)]


def is_all_meant(stored: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether each difference between the inputs is a change of a field.

    Another order of tags, a default that is written out, or a hidden input is none.
    """
    differing = {name for name in {*stored, *inputs} - {"config"} if stored.get(name) != inputs.get(name)}
    before, after = stored.get("config"), inputs.get("config")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = {*before, *after}
        differing |= {f"config.{name}" for name in names if before.get(name) != after.get(name)}
    elif before != after:
        differing.add("config")
    return differing <= set(changed_within(["*"], stored, inputs))


def that_name_nothing(option: str, paths: Iterable[str], kind: Any) -> Iterator[str]:
    """For each path without any field a sentence that says so.

    :param option: its name, ``ignore_changes``.
    :param kind: the kind of store; where it is not known, the fields of all kinds count.
    """
    kinds = [kind] if isinstance(kind, str) and kind in CONFIG_FIELDS else list(CONFIG_FIELDS)
    fields = [f.name for f in INTEGRATION_FIELDS]
    fields += dict.fromkeys(f"config.{f.name}" for each in kinds for f in CONFIG_FIELDS[each])
    for path in paths:
        asked = _parts(path)
        if not any(_is_within(tuple(name.split(".")), asked) for name in fields):
            hint = did_you_mean(closest(".".join(asked), fields))
            yield f"{option}: {shown_name(path)} is not a field of a big segment store, and has no effect{hint}"


def _named_by(paths: Iterable[str], kind: Any) -> list[Path]:
    asked = [_parts(path) for path in paths]
    names = {path: (*path[:-1], f.name) for path, f in fields_by_path(kind).items()}
    return [path for path, name in names.items() if any(_is_within(name, each) for each in asked)]


def _parts(path: str) -> Path:
    return tuple(_PROPERTY_NAME.findall(path))


def _differs(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an update would send it: not where the program leaves it to LaunchDarkly."""
    for name in path[:-1]:
        before, after = before[name], after[name]
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            return bool(before != after)
    if path[-1] not in after:
        return False
    one, other = before.get(path[-1]), after[path[-1]]
    return bool(one != other) and not same_members(one, other)


def _is_within(name: Path, asked: Path) -> bool:
    """Whether a field is what a property path names, or a part of it."""
    return bool(asked) and all(wanted in ("*", own) for own, wanted in zip(name, asked, strict=False))
