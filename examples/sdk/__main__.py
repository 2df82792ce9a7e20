"""A big segment store in Redis that works when the deployment is done, and the key prefix that its readers need."""

import pulumi

import launchdarkly_pulumi as launchdarkly

PROJECT, ENVIRONMENT = "default", "production"

config = pulumi.Config()
on = config.get_bool("on") is not False
store = launchdarkly.BigSegmentStoreIntegration(
    "segments",
    project_key=PROJECT,
    environment_key=ENVIRONMENT,
    config=launchdarkly.RedisConfig(
        host=config.get("redisHost") or "127.0.0.1",
        port=config.get_int("redisPort") or 6379,
    ),
    on=on,
)
if on:
    launchdarkly.BigSegmentStoreReadiness("segments-ready", integration=store, timeout="1m")

pulumi.export("prefix", launchdarkly.get_environment(PROJECT, ENVIRONMENT).client_side_id)
