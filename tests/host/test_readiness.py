"""Waiting for a store, in the process that providers really run in."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import quote

import grpc
import pytest
import redis
import requests
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.rpc import UNKNOWN

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.readiness import ReadinessProvider
from support import samples, sdk
from support.canary import leaks
from support.dynamodb import KEY, NAMESPACE, REGION, create_table, local_dynamodb
from support.host import Host, error_of
from support.redis_server import RedisServer
from support.samples import PASSWORD, TOKEN
from support.segments import mark

PICKLED_PROVIDER = "gASVOgAAAAAAAACMHWxhdW5jaGRhcmtseV9wdWx1bWkucmVhZGluZXNzlIwRUmVhZGluZXNzUHJvdmlkZXKUk5QpgZQu"
"""On record: it is in the state of every stack that waits for a store."""

THIS = {"__provider": PICKLED_PROVIDER}
URN = "urn:pulumi:prod::shop::pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness::ready"

UNCHANGED, CHANGED = 1, 2

ERROR = {"statusCode": 503, "message": "Could not connect: connection refused", "timestamp": 1717263000000}
NOT_YET = "Could not connect: connection refused (503, 2024-06-01T17:30:00Z)"


class Source:
    """A status source: not available until the test says so; it reports when LaunchDarkly is polled."""

    def __init__(self) -> None:
        self.available = False
        self.error = ERROR
        self.asked = threading.Event()

    def __call__(self, _document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
        """The status now."""
        self.asked.set()
        return {"available": self.available, "errors": [] if self.available else [self.error]}


@pytest.fixture
def source() -> Source:
    """What the account knows of its stores."""
    return Source()


@pytest.fixture
def emulator_options(source: Source) -> EmulatorOptions:
    """LaunchDarkly with an empty account."""
    return EmulatorOptions(status_source=source)


@pytest.fixture
def store(emulator: Emulator, source: Source) -> str:
    """The ID of a store that is on."""
    made = emulator.outside_create("default", "production", "redis", config={"host": "redis.example.com"}, on=True)
    source.asked.clear()
    return f"default/production/redis/{made['_id']}"


def inputs(store: str, **changes: Any) -> dict[str, Any]:
    """What the program declares, as the engine hands it over."""
    return {"integration": store, "version": 1, "timeout": "1m", "_urn": URN, **THIS, **changes}


@pytest.fixture
def waiting(host: Host, store: str, source: Source) -> Iterator[Future[Any]]:
    """A create that has asked LaunchDarkly at least once, in vain."""
    with ThreadPoolExecutor(1) as caller:
        create = caller.submit(host.create, inputs(store))
        source.asked.wait()
        yield create


def test_the_pickled_provider_is_the_one_on_record() -> None:
    """A reference to the class, byte for byte the same in every stack's state."""
    assert serialize_provider(ReadinessProvider()) == PICKLED_PROVIDER


def test_create_waits_until_the_store_works(waiting: Future[Any], source: Source, store: str, host: Host) -> None:
    """Its status line is the resource's own; the state has what was declared, not the URN."""
    source.available = True
    assert waiting.result() == (store, {"integration": store, "version": 1, "timeout": "1m"})
    first = host.messages[0]
    assert (first.severity, first.urn, first.ephemeral) == ("INFO", URN, True)
    assert re.fullmatch(rf"not available yet \(\d+s of 1m\): {re.escape(NOT_YET)}", first.text)


def test_a_wait_that_is_in_vain_is_an_error(host: Host, store: str, emulator: Emulator) -> None:
    """The error has the store's own errors, in a create and in an update. The integration stays as it was."""
    before = emulator.integrations
    for call in (host.create, lambda news: host.update(store, inputs(store), news)):
        with pytest.raises(grpc.RpcError) as failure:
            call(inputs(store, timeout=1))
        assert error_of(failure.value) == (
            f"{sdk.ERROR}{store} is not available after 1s: {NOT_YET}\n"
            "  The integration is kept. Once the store works, run `pulumi up` again: it will only wait."
        )
    assert emulator.integrations == before
    assert {request.method for request in emulator.requests} == {"GET"}


def test_update_waits_again(host: Host, store: str, source: Source, emulator: Emulator) -> None:
    """One poll is enough for a store that works."""
    source.available = True
    outputs = host.update(store, inputs(store), inputs(store, version=2))
    assert outputs == {"integration": store, "version": 2, "timeout": "1m"}
    assert [request.method for request in emulator.requests] == ["GET"]


@pytest.mark.parametrize(
    ("changes", "changed", "replaces"),
    [
        ({}, UNCHANGED, []),
        ({"timeout": "9m", "_urn": "another"}, UNCHANGED, []),
        ({"version": 2}, CHANGED, []),
        ({"version": UNKNOWN}, CHANGED, []),
        ({"verify": True, "redis_url": "redis://x"}, CHANGED, []),
        ({"integration": "default/production/redis/another"}, CHANGED, ["integration"]),
        ({"integration": UNKNOWN, "version": UNKNOWN}, CHANGED, ["integration"]),
    ],
    ids=[
        "nothing",
        "how long to wait",
        "an update",
        "an update to come",
        "its marker",
        "another store",
        "a replacement to come",
    ],
)
def test_diff_asks_for_a_wait_when_the_store_changes(
    host: Host, store: str, emulator: Emulator, changes: dict[str, Any], changed: int, replaces: list[str]
) -> None:
    """It finds no change before that, and sends no request."""
    outputs = {name: value for name, value in inputs(store).items() if name != "_urn"}
    difference = host.diff(store, outputs, inputs(store, **changes))
    assert (difference.changes, list(difference.replaces)) == (changed, replaces)
    assert emulator.requests == []


def test_check_keeps_what_a_wait_needs(host: Host, store: str) -> None:
    """It drops whether the store is declared on; values that are not known yet pass."""
    assert host.check(inputs(store, _on=True)) == ({k: v for k, v in inputs(store).items() if k not in THIS}, [])
    unknown = inputs(UNKNOWN, version=UNKNOWN, timeout=UNKNOWN, _on=UNKNOWN)
    assert host.check(unknown) == ({k: v for k, v in unknown.items() if k not in (*THIS, "_on")}, [])


def test_check_tells_every_problem_under_its_property(host: Host, store: str, emulator: Emulator) -> None:
    """Before anything is asked."""
    _, failures = host.check(inputs("nowhere", timeout="soon"))
    assert [failure.split()[0] for failure in failures] == ["integration", "timeout"]
    assert host.check(inputs(store, _on=False))[1] == [
        "integration is declared off: LaunchDarkly will not write to it. Declare it with on=True"
    ]
    assert emulator.requests == []


def test_a_store_that_somebody_turned_off_ends_the_wait(waiting: Future[Any], store: str, emulator: Emulator) -> None:
    """At the next look."""
    emulator.outside_edit(store.rsplit("/", 1)[1], {"on": False})
    with pytest.raises(grpc.RpcError) as failure:
        waiting.result()
    assert f"{sdk.ERROR}{store} is off: " in error_of(failure.value)


def test_an_integration_that_vanishes_ends_the_wait(waiting: Future[Any], store: str, emulator: Emulator) -> None:
    """At the next look."""
    emulator.remove(store.rsplit("/", 1)[1])
    with pytest.raises(grpc.RpcError) as failure:
        waiting.result()
    assert f"{sdk.ERROR}{store} is gone in LaunchDarkly" in error_of(failure.value)


def test_a_wait_ends_when_the_engine_asks_for_it(waiting: Future[Any], host: Host, store: str) -> None:
    """Pulumi's host drops the engine's Cancel: without our handling the engine would wait for the wait."""
    host.cancel()
    with pytest.raises(grpc.RpcError) as failure:
        waiting.result()
    assert error_of(failure.value).startswith(f"{sdk.ERROR}{store}: the wait was interrupted after ")


def test_a_wait_ends_when_the_engine_is_gone(waiting: Future[Any], host: Host) -> None:
    """Nobody would learn of its result."""
    host.end_engine()
    with pytest.raises(grpc.RpcError) as failure:
        waiting.result()
    assert "the wait was interrupted" in error_of(failure.value)


def test_read_and_delete_ask_for_nothing(host: Host, store: str, emulator: Emulator) -> None:
    """The state keeps that the store worked once, whether or not it works now, or exists."""
    outputs = {"integration": store, "version": 1, "timeout": "1m"}
    emulator.remove(store.rsplit("/", 1)[1])
    assert host.read(store, outputs | THIS) == (store, outputs, {})
    host.delete(store, outputs | THIS)
    assert emulator.requests == []


def test_a_store_s_secrets_are_known_to_its_wait(host: Host, store: str, source: Source) -> None:
    """Both share the run's redactor: a server that echoes the password is not quoted."""
    source.error = ERROR | {"message": f"wrong password {PASSWORD} of token {TOKEN}"}
    host.check(samples.redis())
    with pytest.raises(grpc.RpcError) as failure:
        host.create(inputs(store, timeout=1))
    told = [error_of(failure.value), *(message.text for message in host.messages)]
    assert ["wrong password [secret] of token [secret]" in text for text in told] == [True] * len(told)
    assert leaks("".join(told), PASSWORD, TOKEN) == []


@pytest.fixture
def redis_store(emulator: Emulator, source: Source) -> Iterator[tuple[str, RedisServer, str]]:
    """A store, its Redis, and the prefix of its environment."""
    with RedisServer(password=PASSWORD) as server:
        place = {"host": server.host, "port": str(server.port)}
        made = emulator.outside_create("default", "production", "redis", config=place, on=True)
        url = f"{emulator.url}/api/v2/projects/default/environments/production"
        prefix = requests.get(url, headers={"Authorization": TOKEN}, timeout=10).json()["_id"]
        source.asked.clear()
        yield f"default/production/redis/{made['_id']}", server, prefix


def test_verify_waits_for_the_marker_too(host: Host, redis_store: tuple[str, RedisServer, str], source: Source) -> None:
    """LaunchDarkly's word comes first; neither the state nor a message has the password."""
    store, server, prefix = redis_store
    source.available = True
    url = f"redis://:{quote(PASSWORD, safe='')}@{server.host}:{server.port}"
    with ThreadPoolExecutor(1) as caller, closing(redis.Redis(server.host, server.port, password=PASSWORD)) as client:
        create = caller.submit(host.create, inputs(store, verify=True, redis_url=url))
        # Of each look, and of the config: with the third time the first look is over.
        for _ in range(3):
            assert source.asked.wait(30)
            source.asked.clear()
        mark(client, prefix)
        assert create.result() == (store, {"integration": store, "version": 1, "timeout": "1m", "verify": True})
    told = f"there is no {prefix}:big_segments_synchronized_on"
    assert host.messages[0].text.endswith(f"reports the store available, but SDKs here would not find it so: {told}")
    assert leaks(str(host.messages), PASSWORD, quote(PASSWORD, safe="")) == []


def test_verify_of_a_table(host: Host, emulator: Emulator, source: Source) -> None:
    """The table and its region are LaunchDarkly's; an endpoint says where it is, unless it is Amazon's."""
    source.available = True
    with local_dynamodb() as endpoint:
        config = {"tableName": "segments", "region": REGION, "externalId": "x", "roleArn": "x"}
        made = emulator.outside_create("default", "production", "dynamodb", config=config, on=True)
        store = f"default/production/dynamodb/{made['_id']}"
        for table, told in ((None, "ResourceNotFoundException"), ("segments", "there is no ")):
            if table:
                create_table(endpoint, table, NAMESPACE, KEY)
            with pytest.raises(grpc.RpcError, match=told):
                host.create(inputs(store, verify=True, dynamodb_endpoint=endpoint, timeout=1))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verify": True}, ["redis_url is required with verify=True"]),
        ({"verify": True, "redis_url": "http://x"}, ["redis_url must be redis://"]),
        ({"verify": True, "redis_url": UNKNOWN}, []),
        ({"verify": True, "redis_url": "redis://x", "integration": UNKNOWN}, []),
        ({"verify": True, "integration": UNKNOWN}, []),
        ({"verify": UNKNOWN}, []),
        ({"verify": "yes"}, ["verify must be true or false"]),
        ({"redis_url": "redis://x", "dynamodb_endpoint": "http://x"},
         ["redis_url has no effect without verify=True", "dynamodb_endpoint has no effect without verify=True"]),
        ({"verify": True, "redis_url": "redis://x", "dynamodb_endpoint": "http://x"}, ["dynamodb_endpoint is for"]),
        ({"verify": True, "redis_url": "redis://x", "integration": "a/b/dynamodb/c"}, ["redis_url is for a Redis"]),
    ],
)  # fmt: skip
def test_where_verify_looks_is_checked(host: Host, store: str, changes: dict[str, Any], told: list[str]) -> None:
    """Before anything is waited for, as far as it is known."""
    _, failures = host.check(inputs(store, **changes))
    assert len(failures) == len(told)
    assert all(failure.startswith(beginning) for failure, beginning in zip(failures, told, strict=True)), failures


def test_what_is_only_known_later_ends_the_wait(host: Host, store: str, source: Source) -> None:
    """At once: the ID of a new store is not known when it is checked."""
    source.available = True
    with pytest.raises(grpc.RpcError, match="redis_url is required with verify=True"):
        host.create(inputs(store, verify=True))
