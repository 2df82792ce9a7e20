"""Passes Pulumi's resource options, and marks as secrets, to a store's provider as hidden inputs: the engine does not.

All of it runs in the program. Transformations may change a resource's arguments and options after its constructor, so a
transformation of this package, which runs last, makes the hidden inputs.
"""

import copy
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Optional

import pulumi

from ..dynamic.hidden_inputs import ADOPTED, IGNORED, MARKED_SECRETS, REPLACED_ON_CHANGES, Properties
from ..model.fields import INTEGRATION_FIELDS, SECRET_NAMES, set_only
from . import arguments, plain_configuration

MARKED_LATE = (
    "{field} is marked as a secret by a transform. The provider does not see that, and its messages show the value: "
    "mark it in the program, or by a transformation"
)

_FIELDS = (*(f.name for f in INTEGRATION_FIELDS), "config")

Complete = Callable[[pulumi.ResourceOptions], Properties]
"""Makes further hidden inputs from a resource's final options."""


class Settled:
    """The options of a store, with two transformations that make the hidden inputs after all other transformations.

    GOTCHA: Pulumi runs the parents' and the stack's transformations after a resource's own. It iterates over a list of
    the resource, to which the first of the two transformations appends the second one meanwhile.

    :param resource: the store.
    :param given: the options that the program gives.
    :param complete: makes further hidden inputs from the options that all other transformations have left.

    ``opts`` are the options for Pulumi.
    """

    def __init__(self, resource: pulumi.Resource, given: Optional[pulumi.ResourceOptions], complete: Complete) -> None:
        self._resource, self._complete = resource, complete
        self._props: Properties = {}
        self.opts = copy.copy(given) if given is not None else pulumi.ResourceOptions()
        self.opts.transformations = [self._begin, *(self.opts.transformations or [])]

    def _begin(self, args: pulumi.ResourceTransformationArgs) -> None:
        # Children of the resource inherit its transformations.
        if args.resource is self._resource:
            self._resource._transformations.append(self._end)

    def _end(self, args: pulumi.ResourceTransformationArgs) -> Optional[pulumi.ResourceTransformationResult]:
        if args.resource is not self._resource:
            return None
        props, opts = dict(args.props), copy.copy(args.opts)
        if len(self._resource._transformations) > len((self._begin, self._end)):
            props["config"] = secured(props.get("config"))
        for name in args.opts.additional_secret_outputs or ():
            if name in _FIELDS and props.get(name) is not None:
                props[name] = pulumi.Output.secret(props[name])
        hidden = {
            MARKED_SECRETS: _marked_secrets(props),
            ADOPTED: opts.import_,
            IGNORED: _paths(opts.ignore_changes),
            REPLACED_ON_CHANGES: _paths(opts.replace_on_changes),
            **self._complete(args.opts),
        }
        self._props = props
        # Pulumi's engine must not see this option: its own import reads without inputs.
        opts.import_ = None
        return pulumi.ResourceTransformationResult({**props, **set_only(hidden)}, opts)

    async def warn_of_late_marks(self) -> None:
        """Warns, once the engine has registered the store, of each field that only a transform has marked as a secret.

        Transforms run in the engine, after the program and its transformations.
        """
        # NOTE: the engine itself reports a registration that has failed.
        with suppress(Exception):
            for field in _FIELDS:
                output = vars(self._resource).get(field)
                if not isinstance(output, pulumi.Output) or not await output.is_secret():
                    continue
                if not any([await each.is_secret() for each in _outputs_in(self._props.get(field))]):
                    pulumi.log.warn(MARKED_LATE.format(field=field), self._resource)


class LateMarks:
    """Looks for late marks at all stores of a program, one after the other: a task for each would take longer."""

    def __init__(self) -> None:
        self._to_look_at: deque[Settled] = deque()
        self._looks = False

    def add(self, store: Settled) -> None:
        """Looks at a store once the engine has registered it."""
        self._to_look_at.append(store)
        if not self._looks:
            self._looks = True
            # NOTE: as an output, since Pulumi waits for outputs before the program ends.
            look: Any = self._look()
            pulumi.Output.from_input(look)

    async def _look(self) -> None:
        while self._to_look_at:
            await self._to_look_at.popleft().warn_of_late_marks()
        self._looks = False


def secured(config: object) -> Any:
    """The config with its secret fields marked; an output with secret fields becomes a secret as a whole."""
    config = arguments.config(config)
    if isinstance(config, Mapping):
        return {name: _secured_value(name, value) for name, value in config.items()}
    if isinstance(config, pulumi.Output):
        return config.apply(lambda known: pulumi.Output.from_input(secured(known)))
    return config


def _secured_value(name: str, value: object) -> object:
    if name not in SECRET_NAMES or value is None:
        return value
    plain_configuration.watch(f"config.{name}", value)
    return pulumi.Output.secret(value)


def _paths(given: object) -> Optional[list[str]]:
    return [path for path in given if isinstance(path, str)] or None if isinstance(given, list) else None


def _marked_secrets(props: Properties) -> Any:
    """The dotted names of the inputs that the program marks as secret, without those that always are secrets."""
    config = props.get("config")
    named = {name: props.get(name) for name in _FIELDS if name != "config" or not isinstance(config, Mapping)}
    if isinstance(config, Mapping):
        named |= {f"config.{name}": value for name, value in config.items() if name not in SECRET_NAMES}
    outputs = {name: found for name, value in named.items() if (found := _outputs_in(value))}
    if not outputs:
        return None
    marked: Any = _those_marked(outputs)
    return pulumi.Output.from_input(marked)


def _outputs_in(value: object) -> list[pulumi.Output[Any]]:
    values = list(value.values()) if isinstance(value, Mapping) else value
    return [
        each for each in (values if isinstance(values, (list, tuple)) else [values]) if isinstance(each, pulumi.Output)
    ]


async def _those_marked(outputs: Mapping[str, Sequence[pulumi.Output[Any]]]) -> Optional[list[str]]:
    marked = []
    for name, found in outputs.items():
        # NOTE: not in one comprehension: Python 3.10 allows no asynchronous one inside another one.
        if any([await each.is_secret() for each in found]):
            marked.append(name)
    return marked or None
