"""Ctrl-C in the real CLI while the provider waits: nothing more is sent, the state is saved, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import is_listing
from support.aimed_faults import Held, Only
from support.door_stacks import DoorStack
from support.doors import cases
from support.fault_proxy import Answer, Fault, FaultProxy, Hook
from support.front import TIMEOUT
from support.interruptions import pending_creates
from support.processes import interrupt, kill_provider
from support.stack import NO_CHANGE, Run

PATIENCE = 40
"""Seconds for a command to end after its Ctrl-C: below what each of the waits takes."""

LIMITED = Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "60"})
UNAVAILABLE = Answer.json(503, {"code": "unavailable", "message": "later"}, {"Retry-After": "60"})


@pytest.fixture
def stack(door_stack: DoorStack, proxy: FaultProxy) -> DoorStack:
    """A stack behind the proxy, with one store."""
    door_stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    door_stack.declare(store=samples.redis())
    door_stack.up()
    proxy.clear_requests()
    return door_stack


@pytest.fixture
def held() -> Iterator[Held]:
    """A POST that LaunchDarkly receives late."""
    late = Held()
    yield late
    late.end()


class Command:
    """A command of the CLI that is interrupted while it runs."""

    def __init__(self, stack: DoorStack) -> None:
        self._stack = stack
        self._started = threading.Event()
        self._interrupted = threading.Event()

    def interrupt(self) -> None:
        """Sends Ctrl-C once: at a second one the CLI would wait for nothing any more."""
        assert self._started.wait(TIMEOUT)
        if not self._interrupted.is_set():
            self._interrupted.set()
            interrupt(self._process.pid)

    def run(self, name: str) -> Run:
        """Runs the command to its end after the Ctrl-C."""
        self._process = self._stack.start(name, "--yes", "--skip-preview")
        self._started.set()
        with self._process as process:
            try:
                # The CLI, the program and the provider may take long to start: only what comes after that is timed.
                assert self._interrupted.wait(TIMEOUT)
                output, _ = process.communicate(timeout=PATIENCE)
            except BaseException:
                kill_provider(process.pid)
                process.kill()
                raise
        return Run(process.returncode, output)


@pytest.fixture
def command(stack: DoorStack) -> Command:
    """A command of the stack's."""
    return Command(stack)


def methods(proxy: FaultProxy) -> list[str]:
    """The requests since the last look."""
    sent = [request.method for request in proxy.requests]
    proxy.clear_requests()
    return sent


def test_what_a_lost_post_has_made_is_found_by_the_next_update(
    stack: DoorStack, emulator: Emulator, proxy: FaultProxy, held: Held, command: Command
) -> None:
    """The provider has given up on the POST and polls for its store; LaunchDarkly commits it after the Ctrl-C."""
    stack.environment["LAUNCHDARKLY_HTTP_TIMEOUT"] = "1"
    stack.declare(store=samples.redis(on=False), lost=samples.redis(environment_key="lost"))
    updated = threading.Event()

    def ctrl_c() -> None:
        assert updated.wait(PATIENCE)
        command.interrupt()

    def await_next_look() -> None:
        proxy.inject(*[Only(is_listing, Hook(ctrl_c, after_commit=True))] * 3, method="GET")

    proxy.inject(Hook(await_next_look, then=held.fault), method="POST")
    proxy.inject(Hook(updated.set, after_commit=True), method="PATCH")
    run = command.run("up")
    assert run.code != 0
    assert "interrupted" in run.output
    proxy.clear()
    held.commit()
    proxy.settle()

    assert methods(proxy).count("POST") == 1
    assert stack.resources()["store"]["outputs"]["on"] is False
    [left] = [id_ for id_, each in emulator.integrations.items() if each["environmentKey"] == "lost"]
    if pending_creates(stack):
        stack.refresh("--clear-pending-creates")
    assert f"taken over: {left}" in stack.up().output
    assert stack.resources()["lost"]["outputs"]["integration_id"] == left
    assert len(emulator.integrations) == 2
    stack.preview(NO_CHANGE)


ANSWERS: dict[str, Fault] = {"a rate limit": LIMITED, "a back-off": UNAVAILABLE}


WAITS = {f"{answer} of its {method}": (ANSWERS[answer], method) for answer in ANSWERS for method in ("GET", "PATCH")}


@cases("wait", WAITS, plugin=["a rate limit of its PATCH"])
def test_an_update_that_waits_ends(
    stack: DoorStack, emulator: Emulator, proxy: FaultProxy, command: Command, wait: tuple[Fault, str]
) -> None:
    """The other store's update is saved; the waiting one keeps its state, and the next update changes it."""
    answer, method = wait
    others = {"other": samples.redis(environment_key="other")}
    stack.declare(store=samples.redis(), **others)
    stack.up()
    proxy.clear_requests()
    stack.environment["LAUNCHDARKLY_LIVE_DIFF"] = "false"
    stack.declare(store=samples.redis(on=False), **others)
    proxy.inject(Hook(command.interrupt, then=answer), method=method)
    run = command.run("up")
    assert run.code != 0
    assert "interrupted" in run.output
    assert methods(proxy) == ["GET", "PATCH"][: 1 if method == "GET" else 2]
    assert stack.resources()["store"]["outputs"]["on"] is True

    stack.up()
    assert {each["environmentKey"]: each["on"] for each in emulator.integrations.values()} == {
        "production": False,
        "other": True,
    }
    assert stack.resources()["store"]["outputs"]["on"] is False


def test_a_destroy_that_waits_ends(stack: DoorStack, emulator: Emulator, proxy: FaultProxy, command: Command) -> None:
    """The store stays, and so does its state; the next destroy deletes it."""
    proxy.clear_requests()
    proxy.inject(Hook(command.interrupt, then=LIMITED), method="DELETE")
    run = command.run("destroy")
    assert run.code != 0
    assert methods(proxy) == ["DELETE"]
    assert len(emulator.integrations) == len(stack.resources()) == 1
    stack.destroy()
    assert emulator.integrations == {}
