"""What ``verify`` makes of what it has read, where no server of the other tests gives it."""

from __future__ import annotations

import dataclasses
import traceback
from typing import Any

import pytest

from launchdarkly_pulumi.verify import dynamodb_judging, layout, marker, policies, redis_judging
from launchdarkly_pulumi.verify.addresses import RedisAddress
from launchdarkly_pulumi.verify.checks import Check, Unread
from launchdarkly_pulumi.verify.dynamodb_facts import DynamoDBFacts, Role, Table
from launchdarkly_pulumi.verify.marker import Clocks, Markers
from launchdarkly_pulumi.verify.redis_facts import Connection, RedisFacts
from support import samples

NOW = 1_795_862_400.0
ADDRESS = RedisAddress("redis.example.com")
PREFIX = "57c0ffee57c0ffee57c0ffee"
INFO = {"redis_mode": "standalone", "role": "master", "used_memory": 1, "maxmemory": 0, "evicted_keys": 0}


def judged(name: str, **facts: Any) -> Check:
    """One check of a Redis."""
    healthy = RedisFacts(
        ADDRESS,
        Connection(),
        Clocks(NOW, NOW),
        info=INFO,
        policy="noeviction",
        marker=f"{NOW * 1000:.0f}",
        read=None,
        markers=Markers((("database 0", PREFIX),), complete=True),
    )
    found = redis_judging.judge(dataclasses.replace(healthy, **facts), ADDRESS, PREFIX, None, None)
    [check] = [check for check in found if check.name == name]
    return check


@pytest.mark.parametrize(
    ("name", "facts", "told"),
    [
        ("topology", {"info": INFO | {"redis_mode": "sentinel"}}, "failed: this is a Sentinel, which has no data"),
        ("topology", {"info": INFO | {"cluster_enabled": 1}}, "failed: the server is in cluster mode"),
        (
            "topology",
            {"info": INFO | {"role": "slave", "master_host": "a", "master_port": 1, "master_link_status": "down"},
             "address": RedisAddress("replica.example.com")},
            "failed: a replica that has lost its primary, a:1",
        ),
        ("topology", {"info": Unread("closed")}, "not checked: closed"),
        ("clock", {"clocks": Clocks(NOW, NOW - 61)}, "failed: this machine's is 1m 1s ahead of the store's"),
        ("clock", {"clocks": Clocks(NOW, NOW + 90000)}, "failed: this machine's is 1d 1h behind the store's"),
        ("marker", {"marker": "9" * 18}, "failed: 1000000000000000 s after 1970, under "),
        ("marker", {"marker": ""}, f"failed: {PREFIX}:big_segments_synchronized_on is not in plain digits"),
        ("marker", {"marker": "١٧٩٥"}, f"failed: {PREFIX}:big_segments_synchronized_on is not in plain digits"),
        ("prefixes-in-use", {"markers": Markers((), complete=False)}, "not checked: no marker was found, but"),
        (
            "prefixes-in-use",
            {"markers": Markers(tuple(("database 0", f"p{n}") for n in range(7)), complete=True)},
            "failed: markers are under p0 in database 0, under p1 in database 0, under p2 in database 0, under p3 in "
            "database 0, under p4 in database 0, and 2 more, and none under 57c0",
        ),
        ("memory", {"info": {"role": "master"}}, "not checked: INFO does not tell how much memory is in use"),
        ("memory", {"info": INFO | {"used_memory": 95, "maxmemory": 100}}, "failed: 0.0 MiB of 0.0 MiB in use"),
        ("eviction", {"policy": "allkeys-lfu", "info": Unread("closed")}, "failed: allkeys-lfu"),
    ],
)  # fmt: skip
def test_what_a_redis_comes_to(name: str, facts: dict[str, Any], told: str) -> None:
    """One line for each."""
    check = judged(name, **facts)
    assert f"{check.outcome.value}: {check.found}".startswith(told)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://redis", RedisAddress("redis")),
        (
            "rediss://sdk:p%40ss@redis.example.com:6380/2",
            RedisAddress("redis.example.com", 6380, True, "sdk", "p@ss", 2),
        ),
        ("redis://:word@10.0.0.1", RedisAddress("10.0.0.1", password="word")),
        ("redis://[::1]:7000?db=3", RedisAddress("::1", 7000, database=3)),
    ],
)
def test_a_url(url: str, address: RedisAddress) -> None:
    """As SDKs take it; the password is in no representation."""
    assert RedisAddress.parse(url) == address
    assert "word" not in repr(RedisAddress.parse("redis://:word@redis"))


@pytest.mark.parametrize(
    "url", ["", "redis", "unix:///tmp/redis", "redis://", "redis://redis:0x1", "redis://redis/-1", "redis://redis/1e3",
            "redis://redis/١", "redis://redis?db=x", "redis://redis?timeout=1", "redis://redis#1",
            "redis://[::1", "redis://a b", "redis://redis/one", "redis://:wo#rd@redis", "redis://:wo/rd@redis"]
)  # fmt: skip
def test_what_is_no_url_of_a_redis(url: str) -> None:
    """The message has nothing of it: Python's own quotes the beginning of a password with ``#`` or ``/`` in it."""
    with pytest.raises(ValueError, match=r"^must be redis://\[USER\[:PASSWORD\]@\]HOST") as told:
        RedisAddress.parse(url)
    assert "as 'wo'" not in "".join(traceback.format_exception(told.value))


def test_references_of_a_segment() -> None:
    """Only whole keys count, and only numbers as generations."""
    references = ["beta.g1", "beta.g10", "beta.g2", "beta.g", "beta.gx", "alphabeta.g3", "betaXg4", "beta.g5.g6"]
    assert layout.generations("beta", references) == [10, 2, 1]
    assert layout.generations("beta.g5", references) == [6]


def test_durations() -> None:
    """In the two largest units."""
    shown = {0: "0s", 59.6: "1m", 3599: "59m 59s", 3601: "1h 1s", 200_000: "2d 7h"}
    assert {seconds: marker.duration(seconds) for seconds in shown} == shown


CONFIG = samples.dynamodb()["config"]
PRINCIPAL = "arn:aws:iam::111122223333:root"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/big-segments"
KEYS = {"HASH": ("namespace", "S"), "RANGE": ("key", "S")}


def judged_table(name: str, **facts: Any) -> str:
    """One check of a table."""
    found = dynamodb_judging.judge(DynamoDBFacts("table t", **facts), CONFIG, PREFIX, None, None)
    [check] = [check for check in found if check.name == name]
    return f"{check.outcome.value}: {check.found}"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (KEYS, "passed: partition key namespace (S), sort key key (S)"),
        (KEYS | {"RANGE": ("key", "N")}, "failed: its sort key must be key (S), not key (N)"),
        (
            {"HASH": ("key", "S"), "RANGE": ("namespace", "S")},
            "failed: its partition key must be namespace (S), not key (S); its sort key must be key (S), not "
            "namespace (S)",
        ),
    ],
)
def test_the_keys_of_a_table(keys: dict[str, tuple[str, str]], told: str) -> None:
    """Names, roles and types."""
    assert judged_table("keys", table=Table("ACTIVE", TABLE, keys)) == told


def test_a_table_that_is_being_made() -> None:
    """It cannot be read yet."""
    assert judged_table("table", table=Table("CREATING", TABLE, KEYS)) == "failed: it is CREATING"


def trust(principal: Any, external_id: Any = None, **changes: Any) -> dict[str, Any]:
    """A statement of a trust policy."""
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **condition, **changes}


OURS = CONFIG["external_id"]
ALIEN = "failed: another account may assume it without an external ID"
NO_ID = "failed: no statement of its trust policy has the external ID of the config"


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (trust({"AWS": PRINCIPAL}, OURS), f"passed: {PRINCIPAL} may assume it"),
        (
            [trust({"AWS": [PRINCIPAL, "444455556666"]}, ["x", OURS])],
            f"passed: 444455556666, {PRINCIPAL} may assume it",
        ),
        ([trust({"AWS": PRINCIPAL}, OURS, Action=["sts:*"])], "passed: "),
        ([trust({"AWS": PRINCIPAL}, OURS), trust({"Service": "lambda.amazonaws.com"})], "passed: "),
        ([trust({"AWS": PRINCIPAL}, OURS), trust({"AWS": "arn:aws:iam::123456789012:user/me"})], "passed: "),
        ([trust({"AWS": PRINCIPAL}, OURS), trust({"AWS": "123456789012"})], "passed: "),
        ([trust({"AWS": PRINCIPAL}, "00000000-0000-0000-0000-000000000000")], NO_ID),
        ([trust({"AWS": "arn:aws:iam::123456789012:root"})], NO_ID),
        ([trust({"AWS": PRINCIPAL}, OURS, Effect="Deny")], NO_ID),
        ([trust({"AWS": PRINCIPAL}, OURS, Action="sts:TagSession")], NO_ID),
        ([], NO_ID),
        ([trust({"AWS": PRINCIPAL})], ALIEN),
        ([trust("*")], ALIEN),
        ([trust({"AWS": PRINCIPAL}, OURS), trust({"AWS": "*"})], ALIEN),
    ],
)
def test_who_may_assume_a_role(statements: Any, told: str) -> None:
    """By its trust policy."""
    role = Role({"Version": "2012-10-17", "Statement": statements}, [])
    assert judged_table("role", role=role).startswith(told)


def allow(actions: Any, resources: Any = TABLE, **changes: Any) -> dict[str, Any]:
    """A policy of one statement."""
    return {"Statement": {"Effect": "Allow", "Action": actions, "Resource": resources, **changes}}


@pytest.mark.parametrize(
    ("documents", "allowed"),
    [
        ([allow("dynamodb:GetItem")], True),
        ([allow("DynamoDB:getitem")], True),
        ([allow(["dynamodb:Put*", "dynamodb:Get?tem"], ["x", "arn:aws:dynamodb:*:123456789012:table/big-*"])], True),
        ([allow("*", "*")], True),
        ([allow("dynamodb:GetItem", TABLE.upper())], False),
        ([allow("dynamodb:GetItem", f"{TABLE}/index/*")], False),
        ([allow("dynamodb:[GP]etItem")], False),
        ([allow("dynamodb:PutItem")], False),
        ([], False),
        ([allow("*", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})], None),
        ([allow("*", "*"), allow("dynamodb:*", Effect="Deny")], False),
        ([allow("*", "*"), allow("dynamodb:*", Effect="Deny", Condition={"Bool": {"x": "y"}})], None),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "dynamodb:Delete*", "Resource": TABLE}]}], True),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "dynamodb:Get*", "Resource": TABLE}]}], False),
        ([{"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": TABLE}]}], False),
    ],
)
def test_what_policies_allow(documents: list[dict[str, Any]], allowed: bool | None) -> None:
    """An explicit refusal wins; conditions leave it open."""
    assert policies.is_allowed(documents, "dynamodb:GetItem", TABLE) is allowed


@pytest.mark.parametrize(
    ("documents", "told"),
    [
        ([allow("dynamodb:*")], "passed: its policies allow what LaunchDarkly documents for a writer"),
        ([allow("dynamodb:*", "other")], "failed: it may not GetItem, Query, PutItem, UpdateItem, DeleteItem, Batch"),
        ([allow("dynamodb:*", Condition={"x": {"y": "z"}})], "not checked: whether it may GetItem, Query, "),
        (Unread("closed"), "not checked: closed"),
    ],
)
def test_the_rights_of_a_role(documents: Any, told: str) -> None:
    """On this table."""
    found = judged_table("role-policy", role=Role({}, documents), table=Table("ACTIVE", TABLE, KEYS))
    assert found.startswith(told)
