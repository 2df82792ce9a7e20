"""The response to a PATCH is lost, and somebody else edits the same store: what they changed stays, and is reported."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.doors import Door, Process, cases
from support.fault_proxy import Answer, Fault, FaultProxy, Hook, ResetAfter, ResetBefore
from support.host import error_of

ROTATED = "another password"
SAME_MASK = "kan, but another one/+1"
"""LaunchDarkly shows the same of it as of the sample's password."""

AFTER: dict[str, Fault] = {"reset afterwards": ResetAfter(), "502 afterwards": Answer.html(502, forwarded=True)}
BEFORE: dict[str, Fault] = {"reset before": ResetBefore(), "503 before": Answer.html(503)}
LOST = AFTER | BEFORE

each_lost = cases("lost", {name: name for name in LOST}, plugin=["502 afterwards", "reset before"])
lost_after = cases("lost", {name: name for name in AFTER}, plugin=["reset afterwards"])
lost_before = cases("lost", {name: name for name in BEFORE}, plugin=["503 before"])


class Store:
    """The sample store, and what the next update meets."""

    def __init__(self, process: Process, proxy: FaultProxy, emulator: Emulator) -> None:
        self.process, self.proxy, self.emulator = process, proxy, emulator
        self.inputs, _ = process.check(samples.redis())
        self.id, self.outputs = process.create(self.inputs)
        self.integration_id = self.outputs["integration_id"]
        proxy.clear_requests()

    def lose(self, lost: str, **edit: Any) -> None:
        """Loses the next PATCH after or before it is committed; somebody edits the store then."""

        def outside() -> None:
            self.emulator.outside_edit(self.integration_id, edit)

        self.proxy.inject(Hook(outside, after_commit=lost in AFTER, then=LOST[lost]), method="PATCH")

    def update(self, **changes: Any) -> dict[str, Any]:
        """What the state has after an update to a changed program."""
        inputs, failures = self.process.check(samples.redis(**changes), self.inputs)
        assert failures == []
        return self.process.update(self.id, self.outputs, inputs)

    def failed_update(self, **changes: Any) -> str:
        """The error of an update."""
        with pytest.raises(grpc.RpcError) as failure:
            self.update(**changes)
        return error_of(failure.value)

    @property
    def live(self) -> dict[str, Any]:
        """What LaunchDarkly has, real config included."""
        return {
            **self.emulator.integrations[self.integration_id],
            "config": self.emulator.stored_config(self.integration_id),
        }

    def methods(self) -> list[str]:
        """What was sent since it was created."""
        return [request.method for request in self.proxy.requests]

    def kept(self) -> list[str]:
        """What the warnings say that somebody else has changed."""
        texts = [message.text for message in self.process.messages if message.severity == "WARNING"]
        return [
            text.partition("somebody else changed ")[2].partition(" during the update. It is kept")[0]
            for text in texts
            if "somebody else changed" in text
        ]


@pytest.fixture
def store(process: Process, proxy: FaultProxy, emulator: Emulator) -> Store:
    """The sample store."""
    return Store(process, proxy, emulator)


@each_lost
def test_an_edit_of_another_field_stays(door: Door, store: Store, lost: str) -> None:
    """As after a conflict: a warning, the state has their value, and only what is missing is sent again."""
    store.lose(lost, config={"host": "outside.example.com"})
    outputs = store.update(on=False)
    assert store.methods() == ["GET", "PATCH", "GET"] + (["PATCH"] if lost in BEFORE else [])
    assert (store.live["on"], store.live["config"]["host"]) == (False, "outside.example.com")
    assert (outputs["on"], outputs["config"]["host"]) == (False, "outside.example.com")
    assert outputs["version"] == store.live["version"]
    assert store.kept() == [door.field("config.host")]


@each_lost
def test_an_edit_of_several_other_fields_stays(door: Door, store: Store, lost: str) -> None:
    """The warning names each of them, inside the config and outside."""
    store.lose(lost, tags=["theirs"], name="Theirs", config={"port": "6390"})
    outputs = store.update(config={"host": "new.example.com"})
    live = store.live
    assert (live["tags"], live["name"], live["config"]["port"]) == (["theirs"], "Theirs", "6390")
    assert live["config"]["host"] == "new.example.com"
    assert (outputs["tags"], outputs["name"], outputs["config"]["port"]) == (["theirs"], "Theirs", 6390)
    assert [set(names.split(", ")) for names in store.kept()] == [{"name", "tags", door.field("config.port")}]


@each_lost
def test_an_edit_of_the_same_field_is_a_conflict(door: Door, store: Store, lost: str) -> None:
    """Their value stays, and an error names the field."""
    store.lose(lost, config={"host": "theirs.example.com"})
    error = store.failed_update(config={"host": "ours.example.com"})
    assert f"somebody else has just changed {door.field('config.host')}" in error
    assert store.live["config"]["host"] == "theirs.example.com"
    assert store.methods() == ["GET", "PATCH", "GET"]


@each_lost
def test_a_lost_patch_of_the_password_is_no_conflict(store: Store, lost: str) -> None:
    """Its own change of the mask is not taken for somebody else's."""
    store.proxy.inject(LOST[lost], method="PATCH")
    outputs = store.update(on=False, config={"password": ROTATED})
    assert (store.live["on"], store.live["config"]["password"]) == (False, ROTATED)
    assert (outputs["on"], outputs["config"]["password"], outputs["version"]) == (False, ROTATED, store.live["version"])
    assert store.kept() == []


@each_lost
def test_a_lost_patch_to_a_password_of_the_same_mask_is_sent_again(store: Store, lost: str) -> None:
    """The mask does not show whether it arrived."""
    store.proxy.inject(LOST[lost], method="PATCH")
    outputs = store.update(config={"password": SAME_MASK})
    assert store.live["config"]["password"] == outputs["config"]["password"] == SAME_MASK
    assert store.kept() == []


@each_lost
def test_a_lost_patch_of_the_password_leaves_others_fields_alone(door: Door, store: Store, lost: str) -> None:
    """We change the password, somebody else the host: both changes stay."""
    store.lose(lost, config={"host": "outside.example.com"})
    outputs = store.update(config={"password": ROTATED})
    config = store.live["config"]
    assert (config["host"], config["password"]) == ("outside.example.com", ROTATED)
    assert (outputs["config"]["host"], outputs["config"]["password"]) == ("outside.example.com", ROTATED)
    assert store.kept() == [door.field("config.host")]


@each_lost
def test_a_password_that_somebody_else_has_set_meanwhile_is_a_conflict(door: Door, store: Store, lost: str) -> None:
    """The error names it, and their password stays."""
    store.lose(lost, config={"password": "theirs, not ours"})
    error = store.failed_update(config={"password": ROTATED})
    assert f"somebody else has just changed {door.field('config.password')}" in error
    assert store.live["config"]["password"] == "theirs, not ours"


@each_lost
def test_a_password_that_somebody_else_has_set_beside_our_patch_stays(door: Door, store: Store, lost: str) -> None:
    """The program did not change it: the state has it as one that was set outside."""
    store.lose(lost, config={"password": "theirs, not ours"})
    outputs = store.update(on=False)
    assert (store.live["on"], store.live["config"]["password"]) == (False, "theirs, not ours")
    assert outputs["config"]["password"] != samples.PASSWORD
    assert store.kept() == [door.field("config.password")]


@lost_after
def test_an_edit_after_two_lost_patches_stays(door: Door, store: Store, lost: str) -> None:
    """The first never arrived; the second did."""
    store.proxy.inject(ResetBefore(), method="PATCH")
    store.lose(lost, config={"host": "outside.example.com"})
    store.update(on=False)
    assert store.methods() == ["GET", "PATCH", "GET", "PATCH", "GET"]
    assert (store.live["on"], store.live["config"]["host"]) == (False, "outside.example.com")
    assert store.kept() == [door.field("config.host")]


@lost_before
def test_an_edit_to_our_own_value_is_no_conflict(store: Store, lost: str) -> None:
    """Somebody else has set the value that we send."""
    store.lose(lost, on=False)
    assert store.update(on=False)["on"] is False
    assert store.methods() == ["GET", "PATCH", "GET"]
    assert store.kept() == []


@each_lost
def test_the_next_preview_shows_what_was_kept(door: Door, store: Store, proxy: FaultProxy, lost: str) -> None:
    """The program still declares its own value, so theirs is drift."""
    store.lose(lost, config={"host": "outside.example.com"})
    outputs = store.update(on=False)
    inputs, _ = store.process.check(samples.redis(on=False))
    with door.open(proxy.url) as next_run:
        next_run.check(samples.redis(on=False), inputs)
        next_run.diff(store.id, outputs, inputs)
    [shown] = [message.text for message in next_run.messages]
    assert 'PATCH [{"op":"replace","path":"/config/host","value":"redis.example.com"}]' in shown
