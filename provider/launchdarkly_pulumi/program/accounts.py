"""An explicit provider: the settings of one LaunchDarkly account, for programs that work with several."""

from __future__ import annotations

from typing import Any, Literal, Optional, Union

import pulumi

from ..core.settings import EXPLICIT_PROVIDER, NAMESPACE
from ..dynamic.hidden_inputs import Properties
from . import plain_configuration

PACKAGE = "pulumi-python"
"""Pulumi's package of dynamic resources: an explicit provider of this package configures their host process."""


TOKEN = f"{NAMESPACE}:accessToken"
"""The access token's key in the configuration."""


class Provider(pulumi.ProviderResource):
    """A LaunchDarkly account, for ``pulumi.ResourceOptions(provider=...)`` of the resources that belong to it.

    A setting that is left out comes from the stack's configuration, then from the environment. A value that cannot be
    used is an error of the resources and look-ups that belong to the account.
    """

    account: dict[str, Any]
    """The settings by their keys in the configuration, for look-ups; some may be outputs."""

    def __init__(
        self,
        resource_name: str,
        opts: Optional[pulumi.ResourceOptions] = None,
        *,
        access_token: Optional[pulumi.Input[str]] = None,
        api_host: Optional[pulumi.Input[str]] = None,
        allow_http: Optional[pulumi.Input[bool]] = None,
        http_timeout: Optional[pulumi.Input[float]] = None,
        operation_timeout: Optional[pulumi.Input[float]] = None,
        max_concurrency: Optional[pulumi.Input[int]] = None,
        live_diff: Optional[pulumi.Input[Union[bool, Literal["required"]]]] = None,
    ) -> None:
        """Declares the account.

        :param resource_name: the provider's name in the Pulumi program.
        :param opts: Pulumi's resource options.
        :param access_token: an access token of the account; always a secret in the state.
        :param api_host: a host name or https URL, such as ``app.eu.launchdarkly.com``.
        :param allow_http: whether ``api_host`` may be an http URL of a private host; ``False`` by default.
        :param http_timeout: seconds to wait for each read of a response, at most 3600; 30 by default.
        :param operation_timeout: seconds for an operation with all its attempts, at most 3600; 120 by default.
        :param max_concurrency: how many requests may be under way at once, 1 to 64; 16 by default.
        :param live_diff: whether previews compare with LaunchDarkly, ``True`` by default; if ``"required"``, they must.
        """
        given = {
            "accessToken": access_token,
            "apiHost": api_host,
            "allowHttp": allow_http,
            "httpTimeout": http_timeout,
            "operationTimeout": operation_timeout,
            "maxConcurrency": max_concurrency,
            "liveDiff": live_diff,
        }
        props = _with_the_stack_s(given)
        self.account = {**props, EXPLICIT_PROVIDER: resource_name}
        token = props[TOKEN]
        plain_configuration.watch(f"the access token of the provider {resource_name}", token)
        hidden = {} if token is None else {TOKEN: pulumi.Output.secret(token)}
        super().__init__(PACKAGE, resource_name, {**self.account, **hidden}, opts)


def _with_the_stack_s(given: Properties) -> dict[str, Any]:
    """The settings by their keys in a configuration; those that are left out come from the stack's configuration."""
    stack = pulumi.Config(NAMESPACE)
    return {f"{NAMESPACE}:{name}": stack.get(name) if value is None else value for name, value in given.items()}
