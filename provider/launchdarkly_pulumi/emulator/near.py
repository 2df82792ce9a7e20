"""Which hosts the emulator writes to: this machine, and those of a private network."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

PRIVATE_NETWORKS = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""Those of RFC 1918 and RFC 4193."""


def is_near(host: str) -> bool:
    """Whether each address of a host is loopback or private; ``OSError`` or ``ValueError`` where it has none."""
    return all(_is_near(str(info[4][0])) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))


def _is_near(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or any(address in network for network in PRIVATE_NETWORKS)
