"""A Pulumi provider for LaunchDarkly's big segment stores."""

from .accounts import Provider
from .lookups import (
    GetBigSegmentStoreIntegrationResult,
    get_big_segment_store_integration,
    get_big_segment_store_integration_output,
    get_big_segment_store_integrations,
    get_big_segment_store_integrations_output,
)
from .models import DynamoDBConfig, RedisConfig
from .readiness import BigSegmentStoreReadiness
from .resource import BigSegmentStoreIntegration
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
