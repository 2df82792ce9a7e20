"""A Pulumi provider for LaunchDarkly's big segment stores."""

from .accounts import Provider
from .models import DynamoDBConfig, RedisConfig
from .readiness import BigSegmentStoreReadiness
from .resource import BigSegmentStoreIntegration

__all__ = [
    "BigSegmentStoreIntegration",
    "BigSegmentStoreReadiness",
    "DynamoDBConfig",
    "Provider",
    "RedisConfig",
]
