"""Pulumi's engine as far as a provider can tell: a program, a state, and the runs that bring LaunchDarkly to it.

The provider is the real one, in this process. It talks to a real server through a :class:`FaultProxy`, on a
clock that only moves when somebody sleeps. Each run has a provider object of its own, as each engine run has
its own process. What the engine does with the outcome of a call is modelled here: an operation that raises
leaves the state as it was, the others go on, a replacement deletes the old resource last, nothing is deleted after
an operation that failed, changes that the program ignores are handed back from the state, a crash ends everything at
once.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from launchdarkly_pulumi.api.clock import Clock
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.core.stores import Stores
from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED, IGNORED, ORGANIZATION, PROGRAM
from launchdarkly_pulumi.dynamic.messages import Messages
from launchdarkly_pulumi.dynamic.process import SharedByCalls
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import LaunchDarklyError
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.fields import KEY_FIELDS, TYPE, set_only
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.provider import BigSegmentStoreProvider
from support.runs import end

Props = dict[str, Any]

BACKGROUND_TIMEOUT = 30
"""Seconds for what goes on in the background to end, since its sleeps take no time."""

EPOCH = 1_700_000_000.0
"""The virtual clock's beginning, in epoch seconds."""


class Crashed(BaseException):
    """The provider's process is gone. Not an ``Exception``: nothing may survive it."""


class VirtualTime:
    """Time that passes only while somebody sleeps; after ``kill`` nobody can look at it and live.

    A thread in the background, as for a listing, has a time of its own from its first look on: it does not hold up the
    calls.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.killed = False
        self.clock = Clock(self._monotonic, self._epoch, self._sleep)
        self._background = threading.local()
        self._foreground = threading.get_ident()

    def enter(self) -> None:
        """The calling thread is the one whose time counts."""
        self._foreground = threading.get_ident()

    def kill(self) -> None:
        """Ends the process at its next look at the clock, which follows every answer that is lost."""
        self.killed = True

    def _monotonic(self) -> float:
        is_foreground = threading.get_ident() == self._foreground
        if self.killed:
            raise Crashed if is_foreground else SystemExit
        if is_foreground:
            return self.now
        if not hasattr(self._background, "now"):
            self._background.now = self.now
        return float(self._background.now)

    def _epoch(self) -> float:
        return EPOCH + self._monotonic()

    def _sleep(self, seconds: float) -> None:
        later = self._monotonic() + max(0.0, seconds)
        if threading.get_ident() == self._foreground:
            self.now = later
        else:
            self._background.now = later


class _Shown(Messages):
    """Keeps what people would see."""

    def __init__(self, shown: list[str]) -> None:
        super().__init__(None)
        self._shown = shown

    def info(self, text: str) -> None:
        """A line of the diagnostics."""
        self._shown.append(text)

    def warn_of_resource(self, text: str) -> None:
        """A warning, kept however often it is given."""
        self._shown.append(text)

    def warn_once(self, text: str, about: str = "") -> None:  # noqa: ARG002 - the base class tells them apart by it
        """A warning, kept however often it is given."""
        self._shown.append(text)


@dataclass(frozen=True)
class Resource:
    """What the state keeps of one declared store."""

    name: str
    id: str
    inputs: Props
    outputs: Props

    @property
    def integration_id(self) -> str:
        """LaunchDarkly's part of the ID."""
        return self.id.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Call:
    """One call of the provider.

    :param name: of the declared store.
    :param error: what it raised.
    :param crashed: whether the process ended during it.
    """

    kind: str
    name: str
    seconds: float
    error: LaunchDarklyError | None = None
    crashed: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the engine has its result."""
        return self.error is None and not self.crashed

    @property
    def error_text(self) -> str:
        """What the engine could show of the error, at its longest."""
        return "".join(traceback.format_exception(self.error)) if self.error else ""


class _GivenUp(Exception):
    """The engine gives one resource up, and goes on with the others."""


class Deployment:
    """A stack: its program, its state, and what it has shown.

    :param settings: token and host.
    :param stack: its name.

    ``program`` maps the names of the declared stores to their arguments, the options ``import_`` and ``ignore_changes``
    among them.
    """

    def __init__(self, settings: Settings, stack: str = "prod") -> None:
        self.settings = settings
        self.stack = stack
        self.time = VirtualTime()
        self.program: dict[str, Props] = {}
        self.state: dict[str, Resource] = {}
        self.replaced: list[Resource] = []
        self.calls: list[Call] = []
        self.shown: list[str] = []
        self.crashed = False
        self.changes: dict[str, bool] = {}

    @property
    def known_ids(self) -> set[str]:
        """LaunchDarkly's IDs in the state, those that are still to be deleted included."""
        return {each.integration_id for each in (*self.state.values(), *self.replaced)}

    def urn(self, name: str) -> str:
        """The URN of a declared store."""
        return f"urn:pulumi:{self.stack}::shop::{TYPE}::{name}"

    @property
    def output(self) -> str:
        """All that the last run has shown, errors included."""
        return "\n".join([*self.shown, *(str(call.error) for call in self.calls if call.error)])

    # The engine's runs; each forgets the calls of the one before.

    def preview(self) -> None:
        """``pulumi preview``: ``changes`` tells for each store whether it would be touched."""
        self._run(self._preview)

    def up(self, *, refresh: bool = False) -> None:
        """``pulumi up --skip-preview``, with ``--refresh`` or without."""
        self._run(lambda provider: self._up(provider, refresh))

    def refresh(self) -> None:
        """``pulumi refresh``."""
        self._run(self._refresh)

    def import_pending(self, name: str, id_: str) -> None:
        """``pulumi refresh --import-pending-creates``: a person has found what an interrupted create left behind."""

        def read(provider: BigSegmentStoreProvider) -> None:
            inputs = self._check(provider, name, None)
            self._read(provider, Resource(name, id_, inputs, inputs))

        self._run(read)

    def _run(self, steps: Callable[[BigSegmentStoreProvider], None]) -> None:
        self.calls, self.shown, self.changes = [], [], {}
        self.time.killed = self.crashed = False
        self.time.enter()
        provider = BigSegmentStoreProvider()
        run = Stores(self.settings, _Shown(self.shown), self.time.clock, find_stores=self._stores)
        provider._shared = SharedByCalls(run)
        try:
            steps(provider)
        except Crashed:
            self.crashed = True
        self.time.killed = False
        end(run)

    def _stores(self, _urn: str, _organization: str) -> dict[str, IntegrationId]:
        """What ``pulumi stack export`` would show."""
        return {self.urn(name): IntegrationId.parse(resource.id) for name, resource in self.state.items()}

    def _preview(self, provider: BigSegmentStoreProvider) -> None:
        for name in self.program:
            with suppress(_GivenUp):
                self._plan(provider, name)

    def _up(self, provider: BigSegmentStoreProvider, refresh: bool) -> None:
        if refresh:
            self._refresh(provider)
        for name in self.program:
            with suppress(_GivenUp):
                self._deploy(provider, name)
        if any(not call.succeeded for call in self.calls):
            return
        for old in list(self.replaced):
            with suppress(_GivenUp):
                self._delete_replaced(provider, old)
        for name in sorted(self.state.keys() - self.program.keys()):
            with suppress(_GivenUp):
                self._destroy(provider, name)

    def _refresh(self, provider: BigSegmentStoreProvider) -> None:
        for resource in list(self.state.values()):
            with suppress(_GivenUp):
                self._read(provider, resource)

    # What it does with one resource.

    def _plan(self, provider: BigSegmentStoreProvider, name: str) -> tuple[Props, Any]:
        old = self.state.get(name)
        inputs = self._check(provider, name, old)
        if old is None:
            self.changes[name] = True
            return inputs, None
        result = self._call("diff", name, provider, old.id, wire(old.outputs), wire(inputs))
        self.changes[name] = bool(result.changes)
        return inputs, result

    def _check(self, provider: BigSegmentStoreProvider, name: str, old: Resource | None) -> Props:
        olds = wire(old.inputs) if old else {}
        result = self._call("check", name, provider, olds, self._inputs(name, old))
        assert result.failures == []
        return wire(result.inputs)

    def _inputs(self, name: str, old: Resource | None) -> Props:
        """What the program's resource sends, and the engine makes of it."""
        inputs = wire(self.program[name])
        wanted, ignored = inputs.pop("import_", None), inputs.pop("ignore_changes", [])
        if old is not None:
            for path in ignored:
                _hand_back(inputs, old.inputs, path)
        hidden = {ADOPTED: wanted, IGNORED: ignored or None}
        hidden[PROGRAM] = [self.urn(each) for each in self.program] if wanted else None
        hidden[ORGANIZATION] = "organization"
        return inputs | set_only(hidden)

    def _deploy(self, provider: BigSegmentStoreProvider, name: str) -> None:
        inputs, diff = self._plan(provider, name)
        old = self.state.get(name)
        if old is None or diff.replaces:
            created = self._call("create", name, provider, wire(inputs))
            self.replaced += [old] if old else []
            self.state[name] = Resource(name, created.id, inputs, wire(created.outs))
        elif diff.changes:
            updated = self._call("update", name, provider, old.id, wire(old.outputs), wire(inputs))
            self.state[name] = Resource(name, old.id, inputs, wire(updated.outs))
        else:
            # Nothing is called; the state keeps the outputs of the last update.
            self.state[name] = Resource(name, old.id, inputs, old.outputs)

    def _delete_replaced(self, provider: BigSegmentStoreProvider, old: Resource) -> None:
        self._call("delete", old.name, provider, old.id, wire(old.outputs))
        self.replaced = [each for each in self.replaced if each is not old]

    def _destroy(self, provider: BigSegmentStoreProvider, name: str) -> None:
        old = self.state[name]
        self._call("delete", name, provider, old.id, wire(old.outputs))
        del self.state[name]

    def _read(self, provider: BigSegmentStoreProvider, old: Resource) -> None:
        result = self._call("read", old.name, provider, old.id, wire(old.outputs))
        if result.id:
            self.state[old.name] = Resource(old.name, result.id, wire(result.inputs), wire(result.outs))
        else:
            self.state.pop(old.name, None)

    def _call(self, kind: str, name: str, provider: BigSegmentStoreProvider, *arguments: Any) -> Any:
        """Calls the provider; the result is lost with the process, even if the process died right after it."""
        began = self.time.now
        error: LaunchDarklyError | None = None
        # The provider finds the URN where Pulumi's host has it.
        request = SimpleNamespace(urn=self.urn(name))  # noqa: F841
        try:
            result = getattr(provider, kind)(*arguments)
        except LaunchDarklyError as raised:
            error = raised
        except Crashed:
            self.time.killed = True
        self.calls.append(Call(kind, name, self.time.now - began, error, self.time.killed))
        if self.time.killed:
            raise Crashed
        if error is not None:
            raise _GivenUp
        return result


def _hand_back(inputs: Props, olds: Props, path: str) -> None:
    """What the engine does for ``ignore_changes``: the new inputs get the value that the old ones have."""
    *place, name = path.split(".")
    owner, old = (props["config"] if place else props for props in (inputs, olds))
    owner.pop(name, None)
    owner |= {name: old[name]} if name in old else {}


def await_background() -> None:
    """Waits until the threads have ended that a run leaves behind; the process that has them would be gone."""
    for thread in threading.enumerate():
        if thread.name in ("launchdarkly-listing", "launchdarkly-sample"):
            thread.join(BACKGROUND_TIMEOUT)
            assert not thread.is_alive(), thread.name


def wire(props: Mapping[str, Any] | None) -> Props:
    """The properties as gRPC would copy them."""
    assert props is not None
    copied: Props = json.loads(json.dumps(props))
    return copied


@dataclass(frozen=True)
class Account:
    """What LaunchDarkly has at one moment, real secrets included."""

    documents: dict[str, Props]
    configs: dict[str, Props]

    @classmethod
    def of(cls, emulator: Emulator) -> Account:
        """The account as it is now."""
        documents = {id_: document | {"_status": None} for id_, document in emulator.integrations.items()}
        return cls(documents, {id_: emulator.stored_config(id_) for id_ in documents})

    def password(self, integration_id: str) -> str:
        """The real one, empty where there is none."""
        return str(self.configs.get(integration_id, {}).get("password") or "")

    def differences(self, integration_id: str, inputs: Props) -> dict[str, tuple[Any, Any]]:
        """By field what the integration has, and what the inputs ask for."""
        live = _flat({**self.documents[integration_id], "config": self.configs[integration_id]})
        keys = {f.api_name: inputs[f.name] for f in KEY_FIELDS}
        asked = _flat(document_of(Desired(inputs)) | keys)
        return {place: (live.get(place), asked[place]) for place in asked if live.get(place) != asked[place]}


def _flat(document: Props) -> Props:
    flat = {name: value for name, value in document.items() if name != "config"}
    flat["tags"] = set(document["tags"])
    return flat | {f"config.{name}": value for name, value in document["config"].items()}
