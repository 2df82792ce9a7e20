"""Which fields the paths of options name, and which name none."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.dynamic.hidden_inputs import IGNORED, MARKED_SECRETS
from launchdarkly_pulumi.dynamic.property_paths import changed_within, is_all_meant, that_name_nothing
from launchdarkly_pulumi.model.fields import UNKNOWN, name_of, set_only
from support import samples
from support.desired import but, desired, redis

REDIS = samples.redis(integration_key="redis")


@pytest.mark.parametrize(
    "path",
    ["tags", "tags[0]", "*", "config", "config.host", 'config["host"]', '["config"].host', "config.*", "project_key"],
)
def test_a_path_to_a_field_is_no_doubt(path: str) -> None:
    """However it is written."""
    assert list(that_name_nothing("ignore_changes", [path], "redis")) == []


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("tgas", " (did you mean tags?)"),
        ("config.hostt", " (did you mean config.host?)"),
        ("config.tlsEnabled", " (did you mean config.tls_enabled?)"),
        ("config.region", ""),
        ("version", ""),
        ("_secrets", ""),
        ("", ""),
        ("a\x1b[2J" * 40, ""),
    ],
)
def test_a_path_that_names_nothing_is_named(path: str, hint: str) -> None:
    """In one line, with the public field that may be meant."""
    [sentence] = that_name_nothing("ignore_changes", [path], "redis")
    assert sentence.startswith("ignore_changes: ")
    assert sentence.endswith(f"is not a field of a big segment store, and has no effect{hint}")
    assert sentence.isprintable()
    assert len(sentence) < 200


@pytest.mark.parametrize("kind", [None, UNKNOWN, "mongodb", {}, []], ids=str)
def test_where_the_kind_is_not_known_the_fields_of_all_kinds_count(kind: Any) -> None:
    """As before the config is, or where it is wrong."""
    assert list(that_name_nothing("ignore_changes", ["config.region", "config.host"], kind)) == []


@pytest.mark.parametrize(
    ("paths", "changes", "changed"),
    [
        (["config.host"], {"config": {"host": "h"}}, ["config.host"]),
        (["config"], {"config": {"host": "h", "port": 1}}, ["config.host", "config.port"]),
        (["*"], {"on": False}, ["on"]),
        (["config.port"], {"config": {"host": "h"}}, []),
        (["config.host"], {"config": {"host": UNKNOWN}}, ["config.host"]),
        (["tags"], {"tags": list(reversed(REDIS["tags"]))}, []),
        (["name"], {"name": None}, []),
        ([], {"name": "x"}, []),
    ],
    ids=["a field", "a part", "all", "another field", "unknown", "a set", "left to LaunchDarkly", "no path"],
)
def test_what_the_program_changes_within_paths(paths: list[str], changes: dict[str, Any], changed: list[str]) -> None:
    """By Python names; what no update would send is no change."""
    found = changed_within(paths, redis(), desired(set_only(samples.redis(**changes))))
    assert list(map(name_of, found)) == changed


def test_a_config_that_is_not_known_yet_has_changed() -> None:
    """Any field of it may."""
    assert changed_within(["config.host"], redis(), but(redis(), config=UNKNOWN)) == [("config", "host")]


@pytest.mark.parametrize(
    ("change", "is_meant"),
    [
        ({}, True),
        ({"on": False}, True),
        ({"tags": ["b", "a"]}, False),
        ({"tags": ["b", "a"], "on": False}, False),
        ({"tags": ["c"]}, True),
        ({"config": {**REDIS["config"], "username": ""}}, False),
        ({"config": {**REDIS["config"], "host": "new.example.com"}}, True),
        ({"config": UNKNOWN}, False),
        ({MARKED_SECRETS: ["name"]}, False),
        ({IGNORED: ["tags"], "on": False}, False),
    ],
    ids=str,
)
def test_whether_each_difference_is_a_change_of_a_field(change: dict[str, Any], is_meant: bool) -> None:
    """Pulumi's engine sees every difference, and replaces for each that an option names."""
    stored = {**REDIS, "on": True, "tags": ["a", "b"]}
    stored["config"] = {name: value for name, value in REDIS["config"].items() if name != "username"}
    if "config" in change and isinstance(change["config"], dict) and change["config"].get("username") != "":
        change = {**change, "config": {n: v for n, v in change["config"].items() if n != "username"}}
    assert is_all_meant(desired(stored), desired(stored | change)) is is_meant
