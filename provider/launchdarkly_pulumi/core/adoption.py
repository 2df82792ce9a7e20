"""Adopting integrations that exist already: the ``import_`` option of a resource.

Pulumi's own import cannot work for dynamic resources: their host reads with no inputs. So the resource hands the
option over as a hidden input, ``check`` says what will follow, and ``create`` patches instead of creating.

As in Pulumi's engine an option that the state has already, or that names the resource's own ID, asks for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..api.clock import Deadline
from ..errors import AlreadyManaged, InvalidId, NotFound, NothingToAdopt
from ..model import patch, property_paths
from ..model.diff import Document
from ..model.documents import document_of, inputs_of
from ..model.fields import KEY_FIELDS, fields_by_path, is_unknown, set_only
from ..model.hidden_inputs import ADOPTED
from ..model.ids import IntegrationId
from ..model.secrets import hidden_pointers, with_unknown_secrets
from ..model.value_rules import shown
from . import ownership

if TYPE_CHECKING:
    from .reconcile import Reached
    from .run import Run

Inputs = Mapping[str, Any]


class Adoptions:
    """Which resources of a run ask for an adoption, and which have what their option names already.

    ``create`` is not told whether it follows on a new declaration or on a replacement; the calls before it are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled: set[tuple[str, str | None]] = set()

    def notice(self, urn: str, inputs: Inputs, *had: str | None) -> None:
        """Remembers that the option asks for nothing where the resource has what it names, or had it once."""
        with self._lock:
            self._settled |= {(urn, each) for each in {inputs.get(ADOPTED)} & set(had)}

    def is_asked(self, urn: str, inputs: Inputs) -> bool:
        """Whether a resource is to adopt an integration that it is not yet."""
        wanted = inputs.get(ADOPTED)
        with self._lock:
            return wanted is not None and (urn, wanted) not in self._settled


def problems(inputs: Inputs) -> Iterator[str]:
    """Why the option cannot be meant for these inputs; unknown keys pass."""
    try:
        wanted = IntegrationId.parse(inputs[ADOPTED])
    except InvalidId as error:
        yield str(error)
        return
    for field in KEY_FIELDS:
        declared, found = inputs.get(field.name), getattr(wanted, field.name)
        if declared != found and not is_unknown(declared):
            yield f"{wanted} has the {field.name} {found}, but the program declares {shown(declared)}"


def ask(run: Run, urn: str, wanted: IntegrationId) -> str:
    """Makes sure that nobody else has the integration that a resource is to adopt.

    :returns: the URN of the resource that has it in the state, and that the program no longer declares; else nothing.
    :raises AlreadyManaged: another resource of the program has it, or asks for it.
    """
    run.owners.ask(urn, wanted)
    owners = run.owners_in_state(urn, wanted)
    for owner in owners:
        if owner in run.declared_urns:
            raise ownership.already_managed(wanted, owner, urn)
    return owners[0] if owners else ""


def look(run: Run, urn: str, inputs: Inputs) -> dict[str, Any]:
    """Says what an adoption will do; gives the inputs with the fields whose changes are ignored as they are.

    :raises NothingToAdopt: there is no such integration.
    :raises AlreadyManaged: another resource has it.
    """
    from . import preview

    wanted = IntegrationId.parse(inputs[ADOPTED])
    owner = ask(run, urn, wanted)
    what = "moves from {} to {}".format(*ownership.names_of(owner, urn)) if owner else "will be adopted"
    try:
        actual = preview.live(run, wanted)
    except NotFound:
        raise _no_such(wanted) from None
    if actual is None:
        run.messages.info(f"{wanted}: {what}.")
        return dict(inputs)
    adopted = _with_ignored_as_found(inputs, actual)
    desired, nobody_knows = (
        property_paths.managed_document_of(adopted),
        document_of(with_unknown_secrets(adopted)),
    )
    operations = patch.minimal_patch(actual, desired, nobody_knows)
    hidden = hidden_pointers(wanted.integration_key, adopted)
    run.messages.info(
        f"{wanted}: {what}. PATCH {patch.shown(operations, hidden)}" if operations else f"{wanted}: {what} as it is."
    )
    return adopted


def adopt(run: Run, urn: str, inputs: Inputs, deadline: Deadline) -> Reached:
    """Takes the integration over and patches it to the inputs; creates nothing.

    :raises AlreadyManaged: another resource has it, or the process that deletes that one could not know of this one.
    """
    wanted = IntegrationId.parse(inputs[ADOPTED])
    owner = ask(run, urn, wanted)
    try:
        run.reader.read(wanted, deadline)
    except NotFound:
        raise _no_such(wanted) from None
    claims = run.notes.adoptions
    if not claims.claim(wanted.integration_id, urn) and (owner or run.stores_of_stack(urn) is None):
        raise AlreadyManaged(
            f"{wanted} cannot move to {urn.rsplit('::', 1)[-1]}: no note of it can be kept (see the warning), and "
            f"without one the delete of {owner or 'the resource that has it'} could delete it in LaunchDarkly"
        )
    try:
        return run.reconciler.adopt(wanted, inputs, deadline)
    except BaseException:
        claims.disclaim(wanted.integration_id)
        raise


def _no_such(wanted: IntegrationId) -> NothingToAdopt:
    return NothingToAdopt(f"there is no integration {wanted} in LaunchDarkly to adopt, or the token may not see it")


def _with_ignored_as_found(inputs: Inputs, actual: Document) -> dict[str, Any]:
    found = inputs_of(actual, inputs)
    adopted: dict[str, Any] = dict(inputs)
    for path in property_paths.ignored_paths(inputs):
        name = fields_by_path(inputs["integration_key"])[path].name
        if len(path) == 1:
            adopted[name] = found.get(name)
        elif isinstance(inputs["config"], Mapping):
            adopted["config"] = {**adopted["config"], name: found["config"].get(name)}
    return set_only(adopted)
