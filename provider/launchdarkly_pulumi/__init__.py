"""A Pulumi provider for LaunchDarkly's big segment stores."""

from typing import TYPE_CHECKING, Any

from .accounts import Provider
from .models import DynamoDBConfig, RedisConfig
from .readiness import BigSegmentStoreReadiness
from .resource import BigSegmentStoreIntegration

if TYPE_CHECKING:
    from .lookups import (
        GetBigSegmentStoreIntegrationResult,
        get_big_segment_store_integration,
        get_big_segment_store_integration_output,
        get_big_segment_store_integrations,
        get_big_segment_store_integrations_output,
    )
    from .status import BigSegmentStoreError, BigSegmentStoreStatus

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
    """Imports the look-ups, and what they return, only when they are used: most programs declare and do not look up."""
    if name in __all__:
        from . import lookups, status

        return getattr(lookups, name, None) or getattr(status, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
