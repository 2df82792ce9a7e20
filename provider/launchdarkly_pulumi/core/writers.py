"""Puts together the parts that write to LaunchDarkly; most runs write nothing, and do not load them."""

from __future__ import annotations

from typing import NamedTuple

from ..model.fields import Names
from .adopt import Adopter
from .compare import Comparer
from .create import Creator
from .delete import Deleter
from .notes import Account, Notes, Pulumi
from .own import Owners
from .presence import Presence
from .program import Program
from .read import Listing, Reader
from .session import Session
from .stack import Stack
from .update import Reconciler


class Readers(NamedTuple):
    """The parts of a run that read, and what the run knows."""

    session: Session
    program: Program
    owners: Owners
    stack: Stack
    listing: Listing
    reader: Reader
    presence: Presence
    comparer: Comparer


class Writers(NamedTuple):
    """The parts of a run that write."""

    notes: Notes
    reconciler: Reconciler
    creator: Creator
    adopter: Adopter
    deleter: Deleter


def notes_of(session: Session) -> Notes:
    """The notes of this machine about an account's creates, deletes and adoptions.

    :raises SettingsError: there is no token.
    """
    settings = session.settings
    account = Account.of(settings.base_url, settings.require_token())
    pulumi = Pulumi(settings.pulumi_home, settings.pulumi_backend)
    return Notes(account, session.reporter.warn_once, session.clock, pulumi=pulumi)


def writers_of(run: Readers, notes: Notes, names: Names) -> Writers:
    """The parts of a run that write.

    :param run: the parts that read.
    :param notes: this machine's notes.
    :param names: gives the names of fields in messages.
    """
    session, warn, clock = run.session, run.session.reporter.warn_once, run.session.clock
    heard = session.reporter.is_heard
    reconciler = Reconciler(session.client, run.reader, warn, clock, names)
    return Writers(
        notes,
        reconciler,
        Creator(session.client, run.listing, reconciler, warn, notes, run.stack.ids, heard, clock, names),
        Adopter(run.comparer, run.reader, reconciler, run.owners, run.stack, run.program, notes.adoptions),
        Deleter(session, run.owners, run.stack, run.presence, notes),
    )
