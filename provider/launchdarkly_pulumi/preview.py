"""What a preview finds out and says: the patch that an update would send to the live integration."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Optional

from . import models, reconcile
from .errors import CallError, NotFound, RateLimited, ServerError, Unreachable
from .models import IntegrationId
from .patch import Document
from .reading import Known
from .reconcile import Inputs
from .retry import Deadline

if TYPE_CHECKING:
    from .run import Run

DECISION_TIME = 10.0
"""Seconds after which a preview goes on without LaunchDarkly."""


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
    run.learn(stored, inputs)
    try:
        actual = _live_or_surely_gone(run, urn, id_, known)
    except NotFound:
        run.messages.info(f"{id_}: gone in LaunchDarkly since the last update. It will be recreated.")
        return Comparison(changed=True, gone=True)
    if inputs == stored and run.reads_as_stored(id_):
        return Comparison(changed=False)
    if actual is None:
        plan = reconcile.plan({**models.document_of(stored), "integrationKey": id_.integration_key}, stored, inputs)
    else:
        plan = run.reconciler.plan(id_, actual, stored, inputs)
    if run.has_program and (plan.operations or plan.drift):
        run.messages.info(plan.describe(id_, models.hidden_pointers(id_.integration_key, stored, inputs)))
    return Comparison(changed=bool(plan.operations or plan.drift))


def look_before_replacing(run: Run, urn: str, id_: IntegrationId, known: Known) -> None:
    """Makes sure, before another integration is created, that the token is one for the account of this one.

    :raises StoresNotSeen: the integration is not there, and neither is any other store of the stack.
    """
    with suppress(NotFound):
        _live_or_surely_gone(run, urn, id_, known)


def _live_or_surely_gone(run: Run, urn: str, id_: IntegrationId, known: Known) -> Optional[Document]:
    """The live integration, or ``NotFound`` where the token sees another store of the stack."""
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
        hidden = models.hidden_pointers(id_.integration_key, stored)
        run.messages.info(f"{id_}: {reconcile.describe_drift(drifted, hidden)}")


def live(run: Run, id_: IntegrationId, known: Optional[Known] = None) -> Optional[Document]:
    """The live integration, ``None`` where the stack's state has to do.

    :param known: what the state has of it, if it knows it.
    :raises NotFound: it is gone.
    :raises AccessDenied: LaunchDarkly refuses the token.
    """
    if not run.settings.live_diff or run.out_of_reach:
        return None
    if run.settings.access_token is None:
        _go_on_without(run, "there is no access token (launchdarkly:accessToken or LAUNCHDARKLY_ACCESS_TOKEN)")
        return None
    deadline = run.deadline(DECISION_TIME)
    try:
        return run.reader.read(id_, deadline, known, among_many=run.has_many_stores)
    except (Unreachable, ServerError, RateLimited) as error:
        if _is_out_of_reach(run, error, deadline):
            _go_on_without(run, error.reason)
        else:
            run.messages.warn_once(
                f"{id_}: compared with the stack's state, not with LaunchDarkly: {error.reason}. Its drift is not seen."
            )
        return None


def _is_out_of_reach(run: Run, error: CallError, deadline: Deadline) -> bool:
    """Whether nothing can be read in this run, or only one store: the listing of the account tells."""
    if isinstance(error, Unreachable) and not error.outcome_unknown:
        return True
    if run.listing.outcome(deadline) is not None:
        return False
    failure = run.listing.failure
    if failure is None:
        # It takes long. That speaks against LaunchDarkly only where the store has to wait for its response as well.
        return isinstance(error, (Unreachable, RateLimited))
    return isinstance(failure, (Unreachable, ServerError, RateLimited))


def _go_on_without(run: Run, reason: str) -> None:
    run.out_of_reach = True
    run.messages.warn_once(
        f"Compared with the stack's state, not with LaunchDarkly: {reason}. Drift is not seen.", about="out of reach"
    )
