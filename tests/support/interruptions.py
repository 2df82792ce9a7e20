"""Commands of Pulumi's CLI that end in the middle, and what its engine keeps of them."""

from __future__ import annotations

import json
from collections.abc import Callable

from support.fault_proxy import FaultProxy, Hook
from support.stack import Project

Ending = Callable[[int], None]
"""Ends a command, by the process of its CLI."""


def end_during(
    stack: Project, proxy: FaultProxy, method: str, ending: Ending, after_commit: bool, command: str
) -> None:
    """Runs a command, and ends it while LaunchDarkly has its next request of this method in hand."""
    started: list[int] = []
    proxy.inject(Hook(lambda: ending(started[0]), after_commit=after_commit), method=method)
    with stack.start(command, "--yes", "--skip-preview") as process:
        started.append(process.pid)
        process.communicate(timeout=120)
    proxy.settle()
    proxy.clear()


def pending_creates(stack: Project) -> list[str]:
    """The URNs of the creates that the engine does not know the end of."""
    deployment = json.loads(stack.pulumi("stack", "export").output)["deployment"]
    return [each["resource"]["urn"] for each in deployment.get("pending_operations") or []]
