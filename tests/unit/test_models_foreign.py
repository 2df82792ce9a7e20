"""Whatever LaunchDarkly has in a field, a state can hold it, and it shows as what it is."""

from __future__ import annotations

import json
import math
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.core.stores import Stored
from launchdarkly_pulumi.dynamic.codec import desired_of, outputs_of
from launchdarkly_pulumi.dynamic.hidden_inputs import COMPARED, IGNORED
from launchdarkly_pulumi.model import diff, patch
from launchdarkly_pulumi.model.desired import Applied
from launchdarkly_pulumi.model.documents import LARGEST_VERSION, declared_by, document_of, version_of
from launchdarkly_pulumi.model.fields import (
    CONFIG_FIELDS,
    DEEPEST_STORED,
    EDITABLE_FIELDS,
    LONGEST_STORED,
    REPLACED_OUTSIDE,
    UNKNOWN,
    Field,
    Format,
    storable,
)
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import with_unknown_secrets
from launchdarkly_pulumi.model.validation import check
from support import samples
from support.desired import redis

PORT = next(field for field in CONFIG_FIELDS["redis"] if field.format is Format.PORT)
LONE = st.characters(categories=["Cs"])
STRINGS = st.text(st.one_of(st.characters(), LONE), max_size=8)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**15), 10**15), st.floats(allow_nan=False), STRINGS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(STRINGS, inner, max_size=3)),
    max_leaves=10,
)

REDIS = redis()
LIVE: dict[str, Any] = document_of(REDIS) | {
    "projectKey": "default",
    "environmentKey": "production",
    "integrationKey": "redis",
}


# What a state can hold.


def depth(value: Any) -> int:
    """How deep lists and mappings are nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0) if isinstance(value, (dict, list)) else 0


@given(VALUES)
def test_every_value_can_be_stored(value: Any) -> None:
    """As UTF-8, in bounded depth, and twice as once."""
    stored = storable(value)
    json.dumps(stored, ensure_ascii=False).encode()
    assert depth(stored) <= DEEPEST_STORED
    assert storable(stored) == stored


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "", "ä✓", [1, ["a"]], {"a": {"b": [None]}}], ids=repr)
def test_what_a_state_can_hold_stays(value: Any) -> None:
    """Of the same type too."""
    assert storable(value) == value
    assert type(storable(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("a\ud800b", "a\\ud800b"),
        (["\udfff"], ["\\udfff"]),
        ({"\ud800": {"x": "\ud800"}}, {"\\ud800": {"x": "\\ud800"}}),
    ],
)
def test_half_a_surrogate_pair_is_written_out(value: Any, stored: Any) -> None:
    """In names as well."""
    assert storable(value) == stored


def nested(levels: int) -> Any:
    """A list of lists."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_what_nests_too_deep_is_json() -> None:
    """From where it is too deep on."""
    assert storable(nested(DEEPEST_STORED)) == nested(DEEPEST_STORED)
    found = storable(nested(DEEPEST_STORED + 2))
    for _ in range(DEEPEST_STORED):
        [found] = found
    assert found == '[["x"]]'


@pytest.mark.parametrize(("length", "is_cut"), [(LONGEST_STORED, False), (LONGEST_STORED + 1, True)])
def test_a_string_without_end_is_cut(length: int, is_cut: bool) -> None:
    """And says how long it is."""
    found = storable("x" * length)
    assert found == ("x" * LONGEST_STORED + f"… ({length} characters)" if is_cut else "x" * length)


# Ports.


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("6380", 6380),
        ("1", 1),
        ("99999", 99999),
        ("", ""),
        ("abc", "abc"),
        ("6379.0", "6379.0"),
        ("06379", "06379"),
        ("0", "0"),
        ("123456", "123456"),
        (" 6379", " 6379"),
        ("٦٣٧٩", "٦٣٧٩"),
        (6380, 6380),
        (1.5, 1.5),
        (True, True),
        (["6380"], ["6380"]),
        ({"a": "\ud800"}, {"a": "\\ud800"}),
    ],
    ids=repr,
)
def test_a_port_is_a_number_where_it_can_be_one(shown: Any, found: Any) -> None:
    """Everything else is what LaunchDarkly has."""
    assert PORT.from_api(shown) == found
    assert type(PORT.from_api(shown)) is type(found)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (6380, "6380"),
        (6380.0, "6380"),
        ("6380", "6380"),
        ("abc", "abc"),
        ("", ""),
        (1.5, 1.5),
        (True, True),
        ([1], [1]),
        ({"a": 1}, {"a": 1}),
        (None, None),
    ],
    ids=repr,
)
def test_a_port_of_a_state_can_be_compared(value: Any, sent: Any) -> None:
    """Whatever a refresh has put there."""
    assert PORT.to_api(value) == sent
    assert type(PORT.to_api(value)) is type(sent)


@pytest.mark.parametrize("value", [math.inf, math.nan, 1e308])
def test_a_number_that_is_no_port_is_no_crash(value: float) -> None:
    """A program may write any."""
    PORT.to_api(value)


@pytest.mark.parametrize("field", [*EDITABLE_FIELDS, *CONFIG_FIELDS["redis"]], ids=lambda field: field.name)
@pytest.mark.parametrize("value", [5, 1.5, True, "x", ["x"], [["x"]], {"a": [1]}, "\ud800", [{}], ""], ids=repr)
def test_any_value_in_any_field_can_be_read_shown_and_stored(field: Field, value: Any) -> None:
    """It is a drift where it differs, and the state that a refresh makes of it is as good as any."""
    is_config = field in CONFIG_FIELDS["redis"]
    live = LIVE | ({"config": LIVE["config"] | {field.api_name: value}} if is_config else {field.api_name: value})
    drifted = diff.changes(live, document_of(REDIS))
    found = declared_by(live, REDIS)
    json.dumps(found.values, ensure_ascii=False).encode()
    path = ".".join(("config", field.api_name) if is_config else (field.api_name,))
    assert [".".join(change.path) for change in drifted] in ([path], [])
    wanted = document_of(REDIS)["config"] if is_config else document_of(REDIS)
    assert bool(drifted) == (value != wanted[field.api_name])
    assert all(change.as_drift(()).isprintable() for change in drifted)
    assert patch.shown(patch.operations_for(drifted), ()).isprintable()
    assert declared_by(LIVE, found).values["project_key"] == "default"


# Versions.


@pytest.mark.parametrize(
    ("version", "found"),
    [
        (0, 0),
        (1, 1),
        (LARGEST_VERSION, LARGEST_VERSION),
        (LARGEST_VERSION + 1, None),
        (-1, None),
        (True, None),
        (False, None),
        (1.0, None),
        ("1", None),
        (None, None),
        ([1], None),
    ],
    ids=repr,
)
def test_a_version_is_an_integer_that_a_state_holds(version: Any, found: Optional[int]) -> None:
    """And nothing else."""
    assert version_of({"version": version}) == found
    assert version_of({}) is None


@pytest.mark.parametrize("version", [None, "1", True, LARGEST_VERSION + 1])
def test_without_a_version_nothing_counts_as_compared(version: Any) -> None:
    """Whatever was."""
    id_ = IntegrationId("default", "production", "redis", "57c0")
    document = {"version": version}
    outputs = outputs_of(Stored(id_, document, Applied(REDIS, version_of(document), compared=True)), {})
    assert (outputs["version"], COMPARED in outputs) == (None, False)


# Secrets that nobody knows.


def test_what_stands_for_a_secret_stands_where_there_is_one() -> None:
    """An empty password is known, a missing one too; nothing else changes, and the inputs stay."""
    before = redis()
    assert with_unknown_secrets(before) == redis(config={"password": REPLACED_OUTSIDE})
    assert before == REDIS
    for config in ({"password": ""}, {"password": None}):
        declared = redis(config=config)
        assert with_unknown_secrets(declared) == declared


# What ignore_changes hands back.

FOREIGN = samples.redis(integration_key="redis", on="maybe", config={"port": "abc", "username": ["x"]})


def excused(inputs: dict[str, Any], olds: dict[str, Any]) -> set[str]:
    """The fields that are wrong, and pass since they are ignored and as the state has them."""
    found = [{each.property for each in check(desired_of(inputs), stored).failures} for stored in ({}, olds)]
    return found[0] - found[1]


@pytest.mark.parametrize(
    ("ignored", "kept"),
    [
        (["config.port"], {"config.port"}),
        (['config["port"]'], {"config.port"}),
        (["on"], {"on"}),
        (["config"], {"config.port", "config.username"}),
        ([], set()),
        (["config.table_name"], set()),
    ],
    ids=["a port", "a port in brackets", "a switch", "the config", "nothing", "a field of another kind"],
)
def test_what_is_ignored_and_as_stored_is_known(ignored: list[str], kept: set[str]) -> None:
    """By its Python name; also where the program leaves the kind to the config."""
    inputs = FOREIGN | {IGNORED: ignored}
    assert excused(inputs, FOREIGN) == kept
    assert excused({k: v for k, v in inputs.items() if k != "integration_key"}, FOREIGN) == kept


@pytest.mark.parametrize(
    "olds",
    [{}, {"config": None}, {"config": {}}, {"config": {"port": 6379}}, samples.redis()],
    ids=["none", "no config", "an empty config", "another port", "another state"],
)
def test_what_is_not_as_stored_is_the_program_s(olds: dict[str, Any]) -> None:
    """Then it has to be right."""
    assert excused(FOREIGN | {IGNORED: ["config.port"]}, olds) == set()


@pytest.mark.parametrize("config", [None, UNKNOWN, "x", 5])
def test_a_config_that_is_none_hands_nothing_back(config: Any) -> None:
    """It is not known yet, or wrong."""
    assert excused(FOREIGN | {IGNORED: ["config.port"], "config": config}, FOREIGN) == set()
