"""Judging what was read from a Redis. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Optional, Union

from . import layout, marker, membership
from .addresses import RedisAddress
from .checks import NO_PREFIX, Check, Unread, failed, passed, unchecked, unread_by
from .membership import Question
from .redis_facts import ELSEWHERE, NOT_ASKED, RedisFacts

FULL = 0.9
"""The part of the memory from which on it is called full."""

EVICTING = "allkeys-"
"""What the policies begin with that evict keys without an expiry, as LaunchDarkly's are."""


def judge(
    facts: RedisFacts,
    given: RedisAddress,
    prefix: Optional[str],
    last_sync: Optional[datetime],
    question: Optional[Question],
) -> Iterator[Check]:
    """All checks that only read.

    :param given: the address that LaunchDarkly has.
    :param prefix: under which LaunchDarkly writes; ``None``: not known.
    """
    yield from _of_connection(facts, given)
    if facts.is_connected:
        yield _of_topology(facts, given)
        yield marker.judge_clocks(facts.clocks)
    else:
        for name in ("topology", "clock"):
            yield unchecked(name, "the store could not be asked")
    yield _of_database(facts.address, given)
    key = layout.named(prefix or "", layout.SYNCHRONIZED_ON)
    yield marker.judge(key, facts.marker, facts.clocks)
    yield marker.judge_last_sync(facts.marker, last_sync)
    yield marker.judge_others(prefix, facts.markers)
    yield _of_reading(facts)
    yield _of_policy(facts)
    yield _of_memory(facts.info)
    yield membership.judge(question, facts.membership)


def _of_connection(facts: RedisFacts, given: RedisAddress) -> Iterator[Check]:
    address, connection = facts.address, facts.connection
    elsewhere = "" if str(address) == str(given) else f"; LaunchDarkly is given {given}"
    if connection.unreachable:
        yield failed(
            "reachable",
            f"{address}: {connection.unreachable}{elsewhere}",
            "SDKs here cannot read the store",
            "Check host and port, and what is between here and there: firewalls, security groups, name servers.",
        )
    else:
        yield passed("reachable", f"{address} takes connections{elsewhere}")
    yield _of_tls(facts, given)
    if connection.no_login:
        yield failed(
            "login",
            f"{address}: {connection.no_login}",
            "SDKs here cannot read the store",
            "Check user and password: those of --redis-url, or REDISCLI_AUTH for the password.",
        )
    elif facts.is_connected:
        yield passed("login", f"as {address.username or 'the default user'}")
    else:
        yield unchecked("login", "there is no connection")


def _of_tls(facts: RedisFacts, given: RedisAddress) -> Check:
    beside = (
        f"; LaunchDarkly connects {'with' if given.tls else 'without'} it" if facts.address.tls != given.tls else ""
    )
    if facts.connection.unreachable:
        return unchecked("tls", "there is no connection")
    if not facts.address.tls:
        return unchecked("tls", f"the connection is without TLS{beside}")
    if facts.connection.no_tls:
        return failed(
            "tls",
            f"{facts.address}: {facts.connection.no_tls}",
            "SDKs that verify certificates cannot read the store",
            "Check the certificate and its host; SSL_CERT_FILE names authorities that this machine does not trust yet.",
        )
    return passed("tls", f"this machine trusts the certificate{beside}")


def _of_topology(facts: RedisFacts, given: RedisAddress) -> Check:
    name, info = "topology", facts.info
    if isinstance(info, Unread):
        return unchecked(name, info.why)
    mode, role = str(info.get("redis_mode", "standalone")), str(info.get("role", "master"))
    if mode == "cluster" or info.get("cluster_enabled") == 1:
        return failed(
            name,
            "the server is in cluster mode",
            "most SDKs do not follow its redirections (MOVED), and a writer changes several keys at once (CROSSSLOT)",
            "Use a Redis with cluster mode disabled.",
        )
    if mode == "sentinel":
        return failed(
            name,
            "this is a Sentinel, which has no data",
            "SDKs find no segments there",
            "Give the address of the primary that the Sentinel watches.",
        )
    return _of_role(facts.address, given, info) if role != "master" else passed(name, "a single primary")


def _of_role(address: RedisAddress, given: RedisAddress, info: Mapping[str, Any]) -> Check:
    name = "topology"
    primary = f"{info.get('master_host', 'its primary')}:{info.get('master_port', '')}".removesuffix(":")
    if str(address) == str(given):
        return failed(
            name,
            f"a replica of {primary}, and LaunchDarkly is given the same address",
            "a replica refuses what LaunchDarkly writes (READONLY)",
            "Declare the primary's address; SDKs may go on reading from the replica.",
        )
    if info.get("master_link_status", "up") != "up":
        return failed(
            name,
            f"a replica that has lost its primary, {primary}",
            "what LaunchDarkly writes does not arrive here",
            "Mend the replication, or let SDKs read from the primary.",
        )
    return passed(name, f"a replica of {primary}: enough for SDKs, which only read")


def _of_database(address: RedisAddress, given: RedisAddress) -> Check:
    if address.database == given.database:
        return passed("database", f"{address.database}, the one that LaunchDarkly writes to")
    return failed(
        "database",
        f"{address.database}, not {given.database}",
        f"LaunchDarkly's config has no database number: it writes to {given.database}. SDKs only say STALE",
        f"Let SDKs read database {given.database}.",
    )


def _of_reading(facts: RedisFacts) -> Check:
    unread = facts.marker if isinstance(facts.marker, Unread) else facts.read
    if unread is None:
        return passed("read", "this user may GET the marker and SMEMBERS of a context nobody has seen before")
    why = "SDKs need GET and SMEMBERS on the keys of their prefix"
    advice = "Allow both to the user that SDKs log in as: ~PREFIX:* +get +smembers."
    if unread.code != "NOPERM":
        advice = ELSEWHERE
    return unread_by(unread, (NO_PREFIX, NOT_ASKED), why, advice)


def _of_policy(facts: RedisFacts) -> Check:
    name, policy = "eviction", facts.policy
    if isinstance(policy, Unread):
        return unchecked(name, policy.why)
    info = {} if isinstance(facts.info, Unread) else facts.info
    evicted, limit = info.get("evicted_keys"), info.get("maxmemory")
    found = policy + ("" if evicted is None else f", {evicted} {'key' if evicted == 1 else 'keys'} evicted so far")
    if not policy.startswith(EVICTING):
        return passed(name, found)
    if limit == 0:
        return passed(name, f"{found}; it evicts nothing as long as maxmemory is 0")
    return failed(
        name,
        found,
        "members of segments silently stop being members when memory is full, and SDKs say HEALTHY",
        "Set maxmemory-policy to noeviction or volatile-…: what LaunchDarkly writes has no expiry.",
    )


def _of_memory(info: Union[Mapping[str, Any], Unread]) -> Check:
    name = "memory"
    if isinstance(info, Unread):
        return unchecked(name, info.why)
    used, limit = info.get("used_memory"), info.get("maxmemory")
    if not isinstance(used, int) or not isinstance(limit, int):
        return unchecked(name, "INFO does not tell how much memory is in use")
    if limit == 0:
        return passed(name, f"{_mebibytes(used)} in use, no limit set")
    found = f"{_mebibytes(used)} of {_mebibytes(limit)} in use"
    if used < FULL * limit:
        return passed(name, found)
    return failed(
        name,
        found,
        "a full Redis refuses what LaunchDarkly writes, and SDKs say STALE; or it evicts, see the policy",
        "Give it more memory, or move what else is in it.",
    )


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"
