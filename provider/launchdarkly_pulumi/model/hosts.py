"""Which hosts are this machine itself, which are private, and which are the endpoint of a cluster.

Pure: no name is looked up.

What belongs here: facts about host names and addresses. Whether a string is a host at all is in `value_rules`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Optional, Union

PRIVATE_NETWORKS = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""The networks of RFC 1918 and RFC 4193."""


PRIVATE_DOMAINS = ("local", "internal", "localhost", "test", "home.arpa")
"""Domains that the public DNS never has: those of RFC 6761, 6762 and 8375, and ICANN's ``internal``."""


_PRIVATE_NAME = re.compile(rf"[a-z][a-z0-9-]*|.+\.(?:{'|'.join(map(re.escape, PRIVATE_DOMAINS))})", re.IGNORECASE)
"""A name without a dot must begin with a letter: operating systems take a number for an address."""


_AWS = (".amazonaws.com", ".amazonaws.com.cn")
_CLUSTER_LABELS = {"clustercfg": "a cluster", "serverless": "a serverless cache"}
"""By a label of the endpoint's name: ElastiCache has both, MemoryDB the first."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_private(host: str) -> bool:
    """Whether a host is private, by its address, or by a name that is reserved or has no dot."""
    address = _address(host)
    if address is None:
        return _PRIVATE_NAME.fullmatch(host) is not None
    return any(address in network for network in PRIVATE_NETWORKS)


def is_address(host: str) -> bool:
    """Whether it is an IP address and no name."""
    return _address(host) is not None


def is_public(host: str) -> bool:
    """Whether the public internet can have such a host; special addresses, as link-local ones, are none of it."""
    address = _address(host)
    return not is_private(host) and not is_loopback(host) if address is None else address.is_global


def cluster_kind(host: str) -> Optional[str]:
    """What kind of cluster such an endpoint belongs to, by the names that AWS gives them; ``None``: to none."""
    labels = host.lower().split(".") if host.lower().endswith(_AWS) else []
    return next((kind for label, kind in _CLUSTER_LABELS.items() if label in labels), None)


def _address(host: str) -> Union[IPv4Address, IPv6Address, None]:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
