"""The resource that programs declare: its arguments become the inputs that Pulumi's engine keeps."""

# NOTE: Pulumi evaluates a class's annotations again for each of its resources. So they are not strings, which would
# have to be compiled each time, and a running program has only the one that Pulumi needs: a version is not a float.
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..dynamic.hidden_inputs import PROGRAM, Properties
from ..model.fields import INTEGRATION_FIELDS
from ..provider import BigSegmentStoreProvider
from . import arguments, declared, options, plain_configuration
from .configs import StoreConfig
from .registration import register

OUTPUTS_ONLY = {"integration_key": None, "integration_id": None, "version": None}
"""What LaunchDarkly or the provider fills in."""

GET_NEEDS = (3, 268)
"""The first version of Pulumi's SDK that finds the provider of a dynamic resource that is read by its ID."""

Config = Union[StoreConfig, Mapping[str, Any]]
"""What programs may give as ``config``."""


class BigSegmentStoreIntegration(Resource, module="launchdarkly", name="BigSegmentStoreIntegration"):
    """A big segment store: the persistent store to which LaunchDarkly writes an environment's big segments.

    Its problems, and errors of LaunchDarkly, are errors of the resource in Pulumi's output.

    Source: LaunchDarkly's API reference, "Persistent store integrations (beta)".
    """

    if TYPE_CHECKING:
        project_key: pulumi.Output[str]
        """The project's key. Another one replaces the integration."""
        environment_key: pulumi.Output[str]
        """The environment's key. Another one replaces the integration."""
        integration_key: pulumi.Output[str]
        """The kind of store, ``redis`` or ``dynamodb``; the config decides it."""
        integration_id: pulumi.Output[str]
        """LaunchDarkly's ID of the integration, the last part of the resource's ``id``."""
        config: pulumi.Output[dict[str, Any]]
        """The config as declared, by Python names."""
        name: pulumi.Output[str]
        """The name that people see in LaunchDarkly; LaunchDarkly chooses one if the program gives none."""
        on: pulumi.Output[bool]
        """Whether LaunchDarkly writes to the store."""
        tags: pulumi.Output[list[str]]
        """The tags, a set; empty if the program gives none."""
    version: pulumi.Output[int]
    """LaunchDarkly's version of the integration after the last update."""

    def __init__(
        self,
        resource_name: str,
        opts: Optional[pulumi.ResourceOptions] = None,
        *,
        project_key: pulumi.Input[str],
        environment_key: pulumi.Input[str],
        config: pulumi.Input[Config],
        name: Optional[pulumi.Input[str]] = None,
        on: pulumi.Input[bool] = False,
        tags: Optional[pulumi.Input[Iterable[pulumi.Input[str]]]] = None,
    ) -> None:
        """Declares an integration.

        :param resource_name: the resource's name in the Pulumi program.
        :param opts: Pulumi's resource options. With ``import_``, an ID as in :meth:`get`, an existing integration
            is adopted: it is patched to what is declared, and managed from then on.
        :param project_key: the key of the LaunchDarkly project, at most 256 characters.
        :param environment_key: the key of the environment, at most 256 characters.
        :param config: a ``RedisConfig``, a ``DynamoDBConfig``, or a mapping with the same names;
            it decides the kind of the integration. A password is always a secret.
        :param name: the name that people see, at most 256 characters; LaunchDarkly chooses one if it is left out.
        :param on: whether LaunchDarkly writes to the store; ``False`` by default, as in the API.
        :param tags: a set of tags, each of at most 64 characters; none by default.
        :raises pulumi.RunError: Pulumi cannot send the value of an argument.
        """
        inputs = {
            "project_key": arguments.value("project_key", project_key),
            "environment_key": arguments.value("environment_key", environment_key),
            "integration_key": config.integration_key if isinstance(config, StoreConfig) else None,
            "config": options.secured(config),
            "name": arguments.value("name", name),
            "on": arguments.value("on", on),
            "tags": arguments.tags(tags),
        }
        _declare(self, resource_name, inputs, opts)

    @classmethod
    def get(
        cls, resource_name: str, id: pulumi.Input[str], opts: Optional[pulumi.ResourceOptions] = None
    ) -> "BigSegmentStoreIntegration":
        """Reads an existing integration, which the stack does not manage; needs pulumi 3.268 or later.

        :param resource_name: the resource's name in the Pulumi program.
        :param id: ``project/environment/kind/integrationId``.
        :param opts: Pulumi's resource options.
        :returns: a resource with the integration's values as outputs; its config has no secrets.
        :raises pulumi.RunError: Pulumi's SDK is too old.
        """
        from importlib.metadata import version as version_of

        if tuple(map(int, version_of("pulumi").split(".")[:2])) < GET_NEEDS:
            raise pulumi.RunError(
                f"{cls.__name__}.get needs pulumi {'.'.join(map(str, GET_NEEDS))} or later: "
                "with an older one, look the integration up with get_big_segment_store_integration"
            )
        found = cls.__new__(cls)
        outputs: dict[str, Any] = {**dict.fromkeys(f.name for f in INTEGRATION_FIELDS), "config": None, **OUTPUTS_ONLY}
        of_id = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        register(found, BigSegmentStoreProvider(), resource_name, outputs, of_id)
        return found


def _declare(
    store: BigSegmentStoreIntegration,
    resource_name: str,
    inputs: Properties,
    opts: Optional[pulumi.ResourceOptions],
) -> None:
    """Registers a store with its inputs, and with the hidden inputs for the provider."""
    stack = _stack_of_provider()
    keys = inputs["project_key"], inputs["environment_key"]
    hidden = {} if stack is None else declared.declare(stack, resource_name, opts, *keys)
    settled = options.Settled(store, opts, _urns_for_adoption)
    props = {**OUTPUTS_ONLY, **inputs, **hidden}
    register(store, BigSegmentStoreProvider(), resource_name, props, settled.opts)
    if stack is not None:
        declared.look_for_late_marks(stack, settled)
        plain_configuration.warn_of_token()


def _stack_of_provider() -> Optional[pulumi.Resource]:
    """The running program's stack; ``None`` if there is no provider, as in the unit tests of a program."""
    stack = pulumi.runtime.get_root_resource()
    return None if stack is None or isinstance(get_monitor(), MockMonitor) else stack


def _urns_for_adoption(opts: pulumi.ResourceOptions) -> Properties:
    """The hidden input with which a store that adopts an integration reports the program's stores."""
    stack = _stack_of_provider()
    return {PROGRAM: declared.urns(stack)} if opts.import_ is not None and stack else {}
