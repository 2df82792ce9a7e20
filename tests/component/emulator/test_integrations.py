"""Creating, reading, listing and deleting integrations, and what their config may be."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator

BASE = "/api/v2/integration-capabilities/big-segment-store"
Start = Callable[..., tuple[Emulator, requests.Session]]
MISSING = object()


def test_create_answers_the_whole_integration(api: requests.Session, redis: dict[str, Any]) -> None:
    """A new integration is answered with 201 and every documented field."""
    response = api.post("/shop/production/redis", json=redis | {"on": True})
    document = response.json()
    integration_id = document["_id"]
    status = document.pop("_status")
    links = {name: link["href"] for name, link in document.pop("_links").items()}
    assert response.status_code == 201
    assert re.fullmatch(r"[0-9a-f]{24}", integration_id)
    assert document == {
        "_id": integration_id,
        "integrationKey": "redis",
        "projectKey": "shop",
        "environmentKey": "production",
        "config": {
            "host": "redis.example.com",
            "port": "6380",
            "username": "ld",
            "password": "sup********123",
            "tlsEnabled": False,
        },
        "on": True,
        "tags": ["a", "b", "c"],
        "name": "Production Redis",
        "version": 1,
        "_access": {"denied": [], "allowed": []},
    }
    assert status.keys() == {"available", "potentiallyStale", "lastSync", "lastError", "errors"}
    assert links == {
        "self": f"{BASE}/shop/production/redis/{integration_id}",
        "parent": BASE,
        "project": "/api/v2/projects/shop",
        "environment": "/api/v2/projects/shop/environments/production",
    }


def test_get_answers_what_create_answered(api: requests.Session, redis: dict[str, Any]) -> None:
    """Reading an integration by its ID shows what creating it showed."""
    created = api.post("/shop/production/redis", json=redis).json()
    assert api.get(f"/shop/production/redis/{created['_id']}").json() == created


def test_defaults(api: requests.Session, emulator: Emulator) -> None:
    """Only the host of a Redis store is required; the rest has defaults."""
    document = api.post("/shop/production/redis", json={"config": {"host": "h"}}).json()
    assert (document["on"], document["tags"], document["name"]) == (False, [], "Redis big segment store")
    stored = {"host": "h", "port": "6379", "username": "", "password": "", "tlsEnabled": False}
    assert document["config"] == emulator.stored_config(document["_id"]) == stored


def test_dynamodb(api: requests.Session, dynamodb: dict[str, Any]) -> None:
    """A DynamoDB store shows its config as it was sent: none of it is a secret."""
    document = api.post("/shop/production/dynamodb", json=dynamodb).json()
    assert document["config"] == dynamodb["config"]
    assert document["name"] == "DynamoDB big segment store"


@pytest.mark.parametrize(
    ("password", "shown"),
    [("", ""), ("x", "********"), ("123456", "********"), ("1234567", "123********567")],
)
def test_masks(api: requests.Session, emulator: Emulator, password: str, shown: str) -> None:
    """A long secret shows three characters at each end, a short one none; the account keeps the real one."""
    document = api.post("/shop/production/redis", json={"config": {"host": "h", "password": password}}).json()
    read = api.get(f"/shop/production/redis/{document['_id']}").json()
    assert document["config"]["password"] == read["config"]["password"] == shown
    assert emulator.stored_config(document["_id"])["password"] == password


@pytest.mark.parametrize("port", ["1", "65535", 1, 65535])
def test_port_is_kept_as_text(api: requests.Session, port: str | int) -> None:
    """A port may be sent as a number or a string, and is shown as a string."""
    document = api.post("/shop/production/redis", json={"config": {"host": "h", "port": port}}).json()
    assert document["config"]["port"] == str(port)


@pytest.mark.parametrize(
    "port", ["", "0", 0, "65536", 65536, -1, "06379", "6379 ", "٣", "http", 6379.0, True, None, []]
)
def test_invalid_port(api: requests.Session, port: Any) -> None:
    """What is no decimal number of a port is an invalid request."""
    response = api.post("/shop/production/redis", json={"config": {"host": "h", "port": port}})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert "config.port" in response.json()["message"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"config": MISSING}, "config"),
        ({"config": None}, "config"),
        ({"config": []}, "config"),
        ({"config": {}}, "config.host"),
        ({"config": {"host": ""}}, "config.host"),
        ({"config": {"host": None}}, "config.host"),
        ({"config": {"host": "h", "password": 1}}, "config.password"),
        ({"config": {"host": "h", "password": None}}, "config.password"),
        ({"config": {"host": "h", "tlsEnabled": "true"}}, "config.tlsEnabled"),
        ({"config": {"host": "h", "tlsEnabled": 1}}, "config.tlsEnabled"),
        ({"config": {"host": "h", "tls_enabled": True}}, "config.tls_enabled"),
        ({"config": {"host": "h", "tableName": "t"}}, "config.tableName"),
        ({"on": "true"}, "on"),
        ({"on": 1}, "on"),
        ({"on": None}, "on"),
        ({"name": 1}, "name"),
        ({"name": None}, "name"),
        ({"tags": "a"}, "tags"),
        ({"tags": None}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"_id": "12ab3c4d5ef1a2345bcde67f"}, "_id"),
        ({"version": 1}, "version"),
        ({"integrationKey": "redis"}, "integrationKey"),
        ({"description": "mine"}, "description"),
    ],
)
def test_invalid_field(
    api: requests.Session, emulator: Emulator, redis: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    """An unknown, missing or mistyped field is an invalid request that names it, and nothing is created."""
    body = {key: item for key, item in (redis | change).items() if item is not MISSING}
    response = api.post("/shop/production/redis", json=body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert response.json()["message"].startswith(f"{named}:")
    assert emulator.integrations == {}


@pytest.mark.parametrize("field", ["tableName", "region", "externalId", "roleArn"])
def test_dynamodb_requires_all_fields(api: requests.Session, dynamodb: dict[str, Any], field: str) -> None:
    """Each field of a DynamoDB store is required."""
    del dynamodb["config"][field]
    response = api.post("/shop/production/dynamodb", json=dynamodb)
    assert (response.status_code, response.json()["message"]) == (400, f"config.{field}: required")


def test_dynamodb_region(api: requests.Session, dynamodb: dict[str, Any]) -> None:
    """A region that the manifest does not list is an invalid request."""
    dynamodb["config"]["region"] = "moon-1"
    response = api.post("/shop/production/dynamodb", json=dynamodb)
    assert response.status_code == 400
    assert response.json()["message"].startswith("config.region:")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"config"', b"1"])
def test_body_must_be_an_object(api: requests.Session, body: bytes) -> None:
    """JSON that is no object creates nothing."""
    response = api.post("/shop/production/redis", data=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


def test_messages_never_quote_values(api: requests.Session) -> None:
    """A refusal of a misplaced secret does not repeat it."""
    response = api.post("/shop/production/redis", json={"config": {"host": "h", "port": "hunter2hunter2"}})
    assert response.status_code == 400
    assert "hunter2" not in response.text


def test_list(api: requests.Session, redis: dict[str, Any], dynamodb: dict[str, Any]) -> None:
    """The listing has every integration of the account, oldest first, in full but for its config."""
    created = [
        api.post("/shop/production/redis", json=redis).json(),
        api.post("/other/staging/dynamodb", json=dynamodb).json(),
    ]
    listing = api.get("").json()
    assert listing["_links"]["self"]["href"] == BASE
    assert listing["items"] == [document | {"config": {}} for document in created]


def test_list_of_an_empty_account(api: requests.Session) -> None:
    """A listing always has its items."""
    assert api.get("").json()["items"] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("place", ["other/production/redis", "shop/staging/redis", "shop/production/dynamodb"])
def test_wrong_place(api: requests.Session, emulator: Emulator, store: str, method: str, place: str) -> None:
    """A known ID below another project, environment or kind is not found, and nothing happens to it."""
    before = emulator.integrations
    integration_id = store.rpartition("/")[2]
    operations = [{"op": "replace", "path": "/on", "value": True}]
    response = api.request(method, f"/{place}/{integration_id}", json=operations)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert emulator.integrations == before


def test_delete(api: requests.Session, store: str) -> None:
    """A deleted integration is answered with 204 and no body, and then is gone."""
    response = api.delete(store)
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers
    assert api.get(store).status_code == 404
    assert api.delete(store).status_code == 404
    assert api.get("").json()["items"] == []


def test_status_of_a_store_that_is_on(api: requests.Session, redis: dict[str, Any]) -> None:
    """A store that is on is available and was synchronized just now, in milliseconds."""
    status = api.post("/shop/production/redis", json=redis | {"on": True}).json()["_status"]
    assert (status["available"], status["potentiallyStale"]) == (True, False)
    assert abs(status["lastSync"] - time.time() * 1000) < 60_000
    assert (status["lastError"], status["errors"]) == (0, [])


def test_status_of_a_store_that_is_off(api: requests.Session, store: str) -> None:
    """A store that is off is not available."""
    status = api.get(store).json()["_status"]
    assert (status["available"], status["lastSync"]) == (False, 0)


def test_status_source(start: Start, redis: dict[str, Any]) -> None:
    """A status source sees the masked document and the real config, and decides the status."""
    seen: list[tuple[str, str]] = []

    def status_source(document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        seen.append((document["config"]["password"], config["password"]))
        return {"available": False, "errors": [{"statusCode": 400, "message": "no", "timestamp": 1}]}

    _, api = start(status_source=status_source)
    created = api.post("/shop/production/redis", json=redis).json()
    assert created["_status"]["errors"][0]["message"] == "no"
    assert seen == [("sup********123", "supersecret123")]


def test_config_omitted_in_answers_to_writes(start: Start, redis: dict[str, Any]) -> None:
    """With this option only reading an integration shows its config."""
    _, api = start(omit_config_in_answers=True)
    created = api.post("/shop/production/redis", json=redis).json()
    path = f"/shop/production/redis/{created['_id']}"
    patched = api.patch(path, json=[{"op": "replace", "path": "/on", "value": True}]).json()
    assert "config" not in created
    assert "config" not in patched
    assert api.get(path).json()["config"]["host"] == "redis.example.com"


def test_non_ascii_text(api: requests.Session, redis: dict[str, Any]) -> None:
    """Names and tags may be any text."""
    document = api.post("/shop/production/redis", json=redis | {"name": "Größe 🚀", "tags": ["é"]}).json()
    assert (document["name"], document["tags"]) == ("Größe 🚀", ["é"])
