"""Who may ask, what for, and how refusals look."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator

Start = Callable[..., tuple[Emulator, requests.Session]]


def refusal(response: requests.Response) -> tuple[int, str]:
    """The status and code of a refusal."""
    return response.status_code, response.json()["code"]


def test_error_has_code_message_and_id(api: requests.Session) -> None:
    """A refusal is JSON with a code, a message and an ID of its own."""
    first, second = (api.get("/shop/production/redis/" + 24 * "0") for _ in range(2))
    assert first.json().keys() == {"code", "message", "id"}
    assert first.headers["Content-Type"] == "application/json"
    assert uuid.UUID(first.json()["id"]) != uuid.UUID(second.json()["id"])


@pytest.mark.parametrize("token", [None, "", "Bearer api-token", "bearer api-token", "Basic abc"])
def test_token_missing_or_with_a_scheme(api: requests.Session, token: str | None) -> None:
    """No token, and a token behind a scheme such as Bearer, are unauthorized."""
    response = api.get("", headers={"Authorization": token})
    assert refusal(response) == (401, "unauthorized")


def test_any_token_by_default(api: requests.Session) -> None:
    """Unless tokens are listed, any token may read and write."""
    assert api.get("", headers={"Authorization": "whatever"}).status_code == 200


def test_only_listed_tokens(start: Start) -> None:
    """Where tokens are listed, another one is unauthorized."""
    _, api = start(access_tokens=["good"])
    assert api.get("", headers={"Authorization": "good"}).status_code == 200
    assert refusal(api.get("", headers={"Authorization": "other"})) == (401, "unauthorized")


@pytest.mark.parametrize("access_tokens", [[], ["good"]])
def test_reader_token(start: Start, redis: dict[str, Any], access_tokens: list[str]) -> None:
    """A reader token reads; every write is forbidden, even one that is malformed, and changes nothing."""
    emulator, api = start(access_tokens=access_tokens, reader_tokens=["reader"])
    store = "/shop/production/redis/" + emulator.outside_create("shop", "production", "redis", **redis)["_id"]
    before = emulator.integrations
    headers = {"Authorization": "reader"}
    assert api.get(store, headers=headers).status_code == 200
    assert refusal(api.post("/shop/production/redis", json=redis, headers=headers)) == (403, "forbidden")
    assert refusal(api.patch(store, data="nonsense", headers=headers)) == (403, "forbidden")
    assert refusal(api.delete(store, headers=headers)) == (403, "forbidden")
    assert emulator.integrations.keys() == before.keys()


@pytest.mark.parametrize("version", [None, "20240415", "Beta", "beta, beta"])
def test_beta_header_required(api: requests.Session, version: str | None) -> None:
    """Without exactly one beta header the API is forbidden, and says that this header is why."""
    response = api.get("", headers={"LD-API-Version": version})
    assert refusal(response) == (403, "forbidden")
    assert "LD-API-Version" in response.json()["message"]


def test_token_is_checked_before_the_beta_header(api: requests.Session) -> None:
    """A request with neither token nor beta header is unauthorized."""
    response = api.get("", headers={"Authorization": None, "LD-API-Version": None})
    assert refusal(response) == (401, "unauthorized")


def test_beta_header_is_checked_before_the_path(api: requests.Session) -> None:
    """An unknown path without the beta header is forbidden."""
    assert refusal(api.get("/nowhere", headers={"LD-API-Version": "20240415"})) == (403, "forbidden")


@pytest.mark.parametrize(
    "path",
    ["/", "x", "/shop", "/shop/production", "/shop/production/redis/1/2", "/../flags", "/shop/production/redis/1?x/"],
)
def test_unknown_path(api: requests.Session, path: str) -> None:
    """What is no path of the API is not found."""
    assert refusal(api.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "", "GET"),
        ("GET", "/shop/production/redis", "POST"),
        ("PUT", "/shop/production/redis/1", "DELETE, GET, PATCH"),
    ],
)
def test_wrong_method(api: requests.Session, method: str, path: str, allowed: str) -> None:
    """A known path with another method is refused, and the answer lists the right ones."""
    response = api.request(method, path, json={})
    assert refusal(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize("key", ["", "_shop", "-shop", "a b", "a%2Fb", "é"])
def test_invalid_keys_do_not_exist(api: requests.Session, redis: dict[str, Any], key: str) -> None:
    """A project or environment whose key is not a valid one is not found."""
    assert refusal(api.post(f"/{key}/production/redis", json=redis)) == (404, "not_found")
    assert refusal(api.post(f"/shop/{key}/redis", json=redis)) == (404, "not_found")


def test_any_valid_key_exists(api: requests.Session, redis: dict[str, Any]) -> None:
    """By default every project and environment exists."""
    assert api.post("/9.a-B_c/x/redis", json=redis).status_code == 201


def test_projects_can_be_listed(start: Start, redis: dict[str, Any]) -> None:
    """With a list of projects and their environments, others are not found."""
    _, api = start(projects={"shop": ["production"]})
    assert api.post("/shop/production/redis", json=redis).status_code == 201
    assert refusal(api.post("/other/production/redis", json=redis)) == (404, "not_found")
    assert refusal(api.post("/shop/staging/redis", json=redis)) == (404, "not_found")


def test_unknown_integration_key(api: requests.Session, redis: dict[str, Any]) -> None:
    """There are Redis and DynamoDB stores and no others."""
    assert refusal(api.post("/shop/production/memcached", json=redis)) == (404, "not_found")


def test_path_is_checked_before_the_body(api: requests.Session) -> None:
    """A malformed patch of an unknown integration is not found."""
    assert refusal(api.patch("/shop/production/redis/1", json="nonsense")) == (404, "not_found")


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_body_must_be_declared_as_json(api: requests.Session, store: str, media_type: str | None) -> None:
    """A body of another media type is not supported, whatever it holds."""
    headers = {"Content-Type": media_type}
    response = api.patch(store, data=b"[]", headers=headers)
    assert refusal(response) == (415, "unsupported_media_type")


def test_charset_parameter_is_fine(api: requests.Session, store: str) -> None:
    """The media type may carry a charset."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert api.patch(store, data=b"[]", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"config": {"host": "h"}, "x": NaN}',
        b'{"config": {"host": "h"}, "x": 1e999}',
        b'{"config": {"host": "h"}, "name": "\\ud800"}',
        100_000 * b"[",
        5_000 * b"9",
    ],
    ids=["empty", "cut off", "not UTF-8", "NaN", "infinite", "half a surrogate pair", "too deep", "too long a number"],
)
def test_not_json(api: requests.Session, emulator: Emulator, body: bytes) -> None:
    """What is not JSON, or cannot be sent back as JSON, is an invalid request."""
    response = api.post("/shop/production/redis", data=body, headers={"Content-Type": "application/json"})
    assert refusal(response) == (400, "invalid_request")
    assert response.json()["message"] == "The body must be JSON"
    assert emulator.integrations == {}


def test_latency(start: Start) -> None:
    """The latency is added to every request, refused ones included."""
    _, api = start(latency_ms=150)
    assert api.get("").elapsed.total_seconds() >= 0.15
    assert api.get("/nowhere").elapsed.total_seconds() >= 0.15


def test_a_failing_status_source_is_an_internal_error(start: Start, redis: dict[str, Any]) -> None:
    """A defect is answered in the API's form, too."""

    def status_source(document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("no status today")

    _, api = start(status_source=status_source)
    assert refusal(api.post("/shop/production/redis", json=redis)) == (500, "internal_service_error")


def test_standard_headers(api: requests.Session) -> None:
    """Every answer carries the server's clock, and none the server's software or limits that are not set."""
    headers = api.get("").headers
    assert re.search(r"GMT$", headers["Date"])
    assert "Server" not in headers
    assert not [name for name in headers if name.lower().startswith("x-ratelimit")]
