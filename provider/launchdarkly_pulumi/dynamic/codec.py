"""Translates a dynamic resource's properties into what the core works with, and results back. Pure.

The properties have the names of a Python program. Some are hidden inputs and outputs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Optional

from ..core.program import Program
from ..core.stores import Stored
from ..model.desired import Applied, Desired
from ..model.documents import assigned_by_launchdarkly
from ..model.fields import integration_key_of, path_of
from .hidden_inputs import (
    ASSIGNED,
    COMPARED,
    HIDDEN_INPUTS,
    IGNORED,
    INPUT_NAMES,
    MARKED_SECRETS,
    ORGANIZATION,
    PREVIEW,
    PROGRAM,
    REPLACED_ON_CHANGES,
    Properties,
)
from .property_paths import named_by


def declared(props: Properties) -> Properties:
    """The inputs among the properties that Pulumi passes, which also have outputs and entries of Pulumi's own."""
    left_out = props.get(ASSIGNED) or ()
    return {name: props[name] for name in INPUT_NAMES if props.get(name) is not None and name not in left_out}


def desired_of(inputs: Properties) -> Desired:
    """What the inputs declare. Names that begin with two underscores are Pulumi's own, and are left out."""
    values = {n: value for n, value in inputs.items() if n not in HIDDEN_INPUTS and not n.startswith("__")}
    kind = values.get("integration_key") or integration_key_of(values.get("config"))
    return Desired(
        values,
        secret=frozenset(path_of(*name.split(".", 1)) for name in inputs.get(MARKED_SECRETS) or ()),
        ignored=frozenset(named_by(inputs.get(IGNORED) or (), kind)),
    )


def inputs_of(desired: Desired, inputs: Properties) -> dict[str, Any]:
    """The inputs for what is declared, and the hidden inputs that the state keeps.

    :param inputs: has the hidden inputs.
    """
    return {**desired.values, **hidden_of(inputs)}


def hidden_of(inputs: Properties) -> Properties:
    """The hidden inputs that the state keeps."""
    return {name: inputs[name] for name in HIDDEN_INPUTS if name in inputs}


def with_ignored(inputs: Properties, paths: Optional[Sequence[str]]) -> Properties:
    """The inputs with these paths of ``ignore_changes``; unchanged if the engine's paths are not known (``None``)."""
    if paths is None:
        return dict(inputs)
    others = {name: value for name, value in inputs.items() if name != IGNORED}
    return others | ({IGNORED: list(paths)} if paths else {})


def applied_of(outputs: Properties) -> Applied:
    """What the state knows, from a resource's outputs. The version is a double there."""
    version = outputs.get("version")
    desired = desired_of(declared(outputs))
    return Applied(desired, None if version is None else int(version), outputs.get(COMPARED) is True)


def outputs_of(stored: Stored, inputs: Properties) -> dict[str, Any]:
    """The outputs that the state keeps: what is declared, the hidden inputs, and what LaunchDarkly has assigned.

    :param inputs: has the hidden inputs.
    """
    applied = stored.applied
    shown = assigned_by_launchdarkly(applied.desired, stored.document)
    assigned = {**shown, ASSIGNED: sorted(shown)} if shown else {}
    identity = {"integration_id": stored.id.integration_id, "version": applied.version}
    proof = {COMPARED: True} if applied.compared and applied.version is not None else {}
    return {**inputs_of(applied.desired, inputs), **assigned, **identity, **proof}


def notice_program(program: Program, inputs: dict[str, Any]) -> Sequence[str]:
    """Notes what the program reports of itself in hidden inputs, and removes these from the inputs: no state has them.

    :param program: gets what is reported.
    :param inputs: the inputs of one store, which are changed.
    :returns: the paths of the store's ``replace_on_changes``, which are removed too.
    """
    program.organization = inputs.pop(ORGANIZATION, program.organization)
    program.is_preview |= PREVIEW in inputs
    reported = inputs.pop(PREVIEW, "")
    places = [(project, environment) for project, environment in json.loads(reported)] if reported else []
    program.add(places, inputs.pop(PROGRAM, None) or ())
    paths: Sequence[str] = inputs.pop(REPLACED_ON_CHANGES, ())
    return paths
