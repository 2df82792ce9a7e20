"""What the plugin keeps of engines that are gone, while others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent import futures

import grpc
import pytest

from launchdarkly_pulumi.errors import LaunchDarklyError
from launchdarkly_pulumi.plugin.engines import Engines
from launchdarkly_pulumi.plugin.messages import EngineReporter

TIMEOUT = 30
LEFT: list[EngineReporter] = []


class Listener:
    """An engine, as far as it listens."""

    def __init__(self) -> None:
        self._server = grpc.server(futures.ThreadPoolExecutor(1))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def end(self) -> None:
        """Ends."""
        self._server.stop(None).wait()


@pytest.fixture
def engine() -> Iterator[Listener]:
    """One that listens."""
    listener = Listener()
    yield listener
    listener.end()


def watchers() -> list[threading.Thread]:
    """The threads of gRPC that look whether an engine is there."""
    return [each for each in threading.enumerate() if "_run" in each.name]


def let_go(*reporters: EngineReporter) -> None:
    """Ends those threads, which need the reporters' channels for a moment more."""
    for each in reporters:
        each.end()
        each.let_go()
    LEFT.extend(reporters)


def test_nothing_is_left_of_an_engine_that_is_gone(engine: Listener) -> None:
    """Once another one attaches itself: neither its account nor the thread that looks whether it is there."""
    engines, gone = Engines(None), Listener()
    engines.greet("peer", gone.address)
    watching = watchers()
    assert watching
    reporter = engines.that_calls("peer").reporter
    gone.end()
    assert reporter.ended.wait(TIMEOUT)
    engines.greet("another", engine.address)
    for thread in watching:
        thread.join(TIMEOUT)
        assert not thread.is_alive()
    with pytest.raises(LaunchDarklyError, match="the engine has not attached itself"):
        engines.that_calls("peer")
    reporter.info("late")
    reporter.warn_of_resource("later")
    reporter.settle()
    let_go(engines.that_calls("another").reporter)


def test_an_engine_of_before_the_handshake_attaches_itself_once(engine: Listener) -> None:
    """A second time with the same address it is the same engine, and with another address another one."""
    engines, other = Engines(None), Listener()
    engines.attach("peer", engine.address)
    first = engines.that_calls("peer")
    engines.attach("peer", engine.address)
    assert engines.that_calls("peer") is first
    engines.attach("peer", other.address)
    second = engines.that_calls("peer")
    assert second is not first
    let_go(first.reporter, second.reporter)
    other.end()


def test_the_engine_that_has_started_the_process_is_the_only_one(engine: Listener) -> None:
    """Whoever calls."""
    owner = EngineReporter()
    engines = Engines(owner)
    engines.greet("peer", engine.address)
    assert owner.address == ""
    engines.attach("peer", engine.address)
    assert owner.address == engine.address
    assert engines.that_calls("peer").reporter is owner is engines.that_calls("another").reporter
    let_go(owner)
