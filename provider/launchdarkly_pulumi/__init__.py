"""A Pulumi provider for LaunchDarkly's big segment stores."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .program.configs import DynamoDBConfig, RedisConfig
from .program.integration import BigSegmentStoreIntegration

if TYPE_CHECKING:
    from .model.status import BigSegmentStoreError, BigSegmentStoreStatus
    from .program.accounts import Provider
    from .program.lookups import (
        GetBigSegmentStoreIntegrationResult,
        get_big_segment_store_integration,
        get_big_segment_store_integration_output,
        get_big_segment_store_integrations,
        get_big_segment_store_integrations_output,
    )
    from .program.readiness import BigSegmentStoreReadiness

    __version__: str

__all__ = [
    "BigSegmentStoreError",
    "BigSegmentStoreIntegration",
    "BigSegmentStoreReadiness",
    "BigSegmentStoreStatus",
    "DynamoDBConfig",
    "GetBigSegmentStoreIntegrationResult",
    "Provider",
    "RedisConfig",
    "get_big_segment_store_integration",
    "get_big_segment_store_integration_output",
    "get_big_segment_store_integrations",
    "get_big_segment_store_integrations_output",
]


def __getattr__(name: str) -> Any:
    """Imports what most programs do without only when it is used: they declare stores, in one account."""
    if name == "__version__":
        from importlib.metadata import version

        return version("launchdarkly-pulumi")
    if name in __all__:
        modules = (import_module(f".{each}", __name__) for each in ("accounts", "readiness", "status", "lookups"))
        return next(getattr(module, name) for module in modules if hasattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
