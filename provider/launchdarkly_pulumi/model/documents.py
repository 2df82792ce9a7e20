"""Translates what is declared into LaunchDarkly's document of an integration, and a document back. Pure.

Declared values have the names of the table (``config.tls_enabled``), LaunchDarkly's documents those of the API
(``config.tlsEnabled``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .desired import Desired, Values
from .diff import Document, NewDocument, same_members
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
"""The largest integer that a state holds exactly, since its numbers are doubles."""


def assigned_by_launchdarkly(desired: Desired, document: Document) -> Values:
    """LaunchDarkly's values of the fields that are not declared; the default if LaunchDarkly leaves a field out."""
    left_out = [f for f in EDITABLE_FIELDS if f.name not in desired.values]
    return set_only({f.name: _shown(f, document.get(f.api_name)) for f in left_out})


def _shown(field: Field, value: object) -> Any:
    """A value of LaunchDarkly's as an output, or the field's default if LaunchDarkly has none."""
    return field.to_api(field.default) if value is None else field.from_api(value)


def version_of(document: Document) -> Optional[int]:
    """LaunchDarkly's version of an integration; ``None`` if it is not an integer that a state can hold exactly."""
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        return None
    return version if 0 <= version <= LARGEST_VERSION else None


def keys_of(desired: Desired) -> tuple[str, str, str]:
    """The keys under which an integration is created: project, environment and kind."""
    values = desired.values
    return values["project_key"], values["environment_key"], values["integration_key"]


def replaced_by(stored: Desired, desired: Desired) -> tuple[Path, ...]:
    """The fields whose change forces a replacement; a key that is not known yet counts as changed.

    The kind is an exception while the config that decides it is not known: the program does not give it as a key.
    """
    changed = [f for f in KEY_FIELDS if desired.values.get(f.name) != stored.values.get(f.name)]
    return tuple((f.api_name,) for f in changed if not (f.name == "integration_key" and is_unknown(desired.kind)))


def document_of(desired: Desired) -> NewDocument:
    """The document that is declared: every managed field, defaults filled in.

    A field for which LaunchDarkly chooses the default is left out if the program does not set it.
    """
    config = desired.values["config"]
    fields = CONFIG_FIELDS.get(desired.values["integration_key"], ())
    declared = config if is_unknown(config) else _to_api(config, fields)
    return {**_to_api(desired.values, EDITABLE_FIELDS), "config": declared}


def managed_document_of(desired: Desired) -> NewDocument:
    """The document that is declared, without the fields whose changes the program ignores."""
    document = document_of(desired)
    if not desired.ignored:
        return document
    config = document["config"]
    if isinstance(config, Mapping):
        config = {name: value for name, value in config.items() if ("config", name) not in desired.ignored}
    kept = {name: value for name, value in document.items() if (name,) not in desired.ignored}
    return {**kept, "config": config} if "config" in kept else kept


def create_body(desired: Desired) -> NewDocument:
    """The body of the POST: what the program declares, in the API's names; LaunchDarkly fills in the defaults.

    :raises UnknownSecret: a secret is known to LaunchDarkly alone.
    """
    values, config = desired.values, desired.values["config"]
    require_known_secrets(config)
    body = {f.api_name: f.to_api(values[f.name]) for f in EDITABLE_FIELDS if f.name in values}
    fields = CONFIG_FIELDS[values["integration_key"]]
    body["config"] = {f.api_name: f.to_api(config[f.name]) for f in fields if f.name in config}
    return body


def declared_by(document: Document, stored: Optional[Desired] = None) -> Desired:
    """What a program would declare to get the integration that LaunchDarkly has.

    :param document: LaunchDarkly's document, with its config and masked secrets.
    :param stored: what the stack declares. Its options are kept. A field that it leaves to its default stays left out
        while LaunchDarkly has the default, tags keep the stack's order, and a secret that fits the mask is taken from
        ``stored``. ``REPLACED_OUTSIDE`` stands for any other secret. Without ``stored``, as for a look-up, secrets are
        left out, since LaunchDarkly never shows them.
    """
    known = stored.values if stored else None
    values = {f.name: f.from_api(document[f.api_name]) for f in KEY_FIELDS}
    fields = CONFIG_FIELDS[values["integration_key"]]
    values["config"] = _from_api(document["config"], fields, known and known["config"])
    values |= _from_api(document, EDITABLE_FIELDS, known)
    return stored.with_values(values) if stored else Desired(values)


def shown_config(config: Document, integration_key: str) -> dict[str, Any]:
    """Every field of LaunchDarkly's config but the secrets, by its Python name, defaults filled in."""
    values = {f: config.get(f.api_name) for f in CONFIG_FIELDS[integration_key] if not f.secret}
    return {f.name: f.default if value is None else f.from_api(value) for f, value in values.items()}


def _from_api(values: Document, fields: tuple[Field, ...], stored: Optional[Values]) -> Values:
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


def _known_secret(mask: object, f: Field, stored: Optional[Values]) -> Any:
    if stored is None or not mask:
        return f.default
    known = stored.get(f.name, f.default)
    return known if may_be_mask_of(mask, known) else REPLACED_OUTSIDE


def _in_stored_order(tags: object, f: Field, stored: Optional[Values]) -> Any:
    known = stored.get(f.name) if stored is not None else None
    if not isinstance(tags, list):
        return tags or f.default
    return known if known is not None and same_members(known, tags) else (tags or f.default)


def _to_api(values: Values, fields: tuple[Field, ...]) -> NewDocument:
    resolved = [(f, values.get(f.name, f.default)) for f in fields]
    return {f.api_name: f.to_api(value) for f, value in resolved if value is not ASSIGNED_BY_LAUNCHDARKLY}
