"""Ctrl-C: the engine asks the provider's process to come to an end, and every wait does; nothing more is sent.

None of the waits here would end before :data:`PATIENCE` by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import is_listing
from support.aimed_faults import ALWAYS, Only
from support.doors import Door, Process, cases
from support.fault_proxy import Answer, Delay, Fault, FaultProxy, Forward, Hook, ResetAfter, ResetBefore
from support.host import error_of

PATIENCE = 8
"""Seconds for a call to come to its end: far below what the waits would take."""

WRITES = {"POST", "PATCH", "DELETE"}

LIMITED = Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "60"})
UNAVAILABLE = Answer.json(503, {"code": "unavailable", "message": "later"}, {"Retry-After": "60"})
FAILED = Answer.json(500, {"code": "internal", "message": "oops"})
CONFLICT = Answer.json(409, {"code": "optimistic_locking_error", "message": "somebody was quicker"})
HELD = Delay(600)
"""Until the test lets go of it."""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """The engine's calls; it outlives the host, whose end is the end of each call."""
    with ThreadPoolExecutor(8) as running:
        yield running


class Store:
    """A store in an environment of its own, and the calls about it."""

    def __init__(self, process: Process, environment: str = "production") -> None:
        self.process = process
        self.inputs, _ = process.check(samples.redis(environment_key=environment))
        self.id, self.outputs = process.create(self.inputs)

    def read(self) -> Any:
        """A refresh."""
        return self.process.read(self.id, self.outputs)

    def diff(self) -> Any:
        """A preview."""
        return self.process.diff(self.id, self.outputs, self.inputs | {"on": False})

    def update(self) -> Any:
        """Switches it off."""
        return self.process.update(self.id, self.outputs, self.inputs | {"on": False})

    def delete(self) -> Any:
        """Deletes it."""
        return self.process.delete(self.id, self.outputs)

    def create(self) -> Any:
        """Creates another one, elsewhere."""
        return create(self.process, "elsewhere")


def create(process: Process, environment: str) -> tuple[str, dict[str, Any]]:
    """Creates a store."""
    return process.create(process.check(samples.redis(environment_key=environment))[0])


def require_interrupted(call: Future[Any]) -> None:
    """The call ends soon, with an error of one line that says why."""
    with pytest.raises(grpc.RpcError) as failure:
        call.result(PATIENCE)
    error = error_of(failure.value)
    assert "interrupted" in error
    assert "\n" not in error


def require_ended(call: Future[Any]) -> None:
    """The call ends soon; a preview may succeed with the stack's state."""
    failure = call.exception(PATIENCE)
    assert failure is None or (isinstance(failure, grpc.RpcError) and "interrupted" in error_of(failure))


def sent(proxy: FaultProxy) -> list[str]:
    """The methods of the requests since the last look."""
    methods = [request.method for request in proxy.requests]
    proxy.clear_requests()
    return methods


WAITS: dict[str, tuple[str, str, Fault]] = {
    "a refresh during a rate limit": ("read", "GET", LIMITED),
    "an update during a rate limit of its read": ("update", "GET", LIMITED),
    "an update during a rate limit of its patch": ("update", "PATCH", LIMITED),
    "a create during a rate limit of its listing": ("create", "GET", LIMITED),
    "a create during a rate limit of its POST": ("create", "POST", LIMITED),
    "a delete during a rate limit": ("delete", "DELETE", LIMITED),
    "a refresh during a back-off": ("read", "GET", UNAVAILABLE),
    "an update during a back-off": ("update", "GET", UNAVAILABLE),
    "a delete during a back-off": ("delete", "DELETE", UNAVAILABLE),
}
"""The call, and the request that is answered so that it waits for a minute."""


@cases("wait", {name: name for name in WAITS}, plugin=list(WAITS)[1:-1:2])
@pytest.mark.parametrize("within", [True, False], ids=["while a request is in flight", "while it waits"])
def test_a_wait_ends(
    door: Door, process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, wait: str, within: bool
) -> None:
    """It ends at once, with an error; nothing is sent after the request that was in flight."""
    call, method, answer = WAITS[wait]
    store = Store(process)
    with door.open(proxy.url) as run:
        store.process = run
        sent(proxy)
        answered = threading.Event()
        proxy.inject(Hook(run.cancel if within else answered.set, then=answer), method=method)
        ending = pool.submit(getattr(store, call))
        if not within:
            assert answered.wait(PATIENCE)
            # Another call and its response: by then the provider has its own response too.
            run.check(samples.redis())
            run.cancel()
        require_interrupted(ending)
        assert sent(proxy)[-1] == method
        assert proxy.clear() == []
    assert sent(proxy) == []


@pytest.mark.parametrize(("call", "method"), [("read", "GET"), ("delete", "DELETE")])
@cases("attempt", {str(number): number for number in (1, 2, 3, 4)}, plugin=["2"])
def test_no_failure_is_tried_again_afterwards(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, call: str, method: str, attempt: int
) -> None:
    """LaunchDarkly fails, and the run is cancelled during one of the attempts."""
    store = Store(process)
    sent(proxy)
    proxy.inject(*[FAILED] * (attempt - 1), Hook(process.cancel, then=FAILED), method=method)
    require_interrupted(pool.submit(getattr(store, call)))
    # A call that is cancelled may end before its request does.
    proxy.settle()
    assert sent(proxy) == [method] * attempt


@cases("attempt", {str(number): number for number in (1, 2, 3, 4)}, plugin=["2"])
def test_no_conflict_is_settled_afterwards(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, attempt: int
) -> None:
    """Somebody else updates the store first, and the run is cancelled: the store is neither read again nor patched."""
    store = Store(process)
    sent(proxy)
    proxy.inject(*[CONFLICT] * (attempt - 1), Hook(process.cancel, then=CONFLICT), method="PATCH")
    require_interrupted(pool.submit(store.update))
    assert sent(proxy) == ["GET", "PATCH"] * attempt


def test_no_other_form_of_a_patch_is_tried_afterwards(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor
) -> None:
    """LaunchDarkly refuses the guard, and the run is cancelled: the patch without it is not sent."""
    store = Store(process)
    sent(proxy)
    refused = Answer.json(400, {"code": "invalid_request", "message": "operation 0 (test /version)"})
    proxy.inject(Hook(process.cancel, then=refused), method="PATCH")
    require_interrupted(pool.submit(store.update))
    assert sent(proxy).count("PATCH") == 1


@pytest.mark.parametrize("lost", [ResetAfter(), ResetBefore()], ids=["done", "not done"])
def test_a_lost_patch_is_not_sent_again(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, lost: Fault
) -> None:
    """The next run compares what LaunchDarkly has."""
    store = Store(process)
    sent(proxy)
    proxy.inject(Hook(process.cancel, then=lost), method="PATCH")
    require_interrupted(pool.submit(store.update))
    assert sent(proxy).count("PATCH") == 1


@cases("look", {str(number): number for number in (1, 2, 3)}, plugin=["2"])
def test_the_wait_for_what_a_lost_create_has_made_ends(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator, look: int
) -> None:
    """The POST's response is lost, and nothing shows up: no second one follows."""
    proxy.inject(ResetBefore(), method="POST")
    # The first listing is from before the POST.
    looks = [Only(is_listing, Forward())] * look
    proxy.inject(*looks, Only(is_listing, Hook(process.cancel, after_commit=True)), method="GET")
    require_interrupted(pool.submit(create, process, "production"))
    assert WRITES & set(sent(proxy)) == {"POST"}
    assert emulator.integrations == {}


def test_a_post_that_is_lost_after_a_ctrl_c_is_the_last(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor
) -> None:
    """The run is cancelled while it is in flight."""
    proxy.inject(Hook(process.cancel, then=ResetBefore()), method="POST")
    require_interrupted(pool.submit(create, process, "production"))
    assert sent(proxy).count("POST") == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_is_in_flight_is_awaited(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator, method: str
) -> None:
    """LaunchDarkly has it already: its response arrives, and the state learns of it."""
    store = Store(process)
    arrived = threading.Event()
    proxy.inject(Hook(arrived.set, then=HELD), method=method)
    call = pool.submit(store.create if method == "POST" else store.update)
    assert arrived.wait(PATIENCE)
    process.cancel()
    proxy.release()
    done = call.result(PATIENCE)
    if method == "POST":
        assert done[0].rpartition("/")[2] in emulator.integrations
    else:
        assert (done["on"], done["version"]) == (False, 2)


def test_the_wait_for_a_create_that_looks_alike_ends(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    """The one that is in flight has its response, and the other one is never sent."""
    arrived = threading.Event()
    proxy.inject(Hook(arrived.set, then=HELD), method="POST")
    first = pool.submit(create, process, "production")
    assert arrived.wait(PATIENCE)
    second = pool.submit(create, process, "production")
    process.check(samples.redis())
    process.cancel()
    require_interrupted(second)
    proxy.release()
    assert first.result(PATIENCE)[0].rpartition("/")[2] in emulator.integrations
    assert sent(proxy).count("POST") == len(emulator.integrations) == 1


@pytest.mark.parametrize("call", ["read", "diff"])
def test_the_wait_for_the_listing_ends(
    door: Door, process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, call: str
) -> None:
    """The second and later stores wait for the listing; no read of one store takes its place."""
    stores = [Store(process, f"e{number}") for number in range(4)]
    with door.open(proxy.url) as run:
        for store in stores:
            store.process = run
        asked = threading.Event()
        proxy.inject(*[Only(is_listing, Hook(asked.set, then=HELD))] * ALWAYS, method="GET")
        getattr(stores[0], call)()
        waiting = [pool.submit(getattr(store, call)) for store in stores[1:]]
        assert asked.wait(PATIENCE)
        run.cancel()
        sent(proxy)
        for each in waiting:
            require_ended(each) if call == "diff" else require_interrupted(each)
        assert sent(proxy) == []


def test_the_wait_of_a_preview_ends(process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor) -> None:
    """Without the cancellation it would wait for a rate limit that ends just before the deadline."""
    store = Store(process)
    almost = Answer.json(429, {"code": "rate_limited", "message": "slow down"}, {"Retry-After": "9"})
    proxy.inject(Hook(process.cancel, then=almost), method="GET")
    sent(proxy)
    require_ended(pool.submit(store.diff))
    assert sent(proxy) == ["GET"]


def test_the_wait_for_the_listing_before_a_create_ends(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator
) -> None:
    """No POST follows."""
    asked = threading.Event()
    proxy.inject(Only(is_listing, Hook(asked.set, then=HELD)), method="GET")
    calls = [pool.submit(create, process, f"e{number}") for number in range(3)]
    assert asked.wait(PATIENCE)
    process.cancel()
    for call in calls:
        require_interrupted(call)
    assert sent(proxy) == []
    assert emulator.integrations == {}


def test_the_wait_for_a_turn_ends(door: Door, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator) -> None:
    """``maxConcurrency`` allows one request at a time; the others are never sent."""
    with door.open(proxy.url, maxConcurrency="1") as process:
        arrived = threading.Event()
        proxy.inject(Hook(arrived.set, then=HELD), method="POST")
        first = pool.submit(create, process, "first")
        assert arrived.wait(PATIENCE)
        others = [pool.submit(create, process, f"e{number}") for number in range(3)]
        process.check(samples.redis())
        process.cancel()
        for call in others:
            require_interrupted(call)
        proxy.release()
        assert first.result(PATIENCE)[0].rpartition("/")[2] in emulator.integrations
        assert sent(proxy).count("POST") == 1


@pytest.mark.parametrize("call", ["read", "delete", "create"])
def test_the_wait_where_few_requests_are_left_ends(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator, call: str
) -> None:
    """LaunchDarkly reports that its window is used up: the next request would wait for the next window."""
    stores = [Store(process, f"e{number}") for number in range(2)]
    left = {"X-Ratelimit-Global-Remaining": "0", "X-Ratelimit-Reset": "99999999999999"}
    proxy.inject(Answer.json(200, emulator.integrations[stores[0].outputs["integration_id"]], left), method="GET")
    stores[0].read()
    sent(proxy)
    waiting = pool.submit(getattr(stores[1], call))
    process.check(samples.redis())
    process.cancel()
    require_interrupted(waiting)
    assert sent(proxy) == []


@pytest.mark.parametrize("call", ["create", "update", "delete"])
def test_what_begins_afterwards_sends_nothing(
    process: Process, proxy: FaultProxy, pool: ThreadPoolExecutor, emulator: Emulator, call: str
) -> None:
    """The engine may have sent the call before the cancellation arrived."""
    store = Store(process)
    sent(proxy)
    process.cancel()
    require_interrupted(pool.submit(getattr(store, call)))
    assert WRITES & set(sent(proxy)) == set()
    assert [each["on"] for each in emulator.integrations.values()] == [True]
