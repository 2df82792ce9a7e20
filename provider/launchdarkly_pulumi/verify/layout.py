"""What LaunchDarkly writes into a store, and SDKs read: keys, hashes of contexts, references of segments. Pure.

As LaunchDarkly's SDKs for Python 9.20.0, Node 9.13.7 and Java 5.10.9 read it, and the Relay Proxy 8's source has it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

SYNCHRONIZED_ON = "big_segments_synchronized_on"
"""The marker's key in Redis, after the prefix and a colon."""

METADATA = "big_segments_metadata"
"""The marker's partition and sort key in DynamoDB, after the prefix and a colon."""

USERS = "big_segments_user"
"""The partition key of memberships in DynamoDB, after the prefix and a colon."""

MARKER_ATTRIBUTE = "synchronizedOn"
SETS = ("included", "excluded")
"""The attributes of a membership in DynamoDB, both string sets."""

TABLE_KEYS = (("HASH", "partition key", "namespace"), ("RANGE", "sort key", "key"))
"""The keys that a table must have, all of them strings."""

SDK_DEFAULTS = ("launchdarkly", "")
"""The prefixes that SDKs have where nobody sets one: with Redis, and with DynamoDB."""


def named(prefix: str, name: str) -> str:
    """A key's name under a prefix."""
    return f"{prefix}:{name}" if prefix else name


def prefix_of(key: str, name: str) -> str:
    """The prefix under which a key has a name: what :func:`named` makes, back."""
    return key.removesuffix(name).removesuffix(":")


def context_hash(context_key: str) -> str:
    """What stands for a context, of whatever kind."""
    digest = hashlib.sha256(context_key.encode("utf-8", "surrogateescape")).digest()
    return base64.b64encode(digest).decode()


def membership_keys(prefix: str, hash_: str) -> tuple[str, str]:
    """The keys of a context's sets in Redis: the segments that include and exclude it."""
    return named(prefix, f"big_segment_include:{hash_}"), named(prefix, f"big_segment_exclude:{hash_}")


def generations(segment: str, references: Iterable[str]) -> list[int]:
    """The generations in which references name a segment, newest first."""
    found = (re.fullmatch(rf"{re.escape(segment)}\.g([0-9]+)", reference) for reference in references)
    return sorted((int(match[1]) for match in found if match), reverse=True)
