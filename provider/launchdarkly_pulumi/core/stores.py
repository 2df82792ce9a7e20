"""The seam between the doors and the core: every operation that a door can call, for programs in any language.

A door translates what Pulumi's engine sends into `Desired` and `Applied`, and the results back. It shows what the
operations return. Warnings, and the progress of an operation, go to its `Reporter`.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Optional

from ..api.clock import Clock
from ..errors import NotFound
from ..model.desired import Applied, Desired, Values
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

# NOTE: imported where they are needed: each operation needs only some of them, and its first call waits for the import.
if TYPE_CHECKING:
    from ..model.validation import Checked
    from .adopt import Adoption
    from .new_stores import NewStores
    from .notes import Notes
    from .shared import SharedByRuns
    from .update import Reached
    from .writers import Writers


class Stored(NamedTuple):
    """An integration as it is now.

    :param id: its ID.
    :param document: LaunchDarkly's document; the config may be missing after an update.
    :param applied: what the state has to keep.
    :param drift: the fields that others have changed since the last update; only after a read.
    """

    id: IntegrationId
    document: Document
    applied: Applied
    drift: tuple[Change, ...] = ()


class Stores:
    """The big segment stores of one account during one run of Pulumi. All threads of the run share it.

    Every operation may raise any :class:`~.errors.LaunchDarklyError`; each method names the errors of its own.

    :param settings: the token, the host and the other settings.
    :param reporter: shows messages.
    :param clock: time, for tests to replace.
    :param find_stores: reads the stack's state.
    :param notes: this machine's notes; by default those of the account.
    :param names: gives the names of fields in messages.
    :param shared: what the runs of one process share of the account; by default this is its only run.
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
        shared: Optional[SharedByRuns] = None,
    ) -> None:
        line, listings = (shared.line, shared.listings) if shared else (None, None)
        self.session = session = Session(settings, reporter, clock, line)
        self.program = Program()
        self.owners = Owners()
        self.stack = Stack(find_stores, self.program, self.owners)
        self.listing = Listing(session.client, session.deadline, session.clock, listings)
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
        """The parts that write to LaunchDarkly.

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
        """The part that makes sure, in a preview, that stores could be created."""
        with self._lock:
            if self._new_stores is None:
                from .new_stores import NewStores

                self._new_stores = NewStores(self.session, self.program, self.gates, self.listing)
            return self._new_stores

    def check(self, desired: Desired, stored: Values = MappingProxyType({})) -> Checked:
        """Finds all problems of what a program declares, and gives it its normal form. Sends no request.

        :param stored: the values that the state has.
        :returns: the normal form, the failures and the warnings.
        """
        from ..model import doubts, validation

        self.program.declares = True
        self.session.learn(desired)
        checked = validation.check(desired, stored)
        of_reach = doubts.of_reach(checked.desired.values, self.session.settings.base_url)
        return checked._replace(warnings=[*checked.warnings, *of_reach])

    def require_place(self, desired: Desired, *, adopts: bool = False) -> None:
        """Makes sure, in a preview, that a store could be created.

        :param desired: what is declared, checked.
        :param adopts: whether an integration is adopted instead: then only the token is checked.
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
        """Compares an integration with what is declared.

        :param urn: the URN of the resource.
        :param id_: the integration that it manages.
        :param applied: what the state knows of the integration.
        :param desired: what is declared, checked.
        :param wanted: the integration that the resource is to adopt instead.
        :param forced: the changed fields for which the program demands a replacement.
        :raises AlreadyManaged: another resource of the program manages one of the integrations.
        :raises AccessDenied: LaunchDarkly refuses the token.
        :raises StoresNotSeen: neither the integration nor any other store of the stack was found.
        :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
        """
        # A plain refresh shows what the state has, even if two resources have the same integration there.
        (self.owners.hold if self.program.declares else self.owners.note)(urn, id_)
        replaces = tuple(dict.fromkeys((*replaced_by(applied.desired, desired), *forced)))
        if wanted is not None:
            self.writers.adopter.ask(urn, wanted)
            return Difference(replaces=replaces)
        if replaces:
            self.comparer.require_account(urn, id_, applied)
            return Difference(replaces=replaces)
        found = self.comparer.compare(urn, id_, applied, desired)
        marked = applied.desired.secret ^ desired.secret if self.program.declares else ()
        return replace(found, marked=tuple(sorted(marked)))

    def create(self, urn: str, desired: Desired) -> Stored:
        """Creates exactly one integration, even if the response to the POST is lost.

        :param urn: the URN of the resource; empty if it is not known.
        :param desired: what is declared, checked.
        :raises CallError: it was not created; ``AmbiguousCreate`` if it is not known whether it was.
        :raises Interrupted: the run is being cancelled, and nothing was sent.
        """
        from .create import Resource

        self.session.learn(desired)
        resource = Resource(urn, self.program.organization)
        reached = self.writers.creator.create(resource, desired, self.session.deadline)
        return self._gained(urn, desired, reached)

    def plan_adoption(self, urn: str, wanted: IntegrationId, desired: Desired) -> Adoption:
        """What an adoption would do; it sends nothing that changes the integration.

        :param urn: the URN of the resource that adopts.
        :param wanted: the integration that it is to adopt.
        :param desired: what is declared, checked.
        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource manages it.
        """
        return self.writers.adopter.plan(urn, wanted, desired)

    def adopt(self, urn: str, wanted: IntegrationId, desired: Desired) -> Stored:
        """Patches an existing integration to what is declared; creates nothing.

        :param urn: the URN of the resource that manages it from then on.
        :param wanted: the integration.
        :param desired: what is declared, checked.
        :raises NothingToAdopt: there is no such integration.
        :raises AlreadyManaged: another resource manages it, or its delete could delete the integration afterwards.
        """
        self.session.learn(desired)
        reached = self.writers.adopter.adopt(urn, wanted, desired, self.session.deadline())
        return self._gained(urn, desired, reached)

    def read(self, urn: str, id_: IntegrationId, applied: Optional[Applied] = None) -> Optional[Stored]:
        """Reads the integration, for a refresh or an import.

        :param urn: the URN of the resource.
        :param id_: the integration.
        :param applied: what the state knows of it; ``None`` if the state does not have it.
        :returns: the integration as LaunchDarkly has it; ``None`` if it was deleted.
        :raises NotFound: LaunchDarkly answered 404 for an integration that the state does not have.
        :raises StoresNotSeen: neither the integration nor any other store of the stack was found.
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

        :param id_: the integration.
        :param applied: what the state knows of it.
        :param desired: what is declared, checked.
        :raises IntegrationGone: it was deleted since the preview.
        :raises ChangedByOthers: others are changing the same fields.
        """
        self.session.learn(applied.desired, desired)
        reached = self.writers.reconciler.update(id_, applied.desired, desired, self.session.deadline())
        return Stored(id_, reached.document, _applied(reached.document, reached.desired, compared=reached.compared))

    def delete(self, urn: str, id_: IntegrationId, stored: Desired) -> None:
        """Deletes the integration, unless another resource manages it. It is no error if it is deleted already.

        :param urn: the URN of the resource.
        :param id_: the integration.
        :param stored: what was declared at the last update.
        :raises AlreadyManaged: another resource was to adopt it, and failed before it did.
        :raises StoresNotSeen: LaunchDarkly answered 404, and nothing proves that it was deleted.
        """
        self.session.learn(stored)
        # The state takes a while to be read: what the delete needs is loaded meanwhile.
        self.stack.begin(urn)
        deleter = self.writers.deleter
        self.session.client.connect()
        deleter.delete(urn, id_, self.session.deadline())

    def _gained(self, urn: str, desired: Desired, reached: Reached) -> Stored:
        id_ = IntegrationId(*keys_of(desired), reached.document["_id"])
        self.owners.gain(urn, id_)
        self.reader.created(id_)
        return Stored(id_, reached.document, _applied(reached.document, reached.desired, compared=reached.compared))


def _applied(document: Document, desired: Desired, *, compared: bool) -> Applied:
    return Applied(desired, version_of(document), compared)
