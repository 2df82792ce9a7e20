"""A Pulumi provider for LaunchDarkly's big segment stores."""

from .accounts import Provider
from .models import DynamoDBConfig, RedisConfig
from .resource import BigSegmentStoreIntegration

__all__ = ["BigSegmentStoreIntegration", "DynamoDBConfig", "Provider", "RedisConfig"]
