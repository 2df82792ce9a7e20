"""Looking up integrations, status included, and environments, in a program and from plain Python.

Settings come from the stack's configuration, then from the environment; plain Python has the environment alone.
With an explicit :class:`Provider` whose settings are outputs, only the ``..._output`` functions can wait for them.
A look-up asks LaunchDarkly each time, in a preview too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Optional, TypeVar

import pulumi

from ..core import settings
from ..core.find import GetBigSegmentStoreIntegrationResult, GetEnvironmentResult, environment, find, find_all
from ..core.session import Session
from ..dynamic.messages import Messages
from ..dynamic.process import shared_by
from ..errors import LaunchDarklyError, SettingsError
from .accounts import PACKAGE, Provider

Found = TypeVar("Found")


def get_big_segment_store_integration(
    id: str, opts: Optional[pulumi.InvokeOptions] = None
) -> GetBigSegmentStoreIntegrationResult:
    """Looks one integration up.

    :param id: ``project/environment/kind/integrationId``.
    :param opts: Pulumi's options of invokes: ``provider``, or a ``parent`` that has one.
    :raises LaunchDarklyError: there is no such integration (``NotFound``), no token, no answer, or a refusal.
    """
    with _ending_the_program():
        return find(_session(_known(opts, id)), id)


def get_big_segment_store_integrations(
    project_key: Optional[str] = None,
    environment_key: Optional[str] = None,
    opts: Optional[pulumi.InvokeOptions] = None,
) -> list[GetBigSegmentStoreIntegrationResult]:
    """Looks up the account's integrations, without configs, ordered by ID.

    :param project_key: only those of this project.
    :param environment_key: only those of environments with this key.
    :param opts: as in :func:`get_big_segment_store_integration`.
    :raises LaunchDarklyError: no token, no answer, or a refusal.
    """
    with _ending_the_program():
        return find_all(_session(_known(opts, project_key, environment_key)), project_key, environment_key)


def get_big_segment_store_integration_output(
    id: pulumi.Input[str], opts: Optional[pulumi.InvokeOptions] = None
) -> pulumi.Output[GetBigSegmentStoreIntegrationResult]:
    """The same as :func:`get_big_segment_store_integration`, for what is only known later."""
    return _later(find, opts, id)


def get_big_segment_store_integrations_output(
    project_key: Optional[pulumi.Input[str]] = None,
    environment_key: Optional[pulumi.Input[str]] = None,
    opts: Optional[pulumi.InvokeOptions] = None,
) -> pulumi.Output[list[GetBigSegmentStoreIntegrationResult]]:
    """The same as :func:`get_big_segment_store_integrations`, for what is only known later."""
    return _later(find_all, opts, project_key, environment_key)


def get_environment(
    project_key: str, environment_key: str, opts: Optional[pulumi.InvokeOptions] = None
) -> GetEnvironmentResult:
    """Looks an environment up: its client-side ID is the key prefix that SDKs need to read its big segments.

    :param project_key: the project's key.
    :param environment_key: the environment's key.
    :param opts: as in :func:`get_big_segment_store_integration`.
    :raises LaunchDarklyError: there is no such environment (``NotFound``), no token, no answer, or a refusal.
    """
    with _ending_the_program():
        return environment(_session(_known(opts, project_key, environment_key)), project_key, environment_key)


def get_environment_output(
    project_key: pulumi.Input[str], environment_key: pulumi.Input[str], opts: Optional[pulumi.InvokeOptions] = None
) -> pulumi.Output[GetEnvironmentResult]:
    """The same as :func:`get_environment`, for what is only known later."""
    return _later(environment, opts, project_key, environment_key)


def _session(given: Mapping[str, Any]) -> Session:
    """What the look-ups of one account share: its client, which keeps to the account's rate limit."""
    return shared_by(given.get, lambda: Messages(None)).stores.session


def _account(opts: Optional[pulumi.InvokeOptions]) -> dict[str, Any]:
    """The settings of the account that a look-up is for, as a provider would be configured with; some may be outputs.

    :raises SettingsError: the provider is none of this package.
    """
    provider: Any = opts and (opts.provider or (opts.parent and opts.parent.get_provider(f"{PACKAGE}::")))
    if isinstance(provider, Provider):
        return provider.account
    if provider is not None:
        raise SettingsError("the provider of a look-up must be a launchdarkly_pulumi.Provider")
    stack = pulumi.Config(settings.NAMESPACE)
    return {f"{settings.NAMESPACE}:{name}": stack.get(name) for name in settings.ENVIRONMENT_NAMES}


def _known(opts: Optional[pulumi.InvokeOptions], *arguments: Any) -> dict[str, Any]:
    """The settings of the account, if they and the arguments are known now."""
    account = _account(opts)
    if any(isinstance(value, (pulumi.Output, asyncio.Future)) for value in (*account.values(), *arguments)):
        raise SettingsError(
            "a look-up with an output, as its argument or in its provider's settings, "
            "has to wait for it: use the function of the same name that ends in _output"
        )
    return account


def _later(
    look_up: Callable[..., Found], opts: Optional[pulumi.InvokeOptions], *arguments: pulumi.Input[Any]
) -> pulumi.Output[Found]:
    # The account's token is a secret, what is found with it is not.
    with _ending_the_program():
        account = pulumi.Output.unsecret(pulumi.Output.from_input(_account(opts)))

    def found(known: list[Any]) -> Found:
        with _ending_the_program():
            return look_up(_session(known[0]), *known[1:])

    async def without_blocking(known: list[Any]) -> Found:
        return await asyncio.to_thread(found, known)

    return pulumi.Output.all(account, *arguments).apply(without_blocking)


@contextmanager
def _ending_the_program() -> Iterator[None]:
    """Makes an error end a Pulumi program with one line instead of a traceback; its kind stays what it is."""
    try:
        yield
    except LaunchDarklyError as error:
        raise _as_run_error(error) from None


def _as_run_error(error: LaunchDarklyError) -> LaunchDarklyError:
    """The same error, of its own kind, which is one of Pulumi's as well."""
    kind = type(error)
    both = type(kind.__name__, (kind, pulumi.RunError), {"__module__": kind.__module__})
    same: LaunchDarklyError = both.__new__(both, *error.args)
    vars(same).update(vars(error))
    return same
