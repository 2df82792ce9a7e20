"""One store that keeps or breaks the rules of the policy pack beside it, as the stack's configuration says."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
store = launchdarkly.BigSegmentStoreIntegration(
    "production-redis",
    project_key="default",
    environment_key="production",
    config=launchdarkly.RedisConfig(
        host="redis.example.com",
        tls_enabled=config.get_bool("tls"),
        password=config.require_secret("redisPassword"),
    ),
    on=config.get_bool("on") or False,
)
pulumi.export("integrationId", store.integration_id)
