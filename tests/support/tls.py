"""A server's side of TLS, with a certificate made for the test."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

NAME = "launchdarkly.example"
"""A host that no name server knows: only a proxy can lead there."""


class Tls:
    """Makes a certificate for 127.0.0.1 and ``NAME`` that nobody vouches for.

    :param folder: where it goes, with its key.
    """

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-x509", "-days", "2"]
        name = ["-subj", "/CN=127.0.0.1", "-addext", f"subjectAltName=IP:127.0.0.1,DNS:{NAME}"]
        files = ["-keyout", str(self.key), "-out", str(self.certificate)]
        _openssl("req", *kind, *name, *files)

    def subject_hash(self) -> str:
        """What the certificate's file is called in a folder of trusted ones."""
        return _openssl("x509", "-noout", "-subject_hash", "-in", str(self.certificate)).strip()

    def context(self) -> ssl.SSLContext:
        """For a server to wrap its socket with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def _openssl(*arguments: str) -> str:
    command = shutil.which("openssl")
    assert command, "these tests make a certificate with the openssl command"
    return subprocess.run([command, *arguments], check=True, capture_output=True, text=True).stdout
