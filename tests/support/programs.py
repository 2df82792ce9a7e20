"""Running Pulumi programs with Pulumi's mocks: what do they declare?"""

from __future__ import annotations

import ast
from typing import Any

import pulumi
from pulumi.runtime import mocks

from launchdarkly_pulumi.dynamic.hidden_inputs import PROGRAM

PROJECT = "shop"
SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
STORE_TYPE = "pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration"
UNCHECKED = ("__provider", PROGRAM)
VALUES = {"require_int": "6379", "require_bool": "true", "require_object": "{}"}


class _Recorder(mocks.Mocks):
    """Takes every resource, and gives its inputs back as outputs."""

    def __init__(self) -> None:
        self.stores: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        """One resource that the program declares."""
        if args.typ == STORE_TYPE:
            self.stores[args.name] = _plain(args.inputs)
        return args.resource_id or f"{args.name}-id", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> Any:
        """No function is known."""
        raise NotImplementedError(args.token)


def stores_of(program: str, **config: str) -> dict[str, dict[str, Any]]:
    """Runs a program; gives the inputs of the stores that it declares, by name.

    :param config: what the stack configures; what else the program requires is made up.
    """
    recorder = _Recorder()
    mocks.set_mocks(recorder, project=PROJECT, stack="dev", preview=False)
    values = required_by(program) | config
    pulumi.runtime.set_all_config({f"{PROJECT}:{key}": value for key, value in values.items()})

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102 - it is the project's own

    run()
    return recorder.stores


def required_by(program: str) -> dict[str, str]:
    """A value for each key that a program requires of the stack's configuration."""
    calls = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call) and node.args]
    return {
        str(call.args[0].value): VALUES.get(call.func.attr.replace("_secret", ""), "made-up")
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr.startswith("require")
        and isinstance(call.args[0], ast.Constant)
    }


def _plain(value: Any) -> Any:
    """Without the wrappers of secrets, without Pulumi's own entries, and without what the provider takes off first."""
    if isinstance(value, dict):
        if SECRET_SIGNATURE in value:
            return _plain(value["value"])
        return {name: _plain(inner) for name, inner in value.items() if name not in UNCHECKED}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
