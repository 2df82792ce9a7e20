"""The table of fields: what check, diff, patch, read and export need to know of each, and the kinds of stores.

A new kind of store is one row of ``STORE_KINDS`` and one class in `program.configs`.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple, Optional, TypeVar

Value = TypeVar("Value")

TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"
"""The type of the dynamic resource, as it is in URNs and states."""

PLUGIN_TYPE = "launchdarkly-big-segments:index:BigSegmentStoreIntegration"
"""The type of the plugin's resource."""

TYPES = (TYPE, PLUGIN_TYPE)
"""A stack may have stores of both, or go from one to the other."""


KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}")
"""LaunchDarkly's keys and IDs."""


class Unknown(Enum):
    """A value that is not known before the update. Each door translates Pulumi's form of it."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
"""The only member of :class:`Unknown`."""


_PORT = re.compile(r"[1-9][0-9]{0,4}")
"""A port as LaunchDarkly writes it. A string such as ``06379`` is not one: as a number it would lose its zero."""


Path = tuple[str, ...]
"""Where a field is in LaunchDarkly's document, by API names."""


CONFIG_PATH: Path = ("config",)


Names = Callable[[Path], str]
"""Gives the name of a field for messages; each door has names of its own."""


REPLACED_OUTSIDE = "[set outside of Pulumi]"
"""Stands for a secret that LaunchDarkly has and this stack does not know: the API only shows a mask of it."""


ASSIGNED_BY_LAUNCHDARKLY = None
"""The default of a field that LaunchDarkly fills in itself: it is left alone if the program does not set it."""


class Format(Enum):
    """What the values of a field look like; `value_rules` has one rule for each."""

    TEXT = "text"
    """a string without control and bidirectional characters"""
    KEY = "key"
    """letters, digits, ``.``, ``_`` and ``-``, beginning with a letter or digit, at most 256"""
    BOOLEAN = "boolean"
    """``True`` or ``False``, not a string"""
    TAGS = "tags"
    """strings of at most 64 characters, none twice"""
    HOST = "host"
    """a host name or an IP address, without scheme, port, user and path"""
    PORT = "port"
    """1 to 65535, as a number or as a string of digits"""
    REGION = "region"
    """an AWS region; one that LaunchDarkly's list lacks is a warning"""
    ROLE_ARN = "role_arn"
    """the ARN of an IAM role"""
    UUID = "uuid"
    """a UUID, 8-4-4-4-12 hexadecimal digits"""


@dataclass(frozen=True)
class Field:
    """One field of an integration or of its config: the facts that check, diff, patch and read share.

    :param meaning: what it is, in a few words, for the schema of the plugin.
    """

    name: str
    api_name: str
    format: Format
    required: bool = False
    default: Any = ASSIGNED_BY_LAUNCHDARKLY
    secret: bool = False
    forces_replacement: bool = False
    meaning: str = ""

    def to_api(self, value: object) -> Any:
        """The API's form of a Python value: LaunchDarkly keeps a port as a string.

        A value of an unexpected type is passed through: a state may hold anything that LaunchDarkly had at a refresh.
        """
        if self.format is Format.PORT and isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(int(value)) if float(value).is_integer() else value
        return list(value) if isinstance(value, tuple) else value

    def from_api(self, value: object) -> Any:
        """The Python form of an API value. A value that the API should not have is passed through, to show as drift."""
        if self.format is Format.PORT and isinstance(value, str) and _PORT.fullmatch(value):
            return int(value)
        return storable(value)


class StoreKind(NamedTuple):
    """A kind of store.

    :param config_class: the name of the class in `program.configs` that a Python program declares it with.
    :param fields: those of ``config``.
    """

    config_class: str
    fields: tuple[Field, ...]


INTEGRATION_FIELDS = (
    Field(
        "project_key",
        "projectKey",
        Format.KEY,
        required=True,
        forces_replacement=True,
        meaning="the key of the LaunchDarkly project, at most 256 characters",
    ),
    Field(
        "environment_key",
        "environmentKey",
        Format.KEY,
        required=True,
        forces_replacement=True,
        meaning="the key of the environment, at most 256 characters",
    ),
    Field(
        "integration_key",
        "integrationKey",
        Format.KEY,
        forces_replacement=True,
        meaning="the kind of store, ``redis`` or ``dynamodb``; the config decides it",
    ),
    Field(
        "name",
        "name",
        Format.TEXT,
        meaning="the name that people see, at most 256 characters; LaunchDarkly chooses one if it is left out",
    ),
    Field(
        "on",
        "on",
        Format.BOOLEAN,
        default=False,
        meaning="whether LaunchDarkly writes to the store; ``False`` by default, as in the API",
    ),
    Field(
        "tags", "tags", Format.TAGS, default=(), meaning="a set of tags, each of at most 64 characters; none by default"
    ),
)


STORE_KINDS = {
    "redis": StoreKind(
        "RedisConfig",
        (
            Field(
                "host", "host", Format.HOST, required=True, meaning="host name or IP address, without scheme and port"
            ),
            Field(
                "port",
                "port",
                Format.PORT,
                default=6379,
                meaning="TCP port, 1 to 65535; LaunchDarkly's default is 6379",
            ),
            Field("username", "username", Format.TEXT, default="", meaning="Redis ACL user; none by default"),
            Field(
                "password",
                "password",
                Format.TEXT,
                default="",
                secret=True,
                meaning="empty by default; always a secret, even if the program does not mark it as one",
            ),
            Field(
                "tls_enabled",
                "tlsEnabled",
                Format.BOOLEAN,
                default=False,
                meaning="whether LaunchDarkly connects with TLS; LaunchDarkly's default is ``False``",
            ),
        ),
    ),
    "dynamodb": StoreKind(
        "DynamoDBConfig",
        (
            Field(
                "table_name",
                "tableName",
                Format.TEXT,
                required=True,
                meaning="an existing table with the partition key ``namespace`` and the sort key ``key``, both strings",
            ),
            Field(
                "region",
                "region",
                Format.REGION,
                required=True,
                meaning="the table's AWS region, such as ``eu-west-1``",
            ),
            Field(
                "external_id",
                "externalId",
                Format.UUID,
                required=True,
                meaning="a UUID of your choice, which the role's trust policy demands as external ID",
            ),
            Field(
                "role_arn",
                "roleArn",
                Format.ROLE_ARN,
                required=True,
                meaning="the role's ARN, ``arn:aws:iam::<account>:role/<name>``",
            ),
        ),
    ),
}
"""The kinds of stores, by integration key."""

CONFIG_FIELDS: Mapping[str, tuple[Field, ...]] = {key: kind.fields for key, kind in STORE_KINDS.items()}
"""The fields of ``config`` for each kind of store, by integration key."""


DEEPEST_STORED = 8
"""How many levels of lists and mappings from LaunchDarkly a state keeps: the engine's protocol has a limit."""


LONGEST_STORED = 4096
"""How many characters of a string from LaunchDarkly a state keeps."""


KEY_FIELDS = tuple(f for f in INTEGRATION_FIELDS if f.forces_replacement)
"""The fields that say where an integration is: its project, its environment and its kind."""


EDITABLE_FIELDS = tuple(f for f in INTEGRATION_FIELDS if not f.forces_replacement)
"""The fields beside ``config`` that a patch can change."""


ALL_SECRETS = tuple(f for fields in CONFIG_FIELDS.values() for f in fields if f.secret)


SECRET_NAMES = frozenset(f.name for f in ALL_SECRETS)


_NAMES = (
    {f.api_name: f.name for f in INTEGRATION_FIELDS},
    {f.api_name: f.name for fields in CONFIG_FIELDS.values() for f in fields},
)
_API_NAMES = tuple({name: api_name for api_name, name in names.items()} for names in _NAMES)


REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
)  # fmt: skip
"""The AWS regions that LaunchDarkly's DynamoDB manifest lists; the list may lag behind AWS."""


def is_unknown(value: object) -> bool:
    """Whether the value will only be known during the update."""
    return value is UNKNOWN


def set_only(values: Mapping[str, Optional[Value]]) -> dict[str, Value]:
    """The values that are set, that is those that are not ``None``."""
    return {name: value for name, value in values.items() if value is not None}


def storable(value: object, depth: int = 0) -> Any:
    """A value of LaunchDarkly's as a state can hold it: no lone surrogates in strings, and nothing nested too deep."""
    if isinstance(value, str):
        string = value.encode("utf-8", "backslashreplace").decode()
        return string if len(string) <= LONGEST_STORED else f"{string[:LONGEST_STORED]}… ({len(string)} characters)"
    if not isinstance(value, (list, dict)):
        return value
    if depth >= DEEPEST_STORED:
        return storable(json.dumps(value))
    if isinstance(value, list):
        return [storable(each, depth + 1) for each in value]
    return {storable(name): storable(each, depth + 1) for name, each in value.items()}


def integration_key_of(config: object) -> Optional[str]:
    """The only kind of store that has all known fields of a config; ``None`` if no kind or more than one has them."""
    if not isinstance(config, Mapping):
        return None
    names = {kind: {f.name for f in fields} & config.keys() for kind, fields in CONFIG_FIELDS.items()}
    known = set().union(*names.values())
    kinds = [kind for kind, found in names.items() if found and found == known]
    return kinds[0] if len(kinds) == 1 else None


def path_of(*names: str) -> Path:
    """The path of the field with these names of the table; a name that the table lacks stays as it is."""
    known = _API_NAMES[len(names) > 1]
    return (*names[:-1], known.get(names[-1], names[-1]))


def name_of(path: Path) -> str:
    """The table's name of the field at a path, with dots: ``config.tls_enabled``."""
    *outer, last = path
    return ".".join((*outer, _NAMES[bool(outer)].get(last, last)))


def pointer(path: Path) -> str:
    """The JSON Pointer of a path (RFC 6901); no API name needs its escapes."""
    return "/" + "/".join(path)


@functools.cache
def fields_by_path(integration_key: Optional[str]) -> Mapping[Path, Field]:
    """The editable fields of a kind of integration, by their path in LaunchDarkly's document."""
    config = CONFIG_FIELDS.get(integration_key or "", ())
    return MappingProxyType({(f.api_name,): f for f in EDITABLE_FIELDS} | {("config", f.api_name): f for f in config})
