"""One big segment store in Redis, for one environment in LaunchDarkly."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
project_key = config.get("projectKey") or "default"
environment_key = config.get("environmentKey") or "production"
store = launchdarkly.BigSegmentStoreIntegration(
    "production-redis",
    project_key=project_key,
    environment_key=environment_key,
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
# SDKs read the store's segments with this key prefix, and with no other.
pulumi.export("sdkPrefix", launchdarkly.get_environment(project_key, environment_key).client_side_id)
