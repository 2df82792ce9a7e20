"""The calls of Pulumi's engine, one by one, in the process that providers really run in."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.rpc import UNKNOWN

from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.model.fields import KEY_FIELDS
from launchdarkly_pulumi.provider import BigSegmentStoreProvider
from support import hostile, samples, sdk
from support.host import Host, error_of, host_for
from support.samples import PASSWORD, TOKEN

PICKLED_PROVIDER = (
    "gASVPwAAAAAAAACMHGxhdW5jaGRhcmtseV9wdWx1bWkucHJvdmlkZXKUjBdCaWdTZWdtZW50U3RvcmVQcm92aWRlcpSTlCmBlC4="
)
"""On record: it is in the state of every stack, and another one would show as a change in each of them."""

UNCHANGED, CHANGED = 1, 2


class Store:
    """A store that was created through the host, as the engine remembers it."""

    def __init__(self, host: Host, emulator: Emulator, **changes: Any) -> None:
        self.host, self.emulator = host, emulator
        self.inputs, failures = host.check(samples.redis(**changes))
        assert failures == []
        self.id, self.outputs = host.create(self.inputs)
        self.integration_id = self.id.rsplit("/", 1)[1]
        emulator.clear_requests()

    def changed(self, **changes: Any) -> dict[str, Any]:
        """The checked inputs of a changed program."""
        inputs, failures = self.host.check(samples.redis(**changes))
        assert failures == []
        return inputs

    def update(self, **changes: Any) -> dict[str, Any]:
        """Diffs and updates, as one ``pulumi up`` does."""
        inputs = self.changed(**changes)
        assert self.host.diff(self.id, self.outputs, inputs).changes == CHANGED
        self.outputs = self.host.update(self.id, self.outputs, inputs)
        return self.outputs

    def requests(self) -> list[tuple[str, int]]:
        """Method and status of each request since the last look."""
        seen = [(request.method, request.status) for request in self.emulator.requests]
        self.emulator.clear_requests()
        return seen


@pytest.fixture
def store(host: Host, emulator: Emulator) -> Store:
    """The sample store."""
    return Store(host, emulator)


def warnings(host: Host) -> list[str]:
    """The warnings so far."""
    return [message.text for message in host.messages if message.severity == "WARNING"]


def test_the_pickled_provider_is_the_one_on_record() -> None:
    """A reference to the class, byte for byte the same in every stack's state."""
    assert serialize_provider(BigSegmentStoreProvider()) == PICKLED_PROVIDER


def test_check_completes_the_inputs(host: Host, emulator: Emulator) -> None:
    """The kind of the config is filled in, and a port given as a string becomes a number; no request is sent."""
    inputs, failures = host.check(samples.redis(config={"port": "6380"}))
    assert failures == []
    assert inputs == samples.redis() | {"integration_key": "redis"}
    assert emulator.requests == []


@pytest.mark.parametrize("field", [ADOPTED, *(field.name for field in KEY_FIELDS)])
def test_check_refuses_hostile_adoptions(host: Host, emulator: Emulator, field: str) -> None:
    """An ID that is none, and keys that are not those of the ID, in short lines; no request is sent."""
    adopting = samples.redis() | {ADOPTED: "default/production/redis/57c0ffee57c0ffee57c0ffee"}
    for value in filter(lambda value: isinstance(value, (str, float)), hostile.VALUES.values()):
        failures = host.check(adopting | {field: value})[1]
        assert any(failure.startswith("import_: ") for failure in failures)
        assert all(failure.isprintable() and len(failure) < 400 for failure in failures)
    assert emulator.requests == []


@pytest.mark.parametrize("place", ["project_key", "config", "config.host", "config.password", "on", "tags", "tags[0]"])
def test_check_passes_unknown_values_on(host: Host, place: str) -> None:
    """At any depth, as the engine writes them."""
    inputs = samples.redis()
    name, _, inner = place.partition(".")
    if inner:
        inputs[name][inner] = UNKNOWN
    else:
        inputs[name.removesuffix("[0]")] = [UNKNOWN] if name.endswith("]") else UNKNOWN
    checked, failures = host.check(inputs)
    assert failures == []
    assert UNKNOWN in str(checked)


def test_create_sends_no_more_than_the_program_declares(host: Host, emulator: Emulator) -> None:
    """A store of one field: LaunchDarkly fills in its defaults itself."""
    inputs, _ = host.check({"project_key": "p", "environment_key": "e", "config": {"host": "h"}})
    host.create(inputs)
    listing, request = emulator.requests
    assert (listing.method, request.method) == ("GET", "POST")
    assert request.body == {"config": {"host": "h"}}


def test_diff_of_what_is_there_is_no_change(store: Store) -> None:
    """The inputs equal the state, and the live integration equals both."""
    assert store.host.diff(store.id, store.outputs, store.changed()).changes == UNCHANGED
    assert store.requests() == [("GET", 200)]
    assert store.host.messages == []


def test_diff_and_update_read_once(store: Store) -> None:
    """The update works on what its diff has read."""
    store.update(config={"host": "new.example.com"})
    assert store.requests() == [("GET", 200), ("PATCH", 200)]
    assert store.outputs["version"] == 2
    assert store.outputs["config"]["host"] == "new.example.com"


def test_an_update_without_a_diff_reads_itself(store: Store) -> None:
    """It sends a GET and a PATCH where ``diff`` has compared with the state alone."""
    store.host.update(store.id, store.outputs, store.changed(on=False))
    assert store.requests() == [("GET", 200), ("PATCH", 200)]


def test_an_update_with_nothing_to_do_sends_nothing(store: Store) -> None:
    """LaunchDarkly already has what the program declares."""
    store.emulator.outside_edit(store.integration_id, {"on": False})
    outputs = store.host.update(store.id, store.outputs, store.changed(on=False))
    assert store.requests() == [("GET", 200)]
    assert (outputs["on"], outputs["version"]) == (False, 2)


def test_an_answer_without_a_config_is_enough() -> None:
    """The API documents the config for single reads only."""
    with Emulator(EmulatorOptions(omit_config_in_answers=True)) as emulator, host_for(emulator.url) as host:
        store = Store(host, emulator)
        outputs = store.update(config={"host": "new.example.com", "password": "another-password"})
        assert store.requests() == [("GET", 200), ("PATCH", 200)]
    assert outputs["config"]["host"] == "new.example.com"
    assert emulator.stored_config(store.integration_id)["password"] == "another-password"


def test_a_value_that_launchdarkly_refuses_is_told_as_it_says(store: Store) -> None:
    """A 400 that no fallback cures ends with LaunchDarkly's own words."""
    broken = store.inputs | {"config": store.inputs["config"] | {"port": 99999}}
    with pytest.raises(grpc.RpcError) as failure:
        store.host.update(store.id, store.outputs, broken)
    assert error_of(failure.value).startswith(f"{sdk.ERROR}PATCH {store.id}: 400 invalid_request: ")
    assert warnings(store.host) == []


def test_read_returns_inputs_as_declared(store: Store) -> None:
    """Outputs and inputs equal what is stored, the password in full, when nothing changed."""
    id_, outputs, inputs = store.host.read(store.id, store.outputs)
    assert (id_, outputs, inputs) == (store.id, store.outputs, store.inputs)


def test_read_shows_drift_in_each_field(store: Store) -> None:
    """Inputs and outputs have the live values by their Python names."""
    store.emulator.outside_edit(
        store.integration_id,
        {"on": False, "name": "N", "tags": ["x"], "config": {"port": "7000", "username": "", "tlsEnabled": False}},
    )
    _, outputs, inputs = store.host.read(store.id, store.outputs)
    assert {name: inputs[name] for name in ("on", "name", "tags")} == {"on": False, "name": "N", "tags": ["x"]}
    assert inputs["config"] == {
        "host": "redis.example.com",
        "port": 7000,
        "username": "",
        "password": PASSWORD,
        "tls_enabled": False,
    }
    assert outputs == inputs | {"integration_id": store.integration_id, "version": 2, "_compared": True}


def test_get_reads_by_id_alone(store: Store) -> None:
    """As ``Resource.get`` does: everything that LaunchDarkly shows, and no secret."""
    expected = store.outputs | {"config": {k: v for k, v in store.outputs["config"].items() if k != "password"}}
    with sdk.reading_by_id():
        _, outputs, _ = store.host.get(store.id)
        assert outputs == expected


def test_a_setting_of_the_stack_comes_before_the_environment(emulator: Emulator) -> None:
    """The stack's token and host are used, the environment's are not."""
    environment = {"LAUNCHDARKLY_ACCESS_TOKEN": "from-the-environment", "LAUNCHDARKLY_API_HOST": "https://localhost:1"}
    config = {"launchdarkly:accessToken": TOKEN, "launchdarkly:apiHost": emulator.url}
    with Host(config, environment) as host:
        Store(host, emulator)
    assert len(emulator.integrations) == 1


def test_a_host_out_of_launchdarklys_reach_is_a_warning(emulator: Emulator) -> None:
    """Of the check, which sends nothing; an emulator is on this machine, and reaches what it reaches."""
    private = samples.redis(config={"host": "10.0.0.1"})
    for instance, count in (("app.launchdarkly.com", 1), (emulator.url, 0)):
        with host_for(instance) as host:
            for _ in range(2):
                assert host.check(private)[1] == []
            assert ["reaches this one only if" in warning for warning in warnings(host)] == [True] * count
    assert emulator.requests == []
