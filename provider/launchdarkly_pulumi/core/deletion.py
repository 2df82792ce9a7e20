"""Deleting an integration that is the resource's own, and making sure that it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api.clock import Deadline
from ..errors import AlreadyManaged, CallError, NotFound
from ..model.ids import IntegrationId
from . import ownership
from .ownership import Hold

if TYPE_CHECKING:
    from .run import Run


def delete(run: Run, urn: str, id_: IntegrationId, deadline: Deadline) -> None:
    """Deletes an integration, unless another resource of the run has it, or has adopted it.

    :raises AlreadyManaged: another resource was to adopt it, and did not get that far.
    :raises StoresNotSeen: it is not there, and nothing shows that it was deleted.
    :raises Interrupted: the run is being cancelled.
    """
    owner = _other_owner(run, urn, id_)
    if owner:
        run.messages.info(f"{id_}: kept in LaunchDarkly, {ownership.names_of(urn, owner)[1]} manages it now.")
        return
    # Nothing is sent then, and a note would make the next run believe a 404.
    run.clock.require_running()
    deletes = run.notes.deletes
    deletes.begin(id_.integration_id)
    try:
        run.client.delete(id_, deadline)
    except NotFound:
        # Another process may have been cut off before the state learnt that LaunchDarkly had deleted it.
        if not deletes.was_begun_before(id_.integration_id):
            deletes.refuse(id_.integration_id)
            run.presence.require_any(urn, id_, deadline)
        run.messages.info(f"{id_}: was gone in LaunchDarkly already.")
    except CallError as error:
        if not error.outcome_unknown:
            deletes.refuse(id_.integration_id)
        raise
    else:
        run.presence.saw()


def _other_owner(run: Run, urn: str, id_: IntegrationId) -> str:
    """The URN of another resource that has the integration.

    What the run has met is not all: a run with targets meets these alone, and a destroy only what it deletes.
    """
    others = run.owners.give_up(urn, id_, run.owners_in_state(urn, id_))
    owners = [other for other, how in others.items() if how is not Hold.ASKED]
    for other in others if not owners else ():
        own, by = ownership.names_of(urn, other)
        raise AlreadyManaged(f"{id_} was to move from {own} to {by}, which failed: it stays with {own}")
    return owners[0] if owners else run.notes.adoptions.claimed_by(id_.integration_id) or ""
