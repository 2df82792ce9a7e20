"""Connecting to a store as far as a socket goes, and why that fails, in words of our own."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Optional

TIMEOUT = 5.0
"""Seconds for a connection, and for each response of a store."""

# GOTCHA: the order matters, since some of these are subclasses of later ones.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "the connection was closed"),
    (BrokenPipeError, "the connection was closed"),
    (socket.gaierror, "the host name cannot be resolved"),
    (TimeoutError, f"no response in {TIMEOUT:.0f} seconds"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted, or is another host's"),
    (ssl.SSLError, "the TLS handshake failed: what listens there may not speak TLS"),
    (UnicodeError, "the host name is not valid"),
)


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


def reason(error: Optional[BaseException]) -> str:
    """Why a connection failed: clients wrap the actual cause."""
    while error is not None:
        for kind, words in _REASONS:
            if isinstance(error, kind):
                return words
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__ or error.__context__
    return "the connection broke off"
