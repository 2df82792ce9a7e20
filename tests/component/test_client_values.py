"""What the client makes of values that no well-behaved LaunchDarkly sends, and when it ends early."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.model.documents import version_of
from launchdarkly_pulumi.model.fields import storable
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.runs import Time
from support.scripted_server import Answer, Request, ScriptedServer, answer, html, no_answer

ID = IntegrationId("default", "production", "redis", "57c0ffee57c0ffee57c0ffee")
KEYS = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
NOT_FOUND = answer(404, {"code": "not_found", "message": "no such integration"})
LIMITED = answer(429, {"code": "rate_limited", "message": "slow down"}, retry_after="30")

CALLS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get(ID),
    "DELETE": lambda client: client.delete(ID),
    "POST": lambda client: client.create(("default", "production", "redis"), {"config": {"host": "h"}}),
    "PATCH": lambda client: client.patch(ID, [{"op": "replace", "path": "/on", "value": True}]),
    "LIST": lambda client: client.list_all(),
}


def client_of(server: ScriptedServer, time: Time | None = None, **settings: Any) -> Client:
    """A client of the server."""
    return Client(
        Settings(access_token=samples.TOKEN, base_url=server.url, **settings), Redactor(), (time or Time()).clock
    )


def document(**changes: Any) -> dict[str, Any]:
    """An integration."""
    return {"_id": ID.integration_id, "version": 1, "config": {}, **changes}


def raw(text: str) -> Answer:
    """A response with this for JSON."""
    return 200, {"Content-Type": "application/json"}, text.encode()


# Listings.


def items(count: int = 2) -> list[dict[str, Any]]:
    """A listing's."""
    return [{"_id": f"57c{number}", "tags": [], "version": 1} for number in range(count)]


@pytest.mark.parametrize(
    "more",
    [
        {"_links": {"next": {"href": "/api/v2?offset=2"}}},
        {"_links": {"next": "/more"}, "totalCount": 2},
        {"totalCount": 3},
        {"totalCount": 2.5},
    ],
    ids=str,
)
def test_a_part_of_the_list_is_no_list(more: dict[str, Any]) -> None:
    """Nobody could tell what is missing from it."""
    with ScriptedServer(answer(200, {"items": items(), **more})) as server:
        with pytest.raises(errors.UnexpectedAnswer, match="the response is only a part of the list") as error:
            client_of(server).list_all()
        assert not error.value.outcome_unknown
        assert server.methods == ["GET"]


@pytest.mark.parametrize(
    "more",
    [
        {"totalCount": 2},
        {"totalCount": 1},
        {"totalCount": None},
        {"totalCount": "many"},
        {"_links": None},
        {"_links": []},
        {"_links": {"self": {"href": "/"}, "next": None}},
        {"_links": {"next": ""}},
    ],
    ids=str,
)
def test_a_list_that_names_no_more_is_whole(more: dict[str, Any]) -> None:
    """Whatever else it says."""
    with ScriptedServer(answer(200, {"items": items(), **more})) as server:
        assert client_of(server).list_all() == items()


@pytest.mark.parametrize("item", [{"_id": ""}, {"_id": "../x"}, {"_id": 5}, {"_id": "57c0", "tags": [1]}], ids=str)
def test_an_item_that_nobody_can_compare_makes_no_list(item: dict[str, Any]) -> None:
    """One of them is enough."""
    with (
        ScriptedServer(answer(200, {"items": [*items(), item]})) as server,
        pytest.raises(errors.UnexpectedAnswer, match="no list of items"),
    ):
        client_of(server).list_all()


def test_an_item_of_a_kind_that_is_not_known_is_listed_with_the_rest() -> None:
    """LaunchDarkly may have a new kind any day: the stores of known kinds are not lost for it."""
    listed = [*items(), {**items()[0], "_id": "57c0ffee", "integrationKey": "another-kind"}]
    with ScriptedServer(answer(200, {"items": listed})) as server:
        assert client_of(server).list_all() == listed


# Keys beside the right ID.


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("other", ["other", None, 5, ["default"]], ids=str)
def test_other_keys_beside_the_right_id_are_another_integration(name: str, other: Any) -> None:
    """It would be put into another place of the state."""
    with (
        ScriptedServer(answer(200, document(**{name: other}))) as server,
        pytest.raises(errors.UnexpectedAnswer, match="another integration, or one without a config"),
    ):
        client_of(server).get(ID)


def test_keys_that_are_left_out_are_those_that_were_asked_for() -> None:
    """The path has them."""
    with ScriptedServer(answer(200, document())) as server:
        assert client_of(server).get(ID) == document(**KEYS)


# Numbers that no state can hold.


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("9007199254740993", "9007199254740993"),
        ("9" * 400, "9" * 400),
        ("9" * 5000, "9" * 5000),
        ("-9007199254740993", "-9007199254740993"),
        ("1e999", "1e999"),
        ("-1e999", "-1e999"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("999999999999999", 999999999999999),
        ("-99999999999999", -99999999999999),
        ("1.5", 1.5),
        ("-0", 0),
    ],
    ids=lambda each: str(each)[:20],
)
def test_a_number_that_no_state_holds_is_the_text_of_it(number: str, found: Any) -> None:
    """Shown as drift, and no version; every other number is itself."""
    with ScriptedServer(raw(f'{{"_id": "{ID.integration_id}", "version": {number}, "config": {{}}}}')) as server:
        read = client_of(server).get(ID)
    assert read["version"] == found
    assert type(read["version"]) is type(found)
    assert (version_of(read) is None) == (not isinstance(found, int) or found < 0)
    json.dumps(storable(read), allow_nan=False).encode()


def test_half_a_surrogate_pair_can_be_sent_back() -> None:
    """As JSON writes it: LaunchDarkly has it in a field that stays as it is."""
    with ScriptedServer(answer(200, document())) as server:
        client_of(server).patch(ID, [{"op": "replace", "path": "/name", "value": "a\ud800ä"}])
    [request] = server.requests
    assert json.loads(request.body)[0]["value"] == "a\ud800ä"
    assert request.body.isascii()


# Deletions.


def test_a_deletion_that_an_attempt_of_its_own_has_done_is_done() -> None:
    """The response was lost, and the next attempt finds nothing."""
    with ScriptedServer(no_answer, NOT_FOUND) as server:
        client_of(server).delete(ID)
        assert server.methods == ["DELETE", "DELETE"]


@pytest.mark.parametrize("first", [html(502), answer(503, {"code": "x", "message": "y"})])
def test_a_server_s_error_may_have_deleted_as_well(first: Answer) -> None:
    """It says nothing about what became of the request."""
    with ScriptedServer(first, NOT_FOUND) as server:
        client_of(server).delete(ID)


def test_a_deletion_of_what_is_not_there_is_not_found() -> None:
    """A rate limit before it has deleted nothing."""
    limited = answer(429, {"code": "rate_limited", "message": "slow down"}, retry_after="1")
    with ScriptedServer(limited, NOT_FOUND) as server:
        with pytest.raises(errors.NotFound) as error:
            client_of(server).delete(ID)
        assert not error.value.after_lost_attempt


# Runs that are cancelled.


@pytest.mark.parametrize("call", CALLS)
def test_a_cancelled_run_sends_nothing(call: str) -> None:
    """Not even a read."""
    time = Time()
    time.cancelled.set()
    with ScriptedServer(answer(200, document())) as server:
        with pytest.raises(errors.Interrupted):
            CALLS[call](client_of(server, time))
        assert server.requests == []


@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_ends_the_wait_at_a_rate_limit(call: str) -> None:
    """And nothing is sent again."""
    time = Time()
    time.on_wait = time.cancelled.set
    with ScriptedServer(LIMITED) as server:
        with pytest.raises(errors.Interrupted):
            CALLS[call](client_of(server, time))
        assert len(server.requests) == len(time.waits) == 1


@pytest.mark.parametrize("call", ["GET", "LIST", "DELETE"])
def test_ctrl_c_ends_a_back_off(call: str) -> None:
    """The same for what is tried again."""
    time = Time()
    time.on_wait = time.cancelled.set
    with ScriptedServer(html(502)) as server:
        with pytest.raises(errors.Interrupted):
            CALLS[call](client_of(server, time))
        assert len(server.requests) == 1


@pytest.mark.parametrize("call", ["GET", "LIST"])
def test_ctrl_c_ends_a_read_that_is_under_way(call: str) -> None:
    """Its response is of no use any more."""
    time, may_answer = Time(), threading.Event()

    def silent(_request: Request) -> Answer:
        time.cancelled.set()
        may_answer.wait(30)
        return answer(200, document())

    with ScriptedServer(silent) as server:
        with pytest.raises(errors.Interrupted):
            CALLS[call](client_of(server, time))
        may_answer.set()


@pytest.mark.parametrize(("call", "response"), [("POST", 201), ("PATCH", 200), ("DELETE", 204)])
def test_a_write_that_is_under_way_is_awaited(monkeypatch: pytest.MonkeyPatch, call: str, response: int) -> None:
    """What it did has to be known: for longer than a wait is deaf, and with its response."""
    monkeypatch.setattr("launchdarkly_pulumi.api.exchange.LONGEST_DEAFNESS", 0.01)
    time, later = Time(), threading.Event()

    def slow(_request: Request) -> Answer:
        time.cancelled.set()
        later.wait(0.2)
        return answer(response, document())

    with ScriptedServer(slow) as server:
        CALLS[call](client_of(server, time))
        assert len(server.requests) == 1


def test_ctrl_c_ends_the_wait_for_a_turn() -> None:
    """Of two workers one may send; the other one waits, and then need not."""
    time, may_answer = Time(), threading.Event()
    arrived = threading.Event()

    def silent(_request: Request) -> Answer:
        arrived.set()
        may_answer.wait(30)
        return answer(200, document())

    with ScriptedServer(silent) as server:
        client = client_of(server, time, max_concurrency=1)
        thread = threading.Thread(target=CALLS["PATCH"], args=(client,))
        thread.start()
        arrived.wait(30)
        canceller = threading.Timer(0.05, time.cancelled.set)
        canceller.start()
        with pytest.raises(errors.Interrupted):
            CALLS["POST"](client)
        may_answer.set()
        thread.join()
        canceller.join()
        assert server.methods == ["PATCH"]


# Waits of one caller, and of all.


def test_a_gateway_that_names_a_time_holds_its_caller_alone() -> None:
    """A 503 speaks for what was asked, a 429 for the account: others go on meanwhile."""
    time = Time()
    steps = [answer(503, {"code": "x", "message": "y"}, retry_after="60"), answer(200, document())]
    with ScriptedServer(*steps) as server:
        client = client_of(server, time)
        during: list[float] = []

        def another() -> None:
            time.on_wait = lambda: None
            before = time.now
            CALLS["GET"](client)
            during.append(time.now - before)

        time.on_wait = another
        CALLS["GET"](client)
        assert during == [0]
        assert 60 <= time.now < 61


def test_a_rate_limit_holds_every_caller() -> None:
    """The other one waits as long as the first."""
    time = Time()
    with ScriptedServer(LIMITED, answer(200, document())) as server:
        client = client_of(server, time)
        assert client._pace.wait_time() == 0
        CALLS["GET"](client)
        assert time.now >= 30
    with ScriptedServer(LIMITED) as server:
        client = client_of(server, Time(), operation_timeout=10)
        with pytest.raises(errors.RateLimited):
            CALLS["GET"](client)
        assert client._pace.wait_time() >= 30
        with pytest.raises(errors.RateLimited, match="a rate limit holds requests back"):
            CALLS["POST"](client)
        assert len(server.requests) == 1


def test_a_read_without_end_is_given_up_after_five_attempts() -> None:
    """As ever, where nobody cancels."""
    with ScriptedServer(no_answer) as server:
        with pytest.raises(errors.Unreachable):
            CALLS["GET"](client_of(server))
        assert len(server.requests) == MAX_ATTEMPTS
