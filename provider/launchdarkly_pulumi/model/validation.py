"""Checks the inputs of an integration before anything is sent: every problem at once, each under its property.

Pure: it knows neither Pulumi nor HTTP. The facts about the fields come from the table in `fields`, what is wrong with
a value from `value_rules`; this module knows which fields there may be, and what their normal form is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from . import doubts
from .desired import Desired
from .fields import (
    CONFIG_FIELDS,
    INTEGRATION_FIELDS,
    STORE_KINDS,
    UNKNOWN,
    Field,
    Format,
    Path,
    Unknown,
    integration_key_of,
    is_unknown,
    name_of,
    set_only,
)
from .secrets import secrets_of
from .value_rules import (
    HIDDEN,
    RULES,
    Verdict,
    closest,
    did_you_mean,
    kind_reason,
    port_number,
    shown,
    shown_name,
    type_of,
)

_ANY_CONFIG_FIELDS = tuple(replace(field, required=False) for fields in CONFIG_FIELDS.values() for field in fields)
_CONFIG_NAMES = tuple(field.name for field in _ANY_CONFIG_FIELDS)
_NAMES = (*(field.name for field in INTEGRATION_FIELDS), "config")


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong with the inputs.

    :param property: where, in Python names: ``project_key``, ``config.port``, ``tags`` or ``tags[2]``.
    :param reason: why, in a few words that follow the property's name; never the value of a secret.
    """

    property: str
    reason: str


class Checked(NamedTuple):
    """What ``check`` found.

    :param desired: with the values in their one normal form: no field that is not set, ``integration_key`` filled in
        where the config decides it, the port an ``int``, the tags a ``list``; whatever failed stays as it was given.
    :param failures: all of them, in the order of the table; none means that the integration can be sent.
    :param warnings: what LaunchDarkly may refuse, as whole sentences.
    """

    desired: Desired
    failures: list[Failure]
    warnings: list[str]


def check(desired: Desired, stored: Mapping[str, Any] = MappingProxyType({})) -> Checked:
    """Checks and normalises what is declared.

    :param desired: plain values of any JSON type: numbers may be floats, and ``fields.UNKNOWN`` is what is not known
        yet, at any depth, which always passes. ``None`` means that a field is not set.
    :param stored: the values that the state has. An ignored field that is as there is not sent: it may be anything.
    :returns: the normal form, the failures and the warnings; it raises nothing.
    """
    given = set_only(desired.values)
    if isinstance(given.get("config"), Mapping):
        given["config"] = set_only(given["config"])
    found = [*_integration_failures(given), *_config_failures(given)]
    as_stored = _ignored_as_stored(given, stored, desired.ignored)
    failures = [each for each in found if each.property.partition("[")[0] not in as_stored]
    secrets = secrets_of(desired.with_values(given))
    failures = [replace(failure, reason=_without_values(failure.reason, secrets)) for failure in failures]
    return Checked(desired.with_values(_normalised(given)), failures, list(doubts.of(given, secrets)))


def _ignored_as_stored(given: Mapping[str, Any], stored: Mapping[str, Any], ignored: Iterable[Path]) -> set[str]:
    """The names of the ignored fields whose values are the state's, which may be whatever LaunchDarkly had once."""
    kept = set()
    config, stored_config = given.get("config"), stored.get("config")
    for path in ignored:
        name = name_of(path)
        now, before = (config, stored_config) if len(path) > 1 else (given, stored)
        last = name.rpartition(".")[2]
        if isinstance(now, Mapping) and isinstance(before, Mapping) and last in now and now[last] == before.get(last):
            kept.add(name)
    return kept


def _without_values(reason: str, secrets: Iterable[str]) -> str:
    """A reason without the secrets in the form that it shows them in: once cut, nobody could find them in it."""
    for secret in secrets:
        reason = reason.replace(shown(secret), HIDDEN)
    return reason


# Which fields there are, and which of them are wrong.


def _integration_failures(given: Mapping[str, Any]) -> Iterator[Failure]:
    yield from _value_failures(given, INTEGRATION_FIELDS, prefix="")
    for name in _strays(given, _NAMES):
        meant = f"config.{name}" if name in _CONFIG_NAMES else closest(name, _NAMES)
        yield Failure(shown_name(name), f"is not a field of a big segment store integration{did_you_mean(meant)}")


def _config_failures(given: Mapping[str, Any]) -> Iterator[Failure]:
    config = given.get("config")
    if config is None:
        yield Failure("config", "is required")
    elif is_unknown(config):
        return
    elif isinstance(config, Mapping):
        yield from _kind_failures(config, _declared_kind(given))
        yield from _config_field_failures(config, integration_key_of(config) or _declared_kind(given))
    else:
        # Not even the beginning of the value: it may be a config as JSON text, password included.
        classes = ", ".join(f"a {kind.config_class}" for kind in STORE_KINDS.values())
        yield Failure("config", f"must be {classes} or a mapping, not {type_of(config)}")


def _kind_failures(config: Mapping[str, Any], declared: str | None) -> Iterator[Failure]:
    decided = integration_key_of(config)
    if decided is None and declared is None:
        yield Failure("config", _why_undecided(config))
    elif decided and declared and decided != declared:
        yield Failure("config", f"is a {decided} config, but integration_key is {declared}")


def _config_field_failures(config: Mapping[str, Any], kind: str | None) -> Iterator[Failure]:
    """Of a config that decides no kind each field is still checked, so that one run shows all there is to mend."""
    fields = _config_fields(kind)
    yield from _value_failures(config, fields, prefix="config.")
    names = tuple(field.name for field in fields)
    for name in _strays(config, names):
        reason = f"is not a field of a {kind or ' or '.join(CONFIG_FIELDS)} config"
        yield Failure(f"config.{shown_name(name)}", reason + did_you_mean(closest(name, names)))


def _value_failures(values: Mapping[str, Any], fields: Iterable[Field], prefix: str) -> Iterator[Failure]:
    for field in fields:
        place = prefix + field.name
        verdict = _judge(field, values.get(field.name))
        if isinstance(verdict, str):
            yield Failure(place, verdict)
        elif verdict:
            yield from (Failure(f"{place}[{index}]", reason) for index, reason in verdict.items())


def _judge(field: Field, value: Any) -> Verdict:
    if value is None:
        return "is required" if field.required else None
    if is_unknown(value):
        return None
    rule = kind_reason if field.name == "integration_key" else RULES[field.format]
    return rule(field, value)


def _config_fields(kind: str | None) -> tuple[Field, ...]:
    """The fields of a kind of store; of every kind where none is decided."""
    return CONFIG_FIELDS[kind] if kind else _ANY_CONFIG_FIELDS


def _declared_kind(given: Mapping[str, Any]) -> str | None:
    """The kind that the inputs name themselves, where it is one."""
    declared = given.get("integration_key")
    return declared if isinstance(declared, str) and declared in CONFIG_FIELDS else None


def _why_undecided(config: Mapping[str, Any]) -> str:
    all_found = {kind: [f.name for f in fields if f.name in config] for kind, fields in CONFIG_FIELDS.items()}
    found = {kind: names for kind, names in all_found.items() if names}
    if found and len(set(map(frozenset, found.values()))) == 1:
        return f"may be of {' or '.join(found)}: declare it with the class of its kind"
    if found:
        mixed = " and ".join(f"{kind} ({', '.join(names)})" for kind, names in found.items())
        return f"mixes fields of {mixed}: declare one kind"
    kinds = (f"a {kind} config ({fields[0].name}, ...)" for kind, fields in CONFIG_FIELDS.items())
    return f"is neither {' nor '.join(kinds)}"


def _strays(values: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """The fields that do not exist, sorted: a mapping comes off the wire in any order."""
    return sorted(values.keys() - set(names))


# The normal form.


def _normalised(given: Mapping[str, Any]) -> dict[str, Any]:
    inputs = _normal_values(given, INTEGRATION_FIELDS)
    config = given.get("config")
    kind, declared = integration_key_of(config), given.get("integration_key")
    if isinstance(config, Mapping):
        inputs["config"] = _normal_values(config, _config_fields(kind or _declared_kind(given)))
    # An unknown key that forces replacement counts as one, so what the config decides goes before a key still unknown.
    if declared is None or is_unknown(declared):
        decided: str | Unknown | None = UNKNOWN if is_unknown(config) else kind
        inputs |= set_only({"integration_key": decided})
    return inputs


def _normal_values(values: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    formats = {field.name: field.format for field in fields}
    return {name: _normal(formats.get(name), value) for name, value in values.items()}


def _normal(format_: Format | None, value: Any) -> Any:
    if format_ is Format.PORT:
        number = port_number(value)
        return value if number is None else number
    if format_ is Format.TAGS and isinstance(value, (list, tuple)):
        return list(value)
    return value
