"""Connecting to a store as far as a socket goes, and why that fails, in words of our own."""

from __future__ import annotations

import socket
import ssl
from typing import Optional

from ..connection_errors import reason

TIMEOUT = 5.0
"""Seconds for a connection, and for each response of a store."""


def why_unreachable(host: str, port: int) -> Optional[str]:
    """Why there is no connection; ``None`` where there is one."""
    try:
        socket.create_connection((host, port), TIMEOUT).close()
    except (OSError, UnicodeError) as error:
        return reason(error)
    return None


def why_no_tls(host: str, port: int) -> Optional[str]:
    """Why TLS fails; ``None`` where it works, and this machine trusts the certificate."""
    try:
        with socket.create_connection((host, port), TIMEOUT) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=host).close()
    except (OSError, UnicodeError) as error:
        return reason(error)
    return None
