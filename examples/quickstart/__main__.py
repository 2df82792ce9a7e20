"""One big segment store in Redis, for one environment in LaunchDarkly."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
store = launchdarkly.BigSegmentStoreIntegration(
    "production-redis",
    project_key=config.get("projectKey") or "default",
    environment_key=config.get("environmentKey") or "production",
    config=launchdarkly.RedisConfig(
        host=config.get("redisHost") or "redis.example.com",
        port=config.get_int("redisPort") or 6379,
        tls_enabled=True,
        username="launchdarkly",
        password=config.require_secret("redisPassword"),
    ),
    name="Production Redis",
    on=True,
    tags=["managed-by-pulumi"],
)
pulumi.export("integrationId", store.integration_id)
