"""The seam: everything that a door can ask for, whichever language its programs are in.

A door translates what Pulumi's engine says into `Desired` and `Applied`, and what comes of it back. It prints what is
returned to it. Warnings, and what an operation reports on its way, go to its `Reporter`.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from ..api.clock import Clock
from ..errors import NotFound
from ..model.desired import Applied, Desired
from ..model.diff import Change, Document
from ..model.documents import declared_by, keys_of, replaced_by, version_of
from ..model.fields import Names, Path, name_of
from ..model.ids import IntegrationId
from .compare import Comparer, Difference, drift_of
from .gates import Gates
from .own import Owners
from .presence import Presence
from .program import Program
from .read import Listing, Reader
from .reporter import Reporter
from .session import Session
from .settings import Settings
from .stack import FindStores, Stack, nobody_knows

# NOTE: each operation of Pulumi needs some of these alone, and its first call waits until they are loaded.
if TYPE_CHECKING:
    from ..model.validation import Checked
    from .adopt import Adoption
    from .new_stores import NewStores
    from .notes import Notes
    from .update import Reached
    from .writers import Writers


class Stored(NamedTuple):
    """An integration as it is now.

    :param id: its ID.
    :param document: LaunchDarkly's; its config may be missing after an update.
    :param applied: what the state has to keep of it.
    :param drift: the fields that others have changed since the last update, where it was read.
    """

    id: IntegrationId
    document: Document
    applied: Applied
    drift: tuple[Change, ...] = ()


class Stores:
    """The big segment stores of one account, for the time of one run of Pulumi. All threads of the run share it.

    :param settings: token, host and the rest.
    :param reporter: shows what people should know.
    :param clock: time, for tests to replace.
    :param find_stores: reads the stack's state.
    :param notes: this machine's notes; by default those of the account.
    :param names: what fields are called in messages.
    """

    def __init__(
        self,
        settings: Settings,
        reporter: Reporter,
        clock: Optional[Clock] = None,
        *,
        find_stores: FindStores = nobody_knows,
        notes: Optional[Notes] = None,
        names: Names = name_of,
    ) -> None:
        self.session = session = Session(settings, reporter, clock)
        self.program = Program()
        self.owners = Owners()
        self.stack = Stack(find_stores, self.program, self.owners)
        self.listing = Listing(session.client, session.deadline, session.clock)
        self.reader = Reader(session.client, self.listing, reporter.warn_once, session.clock)
        self.presence = Presence(session.client, self.listing, self.owners, self.stack.stores, settings)
        self.gates = Gates(session, self.listing)
        self.comparer = Comparer(session, self.reader, self.gates, self.presence)
        self._names = names
        self._notes = notes
        self._lock = threading.Lock()
        self._writers: Optional[Writers] = None
        self._new_stores: Optional[NewStores] = None

    @property
    def writers(self) -> Writers:
        """What changes something.

        :raises SettingsError: there is no token.
        """
        with self._lock:
            if self._writers is None:
                from .writers import Readers, notes_of, writers_of

                parts = (self.session, self.program, self.owners, self.stack)
                run = Readers(*parts, self.listing, self.reader, self.presence, self.comparer)
                self._writers = writers_of(run, self._notes or notes_of(self.session), self._names)
            return self._writers

    @property
    def new_stores(self) -> NewStores:
        """What makes sure, in a preview, that stores could be created."""
        with self._lock:
            if self._new_stores is None:
                from .new_stores import NewStores

                self._new_stores = NewStores(self.session, self.program, self.gates, self.listing)
            return self._new_stores

    def check(self, desired: Desired, stored: Mapping[str, Any] = MappingProxyType({})) -> Checked:
        """Finds every problem of what a program declares at once, and gives it its normal form. Sends nothing.

        :param stored: the values that the state has.
        """
        from ..model import doubts, validation

        self.program.declares = True
        self.session.learn(desired)
        checked = validation.check(desired, stored)
        of_reach = doubts.of_reach(checked.desired.values, self.session.settings.base_url)
        return checked._replace(warnings=[*checked.warnings, *of_reach])

    def require_place(self, desired: Desired, *, adopts: bool = False) -> None:
        """Makes sure, in a preview, that a store could be created.

        :param adopts: whether an integration is adopted instead, which needs no more than a token.
        :raises SettingsError: there is no token.
        :raises AccessDenied: LaunchDarkly does not know the token.
        :raises NotFound: it does not know the project or the environment.
        :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
        """
        self.new_stores.require(desired, adopts=adopts)

    def diff(
        self,
        urn: str,
        id_: IntegrationId,
        applied: Applied,
        desired: Desired,
        *,
        wanted: Optional[IntegrationId] = None,
        forced: Collection[Path] = (),
    ) -> Difference:
        """How an integration differs from what is declared.

        :param urn: the resource's.
        :param applied: what the state knows.
        :param wanted: the integration that the resource is to adopt in its place.
        :param forced: changed fields for which the program asks for a replacement.
        :raises AlreadyManaged: another resource of the program has it.
        :raises AccessDenied: LaunchDarkly refuses the token.
        :raises StoresNotSeen: the integration is not there, and neither is any other store of the stack.
        :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
        """
        # A refresh compares too: it shows what the state has, even where two resources have the same.
        (self.owners.hold if self.program.declares else self.owners.note)(urn, id_)
        replaces = tuple(dict.fromkeys((*replaced_by(applied.desired, desired), *forced)))
        if wanted is not None:
            self.writers.adopter.ask(urn, wanted)
            return Difference(replaces=replaces)
        if replaces:
            self.comparer.require_account(urn, id_, applied)
            return Difference(replaces=replaces)
        many = self.program.has_many_stores
        found = self.comparer.compare(urn, id_, applied, desired, among_many=many)
        marked = applied.desired.secret ^ desired.secret if self.program.declares else ()
        return replace(found, marked=tuple(sorted(marked)))

    def create(self, urn: str, desired: Desired) -> Stored:
        """Creates the integration with one POST, whose ID is never lost.

        :raises CallError: it was not created, or nobody can tell whether it was.
        :raises Interrupted: the run is being cancelled, and nothing was sent.
        """
        from .create import Resource

        self.session.learn(desired)
        resource = Resource(urn, self.program.organization)
        reached = self.writers.creator.create(resource, desired, self.session.deadline)
        return self._gained(urn, desired, reached)

    def plan_adoption(self, urn: str, wanted: IntegrationId, desired: Desired) -> Adoption:
        """What an adoption will do.

        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource has it.
        """
        return self.writers.adopter.plan(urn, wanted, desired)

    def adopt(self, urn: str, wanted: IntegrationId, desired: Desired) -> Stored:
        """Patches an integration to what is declared, and manages it from then on; creates nothing.

        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource has it, or its delete could not know of this.
        """
        self.session.learn(desired)
        reached = self.writers.adopter.adopt(urn, wanted, desired, self.session.deadline())
        return self._gained(urn, desired, reached)

    def read(self, urn: str, id_: IntegrationId, applied: Optional[Applied] = None) -> Optional[Stored]:
        """The integration as LaunchDarkly has it; ``None`` where it is surely gone.

        :param applied: what the state knows of it; without it, nobody has managed it so far.
        :raises NotFound: it is gone, and the state does not know it.
        :raises StoresNotSeen: it is not there, and neither is any other store of the stack.
        """
        if applied is None:
            document = self.reader.read(id_, self.session.deadline())
            return Stored(id_, document, _applied(document, declared_by(document), compared=True))
        self.session.learn(applied.desired)
        try:
            document = self.reader.read(id_, self.session.deadline(), applied)
        except NotFound:
            self.presence.require_any(urn, id_, self.session.deadline())
            return None
        self.owners.note(urn, id_)
        self.presence.saw()
        if self.reader.is_as_stored(id_):
            return Stored(id_, document, _applied(document, applied.desired, compared=True))
        drift = tuple(drift_of(document, applied.desired))
        return Stored(id_, document, _applied(document, declared_by(document, applied.desired), compared=True), drift)

    def update(self, id_: IntegrationId, applied: Applied, desired: Desired) -> Stored:
        """Patches the integration to what is declared, with the fewest operations.

        :raises IntegrationGone: it was deleted meanwhile.
        :raises ChangedByOthers: others are changing the same fields.
        """
        self.session.learn(applied.desired, desired)
        reached = self.writers.reconciler.update(id_, applied.desired, desired, self.session.deadline())
        return Stored(id_, reached.document, _applied(reached.document, reached.desired, compared=reached.compared))

    def delete(self, urn: str, id_: IntegrationId, stored: Desired) -> None:
        """Deletes the integration, unless another resource has it; one that is gone is as good as deleted.

        :raises AlreadyManaged: another resource was to adopt it, and did not get that far.
        :raises StoresNotSeen: it is not there, and nothing shows that it was deleted.
        """
        self.session.learn(stored)
        self.writers.deleter.delete(urn, id_, self.session.deadline())

    def _gained(self, urn: str, desired: Desired, reached: Reached) -> Stored:
        id_ = IntegrationId(*keys_of(desired), reached.document["_id"])
        self.owners.gain(urn, id_)
        self.reader.created(id_)
        return Stored(id_, reached.document, _applied(reached.document, reached.desired, compared=reached.compared))


def _applied(document: Document, desired: Desired, *, compared: bool) -> Applied:
    return Applied(desired, version_of(document), compared)
