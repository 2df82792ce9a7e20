"""The big segment stores in what ``terraform show -json`` writes. Pure.

Sources: Terraform's "JSON Output Format", and the documentation of LaunchDarkly's Terraform provider, whose resource
keeps the config as a JSON string, its secrets in plain text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Optional

from ..errors import InvalidId
from ..model.fields import EDITABLE_FIELDS
from ..model.ids import IntegrationId
from . import UsageError
from .stores import Found

RESOURCE = "launchdarkly_big_segment_store_integration"
FORMATS = ("0.", "1.")
"""How the versions begin that can be read: a new major version may be another format."""

JsonObject = Mapping[str, object]
"""A part of the document, of which nothing is known before somebody looks."""


def read(content: bytes, found: Found) -> None:
    """Finds the stores of a document.

    :raises UsageError: it is not such a document, or one of a plan; the message quotes nothing of it.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not str(document.get("format_version")).startswith(FORMATS):
        raise UsageError("standard input is not what `terraform show -json` writes of a state")
    if "planned_values" in document:
        raise UsageError("standard input is a plan: give the state, `terraform show -json` without a file")
    for resource in _resources(document):
        _add(found, resource)


def _resources(document: JsonObject) -> Iterator[JsonObject]:
    """The stores that Terraform manages, in the root module and all below."""
    modules = [_mapping(_mapping(document.get("values")).get("root_module"))]
    while modules:
        module = modules.pop()
        modules += [_mapping(child) for child in _list(module.get("child_modules"))]
        for resource in map(_mapping, _list(module.get("resources"))):
            # A deposed object waits for its deletion: it is no longer the resource.
            if (resource.get("type"), resource.get("mode")) == (RESOURCE, "managed") and "deposed_key" not in resource:
                yield resource


def _add(found: Found, resource: JsonObject) -> None:
    values = _mapping(resource.get("values"))
    try:
        id_ = IntegrationId.parse(str(values.get("id")))
    except InvalidId as error:
        found.leave_out(f"{resource.get('address')}: {error}")
        return
    if not found.wants(id_):
        return
    config = _config(values.get("config"))
    if config is None:
        found.leave_out(
            f"{id_}: its config is not in the state, as after `terraform import`: export it from LaunchDarkly"
        )
    else:
        found.add(id_, {**{f.api_name: values.get(f.name) for f in EDITABLE_FIELDS}, "config": config})


def _config(text: object) -> Optional[JsonObject]:
    if not isinstance(text, str):
        return None
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return config if isinstance(config, dict) else None


def _mapping(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
