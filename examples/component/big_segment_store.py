"""A team's own kind of store: one line for each environment, everything that the team has agreed on inside."""

from collections.abc import Sequence
from typing import Optional

import pulumi

import launchdarkly_pulumi as launchdarkly


class TeamStore(pulumi.ComponentResource):
    """A Redis big segment store with TLS, named and tagged alike in every environment, and in use once it works."""

    store: launchdarkly.BigSegmentStoreIntegration
    sdk_prefix: pulumi.Output[str]
    """The key prefix with which SDKs read the store's segments."""
    ready: launchdarkly.BigSegmentStoreReadiness
    """What reads the segments depends on this: it is deployed when the store is available."""

    def __init__(
        self,
        name: str,
        opts: Optional[pulumi.ResourceOptions] = None,
        *,
        team: str,
        project_key: str,
        environment_key: str,
        host: pulumi.Input[str],
        password: pulumi.Input[str],
        tags: Sequence[str] = (),
    ) -> None:
        """Declares the store of a team in one environment.

        :param team: who is asked when it breaks; the store's name and a tag say it.
        :param tags: further tags.
        """
        super().__init__("example:launchdarkly:TeamStore", name, None, opts)
        self.store = launchdarkly.BigSegmentStoreIntegration(
            name,
            pulumi.ResourceOptions(parent=self),
            project_key=project_key,
            environment_key=environment_key,
            config=launchdarkly.RedisConfig(host=host, tls_enabled=True, password=password),
            name=f"{environment_key} segments of {team}",
            on=True,
            tags=["managed-by-pulumi", f"team-{team}", *tags],
        )
        self.ready = launchdarkly.BigSegmentStoreReadiness(
            name, pulumi.ResourceOptions(parent=self), integration=self.store, timeout="10m"
        )
        environment = launchdarkly.get_environment_output(
            project_key, environment_key, pulumi.InvokeOptions(parent=self)
        )
        self.sdk_prefix = environment.client_side_id
        self.register_outputs({"integrationId": self.store.integration_id, "sdkPrefix": self.sdk_prefix})
