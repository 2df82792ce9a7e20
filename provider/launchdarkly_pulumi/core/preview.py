"""What a preview finds out and says: the patch that an update would send to the live integration."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Optional

from ..errors import NotFound
from ..model.diff import Document
from ..model.documents import document_of
from ..model.hidden_inputs import MARKED_SECRETS
from ..model.ids import IntegrationId
from ..model.secrets import hidden_pointers
from . import gates, reconcile
from .gates import DECISION_TIME
from .reading import Known
from .reconcile import Inputs

if TYPE_CHECKING:
    from .run import Run

WARNINGS = (
    "{what}: compared with the stack's state, not with LaunchDarkly: {reason}. Its drift is not seen.",
    gates.STATE_HAS_TO_DO,
)


class Comparison(NamedTuple):
    """Whether an update has anything to do, or the integration is no longer there to be updated."""

    changed: bool
    gone: bool = False


def compare(run: Run, urn: str, id_: IntegrationId, known: Known, inputs: Inputs) -> Comparison:
    """Compares the inputs with the live integration, or else with the stored state, and shows the patch.

    :param urn: the resource's.
    :param known: what the stack's state has.
    :raises AccessDenied: LaunchDarkly refuses the token.
    :raises StoresNotSeen: the integration is not there, and neither is any other store of the stack.
    """
    stored = known.inputs
    run.learn(inputs)
    try:
        actual = _live_or_surely_gone(run, urn, id_, known)
    except NotFound:
        run.messages.info(f"{id_}: gone in LaunchDarkly since the last update. It will be recreated.")
        return Comparison(changed=True, gone=True)
    if inputs == stored and run.reads_as_stored(id_):
        return Comparison(changed=False)
    if actual is None:
        plan = reconcile.plan({**document_of(stored), "integrationKey": id_.integration_key}, stored, inputs)
    else:
        plan = reconcile.plan(actual, stored, inputs)
    if run.has_program and (plan.operations or plan.drift):
        run.messages.info(plan.describe(id_, hidden_pointers(id_.integration_key, stored, inputs)))
    return Comparison(changed=bool(plan.operations or plan.drift))


def look_before_replacing(run: Run, urn: str, id_: IntegrationId, known: Known) -> None:
    """Makes sure, before another integration is created, that the token is one for the account of this one.

    :raises StoresNotSeen: the integration is not there, and neither is any other store of the stack.
    """
    with suppress(NotFound):
        _live_or_surely_gone(run, urn, id_, known)


def _live_or_surely_gone(run: Run, urn: str, id_: IntegrationId, known: Known) -> Optional[Document]:
    """The live integration, or ``NotFound`` where the token sees another store of the stack."""
    # A refusal may echo what the state has.
    run.learn(known.inputs)
    try:
        actual = live(run, id_, known)
    except NotFound:
        run.presence.require_any(urn, id_, run.deadline(DECISION_TIME))
        raise
    if actual is not None:
        run.presence.saw()
    return actual


def show_drift(run: Run, id_: IntegrationId, actual: Document, stored: Inputs) -> None:
    """Says in a refresh what changed since the last update: the engine cannot show that a hidden password did."""
    drifted = reconcile.drift(actual, stored)
    if drifted:
        hidden = hidden_pointers(id_.integration_key, stored)
        run.messages.info(f"{id_}: {reconcile.describe_drift(drifted, hidden)}")


def live(run: Run, id_: IntegrationId, known: Optional[Known] = None) -> Optional[Document]:
    """The live integration, ``None`` where the stack's state has to do.

    :param known: what the state has of it, if it knows it.
    :raises NotFound: it is gone.
    :raises AccessDenied: LaunchDarkly refuses the token.
    :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
    """
    if not gates.may_look(run, str(id_)):
        return None
    if run.settings.access_token is None:
        gates.go_on_without(run, str(id_), gates.NO_TOKEN)
        return None
    deadline = run.deadline(DECISION_TIME)
    try:
        return run.reader.read(id_, deadline, known, among_many=run.has_many_stores)
    except gates.NO_LOOK as error:
        gates.pass_over(run, str(id_), error, deadline, WARNINGS)
        return None


def marks_anew(run: Run, id_: IntegrationId, stored: Inputs, inputs: Inputs) -> bool:
    """Whether the program marks other fields as secrets than the state has: the state needs an update then."""
    before, after = (set(each.get(MARKED_SECRETS) or ()) for each in (stored, inputs))
    if before != after:
        run.messages.info(
            f"{id_}: {', '.join(sorted(before ^ after))}: marked as secret otherwise than in the state. "
            "The update writes the state anew, and sends nothing for that."
        )
    return before != after
