"""A Pulumi provider for LaunchDarkly's big segment stores."""

from .models import DynamoDBConfig, RedisConfig
from .resource import BigSegmentStoreIntegration

__all__ = ["BigSegmentStoreIntegration", "DynamoDBConfig", "RedisConfig"]
