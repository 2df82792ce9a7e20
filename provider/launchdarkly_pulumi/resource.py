"""The resource that programs declare: its arguments become the inputs that Pulumi's engine keeps."""

# NOTE: Pulumi evaluates a class's annotations again for each of its resources. Hence none as text, which would have to
# be compiled first, and when programs run only the one that Pulumi goes by: a version is no float.
import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from . import dry_run
from .models import (
    ADOPTED,
    IGNORED,
    INTEGRATION_FIELDS,
    MARKED_SECRETS,
    PREVIEW,
    PROGRAM,
    SECRET_NAMES,
    STORE_COUNT,
    TYPE,
    StoreConfig,
    set_only,
)
from .provider import BigSegmentStoreProvider

OUTPUTS_ONLY = {"integration_key": None, "integration_id": None, "version": None}
"""What LaunchDarkly or the provider fills in."""

GET_NEEDS = (3, 268)
"""The first version of Pulumi's SDK that finds the provider of a dynamic resource that is read by its ID."""

COUNTED_BY = 16
"""How many stores tell the provider of how many there are: any of the first ones may reach it first."""

Config = Union[StoreConfig, Mapping[str, Any]]

_store_counts: WeakKeyDictionary[pulumi.Resource, dict[Optional[pulumi.ProviderResource], list[Any]]]
_store_counts = WeakKeyDictionary()
"""How many stores each running program has declared so far, by their explicit provider, and its organization."""

_declared: WeakKeyDictionary[pulumi.Resource, list[tuple[str, Optional[pulumi.Resource]]]] = WeakKeyDictionary()
"""The name and the parent of each store that a running program has declared so far."""


class BigSegmentStoreIntegration(Resource, module="launchdarkly", name="BigSegmentStoreIntegration"):
    """A big segment store: the persistent store that LaunchDarkly writes an environment's big segments to.

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
        name: pulumi.Output[Optional[str]]
        """The name that people see in LaunchDarkly, where the program gives one."""
        on: pulumi.Output[bool]
        """Whether LaunchDarkly writes to the store."""
        tags: pulumi.Output[Optional[list[str]]]
        """The tags, a set."""
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
        tags: Optional[pulumi.Input[Sequence[pulumi.Input[str]]]] = None,
    ) -> None:
        """Declares an integration.

        :param resource_name: the resource's name in the Pulumi program.
        :param opts: Pulumi's resource options; with ``import_``, an ID as in :meth:`get`, an existing integration
            is adopted: patched to what is declared, and managed from then on.
        :param project_key: the key of the LaunchDarkly project.
        :param environment_key: the key of the environment.
        :param config: a ``RedisConfig``, a ``DynamoDBConfig``, or a mapping with the same names;
            its kind decides the kind of the integration. A password is kept secret in any case.
        :param name: the name that people see; LaunchDarkly chooses one when it is left out.
        :param on: whether LaunchDarkly writes to the store; ``False`` by default, as in the API.
        :param tags: a set of tags; none by default.
        """
        inputs = {
            "project_key": project_key,
            "environment_key": environment_key,
            "integration_key": config.integration_key if isinstance(config, StoreConfig) else None,
            "config": _config_input(config),
            "name": name,
            "on": on,
            "tags": tags,
        }
        hidden = {MARKED_SECRETS: _marked_secrets(inputs), STORE_COUNT: _count_store(resource_name, opts)}
        hidden |= _handed_over(opts)
        hidden[PREVIEW] = dry_run.places(
            _stack_of_provider(), opts.provider if opts else None, project_key, environment_key
        )
        props = OUTPUTS_ONLY | inputs | set_only(hidden)
        register(self, BigSegmentStoreProvider(), resource_name, props, _without_import(opts))

    @classmethod
    def get(
        cls, resource_name: str, id: pulumi.Input[str], opts: Optional[pulumi.ResourceOptions] = None
    ) -> "BigSegmentStoreIntegration":
        """Reads an existing integration, which the stack then knows and does not manage; needs pulumi 3.268 or later.

        :param resource_name: the resource's name in the Pulumi program.
        :param id: ``project/environment/kind/integrationId``.
        :param opts: Pulumi's resource options.
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


def register(
    resource: Resource,
    provider: ResourceProvider,
    name: str,
    props: Mapping[str, Any],
    opts: Optional[pulumi.ResourceOptions],
) -> None:
    """Does what the constructor of a dynamic resource does, without being one.

    Pulumi takes the third constructor on the stack for that of the resource's class, and whatever called it for the
    program: with one more, the state would name a line of this package for each store in place of the program's.
    """
    type_ = f"pulumi-python:{resource._resource_type_name}"
    pulumi.CustomResource.__init__(resource, type_, name, {**props, PROVIDER_KEY: serialize_provider(provider)}, opts)


def _count_store(name: str, opts: Optional[pulumi.ResourceOptions]) -> Optional[list[Any]]:
    """Counts a store of the running program. For the first ones of an account, the count, which the others increase.

    Pulumi writes inputs down when the program has run, hence the list: what it holds by then is what the provider sees.
    """
    stack = _stack_of_provider()
    if stack is None:
        return None
    _declared.setdefault(stack, []).append((name, opts.parent if opts else None))
    counts = _store_counts.setdefault(stack, {})
    count = counts.setdefault(opts.provider if opts else None, [0, pulumi.get_organization()])
    count[0] += 1
    return count if count[0] <= COUNTED_BY else None


def _stack_of_provider() -> Optional[pulumi.Resource]:
    """The running program's stack; ``None`` where no provider is told of it, as in somebody's unit tests."""
    stack = pulumi.runtime.get_root_resource()
    return None if stack is None or isinstance(get_monitor(), MockMonitor) else stack


def _handed_over(opts: Optional[pulumi.ResourceOptions]) -> dict[str, Any]:
    """The options that the provider has to know, as hidden inputs: Pulumi's engine does not tell it."""
    if opts is None:
        return {}
    ignored = opts.ignore_changes if isinstance(opts.ignore_changes, list) else []
    program = _urns_of_program() if opts.import_ is not None and _stack_of_provider() else None
    return {ADOPTED: opts.import_, IGNORED: ignored or None, PROGRAM: program}


async def _urns_of_program() -> list[str]:
    """The URNs of all stores that the program declares: it has run to its end when Pulumi asks for this."""
    stack = pulumi.runtime.get_root_resource()
    declared = _declared.get(stack, []) if stack is not None else []
    urns = [await pulumi.create_urn(name, TYPE, parent).future() for name, parent in declared]
    return [urn for urn in urns if urn]


def _without_import(opts: Optional[pulumi.ResourceOptions]) -> Optional[pulumi.ResourceOptions]:
    """The options without the one that Pulumi's engine must not see: its own import reads with no inputs."""
    if opts is None or opts.import_ is None:
        return opts
    kept = copy.copy(opts)
    kept.import_ = None
    return kept


def _config_input(config: Any) -> Any:
    """The config with its secret fields marked; for a config that is an output, the whole of it once it has any."""
    if isinstance(config, StoreConfig):
        config = set_only(vars(config))
    if isinstance(config, Mapping):
        return {
            name: pulumi.Output.secret(value) if name in SECRET_NAMES and value is not None else value
            for name, value in config.items()
        }
    if isinstance(config, pulumi.Output):
        return config.apply(lambda known: pulumi.Output.from_input(_config_input(known)))
    return config


def _marked_secrets(inputs: Mapping[str, Any]) -> Any:
    """The dotted names of the inputs that the program marks as secret, but for those that always are."""
    config = inputs["config"]
    named = {name: value for name, value in inputs.items() if name != "config" or not isinstance(config, Mapping)}
    if isinstance(config, Mapping):
        named |= {f"config.{name}": value for name, value in config.items() if name not in SECRET_NAMES}
    outputs = {name: found for name, value in named.items() if (found := _outputs_in(value))}
    if not outputs:
        return None
    marked: Any = _those_marked(outputs)
    return pulumi.Output.from_input(marked)


def _outputs_in(value: Any) -> list[pulumi.Output[Any]]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return [each for each in values if isinstance(each, pulumi.Output)]


async def _those_marked(outputs: Mapping[str, Sequence[pulumi.Output[Any]]]) -> Optional[list[str]]:
    marked = []
    for name, found in outputs.items():
        # NOTE: not in one comprehension: Python 3.10 takes none that awaits inside another one.
        if any([await each.is_secret() for each in found]):
            marked.append(name)
    return marked or None
