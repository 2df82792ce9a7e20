"""The provider's process is killed at each request of create, update and delete, or its engine during a create.

The next run finishes what was begun.

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


@pytest.mark.parametrize("times", [1, 2])
def test_what_no_engine_has_learnt_of_is_taken_over(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, times: int
) -> None:
    """The engine is killed during the POST, and once more while the integration is taken over."""
    home = {"PULUMI_HOME": str(tmp_path)}
    for method in ("POST", "PATCH")[:times]:
        with door.open(proxy.url, home) as process:
            proxy.inject(Hook(process.end_engine), method=method)
            Store().create(process)
        assert proxy.clear() == []
    store = Store()
    with door.open(proxy.url, home) as process:
        store.create(process)
        assert any("an earlier update was cut off" in message.text for message in process.messages)
    [integration_id] = emulator.integrations
    assert store.id == f"default/production/redis/{integration_id}"


def test_what_an_engine_has_learnt_of_is_not_taken_over(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path
) -> None:
    """Another create of the resource is one of another integration."""
    for _ in range(2):
        with door.open(proxy.url, {"PULUMI_HOME": str(tmp_path)}) as process:
            Store().create(process)
    assert len(emulator.integrations) == 2
