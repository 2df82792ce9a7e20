"""A server's side of TLS, with a certificate made for the test."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path


class Tls:
    """Makes a certificate for 127.0.0.1 that nobody vouches for.

    :param folder: where it goes, with its key.
    """

    def __init__(self, folder: Path) -> None:
        openssl = shutil.which("openssl")
        assert openssl, "these tests make a certificate with the openssl command"
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-x509", "-days", "2"]
        name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(self.key), "-out", str(self.certificate)]
        subprocess.run([openssl, "req", *kind, *name, *files], check=True, capture_output=True)

    def context(self) -> ssl.SSLContext:
        """For a server to wrap its socket with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context
