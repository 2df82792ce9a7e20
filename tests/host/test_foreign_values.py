"""Whatever LaunchDarkly's responses hold, in any field: drift or a clear error, and a state that can still be used.

One test for each field: a store for each value and each call whose response shows it. When LaunchDarkly shows the
right values again, a later run must be able to check, compare, update and find nothing left to do.
"""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import foreign, samples, sdk
from support.account import is_listing
from support.aimed_faults import ALWAYS, Only
from support.deployment import Account
from support.fault_proxy import Answer, Fault, FaultProxy
from support.host import Host, error_of, host_for

UNCHANGED, CHANGED = 1, 2

DEEP = 50
"""More lists or mappings than there are in a state where nothing is nested deep."""

NO_LISTING = Answer.json(403, {"code": "forbidden", "message": "not for you"})
"""So that each store is read on its own."""

CALLS: dict[str, str] = {"read": "GET", "diff": "GET", "update": "GET", "patch": "PATCH", "create": "POST"}
"""Each call, and the method of the request whose response shows the value."""

EACH_MANAGED = [*foreign.MANAGED, *foreign.KEYS, *foreign.REDIS, *foreign.DYNAMODB]


def _depth(value: Any) -> int:
    """How many lists and mappings are around the innermost value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((1 + _depth(each) for each in inner), default=0)


class Store:
    """One store as the engine remembers it; a call that fails leaves the state as it was."""

    def __init__(self, path: foreign.Path, value: str, call: str, number: int) -> None:
        self.about = f"{call}, {'.'.join(path)}, {value}"
        self.path, self.value, self.call = path, foreign.VALUES[value], call
        self.environment = f"e{number}"
        make = samples.dynamodb if path in foreign.DYNAMODB else samples.redis
        self.program = make(environment_key=self.environment, name="A name", on=True, tags=["a-tag"])
        self.id = ""
        self.inputs: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}
        self.findings: list[str] = []

    def check(self, host: Host, **changes: Any) -> dict[str, Any]:
        """The inputs of the program."""
        inputs, failures = host.check(self.program | changes, self.inputs)
        if failures:
            self.found(f"check refuses {failures}")
        return inputs

    def create(self, host: Host) -> None:
        """Creates it."""
        inputs = self.check(host)
        self.id, self.outputs = host.create(inputs)
        self.inputs = inputs

    def meet(self, host: Host) -> None:
        """Makes the call whose response shows the foreign value."""
        try:
            getattr(self, self.call)(host)
        except grpc.RpcError as failure:
            error = error_of(failure)
            lines = error.splitlines()
            if not error.startswith(sdk.ERROR) or len(lines) > 2 or not all(line.isprintable() for line in lines):
                self.found(f"an error that is not clear: {error[-200:]!r}")
            if self.call == "create":
                self.found("the ID is lost")
        self.require_json()

    def require_json(self) -> None:
        """The engine writes the state as JSON, and gRPC carries no more than a hundred levels of it."""
        for props in (self.inputs, self.outputs):
            try:
                json.dumps(props, allow_nan=False)
            except ValueError:
                self.found("a number in the state is none in JSON")
            if _depth(props) > DEEP:
                self.found("the state has a value that is nested too deep")

    def read(self, host: Host) -> None:
        """A refresh."""
        id_, self.outputs, self.inputs = host.read(self.id, self.outputs)
        if id_ != self.id:
            self.found(f"the refresh gives the ID {id_!r}")

    def diff(self, host: Host) -> None:
        """A preview of the unchanged program."""
        compared = host.diff(self.id, self.outputs, self.check(host))
        if self.path in EACH_MANAGED and compared.changes != CHANGED:
            self.found("the preview shows no change")
        self.require_kept(compared)

    def update(self, host: Host) -> None:
        """An update of the name."""
        inputs = self.check(host, name="Another name")
        self.outputs = host.update(self.id, self.outputs, inputs)
        self.inputs = inputs

    patch = update

    def use(self, host: Host) -> None:
        """A later run, when LaunchDarkly shows the right values: everything works, and nothing is left to do."""
        try:
            inputs = self.check(host)
            compared = host.diff(self.id, self.outputs, inputs)
            self.require_kept(compared)
            if compared.changes == CHANGED:
                self.outputs = host.update(self.id, self.outputs, inputs)
                self.inputs = inputs
            if host.diff(self.id, self.outputs, inputs).changes != UNCHANGED:
                self.found("the preview after the next update still shows a change")
        except grpc.RpcError as failure:
            self.found(f"the next run fails: {error_of(failure)[-200:]!r}")

    def require_kept(self, compared: Any) -> None:
        """Nothing that a response shows makes the engine delete the store and create another one."""
        if compared.replaces:
            self.found(f"the store would be replaced for {list(compared.replaces)}")

    def found(self, finding: str) -> None:
        """Keeps what is wrong."""
        self.findings.append(f"{self.about}: {finding}")


def showing(stores: list[Store]) -> Fault:
    """LaunchDarkly's responses show the foreign value of each of them."""
    return foreign.Showing({store.environment: (store.path, store.value) for store in stores})


def meet_all(stores: list[Store], proxy: FaultProxy) -> None:
    """Lets each of them meet its value, in one run and without a listing; creates are a run of their own."""
    with host_for(proxy.url) as host:
        proxy.inject(*[Only(is_listing, NO_LISTING)] * ALWAYS, method="GET")
        for store in stores:
            if store.call != "create":
                store.create(host)
        for call in ("read", "diff", "update", "patch"):
            meet(stores, call, host, proxy)
    with host_for(proxy.url) as host:
        meet(stores, "create", host, proxy)


def meet(stores: list[Store], call: str, host: Host, proxy: FaultProxy) -> None:
    """The same for one of the calls."""
    concerned = [store for store in stores if store.call == call]
    proxy.clear()
    fault: Fault = showing(concerned)
    if CALLS[call] == "GET":
        fault = Only(is_listing, NO_LISTING, otherwise=fault)
    proxy.inject(*[fault] * ALWAYS, method=CALLS[call])
    for store in concerned:
        store.meet(host)
    proxy.clear()


def findings(stores: list[Store]) -> list[str]:
    """What is wrong, of all of them."""
    return [finding for store in stores for finding in store.findings]


@pytest.mark.parametrize("path", [*EACH_MANAGED, *foreign.OTHERS], ids=".".join)
def test_a_foreign_value_leaves_a_state_that_can_be_used(
    emulator: Emulator, proxy: FaultProxy, path: foreign.Path
) -> None:
    """Shown by a GET of a refresh, a preview and an update, in the response to a PATCH, and in the 201."""
    cases = [(value, call) for call in CALLS for value in foreign.VALUES]
    stores = [Store(path, value, call, number) for number, (value, call) in enumerate(cases)]
    meet_all(stores, proxy)
    with host_for(proxy.url) as host:
        for store in stores:
            if store.id:
                store.use(host)
    assert findings(stores) == []
    account = Account.of(emulator)
    left = {store.about: account.differences(store.outputs["integration_id"], store.inputs) for store in stores}
    assert {about: differences for about, differences in left.items() if differences} == {}
    assert len(emulator.integrations) == len(stores)


@pytest.mark.parametrize("value", foreign.VALUES)
def test_a_foreign_value_in_the_listing_changes_nothing(emulator: Emulator, proxy: FaultProxy, value: str) -> None:
    """Each store reads as it is, whatever the listing shows; a store that is created has its ID."""
    paths = [*foreign.MANAGED, *foreign.KEYS, *foreign.OTHERS]
    stores = [Store(path, value, "diff", number) for number, path in enumerate(paths)]
    with host_for(proxy.url) as host:
        for store in stores:
            store.create(host)
    proxy.inject(*[Only(is_listing, showing(stores))] * ALWAYS, method="GET")
    with host_for(proxy.url) as host:
        for store in stores:
            store.use(host)
        another = Store(("name",), value, "create", len(stores))
        another.meet(host)
    assert findings([*stores, another]) == []
    assert len(emulator.integrations) == len(stores) + 1


@pytest.mark.parametrize("value", ["nothing", "digits in a string", "a fraction", "an object"])
def test_without_a_version_an_update_has_no_guard(emulator: Emulator, proxy: FaultProxy, value: str) -> None:
    """There is no version to test; the update is sent all the same."""
    store = Store(("version",), value, "update", 0)
    for method in ("GET", "POST", "PATCH"):
        proxy.inject(*[showing([store])] * ALWAYS, method=method)
    with host_for(proxy.url) as host:
        store.create(host)
    with host_for(proxy.url) as host:
        store.meet(host)
    assert store.findings == []
    assert [each["name"] for each in emulator.integrations.values()] == ["Another name"]
    [patch] = [request.body for request in emulator.requests if request.method == "PATCH"]
    assert patch == [{"op": "replace", "path": "/name", "value": "Another name"}]
