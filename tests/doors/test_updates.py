"""Updates, refreshes and deletes of a store that others change or delete too, in the real process of each door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.doors import Door, Process, Props
from support.host import Message, error_of
from support.samples import PASSWORD

CHANGED = 2


@pytest.fixture
def process(door: Door, emulator: Emulator) -> Iterator[Process]:
    """The door's process; every request is told of."""
    with door.open(emulator.url) as running:
        yield running


class Store:
    """A store that was created, as the engine remembers it."""

    def __init__(self, process: Process, emulator: Emulator) -> None:
        self.process, self.emulator = process, emulator
        self.inputs, _ = process.check(samples.redis())
        self.id, self.outputs = process.create(self.inputs)
        self.integration_id = self.id.rsplit("/", 1)[1]
        emulator.clear_requests()

    def changed(self, **changes: Any) -> Props:
        """The checked inputs of a changed program."""
        return self.process.check(samples.redis(**changes), self.inputs)[0]

    def update(self, **changes: Any) -> None:
        """Diffs and updates, as one ``pulumi up`` does."""
        inputs = self.changed(**changes)
        assert self.process.diff(self.id, self.outputs, inputs).changes == CHANGED
        self.outputs = self.process.update(self.id, self.outputs, inputs)

    def requests(self) -> list[tuple[str, int]]:
        """Method and status of each request since the last look."""
        seen = [(request.method, request.status) for request in self.emulator.requests]
        self.emulator.clear_requests()
        return seen


@pytest.fixture
def store(process: Process, emulator: Emulator) -> Store:
    """The sample store."""
    return Store(process, emulator)


def warnings(process: Process) -> list[str]:
    """The warnings so far."""
    return [message.text for message in process.messages if message.severity == "WARNING"]


def test_a_conflict_is_read_and_diffed_again(store: Store) -> None:
    """Somebody changed another field after the diff: the guard fails, and both changes are there in the end."""
    inputs = store.changed(on=False)
    store.process.diff(store.id, store.outputs, inputs)
    store.emulator.outside_edit(store.integration_id, [{"op": "add", "path": "/tags/-", "value": "by-hand"}])
    store.process.update(store.id, store.outputs, inputs)

    assert store.requests() == [("GET", 200), ("PATCH", 409), ("GET", 200), ("PATCH", 200)]
    integration = store.emulator.integrations[store.integration_id]
    assert (integration["on"], integration["tags"]) == (False, ["managed-by-pulumi", "by-hand"])
    assert ["somebody else changed tags" in warning for warning in warnings(store.process)] == [True]


def test_a_conflict_about_the_same_field_is_an_error(door: Door, store: Store) -> None:
    """Somebody changed it after the diff: their value stays, and the error names the field."""
    inputs = store.changed(config={"host": "ours.example.com"})
    store.process.diff(store.id, store.outputs, inputs)
    store.emulator.outside_edit(store.integration_id, {"config": {"host": "theirs.example.com"}})
    with pytest.raises(grpc.RpcError) as failure:
        store.process.update(store.id, store.outputs, inputs)
    assert f"somebody else has just changed {door.field('config.host')}" in error_of(failure.value)
    assert store.emulator.stored_config(store.integration_id)["host"] == "theirs.example.com"


def test_a_password_is_in_no_message(door: Door, store: Store) -> None:
    """The patch that a preview shows hides it."""
    store.process.diff(store.id, store.outputs, store.changed(config={"password": "another-password"}))
    text = f'{store.id}: PATCH [{{"op":"replace","path":"/config/password","value":"[secret]"}}]'
    assert store.process.messages == [Message("INFO", text, door.urn("store"))]


def test_unmanaged_fields_are_left_alone(process: Process, emulator: Emulator) -> None:
    """A name given by hand survives an update of a store whose program gives none."""
    inputs, _ = process.check({"project_key": "p", "environment_key": "e", "config": {"host": "h"}})
    id_, outputs = process.create(inputs)
    integration_id = id_.rsplit("/", 1)[1]
    emulator.outside_edit(integration_id, {"name": "By hand"})
    process.update(id_, outputs, inputs | {"on": True})
    assert emulator.integrations[integration_id]["name"] == "By hand"


REFUSALS = {
    "the guard": (EmulatorOptions(refuse_version_test=True), "patches are sent without it", 2),
    "paths inside the config": (EmulatorOptions(refuse_config_paths=True), "it is replaced whole", 3),
    "both": (EmulatorOptions(refuse_version_test=True, refuse_config_paths=True), "it is replaced whole", 4),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_beta_endpoint_that_refuses_is_met_halfway_and_remembered(door: Door, refusal: str) -> None:
    """The update falls back once, with one warning; the next one does so at once. No mask is sent."""
    options, told, attempts = REFUSALS[refusal]
    with Emulator(options) as emulator, door.open(emulator.url) as process:
        store = Store(process, emulator)
        store.update(config={"host": "new.example.com"})
        assert [method for method, _ in store.requests()].count("PATCH") == attempts
        store.update(config={"host": "newer.example.com"})
        patches = [request for request in emulator.requests if request.method == "PATCH"]

        assert [request.status for request in patches] == [200]
        assert "********" not in str([request.body for request in emulator.requests])
        assert [told in warning for warning in warnings(process)] == [True]
        stored = emulator.stored_config(store.integration_id)
        assert (stored["host"], stored["password"]) == ("newer.example.com", PASSWORD)


def test_an_integration_that_vanishes_before_its_update_is_told(door: Door, store: Store) -> None:
    """The error says what to do, not only that there was a 404."""
    store.emulator.remove(store.integration_id)
    with pytest.raises(grpc.RpcError) as failure:
        store.process.update(store.id, store.outputs, store.changed(on=False))
    assert error_of(failure.value) == (
        f"{door.prefix}{store.id} is gone in LaunchDarkly: run `pulumi up` again, and it is recreated"
    )


def test_read_never_returns_a_mask(store: Store) -> None:
    """A password that was changed outside is named as such."""
    store.emulator.outside_edit(store.integration_id, {"config": {"password": "changed outside"}})
    _, outputs, inputs = store.process.read(store.id, store.outputs)
    assert inputs["config"]["password"] == outputs["config"]["password"] == "[set outside of Pulumi]"


def test_a_password_that_only_launchdarkly_knows_is_never_sent(store: Store) -> None:
    """With ``ignore_changes`` the engine hands the refreshed input back."""
    store.emulator.outside_edit(store.integration_id, {"config": {"password": "changed outside"}})
    _, outputs, inputs = store.process.read(store.id, store.outputs)
    store.process.update(store.id, outputs, inputs | {"on": False})
    assert store.emulator.stored_config(store.integration_id)["password"] == "changed outside"


def see_another(door: Door, store: Store) -> None:
    """Creates another store, and reads it."""
    inputs, _ = store.process.check(samples.redis(environment_key="staging"), urn=door.urn("another"))
    id_, outputs = store.process.create(inputs, door.urn("another"))
    store.process.read(id_, outputs, door.urn("another"))
    store.requests()


def test_read_of_what_is_gone_is_empty(door: Door, store: Store) -> None:
    """It returns no ID and no properties, where the token sees another store of the stack."""
    see_another(door, store)
    store.emulator.remove(store.integration_id)
    assert store.process.read(store.id, store.outputs) == ("", {}, {})


def test_delete_of_what_is_gone_succeeds(door: Door, store: Store) -> None:
    """A 404 means that the store is deleted, where the token sees another store of the stack."""
    see_another(door, store)
    store.emulator.remove(store.integration_id)
    store.process.delete(store.id, store.outputs)
    assert [method for method, _ in store.requests() if method != "GET"] == ["DELETE"]
