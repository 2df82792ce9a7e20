"""Both vocabularies of an integration: inputs to LaunchDarkly's document and back, masks, and IDs."""

from __future__ import annotations

import dataclasses
import string
from typing import Any, Optional

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from launchdarkly_pulumi import readiness
from launchdarkly_pulumi.core.stores import Stored
from launchdarkly_pulumi.dynamic import codec
from launchdarkly_pulumi.dynamic.codec import declared
from launchdarkly_pulumi.dynamic.hidden_inputs import INPUT_NAMES, MARKED_SECRETS
from launchdarkly_pulumi.emulator.integration import mask
from launchdarkly_pulumi.errors import InvalidId, UnknownSecret
from launchdarkly_pulumi.model import documents
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.fields import (
    CONFIG_FIELDS,
    KEY_FIELDS,
    KEY_PATTERN,
    REPLACED_OUTSIDE,
    UNKNOWN,
    integration_key_of,
    name_of,
)
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import hidden_pointers, may_be_mask_of, secrets_of
from launchdarkly_pulumi.program.configs import DynamoDBConfig, RedisConfig
from support import hostile, samples
from support.desired import desired, redis

KEYS = st.from_regex(KEY_PATTERN, fullmatch=True)
KINDS = st.sampled_from(list(CONFIG_FIELDS))
TEXT = st.text(max_size=12)
SECRETS = st.one_of(TEXT, st.text(string.ascii_letters + "*", max_size=12))
REDIS = st.fixed_dictionaries(
    {"host": TEXT},
    optional={
        "port": st.integers(1, 65535),
        "username": TEXT,
        "password": SECRETS,
        "tls_enabled": st.booleans(),
    },
)
DYNAMODB = st.fixed_dictionaries({f.name: TEXT for f in CONFIG_FIELDS["dynamodb"]})


def document_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """The document that inputs ask for."""
    return documents.document_of(Desired(inputs))


def inputs_of(document: dict[str, Any], stored: Optional[dict[str, Any]] = None) -> dict[str, Any]:
    """The inputs that would declare a document."""
    return dict(documents.declared_by(document, Desired(stored) if stored else None).values)


def create_body(inputs: dict[str, Any]) -> dict[str, Any]:
    """The body of the POST for inputs."""
    return documents.create_body(Desired(inputs))


def outputs_of(inputs: dict[str, Any], document: dict[str, Any], *, compared: bool) -> dict[str, Any]:
    """What a state keeps of inputs and a document."""
    id_ = IntegrationId("default", "production", "redis", "57c0")
    applied = Applied(Desired(inputs), documents.version_of(document), compared)
    return codec.outputs_of(Stored(id_, document, applied), inputs)


@st.composite
def inputs(draw: st.DrawFn, kind: Optional[str] = None) -> dict[str, Any]:
    """Checked inputs of a kind, or of either."""
    kind = kind or draw(KINDS)
    required = {"project_key": KEYS, "environment_key": KEYS, "integration_key": st.just(kind)}
    optional = {"name": TEXT.filter(bool), "on": st.booleans(), "tags": st.lists(TEXT, unique=True, max_size=4)}
    config = {"config": REDIS if kind == "redis" else DYNAMODB}
    return draw(st.fixed_dictionaries({**required, **config}, optional=optional))


@st.composite
def applied(draw: st.DrawFn, declared: dict[str, Any]) -> dict[str, Any]:
    """The document that LaunchDarkly shows once it has what the inputs ask for.

    It masks the password, gives a name, keeps tags in an order of its own, and may leave out what is the default.
    """
    keys = {f.api_name: declared[f.name] for f in KEY_FIELDS}
    assigned: dict[str, Any] = {"name": "given by LaunchDarkly", "_id": "57c0", "version": 3}
    document = assigned | document_of(declared) | keys
    document["tags"] = draw(st.permutations(document["tags"]))
    config = document["config"]
    if "password" in config:
        config["password"] = mask(config["password"])
    for name in [name for name, value in config.items() if value in ("", False, "6379") and name != "host"]:
        if declared["integration_key"] == "redis" and draw(st.booleans()):
            del config[name]
    return document


@st.composite
def declared_and_applied(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs, and LaunchDarkly's document of them."""
    declared = draw(inputs())
    return declared, draw(applied(declared))


@st.composite
def drifted(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What a stack declares, what somebody made of it, and LaunchDarkly's document of that."""
    kind = draw(KINDS)
    stored, others = draw(inputs(kind)), draw(inputs(kind))
    return stored, others, draw(applied(others))


@given(declared_and_applied())
def test_what_was_asked_for_reads_as_what_was_declared(pair: Any) -> None:
    """A refresh after an update shows no drift: the inputs come back exactly, defaults left out as before."""
    declared, document = pair
    assert inputs_of(document, declared) == declared


@given(drifted())
def test_a_refresh_tells_what_launchdarkly_has(case: Any) -> None:
    """The inputs of a refresh ask for the live document, whatever the stack declares; secrets aside."""
    stored, others, document = case
    found, wanted = document_of(inputs_of(document, stored)), document_of(others)
    for each in (found, wanted):
        each["tags"] = set(each["tags"])
        each["config"].pop("password", None)
        each.pop("name", None)
    assert found == wanted


@given(drifted())
def test_a_refresh_never_stores_a_mask(case: Any) -> None:
    """The password of a refresh is the stack's own, none, or the sign that another was set outside."""
    stored, others, document = case
    password = inputs_of(document, stored)["config"].get("password", "")
    assert password in (stored["config"].get("password", ""), "", REPLACED_OUTSIDE)
    if not others["config"].get("password"):
        assert password == ""


@given(declared_and_applied())
def test_a_look_up_leaves_secrets_out(pair: Any) -> None:
    """Without a stack to compare with nobody knows them; all the rest asks for the same document."""
    declared, document = pair
    found = inputs_of(document)
    assert "password" not in found["config"]
    asked, wanted = document_of(found), {"name": document["name"]} | document_of(declared)
    for each in (asked, wanted):
        each["tags"] = sorted(each["tags"])
        each["config"].pop("password", None)
    assert asked == wanted


@given(inputs())
def test_the_document_names_every_managed_field(declared: dict[str, Any]) -> None:
    """Defaults are filled in, but for the name, which LaunchDarkly chooses while the program gives none."""
    document = document_of(declared)
    assert set(document) == {"on", "tags", "config"} | ({"name"} if "name" in declared else set())
    assert set(document["config"]) == {f.api_name for f in CONFIG_FIELDS[declared["integration_key"]]}


def test_a_minimal_redis_store_asks_for_the_defaults_of_the_manifest() -> None:
    """Port 6379 as a string, no user, no password, no TLS; off and without tags."""
    assert document_of({"integration_key": "redis", "config": {"host": "h"}}) == {
        "on": False,
        "tags": [],
        "config": {"host": "h", "port": "6379", "username": "", "password": "", "tlsEnabled": False},
    }


def test_a_dynamodb_store_in_the_api_s_names() -> None:
    """Each Python name has its own."""
    assert document_of(samples.dynamodb(integration_key="dynamodb"))["config"] == {
        "tableName": "big-segments",
        "region": "eu-west-1",
        "externalId": "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f11",
        "roleArn": "arn:aws:iam::123456789012:role/launchdarkly-big-segments",
    }


@given(inputs())
def test_a_creation_sends_what_is_declared_and_nothing_else(declared: dict[str, Any]) -> None:
    """Every declared field in the API's name, none that is not: LaunchDarkly fills in the defaults."""
    names = {f.name: f.api_name for f in CONFIG_FIELDS[declared["integration_key"]]}
    body = create_body(declared)
    assert set(body) == {"config"} | ({"name", "on", "tags"} & set(declared))
    assert set(body["config"]) == {names[name] for name in declared["config"]}
    assert body.items() <= ({"name": None} | document_of(declared) | {"config": body["config"]}).items()
    assert body["config"].items() <= document_of(declared)["config"].items()


@pytest.mark.parametrize("name", ["password", "host"])
def test_a_creation_does_not_send_what_stands_for_a_secret(name: str) -> None:
    """Nobody but LaunchDarkly knows it, and a new integration needs it: told by the field."""
    with pytest.raises(UnknownSecret, match=f"^config.{name} was set outside of Pulumi"):
        create_body(samples.redis(integration_key="redis", config={name: REPLACED_OUTSIDE}))


@given(st.integers(1, 65535))
def test_a_port_travels_as_a_string(port: int) -> None:
    """LaunchDarkly keeps it as one, in a creation and in the document alike."""
    declared = {"integration_key": "redis", "config": {"host": "h", "port": port}}
    assert (create_body(declared)["config"]["port"], document_of(declared)["config"]["port"]) == (str(port), str(port))


@pytest.mark.parametrize("shown", ["tcp", "6379/tcp", "-1", "", True, ["6379"], 63.5])
def test_a_port_that_is_none_shows_as_it_is(shown: Any) -> None:
    """What the API should not send is drift to show, not a reason to fail."""
    document = {"projectKey": "p", "environmentKey": "e", "integrationKey": "redis", "config": {"port": shown}}
    assert inputs_of(document)["config"]["port"] == shown


@pytest.mark.parametrize(
    ("live", "stored", "found"),
    [
        (["b", "a"], ["a", "b"], ["a", "b"]),
        (["b", "a"], ["a"], ["b", "a"]),
        ([], ["a"], []),
        ([], [], []),
        (["a"], None, ["a"]),
        ([], None, None),
        (None, None, None),
    ],
)
def test_tags_keep_the_order_of_the_stack(live: Any, stored: Any, found: Any) -> None:
    """The same set in another order is no drift; other tags come as LaunchDarkly has them."""
    document = document_of(samples.redis(integration_key="redis")) | {"tags": live}
    document |= {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
    declared = samples.redis(integration_key="redis", tags=stored)
    if stored is None:
        del declared["tags"]
    tags = inputs_of(document, declared).get("tags")
    assert (tags if tags is None else list(tags)) == found


@pytest.mark.parametrize(
    ("shown", "stored", "found"),
    [
        ("sup********123", {"password": "supersecret-123"}, "supersecret-123"),
        ("oth********123", {"password": "supersecret-123"}, REPLACED_OUTSIDE),
        ("sup********123", {}, REPLACED_OUTSIDE),
        ("", {"password": "supersecret-123"}, ""),
        (None, {"password": "supersecret-123"}, ""),
        ("", {"password": ""}, ""),
        ("", {}, None),
        ("sup********123", {"password": REPLACED_OUTSIDE}, REPLACED_OUTSIDE),
    ],
)
def test_a_mask_is_read_against_the_stack_s_secret(shown: Any, stored: dict[str, str], found: Optional[str]) -> None:
    """One that fits is the secret, one that does not is drift, and none at all is an empty password."""
    document = {"projectKey": "p", "environmentKey": "e", "integrationKey": "redis"}
    config = inputs_of(document | {"config": {"host": "h", "password": shown}}, {"config": {"host": "h", **stored}})
    assert config["config"].get("password") == found


@given(SECRETS)
@example("p*ss***word")
@example("*******")
def test_a_mask_may_be_of_its_own_secret(secret: str) -> None:
    """Also where the secret holds asterisks itself, or is too short to show any of it."""
    assert may_be_mask_of(mask(secret), secret)


@given(SECRETS, SECRETS)
def test_a_mask_of_another_start_or_end_is_of_another_secret(one: str, other: str) -> None:
    """A mask that shows three characters at each end fits exactly the long enough secrets with these ends."""
    assume(len(one) > 6 and "*" not in one)
    fits = len(other) >= 6 and other[:3] == one[:3] and other[-3:] == one[-3:]
    assert may_be_mask_of(mask(one), other) == fits


@pytest.mark.parametrize(
    ("shown", "secret", "fits"),
    [
        ("sup********123", "supersecret-123", True),
        ("sup********123", "supersecret-124", False),
        ("sup********123", "Supersecret-123", False),
        ("sup********123", "sup12", False),
        ("sup********up1", "sup1", False),
        ("********", "hunter2", True),
        ("********", "", False),
        ("", "hunter2", False),
        ("", "", True),
        (None, "", True),
        (None, "hunter2", False),
        ("hunter2", "hunter2", True),
        ("hunter2", "hunter3", False),
    ],
)
def test_what_a_mask_can_stand_for(shown: Optional[str], secret: str, fits: bool) -> None:
    """Both visible ends must be the secret's, without overlapping; nothing shown is an empty secret."""
    assert may_be_mask_of(shown, secret) is fits


@given(KEYS, KEYS, KINDS, KEYS)
def test_an_id_reads_back_as_what_it_was(project: str, environment: str, kind: str, integration: str) -> None:
    """Four parts, joined by slashes, that no key can hold."""
    id_ = IntegrationId(project, environment, kind, integration)
    assert str(id_) == f"{project}/{environment}/{kind}/{integration}"
    assert IntegrationId.parse(str(id_)) == id_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "57c0",
        "default/production/redis",
        "default/production/redis/",
        "default/production/redis/57c0/x",
        "/production/redis/57c0",
        "default//redis/57c0",
        "default/production/mysql/57c0",
        "default/production/Redis/57c0",
        "default/production/redis/../57c0",
        "../production/redis/57c0",
        "default/production/redis/..",
        "default/production/redis/57c0\n",
        " default/production/redis/57c0",
        "default/pro duction/redis/57c0",
        "default/prodüction/redis/57c0",
        "default/production/redis/57c0?x=1",
        "default/production/redis/57c0#x",
        "default/production/redis/%2e%2e",
        f"{'k' * 257}/production/redis/57c0",
        *hostile.VALUES.values(),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_is_no_id_is_refused(text: Any) -> None:
    """Too few parts or too many, an unknown kind, or characters that no key has; in one short line of plain text."""
    with pytest.raises(InvalidId, match="is not an integration's ID") as error:
        IntegrationId.parse(text)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


@given(st.text())
def test_any_text_is_an_id_or_is_refused_in_one_line(text: str) -> None:
    """Nothing else is raised, and a refused text cannot break the line that tells of it."""
    try:
        told = str(IntegrationId.parse(text))
    except InvalidId as error:
        told = str(error)
        text = ascii(text[:100]) + " is not an integration's ID"
    assert told.startswith(text)
    assert told.isascii()
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"host": "h"}, "redis"),
        ({"password": UNKNOWN}, "redis"),
        ({"region": "eu-west-1"}, "dynamodb"),
        ({"host": "h", "region": "eu-west-1"}, None),
        ({"hots": "h"}, None),
        ({}, None),
        (None, None),
        ("redis", None),
        (UNKNOWN, None),
    ],
)
def test_the_fields_of_a_config_decide_its_kind(config: Any, kind: Optional[str]) -> None:
    """Names of one kind only; those of both, or of none, decide nothing."""
    assert integration_key_of(config) == kind


@pytest.mark.parametrize(
    ("changes", "replaced"),
    [
        ({}, []),
        ({"name": "x", "on": False, "tags": [], "config": {"host": "x"}}, []),
        ({"project_key": "other"}, ["project_key"]),
        ({"project_key": UNKNOWN}, ["project_key"]),
        ({"environment_key": "other"}, ["environment_key"]),
        ({"environment_key": UNKNOWN}, ["environment_key"]),
        ({"integration_key": "dynamodb"}, ["integration_key"]),
        ({"integration_key": UNKNOWN}, []),
        ({"project_key": "a", "environment_key": "b"}, ["project_key", "environment_key"]),
    ],
)
def test_another_place_needs_another_integration(changes: dict[str, Any], replaced: list[str]) -> None:
    """Project, environment and kind; an unknown key counts as changed, the kind of an unknown config does not."""
    found = documents.replaced_by(redis(), desired(samples.redis(**changes)))
    assert list(map(name_of, found)) == replaced


@pytest.mark.parametrize(
    ("props", "secrets"),
    [
        (samples.redis(), {samples.PASSWORD}),
        (samples.redis(config={"password": ""}), set()),
        (samples.dynamodb(), set()),
        ({}, set()),
        ({"config": UNKNOWN}, set()),
        ({"config": {"table_name": "t", "password": "misplaced"}}, {"misplaced"}),
        (samples.redis(_secrets=["config.host", "name"]), {samples.PASSWORD, "redis.example.com", "Production Redis"}),
    ],
)
def test_the_secrets_of_inputs(props: dict[str, Any], secrets: set[str]) -> None:
    """The password, also in the config of the wrong kind, and what the program marks; an empty text is none."""
    assert {secret for secret in secrets_of(codec.desired_of(props)) if secret} == secrets


@pytest.mark.parametrize(
    ("kind", "marked", "hidden"),
    [
        ("redis", [], {"/config/password"}),
        ("redis", ["config.tls_enabled", "name"], {"/config/password", "/config/tlsEnabled", "/name"}),
        ("dynamodb", [], set()),
        ("dynamodb", ["config.role_arn"], {"/config/roleArn"}),
    ],
)
def test_what_must_not_be_shown_has_pointers(kind: str, marked: list[str], hidden: set[str]) -> None:
    """Into LaunchDarkly's document: to the secret fields, and to those that the program marks."""
    assert hidden_pointers(kind, Desired({"name": "x"}), codec.desired_of({MARKED_SECRETS: marked})) == hidden


def test_only_inputs_are_declared() -> None:
    """The state also holds outputs and Pulumi's own entries; what is ``None`` was not given."""
    props = samples.redis(name=None) | {"__provider": "x", "version": 3, "integration_id": "57c0"}
    inputs_only = samples.redis()
    del inputs_only["name"]
    assert declared(props) == inputs_only


def test_the_state_keeps_inputs_and_what_launchdarkly_assigned() -> None:
    """ID and version, whether the config was compared at that version, and nothing volatile such as the status."""
    document = {"version": 4, "_id": "57c0", "_status": {"available": True}, "config": {}}
    outputs = {**samples.redis(), "integration_id": "57c0", "version": 4}
    assert outputs_of(samples.redis(), document, compared=False) == outputs
    assert outputs_of(samples.redis(), document, compared=True) == outputs | {"_compared": True}


def test_what_launchdarkly_assigned_is_an_output_and_no_input() -> None:
    """The name and the tags that the program leaves out; a field that it declares is as declared."""
    inputs = {name: value for name, value in samples.redis().items() if name not in ("name", "tags")}
    document = {"_id": "57c0", "name": "LaunchDarkly's", "on": False, "tags": [], "config": {}}
    outputs = outputs_of(inputs, document, compared=False)
    assert (outputs["name"], outputs["tags"], outputs["on"]) == ("LaunchDarkly's", [], True)
    assert declared(outputs) == inputs
    assert declared(outputs_of(inputs, {"_id": "57c0"}, compared=False)) == inputs


@pytest.mark.parametrize("config", [RedisConfig, DynamoDBConfig])
def test_a_config_class_has_the_fields_of_the_table(config: Any) -> None:
    """One table of fields: the classes that programs use cannot disagree with it."""
    assert [f.name for f in dataclasses.fields(config)] == [f.name for f in CONFIG_FIELDS[config.integration_key]]


def test_a_config_does_not_show_its_password() -> None:
    """Its ``repr`` may end in a traceback or a log."""
    assert samples.PASSWORD not in repr(RedisConfig(host="h", password=samples.PASSWORD))


def test_no_sdk_keeps_an_input_from_the_provider() -> None:
    """Before 3.235, Pulumi's SDK drops what begins with two underscores: an adoption would create a second store."""
    assert [name for name in (*INPUT_NAMES, readiness.ON, readiness.URN) if name.startswith("__")] == []
