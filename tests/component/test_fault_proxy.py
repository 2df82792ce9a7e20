"""Each fault of the proxy, between a plain client and the real emulator."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator
from support.fault_proxy import (
    Answer,
    Barrier,
    CutAnswer,
    Delay,
    Dribble,
    Fault,
    FaultProxy,
    Forward,
    Hook,
    Mangle,
    Refuse,
    ResetAfter,
    ResetBefore,
    Unchanged,
    older_version,
    other_id,
    without_id,
)

BASE = "/api/v2/integration-capabilities/big-segment-store"
PLACE = f"{BASE}/default/production/redis"
HEADERS = {"Authorization": "api-token", "LD-API-Version": "beta"}
STORE = {"config": {"host": "redis.example.com"}, "name": "Redis"}
TURN_ON = [{"op": "replace", "path": "/on", "value": True}]
FOREVER = float("inf")
TIMEOUT = 20


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One server for all tests; each finds it empty."""
    with Emulator() as running:
        yield running


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    """A proxy before an empty account."""
    for id_ in emulator.integrations:
        emulator.remove(id_)
    emulator.clear_requests()
    with FaultProxy(emulator.url) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A client that keeps its connections."""
    with requests.Session() as opened:
        opened.headers.update(HEADERS)
        yield opened


@pytest.fixture
def existing(emulator: Emulator, proxy: FaultProxy) -> str:
    """The path of an integration."""
    return f"{PLACE}/{emulator.outside_create('default', 'production', 'redis', **STORE)['_id']}"


def create(session: requests.Session, proxy: FaultProxy) -> requests.Response:
    """Creates a store through the proxy."""
    return session.post(proxy.url + PLACE, json=STORE, timeout=TIMEOUT)


def list_all(session: requests.Session, proxy: FaultProxy) -> requests.Response:
    """Lists the stores through the proxy."""
    return session.get(proxy.url + BASE, timeout=TIMEOUT)


def plain(method: str, proxy: FaultProxy) -> requests.Response:
    """A request by a client of its own, for threads: a creation or a listing."""
    if method == "POST":
        return requests.post(proxy.url + PLACE, json=STORE, headers=HEADERS, timeout=TIMEOUT)
    return requests.get(proxy.url + BASE, headers=HEADERS, timeout=TIMEOUT)


def left_behind() -> list[str]:
    """The proxies' threads that still run."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("fault-proxy")]


def lose_a_request(emulator: Emulator, fault: Fault) -> None:
    """A test of its own, in which a request is not answered."""
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(fault)
        with pytest.raises(requests.ConnectionError):
            plain("POST", proxy)


def root_cause(error: BaseException) -> BaseException:
    """What the operating system said."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error


def raw_answer(proxy: FaultProxy) -> bytes:
    """Everything that comes back for a listing until the connection ends."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    with socket.create_connection(("127.0.0.1", int(proxy.host.split(":")[1])), TIMEOUT) as client:
        client.sendall(f"GET {BASE} HTTP/1.1\r\nHost: {proxy.host}\r\n{fields}Connection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: client.recv(65536), b""))


# Without a fault


def test_requests_and_answers_pass_as_they_are(proxy: FaultProxy, session: requests.Session) -> None:
    """Method, path, headers and bodies go both ways, and the proxy says what it has seen."""
    created = create(session, proxy).json()
    path = f"{PLACE}/{created['_id']}"

    assert session.patch(proxy.url + path, json=TURN_ON, timeout=TIMEOUT).json()["on"] is True
    assert session.get(proxy.url + path, timeout=TIMEOUT).json()["on"] is True
    assert session.delete(proxy.url + path, timeout=TIMEOUT).status_code == 204
    assert [
        ("POST", PLACE, "forwarded 201"),
        ("PATCH", path, "forwarded 200"),
        ("GET", path, "forwarded 200"),
        ("DELETE", path, "forwarded 204"),
    ] == proxy.requests


def test_a_connection_is_used_again(proxy: FaultProxy) -> None:
    """The proxy keeps a client's connection for its next request."""
    connection = http.client.HTTPConnection(proxy.host, timeout=TIMEOUT)
    connection.connect()
    opened = connection.sock
    for _ in range(2):
        connection.request("GET", BASE, headers=HEADERS)
        connection.getresponse().read()

    assert opened is connection.sock
    connection.close()


def test_requests_can_be_forgotten(proxy: FaultProxy, session: requests.Session) -> None:
    """After that, only new ones are listed."""
    create(session, proxy)
    proxy.clear_requests()
    list_all(session, proxy)

    assert proxy.requests == [("GET", BASE, "forwarded 200")]


def test_an_upstream_that_is_gone_is_told_and_ends_the_connection(session: requests.Session) -> None:
    """The client gets no answer, and the outcome names the reason."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with FaultProxy(f"http://127.0.0.1:{unused.getsockname()[1]}") as proxy:
            with pytest.raises(requests.ConnectionError):
                list_all(session, proxy)

            assert proxy.requests[0].outcome.startswith("upstream lost: ConnectionRefusedError")


def test_an_upstream_that_was_restarted_makes_no_fault(session: requests.Session) -> None:
    """The connection that the proxy kept to it is opened anew."""
    with Emulator() as first, FaultProxy(first.url) as proxy:
        list_all(session, proxy)
        first.stop()
        with Emulator(port=first.port):
            assert list_all(session, proxy).status_code == 200


# The queue


def test_a_fault_is_used_once(proxy: FaultProxy, session: requests.Session) -> None:
    """The request after it passes."""
    proxy.inject(Answer.html(502))

    assert [list_all(session, proxy).status_code for _ in range(2)] == [502, 200]


def test_faults_are_used_in_their_order(proxy: FaultProxy, session: requests.Session) -> None:
    """The first for the first request; a Forward lets one pass."""
    proxy.inject(Answer(500), Forward())
    proxy.inject(Answer(503))

    assert [list_all(session, proxy).status_code for _ in range(4)] == [500, 200, 503, 200]


def test_a_fault_waits_for_its_method(proxy: FaultProxy, session: requests.Session) -> None:
    """A request of another method leaves it in the queue and gets the next fault that fits."""
    proxy.inject(Answer(500), method="POST")
    proxy.inject(Answer(503))

    assert [list_all(session, proxy).status_code for _ in range(2)] == [503, 200]
    assert create(session, proxy).status_code == 500


def test_clear_returns_what_is_unused(proxy: FaultProxy, session: requests.Session) -> None:
    """Every fault that no request used, equal ones and a barrier as they were injected, and none of them acts later."""
    proxy.inject(Answer(500), *[ResetAfter()] * 2, Barrier(3))
    list_all(session, proxy)

    assert [ResetAfter(), ResetAfter(), Barrier(3)] == proxy.clear()
    assert proxy.clear() == []
    assert list_all(session, proxy).status_code == 200


def test_a_request_that_never_arrives_whole_uses_no_fault(proxy: FaultProxy, session: requests.Session) -> None:
    """The fault stays for the next one, in its place."""
    proxy.inject(Answer(500), Answer(503))
    with socket.create_connection(("127.0.0.1", int(proxy.host.split(":")[1])), TIMEOUT) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    proxy.settle()

    assert [list_all(session, proxy).status_code for _ in range(2)] == [500, 503]


# Connections that end


def test_refuse_ends_the_connection_before_the_request_is_read(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session
) -> None:
    """Nothing reaches upstream, on a new connection or on one in use; the request is still seen."""
    list_all(session, proxy)
    proxy.inject(Refuse(), Refuse())
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            create(session, proxy)

    assert emulator.integrations == {}
    assert proxy.requests[1:] == [("POST", PLACE, "Refuse")] * 2


def test_a_port_that_does_not_listen_refuses_connections(proxy: FaultProxy, session: requests.Session) -> None:
    """Connecting fails, also for a client that has kept a connection."""
    list_all(session, proxy)
    proxy.stop_listening()
    with pytest.raises(requests.ConnectionError) as refused:
        list_all(session, proxy)

    assert isinstance(root_cause(refused.value), ConnectionRefusedError)
    assert len(proxy.requests) == 1


def test_a_port_listens_again(proxy: FaultProxy, session: requests.Session) -> None:
    """At the same URL; a kept connection is seen to be closed, and saying it twice changes nothing."""
    url = proxy.url
    for _ in range(3):
        proxy.stop_listening()
        proxy.stop_listening()
        proxy.start_listening()
        proxy.start_listening()

        assert session.get(url + BASE, timeout=TIMEOUT).status_code == 200


def test_a_port_that_stops_listening_lets_answers_under_way_arrive(
    proxy: FaultProxy, session: requests.Session
) -> None:
    """Only the connection ends after the answer."""
    proxy.inject(Hook(proxy.stop_listening))

    assert create(session, proxy).status_code == 201
    with pytest.raises(requests.ConnectionError):
        list_all(session, proxy)


@pytest.mark.parametrize(("fault", "committed"), [(ResetBefore(), 0), (ResetAfter(), 1)], ids=str)
def test_a_reset_loses_the_answer(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session, fault: Fault, committed: int
) -> None:
    """The client's connection is reset, before or after upstream has acted."""
    proxy.inject(fault)
    with pytest.raises(requests.ConnectionError) as lost:
        create(session, proxy)

    assert isinstance(root_cause(lost.value), ConnectionResetError)
    assert committed == len(emulator.integrations)


def test_a_reset_says_what_was_forwarded(proxy: FaultProxy, session: requests.Session) -> None:
    """The outcomes tell the two apart."""
    proxy.inject(ResetBefore(), ResetAfter())
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            create(session, proxy)

    assert [seen.outcome for seen in proxy.requests] == ["ResetBefore", "ResetAfter, forwarded 201"]


def test_an_answer_is_cut_at_every_offset(proxy: FaultProxy) -> None:
    """Exactly the first bytes arrive, from none to all of them."""
    whole = raw_answer(proxy)
    assert whole == proxy.last_answer
    for offset in range(len(whole) + 1):
        proxy.inject(CutAnswer(offset))

        # The server's clock may have moved on.
        assert raw_answer(proxy) == proxy.last_answer[:offset]


def test_a_negative_offset_counts_from_the_end(proxy: FaultProxy, session: requests.Session) -> None:
    """So that a test need not know how long the answer is; the request was committed."""
    proxy.inject(CutAnswer(-1))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(session, proxy)

    assert len(list_all(session, proxy).json()["items"]) == 1


# Answers that come late


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_delay_is_before_or_after_the_commit(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session, after_commit: bool
) -> None:
    """Meanwhile upstream has acted already, or acts only when the delay is over."""
    delayed = threading.Event()
    proxy.inject(Hook(delayed.set, after_commit, then=Delay(FOREVER, after_commit)))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(create, session, proxy)
        assert delayed.wait(TIMEOUT)

        assert after_commit == bool(emulator.integrations)
        proxy.release()
        assert answer.result().status_code == 201


def test_a_delayed_request_is_committed_after_its_client_has_left(emulator: Emulator, proxy: FaultProxy) -> None:
    """As by a slow server; settling waits for it."""
    delayed = threading.Event()
    proxy.inject(Hook(delayed.set, then=Delay(FOREVER)))
    client = http.client.HTTPConnection(proxy.host, timeout=TIMEOUT)
    client.request("POST", PLACE, json.dumps(STORE), HEADERS | {"Content-Type": "application/json"})
    assert delayed.wait(TIMEOUT)
    client.close()
    proxy.release()
    proxy.settle()

    assert len(emulator.integrations) == 1
    assert proxy.requests == [("POST", PLACE, "Hook, Delay, forwarded 201")]


def test_a_delay_ends_in_the_answer(proxy: FaultProxy, session: requests.Session) -> None:
    """A client that is patient has it, and its connection goes on."""
    proxy.inject(Delay(0.01))

    assert [create(session, proxy).status_code for _ in range(2)] == [201, 201]


def test_a_dribbled_answer_arrives_whole(proxy: FaultProxy, session: requests.Session) -> None:
    """Byte by byte, for who waits."""
    proxy.inject(Dribble(0))

    assert create(session, proxy).json()["name"] == "Redis"


def test_a_dribble_starts_with_the_first_bytes_of_the_headers(proxy: FaultProxy) -> None:
    """They are there while the rest is held back."""
    proxy.inject(Dribble(FOREVER, chunk=4))
    with socket.create_connection(("127.0.0.1", int(proxy.host.split(":")[1])), TIMEOUT) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        first = client.recv(100)
        assert first == b"HTTP"
        proxy.release()

        assert client.recv(4) == b"/1.1"


# Answers that are not upstream's


def test_any_answer_stands_in_for_upstreams(emulator: Emulator, proxy: FaultProxy, session: requests.Session) -> None:
    """Status, headers and body are the test's, and upstream knows nothing of the request."""
    proxy.inject(Answer(418, {"X-Teapot": "short"}, b"stout"))
    answer = create(session, proxy)

    assert (answer.status_code, answer.headers["X-Teapot"], answer.content) == (418, "short", b"stout")
    assert emulator.requests == []


def test_an_answer_may_come_after_the_commit(emulator: Emulator, proxy: FaultProxy, session: requests.Session) -> None:
    """A gateway's error about a request that was taken."""
    proxy.inject(Answer.html(504, forwarded=True))
    answer = create(session, proxy)

    assert (answer.status_code, answer.headers["Content-Type"]) == (504, "text/html")
    assert len(emulator.integrations) == 1
    assert proxy.requests == [("POST", PLACE, "Answer, forwarded 201")]


@pytest.mark.parametrize("status", [*range(200, 204), *range(300, 309), *range(400, 452), *range(500, 512), 599, 999])
def test_every_status_can_be_answered(proxy: FaultProxy, session: requests.Session, status: int) -> None:
    """Also those without a name."""
    proxy.inject(Answer.json(status, {}))

    assert session.get(proxy.url + BASE, timeout=TIMEOUT, allow_redirects=False).status_code == status


def test_a_redirect_names_its_target(proxy: FaultProxy, session: requests.Session) -> None:
    """A client that follows would go there."""
    proxy.inject(Answer.redirect("https://elsewhere.example/", 307))
    answer = session.get(proxy.url + BASE, timeout=TIMEOUT, allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example/")


def test_hostile_headers_are_sent_as_they_are(proxy: FaultProxy) -> None:
    """Repeated, contradictory, very long, and with control characters."""
    headers = [("Content-Length", "2"), ("Content-Length", "3"), ("X-Long", "x" * 100_000), ("X-Control", "\t\x0b\xff")]
    proxy.inject(Answer(200, headers, b"{}"))
    received = raw_answer(proxy)

    assert [f"{k}: {v}".encode("latin-1") for k, v in headers] == received.split(b"\r\n")[1:5]


def test_an_answer_that_promises_too_much_ends_all_the_same(proxy: FaultProxy, session: requests.Session) -> None:
    """A wrong Content-Length makes no client wait for its time-out."""
    proxy.inject(Answer(200, {"Content-Length": "100"}, b"{}"))

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        list_all(session, proxy)


@pytest.mark.parametrize(
    ("function", "changed"),
    [
        (other_id, {"_id": "ffffffffffffffffffffffff"}),
        (without_id, {"_id": None}),
        (older_version, {"version": 0}),
        (lambda document: document | {"name": "Rédis"}, {"name": "Rédis"}),
    ],
)
def test_a_document_is_mangled(
    proxy: FaultProxy,
    session: requests.Session,
    existing: str,
    function: Callable[[dict[str, Any]], Any],
    changed: dict[str, Any],
) -> None:
    """The request is committed, and the answer is what the function makes of upstream's."""
    proxy.inject(Mangle(function), method="PATCH")
    mangled = session.patch(proxy.url + existing, json=TURN_ON, timeout=TIMEOUT).json()
    actual = session.get(proxy.url + existing, timeout=TIMEOUT).json()

    assert actual["on"] is True
    expected = {key: value for key, value in (actual | changed).items() if value is not None}
    # The status tells when it was asked for.
    assert expected | {"_status": ...} == mangled | {"_status": ...}


def test_an_answer_without_a_document_is_not_mangled(
    proxy: FaultProxy, session: requests.Session, existing: str
) -> None:
    """There is nothing to change in a 204."""
    proxy.inject(Mangle(without_id))

    assert session.delete(proxy.url + existing, timeout=TIMEOUT).status_code == 204


@pytest.mark.parametrize("forwarded", [False, True])
def test_a_patch_is_answered_with_the_unchanged_document(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session, existing: str, forwarded: bool
) -> None:
    """200 with what was there before, whether or not upstream has taken the patch."""
    before = session.get(proxy.url + existing, timeout=TIMEOUT).json()
    proxy.inject(Unchanged(forwarded=forwarded))

    assert session.patch(proxy.url + existing, json=TURN_ON, timeout=TIMEOUT).json() == before
    assert forwarded == emulator.integrations[before["_id"]]["on"]


# What a test does meanwhile


def test_a_barrier_lets_all_go_when_all_are_there(emulator: Emulator, proxy: FaultProxy) -> None:
    """Of the requests that it is for: others pass."""
    proxy.inject(Barrier(4), method="POST")
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda method: plain(method, proxy).status_code, ["POST", "GET", *["POST"] * 3]))

    assert answers == [201, 200, 201, 201, 201]
    assert [seen.outcome for seen in proxy.requests if seen.method == "POST"] == ["Barrier, forwarded 201"] * 4


def test_a_barrier_that_is_not_reached_fails_the_test(emulator: Emulator) -> None:
    """The requests are dropped before they are forwarded, and the proxy tells at its end how many there were."""
    emulator.clear_requests()
    with pytest.raises(AssertionError, match="1 of 2 requests were in flight"):
        lose_a_request(emulator, Barrier(2, timeout=0.01))

    assert emulator.requests == []


@pytest.mark.parametrize(("after_commit", "known"), [(False, 0), (True, 1)])
def test_a_hook_acts_before_or_after_the_commit(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session, after_commit: bool, known: int
) -> None:
    """The function sees upstream as it is at this moment."""
    found: list[int] = []
    proxy.inject(Hook(lambda: found.append(len(emulator.integrations)), after_commit=after_commit))

    assert create(session, proxy).status_code == 201
    assert [known] == found


def test_a_hook_can_edit_upstream_under_a_request(
    emulator: Emulator, proxy: FaultProxy, session: requests.Session, existing: str
) -> None:
    """Between the client's read and its guarded patch."""
    integration_id = existing.rsplit("/", 1)[1]
    proxy.inject(Hook(lambda: emulator.outside_edit(integration_id, {"name": "Other"})), method="PATCH")
    version = session.get(proxy.url + existing, timeout=TIMEOUT).json()["version"]
    guarded = [{"op": "test", "path": "/version", "value": version}, *TURN_ON]

    assert session.patch(proxy.url + existing, json=guarded, timeout=TIMEOUT).status_code == 409


def test_a_hook_goes_together_with_a_fault(emulator: Emulator, proxy: FaultProxy, session: requests.Session) -> None:
    """It is called, and the request is committed once."""
    found: list[int] = []
    proxy.inject(Hook(lambda: found.append(len(emulator.integrations)), after_commit=True, then=ResetAfter()))
    with pytest.raises(requests.ConnectionError):
        create(session, proxy)

    assert found == [1]
    assert proxy.requests == [("POST", PLACE, "Hook, ResetAfter, forwarded 201")]


def test_a_hook_that_raises_fails_the_test(emulator: Emulator) -> None:
    """With what it raised, even if that looks like a lost connection."""

    def broken() -> None:
        raise ConnectionResetError("not the client's")

    with pytest.raises(AssertionError, match="not the client's"):
        lose_a_request(emulator, Hook(broken))


# The end


@pytest.mark.parametrize(
    "waiting",
    [Delay(FOREVER), Delay(FOREVER, after_commit=True), Dribble(FOREVER), Barrier(2, FOREVER)],
    ids=str,
)
def test_closing_ends_whatever_waits(emulator: Emulator, waiting: Fault) -> None:
    """The client's connection ends, and no thread is left."""
    reached = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with FaultProxy(emulator.url) as proxy:
            # A barrier takes no part in a hook: the test must not depend on how far its request has come.
            proxy.inject(waiting if isinstance(waiting, Barrier) else Hook(reached.set, then=waiting))
            lost = pool.submit(plain, "POST", proxy)
            assert isinstance(waiting, Barrier) or reached.wait(TIMEOUT)
        assert isinstance(lost.exception(), requests.RequestException)

    assert not left_behind()


def test_closing_ends_idle_connections(emulator: Emulator, session: requests.Session) -> None:
    """A client that keeps its connection keeps no thread."""
    with FaultProxy(emulator.url) as proxy:
        list_all(session, proxy)

    assert not left_behind()


def test_closing_while_the_port_refuses(emulator: Emulator) -> None:
    """The port is given back as well: a socket that stays open would be an error."""
    with FaultProxy(emulator.url) as proxy:
        proxy.stop_listening()


# What people read


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (CutAnswer(17), "CutAnswer(offset=17)"),
        (Mangle(other_id), "Mangle(other_id)"),
        (Mangle(lambda document: document), "Mangle(<lambda>)"),
        (Hook(print, after_commit=True, then=ResetAfter()), "Hook(print, after_commit=True, then=ResetAfter())"),
        (
            Answer.html(502),
            "Answer(502, {'Content-Type': 'text/html'}, b'<html><body><h1>502 Bad Gateway</h1></body></html>')",
        ),
        (
            Answer(200, (), b"x" * 500, forwarded=True),
            f"Answer(200, (), b'{'x' * 118}… (503 characters), forwarded=True)",
        ),
    ],
)
def test_faults_print_the_same_in_every_run(fault: Fault, text: str) -> None:
    """No address of a function, and no endless body."""
    assert text == repr(fault)
