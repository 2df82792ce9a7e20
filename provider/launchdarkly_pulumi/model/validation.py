"""Checks the inputs of an integration before anything is sent: every problem at once, each under its property.

Pure: it knows neither Pulumi nor HTTP. Here belongs which fields there may be, and what their normal form is. The facts
about the fields are in `fields`, and the rules for single values in `value_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from . import doubts
from .desired import Desired, Values
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
    """One problem of the inputs.

    :param property: where it is, in Python names: ``project_key``, ``config.port``, ``tags`` or ``tags[2]``.
    :param reason: what is wrong, in a few words that follow the property's name; never the value of a secret.
    """

    property: str
    reason: str


class Checked(NamedTuple):
    """What :func:`check` found.

    :param desired: what is declared, in its normal form: without fields that are not set, with ``integration_key`` if
        the config decides it, with the port as an ``int`` and the tags as a ``list``. A value with a problem stays as
        it was given.
    :param failures: every problem, in the order of the table; without any, the integration can be sent.
    :param warnings: what LaunchDarkly may refuse, as whole sentences.
    """

    desired: Desired
    failures: list[Failure]
    warnings: list[str]


def check(desired: Desired, stored: Values = MappingProxyType({})) -> Checked:
    """Checks and normalises what is declared. Raises nothing.

    :param desired: plain values of any JSON type; numbers may be floats. ``None`` means that a field is not set.
        ``fields.UNKNOWN``, at any depth, is a value that is not known yet, and always passes.
    :param stored: the values that the state has. An ignored field with the state's value is not checked, since it is
        not sent either.
    :returns: the normal form, the failures and the warnings.
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


def _ignored_as_stored(given: Values, stored: Values, ignored: Iterable[Path]) -> set[str]:
    """The names of the ignored fields that have the state's values: these may be anything that LaunchDarkly had."""
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
    """A reason without secrets, which it may show shortened: a shortened secret could not be found later."""
    for secret in secrets:
        reason = reason.replace(shown(secret), HIDDEN)
    return reason


# Which fields there are, and which of them are wrong.


def _integration_failures(given: Values) -> Iterator[Failure]:
    yield from _value_failures(given, INTEGRATION_FIELDS, prefix="")
    for name in _strays(given, _NAMES):
        meant = f"config.{name}" if name in _CONFIG_NAMES else closest(name, _NAMES)
        yield Failure(shown_name(name), f"is not a field of a big segment store integration{did_you_mean(meant)}")


def _config_failures(given: Values) -> Iterator[Failure]:
    config = given.get("config")
    if config is None:
        yield Failure("config", "is required")
    elif is_unknown(config):
        return
    elif isinstance(config, Mapping):
        yield from _kind_failures(config, _declared_kind(given))
        yield from _config_field_failures(config, integration_key_of(config) or _declared_kind(given))
    else:
        # The value is not shown: it may be a string with a config as JSON, password included.
        classes = ", ".join(f"a {kind.config_class}" for kind in STORE_KINDS.values())
        yield Failure("config", f"must be {classes} or a mapping, not {type_of(config)}")


def _kind_failures(config: Values, declared: str | None) -> Iterator[Failure]:
    decided = integration_key_of(config)
    if decided is None and declared is None:
        yield Failure("config", _why_undecided(config))
    elif decided and declared and decided != declared:
        yield Failure("config", f"is a {decided} config, but integration_key is {declared}")


def _config_field_failures(config: Values, kind: str | None) -> Iterator[Failure]:
    """The problems of a config's fields, also where no kind is decided, so that one run shows them all."""
    fields = _config_fields(kind)
    yield from _value_failures(config, fields, prefix="config.")
    names = tuple(field.name for field in fields)
    for name in _strays(config, names):
        reason = f"is not a field of a {kind or ' or '.join(CONFIG_FIELDS)} config"
        yield Failure(f"config.{shown_name(name)}", reason + did_you_mean(closest(name, names)))


def _value_failures(values: Values, fields: Iterable[Field], prefix: str) -> Iterator[Failure]:
    for field in fields:
        place = prefix + field.name
        verdict = _judge(field, values.get(field.name))
        if isinstance(verdict, str):
            yield Failure(place, verdict)
        elif verdict:
            yield from (Failure(f"{place}[{index}]", reason) for index, reason in verdict.items())


def _judge(field: Field, value: object) -> Verdict:
    if value is None:
        return "is required" if field.required else None
    if is_unknown(value):
        return None
    rule = kind_reason if field.name == "integration_key" else RULES[field.format]
    return rule(field, value)


def _config_fields(kind: str | None) -> tuple[Field, ...]:
    """The fields of a kind of store; those of all kinds if none is decided."""
    return CONFIG_FIELDS[kind] if kind else _ANY_CONFIG_FIELDS


def _declared_kind(given: Values) -> str | None:
    """The kind that the inputs give as ``integration_key``, if it is a known one."""
    declared = given.get("integration_key")
    return declared if isinstance(declared, str) and declared in CONFIG_FIELDS else None


def _why_undecided(config: Values) -> str:
    all_found = {kind: [f.name for f in fields if f.name in config] for kind, fields in CONFIG_FIELDS.items()}
    found = {kind: names for kind, names in all_found.items() if names}
    if found and len(set(map(frozenset, found.values()))) == 1:
        return f"may be of {' or '.join(found)}: declare it with the class of its kind"
    if found:
        mixed = " and ".join(f"{kind} ({', '.join(names)})" for kind, names in found.items())
        return f"mixes fields of {mixed}: declare one kind"
    kinds = (f"a {kind} config ({fields[0].name}, ...)" for kind, fields in CONFIG_FIELDS.items())
    return f"is neither {' nor '.join(kinds)}"


def _strays(values: Values, names: Iterable[str]) -> list[str]:
    """The names of the fields that do not exist. They are sorted, since the engine sends a mapping in any order."""
    return sorted(values.keys() - set(names))


# The normal form.


def _normalised(given: Values) -> Values:
    inputs = _normal_values(given, INTEGRATION_FIELDS)
    config = given.get("config")
    kind, declared = integration_key_of(config), given.get("integration_key")
    if isinstance(config, Mapping):
        inputs["config"] = _normal_values(config, _config_fields(kind or _declared_kind(given)))
    # A key that is not known yet would force a replacement, so the kind that the config decides takes precedence.
    if declared is None or is_unknown(declared):
        decided: str | Unknown | None = UNKNOWN if is_unknown(config) else kind
        inputs |= set_only({"integration_key": decided})
    return inputs


def _normal_values(values: Values, fields: Iterable[Field]) -> dict[str, Any]:
    formats = {field.name: field.format for field in fields}
    return {name: _normal(formats.get(name), value) for name, value in values.items()}


def _normal(format_: Format | None, value: object) -> object:
    if format_ is Format.PORT:
        number = port_number(value)
        return value if number is None else number
    if format_ is Format.TAGS and isinstance(value, (list, tuple)):
        return list(value)
    return value
