"""What a dynamic resource's properties say, as the core takes it, and back. Pure.

The properties have the names of a Python program, and hidden inputs and outputs beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    PREVIEW,
    PROGRAM,
    REPLACED_ON_CHANGES,
    STORE_COUNT,
)
from .property_paths import named_by


def declared(props: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among the properties that Pulumi hands over, which hold outputs and its own entries as well."""
    left_out = props.get(ASSIGNED) or ()
    return {name: props[name] for name in INPUT_NAMES if props.get(name) is not None and name not in left_out}


def desired_of(inputs: Mapping[str, Any]) -> Desired:
    """What the inputs declare; names that begin with two underscores are Pulumi's own."""
    values = {n: value for n, value in inputs.items() if n not in HIDDEN_INPUTS and not n.startswith("__")}
    kind = values.get("integration_key") or integration_key_of(values.get("config"))
    return Desired(
        values,
        secret=frozenset(path_of(*name.split(".", 1)) for name in inputs.get(MARKED_SECRETS) or ()),
        ignored=frozenset(named_by(inputs.get(IGNORED) or (), kind)),
    )


def inputs_of(desired: Desired, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that declare it.

    :param inputs: those that have the hidden ones.
    """
    return {**desired.values, **hidden_of(inputs)}


def hidden_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The hidden inputs that stay."""
    return {name: inputs[name] for name in HIDDEN_INPUTS if name in inputs}


def with_ignored(inputs: Mapping[str, Any], paths: Optional[Sequence[str]]) -> dict[str, Any]:
    """The inputs with these paths of ``ignore_changes``; with their own where nobody knows better."""
    if paths is None:
        return dict(inputs)
    others = {name: value for name, value in inputs.items() if name != IGNORED}
    return others | ({IGNORED: list(paths)} if paths else {})


def applied_of(outputs: Mapping[str, Any]) -> Applied:
    """What the outputs of a state know; its numbers are doubles."""
    version = outputs.get("version")
    desired = desired_of(declared(outputs))
    return Applied(desired, None if version is None else int(version), outputs.get(COMPARED) is True)


def outputs_of(stored: Stored, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the state keeps: what is declared, its hidden inputs, and what LaunchDarkly assigned.

    :param inputs: those that have the hidden ones.
    """
    applied = stored.applied
    shown = assigned_by_launchdarkly(applied.desired, stored.document)
    assigned = {**shown, ASSIGNED: sorted(shown)} if shown else {}
    made = {"integration_id": stored.id.integration_id, "version": applied.version}
    proof = {COMPARED: True} if applied.compared and applied.version is not None else {}
    return {**inputs_of(applied.desired, inputs), **assigned, **made, **proof}


def notice_program(program: Program, inputs: dict[str, Any]) -> Sequence[str]:
    """Takes what the program reports of itself out of a store's inputs: no state has it.

    :returns: the paths of the store's ``replace_on_changes``, which end here too.
    """
    count, organization = inputs.pop(STORE_COUNT, (1, program.organization))
    program.has_many_stores |= count > 1
    program.organization = organization
    program.is_preview |= PREVIEW in inputs
    places = [(project, environment) for project, environment in inputs.pop(PREVIEW, ())]
    program.add(places, inputs.pop(PROGRAM, None) or ())
    paths: Sequence[str] = inputs.pop(REPLACED_ON_CHANGES, ())
    return paths
