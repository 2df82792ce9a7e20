"""Deletes integrations: only those that no other resource manages, and with proof that they are deleted."""

from __future__ import annotations

from ..api.clock import Deadline
from ..errors import AlreadyManaged, CallError, NotFound
from ..model.ids import IntegrationId
from . import own
from .notes import Notes
from .own import Hold, Owners
from .presence import Presence
from .session import Session
from .stack import Stack

STATE_UNKNOWN = (
    "The stack's state could not be read with `pulumi stack export`. A store that another resource of the stack "
    "manages too is kept only if this run has met that resource."
)


class Deleter:
    """Deletes integrations.

    :param session: the account.
    :param owners: which resource manages which integration.
    :param stack: the stores of the state.
    :param presence: knows whether the token sees the stack's stores.
    :param notes: this machine's notes.
    """

    def __init__(self, session: Session, owners: Owners, stack: Stack, presence: Presence, notes: Notes) -> None:
        self._session, self._owners, self._stack = session, owners, stack
        self._presence, self._notes = presence, notes

    def delete(self, urn: str, id_: IntegrationId, deadline: Deadline) -> None:
        """Deletes an integration, unless another resource of the run manages or has adopted it.

        :raises AlreadyManaged: another resource was to adopt it, and failed before it did.
        :raises StoresNotSeen: LaunchDarkly answered 404, and nothing proves that it was deleted.
        :raises Interrupted: the run is being cancelled.
        """
        reporter = self._session.reporter
        owner = self._other_owner(urn, id_)
        if owner:
            reporter.info(f"{id_}: kept in LaunchDarkly, {own.names_of(urn, owner)[1]} manages it now.")
            return
        # Before the note: if nothing is sent, a note would make the next run believe a 404.
        self._session.clock.require_running()
        deletes = self._notes.deletes
        deletes.begin(id_.integration_id)
        try:
            with self._presence.deleting():
                self._session.client.delete(id_, deadline)
        except NotFound:
            # An earlier process may have been interrupted after LaunchDarkly had deleted it and before the state knew.
            if not deletes.was_begun_before(id_.integration_id):
                deletes.refuse(id_.integration_id)
                self._presence.require_any(urn, id_, deadline)
            reporter.info(f"{id_}: was gone in LaunchDarkly already.")
        except CallError as error:
            if not error.outcome_unknown:
                deletes.refuse(id_.integration_id)
            raise

    def _other_owner(self, urn: str, id_: IntegrationId) -> str:
        """The URN of another resource that manages the integration; empty if there is none.

        The state is read too: a run with targets meets only these, and a destroy only the resources that it deletes.
        """
        if self._stack.stores(urn) is None:
            self._session.reporter.warn_once(STATE_UNKNOWN)
        others = self._owners.give_up(urn, id_, self._stack.other_owners(urn, id_))
        owners = [other for other, how in others.items() if how is not Hold.ASKED]
        for other in others if not owners else ():
            owner, by = own.names_of(urn, other)
            raise AlreadyManaged(f"{id_} was to move from {owner} to {by}, which failed: it stays with {owner}")
        return owners[0] if owners else self._notes.adoptions.claimed_by(id_.integration_id) or ""
