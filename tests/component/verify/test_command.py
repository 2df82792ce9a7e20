"""``verify`` as a command: what it prints, what it is given, and how it ends."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import pytest

from launchdarkly_pulumi.core import find
from launchdarkly_pulumi.errors import Forbidden
from support.commands import Done
from support.samples import PASSWORD
from support.scripted_server import ScriptedServer, answer
from support.verifying import RedisStore


def test_lines_for_people(store: RedisStore) -> None:
    """What was found, why it matters, what to do."""
    done = store.run("verify", store.id, *store.place, "--prefix", "launchdarkly")
    assert (done.code, done.errors, done.lines[0]) == (1, "", store.id)
    [number] = [number for number, line in enumerate(done.lines) if line.startswith("FAILED")]
    assert done.lines[number].split(maxsplit=2) == ["FAILED", "sdk-prefix", f"launchdarkly, not {store.prefix}"]
    assert done.lines[number + 1].strip().startswith("Why it matters: SDKs say STALE without any error")
    assert done.lines[number + 2].strip().startswith("What to do: Set the key prefix of every SDK")
    assert done.lines[-1] == "13 passed, 1 failed, 3 not checked"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"on": False}, "the integration is off"),
        ({"name": "Down"}, "reports the store not available: connection refused"),
        ({"name": "Stale"}, "reports the store available, but potentially stale"),
    ],
)
def test_launchdarkly_s_word(store: RedisStore, changes: dict[str, Any], told: str) -> None:
    """It counts as well."""
    store.emulator.outside_edit(store.id.rpartition("/")[2], changes)
    assert store.failed() == {"launchdarkly": told}


def test_a_store_that_was_never_synchronized(store: RedisStore) -> None:
    """There is nothing to compare a marker with."""
    store.emulator.outside_edit(store.id.rpartition("/")[2], {"name": "Never"})
    _, checks = store.verify()
    assert checks["last-sync"]["outcome"] == "not checked"


@pytest.mark.parametrize("change", [{"port": "six"}, {"host": "a b"}, {"host": 5}])
def test_a_config_that_names_no_redis_is_3(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """Whatever LaunchDarkly holds, no traceback."""
    id_ = store.id.rpartition("/")[2]
    config = store.emulator.stored_config(id_) | change
    with ScriptedServer(answer(200, document_of(id_, config)), answer(200, ENVIRONMENT)) as server:
        monkeypatch.setenv("LAUNCHDARKLY_API_HOST", server.url)
        done = store.run("verify", store.id)
    assert (done.code, done.output) == (3, "")
    assert done.errors == f"error: GET {store.id}: its config has no host, port and username that can be used\n"


ENVIRONMENT = {"_id": "57c0ffee57c0ffee57c0ffee", "key": "production"}


def document_of(id_: str, config: dict[str, Any]) -> dict[str, Any]:
    """What LaunchDarkly says of an integration."""
    keys = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
    return {"_id": id_, **keys, "config": config, "name": "x", "on": True, "tags": [], "version": 1}


def test_a_client_side_id_that_cannot_be_read(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the prefix that is given is looked under, and without one there is no marker to look for."""

    def refused(*_: object) -> None:
        raise Forbidden("GET environment default/production", "403 forbidden")

    monkeypatch.setattr(find, "environment", refused)
    _, checks = store.verify("--write-probe")
    names = ("client-side-id", "marker", "prefixes-in-use", "read", "write")
    assert {checks[name]["outcome"] for name in names} == {"not checked"}
    assert checks["client-side-id"]["found"] == "GET environment default/production: 403 forbidden"
    assert f"markers are under {store.prefix} in database 0" in checks["prefixes-in-use"]["found"]
    code, checks = store.verify("--prefix", store.prefix, "--write-probe")
    assert (code, checks["marker"]["outcome"], checks["write"]["outcome"]) == (0, "passed", "passed")
    assert checks["sdk-prefix"]["outcome"] == "not checked"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["57c0"], "'57c0' is not an integration's ID"),
        (["--segment", "beta"], "give --segment and --member together"),
        (["--redis-url", f"http://:{quote(PASSWORD, safe='')}@redis"], "argument --redis-url: must be redis://"),
        (["--redis-url", "redis://redis:port"], "argument --redis-url: must be redis://"),
        (["--redis-url", "redis://redis/one"], "argument --redis-url: must be redis://"),
        (["--redis-url", "redis://redis?ssl_cert_reqs=none"], "argument --redis-url: must be redis://"),
        (["--dynamodb-endpoint", "http://127.0.0.1:1"], "is no DynamoDB table"),
    ],
)  # fmt: skip
def test_a_wrong_use_is_2(store: RedisStore, arguments: list[str], told: str) -> None:
    """And asks LaunchDarkly nothing."""
    store.emulator.clear_requests()
    ids = [] if arguments == ["57c0"] else [store.id]
    done: Done = store.run("verify", *ids, *arguments)
    assert (done.code, done.output) == (2, "")
    assert told in done.errors
    assert store.emulator.requests == []


def test_a_missing_extra_is_2(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line tells what to install."""
    store.emulator.clear_requests()
    monkeypatch.setitem(sys.modules, "redis", None)
    done = store.run("verify", store.id)
    assert done == (2, "", "error: this needs redis: pip install 'launchdarkly-pulumi[verify]'\n")
    assert store.emulator.requests == []


def test_launchdarkly_out_of_reach_is_3(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a pipeline can tell it from a store that does not work."""
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", "another-token")
    done = store.run("verify", store.id)
    assert (done.code, done.output) == (3, "")
    assert "401" in done.errors
