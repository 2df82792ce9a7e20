"""Which proxy the environment names for an instance. Pure.

What belongs here: what a proxy's URL may be, and when a request goes through one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import unquote, urlsplit

from ..errors import SettingsError
from ..model.hosts import is_loopback

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
"""The protocols that a proxy may speak."""


@dataclass(frozen=True)
class Proxy:
    """A proxy of the environment; as a string it is named without its credentials.

    :param url: with a scheme, and with its credentials.
    :param host: its host and port.
    :param source: where it comes from, in words.
    :param secrets: the password, as it is written and decoded, and the user with it.
    """

    url: str = field(repr=False)
    host: str
    source: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, which needs a library of its own."""
        return self.url.startswith("socks")

    def __str__(self) -> str:
        return f"the proxy {self.host} ({self.source})"


def proxy_for(base_url: str, known: Mapping[str, str], environment: Mapping[str, str]) -> Optional[Proxy]:
    """The proxy for requests to an instance; ``None`` for none.

    Plain http never goes through a proxy, which could read the token. Neither does loopback, which would be another
    machine for the proxy.

    :param known: the proxies' URLs by purpose, ``https`` or ``all``; empty where NO_PROXY names the instance.
    :param environment: the process's environment, in which the variable's name is looked up.
    :raises SettingsError: the environment names something that is not a proxy's URL.
    """
    target = urlsplit(base_url)
    purpose = next((each for each in ("https", "all") if each in known), None)
    if purpose is None or target.scheme != "https" or is_loopback(target.hostname or ""):
        return None
    same = [
        name for name in (f"{purpose}_proxy", f"{purpose}_proxy".upper()) if environment.get(name) == known[purpose]
    ]
    return _parsed(known[purpose], same[0] if same else "the system's settings")


def _parsed(text: str, source: str) -> Proxy:
    """The proxy at a URL, whose scheme may be missing.

    Credentials end at the last ``@``. A character in them that could end them earlier is refused: libraries disagree
    about it, and one might look up a part of the password as a host.
    """
    given, separator, rest = text.strip().partition("://")
    scheme, rest = (given.lower(), rest) if separator else ("http", given)
    credentials, at, place = rest.rpartition("@")
    place = re.split(r"[/?#]", place)[0]
    if scheme not in SCHEMES or re.search(r"[/?#\s]", credentials) or not _is_place(place):
        raise SettingsError(
            f"{source} is not a proxy's URL such as http://proxy.example.com:3128 or socks5h://proxy.example.com:1080; "
            "in its user and password # / ? @ % are written as %23 %2F %3F %40 %25"
        )
    password = credentials.partition(":")[2]
    # The user and the password together, since base64 of both is what is sent.
    secrets = {password, unquote(password), unquote(credentials)} if password else ()
    return Proxy(f"{scheme}://{credentials}{at}{place}", place, source, frozenset(secrets))


def _is_place(place: str) -> bool:
    from ..model.value_rules import host_problem

    try:
        parts = urlsplit(f"//{place}")
        return parts.port != 0 and host_problem(parts.hostname or "") is None
    except ValueError:
        return False
