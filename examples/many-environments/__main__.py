"""One big segment store for each environment that the stack's configuration lists."""

import pulumi

import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
passwords = config.require_secret_object("passwords")

stores = {
    environment: launchdarkly.BigSegmentStoreIntegration(
        environment,
        project_key=config.require("project"),
        environment_key=environment,
        config=launchdarkly.RedisConfig(
            host=settings["host"],
            port=settings.get("port"),
            tls_enabled=True,
            password=passwords[environment],
        ),
        on=settings.get("on", False),
        tags=["managed-by-pulumi", *settings.get("tags", [])],
    )
    for environment, settings in config.require_object("environments").items()
}
# SDKs of an environment read its store with its prefix, and with no other.
prefixes = {key: launchdarkly.get_environment(config.require("project"), key).client_side_id for key in stores}
pulumi.export("sdkPrefixes", prefixes)
pulumi.export("integrationIds", {environment: store.id for environment, store in stores.items()})
