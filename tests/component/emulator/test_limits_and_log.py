"""The rate limit, and what the emulator remembers of its requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.emulator import Emulator, RequestRecord
from launchdarkly_pulumi.emulator.ratelimit import RateLimiter
from launchdarkly_pulumi.emulator.requestlog import RequestLog, log_line, redacted

Start = Callable[..., tuple[Emulator, requests.Session]]
BASE = "/api/v2/integration-capabilities/big-segment-store"


def test_rate_limit(start: Start) -> None:
    """Requests beyond the limit are refused, and every answer says what is left until when."""
    _, api = start(rate_limit=2)
    responses = [api.get("") for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert [response.headers["X-Ratelimit-Global-Remaining"] for response in responses] == ["1", "0", "0"]
    assert [response.headers["X-Ratelimit-Route-Remaining"] for response in responses] == ["1", "0", "0"]
    assert 0 < int(responses[2].headers["X-Ratelimit-Reset"]) / 1000 - time.time() <= 10
    assert responses[2].json()["code"] == "rate_limited"


def test_rate_limit_comes_before_the_token(start: Start) -> None:
    """Requests without a token count, and are refused for their number first."""
    _, api = start(rate_limit=1)
    headers = {"Authorization": ""}
    assert [api.get("", headers=headers).status_code for _ in range(2)] == [401, 429]


def test_rate_limit_window() -> None:
    """After ten seconds a new window opens with the full limit; until then the reset stays."""
    now = 1000.0
    limiter = RateLimiter(1, clock=lambda: now)
    first = limiter.take()
    now = 1009.9
    second = limiter.take()
    now = 1010.0
    third = limiter.take()
    assert [quota.exceeded for quota in (first, second, third)] == [False, True, False]
    resets = [quota.headers["X-Ratelimit-Reset"] for quota in (first, second, third)]
    assert resets == ["1010000", "1010000", "1020000"]


def test_records(api: requests.Session, emulator: Emulator, redis: dict[str, Any]) -> None:
    """Each request is recorded with its method, path, status, headers and body, refused ones included."""
    api.post("/shop/production/redis", json=redis)
    api.get("/nowhere", headers={"LD-API-Version": "20240415"})
    created, refused = emulator.requests
    assert (created.method, created.path, created.status) == ("POST", f"{BASE}/shop/production/redis", 201)
    assert created.body == redis
    assert created.headers["ld-api-version"] == "beta"
    assert created.duration_ms > 0
    assert created.error is None
    assert (refused.status, refused.body, refused.headers["ld-api-version"]) == (403, None, "20240415")
    assert (refused.error or "").startswith("forbidden: ")


def test_records_never_hold_the_token(api: requests.Session, emulator: Emulator) -> None:
    """Of the token only its presence is recorded."""
    api.get("")
    api.get("", headers={"Authorization": None})
    assert [record.headers.get("authorization") for record in emulator.requests] == ["[secret]", None]


def test_record_shows_no_body_when_printed(api: requests.Session, emulator: Emulator, redis: dict[str, Any]) -> None:
    """A failing test that prints a record does not print the password."""
    api.post("/shop/production/redis", json=redis)
    assert emulator.requests[0].body["config"]["password"] == "supersecret123"
    assert "supersecret123" not in repr(emulator.requests)


def test_record_of_a_body_that_is_not_json(api: requests.Session, emulator: Emulator) -> None:
    """A body that cannot be parsed is recorded as text."""
    api.post("/shop/production/redis", data=b"{oops\xff", headers={"Content-Type": "application/json"})
    assert emulator.requests[0].body == "{oops\ufffd"


def test_clear_requests(api: requests.Session, emulator: Emulator) -> None:
    """Records can be forgotten between the steps of a test."""
    api.get("")
    emulator.clear_requests()
    assert emulator.requests == []


PLAIN = {"host": "h", "port": "6379", "tlsEnabled": True}


@pytest.mark.parametrize(
    ("body", "logged"),
    [
        (None, None),
        ("pw", "[secret]"),
        (6, "[secret]"),
        (["pw", ["pw"]], ["[secret]", "[secret]"]),
        # Integrations: what is known to be none is shown.
        ({"config": PLAIN | {"password": "pw"}}, {"config": PLAIN | {"password": "[secret]"}}),
        ({"name": "n", "on": True, "tags": ["a", "b"]}, {"name": "n", "on": True, "tags": ["a", "b"]}),
        ({"config": json.dumps({"password": "pw"})}, {"config": "[secret]"}),
        ({"config": ["pw"]}, {"config": "[secret]"}),
        (
            {"config": {"Password": "pw", "passwrd": "pw", "pass_word": {"x": "pw"}}},
            {"config": {"Password": "[secret]", "passwrd": "[secret]", "pass_word": "[secret]"}},
        ),
        ({"password": "pw", "configuration": {"host": "pw"}}, {"password": "[secret]", "configuration": "[secret]"}),
        (
            {"config": {"host": {"x": "pw"}, "username": ["pw"]}},
            {"config": {"host": "[secret]", "username": "[secret]"}},
        ),
        ({"config": {"host": "redis://:pw@h:1"}}, {"config": {"host": "[secret]"}}),
        ({"tags": [{"x": "pw"}], "name": {"x": "pw"}}, {"tags": "[secret]", "name": "[secret]"}),
        ({"config": {'{"password": "pw"}': 1}}, {"config": {"[secret]": "[secret]"}}),
        ({"host": "pw", '{"password": "pw"}': "pw"}, {"host": "[secret]", "[secret]": "[secret]"}),
        # Patches: so is what is set at a path that is known.
        (
            [{"op": "replace", "path": "/config/host", "value": "h"}, {"op": "remove", "path": "/tags/0"}],
            [{"op": "replace", "path": "/config/host", "value": "h"}, {"op": "remove", "path": "/tags/0"}],
        ),
        (
            [{"op": "test", "path": "/version", "value": 1}, {"op": "add", "path": "/tags/-", "value": "t"}],
            [{"op": "test", "path": "/version", "value": 1}, {"op": "add", "path": "/tags/-", "value": "t"}],
        ),
        (
            [{"op": "replace", "path": "/config/password", "value": "pw"}],
            [{"op": "replace", "path": "/config/password", "value": "[secret]"}],
        ),
        (
            [{"op": "add", "path": "/config/passwrd", "value": "pw"}, {"op": "add", "path": "/cfg", "value": PLAIN}],
            [
                {"op": "add", "path": "/config/passwrd", "value": "[secret]"},
                {"op": "add", "path": "/cfg", "value": "[secret]"},
            ],
        ),
        (
            [{"op": "add", "path": "/config", "value": {"host": "h", "password": {"nested": "pw"}}}],
            [{"op": "add", "path": "/config", "value": {"host": "h", "password": "[secret]"}}],
        ),
        (
            [{"op": "replace", "path": "", "value": {"name": "n", "config": {"password": "pw"}}}],
            [{"op": "replace", "path": "", "value": {"name": "n", "config": {"password": "[secret]"}}}],
        ),
        (
            [{"op": "test", "path": "/config/password/0", "value": "pw"}],
            [{"op": "test", "path": "/config/password/0", "value": "[secret]"}],
        ),
        (
            [{"op": "replace", "path": "/config", "value": json.dumps({"password": "pw"})}],
            [{"op": "replace", "path": "/config", "value": "[secret]"}],
        ),
        (
            {"op": "replace", "path": "/config/password", "value": "pw"},
            {"op": "replace", "path": "/config/password", "value": "[secret]"},
        ),
        (
            [{"op": ["pw"], "path": "config/password=pw", "from": {"x": "pw"}, "vlaue": "pw", "value": "pw"}],
            [{"op": "[secret]", "path": "[secret]", "from": "[secret]", "vlaue": "[secret]", "value": "[secret]"}],
        ),
        ({"patch": [{"op": "add", "path": "/name", "value": "pw"}]}, {"patch": "[secret]"}),
    ],
)
def test_redaction(body: Any, logged: Any) -> None:
    """The log shows of a body only what is known to be no secret, well-formed or not."""
    assert redacted(body) == logged


@given(
    st.recursive(
        st.none() | st.just("pw-canary") | st.just('{"password": "pw-canary"}'),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["config", "password", "passwrd", "value", "path", "op", "tags", "pw-canary x", ""]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_only_a_name_or_a_tag_may_show_what_stands_there(body: Any) -> None:
    """Whatever form a body has."""
    assert "pw-canary" not in json.dumps(redacted(_without_tags(body)))


def _without_tags(body: Any) -> Any:
    """Without tags, whose texts are shown."""
    if isinstance(body, list):
        return [_without_tags(each) for each in body]
    if isinstance(body, dict):
        return {key: _without_tags(each) for key, each in body.items() if key != "tags"}
    return body


def test_a_long_body_is_not_logged() -> None:
    """Only how long it is; megabytes would fill the disk."""
    record = RequestRecord("POST", "/", 400, {}, {"name": 100_000 * "n"}, 1.0)
    assert len(log_line(record)) < 1000
    assert json.loads(log_line(record))["body"] == "[100012 characters]"


def test_log_line_is_one_line_of_json() -> None:
    """A logged request is an object on one line."""
    record = RequestRecord("GET", "/\n", 404, {"accept": "*/*"}, None, 1.23456, "not_found: no such path")
    line = log_line(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert entry.pop("time")
    assert entry == {
        "method": "GET", "path": "/\n", "status": 404, "error": "not_found: no such path",
        "headers": {"accept": "*/*"}, "body": None, "durationMs": 1.235,
    }  # fmt: skip


def test_request_log_file_is_for_its_owner(tmp_path: Path) -> None:
    """A new one; of one that is there its owner has decided."""
    new, old = tmp_path / "new.jsonl", tmp_path / "old.jsonl"
    old.touch(0o640)
    for path in (new, old):
        RequestLog(path).close()
    assert [path.stat().st_mode & 0o777 for path in (new, old)] == [0o600, 0o640]


def test_request_log_file(tmp_path: Path, redis: dict[str, Any]) -> None:
    """The file has each request as soon as it is answered, and neither tokens nor secrets."""
    path = tmp_path / "requests.jsonl"
    headers = {"Authorization": "api-token", "LD-API-Version": "beta"}
    with Emulator(request_log_path=path) as emulator:
        url = f"{emulator.url}{BASE}/shop/production/redis"
        created = requests.post(url, json=redis, headers=headers, timeout=10).json()
        assert len(path.read_text().splitlines()) == 1
        operations = [{"op": "replace", "path": "/config/password", "value": "another-secret"}]
        requests.patch(f"{url}/{created['_id']}", json=operations, headers=headers, timeout=10)
        requests.get(url, timeout=10)
    text = path.read_text()
    assert [json.loads(line)["status"] for line in text.splitlines()] == [201, 200, 401]
    for secret in ("api-token", "supersecret123", "another-secret"):
        assert secret not in text
    assert "redis.example.com" in text


def test_a_refusal_quotes_no_text_in_place_of_a_name(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A whole config as the name of a field, as of a form: the log has the refusal."""
    text = '{"password": "pw-canary"}'
    for body in ({text: ""}, {"config": {"host": "h", text: ""}}):
        assert api.post("/shop/production/redis", json=body).status_code == 400
    for path in (f"/{text}", f"/config/{text}"):
        assert api.patch(store, json=[{"op": "add", "path": path, "value": ""}]).status_code == 400
    logged = [log_line(record) for record in emulator.requests]
    assert len(logged) == 4
    assert "pw-canary" not in "".join(logged)
