"""Registers a dynamic resource so that its state tells the line that declares it, and little else of the call stack."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider

from ..dynamic.hidden_inputs import Properties

FRAMES = 11
"""How many frames of the call stack Pulumi sees: 7 of its own and of this package, and 4 of the program.

These are the line that declares the resource, and its callers.
"""


def register(
    resource: Resource,
    provider: ResourceProvider,
    name: str,
    props: Properties,
    opts: Optional[pulumi.ResourceOptions],
) -> None:
    """Does what the constructor of a dynamic resource does, without calling it.

    To find the line of the program that declares a resource, Pulumi takes the caller of the third constructor on the
    call stack. With one more constructor, the state would have a line of this package for each store instead.
    """
    type_ = f"pulumi-python:{resource._resource_type_name}"
    with _shallow_stack():
        pulumi.CustomResource.__init__(
            resource, type_, name, {**props, PROVIDER_KEY: serialize_provider(provider)}, opts
        )


@contextmanager
def _shallow_stack() -> Iterator[None]:
    """Hides the outer frames of the call stack from Pulumi, which notes each of them in the state.

    Those of Pulumi's own language host and of asyncio would be a third of what the state has of a store, and the CLI
    writes the whole state at each step. A lower limit of the program's own stays.
    """
    before: Optional[int] = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES if before is None else min(before, FRAMES)
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
