"""The plugin's names for fields: from properties to what is declared, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS, UNKNOWN, Path
from launchdarkly_pulumi.model.validation import Failure
from launchdarkly_pulumi.plugin.names import (
    declared,
    failure_of,
    in_words,
    name_of,
    named_by,
    properties_of,
)
from launchdarkly_pulumi.plugin.wire import Properties
from support import samples

REDIS = {
    "projectKey": "default",
    "environmentKey": "production",
    "config": {
        "redis": {
            "host": "redis.example.com",
            "port": 6380,
            "username": "launchdarkly",
            "password": samples.PASSWORD,
            "tlsEnabled": True,
        }
    },
    "name": "Production Redis",
    "on": True,
    "tags": ["managed-by-pulumi"],
}
PASSWORD = ("config", "redis", "password")

VALUES = st.just(UNKNOWN) | st.text(max_size=5) | st.integers() | st.booleans() | st.lists(st.text(max_size=3))


@st.composite
def desired_properties(draw: st.DrawFn) -> Properties:
    """Properties of a store of any kind; each field there or not, with any value and any mark."""
    kind = draw(st.sampled_from(sorted(CONFIG_FIELDS)))
    names = [f.api_name for f in INTEGRATION_FIELDS if f.api_name != "integrationKey"]
    fields = [f.api_name for f in CONFIG_FIELDS[kind]]
    values: dict[str, Any] = draw(st.dictionaries(st.sampled_from(names), VALUES))
    config = draw(st.dictionaries(st.sampled_from(fields), VALUES) | st.just(UNKNOWN))
    values["config"] = {kind: config}
    places: list[Any] = [(name,) for name in values]
    places += [("config", kind, name) for name in config] if config is not UNKNOWN else []
    marked = set(draw(st.lists(st.sampled_from(places))))
    if config is not UNKNOWN and "password" in config:
        marked.add(PASSWORD)
    return Properties(values, frozenset(marked))


@given(desired_properties())
def test_what_is_declared_comes_back(given_properties: Properties) -> None:
    """The values, and the marks; a password is a secret in any case."""
    found = declared(given_properties)
    assert found.failures == ()
    assert properties_of(found.desired) == given_properties


def test_the_core_has_the_names_of_the_table() -> None:
    """As the samples that the dynamic resource's tests use."""
    found = declared(Properties(REDIS)).desired
    assert found.values == samples.redis(integration_key="redis")
    assert properties_of(found) == Properties(REDIS, frozenset({PASSWORD}))


@pytest.mark.parametrize(
    ("places", "secret"),
    [
        ([PASSWORD], []),
        ([("config", "redis", "host")], [("config", "host")]),
        ([("config", "redis")], [("config",)]),
        ([("config",)], [("config",)]),
        ([("tags", 0)], [("tags",)]),
        ([("projectKey",)], [("projectKey",)]),
        ([("nothing",)], []),
    ],
)
def test_marks_of_the_program_are_kept(places: list[Any], secret: list[Path]) -> None:
    """A mark within a list is one of the list."""
    assert declared(Properties(REDIS, frozenset(places))).desired.secret == set(secret)


@pytest.mark.parametrize(
    ("changes", "failures"),
    [
        ({"config": "{}"}, ["config must be an object with redis or dynamodb in it, not a string"]),
        ({"config": {}}, ["config must have redis or dynamodb in it"]),
        (
            {"config": {"redis": {}, "dynamodb": {}}},
            ["config has redis and dynamodb in it: declare one kind of store"],
        ),
        (
            {"config": {"host": "h"}},
            ["config.host is not a field of config: it has one of them, redis or dynamodb"],
        ),
        (
            {"config": {"rediss": {"host": "h"}}},
            [
                "config.rediss is not a field of config: it has one of them, redis or dynamodb (did you mean redis?)",
            ],
        ),
        ({"config": {"redis": ["h"]}}, ["config.redis must be an object, not a list"]),
        (
            {"config": {"redis": {"tls_enabled": True}}},
            ["config.redis.tls_enabled is not a field of a redis config (did you mean tlsEnabled?)"],
        ),
        (
            {"config": {"redis": {"host": "h", "tableName": "t"}}},
            ["config.redis.tableName is not a field of a redis config, but of a dynamodb config"],
        ),
        (
            {"project_key": "p", "integrationKey": "redis"},
            [
                "integrationKey is not a field of a big segment store integration",
                "project_key is not a field of a big segment store integration (did you mean projectKey?)",
            ],
        ),
        ({"__defaults": []}, []),
    ],
)
def test_what_is_no_field_is_named(changes: dict[str, Any], failures: list[str]) -> None:
    """Whatever is wrong with the shape, and with the plugin's own names."""
    found = declared(Properties(REDIS | changes))
    assert [f"{each.property} {each.reason}" for each in found.failures] == failures


@pytest.mark.parametrize(("config", "kind"), [(UNKNOWN, UNKNOWN), ({"dynamodb": UNKNOWN}, "dynamodb")])
def test_a_config_may_be_unknown(config: Any, kind: Any) -> None:
    """Its kind may be known all the same."""
    values = declared(Properties(REDIS | {"config": config})).desired.values
    assert values["config"] is UNKNOWN
    assert values["integration_key"] == kind


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("tags", [("tags",)]),
        ("tags[0]", [("tags",)]),
        ("config.redis.host", [("config", "host")]),
        ('config["redis"].tlsEnabled', [("config", "tlsEnabled")]),
        ("config.*.port", [("config", "port")]),
        ("config.dynamodb", []),
        ("config.host", []),
        ("nothing", []),
    ],
)
def test_property_paths_name_fields(path: str, fields: list[Path]) -> None:
    """However they are written."""
    assert named_by([path], "redis") == fields


def test_a_whole_config_is_all_its_fields() -> None:
    """And so is everything."""
    config = [("config", f.api_name) for f in CONFIG_FIELDS["redis"]]
    assert named_by(["config"], "redis") == named_by(["config.redis"], "redis") == config
    assert named_by(["*"], "redis") == [("name",), ("on",), ("tags",), *config]
    assert declared(Properties(REDIS), ["config"]).desired.ignored == set(config)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("projectKey",), "projectKey"),
        (("config", "tlsEnabled"), "config.redis.tlsEnabled"),
        (("config",), "config.redis"),
        (("integrationKey",), "config"),
    ],
)
def test_a_field_has_a_name(path: Path, name: str) -> None:
    """As programs write it."""
    assert name_of(path, "redis") == name


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        (
            Failure("config.tls_enabled", "must be True or False, not 'x'"),
            "config.redis.tlsEnabled must be true or false, not 'x'",
        ),
        (Failure("tags[2]", "repeats tags[0], 'a'"), "tags[2] repeats tags[0], 'a'"),
        (Failure("project_key", "is required"), "projectKey is required"),
        (
            Failure("config.host", "must be the host name alone: put the user in config.username"),
            "config.redis.host must be the host name alone: put the user in config.redis.username",
        ),
    ],
)
def test_failures_of_the_core_have_the_plugin_s_names(failure: Failure, shown: str) -> None:
    """In what they say as well."""
    found = failure_of(failure, "redis")
    assert f"{found.property} {found.reason}" == shown


def test_settings_have_the_plugin_s_namespace() -> None:
    """And nothing else that looks like one."""
    said = "set launchdarkly:apiHost, LAUNCHDARKLY_API_HOST or launchdarkly:nothing; import_: a_config.port"
    assert in_words(said) == (
        "set launchdarkly-big-segments:apiHost, LAUNCHDARKLY_API_HOST or launchdarkly:nothing; import: a_config.port"
    )
