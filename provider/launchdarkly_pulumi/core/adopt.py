"""Adopts integrations that exist already: they are patched instead of created, and managed from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ..api.clock import Deadline
from ..errors import AlreadyManaged, NotFound, NothingToAdopt
from ..model import patch
from ..model.desired import Desired
from ..model.diff import Document
from ..model.documents import declared_by, document_of, managed_document_of
from ..model.fields import KEY_FIELDS, Names, is_unknown, name_of, set_only
from ..model.ids import IntegrationId
from ..model.patch import Operation
from ..model.secrets import with_unknown_secrets
from ..model.value_rules import shown
from . import own
from .compare import Comparer
from .notes.adoptions import Adoptions
from .own import Owners
from .program import Program
from .read import Reader
from .stack import Stack
from .update import Reached, Reconciler


@dataclass(frozen=True)
class Adoption:
    """What an adoption will do.

    :param desired: what is declared; the fields whose changes are ignored have LaunchDarkly's values.
    :param owner: the URN of the resource that manages the integration so far; empty if none does.
    :param operations: the patch that it will send; ``None`` if the integration could not be read.
    """

    desired: Desired
    owner: str
    operations: Optional[tuple[Operation, ...]]

    def describe(self, wanted: IntegrationId, urn: str, hidden: Collection[str]) -> str:
        """The line of the preview.

        :param wanted: the ID of the integration.
        :param urn: the resource that adopts it.
        :param hidden: JSON Pointers to the values that must not be shown.
        """
        what = "moves from {} to {}".format(*own.names_of(self.owner, urn)) if self.owner else "will be adopted"
        if self.operations is None:
            return f"{wanted}: {what}."
        if not self.operations:
            return f"{wanted}: {what} as it is."
        return f"{wanted}: {what}. PATCH {patch.shown(self.operations, hidden)}"


def problems(desired: Desired, wanted: IntegrationId, names: Names = name_of) -> Iterator[str]:
    """Says for each declared key that differs from the integration's that it cannot be adopted; unknown keys pass."""
    for field in KEY_FIELDS:
        declared, found = desired.values.get(field.name), getattr(wanted, field.name)
        if declared != found and not is_unknown(declared):
            called = names((field.api_name,))
            yield f"{wanted} has the {called} {found}, but the program declares {shown(declared)}"


class Adopter:
    """Adopts integrations.

    :param comparer: reads integrations in a preview.
    :param reader: reads integrations in an update.
    :param reconciler: patches integrations.
    :param owners: which resource manages which integration.
    :param stack: the stores of the state.
    :param program: what is known of the program.
    :param notes: this machine's notes of adoptions.
    """

    def __init__(  # noqa: PLR0917 - each is a part of the run
        self,
        comparer: Comparer,
        reader: Reader,
        reconciler: Reconciler,
        owners: Owners,
        stack: Stack,
        program: Program,
        notes: Adoptions,
    ) -> None:
        self._comparer, self._reader, self._reconciler = comparer, reader, reconciler
        self._owners, self._stack, self._program, self._notes = owners, stack, program, notes

    def ask(self, urn: str, wanted: IntegrationId) -> str:
        """Makes sure that no other resource of the program manages the integration that a resource is to adopt.

        :returns: the URN of the resource that manages it in the state and that the program no longer declares; empty if
            there is none.
        :raises AlreadyManaged: another resource of the program manages it, or is to adopt it.
        """
        self._owners.ask(urn, wanted)
        owners = self._stack.other_owners(urn, wanted)
        for owner in owners:
            if owner in self._program.urns:
                raise own.already_managed(wanted, owner, urn)
        return owners[0] if owners else ""

    def plan(self, urn: str, wanted: IntegrationId, desired: Desired) -> Adoption:
        """What an adoption will do.

        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource manages it.
        """
        owner = self.ask(urn, wanted)
        try:
            actual = self._comparer.live(wanted)
        except NotFound:
            raise _no_such(wanted) from None
        if actual is None:
            return Adoption(desired, owner, None)
        adopted = _with_ignored_as_found(desired, actual)
        previous = document_of(with_unknown_secrets(adopted))
        operations = patch.minimal_patch(actual, managed_document_of(adopted), previous)
        return Adoption(adopted, owner, tuple(operations))

    def adopt(self, urn: str, wanted: IntegrationId, desired: Desired, deadline: Deadline) -> Reached:
        """Patches the integration to what is declared; creates nothing.

        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource manages it, or the process that deletes that resource could not be
            kept from deleting the integration.
        """
        owner = self.ask(urn, wanted)
        try:
            self._reader.read(wanted, deadline)
        except NotFound:
            raise _no_such(wanted) from None
        claimed = self._notes.claim(wanted.integration_id, urn)
        if not claimed and (owner or self._stack.stores(urn) is None):
            raise AlreadyManaged(
                f"{wanted} cannot move to {urn.rsplit('::', 1)[-1]}: no note of it can be kept (see the warning), and "
                f"without one the delete of {owner or 'the resource that has it'} could delete it in LaunchDarkly"
            )
        try:
            return self._reconciler.adopt(wanted, desired, deadline)
        except BaseException:
            self._notes.disclaim(wanted.integration_id)
            raise


def _no_such(wanted: IntegrationId) -> NothingToAdopt:
    return NothingToAdopt(f"there is no integration {wanted} in LaunchDarkly to adopt, or the token may not see it")


def _with_ignored_as_found(desired: Desired, actual: Document) -> Desired:
    found = declared_by(actual, desired).values
    values, config = dict(desired.values), desired.values["config"]
    for path in desired.ignored:
        name = name_of(path).rpartition(".")[2]
        if len(path) == 1:
            values[name] = found.get(name)
        elif isinstance(config, Mapping):
            values["config"] = {**values["config"], name: found["config"].get(name)}
    return desired.with_values(set_only(values))
