"""Why a connection to a store failed, in words of our own. Pure; both sides of the wire use it."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Optional

# GOTCHA: the order matters, since some of these are subclasses of later ones.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "the connection was closed"),
    (BrokenPipeError, "the connection was closed"),
    (socket.gaierror, "the host name cannot be resolved"),
    (TimeoutError, "no response in time"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted, or is another host's"),
    (ssl.SSLError, "the TLS handshake failed: what listens there may not speak TLS"),
    (ValueError, "the host name is not valid"),
)


def reason(error: Optional[BaseException]) -> str:
    """Why a connection failed: clients wrap the actual cause.

    :param error: what Python, or the client of a store, has raised.
    """
    while error is not None:
        for kind, words in _REASONS:
            if isinstance(error, kind):
                return words
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__ or error.__context__
    return "the connection broke off"
