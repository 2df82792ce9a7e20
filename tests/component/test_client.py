"""The client over the wire: against the emulator, and against servers that do what none should."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import ssl
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.redaction import WITHHELD, Redactor
from launchdarkly_pulumi.api.transport import MAX_BODY_BYTES, MAX_STREAM_BYTES
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.model.documents import create_body
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.value_rules import HIDDEN
from support import samples
from support.desired import redis
from support.scripted_server import Answer, Request, ScriptedServer, Step, answer, html, no_answer
from support.tls import Tls

BASE = "/api/v2/integration-capabilities/big-segment-store"
ID = IntegrationId("default", "production", "redis", "57c0ffee57c0ffee57c0ffee")
KEYS = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
INTEGRATION = answer(200, {"_id": ID.integration_id, "version": 1, "config": {}})
DELETED: Answer = (204, {}, b"")
SOURCE = "launchdarkly:accessToken of the stack"

CALLS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get(ID),
    "DELETE": lambda client: client.delete(ID),
    "POST": lambda client: client.create(("default", "production", "redis"), {"config": {"host": "h"}}),
    "PATCH": lambda client: client.patch(ID, [{"op": "replace", "path": "/on", "value": True}]),
}
READS, WRITES = ("GET", "DELETE"), ("POST", "PATCH")


class Caller(NamedTuple):
    """A client, and the seconds that it would have waited."""

    client: Client
    waits: list[float]


def caller(url: str, *, timeout: float = 10.0, secrets: tuple[str, ...] = ()) -> Caller:
    """A client of the server at the URL, with the canary token, whose time passes only while it waits."""
    redactor = Redactor()
    redactor.learn(secrets)
    waits: list[float] = []
    clock = Clock(monotonic=lambda: sum(waits), sleep=waits.append)
    settings = Settings(access_token=samples.TOKEN, token_source=SOURCE, base_url=url, http_timeout=timeout)
    return Caller(Client(settings, redactor, clock), waits)


def failure(server: ScriptedServer, method: str = "GET", **options: Any) -> errors.LaunchDarklyError:
    """The error of a call to a server that lets none succeed."""
    with pytest.raises(errors.LaunchDarklyError) as error:
        CALLS[method](caller(server.url, **options).client)
    return error.value


def error_of(*steps: Step, method: str = "GET", **options: Any) -> errors.LaunchDarklyError:
    """The error of a call that gets these answers."""
    with ScriptedServer(*steps) as server:
        return failure(server, method, **options)


@pytest.fixture(scope="module")
def launchdarkly() -> Iterator[Emulator]:
    """An account that takes the canary token, and one that may only read."""
    with Emulator(EmulatorOptions(access_tokens=[samples.TOKEN], reader_tokens=["reader"])) as emulator:
        yield emulator


@pytest.fixture
def emulator(launchdarkly: Emulator) -> Emulator:
    """The account, empty."""
    for integration_id in launchdarkly.integrations:
        launchdarkly.remove(integration_id)
    launchdarkly.clear_requests()
    return launchdarkly


def existing(emulator: Emulator, **changes: Any) -> IntegrationId:
    """A Redis store that is there already."""
    document = emulator.outside_create("default", "production", "redis", **create_body(redis(**changes)))
    return IntegrationId("default", "production", "redis", document["_id"])


# The five calls, against the emulator.


def test_create_makes_the_integration_that_it_returns(emulator: Emulator) -> None:
    """One POST; the account holds what was sent, the answer its ID."""
    body = create_body(redis())
    document = caller(emulator.url).client.create(("default", "production", "redis"), body)
    assert emulator.stored_config(document["_id"]) == body["config"]
    assert [(request.method, request.status) for request in emulator.requests] == [("POST", 201)]


def test_get_returns_the_whole_document_with_masked_secrets(emulator: Emulator) -> None:
    """Config included, the password as LaunchDarkly shows it."""
    id_ = existing(emulator)
    document = caller(emulator.url).client.get(id_)
    config = emulator.stored_config(id_.integration_id) | {"password": "kan********/+1"}
    assert (document["_id"], document["version"], document["config"]) == (id_.integration_id, 1, config)


def test_patch_applies_the_operations(emulator: Emulator) -> None:
    """Behind a guard that holds; the answer is the new document."""
    id_ = existing(emulator)
    operations: list[dict[str, Any]] = [
        {"op": "test", "path": "/version", "value": 1},
        {"op": "replace", "path": "/config/host", "value": "new.example.com"},
    ]
    document = caller(emulator.url).client.patch(id_, operations)
    assert (document["version"], document["config"]["host"]) == (2, "new.example.com")
    assert [request.body for request in emulator.requests] == [operations]


def test_a_failed_guard_is_a_conflict(emulator: Emulator) -> None:
    """One request, and nothing is changed."""
    id_ = existing(emulator)
    operations: list[dict[str, Any]] = [
        {"op": "test", "path": "/version", "value": 7},
        {"op": "replace", "path": "/on", "value": False},
    ]
    with pytest.raises(errors.Conflict, match="409 optimistic_locking_error"):
        caller(emulator.url).client.patch(id_, operations)
    assert emulator.integrations[id_.integration_id]["on"] is True
    assert len(emulator.requests) == 1


def test_delete_removes_the_integration(emulator: Emulator) -> None:
    """And returns nothing."""
    id_ = existing(emulator)
    caller(emulator.url).client.delete(id_)
    assert emulator.integrations == {}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_gone_is_not_found(emulator: Emulator, method: str) -> None:
    """The error names the call, the integration, what LaunchDarkly says, and where to look."""
    with pytest.raises(errors.NotFound) as error:
        CALLS[method](caller(emulator.url).client)
    assert error.value.call == f"{method} {ID}"
    assert error.value.reason.startswith("404 not_found: Invalid resource identifier: no such integration (request ")
    assert "in default/production" in error.value.advice


def test_list_returns_every_integration_of_the_account(emulator: Emulator) -> None:
    """All of them, without configs."""
    ids = [existing(emulator).integration_id, existing(emulator, name="Other").integration_id]
    found = caller(emulator.url).client.list_all()
    assert [(item["_id"], item["config"]) for item in found] == [(id_, {}) for id_ in ids]


def test_an_unknown_token_is_told_by_its_source(emulator: Emulator) -> None:
    """401 says where the token came from, never the token."""
    settings = Settings(access_token="unknown-token", token_source=SOURCE, base_url=emulator.url)
    with pytest.raises(errors.AccessDenied, match="401 unauthorized") as error:
        Client(settings, Redactor()).get(ID)
    assert SOURCE in error.value.advice
    assert "unknown-token" not in str(error.value)


def test_a_token_without_the_right_names_role_and_header(emulator: Emulator) -> None:
    """403 must not blame the role alone: without the beta header LaunchDarkly answers the same."""
    settings = Settings(access_token="reader", token_source=SOURCE, base_url=emulator.url)
    with pytest.raises(errors.AccessDenied, match="403 forbidden") as error:
        Client(settings, Redactor()).delete(existing(emulator))
    assert "role must allow managing integrations in default/production" in error.value.advice
    assert "LD-API-Version: beta" in error.value.advice


def test_a_rate_limit_is_waited_for_and_then_told() -> None:
    """Five attempts, each after a wait to the end of the window of ten seconds and little further.

    The first one waits as well: the call before it was told that nothing is left.
    """
    with Emulator(EmulatorOptions(rate_limit=1)) as emulator:
        client, waits = caller(emulator.url)
        client.list_all()
        with pytest.raises(errors.RateLimited, match="429 rate_limited") as error:
            client.list_all()
        assert [request.status for request in emulator.requests] == [200, 429, 429, 429, 429, 429]
    assert "run again later" in error.value.advice
    assert [wait for wait in waits if not 5 < wait < 15] == []
    assert len(waits) == 5


def test_threads_share_a_client(emulator: Emulator) -> None:
    """Each gets the answer to its own call."""
    ids = [existing(emulator) for _ in range(12)]
    client = caller(emulator.url).client
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(client.get, ids))
    assert [document["_id"] for document in found] == [id_.integration_id for id_ in ids]


# What is sent.


@pytest.mark.parametrize("method", CALLS)
def test_each_request_carries_the_token_and_the_beta_header_once(method: str) -> None:
    """``Authorization`` is exactly the token; a second ``LD-API-Version``, or another value, would be refused."""
    with ScriptedServer(DELETED if method == "DELETE" else INTEGRATION) as server:
        CALLS[method](caller(server.url).client)
        (request,) = server.requests
    found = {name: request.values(name) for name in ("Authorization", "LD-API-Version", "Accept", "Cookie")}
    assert found == {
        "Authorization": [samples.TOKEN],
        "LD-API-Version": ["beta"],
        "Accept": ["application/json"],
        "Cookie": [],
    }
    assert request.values("Content-Type") == (["application/json"] if method in WRITES else [])


@pytest.mark.parametrize("machine", ["machine 127.0.0.1", "default"])
def test_a_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    """Neither an entry for the host nor one for every host."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"{machine} login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(INTEGRATION) as server:
        caller(server.url).client.get(ID)
        assert [request.values("Authorization") for request in server.requests] == [[samples.TOKEN]]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", f"{BASE}/{ID}"),
        ("DELETE", f"{BASE}/{ID}"),
        ("PATCH", f"{BASE}/{ID}"),
        ("POST", f"{BASE}/default/production/redis"),
    ],
)
def test_each_call_has_its_method_and_path(method: str, target: str) -> None:
    """As LaunchDarkly's API reference lists them."""
    with ScriptedServer(DELETED if method == "DELETE" else INTEGRATION) as server:
        CALLS[method](caller(server.url).client)
        assert [(request.method, request.target) for request in server.requests] == [(method, target)]


def test_the_list_has_no_more_than_the_base_path() -> None:
    """No trailing slash, no query."""
    with ScriptedServer(answer(200, {"items": []})) as server:
        caller(server.url).client.list_all()
        assert [request.target for request in server.requests] == [BASE]


def test_an_environment_is_read_below_its_project(emulator: Emulator) -> None:
    """One segment for each key, whatever it holds; what it answers is the environment."""
    assert caller(emulator.url).client.environment("default", "production")["key"] == "production"
    with ScriptedServer(answer(404, {"message": "Unknown environment key: b/c"})) as server:
        with pytest.raises(errors.NotFound) as error:
            caller(server.url).client.environment("a b", "b/c")
        assert [request.target for request in server.requests] == ["/api/v2/projects/a%20b/environments/b%2Fc"]
    assert error.value.call == "GET environment a b/b/c"
    assert error.value.reason == "404 Unknown environment key: b/c"


@pytest.mark.parametrize("key", ["a b", "a?b", "a#b", "a%2Fb", "ä✓", "a;b&c=d+e", "a:b@c", 'a"b<c>', "a\\b"])
def test_each_segment_of_the_path_is_encoded(key: str) -> None:
    """Whatever a key holds, it stays one segment, and the server decodes it to the key."""
    document = {"_id": key, "version": 1, "config": {}}
    with ScriptedServer(answer(200, document)) as server:
        caller(server.url).client.get(IntegrationId(key, "production", "redis", key))
        encoded = quote(key, safe="")
        assert [request.target for request in server.requests] == [f"{BASE}/{encoded}/production/redis/{encoded}"]


def test_a_body_is_utf_8_json_without_white_space() -> None:
    """Bytes are counted as they travel."""
    with ScriptedServer(INTEGRATION) as server:
        caller(server.url).client.patch(ID, [{"op": "replace", "path": "/name", "value": "Größe"}])
        assert [request.body for request in server.requests] == [
            '[{"op":"replace","path":"/name","value":"Größe"}]'.encode()
        ]


def test_ten_calls_use_one_connection() -> None:
    """Also after an error, and after an answer without a body."""
    refusal = answer(404, {"code": "not_found", "message": "no"})
    with ScriptedServer(INTEGRATION, refusal, DELETED, INTEGRATION) as server:
        client = caller(server.url).client
        client.get(ID)
        with pytest.raises(errors.NotFound):
            client.get(ID)
        client.delete(ID)
        for _ in range(7):
            client.get(ID)
        assert [request.connection for request in server.requests] == [1] * 10


def test_cookies_are_not_sent_back() -> None:
    """State that the threads would share, and that the API needs none of."""
    status, headers, body = INTEGRATION
    with ScriptedServer((status, {**headers, "Set-Cookie": "session=1; Path=/"}, body)) as server:
        client = caller(server.url).client
        client.get(ID)
        client.get(ID)
        assert [request.values("Cookie") for request in server.requests] == [[], []]


# What is sent again, and when.


def test_a_proxy_s_page_in_between_is_passed_over() -> None:
    """502 with HTML, then the answer."""
    with ScriptedServer(html(502), INTEGRATION) as server:
        client, waits = caller(server.url)
        assert client.get(ID)["_id"] == ID.integration_id
    assert (len(server.requests), len(waits)) == (2, 1)


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_sent_five_times_at_most(method: str, status: int) -> None:
    """At a rate limit and when the server or a gateway fails, with jittered waits that may grow."""
    with ScriptedServer(html(status)) as server:
        client, waits = caller(server.url)
        with pytest.raises(errors.error_for_status(status)):
            CALLS[method](client)
    assert server.methods == [method] * 5
    assert [0 <= wait <= bound for wait, bound in zip(waits, (0.5, 1, 2, 4), strict=True)] == [True] * 4
    assert len(set(waits)) == 4


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422, 501])
def test_what_will_not_pass_is_sent_once(method: str, status: int) -> None:
    """A refusal, a conflict, and what the server does not know how to do."""
    with ScriptedServer(answer(status, {"code": "refused", "message": "no"})) as server:
        assert isinstance(failure(server, method), errors.error_for_status(status))
    assert server.methods == [method]


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_may_have_taken_effect_is_sent_once(method: str, status: int) -> None:
    """A server's or a gateway's error does not say whether LaunchDarkly has acted."""
    with ScriptedServer(html(status), INTEGRATION) as server:
        assert isinstance(failure(server, method), errors.ServerError)
    assert server.methods == [method]


@pytest.mark.parametrize("method", WRITES)
def test_a_write_is_sent_again_at_a_rate_limit(method: str) -> None:
    """There LaunchDarkly says that it did nothing; the same bytes follow."""
    with ScriptedServer(answer(429, {"code": "rate_limited", "message": "slow down"}), INTEGRATION) as server:
        CALLS[method](caller(server.url).client)
    first, second = server.requests
    assert (first.method, first.target, first.body) == (second.method, second.target, second.body)


@pytest.mark.parametrize("method", WRITES)
def test_a_write_is_sent_five_times_at_most(method: str) -> None:
    """Also where the limit stays."""
    with ScriptedServer(answer(429, {"code": "rate_limited", "message": "slow down"})) as server:
        assert isinstance(failure(server, method), errors.RateLimited)
    assert server.methods == [method] * 5


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "100"}, 100),
        ({"retry-after": "7", "X-Ratelimit-Reset": "0"}, 7),
        ({"X-Ratelimit-Reset": "1717263004000", "Date": "Sat, 01 Jun 2024 17:30:00 GMT"}, 4),
        ({"x-ratelimit-reset": "1717273800000", "date": "Sat, 01 Jun 2024 17:30:00 GMT"}, 20),
        ({"X-Ratelimit-Reset": "9999999999999"}, 20),
        ({"X-Ratelimit-Reset": "1717262999000", "Date": "Sat, 01 Jun 2024 17:30:00 GMT"}, 0),
        ({"X-Ratelimit-Reset": "soon", "Retry-After": "-3"}, 0),
    ],
)
@pytest.mark.parametrize("method", CALLS)
def test_the_server_is_waited_for_and_jitter_added(method: str, headers: Mapping[str, str], least: float) -> None:
    """``Retry-After`` as it says; the reset by the server's own clock, clamped; up to half a second more."""
    last = DELETED if method == "DELETE" else INTEGRATION
    with ScriptedServer((429, headers, b"{}"), last) as server:
        client, waits = caller(server.url)
        CALLS[method](client)
    assert [least <= wait <= least + 0.5 for wait in waits] == [True]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_names_a_time_is_given_it(status: int) -> None:
    """``Retry-After`` is not for rate limits alone; up to half a second more."""
    with ScriptedServer(answer(status, {}, retry_after="7"), INTEGRATION) as server:
        client, waits = caller(server.url)
        client.get(ID)
    assert [7 <= wait <= 7.5 for wait in waits] == [True]


@pytest.mark.parametrize("method", READS)
def test_a_lost_answer_to_a_read_is_asked_for_again(method: str) -> None:
    """The connection closed without a word, once, then it works."""
    with ScriptedServer(no_answer, DELETED if method == "DELETE" else INTEGRATION) as server:
        CALLS[method](caller(server.url).client)
    assert server.methods == [method] * 2


@pytest.mark.parametrize("method", WRITES)
def test_a_lost_answer_to_a_write_is_told(method: str) -> None:
    """Sent again, it might make a second integration."""
    with ScriptedServer(no_answer, INTEGRATION) as server:
        error = failure(server, method)
    assert isinstance(error, errors.Unreachable)
    assert f"{server.host} broke the connection" in str(error)
    assert server.methods == [method]


@pytest.mark.parametrize(("method", "sent"), [("GET", 5), ("PATCH", 1)])
def test_half_an_answer_is_none(method: str, sent: int) -> None:
    """A body shorter than was declared: the connection broke."""
    with ScriptedServer((200, {"Content-Length": "1000"}, b'{"_id": "57c0"}')) as server:
        assert isinstance(failure(server, method), errors.Unreachable)
    assert len(server.requests) == sent


def test_nobody_listening_is_tried_again_and_told_by_the_host() -> None:
    """Four waits, then an error that names the host and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    client, waits = caller(f"http://{host}")
    with pytest.raises(errors.Unreachable, match=f"^GET {ID}: {host} cannot be reached: .*[Rr]efused"):
        client.get(ID)
    assert len(waits) == 4


def test_silence_is_a_time_out() -> None:
    """A server that takes the request and says nothing is not waited for without end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = caller(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.01).client
        with pytest.raises(errors.Unreachable, match=r"127\.0\.0\.1:[0-9]+ did not respond in time"):
            client.patch(ID, [])


def test_no_wait_reaches_beyond_the_deadline() -> None:
    """What could only be tried after it is told at once."""
    with ScriptedServer(answer(429, {"code": "rate_limited", "message": "wait"}, retry_after="11")) as server:
        client, waits = caller(server.url)
        with pytest.raises(errors.RateLimited):
            client.get(ID, Deadline(10, Clock(monotonic=lambda: 0.0)))
    assert (len(server.requests), waits) == (1, [])


def test_the_waits_together_stay_within_the_deadline() -> None:
    """Each counts against the time that is left for the operation."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    with ScriptedServer(answer(429, {"code": "rate_limited", "message": "wait"}, retry_after="4")) as server:
        clock = Clock(monotonic=lambda: now, sleep=sleep)
        client = Client(Settings(access_token="t", base_url=server.url), Redactor(), clock)
        with pytest.raises(errors.RateLimited):
            client.get(ID, Deadline(10, clock))
    assert len(server.requests) == 3
    assert 8 <= now <= 10


def test_no_operation_waits_for_minutes() -> None:
    """Without a deadline of its own a call has two minutes, less than a ``Retry-After`` of an hour."""
    with ScriptedServer(answer(429, {"code": "rate_limited", "message": "wait"}, retry_after="3600")) as server:
        client, waits = caller(server.url)
        with pytest.raises(errors.RateLimited):
            client.delete(ID)
    assert (len(server.requests), waits) == (1, [])


# What the workers of a run share.


class WorkersTime(threading.local):
    """For each worker time passes only while it waits itself."""

    now = 0.0


def test_a_rate_limit_holds_every_worker_back() -> None:
    """One of four meets it: the next request of each waits for the reset, and they do not come back together."""
    together, limit = threading.Barrier(4, timeout=10), answer(429, {}, retry_after="7")

    def meet_the_limit(_request: Request) -> Answer:
        # None is answered before all four have asked, and one of them meets the limit.
        return INTEGRATION if together.wait() else limit

    def meet(_request: Request) -> Answer:
        together.wait()
        return INTEGRATION

    with ScriptedServer(*[meet_the_limit] * 4, INTEGRATION, meet) as server:
        time, waits = WorkersTime(), []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            time.now += seconds

        settings = Settings(access_token=samples.TOKEN, base_url=server.url)
        client = Client(settings, Redactor(), Clock(monotonic=lambda: time.now, sleep=sleep))
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(client.get, [ID] * 4))
            assert len(waits) == 1
            list(workers.map(client.get, [ID] * 4))
    assert [7 <= wait <= 7.5 for wait in waits] == [True] * 4
    assert len(set(waits)) == 4


def test_a_limit_that_another_worker_meets_meanwhile_is_waited_for_too() -> None:
    """Whoever waits for a reset looks again when it has come."""
    asked, waits_already = threading.Event(), threading.Event()
    waits: list[float] = []

    def short_limit(_request: Request) -> Answer:
        asked.set()
        both_asked.wait()
        return answer(429, {}, retry_after="3")

    def long_limit(_request: Request) -> Answer:
        both_asked.wait()
        waits_already.wait(10)
        return answer(429, {}, retry_after="10")

    def sleep(seconds: float) -> None:
        waits_already.set()
        assert isinstance(other.exception(10), errors.RateLimited)
        waits.append(seconds)

    both_asked = threading.Barrier(2, timeout=10)
    clock = Clock(monotonic=lambda: sum(waits), sleep=sleep)
    with ScriptedServer(short_limit, long_limit, INTEGRATION) as server, ThreadPoolExecutor(2) as workers:
        client = Client(Settings(access_token=samples.TOKEN, base_url=server.url), Redactor(), clock)
        waiting = workers.submit(client.get, ID, Deadline(60, clock))
        asked.wait(10)
        other = workers.submit(client.get, ID, Deadline(5, clock))
        waiting.result(10)
    assert len(server.requests) == 3
    assert [3 <= waits[0] <= 3.5, 10 <= sum(waits) <= 10.5] == [True, True]


def test_a_hundred_failing_stores_are_no_storm() -> None:
    """A hundred requests, and the run's twenty retries, from four workers; then each failure is told at once."""
    with ScriptedServer(html(503)) as server:
        client, _ = caller(server.url)

        def fails(_number: int) -> bool:
            with pytest.raises(errors.ServerError):
                client.get(ID)
            return True

        with ThreadPoolExecutor(4) as workers:
            assert sum(workers.map(fails, range(100))) == 100
        assert len(server.requests) == 120


# Answers that no well-behaved server gives.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", CALLS)
def test_a_redirect_is_not_followed(method: str, status: int) -> None:
    """The place it points to gets nothing, neither the token nor a password; the error names it."""
    with ScriptedServer(INTEGRATION) as elsewhere:
        with ScriptedServer((status, {"Location": f"{elsewhere.url}{BASE}"}, b"")) as server:
            error = failure(server, method)
        assert elsewhere.connections == 0
    assert isinstance(error, errors.Redirected)
    assert f"{status}: redirected to {elsewhere.host}" in error.reason
    assert "launchdarkly:apiHost" in error.advice
    assert server.methods == [method]


@pytest.mark.parametrize(
    "location", ["/elsewhere", "//", "x://y", "http://", "http:///x", "\x7f", "http://[::1", "https://]"]
)
def test_a_redirect_to_nowhere_is_told_too(location: str) -> None:
    """A relative or a broken ``Location`` is no reason to fail in another way."""
    assert isinstance(error_of((302, {"Location": location}, b"")), errors.Redirected)


def test_a_redirect_without_a_place_is_told_too() -> None:
    """As 304, which a cache may answer."""
    assert "304: redirected to nowhere" in str(error_of((304, {}, b"")))


def raw(secret: str) -> str:
    """As it is."""
    return secret


def in_json(secret: str) -> str:
    """As in the body of the request."""
    return json.dumps(secret)


def in_a_url(secret: str) -> str:
    """Percent-encoded."""
    return quote(secret, safe="")


def in_base64(secret: str) -> str:
    """As in a header."""
    return base64.b64encode(secret.encode()).decode().rstrip("=")


@pytest.mark.parametrize("form", [raw, in_json, in_a_url, in_base64])
@pytest.mark.parametrize("secret", [samples.TOKEN, samples.PASSWORD], ids=["token", "password"])
@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 500])
def test_an_echoed_secret_is_not_shown(status: int, secret: str, form: Callable[[str], str]) -> None:
    """In the message, the code or the ID of an error, whatever it is encoded in."""
    echo = form(secret)
    body = {"code": f"bad {echo}", "message": f"token {echo} is not known", "id": echo}
    error = error_of(answer(status, body), method="PATCH", secrets=(samples.PASSWORD,))
    shown = f"{error} {error!r}"
    assert [encode(secret) for encode in (raw, in_json, in_a_url, in_base64) if encode(secret) in shown] == []
    assert str(error).count(HIDDEN) == 3


@pytest.mark.parametrize(
    "echo",
    [
        (302, {"Location": f"https://{samples.TOKEN}.example.com/"}, b""),
        (403, {"Content-Type": f"text/{samples.TOKEN}"}, b"<html>"),
        (400, {}, f"<html>{samples.TOKEN}</html>".encode()),
        (200, {"Content-Type": "application/json"}, f'"{samples.TOKEN}"'.encode()),
        (400, {}, json.dumps({"code": samples.TOKEN, "message": [samples.TOKEN], "id": {"x": samples.TOKEN}}).encode()),
    ],
)
def test_a_token_echoed_elsewhere_is_not_shown(echo: Answer) -> None:
    """In the place of a redirect, a content type, a page, or a value of another type than documented."""
    assert samples.TOKEN not in str(error_of(echo))


@pytest.mark.parametrize("secret", ["redis", "production", "a", "update"])
@pytest.mark.parametrize("status", [409, 404])
def test_an_everyday_secret_is_not_given_away(secret: str, status: int) -> None:
    """The words of this provider stay whole; LaunchDarkly's, which it could be guessed from, are withheld."""
    body = {"code": "refused", "message": f"Unknown kind, host or key: {secret}", "id": "30ce"}
    plain, error = (error_of(answer(status, body), method="PATCH", secrets=secrets) for secrets in ((), (secret,)))
    assert str(error) == str(plain).replace(str(body["message"]), WITHHELD)


@pytest.mark.parametrize("secret", ["cannot", "reached", "be", "127"])
def test_an_everyday_secret_does_not_garble_what_is_said_of_a_connection(secret: str) -> None:
    """Nor the host that is named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(errors.Unreachable) as error:
        caller(f"http://{host}", secrets=(secret,)).client.get(ID)
    assert error.value.reason == f"{host} cannot be reached: Connection refused"


def test_a_foreign_message_is_one_line() -> None:
    """It can neither forge a line of Pulumi's output nor move the cursor."""
    body = {"code": "invalid_request", "message": "no\r\nerror: \x1b[31mforged\x1b[0m \u202egnp\u2028line", "id": "1"}
    error = error_of(answer(400, body))
    assert isinstance(error, errors.InvalidRequest)
    assert str(error) == f"GET {ID}: 400 invalid_request: no error: [31mforged [0m gnp line (request 1)"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"code": "conflict", "message": "No", "id": "30ce"}, "409 conflict: No (request 30ce)"),
        ({"code": "conflict", "message": "No"}, "409 conflict: No"),
        ({"code": "conflict", "message": "No", "id": None}, "409 conflict: No"),
        ({"message": "No"}, "409 No"),
        ({"message": "No", "id": "30ce"}, "409 No (request 30ce)"),
        ({"message": "No", "code": ""}, "409 No"),
        ({"message": "", "code": "conflict"}, "409 conflict"),
        ({"message": ""}, "409 (application/json): not LaunchDarkly's JSON"),
        ({"error": "No"}, "409 (application/json): not LaunchDarkly's JSON"),
        ({"code": 409, "status": "No"}, "409 (application/json): not LaunchDarkly's JSON"),
        (["conflict"], "409 (application/json): not LaunchDarkly's JSON"),
        (None, "409 (application/json): not LaunchDarkly's JSON"),
        ("conflict", "409 (application/json): not LaunchDarkly's JSON"),
    ],
)
def test_launchdarkly_s_own_words_are_told(body: Any, told: str) -> None:
    """Code, message and the ID that its Support asks for, which may be missing, as may everything."""
    error = error_of(answer(409, body))
    assert isinstance(error, errors.Conflict)
    assert error.reason.startswith(told)


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(("status", "kind"), [(400, errors.InvalidRequest), (404, errors.NotFound)])
def test_an_error_without_a_code_is_launchdarkly_s(method: str, status: int, kind: type[Exception]) -> None:
    """As it answers for an environment that it does not know."""
    error = error_of(answer(status, {"message": "Unknown environment key: production"}), method=method)
    assert isinstance(error, errors.AnswerError)
    assert type(error) is kind
    assert error.reason == f"{status} Unknown environment key: production"


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("POST", ["in default/production", "python -m launchdarkly_pulumi list", "import_", "run the update again"]),
        ("PATCH", ["run the update again", "one pipeline at a time"]),
        ("DELETE", ["run the update again", "one pipeline at a time"]),
    ],
)
def test_a_conflict_comes_with_what_to_do(method: str, parts: list[str]) -> None:
    """A create may be of what is there already; anything else came second."""
    error = error_of(answer(409, {"code": "conflict", "message": "No"}), method=method)
    assert isinstance(error, errors.Conflict)
    assert [part for part in parts if part not in error.advice] == []
    assert ("import_" in error.advice) == (method == "POST")


def test_a_long_message_keeps_the_request_id() -> None:
    """The message is cut, and what LaunchDarkly's Support asks for is not cut off with it."""
    error = error_of(answer(400, {"code": "invalid_request", "message": "m" * 400, "id": "30ce6058"}))
    assert isinstance(error, errors.InvalidRequest)
    assert error.reason.endswith("m… (request 30ce6058)")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_nests_too_deep_is_told(status: int, method: str) -> None:
    """Python's own parser gives up on it with an error of another kind."""
    error = error_of((status, {}, b"[" * 200_000), method=method)
    assert isinstance(error, errors.AnswerError)
    assert "not LaunchDarkly's JSON" in str(error)


def test_a_page_is_told_to_be_one() -> None:
    """Its text says nothing; its kind, that a proxy may have answered."""
    error = error_of(html(403))
    assert isinstance(error, errors.AccessDenied)
    assert "403 (text/html): not LaunchDarkly's JSON, so a proxy in between may have responded" in str(error)
    assert "<" not in str(error)


@pytest.mark.parametrize("config", [None, [], "", 5])
def test_an_integration_without_its_config_is_unexpected(config: Any) -> None:
    """Asked for by its ID it comes with one; what compares it relies on that."""
    error = error_of(answer(200, {"_id": ID.integration_id, "version": 1, "config": config}))
    assert isinstance(error, errors.UnexpectedAnswer)


@pytest.mark.parametrize("version", [None, "2", 1.5, True, [], {}])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_integration_without_a_version_is_one_all_the_same(method: str, version: Any) -> None:
    """It can be read, shown and mended; whoever needs a version asks ``models.version_of``."""
    with ScriptedServer(answer(200, {"_id": ID.integration_id, "version": version, "config": {}})) as server:
        document = CALLS[method](caller(server.url).client)
    assert isinstance(document, dict)
    assert document["version"] == version


def test_another_integration_than_was_asked_for_is_unexpected() -> None:
    """And its ID is not shown: it is foreign text."""
    error = error_of(answer(200, {"_id": f"x\n{samples.TOKEN}", "version": 1, "config": {}}))
    assert isinstance(error, errors.UnexpectedAnswer)
    assert samples.TOKEN not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"57c0"',
        b'{"_id": 57}',
        b'{"_id": "57c0',
        b"\xff\xfe\xfd",
        b"\xd8\x00",
        b"<html>Sign in to the hotel's network</html>",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_what_is_no_integration_is_unexpected(method: str, body: bytes) -> None:
    """Cut off, of another type, without an ID, or a page: told, once, and none of it shown."""
    with ScriptedServer((200, {}, body)) as server:
        error = failure(server, method)
    assert isinstance(error, errors.UnexpectedAnswer)
    assert "200, but the response is not" in str(error)
    assert server.methods == [method]


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>Sign in to the hotel's network</html>"])
@pytest.mark.parametrize("status", [200, 202])
def test_a_deletion_without_its_status_is_unexpected(status: int, body: bytes) -> None:
    """LaunchDarkly answers 204: whoever says something else may have deleted nothing, and the ID must stay known."""
    error = error_of((status, {}, body), method="DELETE")
    assert isinstance(error, errors.UnexpectedAnswer)
    assert f"{status}, but LaunchDarkly responds with 204" in str(error)


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": {}}, {"items": [1]}, [], None])
def test_what_is_no_list_is_unexpected(body: Any) -> None:
    """A listing has items, each an object."""
    with ScriptedServer(answer(200, body)) as server, pytest.raises(errors.UnexpectedAnswer):
        caller(server.url).client.list_all()


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("status", [200, 302, 404])
def test_an_answer_without_end_is_not_read_to_it(method: str, status: int) -> None:
    """More than 16 MiB, here of 17 KiB over the wire, is an error that says so, and is not asked for again."""
    endless = gzip.compress(b" " * (MAX_BODY_BYTES + 1), 1)
    with ScriptedServer((status, {"Content-Encoding": "gzip"}, endless)) as server:
        error = failure(server, method)
    assert isinstance(error, errors.CallError)
    assert f"{server.host} responds with more than {MAX_BODY_BYTES} bytes" in str(error)
    assert server.methods == [method]


def test_an_answer_of_16_mib_is_read() -> None:
    """The limit itself is within it."""
    document = {"_id": ID.integration_id, "version": 1, "config": {}}
    body = json.dumps(document).encode().ljust(MAX_BODY_BYTES)
    with ScriptedServer((200, {"Content-Encoding": "gzip"}, gzip.compress(body, 1))) as server:
        assert caller(server.url).client.get(ID) == document | KEYS


def test_a_listing_may_be_larger() -> None:
    """It is read as it arrives: here 17 MiB, of which the links are most and are not kept."""
    links = {"self": {"href": "/" + "x" * 4096}}
    items = [{"_id": f"57c{number}", "tags": ["one"], "_links": links} for number in range(4400)]
    body = json.dumps({"items": items, "totalCount": 4400}).encode()
    assert len(body) > MAX_BODY_BYTES
    with ScriptedServer((200, {}, body)) as server:
        listed = caller(server.url).client.list_all()
    assert listed == [{"_id": each["_id"], "tags": ["one"]} for each in items]


def test_a_listing_without_end_is_not_read_to_it() -> None:
    """128 MiB are the most that is read of it."""
    endless = gzip.compress(b" " * (MAX_STREAM_BYTES + 1), 1)
    with ScriptedServer((200, {"Content-Encoding": "gzip"}, endless)) as server:
        with pytest.raises(errors.Unreachable, match=f"responds with more than {MAX_STREAM_BYTES} bytes"):
            caller(server.url).client.list_all()
        assert server.methods == ["GET"]


def test_an_encoding_that_is_none_is_told() -> None:
    """Declared as gzip, and it is not."""
    error = error_of((200, {"Content-Encoding": "gzip"}, b"plain"), method="PATCH")
    assert isinstance(error, errors.Unreachable)


def test_errors_have_no_chain_that_shows_the_request() -> None:
    """The library's own error holds the request, and with it the token: a traceback must not lead there."""
    error = error_of(no_answer, method="PATCH")
    assert error.__suppress_context__
    assert error.__cause__ is None


@pytest.mark.parametrize("steps", [(html(404),), (no_answer,), ((200, {}, b"{}"),), ((302, {}, b""),)])
def test_every_error_is_printable(steps: tuple[Step, ...]) -> None:
    """But for the break before the advice, one line of visible text that begins with the call."""
    text = str(error_of(*steps, method="PATCH"))
    assert text.startswith(f"PATCH {ID}: ")
    assert text.count("\n") <= 1
    assert [char for char in text.replace("\n", "") if unicodedata.category(char) == "Cc"] == []


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate that nobody vouches for."""
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("method", CALLS)
def test_a_certificate_that_nobody_vouches_for_is_told_at_once(self_signed: Tls, method: str) -> None:
    """Trying again changes nothing, and nothing is sent."""
    with ScriptedServer(INTEGRATION, tls=self_signed.context()) as server:
        error = failure(server, method)
    assert isinstance(error, errors.Unreachable)
    assert f"{server.host} has a certificate that is not accepted" in str(error)
    assert (server.connections, server.requests) == (1, [])


@pytest.mark.parametrize("method", CALLS)
def test_a_handshake_that_breaks_is_tried_again(self_signed: Tls, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Twice, then it works: the request is sent once, also one that must not be sent twice."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self_signed.certificate))
    broken = iter([ssl.AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR] * 2)
    context = self_signed.context()
    context.sni_callback = lambda *_: next(broken, None)
    with ScriptedServer(DELETED if method == "DELETE" else INTEGRATION, tls=context) as server:
        client, waits = caller(server.url)
        CALLS[method](client)
    assert (server.connections, server.methods, len(waits)) == (3, [method], 2)


@pytest.mark.parametrize("method", CALLS)
def test_a_tls_connection_that_breaks_is_no_matter_of_certificates(method: str) -> None:
    """Ended in the middle of the handshake, each time: five attempts, and the error tells what happened."""
    accepted = 0

    def hang_up() -> None:
        nonlocal accepted
        # The listener is shut down once the client has given up.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                accepted += 1
                with connection:
                    connection.settimeout(5)
                    connection.recv(64 * 1024)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(errors.Unreachable) as error:
            CALLS[method](caller(f"https://127.0.0.1:{listener.getsockname()[1]}").client)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    assert accepted == 5
    assert "certificate" not in str(error.value)
    assert not error.value.outcome_unknown


def test_a_host_that_no_name_can_be_is_told() -> None:
    """The settings refuse it; whoever makes the settings otherwise gets an error of this provider all the same."""
    with pytest.raises(errors.Unreachable, match=r"a\.\.b\.example"):
        caller("https://a..b.example").client.get(ID)


def test_a_body_that_drips_is_cut_at_the_deadline() -> None:
    """A time-out for each read would let the server go on."""
    over = threading.Event()

    def drip() -> None:
        # The client leaves before it has everything.
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(64 * 1024)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(150):
                    connection.sendall(b" ")
                    if over.wait(0.02):
                        return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(errors.Unreachable, match="did not respond in time"):
            caller(f"http://127.0.0.1:{listener.getsockname()[1]}").client.get(ID, Deadline(0.3))
        over.set()
        thread.join(10)


def test_the_scripted_server_records_what_it_gets() -> None:
    """The other tests rely on it: repeated headers and the raw target are seen."""
    with ScriptedServer(DELETED) as server:
        with socket.create_connection(("127.0.0.1", int(server.host.split(":")[1]))) as connection:
            connection.sendall(b"DELETE /a%20b HTTP/1.1\r\nHost: x\r\nX: 1\r\nX: 2\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 204 No Content\r\n")
        expected = Request("DELETE", "/a%20b", [("Host", "x"), ("X", "1"), ("X", "2")], b"", 1)
        assert server.requests == [expected]


@pytest.mark.parametrize("body", [b"<html><body><h1>404 Not Found</h1></body></html>", b"", b"null"])
@pytest.mark.parametrize("method", READS)
def test_a_page_that_is_not_found_does_not_mean_that_an_integration_is_gone(method: str, body: bytes) -> None:
    """Only LaunchDarkly's own error says so: a proxy that lost its way answers 404 as well."""
    with ScriptedServer((404, {"Content-Type": "text/html"}, body)) as server:
        error = failure(server, method)
    assert isinstance(error, errors.UnexpectedAnswer)
    assert not isinstance(error, errors.NotFound)
