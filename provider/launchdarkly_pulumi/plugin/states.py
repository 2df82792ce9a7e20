"""What a state keeps of a store, and what it knows: the outputs of a resource, in either door's vocabulary. Pure.

A stack that the dynamic resource has made goes on with the plugin, and has the names of Python programs until the next
update. Each function here reads both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ..core.stores import Stored
from ..dynamic import codec
from ..dynamic.plugin_state import APPLIED
from ..model.desired import Applied, Desired
from ..model.documents import assigned_by_launchdarkly
from ..model.fields import (
    ASSIGNED_BY_LAUNCHDARKLY,
    CONFIG_FIELDS,
    EDITABLE_FIELDS,
    INTEGRATION_FIELDS,
    REPLACED_OUTSIDE,
    UNKNOWN,
    Path,
    fields_by_path,
)
from ..model.ids import IntegrationId
from .names import CONFIG, KIND, declared, name_of, properties_of
from .wire import Properties

_API_NAMES = {f.name: f.api_name for f in INTEGRATION_FIELDS}


def is_of_dynamic(properties: Properties) -> bool:
    """Whether the dynamic resource has written this."""
    return "project_key" in properties.values


def desired_of(inputs: Properties) -> Desired:
    """What the inputs of the last update declare."""
    if is_of_dynamic(inputs):
        return codec.desired_of(codec.declared(inputs.values))
    return declared(inputs).desired


def applied_of(outputs: Properties) -> Applied:
    """What the outputs know; their numbers are doubles."""
    if is_of_dynamic(outputs):
        return codec.applied_of(outputs.values)
    known = outputs.values.get(APPLIED) or {}
    left_out = {*known.get("assigned", ()), KIND, "integrationId", "version"}
    inputs = {name: value for name, value in outputs.values.items() if name not in left_out}
    version = outputs.values.get("version")
    return Applied(
        declared(replace(outputs, values=inputs), known.get("ignored", ())).desired,
        None if version is None else int(version),
        known.get("compared") is True,
    )


def outputs_of(stored: Stored) -> Properties:
    """What the state keeps of an integration."""
    desired = stored.applied.desired
    inputs = properties_of(desired)
    found = assigned_by_launchdarkly(desired, stored.document)
    assigned = {_API_NAMES[name]: value for name, value in found.items()}
    known = {
        "assigned": sorted(assigned),
        "compared": stored.applied.compared and stored.applied.version is not None,
        "ignored": sorted(name_of(path, stored.id.integration_key) for path in desired.ignored),
    }
    made = {KIND: stored.id.integration_key, "integrationId": stored.id.integration_id}
    version = {} if stored.applied.version is None else {"version": stored.applied.version}
    hidden = {APPLIED: {name: value for name, value in known.items() if value}}
    return replace(inputs, values={**inputs.values, **assigned, **made, **version, **hidden})


def planned_outputs(desired: Desired, id_: Optional[IntegrationId] = None, before: Any = None) -> Properties:
    """What a preview knows of the outputs that an update will have.

    :param id_: the integration's, once there is one.
    :param before: the values of its outputs so far.
    """
    inputs = properties_of(desired)
    # What LaunchDarkly assigns stays as it is; what the program leaves out otherwise is reverted.
    known = before or {}
    left_out = {
        f.api_name: known.get(f.api_name, UNKNOWN) if f.default is ASSIGNED_BY_LAUNCHDARKLY else f.to_api(f.default)
        for f in EDITABLE_FIELDS
        if f.name not in desired.values
    }
    kind = desired.values.get("integration_key", UNKNOWN)
    made = {KIND: kind, "integrationId": id_.integration_id if id_ else UNKNOWN, "version": UNKNOWN}
    return replace(inputs, values={**inputs.values, **left_out, **made})


def imported(stored: Stored) -> Stored:
    """An integration that nobody has managed so far: a stand-in takes the place of each secret that it has.

    Nobody knows the secret, and an update leaves it alone as long as no program declares it.
    """
    desired, masks = stored.applied.desired, stored.document.get(CONFIG) or {}
    fields = CONFIG_FIELDS[stored.id.integration_key]
    hidden = {f.name: REPLACED_OUTSIDE for f in fields if f.secret and masks.get(f.api_name)}
    desired = desired.with_config({**desired.values[CONFIG], **hidden})
    return stored._replace(applied=replace(stored.applied, desired=desired))


def lost_secrets(stored: Desired, desired: Desired) -> list[Path]:
    """The secrets that an operation was to set, and has not."""
    of_state, asked = stored.values.get(CONFIG), desired.values.get(CONFIG)
    if not isinstance(of_state, Mapping) or not isinstance(asked, Mapping):
        return []
    fields = fields_by_path(desired.kind)
    return [
        path
        for path, f in fields.items()
        if f.secret and of_state.get(f.name) == REPLACED_OUTSIDE and asked.get(f.name) not in (None, REPLACED_OUTSIDE)
    ]
