"""A resource that is there once a store works: what depends on it is deployed after that."""

# NOTE: no `from __future__ import annotations`, for the reason given in `resource`.
from collections.abc import Mapping
from typing import Any, Optional, Union

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import engine
from .models import IntegrationId, set_only
from .provider import LaunchDarklyProvider
from .resource import BigSegmentStoreIntegration, register

TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness"

DEFAULT_TIMEOUT = "5m"

OUTPUTS = ("integration", "version", "timeout")

URN = "_urn"
"""The input that holds the resource's own URN, which Pulumi does not tell the provider, for the status line."""

ON = "_on"
"""The input that tells ``check`` alone whether the program declares the store on."""


class ReadinessProvider(LaunchDarklyProvider):
    """Waits in create and update, and sends nothing in any other call."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Reports every problem of the inputs at once."""
        from . import waiting

        self._begin()
        given = set_only(engine.plain(news))
        inputs = {name: given[name] for name in (*OUTPUTS, URN) if name in given}
        failures = [self._reported(failure) for failure in waiting.problems(inputs, given.get(ON))]
        return CheckResult(inputs, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Whether there is something to wait for: another integration, or another version of it."""
        stored, inputs = engine.plain(_olds), engine.plain(_news)
        changed = [name for name in ("integration", "version") if stored.get(name) != inputs.get(name)]
        replaces = [name for name in changed if name == "integration"]
        return DiffResult(changes=bool(changed), replaces=replaces, delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Waits."""
        self._begin()
        self._wait(props)
        return CreateResult(props["integration"], _outputs_of(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What is stored: that the store worked once is not undone by its not working now."""
        return ReadResult(id_, _outputs_of(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Waits again."""
        self._begin()
        self._wait(_news)
        return UpdateResult(_outputs_of(_news))

    def _wait(self, inputs: Mapping[str, Any]) -> None:
        from . import waiting

        id_, timeout = IntegrationId.parse(inputs["integration"]), waiting.seconds_of(inputs["timeout"])
        waiting.until_available(self._run, id_, timeout, inputs.get(URN) or "")


def _outputs_of(props: Mapping[str, Any]) -> dict[str, Any]:
    return {name: props[name] for name in OUTPUTS if props.get(name) is not None}


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
    ) -> None:
        """Declares the wait.

        :param resource_name: the resource's name in the Pulumi program.
        :param opts: Pulumi's resource options; ``custom_timeouts`` has no effect.
        :param integration: the store. An ID, ``project/environment/kind/integrationId``, does too, but then only
            another ID is waited for again.
        :param timeout: how long to wait: ``5m``, ``90s``, ``1h30m`` or a number of seconds, up to a day.
        """
        given: pulumi.Output[Any] = pulumi.Output.from_input(integration)
        props = {
            "integration": given.apply(lambda it: it.id if _is_store(it) else it),
            "version": given.apply(lambda it: it.version if _is_store(it) else None),
            "timeout": timeout,
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
