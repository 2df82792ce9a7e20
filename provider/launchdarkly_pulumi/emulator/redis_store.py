"""Big segments in a Redis, written as LaunchDarkly's Relay Proxy writes them. Needs ``redis``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..connection_errors import reason
from .segments import Patch
from .status import REFUSED, UNREACHABLE, StoreError, address, missing_client

COMMANDS = ("GET", "SET", "SADD", "SREM", "MULTI", "EXEC", "WATCH")
"""All that is sent, but for the credentials: a user who may do no more, not even PING, can have a working store."""

CLUSTER = ("CROSSSLOT", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN")

_CODE = re.compile(r"(?:.* caused error: )?([A-Z]{2,20})\b", re.DOTALL)
_COMMAND = re.compile(r"'([a-z]+)(?:\|[a-z]+)?' command")


class RedisStore:
    """The big segments of one environment in one Redis, database 0.

    Certificates are verified; ``SSL_CERT_FILE`` in the environment names the authorities to trust.
    """

    batch = 1000

    def __init__(self, config: Mapping[str, Any], prefix: str, timeout: float) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ModuleNotFoundError as error:
            raise missing_client("redis") from error
        self._redis = redis
        self._config = config
        self._prefix = prefix
        self._place = f"Redis at {address(config['host'], int(config['port']))}"
        self._client = redis.Redis(
            host=config["host"],
            port=int(config["port"]),
            username=config["username"] or None,
            password=config["password"] or None,
            ssl=config["tlsEnabled"],
            ssl_check_hostname=True,  # not the default of older versions
            socket_connect_timeout=timeout,
            socket_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    def cursor(self) -> str | None:
        """Which patch was the last one; ``None`` where there was none."""
        return self._get("big_segments_cursor")

    def apply(self, patch: Patch | None, before: str | None, after: str) -> None:
        """Write a patch, all or nothing, and the cursor; without a patch the cursor alone."""
        lock, cursor = f"{self._prefix}:big_segments_lock", f"{self._prefix}:big_segments_cursor"
        with self._reported(), self._client.pipeline() as pipeline:
            pipeline.watch(lock)  # type: ignore[no-untyped-call]
            if pipeline.get(cursor) != (None if before is None else before.encode()):
                raise self._redis.WatchError
            pipeline.multi()
            pipeline.set(lock, "")
            pipeline.set(cursor, after)
            if patch is not None:
                change = pipeline.sadd if patch.adds else pipeline.srem
                for each in patch.hashes:
                    change(f"{self._prefix}:big_segment_{patch.kind}:{each}", patch.reference)
            pipeline.execute()

    def mark(self, now: int) -> None:
        """Write the marker: everything is as it was at this time, in milliseconds."""
        with self._reported():
            self._client.set(f"{self._prefix}:big_segments_synchronized_on", str(now))

    def marker(self) -> str | None:
        """The marker as it is in the store."""
        return self._get("big_segments_synchronized_on")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, name: str) -> str | None:
        with self._reported():
            value = self._client.get(f"{self._prefix}:{name}")
        assert value is None or isinstance(value, bytes)  # noqa: S101 - it is no asynchronous client
        return None if value is None else value.decode("utf-8", "replace")

    @contextmanager
    def _reported(self) -> Iterator[None]:
        redis = self._redis
        try:
            yield
        except redis.AuthenticationError as error:
            raise StoreError(REFUSED, _refused_password(error, self._config)) from error
        except redis.BusyLoadingError as error:
            raise StoreError(UNREACHABLE, f"{self._place} is still loading its data (LOADING)") from error
        except redis.InvalidResponse as error:
            raise StoreError(UNREACHABLE, f"{self._place}: what answers there is not Redis") from error
        except redis.WatchError as error:
            raise StoreError(REFUSED, f"{self._place}: somebody else writes big segments there, too") from error
        except redis.ResponseError as error:
            raise StoreError(REFUSED, f"{self._place} {_refusal(error)}") from error
        except (redis.RedisError, OSError, ValueError) as error:
            tls = " with TLS" if self._config["tlsEnabled"] else ""
            message = f"Could not connect to {self._place}{tls}: {reason(error)}"
            raise StoreError(UNREACHABLE, message) from error


def _refused_password(error: Exception, config: Mapping[str, Any]) -> str:
    if not config["password"] and not config["username"]:
        return "Redis requires a password (NOAUTH)"
    # The second is what Redis said before version 6.
    if "without any password" in str(error) or "no password is set" in str(error):
        return "Redis refused the password: its default user has none"
    username = " or the username" if config["username"] else ""
    return f"Redis refused the password{username} (WRONGPASS)"


def _refusal(error: Exception) -> str:
    """Why a command was refused. The client takes the code off an error that it has a class for."""
    kind, found = type(error).__name__, _CODE.match(str(error))
    code = found[1] if found else kind
    if kind == "NoPermissionError" or code == "NOPERM":
        command = _COMMAND.search(str(error))
        name = command[1].upper() if command else ""
        return f"lets this user not {name if name in COMMANDS else 'write these keys'} (NOPERM)"
    if kind == "ReadOnlyError" or code == "READONLY":
        return "is a replica, which takes no writes (READONLY)"
    if kind == "OutOfMemoryError" or code == "OOM":
        return "is full: it takes no writes until there is memory (OOM)"
    # GOTCHA: the client's classes for these are named otherwise than the codes.
    if code in CLUSTER or "Cluster" in kind or kind in ("MovedError", "AskError", "TryAgainError"):
        return "is a cluster, which cannot be written to as one server"
    return f"refused a write ({code})"
