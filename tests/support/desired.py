"""What programs declare, as the core takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from launchdarkly_pulumi.dynamic import codec
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.fields import integration_key_of, set_only
from support import samples


def desired(arguments: Mapping[str, Any]) -> Desired:
    """What arguments of a Python program declare, hidden inputs among them; the config decides the kind."""
    return codec.desired_of({**set_only({"integration_key": integration_key_of(arguments.get("config"))}), **arguments})


def redis(**changes: Any) -> Desired:
    """The Redis sample."""
    return desired(samples.redis(**changes))


def dynamodb(**changes: Any) -> Desired:
    """The DynamoDB sample."""
    return desired(samples.dynamodb(**changes))


def but(declared: Desired, **changes: Any) -> Desired:
    """The same with other values; ``None`` leaves a field to its default."""
    return declared.with_values(set_only({**declared.values, **changes}))


def ignoring(declared: Desired, *paths: str) -> Desired:
    """The same with paths whose changes the program ignores."""
    return codec.desired_of(codec.with_ignored(declared.values, paths))
