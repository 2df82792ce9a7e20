"""A big segment store for each host in the stack's configuration; ``deploy.py`` deploys it."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
for environment, host in config.require_object("hosts").items():
    launchdarkly.BigSegmentStoreIntegration(
        environment,
        project_key="default",
        environment_key=environment,
        config=launchdarkly.RedisConfig(host=host, tls_enabled=True, password=config.require_secret("redisPassword")),
        on=True,
    )
