"""Reading from a Redis as its user. Nothing is judged here, and no message quotes what a server said."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Optional, TypeVar, Union

from ..connection_errors import reason
from . import connecting, layout
from .addresses import RedisAddress
from .checks import NO_PREFIX, Unread
from .marker import Clocks, Markers
from .membership import Membership
from .redis_facts import NOT_ASKED, Connection, RedisFacts

if TYPE_CHECKING:
    import redis

SEARCH_TIME = 5.0
"""Seconds that the search for markers may take in each database."""

MOST_DATABASES = 16
KEYS_AT_ONCE = 1000

Read = TypeVar("Read")

_CODES = {
    "NoPermissionError": "NOPERM",
    "ReadOnlyError": "READONLY",
    "OutOfMemoryError": "OOM",
    "MovedError": "MOVED",
    "AskError": "ASK",
    "ClusterCrossSlotError": "CROSSSLOT",
    "BusyLoadingError": "LOADING",
    "AuthenticationError": "WRONGPASS",
    "AuthenticationWrongNumberOfArgsError": "ERR",
    "ExecAbortError": "EXECABORT",
    "MasterDownError": "MASTERDOWN",
    "ClusterDownError": "CLUSTERDOWN",
}
"""What Redis's responses begin with, which the client takes off some of its errors."""


def connect(address: RedisAddress, database: Optional[int] = None, *, single: bool = False) -> redis.Redis:
    """A client that tries once, and trusts what this machine trusts.

    :param single: with one connection, which is made at once.
    """
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis(
        host=address.host,
        port=address.port,
        db=address.database if database is None else database,
        username=address.username or None,
        password=address.password or None,
        ssl=address.tls,
        ssl_check_hostname=True,  # not the default of older versions
        socket_connect_timeout=connecting.TIMEOUT,
        socket_timeout=connecting.TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        single_connection_client=single,
    )


def read(address: RedisAddress, prefix: Optional[str], context_key: Optional[str]) -> RedisFacts:
    """Everything that can be read.

    :param prefix: under which LaunchDarkly writes; ``None``: not known.
    :param context_key: of the context whose sets are asked for.
    """
    here = Clocks(time.time(), NOT_ASKED)
    unreachable = connecting.why_unreachable(address.host, address.port)
    if unreachable:
        return RedisFacts(address, Connection(unreachable=unreachable), here)
    no_tls = connecting.why_no_tls(address.host, address.port) if address.tls else None
    if no_tls:
        return RedisFacts(address, Connection(no_tls=no_tls), here)
    with connect(address) as client:
        no_login = why_no_login(client, address)
        if no_login:
            return RedisFacts(address, Connection(no_login=no_login), here)
        info = _info(client)
        return RedisFacts(
            address,
            Connection(),
            _clocks(client),
            info=info,
            policy=_policy(client, info),
            marker=NO_PREFIX if prefix is None else marker_of(client, prefix),
            read=NO_PREFIX if prefix is None else _unread_sets(client, prefix),
            markers=_markers(address, info, prefix),
            membership=_membership(client, prefix, context_key),
        )


def why_no_login(client: redis.Redis, address: RedisAddress) -> Optional[str]:
    """Why the user cannot log in; ``None`` where it can. It need not be allowed to PING."""
    import redis

    try:
        client.ping()
    except redis.AuthenticationError as error:
        return _refused_login(error, address)
    except redis.InvalidResponse:
        return "what listens there is not Redis"
    except redis.ResponseError as error:
        return _refused_ping(error, address)
    except (redis.RedisError, OSError) as error:
        hint = "" if address.tls else "; it may want TLS"
        return f"{reason(error)}{hint}"
    return None


def _refused_ping(error: Exception, address: RedisAddress) -> Optional[str]:
    code = code_of(error)
    if "DB index" in str(error) or "SELECT" in str(error):
        return f"database {address.database} cannot be selected"
    return None if code in ("NOPERM", "MASTERDOWN") else f"it refuses PING ({code})"


def _refused_login(error: Exception, address: RedisAddress) -> str:
    if not address.password:
        return "it needs a password (NOAUTH)"
    # The second is what Redis said before version 6.
    if "without any password" in str(error) or "no password is set" in str(error):
        return "the default user has no password, and takes none"
    return f"the password{' or the user' if address.username else ''} is refused (WRONGPASS)"


def attempt(what: str, call: Callable[[], Read]) -> Union[Read, Unread]:
    """What a call gives, or why it could not be made.

    :param what: the command.
    """
    import redis

    try:
        return call()
    except redis.ResponseError as error:
        code = code_of(error)
        words = f"this user may not run {what}" if code == "NOPERM" else f"{what} is refused"
        return Unread(f"{words} ({code})", code)
    except (redis.RedisError, OSError) as error:
        return Unread(f"{what}: {reason(error)}")


def code_of(error: Exception) -> str:
    """The code at the beginning of a refusal."""
    known = _CODES.get(type(error).__name__)
    told = re.match(r"[A-Z]{2,20}\b", str(error))
    return known or (told.group() if told else "ERR")


def marker_of(client: redis.Redis, prefix: str) -> Union[str, Unread, None]:
    """The marker under a prefix, as SDKs read it."""
    found = attempt("GET", lambda: client.get(layout.named(prefix, layout.SYNCHRONIZED_ON)))
    return _text(found) if isinstance(found, bytes) else found


def _info(client: redis.Redis) -> Union[Mapping[str, Any], Unread]:
    info: Union[Mapping[str, Any], Unread] = attempt("INFO", client.info)
    if not isinstance(info, Unread):
        return info
    hello = attempt("HELLO", lambda: client.execute_command("HELLO", "2"))  # type: ignore[no-untyped-call]
    if not isinstance(hello, list):
        return info
    told = {_text(name): value for name, value in zip(hello[::2], hello[1::2], strict=False)}
    known = {"redis_mode": told.get("mode"), "role": told.get("role")}
    return {name: _text(value) for name, value in known.items() if isinstance(value, bytes)} or info


def _policy(client: redis.Redis, info: Union[Mapping[str, Any], Unread]) -> Union[str, Unread]:
    """From INFO: many services close CONFIG. Where INFO is closed, CONFIG may be open."""
    policy = None if isinstance(info, Unread) else info.get("maxmemory_policy")
    if policy:
        return str(policy)
    told = attempt("CONFIG GET", lambda: client.config_get("maxmemory-policy"))
    if isinstance(told, dict) and told:
        return str(next(iter(told.values())))
    why = told.why if isinstance(told, Unread) else "CONFIG GET has no policy"
    return Unread(f"INFO names no eviction policy to this user, and {why}")


def _clocks(client: redis.Redis) -> Clocks:
    told = attempt("TIME", client.time)
    return Clocks(time.time(), told if isinstance(told, Unread) else told[0] + told[1] / 1e6)


def _unread_sets(client: redis.Redis, prefix: str) -> Optional[Unread]:
    """Why the sets of a context that nobody has ever seen cannot be read: no cache may stand in for the store."""
    for key in layout.membership_keys(prefix, layout.context_hash(token_hex(16))):
        found = attempt("SMEMBERS", lambda key=key: client.smembers(key))  # type: ignore[misc]
        if isinstance(found, Unread):
            return found
    return None


def _membership(
    client: redis.Redis, prefix: Optional[str], context_key: Optional[str]
) -> Union[Membership, Unread, None]:
    if context_key is None or prefix is None:
        return NO_PREFIX if prefix is None else None
    sets = []
    for key in layout.membership_keys(prefix, layout.context_hash(context_key)):
        found = attempt("SMEMBERS", lambda key=key: client.smembers(key))  # type: ignore[misc]
        if isinstance(found, Unread):
            return found
        sets.append(frozenset(map(_text, found)))
    return Membership(*sets)


def _markers(
    address: RedisAddress, info: Union[Mapping[str, Any], Unread], prefix: Optional[str]
) -> Union[Markers, Unread]:
    """The markers of every database that INFO names, and of the two that count."""
    named = () if isinstance(info, Unread) else (int(n[2:]) for n in info if re.fullmatch("db[0-9]+", n))
    databases = sorted({0, address.database, *named})
    found: list[tuple[str, str]] = []
    complete, refused = len(databases) <= MOST_DATABASES, None
    for database in databases[:MOST_DATABASES]:
        with connect(address, database) as client:
            prefixes = attempt("SCAN", lambda client=client: _search(client))  # type: ignore[misc]
            if isinstance(prefixes, Unread):
                refused, complete = prefixes, False
                prefixes = _well_known(client, prefix), False
        found += [(f"database {database}", each) for each in prefixes[0]]
        complete &= prefixes[1]
    return refused if refused and not found else Markers(tuple(found), complete)


def _search(client: redis.Redis) -> tuple[list[str], bool]:
    """The prefixes of a database, and whether the whole of it was searched."""
    end, cursor, keys = time.monotonic() + SEARCH_TIME, 0, set()
    while True:
        cursor, some = client.scan(cursor, match=f"*{layout.SYNCHRONIZED_ON}", count=KEYS_AT_ONCE)
        keys |= set(map(_text, some))
        if cursor == 0 or time.monotonic() > end:
            return sorted(layout.prefix_of(key, layout.SYNCHRONIZED_ON) for key in keys), cursor == 0


def _well_known(client: redis.Redis, prefix: Optional[str]) -> list[str]:
    """Those of the likely prefixes that have a marker, where the database cannot be searched."""
    likely = [each for each in dict.fromkeys((prefix, *layout.SDK_DEFAULTS)) if each is not None]
    return [each for each in likely if isinstance(marker_of(client, each), str)]


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
