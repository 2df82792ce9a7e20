"""What the plugin has written into a state, in the names of Python programs: its stacks may go on in Python. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS
from .hidden_inputs import ASSIGNED, COMPARED, IGNORED

APPLIED = "__applied"
"""The plugin's output that holds what else is known: nobody declares it, and Pulumi hides names that begin so.

``assigned`` are the outputs that are no inputs, ``compared`` is there where the whole config was compared with
LaunchDarkly's, and ``ignored`` are the property paths of `ignoreChanges`. Some versions of Pulumi's Python SDK keep it
from the dynamic provider, which then compares once more than it would have to.
"""

_NAMES = {f.api_name: f.name for f in INTEGRATION_FIELDS} | {"integrationId": "integration_id", "version": "version"}


def is_of_plugin(props: Mapping[str, Any]) -> bool:
    """Whether the plugin has written this."""
    return "projectKey" in props


def in_python(props: Mapping[str, Any]) -> dict[str, Any]:
    """The properties as the dynamic resource would have written them."""
    if not is_of_plugin(props):
        return dict(props)
    translated = {_NAMES[name]: value for name, value in props.items() if name in _NAMES}
    for kind, fields in (props.get("config") or {}).items():
        names = {f.api_name: f.name for f in CONFIG_FIELDS.get(kind, ())}
        config = {names[name]: value for name, value in fields.items() if name in names}
        translated |= {"integration_key": kind, "config": config}
    known = props.get(APPLIED) or {}
    hidden = {
        ASSIGNED: [_NAMES[name] for name in known.get("assigned", ())],
        COMPARED: known.get("compared"),
        IGNORED: [_path(path, translated.get("integration_key")) for path in known.get("ignored", ())],
    }
    return translated | {name: value for name, value in hidden.items() if value}


def _path(path: str, kind: Any) -> str:
    """A property path of the plugin's, ``config.redis.tlsEnabled``, as ``config.tls_enabled``."""
    config = {f"config.{kind}.{f.api_name}": f"config.{f.name}" for f in CONFIG_FIELDS.get(kind, ())}
    return config.get(path) or _NAMES.get(path, path)
