"""Which account a note belongs to."""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Account(NamedTuple):
    """An account as notes know it: the host, and a hash of the access token."""

    host: str
    token: str

    @classmethod
    def of(cls, host: str, access_token: str) -> Account:
        """The account of a token."""
        return cls(host, hashlib.sha256(f"launchdarkly-pulumi {access_token}".encode()).hexdigest()[:16])
