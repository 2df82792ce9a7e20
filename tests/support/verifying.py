"""Running ``verify``, and what its checks come to."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import redis

import launchdarkly_pulumi
from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing
from support.commands import Shell
from support.dynamodb import aws_client
from support.redis_server import RedisServer
from support.samples import PASSWORD
from support.segments import hashed, now

TABLE_NUMBERS = itertools.count(1)


def status_of(document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
    """LaunchDarkly's word: it has synchronized the store just now, unless the name says otherwise."""
    name = document["name"]
    error = {"statusCode": 503, "message": "connection refused", "timestamp": now()}
    return {
        "available": document["on"] and name != "Down",
        "potentiallyStale": name == "Stale",
        "lastSync": 0 if name == "Never" else now(),
        "lastError": 0,
        "errors": [error] if name == "Down" else [],
    }


@dataclass
class Verified:
    """An integration to verify.

    :param prefix: the client-side ID of its environment.
    :param place: the options that say where it is.
    """

    run: Shell
    emulator: Emulator
    id: str
    prefix: str
    place: tuple[str, ...] = ()

    def verify(self, *arguments: str, place: tuple[str, ...] | None = None) -> tuple[int, dict[str, dict[str, str]]]:
        """The exit code, and each check by its name."""
        done = self.run("verify", self.id, "--json", *(self.place if place is None else place), *arguments)
        assert done.errors == ""
        checks = json.loads(done.output)["checks"]
        assert all(check["found"] for check in checks)
        return done.code, {check["name"]: check for check in checks}

    def failed(self, *arguments: str, place: tuple[str, ...] | None = None) -> dict[str, str]:
        """What was found by the checks that failed; each says why it matters, and what to do."""
        code, checks = self.verify(*arguments, place=place)
        failed = {name: check for name, check in checks.items() if check["outcome"] == "failed"}
        assert code == (1 if failed else 0)
        assert all(check["why"] and check["advice"] for check in failed.values())
        return {name: check["found"] for name, check in failed.items()}


def with_outcome(checks: dict[str, dict[str, str]], outcome: str) -> set[str]:
    """The names of the checks that ended so."""
    return {name for name, check in checks.items() if check["outcome"] == outcome}


class RedisStore(Verified):
    """An integration, and the Redis that it names."""

    server: RedisServer

    @property
    def client(self) -> redis.Redis:
        """One of the test's own, which may do everything."""
        return redis.Redis(self.server.host, self.server.port, password=PASSWORD)

    def at(self, user: str = "", password: str = PASSWORD, database: int = 0, scheme: str = "redis") -> tuple[str, str]:
        """Where SDKs read, and as whom."""
        login = f"{user}:{quote(password, safe='')}@" if password or user else ""
        return "--redis-url", f"{scheme}://{login}{self.server.host}:{self.server.port}/{database}"


def store_at(server: RedisServer, emulator: Emulator, run: Shell) -> RedisStore:
    """An integration that names a Redis."""
    config = {"host": server.host, "port": server.port, "tls_enabled": server.tls is not None, "username": ""}
    id_ = existing(emulator, samples.redis(config=config))
    made = RedisStore(run, emulator, id_, launchdarkly_pulumi.get_environment("default", "production").client_side_id)
    made.server = server
    made.place = made.at()
    return made


class Table(Verified):
    """An integration, and the table that it names."""

    endpoint: str
    name: str

    def put(self, namespace: str, key: str, **attributes: Any) -> None:
        """Writes an item, by hand."""
        item = {"namespace": {"S": namespace}, "key": {"S": key}, **attributes}
        with aws_client(self.endpoint) as client:
            client.put_item(TableName=self.name, Item=item)

    def mark(self, value: dict[str, str] | None = None, prefix: str | None = None) -> None:
        """Writes the marker: the present, unless there is a value."""
        name = f"{prefix}:big_segments_metadata" if prefix != "" else "big_segments_metadata"
        self.put(name, name, synchronizedOn=value or {"N": str(now())})

    def member(self, context_key: str, **sets: Any) -> None:
        """Writes what a context is included in and excluded from."""
        self.put(f"{self.prefix}:big_segments_user", hashed(context_key), **sets)


def table_at(endpoint: str, emulator: Emulator, run: Shell, **config: Any) -> Table:
    """An integration that names a table, which is yet to be made."""
    name = f"big-segments-{next(TABLE_NUMBERS)}"
    id_ = existing(emulator, samples.dynamodb(on=True, config={"table_name": name, **config}))
    prefix = launchdarkly_pulumi.get_environment("default", "production").client_side_id
    made = Table(run, emulator, id_, prefix, ("--dynamodb-endpoint", endpoint))
    made.endpoint, made.name = endpoint, name
    return made
