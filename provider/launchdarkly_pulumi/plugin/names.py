"""The plugin's names for the fields of an integration, and the way from there to the core's and back. Pure.

Properties have LaunchDarkly's own names, which are camelCase as those of every Pulumi package. The config is one object
for each kind of store, ``config: {redis: {...}}``. All of it comes from the table in `model.fields`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..core.settings import NAMESPACE, SETTINGS
from ..dynamic import property_paths
from ..model.desired import Desired
from ..model.fields import (
    CONFIG_FIELDS,
    INTEGRATION_FIELDS,
    STORE_KINDS,
    UNKNOWN,
    Path,
    fields_by_path,
    is_unknown,
)
from ..model.validation import Failure
from ..model.value_rules import closest, did_you_mean, shown_name, type_of
from .wire import Place, Properties

PACKAGE = "launchdarkly-big-segments"
"""Pulumi's name of the plugin, which is the namespace of its settings too."""

CONFIG = "config"
KIND = "integrationKey"

INPUTS = tuple(f for f in INTEGRATION_FIELDS if f.api_name != KIND)
"""The fields that programs declare; the kind of store is what the config is of."""

_SETTING = re.compile(rf"\b{NAMESPACE}:(?=(?:{'|'.join(each.name for each in SETTINGS)})\b)")
_WORDS = {"import_": "import", "ignore_changes": "ignoreChanges", "True or False": "true or false"}


@dataclass(frozen=True)
class Declared:
    """What properties declare.

    :param desired: as the core has it. A config that cannot be one is unknown in it.
    :param failures: what is not a field, under the plugin's names.
    """

    desired: Desired
    failures: tuple[Failure, ...] = ()


def declared(properties: Properties, ignore_changes: Iterable[str] = ()) -> Declared:
    """What the properties of a resource declare.

    :param ignore_changes: the property paths of that option.
    """
    given, failures = properties.values, list[Failure]()
    values = {f.name: given[f.api_name] for f in INPUTS if f.api_name in given}
    known = [f.api_name for f in INPUTS] + [CONFIG]
    failures += _strays(given, known, "", "a big segment store integration")
    kind = None
    if CONFIG in given:
        kind, config, problems = _config(given[CONFIG])
        failures += problems
        values |= {CONFIG: config, "integration_key": kind or UNKNOWN}
    secret = frozenset(path for place in properties.secret for path in _marked(place, kind))
    return Declared(Desired(values, secret, frozenset(named_by(ignore_changes, kind))), tuple(failures))


def _config(given: Any) -> tuple[Optional[str], Any, list[Failure]]:
    """The kind, the config by the table's names, and what is wrong with its shape."""
    kinds = " or ".join(CONFIG_FIELDS)
    if is_unknown(given):
        return None, UNKNOWN, []
    if not isinstance(given, Mapping):
        # Not even the beginning of the value: it may be a config as JSON, password included.
        return None, UNKNOWN, [Failure(CONFIG, f"must be an object with {kinds} in it, not {type_of(given)}")]
    failures = list(_strays(given, CONFIG_FIELDS, f"{CONFIG}.", "config: it has one of them, " + kinds))
    found = [kind for kind in CONFIG_FIELDS if kind in given]
    if len(found) > 1:
        return (
            None,
            UNKNOWN,
            [*failures, Failure(CONFIG, f"has {' and '.join(found)} in it: declare one kind of store")],
        )
    if not found:
        return None, UNKNOWN, failures or [Failure(CONFIG, f"must have {kinds} in it")]
    kind = found[0]
    config, problems = _config_of(kind, given[kind])
    return kind, config, [*failures, *problems]


def _config_of(kind: str, fields: Any) -> tuple[Any, list[Failure]]:
    if is_unknown(fields):
        return UNKNOWN, []
    if not isinstance(fields, Mapping):
        return UNKNOWN, [Failure(f"{CONFIG}.{kind}", f"must be an object, not {type_of(fields)}")]
    names = [f.api_name for f in CONFIG_FIELDS[kind]]
    failures = [
        _of_another_kind(each, kind) for each in _strays(fields, names, f"{CONFIG}.{kind}.", f"a {kind} config")
    ]
    return {f.name: fields[f.api_name] for f in CONFIG_FIELDS[kind] if f.api_name in fields}, failures


def _of_another_kind(stray: Failure, kind: str) -> Failure:
    """Says of a field whose it is: that the kind of store is the wrong one is more likely than a slip."""
    name = stray.property.rpartition(".")[2]
    owners = [other for other in CONFIG_FIELDS if any(f.api_name == name for f in CONFIG_FIELDS[other])]
    whole = f"is not a field of a {kind} config"
    return Failure(stray.property, f"{whole}, but of a {owners[0]} config") if owners else stray


def _strays(given: Mapping[str, Any], names: Iterable[str], prefix: str, whole: str) -> Iterator[Failure]:
    names = list(names)
    for name in sorted(given.keys() - set(names)):
        # Pulumi's own entries begin so.
        if not name.startswith("__"):
            hint = did_you_mean(closest(name, names))
            yield Failure(f"{prefix}{shown_name(name)}", f"is not a field of {whole}{hint}")


def _marked(place: Place, kind: Optional[str]) -> Iterator[Path]:
    """The fields that a mark of the program makes secret, but for those that always are."""
    if place[:1] == (CONFIG,) and len(place) < len((CONFIG, kind, "a field")):
        yield (CONFIG,)
        return
    fields = fields_by_path(kind)
    path = (CONFIG, str(place[2])) if place[0] == CONFIG else (str(place[0]),)
    is_key = any(path == (f.api_name,) for f in INPUTS)
    if is_key or (path in fields and not fields[path].secret):
        yield path


def properties_of(desired: Desired) -> Properties:
    """What would declare this: the properties, with each field that is secret marked."""
    given = desired.values
    values = {f.api_name: given[f.name] for f in INPUTS if given.get(f.name) is not None}
    kind, config = given.get("integration_key"), given.get(CONFIG)
    if isinstance(config, Mapping) and isinstance(kind, str):
        fields = CONFIG_FIELDS.get(kind, ())
        values[CONFIG] = {kind: {f.api_name: config[f.name] for f in fields if config.get(f.name) is not None}}
    elif config is not None:
        values[CONFIG] = {kind: config} if kind in STORE_KINDS else config
    return Properties(values, frozenset(_places(desired, values)))


def _places(desired: Desired, values: Mapping[str, Any]) -> Iterator[Place]:
    kind = desired.values.get("integration_key")
    always = {path for path, f in fields_by_path(kind).items() if f.secret}
    config = values.get(CONFIG)
    inner = config.get(kind) if isinstance(config, Mapping) else None
    for path in always | desired.secret:
        if path == (CONFIG,) or len(path) == 1:
            yield from (path,) if path[0] in values else ()
        elif isinstance(inner, Mapping) and path[1] in inner:
            yield (CONFIG, str(kind), path[1])


def parts_of(path: Path, kind: Optional[str]) -> tuple[str, ...]:
    """The plugin's names on the way to a field. A kind of store is its config's name."""
    if path == (KIND,):
        return (CONFIG,)
    return (CONFIG, kind, *path[1:]) if path[0] == CONFIG and kind in STORE_KINDS else path


def name_of(path: Path, kind: Optional[str]) -> str:
    """The property path of a field: ``config.redis.tlsEnabled``."""
    return ".".join(parts_of(path, kind))


def named_by(paths: Iterable[str], kind: Optional[str]) -> list[Path]:
    """The editable fields that property paths name: ``tags``, ``config.redis``, ``config["redis"].host``, ``*``.

    Of a list all is named, since tags have no order.
    """
    return property_paths.named_by(paths, kind, lambda path: parts_of(path, kind))


def failure_of(failure: Failure, kind: Optional[str]) -> Failure:
    """A failure of the core under the plugin's names."""
    name, bracket, index = failure.property.partition("[")
    return Failure(_table(kind).get(name, name) + bracket + index, in_words(failure.reason, kind))


def in_words(sentence: str, kind: Optional[str] = None) -> str:
    """A sentence of the core with the plugin's names for fields and settings."""
    names, pattern = _words(kind)
    return _SETTING.sub(f"{PACKAGE}:", pattern.sub(lambda found: names[found[0]], sentence))


@functools.cache
def _words(kind: Optional[str]) -> tuple[Mapping[str, str], re.Pattern[str]]:
    """The plugin's words by the core's, and what finds these."""
    names = _table(kind) | _WORDS
    longest_first = sorted(names, key=len, reverse=True)
    return names, re.compile("|".join(rf"(?<![\w.]){re.escape(name)}(?!\w)" for name in longest_first))


def _table(kind: Optional[str]) -> dict[str, str]:
    """The plugin's names by the table's; ``name`` and such that are the same are left out."""
    kinds = [kind] if isinstance(kind, str) and kind in CONFIG_FIELDS else list(CONFIG_FIELDS)
    fields = {f.name: f.api_name for f in INTEGRATION_FIELDS}
    for each in reversed(kinds):
        fields |= {f"{CONFIG}.{f.name}": f"{CONFIG}.{each}.{f.api_name}" for f in CONFIG_FIELDS[each]}
    return {name: own for name, own in fields.items() if name != own}


def name_in_any(path: Path) -> str:
    """The property path of a field of whichever kind: the one kind of store that has it."""
    kinds = [kind for kind in STORE_KINDS if path in fields_by_path(kind)]
    return name_of(path, kinds[0] if len(kinds) == 1 else None)
