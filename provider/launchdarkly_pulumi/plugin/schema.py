"""The schema of the Pulumi package: what programs in every language may declare. Pure.

It is derived from the table in `model.fields`, from the settings and from what look-ups return: a new kind of store is
a row of the table, and nothing here.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..core.find import GetBigSegmentStoreIntegrationResult, GetEnvironmentResult
from ..core.settings import SETTINGS, Setting, Settings
from ..model.fields import INTEGRATION_FIELDS, PLUGIN_TYPE, STORE_KINDS, TYPE, Field, Format
from ..model.status import BigSegmentStoreError, BigSegmentStoreStatus
from .examples import documented
from .names import CONFIG, INPUTS, KIND, PACKAGE

Json = dict[str, Any]

STORE = PLUGIN_TYPE
READINESS = f"{PACKAGE}:index:BigSegmentStoreReadiness"
FIND = f"{PACKAGE}:index:getBigSegmentStoreIntegration"
FIND_ALL = f"{PACKAGE}:index:getBigSegmentStoreIntegrations"
GET_ENVIRONMENT = f"{PACKAGE}:index:getEnvironment"
CONFIG_TYPE = f"{PACKAGE}:index:StoreConfig"

DYNAMIC_READINESS = TYPE.replace("Integration", "Readiness")
"""The type of the dynamic resource that waits."""

_TYPES: Mapping[Format, Json] = {
    Format.PORT: {"type": "integer"},
    Format.BOOLEAN: {"type": "boolean"},
    Format.TAGS: {"type": "array", "items": {"type": "string"}},
}
_PLAIN_TYPES: Mapping[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string"},
}
_RESULTS: Mapping[Any, str] = {
    GetBigSegmentStoreIntegrationResult: "FoundIntegration",
    BigSegmentStoreStatus: "BigSegmentStoreStatus",
    BigSegmentStoreError: "BigSegmentStoreError",
}
"""What look-ups return, and the names of these types: SDKs have a `Get…Result` of their own for each function."""

GO_MODULE = "example.com/pulumi-launchdarkly-big-segments"
"""Nobody can publish under this host: the module is one that programs have in a folder."""

LANGUAGES: Mapping[str, Json] = {
    "nodejs": {"respectSchemaVersion": True, "packageName": "pulumi-launchdarkly-big-segments"},
    "python": {
        "respectSchemaVersion": True,
        "pyproject": {"enabled": True},
        "pythonRequires": ">=3.10",
        "packageName": "pulumi_launchdarkly_big_segments",
    },
    "go": {
        "respectSchemaVersion": True,
        "modulePath": GO_MODULE,
        "importBasePath": f"{GO_MODULE}/launchdarkly",
    },
    "csharp": {
        "respectSchemaVersion": True,
        "rootNamespace": "PulumiLaunchDarkly",
        "namespaces": {PACKAGE: "BigSegments"},
    },
}
"""What the SDKs are called. No name is in a namespace of Pulumi's or LaunchDarkly's: neither publishes these."""


def schema(version: str) -> Json:
    """The package's schema.

    :param version: the package's, as semantic versioning has it.
    """
    settings = {each.name: _setting(each) for each in SETTINGS}
    return {
        "name": PACKAGE,
        "displayName": "LaunchDarkly Big Segments",
        "version": version,
        "description": "LaunchDarkly's big segment stores: which Redis or DynamoDB holds an environment's segments.",
        "keywords": ["launchdarkly", "big segments", "redis", "dynamodb", "category/utility"],
        "license": "Apache-2.0",
        "publisher": "launchdarkly-pulumi",
        # The SDK of Go is a whole module.
        "meta": {"supportPack": True},
        "language": LANGUAGES,
        "config": {"variables": settings},
        "provider": {
            "description": "The settings of one LaunchDarkly account, for the resources that belong to it.",
            "inputProperties": settings,
        },
        "types": _types(),
        "resources": {STORE: _store(), READINESS: _readiness()},
        "functions": {FIND: _find(), FIND_ALL: _find_all(), GET_ENVIRONMENT: _get_environment()},
    }


def _setting(setting: Setting) -> Json:
    default = f" It is {setting.default} by default." if setting.default else ""
    meaning = f"{_sentence(setting.meaning)}{default} The environment variable `{setting.variable}` can hold it too."
    # GOTCHA: no `defaultInfo.environment`: SDKs would put the variable's value, the token, into the state.
    type_ = _PLAIN_TYPES.get(get_type_hints(Settings)[setting.attribute], {"type": "string"})
    return {**type_, "description": meaning} | ({"secret": True} if setting.secret else {})


def _types() -> Json:
    of_kinds = {
        _token(kind.config_class): _object(f"The config of a {key} store.", kind.fields)
        for key, kind in STORE_KINDS.items()
    }
    config = {
        key: {"$ref": _reference(_token(kind.config_class)), "description": f"A {key} store."}
        for key, kind in STORE_KINDS.items()
    }
    either = {
        "type": "object",
        "description": "Where the store is: exactly one kind of store. Another kind replaces the integration.",
        "properties": config,
    }
    results = {_token(name): _result(each) for each, name in _RESULTS.items()}
    return {CONFIG_TYPE: either, **of_kinds, **results}


def _store() -> Json:
    config = {"$ref": _reference(CONFIG_TYPE), "description": "Where the store is: exactly one kind of store."}
    inputs = {f.api_name: _property(f) for f in INPUTS} | {CONFIG: config}
    outputs = {
        KIND: _property(next(f for f in INTEGRATION_FIELDS if f.api_name == KIND)) | {"replaceOnChanges": False},
        "integrationId": _described(
            "string", "LaunchDarkly's ID of the integration, the last part of the resource's ID."
        ),
        "version": _described("integer", "LaunchDarkly's version of the integration after the last update."),
    }
    required = [f.api_name for f in INPUTS if f.required] + [CONFIG]
    return {
        "description": documented(
            "A big segment store: the persistent store that LaunchDarkly writes an environment's big segments to."
        ),
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": {name: _as_output(each) for name, each in inputs.items()} | outputs,
        "required": [*[f.api_name for f in INPUTS], CONFIG, KIND, "integrationId"],
        "aliases": [{"type": TYPE}],
    }


def _readiness() -> Json:
    properties = {
        "integration": _described("string", "The store's ID, `project/environment/kind/integrationId`.")
        | {"replaceOnChanges": True},
        "version": _described("integer", "The store's version: with it, an update of the store is waited for again."),
        "timeout": {
            "oneOf": [{"type": "string"}, {"type": "number"}],
            "description": "How long to wait: `5m`, `90s`, `1h30m` or a number of seconds; `5m` by default.",
        },
    }
    return {
        "description": "Waits until LaunchDarkly reports a store available: what depends on this is deployed after it. "
        "It waits when it is created, and again whenever the store was updated or replaced.",
        "inputProperties": properties,
        "requiredInputs": ["integration"],
        "properties": properties,
        "required": ["integration", "timeout"],
        "aliases": [{"type": DYNAMIC_READINESS}],
    }


def _find() -> Json:
    return {
        "description": "Looks one integration up, the status of its store included.",
        "inputs": {
            "properties": {"id": _described("string", "`project/environment/kind/integrationId`.")},
            "required": ["id"],
        },
        "outputs": _result(GetBigSegmentStoreIntegrationResult),
    }


def _find_all() -> Json:
    found = {"type": "array", "items": {"$ref": _reference(_token(_RESULTS[GetBigSegmentStoreIntegrationResult]))}}
    return {
        "description": "Lists the account's integrations, without their configs.",
        "inputs": {
            "properties": {
                "projectKey": _described("string", "Only those of this project."),
                "environmentKey": _described("string", "Only those of environments with this key."),
            }
        },
        "outputs": {
            "properties": {"integrations": found | {"description": "The integrations, by their IDs."}},
            "required": ["integrations"],
        },
    }


def _get_environment() -> Json:
    keys = ("projectKey", "environmentKey")
    return {
        "description": "Looks an environment up, for the key prefix that SDKs need.",
        "inputs": {
            "properties": {
                f.api_name: _described("string", _sentence(f.meaning)) for f in INPUTS if f.api_name in keys
            },
            "required": list(keys),
        },
        "outputs": _result(GetEnvironmentResult),
    }


def _object(description: str, fields: Iterable[Field]) -> Json:
    fields = tuple(fields)
    return {
        "type": "object",
        "description": description,
        "properties": {f.api_name: _property(f) for f in fields},
        "required": [f.api_name for f in fields if f.required],
    }


def _property(field: Field) -> Json:
    found = {**_TYPES.get(field.format, {"type": "string"}), "description": _sentence(field.meaning or field.api_name)}
    if field.secret:
        found["secret"] = True
    if field.forces_replacement:
        found["replaceOnChanges"] = True
    # What is empty by default is better left out than sent.
    if field.default not in (None, "", ()):
        found["default"] = field.default
    return found


def _as_output(given: Json) -> Json:
    return {name: value for name, value in given.items() if name != "default"}


def _result(result: type) -> Json:
    """The type of what a look-up returns, from the dataclass of the core."""
    meanings = dict(re.findall(r":param (\w+): ((?:.|\n(?!:))+)", inspect.cleandoc(result.__doc__ or "")))
    hints = get_type_hints(result)
    properties = {
        camel_case(each.name): _type_of(hints[each.name], each.name)
        | {"description": _sentence(re.sub(r"\s+", " ", meanings[each.name]).strip())}
        for each in fields_of(result)
    }
    optional = {camel_case(name) for name, hint in hints.items() if type(None) in get_args(hint)}
    summary = inspect.cleandoc(result.__doc__ or "").partition("\n")[0]
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": _sentence(summary), "properties": properties, "required": required}


def _type_of(hint: Any, name: str) -> Json:
    if name == CONFIG:
        return {"$ref": _reference(CONFIG_TYPE)}
    if get_origin(hint) in (Union, types.UnionType):
        return _type_of(next(each for each in get_args(hint) if each is not type(None)), name)
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type_of(get_args(hint)[0], name)}
    return _PLAIN_TYPES.get(hint) or {"$ref": _reference(_token(_RESULTS[hint]))}


def camel_case(name: str) -> str:
    """A name of Python's as the package has it: ``last_sync`` is ``lastSync``."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def _described(type_: str, description: str) -> Json:
    return {"type": type_, "description": description}


def _sentence(meaning: str) -> str:
    """A meaning as the documentation of every language shows it."""
    text = meaning.replace(", by Python names", "").replace("``", "`")
    for of_python, shown in {"False": "false", "True": "true", "None": "null"}.items():
        text = text.replace(f"`{of_python}`", f"`{shown}`")
    return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _token(name: str) -> str:
    return f"{PACKAGE}:index:{name}"


def _reference(token: str) -> str:
    return f"#/types/{token}"
