"""Two environments of one team, each by one component."""

import pulumi
from big_segment_store import TeamStore

config = pulumi.Config()
for environment in ("staging", "production"):
    team_store = TeamStore(
        environment,
        team="payments",
        project_key="shop",
        environment_key=environment,
        host=f"redis.{environment}.example.com",
        password=config.require_secret("redisPassword"),
    )
    pulumi.export(f"{environment}SdkPrefix", team_store.sdk_prefix)
