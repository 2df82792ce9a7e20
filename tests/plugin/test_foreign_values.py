"""Whatever LaunchDarkly's responses hold, in any field, and however they are read: the plugin's state can be used.

The core's own tests have the same values behind the dynamic resource. Here they go over the wire of the plugin, in a
refresh, an import and a preview; when LaunchDarkly shows the right values again, a later run has nothing left to do.
"""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin.wire import Properties
from support import foreign
from support.account import is_listing
from support.aimed_faults import ALWAYS, Only
from support.fault_proxy import Answer, FaultProxy
from support.host import error_of
from support.plugin import Plugin, plugin_for, urn_of
from support.plugin_samples import redis

NO_LISTING = Answer.json(403, {"code": "forbidden", "message": "not for you"})
"""So that each store is read on its own."""

DYNAMODB = {
    "tableName": "big-segments",
    "region": "eu-west-1",
    "externalId": "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11",
    "roleArn": "arn:aws:iam::123456789012:role/launchdarkly-big-segments",
}
CALLS = ("read", "import", "diff")


class Store:
    """One store as the engine remembers it; a call that fails leaves the state as it was."""

    def __init__(self, path: foreign.Path, value: str, call: str, number: int) -> None:
        self.call, self.value = call, (path, foreign.VALUES[value])
        self.about, self.environment = f"{call}, {'.'.join(path)}, {value}", f"e{number}"
        config = {"config": {"dynamodb": DYNAMODB}} if path in foreign.DYNAMODB else {}
        self.program = redis(environmentKey=self.environment, name="A name") | config
        self.urn, self.id = urn_of(self.environment), ""
        self.inputs, self.outputs = Properties({}), Properties({})

    def create(self, plugin: Plugin) -> None:
        """Creates it."""
        self.inputs = plugin.check(self.program, urn=self.urn).inputs
        self.id, self.outputs = plugin.create(self.inputs, self.urn)

    def meet(self, plugin: Plugin) -> str:
        """Makes the call whose response shows the foreign value; what is wrong with an error."""
        try:
            if self.call == "diff":
                plugin.diff(self.id, self.outputs, self.inputs, urn=self.urn)
                return ""
            known = self.outputs if self.call == "read" else None
            _, self.outputs, self.inputs = plugin.read(self.id, known, urn=self.urn)
        except grpc.RpcError as failure:
            error = error_of(failure)
            return "" if error.isprintable() and "a fault of" not in error else f"{self.about}: {error[-200:]!r}"
        return ""

    def use(self, plugin: Plugin) -> str:
        """A later run: everything works, and nothing is left to do."""
        try:
            checked = plugin.check(self.program, self.inputs, urn=self.urn)
            outputs: Any = self.outputs
            compared = plugin.diff(self.id, outputs, checked.inputs, urn=self.urn)
            if compared.changes == provider_pb2.DiffResponse.DIFF_SOME:
                outputs = plugin.update(self.id, outputs, checked.inputs, urn=self.urn)
            left = plugin.diff(self.id, outputs, checked.inputs, urn=self.urn)
        except grpc.RpcError as failure:
            return f"{self.about}: the next run fails: {error_of(failure)[-200:]!r}"
        if checked.failures or compared.replaces or left.changes != provider_pb2.DiffResponse.DIFF_NONE:
            return f"{self.about}: {checked.failures}, {list(compared.replaces)}, or something is left to do"
        return ""


@pytest.mark.parametrize(
    "path", [*foreign.MANAGED, *foreign.REDIS, *foreign.DYNAMODB, *foreign.OTHERS, *foreign.KEYS], ids=".".join
)
def test_a_foreign_value_leaves_a_state_that_can_be_used(emulator: Emulator, path: foreign.Path) -> None:
    """Or an error of one line."""
    cases = [(value, call) for call in CALLS for value in foreign.VALUES]
    stores = [Store(path, value, call, number) for number, (value, call) in enumerate(cases)]
    with FaultProxy(emulator.url) as proxy:
        with plugin_for(proxy.url) as plugin:
            for store in stores:
                store.create(plugin)
        with plugin_for(proxy.url) as plugin:
            showing = foreign.Showing({store.environment: store.value for store in stores})
            proxy.inject(*[Only(is_listing, NO_LISTING, otherwise=showing)] * ALWAYS, method="GET")
            met = [store.meet(plugin) for store in stores]
            proxy.clear()
        with plugin_for(proxy.url) as plugin:
            used = [store.use(plugin) for store in stores]
    assert [finding for finding in (*met, *used) if finding] == []
