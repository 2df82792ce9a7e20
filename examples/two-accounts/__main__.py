"""The same store in two LaunchDarkly accounts: each account is a provider of its own."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
accounts = {
    "us": launchdarkly.Provider(
        "us",
        access_token=config.require_secret("usAccessToken"),
        api_host=config.get("usApiHost") or "app.launchdarkly.com",
    ),
    "eu": launchdarkly.Provider(
        "eu",
        access_token=config.require_secret("euAccessToken"),
        api_host=config.get("euApiHost") or "app.eu.launchdarkly.com",
    ),
}

for region, account in accounts.items():
    store = launchdarkly.BigSegmentStoreIntegration(
        f"{region}-redis",
        pulumi.ResourceOptions(provider=account),
        project_key="default",
        environment_key="production",
        config=launchdarkly.RedisConfig(
            host=f"redis.{region}.example.com", tls_enabled=True, password=config.require_secret("redisPassword")
        ),
        on=True,
    )
    environment = launchdarkly.get_environment_output("default", "production", pulumi.InvokeOptions(provider=account))
    pulumi.export(f"{region}IntegrationId", store.id)
    # SDKs read the store's segments with this key prefix, and with no other.
    pulumi.export(f"{region}SdkPrefix", environment.client_side_id)
