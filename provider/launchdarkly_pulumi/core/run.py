"""What all calls of one run share: the settings, the messages, the client, and what was read from LaunchDarkly."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar

from ..api.clock import Clock, Deadline
from ..api.redaction import Redactor
from ..model.hidden_inputs import PREVIEW, PROGRAM, REPLACED_ON_CHANGES, STORE_COUNT
from ..model.ids import IntegrationId
from ..model.secrets import secrets_of
from .reporter import Reporter
from .settings import Settings

# NOTE: each operation of Pulumi needs some of these alone, and its first call waits until they are loaded.
if TYPE_CHECKING:
    from ..api.client import Client
    from .adoption import Adoptions
    from .creation import Creator
    from .new_stores import Environments
    from .notes import Notes
    from .ownership import Owners
    from .presence import Presence
    from .reading import Listing, Reader
    from .reconcile import Reconciler

Part = TypeVar("Part")
StoresOfStack = Mapping[str, IntegrationId]
FindStores = Callable[[str, str], Optional[StoresOfStack]]

_runs: dict[Settings, Run] = {}
_runs_lock = threading.Lock()


class _part(Generic[Part]):  # noqa: N801 - a decorator
    """A part of a run, which the first worker that asks for it makes for all.

    :class:`functools.cached_property` may let two of them make one each.
    """

    def __init__(self, make: Callable[[Run], Part]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, _owner: type[Run], name: str) -> None:
        self._name = name

    def __get__(self, run: Run, _owner: type[Run]) -> Part:
        with run.lock:
            parts = vars(run)
            if self._name not in parts:
                parts[self._name] = self._make(run)
            part: Part = parts[self._name]
            return part


def _not_known(_urn: str, _organization: str) -> None:
    """Where there is no stack: nobody knows what its state has."""


class Run:
    """One run of Pulumi's engine, which keeps one provider process for it.

    :param settings: token, host and the rest.
    :param messages: shows what people should know.
    :param clock: time, for tests to replace.
    :param stores_of_stack: what the stack's state has, given a URN of it and its organization.

    ``out_of_reach`` says why a preview must do without LaunchDarkly, once it has found that it must. ``is_preview`` is
    set where the program has told that this is one, and ``declared_places`` are then those of its stores.
    ``has_program`` is set once the program has declared something: a plain refresh calls ``diff`` too, and nothing will
    be sent then.
    ``has_many_stores`` is set once the program has told that it declares more than one, ``organization`` with it.
    ``declared_urns`` are those of all stores of the program, once a store that adopts has told them.
    ``replaced_on_changes`` are the paths of that option, by URN.
    """

    def __init__(
        self,
        settings: Settings,
        messages: Reporter,
        clock: Optional[Clock] = None,
        stores_of_stack: FindStores = _not_known,
    ) -> None:
        self.settings = settings
        self.messages = messages
        self.out_of_reach = ""
        self.is_preview = False
        self.declared_places: frozenset[tuple[str, str]] = frozenset()
        self.has_program = False
        self.has_many_stores = False
        self.organization = ""
        self.declared_urns: frozenset[str] = frozenset()
        self.replaced_on_changes: dict[str, Sequence[str]] = {}
        self.clock = clock or Clock.of_run(messages.cancelled)
        self.lock = threading.RLock()
        self._redactor = Redactor()
        self._find_stores = stores_of_stack
        self._stores_lock = threading.Lock()
        self._stores: Optional[tuple[Optional[StoresOfStack]]] = None

    @classmethod
    def of_process(
        cls, settings: Settings, messages: Callable[[], Reporter], stores_of_stack: FindStores = _not_known
    ) -> Run:
        """The one run of this process for these settings: the providers of all kinds of resources share it."""
        with _runs_lock:
            if settings not in _runs:
                _runs[settings] = cls(settings, messages(), stores_of_stack=stores_of_stack)
            return _runs[settings]

    @_part
    def client(self) -> Client:
        """The calls; ``SettingsError`` without a token."""
        from ..api.client import Client

        return Client(self.settings, self._redactor, self.clock)

    @_part
    def listing(self) -> Listing:
        """The account's integrations, asked for at most once."""
        from .reading import Listing

        return Listing(self.client, self.deadline, self.clock)

    @_part
    def environments(self) -> Environments:
        """What asks for the environments of new stores, in a preview."""
        from . import gates
        from .new_stores import Environments

        return Environments(self.client, lambda: self.deadline(gates.DECISION_TIME), self.clock)

    @_part
    def reader(self) -> Reader:
        """What reads integrations, and remembers what it read."""
        from .reading import Reader

        return Reader(self.client, self.listing, self.messages.warn_once, self.clock)

    @_part
    def reconciler(self) -> Reconciler:
        """What patches integrations."""
        from .reconcile import Reconciler

        return Reconciler(self.client, self.reader, self.messages.warn_once, self.clock)

    @_part
    def notes(self) -> Notes:
        """What this machine knows of creates and deletes that were cut off."""
        from .notes import Account, Notes

        account = Account.of(self.settings.base_url, self.settings.require_token())
        return Notes(account, self.messages.warn_once, self.clock)

    @_part
    def creator(self) -> Creator:
        """What creates integrations, and remembers which there were before."""
        from .creation import Creator

        warn = self.messages.warn_once
        return Creator(self.client, self.listing, self.reconciler, warn, self.notes, self.ids_of_stack, self.clock)

    @_part
    def adoptions(self) -> Adoptions:
        """What is adopted."""
        from .adoption import Adoptions

        return Adoptions()

    @_part
    def owners(self) -> Owners:
        """Which resource has which integration."""
        from .ownership import Owners

        return Owners()

    @_part
    def presence(self) -> Presence:
        """Whether the token sees the stack's stores."""
        from .presence import Presence

        return Presence(self.client, self.listing, self.owners, self.stores_of_stack, self.settings)

    def notice_program(self, urn: str, inputs: dict[str, Any]) -> None:
        """Takes what the program tells of itself, and of a store's options, out of the store's inputs."""
        count, organization = inputs.pop(STORE_COUNT, (1, self.organization))
        self.has_many_stores |= count > 1
        self.organization = organization
        self.declared_urns |= set(inputs.pop(PROGRAM, None) or ())
        self.replaced_on_changes[urn] = inputs.pop(REPLACED_ON_CHANGES, ())
        self.is_preview |= PREVIEW in inputs
        self.declared_places |= {(project, environment) for project, environment in inputs.pop(PREVIEW, ())}

    def stores_of_stack(self, urn: str) -> Optional[StoresOfStack]:
        """The stores that the state had when this was first asked, by URN; ``None`` where it cannot be read.

        :param urn: of any resource of the stack.
        """
        with self._stores_lock:
            if self._stores is None:
                self._stores = (self._find_stores(urn, self.organization) if urn else None,)
            return self._stores[0]

    def owners_in_state(self, urn: str, id_: IntegrationId) -> list[str]:
        """The URNs of the other resources of the stack that have an integration, as far as the state can be read."""
        return [other for other, its in (self.stores_of_stack(urn) or {}).items() if its == id_ and other != urn]

    def ids_of_stack(self, urn: str, *, own: bool = False) -> set[str]:
        """LaunchDarkly's IDs of what other resources of the stack have, or ask for.

        :param urn: of the resource that asks.
        :param own: also that of this resource.
        """
        stores = self.stores_of_stack(urn) or {}
        owned = [id_ for other, id_ in stores.items() if own or other != urn]
        met = self.owners.of_others("" if own else urn)
        return {id_.integration_id for id_ in (*owned, *met)}

    def reads_as_stored(self, id_: IntegrationId) -> bool:
        """Whether an integration was read, and is surely as the stack's state has it: nothing is left to compare."""
        reader: Optional[Reader] = vars(self).get("reader")
        return reader is not None and reader.is_as_stored(id_)

    def deadline(self, seconds: float = math.inf) -> Deadline:
        """When an operation that begins now has to end: after so long, at most after the setting's time."""
        return Deadline(min(seconds, self.settings.operation_timeout), self.clock)

    def learn(self, *inputs: Mapping[str, Any]) -> None:
        """Remembers the secrets among the inputs, to hide them wherever a server may echo them."""
        for each in inputs:
            self._redactor.learn(secrets_of(each))

    def without_secrets(self, text: str) -> str:
        """A foreign text in one line, every secret that was learnt taken out."""
        return self._redactor.one_line(text)

    def own_words(self, sentence: str) -> str:
        """A sentence of this package in one line, what it quotes without any secret."""
        return self._redactor.own_line(sentence)
