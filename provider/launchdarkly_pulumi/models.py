"""What a big segment store integration is: its kinds and fields, its ID, and LaunchDarkly's document for it.

This is the one place that knows both vocabularies: Pulumi inputs, outputs and state use the Python
names (``config.tls_enabled``), LaunchDarkly's documents use the API's (``config.tlsEnabled``).
Everything here is pure; it imports neither Pulumi nor an HTTP library.

Sources: LaunchDarkly's API reference, "Persistent store integrations (beta)", and the
``formVariables`` of LaunchDarkly's integration manifests for ``redis`` and ``dynamodb``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Optional, Union

from .errors import InvalidId, UnknownSecret

if TYPE_CHECKING:
    from uuid import UUID

    import pulumi

TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"
"""The type of the resource, as it is in URNs and states."""

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}")
"""LaunchDarkly's keys and IDs."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi's wire protocol writes a value that is not known before the update (``pulumi.runtime.rpc.UNKNOWN``)."""

_PORT = re.compile(r"[1-9][0-9]{0,4}")
"""A port as LaunchDarkly writes it; ``06379`` would come back as another string."""

Path = tuple[str, ...]
"""Where a field is in LaunchDarkly's document, by API names."""

REPLACED_OUTSIDE = "[set outside of Pulumi]"
"""Stands for a secret that LaunchDarkly holds and this stack does not know: the API only ever shows a mask of it."""

ASSIGNED_BY_LAUNCHDARKLY = None
"""The default of a field that LaunchDarkly fills in itself: left alone while the program says nothing about it."""


class Format(Enum):
    """What the values of a field look like; ``rules`` has one rule for each."""

    TEXT = "text"
    """a text without control and bidirectional characters"""
    KEY = "key"
    """letters, digits, ``.``, ``_`` and ``-``, beginning with a letter or digit, at most 256"""
    BOOLEAN = "boolean"
    """``True`` or ``False``, not a text"""
    TAGS = "tags"
    """texts of at most 64 characters, none twice"""
    HOST = "host"
    """a host name or an IP address, without scheme, port, user and path"""
    PORT = "port"
    """1 to 65535, as a number or as a text of digits"""
    REGION = "region"
    """an AWS region; one that LaunchDarkly's list lacks is a warning"""
    ROLE_ARN = "role_arn"
    """the ARN of an IAM role"""
    UUID = "uuid"
    """a UUID, 8-4-4-4-12 hexadecimal digits"""


@dataclass(frozen=True)
class Field:
    """One field of an integration or of its config: the facts that check, diff, patch and read share."""

    name: str
    api_name: str
    format: Format
    required: bool = False
    default: Any = ASSIGNED_BY_LAUNCHDARKLY
    secret: bool = False
    forces_replacement: bool = False

    def to_api(self, value: Any) -> Any:
        """The API's form of a Python value: LaunchDarkly keeps a port as a string.

        Anything else is passed through: a state may hold whatever LaunchDarkly had at a refresh.
        """
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.format is Format.PORT and is_number and float(value).is_integer():
            return str(int(value))
        return list(value) if isinstance(value, tuple) else value

    def from_api(self, value: Any) -> Any:
        """The Python form of an API value; what the API would not send is passed through, to show as drift."""
        if self.format is Format.PORT and isinstance(value, str) and _PORT.fullmatch(value):
            return int(value)
        return storable(value)


INTEGRATION_FIELDS = (
    Field("project_key", "projectKey", Format.KEY, required=True, forces_replacement=True),
    Field("environment_key", "environmentKey", Format.KEY, required=True, forces_replacement=True),
    Field("integration_key", "integrationKey", Format.KEY, forces_replacement=True),
    Field("name", "name", Format.TEXT),
    Field("on", "on", Format.BOOLEAN, default=False),
    Field("tags", "tags", Format.TAGS, default=()),
)

CONFIG_FIELDS: dict[str, tuple[Field, ...]] = {
    "redis": (
        Field("host", "host", Format.HOST, required=True),
        Field("port", "port", Format.PORT, default=6379),
        Field("username", "username", Format.TEXT, default=""),
        Field("password", "password", Format.TEXT, default="", secret=True),
        Field("tls_enabled", "tlsEnabled", Format.BOOLEAN, default=False),
    ),
    "dynamodb": (
        Field("table_name", "tableName", Format.TEXT, required=True),
        Field("region", "region", Format.REGION, required=True),
        Field("external_id", "externalId", Format.UUID, required=True),
        Field("role_arn", "roleArn", Format.ROLE_ARN, required=True),
    ),
}
"""The fields of ``config`` for each kind of store, by integration key."""

MARKED_SECRETS = "_secrets"
"""The input in which the resource tells which other inputs the program marks as secret, as dotted names.

The engine hands every value over in plain text.
"""

ADOPTED = "_import"
"""The input that holds the ``import_`` option: the ID of the integration that the resource adopts."""

IGNORED = "_ignore_changes"
"""The input that holds the ``ignore_changes`` option: the engine applies it to the program's side alone."""

STORE_COUNT = "_stores"
"""The input in which the first stores of a program tell how many there are, and the stack's organization, as a list.

It ends in ``check``: what the engine keeps must not differ with the number of stores.
"""

REPLACED_ON_CHANGES = "_replace_on_changes"
"""The input that holds the ``replace_on_changes`` option. It ends in ``check``."""

PROGRAM = "_program"
"""The input in which a store with ``import_`` tells the URNs of all stores of the program. It ends in ``check``."""

ASSIGNED = "_assigned"
"""The output that lists which of the outputs are no inputs: fields that the program leaves to LaunchDarkly."""

PREVIEW = "_preview"
"""The input that each store has in a preview, and no other time; with the first ones, the places of all stores.

It ends in ``check``.
"""

COMPARED = "_compared"
"""The output that is there where the whole config was compared with LaunchDarkly's at the state's version."""

LARGEST_VERSION = 2**53 - 1
"""Larger integers are not exact in a state, whose numbers are doubles."""

DEEPEST_STORED = 8
"""How deep lists and mappings of LaunchDarkly's may be nested to be kept as such: the engine's protocol has a limit."""

LONGEST_STORED = 4096
"""Characters of a string of LaunchDarkly's that a state keeps."""

HIDDEN_INPUTS = (MARKED_SECRETS, ADOPTED, IGNORED)
"""What the resource tells the provider beside the fields, for good.

GOTCHA: one underscore. Inputs whose names begin with two are Pulumi's own: its engine hides them from people, and its
Python SDK before 3.235 from the provider as well.
"""

INPUT_NAMES = (*(f.name for f in INTEGRATION_FIELDS), "config", *HIDDEN_INPUTS)
KEY_FIELDS = tuple(f for f in INTEGRATION_FIELDS if f.forces_replacement)
EDITABLE_FIELDS = tuple(f for f in INTEGRATION_FIELDS if not f.forces_replacement)

ALL_SECRETS = tuple(f for fields in CONFIG_FIELDS.values() for f in fields if f.secret)
SECRET_NAMES = frozenset(f.name for f in ALL_SECRETS)

REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
)  # fmt: skip
"""The AWS regions that LaunchDarkly's DynamoDB manifest lists; the list may lag behind AWS."""


class StoreConfig:
    """What all config classes are; ``integration_key`` names the kind, a row of ``CONFIG_FIELDS``."""

    integration_key: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class RedisConfig(StoreConfig):
    """Where a Redis big segment store is, and how LaunchDarkly logs in there.

    :param host: host name or address, without scheme and port.
    :param port: TCP port, 1 to 65535; LaunchDarkly's default is 6379.
    :param username: Redis ACL user; none by default.
    :param password: always a secret, whether the program marks it as one or not.
    :param tls_enabled: connect with TLS; LaunchDarkly's default is ``False``.
    """

    integration_key = "redis"

    host: pulumi.Input[str]
    port: Optional[pulumi.Input[Union[int, str]]] = None
    username: Optional[pulumi.Input[str]] = None
    password: Optional[pulumi.Input[str]] = field(default=None, repr=False)
    tls_enabled: Optional[pulumi.Input[bool]] = None


@dataclass(frozen=True, kw_only=True)
class DynamoDBConfig(StoreConfig):
    """Which DynamoDB table is the big segment store, and the role that LaunchDarkly assumes to write to it.

    :param table_name: an existing table; partition key ``namespace`` (S), sort key ``key`` (S).
    :param region: the table's AWS region, such as ``eu-west-1``.
    :param external_id: a UUID of your choice that the role's trust policy demands.
    :param role_arn: ``arn:aws:iam::<account>:role/<name>``.
    """

    integration_key = "dynamodb"

    table_name: pulumi.Input[str]
    region: pulumi.Input[str]
    external_id: pulumi.Input[Union[str, UUID]]
    role_arn: pulumi.Input[str]


@dataclass(frozen=True)
class IntegrationId:
    """An integration's ID: ``project/environment/kind/integrationId``, as in LaunchDarkly's Terraform provider."""

    project_key: str
    environment_key: str
    integration_key: str
    integration_id: str

    @classmethod
    def parse(cls, text: Any) -> IntegrationId:
        """Reads the ID back; ``InvalidId`` when it has not four parts, or one that no key can be."""
        parts = text.split("/") if isinstance(text, str) else []
        if len(parts) != 4 or parts[2] not in CONFIG_FIELDS or not all(KEY_PATTERN.fullmatch(part) for part in parts):
            kinds = " or ".join(CONFIG_FIELDS)
            shown = ascii(text[:100]) if isinstance(text, str) else f"a {type(text).__name__}"
            raise InvalidId(
                f"{shown} is not an integration's ID, project/environment/kind/integrationId with {kinds} as the kind"
            )
        return cls(*parts)

    @property
    def segments(self) -> tuple[str, str, str, str]:
        """The parts, in the order of the API's paths."""
        return self.project_key, self.environment_key, self.integration_key, self.integration_id

    def __str__(self) -> str:
        return "/".join(self.segments)


def is_unknown(value: Any) -> bool:
    """Whether the value will only be known during the update."""
    return isinstance(value, str) and value == UNKNOWN


def set_only(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that are not set."""
    return {name: value for name, value in values.items() if value is not None}


def declared(props: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among the properties that Pulumi hands over, which hold outputs and its own entries as well."""
    left_out = props.get(ASSIGNED) or ()
    return {name: props[name] for name in INPUT_NAMES if props.get(name) is not None and name not in left_out}


def outputs_of(
    inputs: Mapping[str, Any], id_: IntegrationId, document: Mapping[str, Any], *, compared: bool
) -> dict[str, Any]:
    """What the state keeps: the inputs, and what LaunchDarkly assigned.

    :param compared: whether the config of the inputs was compared with LaunchDarkly's at the document's version.
    """
    version = version_of(document)
    proof = {COMPARED: True} if compared and version is not None else {}
    shown = {f.name: f.from_api(document.get(f.api_name)) for f in EDITABLE_FIELDS if f.name not in inputs}
    assigned = {**set_only(shown), ASSIGNED: sorted(set_only(shown))} if set_only(shown) else {}
    return {**inputs, **assigned, "integration_id": id_.integration_id, "version": version} | proof


def version_of(document: Mapping[str, Any]) -> Optional[int]:
    """LaunchDarkly's version of an integration; ``None`` where it is no integer, or one that no state holds exactly."""
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        return None
    return version if 0 <= version <= LARGEST_VERSION else None


def storable(value: Any, depth: int = 0) -> Any:
    """A value of LaunchDarkly's as a state can hold it: no lone surrogates in strings, and nothing nested too deep."""
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= LONGEST_STORED else f"{text[:LONGEST_STORED]}… ({len(text)} characters)"
    if not isinstance(value, (list, dict)):
        return value
    if depth >= DEEPEST_STORED:
        return storable(json.dumps(value))
    if isinstance(value, list):
        return [storable(each, depth + 1) for each in value]
    return {storable(name): storable(each, depth + 1) for name, each in value.items()}


def keys_of(inputs: Mapping[str, Any]) -> tuple[str, str, str]:
    """Where an integration is created: project, environment and kind."""
    return inputs["project_key"], inputs["environment_key"], inputs["integration_key"]


def secrets_of(inputs: Mapping[str, Any]) -> set[str]:
    """The texts that must never be shown: of the secret fields, and of those that the program marks."""
    config = inputs.get("config")
    by_name = {name: value for name, value in inputs.items() if name != "config"}
    if isinstance(config, Mapping):
        by_name |= {f"config.{name}": value for name, value in config.items()}
    names = {f"config.{name}" for name in SECRET_NAMES} | set(inputs.get(MARKED_SECRETS, ()))
    hidden = [value for name, value in by_name.items() if name in names or name.split(".")[0] in names]
    texts = [text for value in hidden for text in (value if isinstance(value, list) else [value])]
    return {text for text in texts if isinstance(text, str)}


def hidden_pointers(integration_key: str, *all_inputs: Mapping[str, Any]) -> set[str]:
    """Where LaunchDarkly's document has what must not be shown: the secret fields, and those that are marked."""
    marked = {name for inputs in all_inputs for name in inputs.get(MARKED_SECRETS, ())}
    hidden = {pointer(path) for path, f in fields_by_path(integration_key).items() if f.secret}
    hidden |= {
        pointer(path) for path, f in fields_by_path(integration_key).items() if ".".join((*path[:-1], f.name)) in marked
    }
    return hidden | ({"/config"} & {f"/{name}" for name in marked})


def replaced_by(stored: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """The inputs whose change needs another integration; an unknown key counts as changed.

    The kind of an unknown config does not: it is not a key that the program gives.
    """
    changed = [f.name for f in KEY_FIELDS if inputs.get(f.name) != stored.get(f.name)]
    return [name for name in changed if not (name == "integration_key" and is_unknown(inputs.get(name)))]


def integration_key_of(config: Any) -> Optional[str]:
    """The one kind of store that has the config's fields; ``None`` when none has them, or more than one."""
    if is_unknown(config):
        return UNKNOWN
    if not isinstance(config, Mapping):
        return None
    names = {kind: {f.name for f in fields} & config.keys() for kind, fields in CONFIG_FIELDS.items()}
    known = set().union(*names.values())
    kinds = [kind for kind, found in names.items() if found and found == known]
    return kinds[0] if len(kinds) == 1 else None


def pointer(path: Path) -> str:
    """The JSON Pointer of a path (RFC 6901); no API name needs its escapes."""
    return "/" + "/".join(path)


@functools.cache
def fields_by_path(integration_key: Optional[str]) -> Mapping[Path, Field]:
    """The editable fields of a kind of integration, by their path in LaunchDarkly's document."""
    config = CONFIG_FIELDS.get(integration_key or "", ())
    return MappingProxyType({(f.api_name,): f for f in EDITABLE_FIELDS} | {("config", f.api_name): f for f in config})


def document_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The document that checked inputs ask LaunchDarkly for: every managed field, defaults filled in.

    A field whose default LaunchDarkly assigns is left out while the program does not set it.
    """
    document = _to_api(inputs, EDITABLE_FIELDS)
    config = inputs["config"]
    fields = CONFIG_FIELDS.get(inputs["integration_key"], ())
    document["config"] = config if is_unknown(config) else _to_api(config, fields)
    return document


def create_body(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the POST: what the program declares, in the API's names; LaunchDarkly fills in the defaults.

    :raises UnknownSecret: a secret is known to LaunchDarkly alone.
    """
    require_known_secrets(inputs["config"])
    config_fields = CONFIG_FIELDS[inputs["integration_key"]]
    body = {f.api_name: f.to_api(inputs[f.name]) for f in EDITABLE_FIELDS if f.name in inputs}
    body["config"] = {
        f.api_name: f.to_api(inputs["config"][f.name]) for f in config_fields if f.name in inputs["config"]
    }
    return body


def require_known_secrets(config: Mapping[str, Any]) -> None:
    """``UnknownSecret`` if a config, by whichever names, holds the stand-in for a secret instead of the secret."""
    unknown = [name for name, value in config.items() if value == REPLACED_OUTSIDE]
    if unknown:
        raise UnknownSecret(
            f"config.{unknown[0]} was set outside of Pulumi, and LaunchDarkly does not show it: "
            "declare it in the program, where the whole config has to be sent"
        )


def inputs_of(document: Mapping[str, Any], stored: Optional[Mapping[str, Any]] = None) -> dict[str, Any]:
    """The inputs that would declare the integration as LaunchDarkly has it.

    :param document: LaunchDarkly's document, with its config and masked secrets.
    :param stored: what the stack declares. A field that it leaves to its default stays left out while
        LaunchDarkly has the default, tags keep the stack's order, and a secret that the mask can stand for
        is taken from here. ``REPLACED_OUTSIDE`` stands for any other secret. Without ``stored``, as for a
        look-up, secrets are left out: nobody knows them.
    """
    inputs = {f.name: f.from_api(document[f.api_name]) for f in KEY_FIELDS}
    inputs["config"] = _from_api(
        document["config"], CONFIG_FIELDS[inputs["integration_key"]], stored and stored["config"]
    )
    inputs |= _from_api(document, EDITABLE_FIELDS, stored)
    return inputs | {name: stored[name] for name in HIDDEN_INPUTS if stored and name in stored}


def shown_config(config: Mapping[str, Any], integration_key: str) -> dict[str, Any]:
    """Every field of LaunchDarkly's config by its Python name, defaults filled in, but for the secrets."""
    values = {f: config.get(f.api_name) for f in CONFIG_FIELDS[integration_key] if not f.secret}
    return {f.name: f.default if value is None else f.from_api(value) for f, value in values.items()}


def may_be_mask_of(mask: Any, secret: str) -> bool:
    """Whether what LaunchDarkly shows (``sup********123``, nothing for an empty secret) can stand for this secret."""
    if not isinstance(mask, str) or not isinstance(secret, str) or not mask or not secret or "*" not in mask:
        return bool((mask or "") == secret)
    start, end = mask.split("*", 1)[0], mask.rsplit("*", 1)[1]
    return len(secret) >= len(start) + len(end) and secret.startswith(start) and secret.endswith(end)


def _from_api(
    values: Mapping[str, Any], fields: tuple[Field, ...], stored: Optional[Mapping[str, Any]]
) -> dict[str, Any]:
    found = {}
    for f in fields:
        value = f.default if values.get(f.api_name) is None else f.from_api(values[f.api_name])
        if f.secret:
            value = _known_secret(value, f, stored)
        elif f.format is Format.TAGS:
            value = _in_stored_order(value, f, stored)
        left_to_default = value == f.default or (stored is not None and f.default is ASSIGNED_BY_LAUNCHDARKLY)
        if f.required or (stored is not None and f.name in stored) or not left_to_default:
            found[f.name] = value
    return found


def _known_secret(mask: Any, f: Field, stored: Optional[Mapping[str, Any]]) -> Any:
    if stored is None or not mask:
        return f.default
    known = stored.get(f.name, f.default)
    return known if may_be_mask_of(mask, known) else REPLACED_OUTSIDE


def _in_stored_order(tags: Any, f: Field, stored: Optional[Mapping[str, Any]]) -> Any:
    known = stored.get(f.name) if stored is not None else None
    if not isinstance(tags, list):
        return tags or f.default
    return known if known is not None and same_members(known, tags) else (tags or f.default)


def same_members(one: Any, other: Any) -> bool:
    """Whether two lists of any values are the same set."""
    return all(isinstance(each, (list, tuple)) for each in (one, other)) and members(one) == members(other)


def members(values: Sequence[Any]) -> tuple[str, ...]:
    """A list of any values as a set, in a form that can be compared: the values need not be hashable."""
    return tuple(sorted(set(map(repr, values))))


def with_unknown_secrets(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with a stand-in for each secret: nobody has made sure that LaunchDarkly has the declared ones."""
    config = {
        name: REPLACED_OUTSIDE if name in SECRET_NAMES and value else value for name, value in inputs["config"].items()
    }
    return {**inputs, "config": config}


def _to_api(values: Mapping[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
    resolved = [(f, values.get(f.name, f.default)) for f in fields]
    return {f.api_name: f.to_api(value) for f, value in resolved if value is not ASSIGNED_BY_LAUNCHDARKLY}
