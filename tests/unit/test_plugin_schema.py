"""The schema is the table: each field, kind of store and setting is in it, and nothing has to be written twice."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import pytest

from launchdarkly_pulumi.core.settings import SETTINGS
from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS, STORE_KINDS, TYPE
from launchdarkly_pulumi.plugin.examples import PROGRAMS
from launchdarkly_pulumi.plugin.schema import CONFIG_TYPE, FIND, FIND_ALL, READINESS, STORE, camel_case, schema
from launchdarkly_pulumi.plugin.version import semantic
from launchdarkly_pulumi.program import configs
from launchdarkly_pulumi.program.integration import BigSegmentStoreIntegration

SCHEMA = schema("1.2.3")
PREFIX = "#/types/"


def references(value: Any) -> list[str]:
    """Each reference to a type, at whatever depth."""
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for inner in value.values() for found in references(inner)]
    return [found for inner in value for found in references(inner)] if isinstance(value, list) else []


def properties(value: Any) -> list[dict[str, Any]]:
    """Each property of a resource, a type or a function."""
    if not isinstance(value, dict):
        return []
    own = [p for name in ("properties", "inputProperties") for p in value.get(name, {}).values()]
    return own + [found for inner in value.values() for found in properties(inner)]


def test_it_is_json_with_the_version() -> None:
    """As the engine reads it."""
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert (SCHEMA["name"], SCHEMA["version"]) == ("launchdarkly-big-segments", "1.2.3")


def test_each_reference_leads_to_a_type() -> None:
    """And each type is used."""
    named = {PREFIX + token for token in SCHEMA["types"]}
    assert set(references(SCHEMA)) <= named
    assert PREFIX + CONFIG_TYPE in references(SCHEMA["resources"])


def test_each_property_is_described() -> None:
    """In one sentence or more, without Python's words."""
    found = properties(SCHEMA)
    assert found
    for each in found:
        assert re.fullmatch(r"[A-Z`].*\.", each["description"]), each
        assert not re.search(r"``|\b(True|False|None|Python)\b", each["description"]), each


@pytest.mark.parametrize("kind", STORE_KINDS)
def test_each_kind_of_store_is_a_type(kind: str) -> None:
    """With the fields of its row."""
    reference = SCHEMA["types"][CONFIG_TYPE]["properties"][kind]["$ref"]
    config = SCHEMA["types"][reference.removeprefix(PREFIX)]
    fields = CONFIG_FIELDS[kind]
    assert list(config["properties"]) == [f.api_name for f in fields]
    assert config["required"] == [f.api_name for f in fields if f.required]
    secret = {name for name, each in config["properties"].items() if each.get("secret")}
    assert secret == {f.api_name for f in fields if f.secret}
    defaults = {name: each["default"] for name, each in config["properties"].items() if "default" in each}
    assert defaults == {f.api_name: f.default for f in fields if f.default not in (None, "")}


def test_a_store_has_the_fields_of_the_table() -> None:
    """The kind of store is no input: its config is of one."""
    store = SCHEMA["resources"][STORE]
    names = [f.api_name for f in INTEGRATION_FIELDS if f.name != "integration_key"]
    assert list(store["inputProperties"]) == [*names, "config"]
    assert store["requiredInputs"] == ["projectKey", "environmentKey", "config"]
    assert set(store["properties"]) == {*names, "config", "integrationKey", "integrationId", "version"}
    replaced = {name for name, each in store["inputProperties"].items() if each.get("replaceOnChanges")}
    assert replaced == {"projectKey", "environmentKey"}
    types = {name: each.get("type") for name, each in store["inputProperties"].items()}
    assert types == dict.fromkeys(names, "string") | {"on": "boolean", "tags": "array", "config": None}


def test_stacks_of_the_dynamic_resources_go_on() -> None:
    """By an alias of each type."""
    assert SCHEMA["resources"][STORE]["aliases"] == [{"type": TYPE}]
    ready = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness"
    assert SCHEMA["resources"][READINESS]["aliases"] == [{"type": ready}]


def test_each_setting_is_one_of_the_provider() -> None:
    """Typed; the token is a secret, and no SDK puts an environment variable into a state."""
    variables = SCHEMA["config"]["variables"]
    assert variables == SCHEMA["provider"]["inputProperties"]
    assert list(variables) == [each.name for each in SETTINGS]
    assert {name: each["type"] for name, each in variables.items()} == {
        "accessToken": "string",
        "apiHost": "string",
        "allowHttp": "boolean",
        "httpTimeout": "number",
        "operationTimeout": "number",
        "maxConcurrency": "integer",
        "liveDiff": "string",
    }
    assert [name for name, each in variables.items() if each.get("secret")] == ["accessToken"]
    assert "defaultInfo" not in json.dumps(SCHEMA)


def test_what_look_ups_return_is_typed() -> None:
    """Down to the errors of a store."""
    found = SCHEMA["functions"][FIND]["outputs"]
    assert found["properties"]["config"]["$ref"] == PREFIX + CONFIG_TYPE
    assert "config" not in found["required"]
    errors = SCHEMA["types"]["launchdarkly-big-segments:index:BigSegmentStoreStatus"]["properties"]["errors"]
    assert errors["items"]["$ref"].endswith(":BigSegmentStoreError")
    listed = SCHEMA["functions"][FIND_ALL]["outputs"]["properties"]["integrations"]["items"]["$ref"]
    assert SCHEMA["types"][listed.removeprefix(PREFIX)] == found


@pytest.mark.parametrize("language", PROGRAMS)
def test_there_is_an_example_in_each_language(language: str) -> None:
    """Of the resource that people look for."""
    description = SCHEMA["resources"][STORE]["description"]
    assert f"```{language}\n{PROGRAMS[language]}```" in description
    assert "redis.example.com" in PROGRAMS[language]


@pytest.mark.parametrize(
    ("documented", "fields"),
    [(getattr(configs, row.config_class), row.fields) for row in STORE_KINDS.values()]
    + [(BigSegmentStoreIntegration.__init__, [f for f in INTEGRATION_FIELDS if f.name != "integration_key"])],
)
def test_the_classes_of_python_say_the_same(documented: Any, fields: Any) -> None:
    """Of each field, that is: its meaning is in the table, and in the docstring that editors show."""
    meanings = dict(re.findall(r":param (\w+): ((?:.|\n(?!:))+)", inspect.cleandoc(documented.__doc__)))
    assert {f.name: f.meaning for f in fields} == {
        f.name: re.sub(r"\s+", " ", meanings[f.name]).strip().rstrip(".") for f in fields
    }


@pytest.mark.parametrize(
    ("name", "shown"), [("id", "id"), ("last_sync", "lastSync"), ("potentially_stale", "potentiallyStale")]
)
def test_names_are_camel_case(name: str, shown: str) -> None:
    """As in every Pulumi package."""
    assert camel_case(name) == shown


@pytest.mark.parametrize(
    ("version", "shown"),
    [("0.1.0", "0.1.0"), ("0.1.0a1", "0.1.0-alpha.1"), ("1.0.0b2", "1.0.0-beta.2"), ("1.0.0rc3", "1.0.0-rc.3")],
)
def test_a_version_is_a_semantic_one(version: str, shown: str) -> None:
    """Pulumi reads no other."""
    assert semantic(version) == shown
