"""The provider's process is killed at each request of create, update and delete; the next run finishes what it began.

`tests/engine/test_kills.py` does the same with Pulumi's CLI.
"""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.doors import NO_CHANGES, Door, Process, Props
from support.fault_proxy import FaultProxy, Hook

STEPS = [("create", "GET"), ("create", "POST"), ("update", "GET"), ("update", "PATCH"), ("delete", "DELETE")]


class Store:
    """The sample store as the engine remembers it, which keeps nothing of a call that fails."""

    def __init__(self) -> None:
        self.inputs: Props = {}
        self.outputs: Props = {}
        self.id = ""

    def create(self, process: Process) -> None:
        """Creates it."""
        inputs, _ = process.check(samples.redis())
        self.id, self.outputs = process.create(inputs)
        self.inputs = inputs

    def update(self, process: Process) -> None:
        """Switches it off, and changes the password with it."""
        inputs, _ = process.check(samples.redis(on=False, config={"password": "another"}), self.inputs)
        self.outputs = process.update(self.id, self.outputs, inputs)
        self.inputs = inputs

    def delete(self, process: Process) -> None:
        """Deletes it."""
        process.delete(self.id, self.outputs)


@pytest.mark.parametrize(("call", "method"), STEPS)
@pytest.mark.parametrize("after_commit", [False, True], ids=["before", "after"])
def test_what_was_cut_off_is_finished_by_the_next_run(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, call: str, method: str, after_commit: bool
) -> None:
    """One integration, with what is declared, which the state knows; or none."""
    store, home = Store(), {"PULUMI_HOME": str(tmp_path)}
    with door.open(proxy.url, home) as process:
        if call != "create":
            store.create(process)
        proxy.inject(Hook(process.kill, after_commit=after_commit), method=method)
        with pytest.raises(grpc.RpcError):
            getattr(store, call)(process)
    proxy.settle()
    assert proxy.clear() == []
    with door.open(proxy.url, home) as process:
        getattr(store, call)(process)
        if call == "delete":
            assert emulator.integrations == {}
            return
        [integration_id] = emulator.integrations
        assert store.id == f"default/production/redis/{integration_id}"
        assert emulator.stored_config(integration_id)["password"] == store.inputs["config"]["password"]
        assert process.diff(store.id, store.outputs, store.inputs).changes == NO_CHANGES
