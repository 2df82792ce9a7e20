"""One stack of the fleet: runs a command of Pulumi's on it, and says in a few words what came of it."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from left_behind import LOCK, drop_empty_attributes, is_left_behind
from pulumi import automation
from pulumi.automation.events import EngineEvent
from stores import TYPE, Stores, declare

FOLDER = Path(__file__).parent
PARALLEL = 16
"""Operations of one stack at a time."""

NOTHING = ("same", "read", "refresh")
"""The steps that change nothing."""

_selecting = threading.Lock()


class StackFailed(Exception):
    """A command has failed on a stack: one line says why."""


@dataclass
class Outcome:
    """What a command has done, in numbers, or has found: the step of each store, and what the provider said of it."""

    done: dict[str, int] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def take(self, event: EngineEvent) -> None:
        """One of the engine's events; those of a step's end come after those of its beginning."""
        for of_step in (event.resource_pre_event, event.res_outputs_event):
            if of_step and of_step.metadata.type == TYPE:
                self.steps[_name(of_step.metadata.urn)] = of_step.metadata.op.value
        message = event.diagnostic_event
        if message and not message.ephemeral:
            text = " ".join(message.message.split())
            if message.severity == "error":
                self.errors.append(text)
            elif message.severity != "debug" and message.urn:
                self.said.setdefault(_name(message.urn), []).append(text)

    def __str__(self) -> str:
        steps = self.done or Counter(self.steps.values())
        return ", ".join(f"{count} {step}" for step, count in sorted(steps.items())) or "no stores"

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Each store that is not as declared, with what would be done, and what the provider said of it."""
        differing = {name: step for name, step in self.steps.items() if step not in NOTHING}
        return [(name, " ".join([f"{step}:", *self.said.get(name, ())])) for name, step in differing.items()]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


class Workspace(automation.LocalWorkspace):
    """The project of the stacks, which have no outputs: to read them after each update, Pulumi would be run twice."""

    def stack_outputs(self, stack_name: str) -> automation.OutputMap:  # noqa: ARG002 - the method of all workspaces
        """None."""
        return {}


class Cli:
    """Pulumi's command line, for all stacks.

    :param environment: variables beside those of this process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._pulumi = automation.PulumiCommand()

    def clear_up(self) -> None:
        """Removes what a killed run may have left behind that keeps Pulumi from reading the states."""
        drop_empty_attributes(os.environ.get("PULUMI_BACKEND_URL") or self._chosen_backend(), FOLDER)

    def _chosen_backend(self) -> str:
        try:
            return self._workspace().who_am_i().url or ""
        except automation.CommandError:
            # Each stack fails then, and says why.
            return ""

    def run(self, command: str, name: str, stores: Stores) -> Outcome:
        """Runs a command on the stack of a project; a lock that a killed run of this machine has left is removed.

        :raises StackFailed: it has failed.
        """
        outcome = Outcome()
        try:
            stack = self._selected(name, stores)
            operation = _operation(command, stack, outcome)
            try:
                operation()
            except automation.ConcurrentUpdateError as error:
                if not is_left_behind(str(error)):
                    raise
                stack.cancel()
                operation()
        except automation.CommandError as error:
            raise StackFailed(_reason(error, outcome)) from None
        return outcome

    def _selected(self, name: str, stores: Stores) -> automation.Stack:
        workspace = self._workspace(partial(declare, name, stores))
        # Pulumi keeps in one file which stack of a project is selected.
        with _selecting:
            return automation.Stack.create_or_select(name, workspace)

    def _workspace(self, program: Callable[[], None] | None = None) -> Workspace:
        return Workspace(work_dir=str(FOLDER), program=program, env_vars=self._environment, pulumi_command=self._pulumi)


def _operation(command: str, stack: automation.Stack, outcome: Outcome) -> Callable[[], None]:
    """What runs the command, and notes what came of it."""
    commands: dict[str, Callable[..., Any]] = {"up": stack.up, "refresh": stack.refresh, "destroy": stack.destroy}

    def look() -> None:
        stack.preview(on_event=outcome.take, parallel=PARALLEL)

    def change() -> None:
        # Without events, which are a sixth of the work: the summary says how much was done.
        outcome.done = of_stores(commands[command](parallel=PARALLEL).summary.resource_changes or {})

    return change if command in commands else look


def of_stores(changes: Mapping[str, int]) -> dict[str, int]:
    """How many stores had which step; Pulumi counts the stack itself too, which is new only where all stores are."""
    stack = "same" if changes.get("same") else next(iter(changes), "")
    counts = {step: count - (step == stack) for step, count in changes.items()}
    return {step: count for step, count in counts.items() if count}


def _reason(error: automation.CommandError, outcome: Outcome) -> str:
    locks = [match.groupdict() for match in LOCK.finditer(str(error))]
    if locks:
        holders = ", ".join(f"process {lock['process']} of {lock['who']} on {lock['machine']}" for lock in locks)
        return f"locked by {holders}: wait for it or, if it is gone, run `pulumi cancel`"
    lines = [line.strip() for line in str(error).splitlines() if line.strip().startswith("error:")]
    said = (outcome.errors or lines or [" ".join(str(error).split())])[0]
    return said.partition(" Traceback (most recent call last)")[0]
