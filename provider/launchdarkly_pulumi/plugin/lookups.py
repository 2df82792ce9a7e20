"""The functions of the plugin: what LaunchDarkly has, in the plugin's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from ..core import find
from ..core.find import GetBigSegmentStoreIntegrationResult
from ..core.stores import Stores
from ..model.desired import Desired
from ..model.fields import is_unknown
from ..model.validation import Failure
from ..model.value_rules import closest, did_you_mean, shown_name, type_of
from .names import CONFIG, properties_of
from .schema import FIND, FIND_ALL, GET_ENVIRONMENT, camel_case

Arguments = Mapping[str, Any]


def _find(stores: Stores, arguments: Arguments) -> dict[str, Any]:
    return _integration(find.find(stores.session, arguments["id"]))


def _find_all(stores: Stores, arguments: Arguments) -> dict[str, Any]:
    found = find.find_all(stores.session, arguments.get("projectKey"), arguments.get("environmentKey"))
    return {"integrations": [_integration(each) for each in found]}


def _get_environment(stores: Stores, arguments: Arguments) -> dict[str, Any]:
    return _members(find.environment(stores.session, arguments["projectKey"], arguments["environmentKey"]))


FUNCTIONS: Mapping[str, tuple[Callable[[Stores, Arguments], dict[str, Any]], tuple[str, ...], tuple[str, ...]]] = {
    FIND: (_find, ("id",), ("id",)),
    FIND_ALL: (_find_all, ("projectKey", "environmentKey"), ()),
    GET_ENVIRONMENT: (_get_environment, ("projectKey", "environmentKey"), ("projectKey", "environmentKey")),
}
"""Each function, its arguments, and those of them that are required."""


def problems(token: str, arguments: Arguments) -> list[Failure]:
    """What is wrong with the arguments of a function."""
    _, names, required = FUNCTIONS[token]
    found = [Failure(name, "is required") for name in required if name not in arguments]
    for name in sorted(arguments):
        value = arguments[name]
        if name not in names:
            found.append(Failure(shown_name(name), f"is not an argument{did_you_mean(closest(name, names))}"))
        elif not isinstance(value, str) and not is_unknown(value):
            found.append(Failure(name, f"must be a string, not {type_of(value)}"))
    return found


def call(stores: Stores, token: str, arguments: Arguments) -> dict[str, Any]:
    """What a function returns."""
    function, _, _ = FUNCTIONS[token]
    return function(stores, arguments)


def _integration(found: GetBigSegmentStoreIntegrationResult) -> dict[str, Any]:
    """What a look-up returns, in the names of the schema; what LaunchDarkly does not say is left out."""
    config: Mapping[str, Any] = {}
    if found.config is not None:
        config = properties_of(Desired({CONFIG: found.config, "integration_key": found.integration_key})).values
    return {**_members(found), **config}


def _shown(value: Any) -> Any:
    if is_dataclass(value):
        return _members(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [_shown(each) for each in value] if isinstance(value, tuple) else value


def _members(value: Any) -> dict[str, Any]:
    members = {camel_case(each.name): getattr(value, each.name) for each in fields(value)}
    return {name: _shown(member) for name, member in members.items() if member is not None and name != CONFIG}
