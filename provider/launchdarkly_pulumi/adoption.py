"""Adopting integrations that exist already: the ``import_`` option of a resource.

Pulumi's own import cannot work for dynamic resources: their host reads with no inputs. So the resource hands the
option over as a hidden input, ``check`` says what will follow, and ``create`` patches instead of creating.

As in Pulumi's engine an option that the state has already, or that names the resource's own ID, asks for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import models, patch
from .errors import DriftedAway, InvalidId, NotFound
from .models import ADOPTED, IntegrationId
from .patch import Document
from .retry import Deadline
from .rules import shown

if TYPE_CHECKING:
    from .reconcile import Reached
    from .run import Run

Inputs = Mapping[str, Any]


class Adoptions:
    """What one run adopts, and what its stack has adopted already.

    ``create`` is not told whether it follows on a new declaration or on a replacement; the calls before it are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled: set[str | None] = {None}
        self._taken: set[tuple[str, IntegrationId]] = set()

    def notice(self, inputs: Inputs, *had: str | None) -> None:
        """Remembers that the option asks for nothing where the stack has what it names, or had it once."""
        with self._lock:
            self._settled |= {inputs.get(ADOPTED)} & set(had)

    def is_asked(self, inputs: Inputs) -> bool:
        """Whether a resource is to adopt an integration that it is not yet."""
        with self._lock:
            return inputs.get(ADOPTED) not in self._settled

    def take(self, id_: IntegrationId, call: str) -> None:
        """Keeps an integration from being adopted twice, which would be deleted with either of both resources.

        :param call: ``check`` or ``create``, each of which comes once for a resource that adopts.
        :raises DriftedAway: another resource of the program adopts it.
        """
        with self._lock:
            if (call, id_) in self._taken:
                raise DriftedAway(f"{id_} is adopted by another resource of this program already")
            self._taken.add((call, id_))


def problems(inputs: Inputs) -> Iterator[str]:
    """Why the option cannot be meant for these inputs; unknown keys pass."""
    try:
        wanted = IntegrationId.parse(inputs[ADOPTED])
    except InvalidId as error:
        yield str(error)
        return
    for field in models.KEY_FIELDS:
        declared, found = inputs.get(field.name), getattr(wanted, field.name)
        if declared != found and not models.is_unknown(declared):
            yield f"{wanted} has the {field.name} {found}, but the program declares {shown(declared)}"


def look(run: Run, inputs: Inputs) -> dict[str, Any]:
    """Says what an adoption will do; gives the inputs with the fields whose changes are ignored as they are.

    :raises DriftedAway: there is no such integration, or another resource adopts it.
    """
    from . import preview

    wanted = IntegrationId.parse(inputs[ADOPTED])
    run.adoptions.take(wanted, "check")
    try:
        actual = preview.live(run, wanted)
    except NotFound:
        raise _no_such(wanted) from None
    if actual is None:
        run.messages.info(f"{wanted}: will be adopted.")
        return dict(inputs)
    adopted = _with_ignored_as_found(inputs, actual)
    operations = patch.minimal_patch(actual, models.managed_document_of(adopted))
    hidden = models.hidden_pointers(wanted.integration_key, adopted)
    what_follows = (
        f"will be adopted. PATCH {patch.shown(operations, hidden)}" if operations else "will be adopted as it is."
    )
    run.messages.info(f"{wanted}: {what_follows}")
    return adopted


def adopt(run: Run, inputs: Inputs, deadline: Deadline) -> Reached:
    """Takes the integration over and patches it to the inputs; creates nothing."""
    wanted = IntegrationId.parse(inputs[ADOPTED])
    run.adoptions.take(wanted, "create")
    try:
        run.reader.read(wanted, deadline)
    except NotFound:
        raise _no_such(wanted) from None
    return run.reconciler.adopt(wanted, inputs, deadline)


def _no_such(wanted: IntegrationId) -> DriftedAway:
    return DriftedAway(f"there is no integration {wanted} in LaunchDarkly to adopt, or the token may not see it")


def _with_ignored_as_found(inputs: Inputs, actual: Document) -> dict[str, Any]:
    found = models.inputs_of(actual, inputs)
    adopted: dict[str, Any] = dict(inputs)
    for path in models.ignored_paths(inputs):
        name = models.fields_by_path(inputs["integration_key"])[path].name
        if len(path) == 1:
            adopted[name] = found.get(name)
        elif isinstance(inputs["config"], Mapping):
            adopted["config"] = {**adopted["config"], name: found["config"].get(name)}
    return models.set_only(adopted)
