"""Networks that lose responses, proxies that respond themselves, servers that lie: in the real process of each door."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import foreign, samples
from support.account import existing
from support.aimed_faults import ALWAYS
from support.canary import leaks
from support.doors import Door, Process, cases
from support.fault_proxy import (
    Answer,
    CutAnswer,
    Dribble,
    Fault,
    FaultProxy,
    Hook,
    Mangle,
    ResetAfter,
    ResetBefore,
    Unchanged,
    older_version,
    other_id,
    without_id,
)
from support.host import error_of
from support.samples import PASSWORD, TOKEN

LOST_AFTER: dict[str, Fault] = {
    "reset afterwards": ResetAfter(),
    "no answer": CutAnswer(0),
    "cut in the head": CutAnswer(20),
    "cut at the end": CutAnswer(-1),
    "502 afterwards": Answer.html(502, forwarded=True),
}
LOST_BEFORE: dict[str, Fault] = {"reset before": ResetBefore(), "503 before": Answer.html(503)}
OF_DELETE = {
    "500 afterwards": Answer.html(500, forwarded=True),
    **{name: LOST_AFTER[name] for name in ("reset afterwards", "no answer", "502 afterwards")},
    **LOST_BEFORE,
}
REFUSALS = {str(status): status for status in (400, 401, 403, 404, 422)}


class Store:
    """A store that was created while nothing was wrong."""

    def __init__(self, process: Process, proxy: FaultProxy) -> None:
        self.process, self.proxy = process, proxy
        self.inputs, _ = process.check(samples.redis())
        self.id, self.outputs = process.create(self.inputs)
        proxy.clear_requests()

    def update(self) -> dict[str, Any]:
        """Switches it off."""
        return self.process.update(self.id, self.outputs, self.inputs | {"on": False})

    def failed_update(self) -> str:
        """The error of an update."""
        with pytest.raises(grpc.RpcError) as failure:
            self.update()
        return error_of(failure.value)

    def methods(self) -> list[str]:
        """What was sent since it was created."""
        return [request.method for request in self.proxy.requests]


@pytest.fixture
def store(process: Process, proxy: FaultProxy) -> Store:
    """The sample store."""
    return Store(process, proxy)


def warnings(process: Process) -> list[str]:
    """The warnings so far."""
    return [message.text for message in process.messages if message.severity == "WARNING"]


@cases("fault", LOST_AFTER, plugin=["reset afterwards", "cut at the end"])
def test_a_create_whose_answer_is_lost_is_found_again(
    process: Process, emulator: Emulator, proxy: FaultProxy, fault: Fault
) -> None:
    """One POST, one integration, and a warning that it was taken over."""
    proxy.inject(fault, method="POST")
    inputs, _ = process.check(samples.redis())
    id_, outputs = process.create(inputs)

    [integration_id] = emulator.integrations
    assert (id_, outputs["integration_id"]) == (f"default/production/redis/{integration_id}", integration_id)
    # The listing before, the POST; the listing after, the candidate; the candidate once more, its password.
    sent = [request.method for request in proxy.requests]
    assert sent == ["GET", "POST", "GET", "GET", "GET", "PATCH"]
    assert [f"taken over: {integration_id}" in warning for warning in warnings(process)] == [True]


def test_a_create_that_never_arrived_is_sent_once_more(door: Door, emulator: Emulator, proxy: FaultProxy) -> None:
    """The second POST is sent after half of the operation's time, in which no listing has shown the store."""
    proxy.inject(ResetBefore(), method="POST")
    with door.open(proxy.url, operationTimeout="10") as process:
        inputs, _ = process.check(samples.redis())
        process.create(inputs)
    assert len(emulator.integrations) == 1
    assert [request.method for request in proxy.requests].count("POST") == 2


def test_several_candidates_are_named(process: Process, emulator: Emulator, proxy: FaultProxy) -> None:
    """Somebody else creates the same store meanwhile: the error asks for a person, and no second POST is sent."""

    def somebody_else() -> None:
        existing(emulator, samples.redis())

    proxy.inject(Hook(somebody_else, then=ResetAfter()), method="POST")
    inputs, _ = process.check(samples.redis())
    with pytest.raises(grpc.RpcError) as failure:
        process.create(inputs)
    assert all(integration_id in error_of(failure.value) for integration_id in emulator.integrations)
    assert len(emulator.integrations) == 2


def test_a_201_never_loses_its_id(process: Process, emulator: Emulator, proxy: FaultProxy) -> None:
    """Whatever else the response has, in whichever field."""
    paths = cycle([*foreign.MANAGED, *foreign.KEYS, *foreign.OTHERS])
    shown = {f"e{number}": pair for number, pair in enumerate(zip(paths, foreign.VALUES.values(), strict=False))}
    proxy.inject(*[foreign.Showing(shown)] * ALWAYS, method="POST")
    for environment in shown:
        inputs, _ = process.check(samples.redis(environment_key=environment))
        assert process.create(inputs)[0].rpartition("/")[2] in emulator.integrations
    assert len(emulator.integrations) == len(shown)


@cases("fault", LOST_AFTER | LOST_BEFORE, plugin=["502 afterwards", "reset before"])
def test_a_patch_whose_answer_is_lost_is_compared_again(store: Store, emulator: Emulator, fault: Fault) -> None:
    """The store is read again, and a second PATCH is sent only where something is still missing."""
    store.proxy.inject(fault, method="PATCH")
    outputs = store.update()
    arrived = fault in LOST_AFTER.values()
    assert store.methods() == ["GET", "PATCH", "GET"] + ([] if arrived else ["PATCH"])
    assert (outputs["on"], outputs["version"]) == (False, 2)


@cases("fault", OF_DELETE, plugin=["no answer", "503 before"])
def test_a_delete_whose_answer_is_lost_is_sent_again(store: Store, emulator: Emulator, fault: Fault) -> None:
    """A 404 to the second DELETE means that the first one has succeeded."""
    store.proxy.inject(fault, method="DELETE")
    store.process.delete(store.id, store.outputs)
    assert store.methods() == ["DELETE", "DELETE"]
    assert emulator.integrations == {}


def test_a_deletion_that_a_sign_in_page_answers_is_an_error(store: Store, emulator: Emulator) -> None:
    """The page is a 200 and deletes nothing: the engine keeps the ID for the next run."""
    store.proxy.inject(Answer.html(200), method="DELETE")
    with pytest.raises(grpc.RpcError) as failure:
        store.process.delete(store.id, store.outputs)
    assert "200, but LaunchDarkly responds with 204" in error_of(failure.value)
    assert len(emulator.integrations) == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Unchanged(), "did not apply /on"),
        (Mangle(other_id), "another integration"),
        (Mangle(without_id), "the response is not an integration"),
        (Mangle(older_version), "the version went back"),
    ],
    ids=repr,
)
def test_an_answer_that_is_not_what_was_asked_is_an_error(store: Store, fault: Fault, told: str) -> None:
    """The state stays as it was, and the next run compares again."""
    store.proxy.inject(fault, method="PATCH")
    assert told in store.failed_update()


@cases("status", REFUSALS, plugin=["403"])
def test_a_refusal_is_not_repeated(store: Store, status: int) -> None:
    """A 4xx to a read is final."""
    store.proxy.inject(Answer.json(status, {"code": "refused", "message": "no"}), method="GET")
    store.failed_update()
    assert store.methods() == ["GET"]


def test_a_redirect_is_refused(store: Store) -> None:
    """The target's host is named, and nothing is sent there."""
    with FaultProxy(store.proxy.url) as elsewhere:
        store.proxy.inject(Answer.redirect(f"{elsewhere.url}/api", 307), method="GET")
        error = store.failed_update()
        assert f"307: redirected to {elsewhere.host}, where nothing is sent" in error
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [200, 400, 501])
def test_a_server_that_echoes_secrets_is_not_quoted(store: Store, status: int) -> None:
    """Neither the token nor the password, in whatever field."""
    told = {"code": TOKEN, "message": f"Bearer {TOKEN}, password {PASSWORD}", "id": PASSWORD}
    store.proxy.inject(Answer.json(status, told), method="GET")
    assert leaks(store.failed_update(), TOKEN, PASSWORD) == []


def test_a_server_that_drips_is_cut_off(door: Door, emulator: Emulator, proxy: FaultProxy) -> None:
    """The exchange ends at the operation's deadline, here after a second, not at the end of the response."""
    with door.open(proxy.url, operationTimeout="1") as process:
        store = Store(process, proxy)
        proxy.inject(Dribble(0.2), method="GET")
        assert "did not respond in time" in store.failed_update()
