"""The life of a store, call by call, as Pulumi's engine makes them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE, UNKNOWN
from launchdarkly_pulumi.plugin.wire import SIGNATURE, Properties
from support.account import existing, methods
from support.host import error_of
from support.plugin import Plugin, plugin_for, urn_of
from support.plugin_samples import PASSWORD_PLACE, created, redis
from support.samples import PASSWORD
from support.samples import redis as python_redis


def texts(plugin: Plugin) -> list[str]:
    """The messages of stores so far."""
    return [message.text for message in plugin.messages]


def test_a_store_lives(plugin: Plugin, emulator: Emulator) -> None:
    """Create, compare, update, read and delete; each asks LaunchDarkly for what it needs."""
    id_, outputs, inputs = created(plugin)
    assert inputs.secret == outputs.secret == {PASSWORD_PLACE}
    [integration] = emulator.integrations.values()
    assert id_ == f"default/production/redis/{integration['_id']}"
    assert outputs.values["integrationId"] == integration["_id"]
    assert (outputs.values["integrationKey"], outputs.values["version"]) == ("redis", 1)
    assert outputs.values["name"] == integration["name"]
    assert plugin.diff(id_, outputs, inputs).changes == provider_pb2.DiffResponse.DIFF_NONE

    changed = plugin.check(redis(on=False, config={"port": 6381}), inputs).inputs
    diff = plugin.diff(id_, outputs, changed)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: each.kind for path, each in diff.detailedDiff.items()} == {
        "on": provider_pb2.PropertyDiff.UPDATE,
        "config.redis.port": provider_pb2.PropertyDiff.UPDATE,
    }
    methods(emulator)
    outputs = plugin.update(id_, outputs, changed)
    assert methods(emulator) == ["PATCH"]
    assert outputs.values["version"] == 2

    read_id, read, read_inputs = plugin.read(id_, outputs)
    assert (read_id, read.values, read_inputs.values) == (id_, outputs.values, changed.values)
    plugin.delete(id_, outputs)
    assert emulator.integrations == {}


def test_a_preview_sends_nothing_that_changes(plugin: Plugin, emulator: Emulator) -> None:
    """It tells what will be known."""
    inputs = plugin.check(redis()).inputs
    id_, outputs = plugin.create(inputs, preview=True)
    assert id_ == ""
    assert outputs.values["config"] == inputs.values["config"]
    assert outputs.secret == {PASSWORD_PLACE}
    assert outputs.values["integrationKey"] == "redis"
    assert {name for name, value in outputs.values.items() if value is UNKNOWN} == {"integrationId", "name", "version"}
    id_, outputs = plugin.create(inputs)
    methods(emulator)
    planned = plugin.update(id_, outputs, plugin.check(redis(on=False), inputs).inputs, preview=True)
    assert planned.values["integrationId"] == outputs.values["integrationId"]
    assert planned.values["version"] is UNKNOWN
    assert planned.values["on"] is False
    assert set(methods(emulator)) <= {"GET"}


CLEAR = redis(config={"tlsEnabled": False})
"""A check of this warns: the password travels in clear."""


@pytest.mark.parametrize("following", ["create", "cancel"])
def test_a_check_does_not_wait_for_its_warning_and_the_next_call_does(plugin: Plugin, following: str) -> None:
    """The engine makes its checks one after the other; and its last call of a run is Cancel."""
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: plugin.create(CLEAR, preview=True),
        "cancel": plugin.cancel,
    }
    with futures.ThreadPoolExecutor(1) as caller:
        with plugin.busy_engine():
            plugin.check(CLEAR)
            assert plugin.messages == []
            called = caller.submit(calls[following])
            with pytest.raises(futures.TimeoutError):
                called.result(0.3)
        called.result()
        [warning] = plugin.messages
    assert (warning.severity, warning.urn) == ("WARNING", urn_of("store"))
    assert "travels to redis.example.com in clear" in warning.text


def test_a_check_that_fails_waits_for_its_warning(plugin: Plugin) -> None:
    """There may be no other call."""
    with futures.ThreadPoolExecutor(1) as caller:
        with plugin.busy_engine():
            checked = caller.submit(plugin.check, CLEAR | {"tags": "one"})
            with pytest.raises(futures.TimeoutError):
                checked.result(0.3)
        assert checked.result().failures
        assert [each.severity for each in plugin.messages] == ["WARNING"]


def test_a_preview_finds_out_that_a_store_cannot_be_created() -> None:
    """LaunchDarkly has no such environment."""
    options = EmulatorOptions(projects={"default": ("production",)})
    with Emulator(options) as emulator, plugin_for(emulator.url) as plugin:
        inputs = plugin.check(redis(environmentKey="nowhere")).inputs
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs, preview=True)
    assert "no environment nowhere in the project default" in error_of(failed.value)
    assert "\n" not in error_of(failed.value)


def test_every_problem_is_reported_in_the_plugin_s_names(plugin: Plugin, emulator: Emulator) -> None:
    """At once, and nothing is sent."""
    inputs = redis(on="yes", tag=["a"], config={"port": 70000, "tls_enabled": True, "host": f"redis://:{PASSWORD}@h"})
    del inputs["projectKey"]
    assert plugin.check(inputs).failures == [
        "tag is not a field of a big segment store integration (did you mean tags?)",
        "config.redis.tls_enabled is not a field of a redis config (did you mean tlsEnabled?)",
        "projectKey is required",
        "on must be true or false, not 'yes'",
        "config.redis.host must be the host name alone: put the user in config.redis.username and the password in "
        "config.redis.password",
        "config.redis.port must be 1 to 65535, not 70000",
    ]
    assert emulator.requests == []


def test_a_file_is_no_value(plugin: Plugin) -> None:
    """The check fails, under the name of the property."""
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": PASSWORD}
    assert plugin.check(redis(config={"password": asset})).failures == [
        "config.redis.password must be a plain value, not an asset"
    ]


def test_what_the_state_has_may_be_anything(plugin: Plugin) -> None:
    """The engine puts it in the place of what the program ignores, and LaunchDarkly may have had anything."""
    strange = redis(config={"host": "not a host"})
    assert plugin.check(strange, strange).failures == []
    assert len(plugin.check(strange, redis()).failures) == 1


def test_unknown_values_pass(plugin: Plugin) -> None:
    """A store whose host is another resource's output is created in a preview, too."""
    checked = plugin.check(redis(config={"host": UNKNOWN}))
    assert checked.failures == []
    assert plugin.create(checked.inputs, preview=True)[1].values["config"]["redis"]["host"] is UNKNOWN
    checked = plugin.check(redis() | {"config": UNKNOWN})
    assert checked.failures == []
    assert plugin.create(checked.inputs, preview=True)[1].values["integrationKey"] is UNKNOWN


@pytest.mark.parametrize(
    ("changes", "replaces"),
    [
        ({"environmentKey": "test"}, ["environmentKey"]),
        ({"projectKey": UNKNOWN}, ["projectKey"]),
        ({"config": {"dynamodb": UNKNOWN}}, ["config"]),
    ],
)
def test_another_place_or_kind_is_another_store(plugin: Plugin, changes: dict[str, Any], replaces: list[str]) -> None:
    """An unknown one may be another one."""
    id_, outputs, inputs = created(plugin)
    changed = plugin.check(redis() | changes, inputs).inputs
    diff = plugin.diff(id_, outputs, changed)
    assert list(diff.replaces) == replaces
    assert diff.detailedDiff[replaces[0]].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE


def test_an_unknown_config_is_an_update(plugin: Plugin) -> None:
    """Of a kind that is not known yet: it is not said that it is another one."""
    id_, outputs, inputs = created(plugin)
    unknown = plugin.check(redis() | {"config": UNKNOWN}, inputs).inputs
    diff = plugin.diff(id_, outputs, unknown)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(diff.replaces) == []
    assert list(diff.detailedDiff) == ["config"]
    assert plugin.update(id_, outputs, unknown, preview=True).values["config"] is UNKNOWN
    within = plugin.check(redis() | {"config": {"redis": UNKNOWN}}, inputs).inputs
    assert list(plugin.diff(id_, outputs, within).detailedDiff) == ["config.redis"]


def test_drift_is_shown_and_undone(plugin: Plugin, emulator: Emulator) -> None:
    """By the message of the resource, and by a refresh field by field."""
    id_, outputs, inputs = created(plugin)
    emulator.outside_edit(id_.rpartition("/")[2], {"on": False})
    plugin.check(redis(), inputs)
    diff = plugin.diff(id_, outputs, inputs)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert dict(diff.detailedDiff) == {}
    shown = plugin.messages[-1]
    assert shown.urn == urn_of("store")
    assert shown.text == (
        f"{id_}: changed in LaunchDarkly since the last update: on (true → false). "
        'PATCH [{"op":"replace","path":"/on","value":true}]'
    )
    _, _, read = plugin.read(id_, outputs)
    assert read.values["on"] is False
    plugin.update(id_, outputs, inputs)
    assert emulator.integrations[id_.rpartition("/")[2]]["on"] is True


def test_a_store_that_is_gone_is_recreated(plugin: Plugin, emulator: Emulator) -> None:
    """As long as the token sees another one of the stack."""
    id_, outputs, inputs = created(plugin)
    other = plugin.check(redis(environmentKey="test"), urn=urn_of("other")).inputs
    other_id, other_outputs = plugin.create(other, urn_of("other"))
    emulator.remove(id_.rpartition("/")[2])
    with plugin_for(emulator.url) as later:
        later.diff(other_id, other_outputs, other, urn=urn_of("other"))
        assert list(later.diff(id_, outputs, inputs).replaces) == ["integrationId"]
        assert texts(later) == [f"{id_}: gone in LaunchDarkly since the last update. It will be recreated."]
        assert later.read(id_, outputs)[0] == ""
        assert texts(later)[-1] == f"{id_}: gone in LaunchDarkly; it leaves the state."


@pytest.mark.parametrize("path", ["on", "*"])
def test_what_is_ignored_is_left_alone(plugin: Plugin, emulator: Emulator, path: str) -> None:
    """In a comparison, in an update, and in the refresh after it, which hears nothing of the option."""
    id_, outputs, inputs = created(plugin)
    emulator.outside_edit(id_.rpartition("/")[2], {"on": False})
    assert plugin.diff(id_, outputs, inputs, [path]).changes == provider_pb2.DiffResponse.DIFF_NONE
    outputs = plugin.update(id_, outputs, inputs, [path])
    assert emulator.integrations[id_.rpartition("/")[2]]["on"] is False
    plugin.read(id_, outputs)
    assert not [text for text in texts(plugin) if "changed in LaunchDarkly" in text]


def test_an_import_leaves_the_password_alone(plugin: Plugin, emulator: Emulator) -> None:
    """A mask is no password: a stand-in takes its place until the program declares one."""
    id_ = existing(emulator, python_redis())
    read_id, outputs, inputs = plugin.read(id_, urn=urn_of("imported"))
    assert read_id == id_
    assert inputs.values["config"]["redis"]["password"] == REPLACED_OUTSIDE
    assert inputs.secret == outputs.secret == {PASSWORD_PLACE}
    assert inputs.values["name"] == outputs.values["name"]
    changed = Properties(dict(inputs.values) | {"on": False}, inputs.secret)
    plugin.update(id_, outputs, changed, urn=urn_of("imported"))
    assert emulator.stored_config(id_.rpartition("/")[2])["password"] == PASSWORD
    declared = redis(on=False, config={"password": "another"})
    plugin.update(id_, outputs, plugin.check(declared, inputs).inputs, urn=urn_of("imported"))
    assert emulator.stored_config(id_.rpartition("/")[2])["password"] == "another"


def test_an_import_without_a_password_has_none(plugin: Plugin) -> None:
    """Nothing stands in for what is not there."""
    inputs = redis()
    del inputs["config"]["redis"]["password"]
    id_, _ = plugin.create(plugin.check(inputs).inputs)
    _, outputs, _ = plugin.read(id_)
    assert "password" not in outputs.values["config"]["redis"]
    assert outputs.secret == set()


def test_one_integration_has_one_owner(plugin: Plugin) -> None:
    """A second resource that has it is refused in the preview."""
    id_, outputs, inputs = created(plugin)
    plugin.diff(id_, outputs, inputs)
    with pytest.raises(grpc.RpcError) as failed:
        plugin.read(id_, urn=urn_of("imported"))
    assert error_of(failed.value) == f"{id_} is managed by store already: imported cannot manage it too"
    assert plugin.get(id_, urn_of("seen")) == id_


def test_a_program_that_gets_an_integration_does_not_own_it(plugin: Plugin, emulator: Emulator) -> None:
    """Another resource may import it afterwards."""
    id_, _, _ = created(plugin)
    with plugin_for(emulator.url) as later:
        assert later.get(id_, urn_of("seen")) == later.read(id_, urn=urn_of("imported"))[0] == id_


def test_an_import_that_the_engine_refuses_takes_no_store_over(plugin: Plugin, emulator: Emulator) -> None:
    """Its inputs differ, and the run goes on: the delete of the old resource is refused, so that the state keeps it."""
    id_, outputs, _ = created(plugin)
    with plugin_for(emulator.url) as later:
        urn = urn_of("renamed")
        _, found, _ = later.read(id_, urn=urn)
        differing = later.check(redis(on=False), urn=urn).inputs
        assert later.diff(id_, found, differing, urn=urn).changes == provider_pb2.DiffResponse.DIFF_SOME
        with pytest.raises(grpc.RpcError) as failed:
            later.delete(id_, outputs)
    assert error_of(failed.value) == f"{id_} was to move from store to renamed, which failed: it stays with store"
    assert len(emulator.integrations) == 1


def test_a_read_of_what_is_not_there_fails(plugin: Plugin) -> None:
    """In one line."""
    with pytest.raises(grpc.RpcError) as failed:
        plugin.read("default/production/redis/57c0af609969090743529967")
    assert "404" in error_of(failed.value) or "not found" in error_of(failed.value).lower()
    assert "\n" not in error_of(failed.value)
    with pytest.raises(grpc.RpcError) as failed:
        plugin.read("nonsense")
    assert "'nonsense' is not an integration's ID" in error_of(failed.value)


def test_marks_of_the_program_stay(plugin: Plugin) -> None:
    """And another mark is an update that sends nothing."""
    id_, outputs, inputs = created(plugin)
    marked = Properties(redis(), frozenset({("config", "redis", "host"), ("tags", 0)}))
    checked = plugin.check(marked, inputs).inputs
    assert checked.secret == {("config", "redis", "host"), PASSWORD_PLACE, ("tags",)}
    diff = plugin.diff(id_, outputs, checked)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert "config.redis.host, tags: marked as secret otherwise" in texts(plugin)[-1]
    assert plugin.update(id_, outputs, checked).secret == checked.secret
