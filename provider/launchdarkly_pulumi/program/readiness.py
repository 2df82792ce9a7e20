"""A resource that is there once a store works: what depends on it is deployed after that."""

# NOTE: no `from __future__ import annotations`, for the reason given in `resource`.
from typing import Any, Optional, Union

import pulumi
from pulumi.dynamic import Resource

from ..readiness import ON, URN, ReadinessProvider
from .integration import BigSegmentStoreIntegration
from .registration import register

TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness"


DEFAULT_TIMEOUT = "5m"


class BigSegmentStoreReadiness(Resource, module="launchdarkly", name="BigSegmentStoreReadiness"):
    """Waits until LaunchDarkly reports a store available, so that what depends on this is deployed after that.

    It waits when it is created, and again whenever the store was updated or replaced. A failed wait leaves the store as
    it is, and the next update waits again.
    """

    integration: pulumi.Output[str]
    """The ID of the integration."""
    version: pulumi.Output[Optional[int]]
    """The integration's version that was waited for, where the program gives the store itself."""
    timeout: pulumi.Output[Union[str, float]]
    """How long the wait may take."""

    def __init__(
        self,
        resource_name: str,
        opts: Optional[pulumi.ResourceOptions] = None,
        *,
        integration: pulumi.Input[Union[BigSegmentStoreIntegration, str]],
        timeout: pulumi.Input[Union[str, float]] = DEFAULT_TIMEOUT,
        verify: pulumi.Input[bool] = False,
        redis_url: Optional[pulumi.Input[str]] = None,
        dynamodb_endpoint: Optional[pulumi.Input[str]] = None,
    ) -> None:
        """Declares the wait.

        :param resource_name: the resource's name in the Pulumi program.
        :param opts: Pulumi's resource options; ``custom_timeouts`` has no effect.
        :param integration: the store. An ID, ``project/environment/kind/integrationId``, does too, but then only
            another ID is waited for again.
        :param timeout: how long to wait: ``5m``, ``90s``, ``1h30m`` or a number of seconds, up to a day.
        :param verify: whether to wait too until SDKs would find the store up to date, from where Pulumi runs: the
            marker under the client-side ID, in plain digits and fresh. It needs the extra ``verify``.
        :param redis_url: with ``verify``, where and as whom SDKs read a Redis: ``redis://USER:PASSWORD@HOST:PORT``, or
            ``rediss://`` for TLS. It is a secret.
        :param dynamodb_endpoint: with ``verify``, a DynamoDB other than Amazon's.
        """
        given: pulumi.Output[Any] = pulumi.Output.from_input(integration)
        props = {
            "integration": given.apply(lambda it: it.id if _is_store(it) else it),
            "version": given.apply(lambda it: it.version if _is_store(it) else None),
            "timeout": timeout,
            "verify": None if verify is False else verify,
            "redis_url": None if redis_url is None else pulumi.Output.secret(redis_url),
            "dynamodb_endpoint": dynamodb_endpoint,
            ON: given.apply(lambda it: it.on if _is_store(it) else None),
            URN: _urn(resource_name, opts),
        }
        register(self, ReadinessProvider(), resource_name, props, _of_its_account(opts, integration))


def _is_store(given: Any) -> bool:
    return isinstance(given, BigSegmentStoreIntegration)


def _of_its_account(opts: Optional[pulumi.ResourceOptions], integration: Any) -> Optional[pulumi.ResourceOptions]:
    """The options with the store's own provider where they name none: no other account knows the store."""
    provider = integration.get_provider(TYPE) if _is_store(integration) else None
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=provider), opts)


async def _urn(resource_name: str, opts: Optional[pulumi.ResourceOptions]) -> Optional[str]:
    """The URN as a plain value: an output would make the resource depend on its parent, and so on itself."""
    known: Optional[str] = await pulumi.create_urn(resource_name, TYPE, opts.parent if opts else None).future()
    return known
