"""The lifecycle of a store as Pulumi's engine calls it: from properties to the core, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..core.compare import Difference, describe_drift
from ..core.own import already_managed
from ..core.stores import Stored, Stores
from ..dynamic.property_paths import changed_within
from ..model.desired import Desired
from ..model.fields import CONFIG_PATH, Path, fields_by_path, is_unknown
from ..model.ids import IntegrationId
from ..model.secrets import hidden_pointers
from ..model.validation import Failure
from . import states
from .names import CONFIG, declared, failure_of, name_of, properties_of
from .resources import Changes, DoneInPart, Kind, Result
from .wire import Properties

GONE = "{id}: gone in LaunchDarkly since the last update. It will be recreated."
LEFT = "{id}: gone in LaunchDarkly; it leaves the state."
TRANSLATED = "{id}: the dynamic resource has written its state. The update writes it anew, and sends nothing for that."
MARKED = (
    "{id}: {fields}: marked as secret otherwise than in the state. The update writes the state anew, and sends nothing "
    "for that."
)


class Integrations:
    """Big segment store integrations.

    :param stores: those of the account.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._imported: dict[str, IntegrationId] = {}

    def check(self, urn: str, stored: Properties, given: Properties) -> tuple[Properties, list[Failure]]:
        """Finds every problem at once, and fills in what the config decides. Sends nothing."""
        self._stores.program.add(urns=[urn])
        found = declared(given)
        desired, kind = found.desired, found.desired.kind
        before = states.desired_of(stored).values if stored.values else {}
        # The engine has put the state's values in the place of what the program ignores: they may be anything.
        lenient = Desired(desired.values, desired.secret, frozenset(fields_by_path(kind)))
        checked = self._stores.check(lenient, before)
        for warning in checked.warnings:
            self._stores.session.reporter.warn_of_resource(warning)
        failures = [*found.failures, *(failure_of(each, kind) for each in checked.failures)]
        return properties_of(checked.desired), failures

    def diff(self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str]) -> Changes:
        """Compares with the live integration, and shows the patch that an update would send."""
        id_ = IntegrationId.parse(id)
        applied, desired = states.applied_of(outputs), declared(inputs, ignored).desired
        found = self._stores.diff(urn, id_, applied, desired)
        self._show(id_, found, applied.desired, desired)
        kind = desired.kind or applied.desired.kind
        if found.gone:
            return Changes(True, {}, ("integrationId",))
        changed = [*found.replaces, *_changed(applied.desired, desired)]
        details = {name_of(path, kind): _how(path, applied.desired, desired) for path in changed}
        translated = states.is_of_dynamic(outputs)
        changes = bool(found.replaces or found.updates or found.marked or translated)
        if not changes and self._imported.get(urn) == id_:
            # The engine takes the import of what is as declared, and no other.
            self._stores.owners.gain(urn, id_)
        if translated and self._stores.program.declares:
            self._stores.session.reporter.info(TRANSLATED.format(id=id_))
        return Changes(
            changes,
            {} if translated else details,
            tuple(name_of(path, kind) for path in found.replaces),
        )

    def create(self, urn: str, inputs: Properties, *, preview: bool) -> Result:
        """Creates the integration with one POST.

        :raises DoneInPart: it is there, and a secret could not be set.
        """
        desired = declared(inputs).desired
        if preview:
            self._stores.program.is_preview = True
            self._stores.require_place(desired)
            return Result("", states.planned_outputs(desired))
        return _whole(self._stores.create(urn, desired), desired)

    def read(self, urn: str, id: str, outputs: Optional[Properties], *, is_import: bool = False) -> Optional[Result]:
        """Reads it as inputs and outputs, so that a refresh shows drift field by field.

        :raises AlreadyManaged: it is imported, and another resource has it.
        """
        id_ = IntegrationId.parse(id)
        applied = states.applied_of(outputs) if outputs and CONFIG in outputs.values else None
        stored = self._stores.read(urn, id_, applied)
        reporter = self._stores.session.reporter
        if stored is None:
            reporter.info(LEFT.format(id=id_))
            return None
        if is_import:
            self._require_sole_owner(urn, id_)
            self._imported[urn] = id_
        if applied is None:
            stored = states.imported(stored)
        elif stored.drift:
            hidden = hidden_pointers(id_.integration_key, applied.desired)
            reporter.info(f"{id_}: {describe_drift(stored.drift, hidden, _names_of(id_))}")
        return _result(stored)

    def update(
        self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str], *, preview: bool
    ) -> Result:
        """Patches it to the inputs, with the fewest operations."""
        id_, desired = IntegrationId.parse(id), declared(inputs, ignored).desired
        if preview:
            return Result(id, states.planned_outputs(desired, id_, outputs.values))
        return _result(self._stores.update(id_, states.applied_of(outputs), desired))

    def delete(self, urn: str, id: str, outputs: Properties) -> None:
        """Deletes it, unless another resource has it."""
        self._stores.delete(urn, IntegrationId.parse(id), states.applied_of(outputs).desired)

    def _require_sole_owner(self, urn: str, id_: IntegrationId) -> None:
        """What is imported may belong to another resource. The engine has it in the state once it was read.

        :raises AlreadyManaged: it does.
        """
        self._stores.owners.ask(urn, id_)
        for owner in self._stores.stack.other_owners(urn, id_):
            raise already_managed(id_, owner, urn)

    def _show(self, id_: IntegrationId, found: Difference, stored: Desired, desired: Desired) -> None:
        """Says what a preview has found. A plain refresh compares too, and nothing will be sent then."""
        info = self._stores.session.reporter.info
        if found.gone:
            info(GONE.format(id=id_))
        elif self._stores.program.declares:
            if found.updates:
                info(found.describe(id_, hidden_pointers(id_.integration_key, stored, desired), _names_of(id_)))
            if found.marked:
                fields = ", ".join(name_of(path, id_.integration_key) for path in found.marked)
                info(MARKED.format(id=id_, fields=fields))


def _whole(stored: Stored, desired: Desired) -> Result:
    """What came of a create.

    :raises DoneInPart: a secret is not set.
    """
    lost = states.lost_secrets(stored.applied.desired, desired)
    if lost:
        names = ", ".join(name_of(path, stored.id.integration_key) for path in lost)
        raise DoneInPart(f"{stored.id}: {names} could not be set. The next update sends it", _result(stored))
    return _result(stored)


def _result(stored: Stored) -> Result:
    return Result(str(stored.id), states.outputs_of(stored), properties_of(stored.applied.desired))


def _names_of(id_: IntegrationId) -> Any:
    return lambda path: name_of(path, id_.integration_key)


def _changed(stored: Desired, desired: Desired) -> list[Path]:
    """The fields that the program has changed; a config that is not known yet is one of them."""
    changed = changed_within(["*"], stored, desired)
    if not is_unknown(desired.values[CONFIG]):
        return changed
    return [*(path for path in changed if len(path) == 1), CONFIG_PATH]


def _how(path: Path, stored: Desired, desired: Desired) -> Kind:
    if not _declares(desired, path):
        return Kind.DELETE
    return Kind.UPDATE if _declares(stored, path) else Kind.ADD


def _declares(desired: Desired, path: Path) -> bool:
    """Whether the program gives a value for a field itself."""
    values: Any = properties_of(desired).values
    for part in name_of(path, desired.kind).split("."):
        if is_unknown(values):
            return True
        if not isinstance(values, Mapping) or part not in values:
            return False
        values = values[part]
    return True
