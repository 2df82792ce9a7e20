"""What ``validation.check`` refuses, what it lets pass, and the form in which it hands inputs on."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.dynamic import codec, messages
from launchdarkly_pulumi.dynamic.hidden_inputs import IGNORED, MARKED_SECRETS
from launchdarkly_pulumi.model import validation, value_rules
from launchdarkly_pulumi.model.fields import (
    CONFIG_FIELDS,
    INTEGRATION_FIELDS,
    REGIONS,
    UNKNOWN,
    Field,
    Format,
    is_unknown,
)
from launchdarkly_pulumi.model.validation import Failure
from support import hostile

HUGE = "x" * 10_000_000
SECRET = "s3cr3t-hunter2"


class Checked(NamedTuple):
    """What the check makes of inputs."""

    inputs: dict[str, Any]
    failures: list[Failure]
    warnings: list[str]


def check(inputs: Mapping[str, Any], stored: Mapping[str, Any] = MappingProxyType({})) -> Checked:
    """Checks inputs of a dynamic resource."""
    desired, failures, warnings = validation.check(codec.desired_of(inputs), stored)
    return Checked(codec.inputs_of(desired, inputs), failures, warnings)


def redis(**config: Any) -> dict[str, Any]:
    """Valid inputs of a Redis store, with the given config fields changed or added."""
    base = {"host": "redis.example.com", "port": 6379.0, "username": "ld", "password": SECRET, "tls_enabled": True}
    return {
        "project_key": "default",
        "environment_key": "production",
        "name": "Production Redis",
        "on": True,
        "tags": ["managed-by-pulumi", "team:store"],
        "config": {**base, **config},
    }


def dynamodb(**config: Any) -> dict[str, Any]:
    """Valid inputs of a DynamoDB store, with the given config fields changed or added."""
    base = {
        "table_name": "segments",
        "region": "eu-west-1",
        "external_id": "1b671a64-40d5-491e-b99b-0a4ec6bd1f0a",
        "role_arn": "arn:aws:iam::123456789012:role/launchdarkly",
    }
    return {"project_key": "default", "environment_key": "production", "config": {**base, **config}}


def with_value(name: str, value: Any) -> dict[str, Any]:
    """Valid inputs with one field, ``tags`` or ``config.region``, set to the value."""
    if not name.startswith("config."):
        return {**redis(), name: value}
    field = name.removeprefix("config.")
    return dynamodb(**{field: value}) if field in dynamodb()["config"] else redis(**{field: value})


def properties(failures: list[Failure]) -> list[str]:
    """Where the failures are."""
    return [failure.property for failure in failures]


VALID: dict[str, list[Any]] = {
    "project_key": ["default", "a", "7", "a.b_c-D", "x" * 256],
    "environment_key": ["production", "0.9"],
    "integration_key": ["redis", None],
    "name": ["Production Redis", " padded ", "Größe 🚀", "שלום", "x" * 256, None],
    "on": [True, False, None],
    "tags": [[], ["a"], ("a", "b"), ["two words"], ["A", "a"], ["x" * 64], ["🚀"], None],
    "config.host": [
        "redis.example.com",
        "REDIS.example.com.",
        "localhost",
        "my_redis-1",
        "10.0.0.1",
        "xn--bcher-kva.example",
        "::1",
        "2001:db8::1",
        "a" * 63 + ".example",
        ".".join(["a" * 49] * 5) + ".aa",
        "3com.example",
        "redis--1.example",
    ],
    "config.port": [1, 1.0, 6379, 6379.0, 65535.0, "1", "6379", "06379", "65535", None],
    "config.username": ["", "default", "Größe", "x" * 4096, None],
    "config.password": ["", "päss wörd", "tab\tand\x1bescape", "\u202e", " ", "x" * 4096, None],
    "config.tls_enabled": [True, False, None],
    "config.table_name": ["segments", "launch.darkly_Segments-1"],
    "config.region": [*REGIONS, "us-gov-west-1", "cn-north-1", "ap-southeast-7", "us-isob-east-1"],
    "config.external_id": ["1b671a64-40d5-491e-b99b-0a4ec6bd1f0a", "1B671A64-40D5-491E-B99B-0A4EC6BD1F0A"],
    "config.role_arn": [
        "arn:aws:iam::123456789012:role/launchdarkly",
        "arn:aws:iam::123456789012:role/service/ld/store+x=y,z.a@b-c_d",
        "arn:aws-cn:iam::123456789012:role/ld",
        "arn:aws-us-gov:iam::123456789012:role/ld",
    ],
}

INVALID: dict[str, list[Any]] = {
    "project_key": ["", ".", "..", "-a", "a b", "a/b", "a\n", "é", "٣", "x" * 257, HUGE, 1.0, True, [], {}],
    "environment_key": ["", "_a", "a\x00", "a\u202e", "\ud800", math.nan],
    "integration_key": ["mongodb", "", "Redis", "redis\n", 1.0, [], {}],
    "name": ["", " ", "\t", "a\x00", "a\nb", "a\x85", "a\u2028", "a\u202eb", "\u200f", "\ud800", "x" * 257, HUGE, 1.0],
    "on": ["true", "False", "yes", "", 1.0, 0.0, [], {}, HUGE],
    "tags": ["a", "", {}, {"a": "b"}, 1.0, True, HUGE],
    "config.host": [
        "",
        " ",
        " redis.example.com",
        "redis.example.com\n",
        "redis://redis.example.com",
        "redis.example.com:6379",
        "redis.example.com:",
        "[::1]",
        "[::1]:6379",
        "::1%eth0",
        ":::",
        "user@redis.example.com",
        "redis.example.com/0",
        "redis.example.com?db=1",
        "redis.example.com#0",
        "a,b",
        "a*b",
        "a\x00b",
        "a\x85b",
        "bücher.example",
        "a\u202eb",
        "\ud800",
        ".",
        ".a",
        "a..b",
        "a...",
        "-a.example",
        "a-.example",
        "a" * 64 + ".example",
        ".".join(["a" * 49] * 5) + ".aaaa",
        "256.1.1.1",
        "010.0.0.1",
        HUGE,
        1.0,
        True,
        [],
        {},
    ],
    "config.port": [
        *(0, 0.0, -1.0, 65536, 70000.0, 6379.5, math.nan, math.inf, -math.inf, 1e308, 10**5000),
        *("", "0", "65536", "+1", " 1", "1\n", "1.0", "0x1", "\uff16\uff13", "9" * 5000, HUGE),
        *(True, False, [], {}),
    ],
    "config.username": ["a\x00", "a\nb", "a\u2066", "\ud800", "x" * 4097, HUGE, 1.0, []],
    "config.password": ["a\x00", "a\n", "a\rb", "\ud800", "x" * 4097, HUGE, 1.0, True, [], {}],
    "config.tls_enabled": ["true", "TRUE", 1.0, "", []],
    "config.table_name": ["", " ", "a\x00", "\udfff", "x" * 4097, HUGE, 1.0, []],
    "config.region": ["", "us-east1", "US-EAST-1", "eu-west-1a", "eu-west-1\n", "1-2-3", "eu", "a" * 61, HUGE, 1.0, []],
    "config.external_id": [
        "",
        "1b671a6440d5491eb99b0a4ec6bd1f0a",
        "{1b671a64-40d5-491e-b99b-0a4ec6bd1f0a}",
        "1b671a64-40d5-491e-b99b-0a4ec6bd1f0g",
        "1b671a64-40d5-491e-b99b-0a4ec6bd1f0a\n",
        HUGE,
        1.0,
        [],
    ],
    "config.role_arn": [
        "",
        "launchdarkly",
        "arn:aws:iam::123456789012:user/launchdarkly",
        "arn:aws:iam::12345678901:role/launchdarkly",
        "arn:aws:iam:eu-west-1:123456789012:role/launchdarkly",
        "arn:aws:sts::123456789012:assumed-role/launchdarkly/session",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/a b",
        "arn:aws:iam::123456789012:role/" + "x" * 65,
        "arn:aws:iam::123456789012:role/" + "x/" * 2000 + "y",
        HUGE,
        1.0,
        [],
    ],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    """One parameter set for each value, with an ID that stays short."""
    return [
        pytest.param(name, value, id=f"{name}-{ascii(value)[:30] if type(value) is not int else hex(value)[:30]}")
        for name, values in table.items()
        for value in values
    ]


@pytest.mark.parametrize(("name", "value"), cases(VALID))
def test_valid_values_pass(name: str, value: Any) -> None:
    """A value that LaunchDarkly takes is no failure."""
    assert check(with_value(name, value)).failures == []


@pytest.mark.parametrize(("name", "value"), cases(INVALID))
def test_invalid_values_fail_under_their_property(name: str, value: Any) -> None:
    """A value that cannot be meant is one failure, under its own property, in one short line of plain text."""
    checked = check(with_value(name, value))
    assert properties(checked.failures) == [name]
    reason = checked.failures[0].reason
    assert reason.isprintable()
    assert len(reason) < 260


@pytest.mark.parametrize("field", hostile.FIELDS)
def test_no_field_takes_a_hostile_value(field: str) -> None:
    """It fails under the field, in one short line of plain text, unless somebody may mean it."""
    for case in hostile.cases():
        if case.field == field:
            failures = check(case.inputs).failures
            assert [failure.property.startswith(field) for failure in failures] == [] if case.meant else [True]
            assert all(failure.reason.isprintable() and len(failure.reason) < 260 for failure in failures)


def test_every_field_has_tables() -> None:
    """Each field of the models' table has valid and invalid values here."""
    names = {f.name for f in INTEGRATION_FIELDS}
    names |= {f"config.{f.name}" for fields in CONFIG_FIELDS.values() for f in fields}
    assert names == VALID.keys() == INVALID.keys()


def test_every_format_has_a_rule() -> None:
    """A format that is added to the models must get a rule."""
    assert value_rules.RULES.keys() == set(Format)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("project_key", None, "is required"),
        ("project_key", "", "must not be empty"),
        ("project_key", 7.0, "must be a string, not 7"),
        ("project_key", "x" * 300, "must have at most 256 characters, not 300"),
        (
            "environment_key",
            "a b",
            "must be letters, digits, '.', '_' and '-', beginning with a letter or digit, not 'a b'",
        ),
        ("integration_key", "mongodb", "must be redis or dynamodb, not 'mongodb'"),
        ("name", "a\u202eb", "must have no control or bidirectional character; U+202E is at position 2"),
        ("name", " ", "must not be empty or blank"),
        ("on", "true", "must be True or False, not the string 'true': write True without quotes"),
        ("on", 1.0, "must be True or False, not 1"),
        ("tags", "a", "must be a list of strings, not 'a'"),
        ("tags", {"a": 1.0}, "must be a list of strings, not a mapping"),
        ("config", None, "is required"),
        ("config.host", "", "must not be empty"),
        ("config.host", "h:6379", "must be the host name alone: put the port in config.port"),
        (
            "config.host",
            "rediss://h",
            "must be the host name alone, without a scheme: for TLS set config.tls_enabled",
        ),
        ("config.host", "[::1]:1", "must be an IPv6 address without brackets: put the port in config.port"),
        ("config.host", "bücher", "must be ASCII: write an internationalised name in punycode (xn--...)"),
        ("config.host", "a,b", "must be letters, digits, hyphens and dots; ',' is none of them"),
        ("config.host", "256.1.1.1", "must be a valid IPv4 address, not '256.1.1.1'"),
        ("config.port", 70000.0, "must be 1 to 65535, not 70000"),
        ("config.port", 0.5, "must be 1 to 65535, not 0.5"),
        ("config.port", math.nan, "must be 1 to 65535, not nan"),
        ("config.port", True, "must be 1 to 65535, not True"),
        ("config.port", 1e300, "must be 1 to 65535, not 1e+300"),
        pytest.param("config.port", 10**5000, "must be 1 to 65535, not a number", id="config.port-10**5000"),
        ("config.port", "9" * 61, "must be 1 to 65535, not '" + "9" * 59 + "..."),
        ("config.password", 12345.0, "must be a string, not a number"),
        ("config.password", "a\n", "must not contain a line break: strip it if the secret is read from a file"),
        (
            "config.region",
            "eu-west-1a",
            "must be an AWS region such as us-east-1, not 'eu-west-1a' (did you mean eu-west-1?)",
        ),
        (
            "config.role_arn",
            "ld",
            "must be the ARN of an IAM role, arn:aws:iam::<12 digits>:role/<name>, not 'ld'",
        ),
        ("config.external_id", "1", "must be a UUID, 8-4-4-4-12 hexadecimal digits, not '1'"),
    ],
)
def test_reasons_say_what_to_do(name: str, value: Any, reason: str) -> None:
    """A reason names the rule and, unless it could be a secret, the value."""
    assert check(with_value(name, value)).failures == [Failure(name, reason)]


def test_each_tag_fails_for_itself() -> None:
    """Failures of tags name the tag by its position; a repeated tag fails where it is repeated."""
    tags = ["a", "", "a", 1.0, None, "x" * 65, UNKNOWN, UNKNOWN, "b\x07", ["a"], " "]
    assert check({**redis(), "tags": tags}).failures == [
        Failure("tags[1]", "must not be empty or blank"),
        Failure("tags[2]", "repeats tags[0], 'a'"),
        Failure("tags[3]", "must be a string, not 1"),
        Failure("tags[4]", "must be a string, not None"),
        Failure("tags[5]", "must have at most 64 characters, not 65"),
        Failure("tags[8]", "must have no control or bidirectional character; U+0007 is at position 2"),
        Failure("tags[9]", "must be a string, not a list"),
        Failure("tags[10]", "must not be empty or blank"),
    ]


def test_everything_that_is_missing_is_reported() -> None:
    """Empty inputs fail once for each required field, in the order of the table."""
    assert check({}).failures == [
        Failure("project_key", "is required"),
        Failure("environment_key", "is required"),
        Failure("config", "is required"),
    ]


def test_all_problems_at_once_in_the_order_of_the_table() -> None:
    """One check shows every problem, however the inputs are ordered; fields that do not exist end their level."""
    inputs = {
        "config": {"zone": "b", "tls": True, "password": 1.0, "port": 0.0, "host": ""},
        "zebra": 1.0,
        "tags": ["", ""],
        "on": "yes",
        "environment_key": "/",
        "project_key": None,
        "apple": 1.0,
    }
    assert properties(check(inputs).failures) == [
        "project_key",
        "environment_key",
        "on",
        "tags[0]",
        "tags[1]",
        "apple",
        "zebra",
        "config.host",
        "config.port",
        "config.password",
        "config.tls",
        "config.zone",
    ]


@pytest.mark.parametrize("name", ["table_name", "region", "external_id", "role_arn"])
def test_required_config_fields(name: str) -> None:
    """A config field that its kind demands is missing when it is left out, and when it is None."""
    inputs = dynamodb(**{name: None})
    assert check(inputs).failures == [Failure(f"config.{name}", "is required")]
    del inputs["config"][name]
    assert check(inputs).failures == [Failure(f"config.{name}", "is required")]


# Fields that do not exist.


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("projectKey", " (did you mean project_key?)"),
        ("enviroment_key", " (did you mean environment_key?)"),
        ("tag", " (did you mean tags?)"),
        ("conf", " (did you mean config?)"),
        ("host", " (did you mean config.host?)"),
        ("tls_enabled", " (did you mean config.tls_enabled?)"),
        ("colour", ""),
    ],
)
def test_unknown_fields_fail_with_a_suggestion(name: str, meant: str) -> None:
    """A field that an integration does not have is a failure, which names the one that it looks like."""
    reason = f"is not a field of a big segment store integration{meant}"
    assert check({**redis(), name: "x"}).failures == [Failure(name, reason)]


@pytest.mark.parametrize(
    ("inputs", "name", "meant"),
    [
        (redis, "tlsEnabled", " (did you mean tls_enabled?)"),
        (redis, "tls_enable", " (did you mean tls_enabled?)"),
        (redis, "passwd", " (did you mean password?)"),
        (redis, "tls", " (did you mean tls_enabled?)"),
        (redis, "ssl", ""),
        (dynamodb, "roleArn", " (did you mean role_arn?)"),
        (dynamodb, "tablename", " (did you mean table_name?)"),
    ],
)
def test_unknown_config_fields_fail_with_a_suggestion(inputs: Any, name: str, meant: str) -> None:
    """A field that the kind of config does not have is a failure, which names the one that it looks like."""
    kind = inputs.__name__
    reason = f"is not a field of a {kind} config{meant}"
    assert check(inputs(**{name: SECRET})).failures == [Failure(f"config.{name}", reason)]


@pytest.mark.parametrize("name", ["a\x00b", "\u202e", "\ud800", "", "é", HUGE])
def test_names_of_unknown_fields_are_escaped_and_cut(name: str) -> None:
    """The name of a field that does not exist cannot forge, break or flood a message."""
    for inputs in ({**redis(), name: 1.0}, redis(**{name: 1.0})):
        (failure,) = check(inputs).failures
        assert failure.property.isprintable()
        assert len(failure.property) < 80
        failure.property.encode()


def test_pulumis_own_fields_are_dropped() -> None:
    """Names with two leading underscores are Pulumi's: no failure, and not part of the inputs."""
    assert check(redis()) == check({**redis(), "__provider": "gASV", "__internal": {"a": 1.0}})


def test_fields_set_to_none_are_not_set() -> None:
    """None means not set, also for a field that does not exist, and is not part of the inputs."""
    checked = check({**redis(username=None, hots=None), "name": None, "integration_id": None})
    assert checked.failures == []
    assert checked.inputs.keys() == {"project_key", "environment_key", "integration_key", "on", "tags", "config"}
    assert checked.inputs["config"].keys() == {"host", "port", "password", "tls_enabled"}


# The kind of config.


@pytest.mark.parametrize("config", ["", "redis", '{"password": "s3cr3t-hunter2"}', 1.0, True, [], [{}], HUGE])
def test_config_must_be_a_mapping(config: Any) -> None:
    """A config of another type fails as a whole, and is not shown: it may hold the password."""
    (failure,) = check({**redis(), "config": config}).failures
    assert failure.property == "config"
    assert failure.reason.startswith("must be a RedisConfig, a DynamoDBConfig or a mapping, not a ")
    assert SECRET not in failure.reason


@pytest.mark.parametrize("config", [{}, {"host": None}])
def test_an_empty_config_is_of_no_kind(config: dict[str, Any]) -> None:
    """Without any field the config does not say what kind of store it is."""
    reason = "is neither a redis config (host, ...) nor a dynamodb config (table_name, ...)"
    assert check({**redis(), "config": config}).failures == [Failure("config", reason)]


def test_a_config_of_misspelt_fields_is_of_no_kind() -> None:
    """Without any field that exists the kind is open, and each field is compared with those of all kinds."""
    assert check({**redis(), "config": {"tableName": "t", "hots": "h"}}).failures == [
        Failure("config", "is neither a redis config (host, ...) nor a dynamodb config (table_name, ...)"),
        Failure("config.hots", "is not a field of a redis or dynamodb config (did you mean host?)"),
        Failure("config.tableName", "is not a field of a redis or dynamodb config (did you mean table_name?)"),
    ]


def test_a_config_cannot_mix_kinds() -> None:
    """Fields of two kinds fail as a whole; what is wrong with their values is shown beside."""
    assert check({**redis(), "config": {"port": 0.0, "region": "eu-west-1", "host": "h"}}).failures == [
        Failure("config", "mixes fields of redis (host, port) and dynamodb (region): declare one kind"),
        Failure("config.port", "must be 1 to 65535, not 0"),
    ]


@pytest.mark.parametrize(
    ("config", "declared", "kind"),
    [
        ({"host": "h", "shards": 2.0}, None, "memcached"),
        ({"host": "h", "tls_enabled": True}, None, "redis"),
        ({"host": "h"}, "memcached", "memcached"),
        ({"host": "h"}, None, None),
    ],
)
def test_kinds_may_share_fields(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], declared: Optional[str], kind: Optional[str]
) -> None:
    """The kind is the one that has all of the config's fields, or the one that its class names; else it stays open."""
    host, shards = CONFIG_FIELDS["redis"][0], Field("shards", "shards", Format.PORT)
    monkeypatch.setitem(CONFIG_FIELDS, "memcached", (host, shards))
    checked = check({**redis(), "config": config, "integration_key": declared})

    open_kind = Failure("config", "may be of redis or memcached: declare it with the class of its kind")
    assert checked.failures == ([] if kind else [open_kind])
    assert checked.inputs.get("integration_key") == kind


@pytest.mark.parametrize("declared", [None, UNKNOWN])
def test_a_mixed_config_fails_though_its_kind_is_unknown(declared: Any) -> None:
    """No kind can make a mixed config right, so it fails before the kind is known."""
    inputs = {**redis(region="eu-west-1"), "integration_key": declared}
    assert properties(check(inputs).failures) == ["config"]


def test_a_mixed_config_is_held_against_the_declared_kind() -> None:
    """Where integration_key names the kind, the fields of the other kind are the ones that are wrong."""
    inputs = {**redis(region="eu-west-1"), "integration_key": "redis"}
    assert check(inputs).failures == [Failure("config.region", "is not a field of a redis config")]


def test_the_config_and_integration_key_cannot_disagree() -> None:
    """A config of one kind under the integration key of another is one failure."""
    inputs = {**dynamodb(), "integration_key": "redis"}
    assert check(inputs).failures == [Failure("config", "is a dynamodb config, but integration_key is redis")]


def test_the_declared_kind_says_what_an_empty_config_lacks() -> None:
    """Where integration_key names the kind, an empty config lacks that kind's required fields."""
    inputs = {**redis(), "integration_key": "dynamodb", "config": {}}
    assert properties(check(inputs).failures) == [f"config.{name}" for name in dynamodb()["config"]]


def test_an_impossible_integration_key_leaves_the_config_checked() -> None:
    """An integration key that no store has fails itself; the config is checked as what its fields say."""
    inputs = {**redis(port=0.0), "integration_key": "mongodb"}
    assert properties(check(inputs).failures) == ["integration_key", "config.port"]


# The normal form.


@pytest.mark.parametrize(("inputs", "kind"), [(redis(), "redis"), (dynamodb(), "dynamodb")])
def test_the_config_decides_the_integration_key(inputs: dict[str, Any], kind: str) -> None:
    """The integration key is filled in from the config, also where the program's own is not known yet."""
    assert check(inputs).inputs["integration_key"] == kind
    assert check({**inputs, "integration_key": UNKNOWN}).inputs["integration_key"] == kind


def test_an_unknown_config_leaves_the_integration_key_unknown() -> None:
    """While the whole config is unknown so is its kind, unless the program names it."""
    inputs = {**redis(), "config": UNKNOWN}
    assert check(inputs).inputs["integration_key"] == UNKNOWN
    assert check({**inputs, "integration_key": "redis"}).inputs["integration_key"] == "redis"


@pytest.mark.parametrize("config", [{}, {"host": "h", "region": "eu-west-1"}, "redis", None])
def test_no_integration_key_is_made_up(config: Any) -> None:
    """A config that decides no kind fills in no integration key."""
    assert "integration_key" not in check({**redis(), "config": config}).inputs


@pytest.mark.parametrize("port", [6379, 6379.0, "6379", "06379"])
def test_ports_become_integers(port: Any) -> None:
    """A port has one normal form, whichever way it was written."""
    normal = check(redis(port=port)).inputs["config"]["port"]
    assert normal == 6379
    assert type(normal) is int


def test_tags_become_a_list() -> None:
    """Tags have one normal form, in the order of the program."""
    assert check({**redis(), "tags": ("b", "a")}).inputs["tags"] == ["b", "a"]


def test_what_failed_stays_as_given() -> None:
    """Values that fail are handed back unchanged."""
    inputs = {**redis(port="0"), "tags": "a", "zebra": [1.0]}
    checked = check(inputs).inputs
    assert (checked["config"]["port"], checked["tags"], checked["zebra"]) == ("0", "a", [1.0])


def test_the_given_inputs_are_not_changed() -> None:
    """The check works on copies."""
    inputs = {**redis(username=None), "name": None, "__provider": "x"}
    before = copy.deepcopy(inputs)
    checked = check(inputs)
    checked.inputs["tags"].append("new")
    assert inputs == before


# Warnings.


def test_a_region_off_the_published_list_is_a_warning() -> None:
    """LaunchDarkly's list of regions may lag behind AWS, so another region only warns."""
    checked = check(dynamodb(region="us-west-9"))
    assert checked.failures == []
    assert checked.warnings == [
        f"config.region: us-west-9 is not in the list that LaunchDarkly publishes ({', '.join(REGIONS)}); "
        "LaunchDarkly may refuse it"
    ]


@pytest.mark.parametrize("region", [*REGIONS, UNKNOWN, "nowhere", 1.0, [], HUGE])
def test_other_regions_do_not_warn(region: Any) -> None:
    """A published, an unknown and an impossible region give no warning."""
    assert check(dynamodb(region=region)).warnings == []


# Secrets.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_key", f"{SECRET}/"),
        ("environment_key", f"{SECRET}/{'x' * 100}"),
        ("tags", [f"{SECRET}{'x' * 50}"] * 2),
        ("config.region", f"{SECRET}{'x' * 100}"),
        ("config.external_id", f"\x1b{SECRET}'\""),
        ("config.role_arn", f"{SECRET}\n"),
    ],
)
def test_what_the_program_marks_as_secret_is_not_shown(name: str, value: Any) -> None:
    """Neither whole nor cut: only that it is wrong, and why."""
    (failure,) = check({**with_value(name, value), MARKED_SECRETS: [name]}).failures
    assert SECRET not in failure.reason
    assert "[secret]" in failure.reason


@pytest.mark.parametrize(
    "host",
    [
        f"redis://ld:{SECRET}@redis.example.com:6379",
        f"redis://redis.example.com?password={SECRET}",
        f"redis.example.com?password={SECRET}",
        f"redis.example.com:6380,password={SECRET},ssl=True",
        f"redis.example.com,password={SECRET}",
        f"redis.example.com password={SECRET}",
        f"ld:{SECRET}@redis.example.com",
        f"[::1]:{SECRET}",
    ],
)
def test_a_password_in_the_host_is_not_shown(host: str) -> None:
    """A URL or a connection string pasted as the host fails without showing the password in it."""
    (failure,) = check(redis(host=host)).failures
    assert SECRET not in failure.reason


# Properties of all inputs.

NAMES = [*(f.name for f in INTEGRATION_FIELDS), "config", "__provider"]
CONFIG_NAMES = [f.name for fields in CONFIG_FIELDS.values() for f in fields]
ANY_TEXT = st.text(st.characters()) | st.text("\x00\n\u202e\ud800a.:/@[]%-1", max_size=12)
ANY_SCALAR = st.none() | st.booleans() | st.floats() | st.integers() | ANY_TEXT | st.just(UNKNOWN)
ANY_JSON = st.recursive(
    ANY_SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)


def mappings(names: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings whose keys are likely to be fields."""
    return st.dictionaries(st.sampled_from(names) | ANY_TEXT, values, max_size=8)


ANY_INPUTS = mappings(NAMES, ANY_JSON | mappings(CONFIG_NAMES, ANY_JSON))

KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", fullmatch=True).filter(lambda key: not is_unknown(key))
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=64)
VISIBLE_TEXT = PLAIN_TEXT.filter(lambda text: text.strip() != "")
LABELS = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=5).map(".".join) | st.ip_addresses().map(str)
PORTS = st.integers(1, 65535)
REDIS_CONFIGS = st.fixed_dictionaries(
    {"host": HOSTS},
    optional={
        "port": PORTS | PORTS.map(float) | PORTS.map(str) | st.none(),
        "username": PLAIN_TEXT | st.just(""),
        "password": PLAIN_TEXT | st.just(""),
        "tls_enabled": st.booleans() | st.none(),
    },
)
DYNAMODB_CONFIGS = st.fixed_dictionaries(
    {
        "table_name": VISIBLE_TEXT,
        "region": st.sampled_from(REGIONS),
        "external_id": st.uuids().map(str),
        "role_arn": st.text(string.ascii_letters + "+=,.@_-", min_size=1, max_size=64).map(
            lambda name: f"arn:aws:iam::123456789012:role/{name}"
        ),
    }
)
VALID_INPUTS = st.fixed_dictionaries(
    {"project_key": KEYS, "environment_key": KEYS, "config": REDIS_CONFIGS | DYNAMODB_CONFIGS},
    optional={
        "name": VISIBLE_TEXT | st.none(),
        "on": st.booleans() | st.none(),
        "tags": st.lists(VISIBLE_TEXT, unique=True) | st.lists(VISIBLE_TEXT, unique=True).map(tuple),
    },
)


def places(values: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of each value in nested mappings and lists, the outermost excepted."""
    items = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    return [place for key, value in items for place in ((*path, key), *places(value, (*path, key)))]


def put(values: Any, path: tuple[Any, ...], value: Any) -> None:
    """Sets the value at the path."""
    for key in path[:-1]:
        values = values[key]
    values[path[-1]] = value


@given(ANY_INPUTS)
def test_any_json_gets_an_answer(inputs: dict[str, Any]) -> None:
    """Inputs of any JSON type give a result that JSON and UTF-8 can carry, and never an exception."""
    checked = check(inputs)
    json.dumps([messages.wire(checked.inputs), checked.warnings])
    failures = json.dumps([dataclasses.asdict(failure) for failure in checked.failures], ensure_ascii=False)
    failures.encode()
    assert failures.isprintable()


@given(ANY_INPUTS)
def test_normalising_any_json_twice_changes_nothing(inputs: dict[str, Any]) -> None:
    """Normal inputs are their own normal form, and fail as they did before."""
    once = check(inputs)
    assert repr(check(once.inputs)) == repr(once)


@given(VALID_INPUTS)
def test_valid_inputs_have_no_failures(inputs: dict[str, Any]) -> None:
    """Whatever follows the rules passes, and is its own normal form; some of it is hardly meant."""
    checked = check(inputs)
    assert checked.failures == []
    assert {warning.partition(":")[0] for warning in checked.warnings} <= {"tags", "config.password"}
    assert checked == check(checked.inputs)


@given(VALID_INPUTS, st.data())
def test_an_unknown_passes_anywhere(inputs: dict[str, Any], data: st.DataObject) -> None:
    """What is not known yet is no failure: a field, a tag, the tags, the config as a whole."""
    for path in data.draw(st.lists(st.sampled_from(places(inputs)), max_size=3)):
        if len(path) == 1 or not is_unknown(inputs[path[0]]):
            put(inputs, path, UNKNOWN)
    checked = check(inputs)
    assert checked.failures == []
    assert checked == check(checked.inputs)


@given(VALID_INPUTS)
def test_an_unknown_tag_passes(inputs: dict[str, Any]) -> None:
    """Unknown tags do not repeat each other."""
    assert check({**inputs, "tags": [UNKNOWN, "a", UNKNOWN]}).failures == []


@given(VALID_INPUTS, ANY_TEXT, ANY_TEXT, st.data())
def test_a_secret_is_never_shown(inputs: dict[str, Any], before: str, after: str, data: st.DataObject) -> None:
    """The value of a secret field is in no failure and no warning, whatever it is and whatever else is wrong."""
    inputs["config"] = {**redis()["config"], **data.draw(mappings(CONFIG_NAMES, ANY_SCALAR))}
    secret = before + SECRET + after
    inputs["config"]["password"] = data.draw(st.sampled_from([secret, [secret], {"value": secret}, {secret: 1.0}]))
    inputs |= data.draw(st.fixed_dictionaries({}, optional={"integration_key": ANY_SCALAR}))
    checked = check(inputs)
    assert SECRET not in repr((checked.failures, checked.warnings))


# What ignore_changes hands back from the state.


@pytest.mark.parametrize("port", ["", "abc", "6379.0", 0, [6379], {"a": 1}, True, 70000], ids=repr)
def test_what_is_as_stored_may_be_anything(port: Any) -> None:
    """LaunchDarkly had it once; it is neither sent nor refused, and stays as it is."""
    inputs = redis(port=port)
    assert properties(check(inputs, inputs).failures) == ["config.port"]
    checked = check({**inputs, IGNORED: ["config.port"]}, inputs)
    assert checked.failures == []
    assert checked.inputs["config"]["port"] == port


def ignoring(inputs: Mapping[str, Any], *paths: str) -> set[str]:
    """What is still wrong where these are ignored, and all is as the state has it."""
    return set(properties(check({**inputs, IGNORED: paths}, inputs).failures))


def test_what_is_as_stored_excuses_nothing_else() -> None:
    """Only the fields that are named, with all of a list's members."""
    inputs = {**redis(port="abc", host="no host"), "tags": ["a", 5, "x" * 100], "on": "yes"}
    everything = properties(check(inputs).failures)
    assert set(everything) == {"config.port", "config.host", "tags[1]", "tags[2]", "on"}
    assert ignoring(inputs, "config.port", "on") == {"config.host", "tags[1]", "tags[2]"}
    assert ignoring(inputs, "tags") == {"config.port", "config.host", "on"}
    assert ignoring(inputs, "version") == set(everything)
