"""JSON Patch: what is applied, what is refused, and what an endpoint in beta may lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator

Start = Callable[..., tuple[Emulator, requests.Session]]


def op(name: str, path: str, *value: Any, **others: Any) -> dict[str, Any]:
    """One operation, with or without a value."""
    return {"op": name, "path": path, **({"value": value[0]} if value else {}), **others}


def copy(name: str, source: str, path: str) -> dict[str, Any]:
    """A copy or move."""
    return {"op": name, "from": source, "path": path}


def stored(emulator: Emulator, store: str) -> dict[str, Any]:
    """The real config of the store at a path."""
    return emulator.stored_config(store.rpartition("/")[2])


def test_one_field(api: requests.Session, store: str) -> None:
    """An edit of one field changes it and the version, and leaves everything else."""
    before = api.get(store).json()
    response = api.patch(store, json=[op("replace", "/config/host", "new.example.com")])
    expected = before | {"config": before["config"] | {"host": "new.example.com"}, "version": 2}
    assert response.status_code == 200
    assert response.json() == api.get(store).json() == expected


def test_several_operations_are_one_version(api: requests.Session, store: str) -> None:
    """A patch raises the version by one, however many operations it has."""
    operations = [op("replace", "/on", True), op("replace", "/name", "n"), op("add", "/tags/1", "x")]
    document = api.patch(store, json=operations).json()
    assert (document["on"], document["name"], document["tags"]) == (True, "n", ["a", "x", "b", "c"])
    assert document["version"] == 2


def test_untouched_secret_stays(api: requests.Session, emulator: Emulator, store: str) -> None:
    """Editing another field of the config does not store the mask of the password."""
    api.patch(store, json=[op("replace", "/config/port", 7000)])
    assert stored(emulator, store)["password"] == "supersecret123"
    assert stored(emulator, store)["port"] == "7000"


def test_mask_is_taken_literally(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A password that is set to the text of its mask is that text from then on: masks must not be sent."""
    document = api.patch(store, json=[op("replace", "/config/password", "sup********123")]).json()
    assert stored(emulator, store)["password"] == "sup********123"
    assert document["version"] == 2


def test_mask_in_a_whole_config_is_taken_literally(api: requests.Session, emulator: Emulator, store: str) -> None:
    """So is a mask that comes back within the whole config."""
    api.patch(store, json=[op("replace", "/config", api.get(store).json()["config"])])
    assert stored(emulator, store)["password"] == "sup********123"


def test_whole_config(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A new config replaces the old one: what it leaves out, secret or not, is back to its default."""
    document = api.patch(store, json=[op("replace", "/config", {"host": "h"})]).json()
    assert document["config"] == stored(emulator, store)
    assert document["config"] == {"host": "h", "port": "6379", "username": "", "password": "", "tlsEnabled": False}


@pytest.mark.parametrize(
    ("path", "field", "default"),
    [("/on", "on", False), ("/name", "name", "Redis big segment store"), ("/tags", "tags", [])],
)
def test_removed_field(api: requests.Session, store: str, path: str, field: str, default: Any) -> None:
    """A removed field is back to its default."""
    api.patch(store, json=[op("replace", "/on", True)])
    assert api.patch(store, json=[op("remove", path)]).json()[field] == default


def test_removed_config_fields(api: requests.Session, emulator: Emulator, store: str) -> None:
    """Removed optional fields of the config are back to their defaults."""
    paths = ("/config/password", "/config/username", "/config/port")
    assert api.patch(store, json=[op("remove", path) for path in paths]).status_code == 200
    assert stored(emulator, store) == {
        "host": "redis.example.com", "port": "6379", "username": "", "password": "", "tlsEnabled": False,
    }  # fmt: skip


@pytest.mark.parametrize("operations", [[op("remove", "/config/host")], [op("remove", "/config")]])
def test_required_config_cannot_be_removed(api: requests.Session, store: str, operations: list[Any]) -> None:
    """Without a required field the integration would be invalid."""
    assert api.patch(store, json=operations).status_code == 400


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [op("test", "/version", 1)],
        [op("replace", "/on", False)],
        [op("replace", "/config/port", 6380)],
        [op("add", "/tags/-", "x"), op("remove", "/tags/3")],
        [op("replace", "/config/password", "supersecret123")],
        [copy("copy", "/config/password", "/config/password")],
        [copy("copy", "/config", "/config")],
    ],
)
def test_no_effective_change(api: requests.Session, emulator: Emulator, store: str, operations: list[Any]) -> None:
    """A patch that changes nothing leaves the version alone."""
    response = api.patch(store, json=operations)
    assert (response.status_code, response.json()["version"]) == (200, 1)
    assert stored(emulator, store)["password"] == "supersecret123"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/version", 1),
        ("/version", 1.0),
        ("/on", False),
        ("/projectKey", "shop"),
        ("/config/host", "redis.example.com"),
        ("/config/password", "sup********123"),
        ("/config/tlsEnabled", False),
        ("/tags", ["a", "b", "c"]),
        ("/tags/2", "c"),
        ("/_access", {"allowed": [], "denied": []}),
        ("/_status/available", False),
        ("/_links/parent/type", "application/json"),
    ],
)
def test_test_that_holds(api: requests.Session, store: str, path: str, value: Any) -> None:
    """Every visible field can be tested, by the value that a client sees."""
    operations = [op("test", path, value), op("replace", "/name", "tested")]
    assert api.patch(store, json=operations).json()["name"] == "tested"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/version", 2),
        ("/version", "1"),
        ("/version", True),
        ("/on", 0),
        ("/config/port", 6380),
        ("/config/password", "supersecret123"),
        ("/tags", ["c", "b", "a"]),
        ("/tags/3", "d"),
        ("/tags/-", "d"),
        ("", {}),
    ],
)
def test_test_that_fails(api: requests.Session, emulator: Emulator, store: str, path: str, value: Any) -> None:
    """A failed test is a conflict, and no operation before or after it counts."""
    before = emulator.integrations
    operations = [op("replace", "/name", "before"), op("test", path, value), op("replace", "/on", True)]
    response = api.patch(store, json=operations)
    assert (response.status_code, response.json()["code"]) == (409, "optimistic_locking_error")
    assert emulator.integrations == before


def test_test_sees_earlier_operations(api: requests.Session, store: str) -> None:
    """Operations apply one after another."""
    operations = [op("replace", "/name", "n"), op("test", "/name", "n"), op("replace", "/config/password", "pw"),
                  op("test", "/config/password", "pw")]  # fmt: skip
    assert api.patch(store, json=operations).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/_id",
        "/_links/self",
        "/_status/available",
        "/_access",
        "/_unknown",
        "/version",
        "/projectKey",
        "/environmentKey",
        "/integrationKey",
        "/description",
        "/config/hostname",
        "/config/tableName",
    ],
)
@pytest.mark.parametrize("name", ["add", "replace", "remove", "move from", "move to"])
def test_fields_that_cannot_be_edited(
    api: requests.Session, emulator: Emulator, store: str, path: str, name: str
) -> None:
    """An edit of a protected or unknown field is an invalid request; the edits around it do not count either."""
    before = emulator.integrations
    edit = {
        "move from": copy("move", path, "/name"),
        "move to": copy("move", "/name", path),
        "remove": op("remove", path),
    }.get(name, op(name, path, "x"))
    response = api.patch(store, json=[op("replace", "/on", True), edit])
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert emulator.integrations == before


@pytest.mark.parametrize(
    "operations",
    [
        {"op": "replace", "path": "/on", "value": True},
        "nonsense",
        [None],
        ["replace"],
        [{}],
        [{"op": "replace", "path": "/on"}],
        [{"op": "test", "path": "/on"}],
        [{"op": "replace", "value": True}],
        [{"op": "replace", "path": 1, "value": True}],
        [{"op": "replace", "path": "on", "value": True}],
        [{"op": "replace", "path": "/na~me", "value": ""}],
        [{"op": ["replace"], "path": "/on", "value": True}],
        [{"op": "Replace", "path": "/on", "value": True}],
        [{"op": "append", "path": "/tags", "value": "d"}],
        [{"op": "copy", "path": "/name"}],
        [{"op": "move", "path": "/name", "from": "config"}],
    ],
)
def test_malformed_patch(api: requests.Session, emulator: Emulator, store: str, operations: Any) -> None:
    """What is no JSON Patch is an invalid request."""
    before = emulator.integrations
    response = api.patch(store, json=operations)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert emulator.integrations == before


@pytest.mark.parametrize(
    "operations",
    [
        [op("remove", "/tags/3")],
        [op("remove", "/tags/-")],
        [op("remove", "/tags/01")],
        [op("remove", "/tags/x")],
        [op("replace", "/tags/3", "d")],
        [op("add", "/tags/5", "d")],
        [op("add", "/tags/-1", "d")],
        [op("replace", "/name/0", "x")],
        [op("add", "/name/x", "x")],
        [op("remove", "/config/host/x")],
        [op("remove", "/config/username"), op("remove", "/config/username")],
        [op("test", "/versoin", 1)],
        [op("test", "/config/hostname", "h")],
        [op("test", "/name/0", "P")],
        [copy("copy", "/name/0", "/name")],
        [copy("copy", "/description", "/name")],
        [copy("move", "/tags/9", "/name")],
        [copy("move", "/config", "/config/host")],
    ],
)
def test_patch_that_cannot_be_applied(
    api: requests.Session, emulator: Emulator, store: str, operations: list[Any]
) -> None:
    """A well-formed patch of a place that does not exist cannot be processed, and nothing of it counts."""
    before = emulator.integrations
    response = api.patch(store, json=[op("replace", "/on", True), *operations])
    assert (response.status_code, response.json()["code"]) == (422, "unprocessable_entity")
    assert emulator.integrations == before


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        (op("replace", "/on", "yes"), "on"),
        (op("replace", "/name", None), "name"),
        (op("replace", "/tags", "a"), "tags"),
        (op("add", "/tags/-", 1), "tags"),
        (op("replace", "/config", None), "config"),
        (op("replace", "/config", {}), "config.host"),
        (op("replace", "/config", {"host": "h", "bad": 1}), "config.bad"),
        (op("replace", "/config/host", ""), "config.host"),
        (op("replace", "/config/tlsEnabled", "true"), "config.tlsEnabled"),
        (op("replace", "/config/port", "70000"), "config.port"),
    ],
)
def test_invalid_result(
    api: requests.Session, emulator: Emulator, store: str, operation: dict[str, Any], named: str
) -> None:
    """A patch whose result would be an invalid integration is refused by the field's name."""
    before = emulator.integrations
    response = api.patch(store, json=[operation])
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert response.json()["message"].startswith(f"{named}:")
    assert emulator.integrations == before


def test_copying_a_secret_copies_its_mask(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A secret cannot be read by copying it to a visible field."""
    operations = [copy("copy", "/config/password", "/name"), copy("copy", "/config/password", "/config/username"),
                  copy("copy", "/config/password", "/tags/-")]  # fmt: skip
    document = api.patch(store, json=operations).json()
    shown = (document["name"], document["config"]["username"], document["tags"][-1])
    assert shown == 3 * ("sup********123",)
    assert stored(emulator, store)["username"] == "sup********123"
    assert stored(emulator, store)["password"] == "supersecret123"


def test_moving_a_secret_moves_its_mask(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A moved secret leaves its default behind, and its mask arrives: also when it is moved back."""
    document = api.patch(store, json=[copy("move", "/config/password", "/name")]).json()
    assert document["name"] == "sup********123"
    assert stored(emulator, store)["password"] == ""


def test_secret_moved_away_and_back_is_its_mask(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A mask that has been somewhere else stands for no secret any more."""
    there_and_back = [copy("move", "/config/password", "/name"), copy("move", "/name", "/config/password")]
    api.patch(store, json=there_and_back)
    assert stored(emulator, store)["password"] == "sup********123"


def test_copy_of_the_whole_config_elsewhere(api: requests.Session, emulator: Emulator, store: str) -> None:
    """A config in the place of a tag is an invalid integration, and leaks nothing."""
    response = api.patch(store, json=[copy("copy", "/config", "/tags/-")])
    assert response.status_code == 400
    assert "supersecret123" not in response.text


def test_copy_into_a_secret(api: requests.Session, emulator: Emulator, store: str) -> None:
    """Copying a visible field to a secret one stores its text."""
    api.patch(store, json=[copy("copy", "/config/username", "/config/password")])
    assert stored(emulator, store)["password"] == "ld"


def test_move_within_tags(api: requests.Session, store: str) -> None:
    """Tags keep the order that a patch gives them."""
    assert api.patch(store, json=[copy("move", "/tags/0", "/tags/2")]).json()["tags"] == ["b", "c", "a"]


def test_members_that_json_patch_does_not_define_are_ignored(api: requests.Session, store: str) -> None:
    """As RFC 6902 demands."""
    assert api.patch(store, json=[op("replace", "/name", "n", comment="why")]).json()["name"] == "n"


def test_json_patch_media_type(api: requests.Session, store: str) -> None:
    """The media type of JSON Patch is JSON, too."""
    headers = {"Content-Type": "application/json-patch+json"}
    assert api.patch(store, data=b"[]", headers=headers).status_code == 200


def test_version_test_can_be_refused(start: Start, redis: dict[str, Any]) -> None:
    """With this option a test of the version is an invalid request, even one that holds; other tests work."""
    emulator, api = start(refuse_version_test=True)
    store = "/shop/production/redis/" + emulator.outside_create("shop", "production", "redis", **redis)["_id"]
    edit = op("replace", "/on", True)
    refused = api.patch(store, json=[op("test", "/version", 1), edit])
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert api.patch(store, json=[op("test", "/on", False), edit]).json()["version"] == 2


@pytest.mark.parametrize(
    "operation",
    [
        op("replace", "/config/host", "h"),
        op("test", "/config/host", "redis.example.com"),
        copy("copy", "/config/host", "/name"),
    ],
)
def test_config_paths_can_be_refused(start: Start, redis: dict[str, Any], operation: dict[str, Any]) -> None:
    """With this option a path inside the config is an invalid request; the config as a whole is fine."""
    emulator, api = start(refuse_config_paths=True)
    store = "/shop/production/redis/" + emulator.outside_create("shop", "production", "redis", **redis)["_id"]
    refused = api.patch(store, json=[operation])
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert api.patch(store, json=[op("replace", "/config", {"host": "h"})]).json()["config"]["host"] == "h"
