"""Where a Redis is, and as whom to ask it. Pure; no message quotes a URL, which may hold a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ..model.value_rules import host_problem

DEFAULT_PORT = 6379
SCHEMES = {"redis": False, "rediss": True}
"""Whether it is TLS."""

EXPECTED = "must be redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE], or rediss:// for TLS"


@dataclass(frozen=True)
class RedisAddress:
    """A Redis, and the user that asks it."""

    host: str
    port: int = DEFAULT_PORT
    tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    database: int = 0

    @classmethod
    def parse(cls, url: str) -> RedisAddress:
        """Reads a URL as SDKs take it.

        :raises ValueError: with what is expected.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or DEFAULT_PORT
            queried = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        except ValueError:
            raise ValueError(EXPECTED) from None
        database = queried.pop("db", "") or parts.path.removeprefix("/") or "0"
        is_usable = parts.scheme in SCHEMES and not host_problem(host) and not queried and not parts.fragment
        if not is_usable or not (database.isascii() and database.isdigit() and len(database) < 6):
            raise ValueError(EXPECTED)
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port, SCHEMES[parts.scheme], username, password, int(database))

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> RedisAddress:
        """The address that LaunchDarkly has, without the password, which it never shows.

        :raises ValueError: LaunchDarkly has something that can be none.
        """
        host, port, username = config["host"], str(config["port"]), config["username"]
        if not isinstance(host, str) or host_problem(host) or not isinstance(username, str) or not port.isdigit():
            raise ValueError("its config has no host, port and username that can be used")
        return cls(host, int(port), config["tls_enabled"] is True, username)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
