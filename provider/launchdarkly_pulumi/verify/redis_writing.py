"""Writing to a Redis as LaunchDarkly's user, with the commands that a writer needs, to keys of our own."""

from __future__ import annotations

from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from . import connecting, layout
from .addresses import RedisAddress
from .checks import Check, Unread, failed, passed, unchecked
from .redis_facts import ELSEWHERE
from .redis_reading import attempt, connect, why_no_login

if TYPE_CHECKING:
    import redis

NAME = "write"
EXPIRY = 60
"""Seconds, after which the key of the probe expires whatever happens. Its set is emptied by what makes it."""

NOT_ASKED = unchecked(NAME, "nothing was written", "Give --write-probe to write a key that expires after a minute.")

_RIGHTS = "Allow LaunchDarkly's user GET SET SADD SREM DEL MULTI EXEC WATCH UNWATCH on the keys of the prefix."
_ADVICE = {
    "NOPERM": _RIGHTS,
    "EXECABORT": _RIGHTS,
    "READONLY": "Declare the primary's address: this one is a replica.",
    "OOM": "Give the Redis more memory, or move what else is in it.",
    "MOVED": "Use a Redis with cluster mode disabled.",
    "CROSSSLOT": "Use a Redis with cluster mode disabled.",
}


def probe(address: RedisAddress, username: str, password: str, prefix: str) -> Check:
    """Writes, and takes away what it wrote.

    :param address: where the store is reached from here.
    :param username: the user that LaunchDarkly is given.
    :param prefix: under which LaunchDarkly writes.
    """
    whom = replace(address, username=username, password=password, database=0)
    unreachable = connecting.why_unreachable(address.host, address.port)
    if unreachable:
        return unchecked(NAME, "the store could not be asked")
    with connect(whom) as client:
        no_login = why_no_login(client, whom)
    if no_login:
        return _refused(f"as {username or 'the default user'}: {no_login}", "Check the user and the password.")
    with connect(whom, single=True) as client:
        return _written(client, layout.named(prefix, f"launchdarkly-pulumi-verify:{token_hex(8)}"), username)


def _written(client: redis.Redis, key: str, username: str) -> Check:
    for command in _commands(key):
        outcome = attempt(command[0], lambda command=command: _sent(client, *command))  # type: ignore[misc]
        if isinstance(outcome, Unread):
            return _refused(outcome.why, _ADVICE.get(outcome.code, ELSEWHERE))
    whom = username or "the default user"
    return passed(NAME, f"{whom} may do what a writer needs; the key that was written is deleted")


def _commands(key: str) -> list[tuple[str, ...]]:
    members = f"{key}:set"
    return [
        ("SET", key, "1", "EX", str(EXPIRY)),
        ("GET", key),
        ("WATCH", key),
        ("MULTI",),
        ("SADD", members, "probe.g1"),
        ("SREM", members, "probe.g1"),
        ("EXEC",),
        ("UNWATCH",),
        ("DEL", key),
    ]


def _sent(client: redis.Redis, *command: str) -> Any:
    """The response to one command, all on one connection: the client's own transactions do not say what was refused."""
    connection: Any = client.connection
    connection.send_command(*command)
    return connection.read_response()


def _refused(found: str, advice: str) -> Check:
    return failed(NAME, found, "LaunchDarkly's user cannot keep the segments up to date", advice)
