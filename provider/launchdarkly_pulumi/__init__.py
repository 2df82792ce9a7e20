"""A Pulumi provider for LaunchDarkly's big segment stores."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.find import GetBigSegmentStoreIntegrationResult, GetEnvironmentResult
    from .model.status import BigSegmentStoreError, BigSegmentStoreStatus
    from .program.accounts import Provider
    from .program.configs import DynamoDBConfig, RedisConfig
    from .program.integration import BigSegmentStoreIntegration
    from .program.lookups import (
        get_big_segment_store_integration,
        get_big_segment_store_integration_output,
        get_big_segment_store_integrations,
        get_big_segment_store_integrations_output,
        get_environment,
        get_environment_output,
    )
    from .program.readiness import BigSegmentStoreReadiness

__version__ = "0.1.0"
"""The distribution's version too. A look into what is installed would cost each process the time of some imports."""

_HOMES = {
    "BigSegmentStoreError": "model.status",
    "BigSegmentStoreIntegration": "program.integration",
    "BigSegmentStoreReadiness": "program.readiness",
    "BigSegmentStoreStatus": "model.status",
    "DynamoDBConfig": "program.configs",
    "GetBigSegmentStoreIntegrationResult": "core.find",
    "GetEnvironmentResult": "core.find",
    "Provider": "program.accounts",
    "RedisConfig": "program.configs",
    "get_big_segment_store_integration": "program.lookups",
    "get_big_segment_store_integration_output": "program.lookups",
    "get_big_segment_store_integrations": "program.lookups",
    "get_big_segment_store_integrations_output": "program.lookups",
    "get_environment": "program.lookups",
    "get_environment_output": "program.lookups",
}
"""The module of each public name, imported when the name is first used: the command line, the emulator and
the pytest plugin do without Pulumi's SDK, and most programs without look-ups."""

__all__ = [
    "BigSegmentStoreError",
    "BigSegmentStoreIntegration",
    "BigSegmentStoreReadiness",
    "BigSegmentStoreStatus",
    "DynamoDBConfig",
    "GetBigSegmentStoreIntegrationResult",
    "GetEnvironmentResult",
    "Provider",
    "RedisConfig",
    "get_big_segment_store_integration",
    "get_big_segment_store_integration_output",
    "get_big_segment_store_integrations",
    "get_big_segment_store_integrations_output",
    "get_environment",
    "get_environment_output",
]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used."""
    if name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted({*globals(), *__all__})
