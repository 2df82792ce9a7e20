"""LaunchDarkly's document of an integration: made from what is declared, and read back as that. Pure.

Declared values have the names of the table (``config.tls_enabled``), LaunchDarkly's documents the API's
(``config.tlsEnabled``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .desired import Desired
from .fields import (
    ASSIGNED_BY_LAUNCHDARKLY,
    CONFIG_FIELDS,
    EDITABLE_FIELDS,
    KEY_FIELDS,
    REPLACED_OUTSIDE,
    Field,
    Format,
    Path,
    is_unknown,
    set_only,
)
from .secrets import may_be_mask_of, require_known_secrets

LARGEST_VERSION = 2**53 - 1
"""Larger integers are not exact in a state, whose numbers are doubles."""


def assigned_by_launchdarkly(desired: Desired, document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that are not declared, the default where LaunchDarkly has none."""
    left_out = [f for f in EDITABLE_FIELDS if f.name not in desired.values]
    return set_only({f.name: _shown(f, document.get(f.api_name)) for f in left_out})


def _shown(field: Field, value: Any) -> Any:
    """A value of LaunchDarkly's, or the default where it has none, as an output."""
    return field.to_api(field.default) if value is None else field.from_api(value)


def version_of(document: Mapping[str, Any]) -> Optional[int]:
    """LaunchDarkly's version of an integration; ``None`` where it is no integer, or one that no state holds exactly."""
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        return None
    return version if 0 <= version <= LARGEST_VERSION else None


def keys_of(desired: Desired) -> tuple[str, str, str]:
    """Where an integration is created: project, environment and kind."""
    values = desired.values
    return values["project_key"], values["environment_key"], values["integration_key"]


def replaced_by(stored: Desired, desired: Desired) -> tuple[Path, ...]:
    """The fields whose change needs another integration; an unknown key counts as changed.

    The kind of an unknown config does not: it is not a key that the program gives.
    """
    changed = [f for f in KEY_FIELDS if desired.values.get(f.name) != stored.values.get(f.name)]
    return tuple((f.api_name,) for f in changed if not (f.name == "integration_key" and is_unknown(desired.kind)))


def document_of(desired: Desired) -> dict[str, Any]:
    """The document that is declared: every managed field, defaults filled in.

    A field whose default LaunchDarkly assigns is left out while the program does not set it.
    """
    document = _to_api(desired.values, EDITABLE_FIELDS)
    config = desired.values["config"]
    fields = CONFIG_FIELDS.get(desired.values["integration_key"], ())
    document["config"] = config if is_unknown(config) else _to_api(config, fields)
    return document


def managed_document_of(desired: Desired) -> dict[str, Any]:
    """The same without the fields whose changes the program ignores: these are left alone."""
    document = document_of(desired)
    # The innermost first, so that none hides another.
    for path in sorted(desired.ignored, key=len, reverse=True):
        owner = document if len(path) == 1 else document["config"]
        if isinstance(owner, dict):
            owner.pop(path[-1], None)
    return document


def create_body(desired: Desired) -> dict[str, Any]:
    """The body of the POST: what the program declares, in the API's names; LaunchDarkly fills in the defaults.

    :raises UnknownSecret: a secret is known to LaunchDarkly alone.
    """
    values, config = desired.values, desired.values["config"]
    require_known_secrets(config)
    body = {f.api_name: f.to_api(values[f.name]) for f in EDITABLE_FIELDS if f.name in values}
    fields = CONFIG_FIELDS[values["integration_key"]]
    body["config"] = {f.api_name: f.to_api(config[f.name]) for f in fields if f.name in config}
    return body


def declared_by(document: Mapping[str, Any], stored: Optional[Desired] = None) -> Desired:
    """What would declare the integration as LaunchDarkly has it, with the options of what is stored.

    :param document: LaunchDarkly's document, with its config and masked secrets.
    :param stored: what the stack declares. A field that it leaves to its default stays left out while
        LaunchDarkly has the default, tags keep the stack's order, and a secret that the mask can stand for
        is taken from here. ``REPLACED_OUTSIDE`` stands for any other secret. Without ``stored``, as for a
        look-up, secrets are left out: nobody knows them.
    """
    known = stored.values if stored else None
    values = {f.name: f.from_api(document[f.api_name]) for f in KEY_FIELDS}
    fields = CONFIG_FIELDS[values["integration_key"]]
    values["config"] = _from_api(document["config"], fields, known and known["config"])
    values |= _from_api(document, EDITABLE_FIELDS, known)
    return stored.with_values(values) if stored else Desired(values)


def shown_config(config: Mapping[str, Any], integration_key: str) -> dict[str, Any]:
    """Every field of LaunchDarkly's config by its Python name, defaults filled in, but for the secrets."""
    values = {f: config.get(f.api_name) for f in CONFIG_FIELDS[integration_key] if not f.secret}
    return {f.name: f.default if value is None else f.from_api(value) for f, value in values.items()}


def _from_api(
    values: Mapping[str, Any], fields: tuple[Field, ...], stored: Optional[Mapping[str, Any]]
) -> dict[str, Any]:
    found = {}
    for f in fields:
        value = f.default if values.get(f.api_name) is None else f.from_api(values[f.api_name])
        if f.secret:
            value = _known_secret(value, f, stored)
        elif f.format is Format.TAGS:
            value = _in_stored_order(value, f, stored)
        left_to_default = value == f.default or (stored is not None and f.default is ASSIGNED_BY_LAUNCHDARKLY)
        if f.required or (stored is not None and f.name in stored) or not left_to_default:
            found[f.name] = value
    return found


def _known_secret(mask: Any, f: Field, stored: Optional[Mapping[str, Any]]) -> Any:
    if stored is None or not mask:
        return f.default
    known = stored.get(f.name, f.default)
    return known if may_be_mask_of(mask, known) else REPLACED_OUTSIDE


def _in_stored_order(tags: Any, f: Field, stored: Optional[Mapping[str, Any]]) -> Any:
    known = stored.get(f.name) if stored is not None else None
    if not isinstance(tags, list):
        return tags or f.default
    return known if known is not None and same_members(known, tags) else (tags or f.default)


def same_members(one: Any, other: Any) -> bool:
    """Whether two lists of any values are the same set."""
    return all(isinstance(each, (list, tuple)) for each in (one, other)) and members(one) == members(other)


def members(values: Sequence[Any]) -> tuple[str, ...]:
    """A list of any values as a set, in a form that can be compared: the values need not be hashable."""
    return tuple(sorted(set(map(repr, values))))


def _to_api(values: Mapping[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
    resolved = [(f, values.get(f.name, f.default)) for f in fields]
    return {f.api_name: f.to_api(value) for f, value in resolved if value is not ASSIGNED_BY_LAUNCHDARKLY}
