"""What the emulator writes, as LaunchDarkly does, is what ``verify`` looks for: neither knows the other."""

from __future__ import annotations

from launchdarkly_pulumi.emulator import Emulator
from support.commands import Shell
from support.dynamodb import KEY, NAMESPACE, create_table
from support.redis_server import RedisServer
from support.samples import PASSWORD
from support.verifying import Verified, store_at, table_at, with_outcome

SEGMENTS = {"default/production/beta": ["anna"]}
QUESTION = ("--segment", "beta", "--member", "anna", "--write-probe")
ELSEWHERE = {"tls", "region", "role", "role-policy"}
"""What a Redis without TLS and a local DynamoDB have not."""


def require_passed(store: Verified) -> None:
    """Everything that can be looked at is as it should be; a context that nobody has synced is no member."""
    code, checks = store.verify("--prefix", store.prefix, *QUESTION)
    assert (code, with_outcome(checks, "failed")) == (0, set())
    assert with_outcome(checks, "not checked") <= ELSEWHERE
    assert store.failed("--segment", "beta", "--member", "bert").keys() == {"member"}


def test_a_synced_redis(emulator: Emulator, run: Shell) -> None:
    """Marker, members, and LaunchDarkly's word about both."""
    with RedisServer(password=PASSWORD) as server:
        store = store_at(server, emulator, run)
        emulator.sync(SEGMENTS)
        require_passed(store)


def test_a_synced_table(emulator: Emulator, run: Shell, endpoint: str) -> None:
    """The same with DynamoDB."""
    table = table_at(endpoint, emulator, run)
    create_table(endpoint, table.name, NAMESPACE, KEY)
    emulator.sync(SEGMENTS, dynamodb_endpoint=endpoint)
    require_passed(table)
