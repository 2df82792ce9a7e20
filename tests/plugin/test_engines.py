"""One process of the plugin for several engines: what they share, and what each has for itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.account import listings_and_singles
from support.host import error_of
from support.plugin import Plugin, SharedPlugin, plugin_for, urn_of
from support.plugin_samples import created, redis

INTERRUPTED = "interrupted: nothing more is sent to LaunchDarkly"


@pytest.fixture
def shared() -> Iterator[SharedPlugin]:
    """The process."""
    with SharedPlugin() as running:
        yield running


def test_each_engine_gets_its_own_messages(shared: SharedPlugin, emulator: Emulator) -> None:
    """Both have a resource of the same name; each sees what concerns its own."""
    with plugin_for(emulator.url, shared=shared) as one, plugin_for(emulator.url, shared=shared) as other:
        for number, plugin in enumerate((one, other)):
            urn = urn_of("store").replace("prod", f"prod-{number}")
            inputs = plugin.check(redis(), urn=urn).inputs
            id_, outputs = plugin.create(inputs, urn)
            emulator.outside_edit(id_.rpartition("/")[2], {"on": False})
            plugin.diff(id_, outputs, inputs, urn=urn)
            assert [(each.urn, id_ in each.text) for each in plugin.messages] == [(urn, True)]


def test_a_cancelled_engine_and_one_that_is_gone_concern_no_other(shared: SharedPlugin, emulator: Emulator) -> None:
    """The process goes on, and ends with whoever has started it."""
    with plugin_for(emulator.url, shared=shared) as one, plugin_for(emulator.url, shared=shared) as other:
        one.cancel()
        with pytest.raises(grpc.RpcError) as failed:
            one.create(one.check(redis()).inputs)
        assert error_of(failed.value) == INTERRUPTED
        created(other)
        one.end_engine()
        created(other, environmentKey="test")
        with plugin_for(emulator.url, shared=shared) as third:
            created(third, environmentKey="staging")
    assert shared.process.poll() is None
    assert len(emulator.integrations) == 3


def test_an_owner_is_one_of_its_own_stack(shared: SharedPlugin, emulator: Emulator) -> None:
    """A second resource of one stack is refused; what another stack has is not this one's business."""
    with plugin_for(emulator.url, shared=shared) as one, plugin_for(emulator.url, shared=shared) as other:
        id_, outputs, inputs = created(one)
        for plugin in (one, other):
            plugin.check(redis(), inputs)
            plugin.diff(id_, outputs, inputs)
        with pytest.raises(grpc.RpcError) as failed:
            one.diff(id_, outputs, inputs, urn=urn_of("second"))
        assert "is managed by store already" in error_of(failed.value)


def test_engines_share_a_listing(shared: SharedPlugin, emulator: Emulator) -> None:
    """Two that look at once, and a third one afterwards; a write of any of them makes it one of the past."""
    with plugin_for(emulator.url) as setup:
        stores = [created(setup), created(setup, environmentKey="test")]

    def look(plugin: Plugin) -> None:
        for number, (id_, outputs, inputs) in enumerate(stores):
            plugin.check(inputs, inputs, urn_of(f"store-{number}"))
            plugin.diff(id_, outputs, inputs, urn=urn_of(f"store-{number}"))

    emulator.clear_requests()
    with ThreadPoolExecutor() as pool, plugin_for(emulator.url, shared=shared) as one:
        with plugin_for(emulator.url, shared=shared) as other:
            list(pool.map(look, (one, other)))
        with plugin_for(emulator.url, shared=shared) as third:
            look(third)
        assert listings_and_singles(emulator)["listing"] == 1
        created(one, environmentKey="staging")
        with plugin_for(emulator.url, shared=shared) as fourth:
            look(fourth)
    assert listings_and_singles(emulator)["listing"] == 2


def test_a_connection_without_an_engine_is_refused(shared: SharedPlugin) -> None:
    """Nobody would see the messages."""
    with Stranger(shared=shared) as stranger, pytest.raises(grpc.RpcError) as failed:
        stranger.check(redis())
    assert error_of(failed.value) == "the engine has not attached itself to the plugin"


class Stranger(Plugin):
    """An engine that calls without having attached itself."""

    def attach(self) -> None:
        """Does not."""
