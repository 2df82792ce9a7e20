"""Deploys the program beside it: shows what would change, refuses what would lose a store, applies, looks for drift.

Exit codes: 0 all is well, 1 an error (LaunchDarkly cannot be asked, for one), 3 the gate refuses, 7 LaunchDarkly is
not as declared.
"""

import argparse
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from pulumi import automation
from pulumi.automation.events import EngineEvent

REFUSED = 3
DRIFT = 7
LOSING = ("delete", "delete-replaced", "create-replacement", "replace")
"""The steps after which an integration is gone, or another one in its place."""


@dataclass
class Plan:
    """What a preview found: for each resource its step, and what the provider said, the patches above all."""

    steps: dict[str, set[str]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def take(self, event: EngineEvent) -> None:
        """One of the engine's events."""
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            if step.op not in ("same", "read") and not step.type.startswith("pulumi:"):
                self.steps.setdefault(step.urn.rpartition("::")[2], set()).add(step.op.value)
        said = event.diagnostic_event
        if said and said.severity != "debug" and not said.ephemeral:
            self.messages.append(said.message.strip())

    @property
    def lost(self) -> list[str]:
        """The stores that would not be there any more, or be replaced."""
        return sorted(name for name, steps in self.steps.items() if steps & set(LOSING))

    def show(self) -> None:
        """Prints it."""
        steps = [f"{name}: {', '.join(sorted(steps))}" for name, steps in self.steps.items()]
        print("\n".join([*sorted(steps), *self.messages]) or "no changes")


def main() -> int:
    """Runs one command; returns the exit code."""
    arguments = parse()
    # What cannot be compared with LaunchDarkly is an error: a check that could not look does not pass.
    options = automation.LocalWorkspaceOptions(env_vars={"LAUNCHDARKLY_LIVE_DIFF": "required"})
    stack = automation.create_or_select_stack(arguments.stack, work_dir=str(Path(__file__).parent), opts=options)
    stack.set_config("redisPassword", automation.ConfigValue(os.environ["REDIS_PASSWORD"], secret=True))

    with TemporaryDirectory() as folder:
        saved = str(Path(folder, "plan.json"))
        plan = Plan()
        stack.preview(on_event=plan.take, plan=saved)
        plan.show()
        if arguments.command == "drift":
            return DRIFT if plan.steps else 0
        if plan.lost and not arguments.allow_loss:
            print(
                f"refused: {', '.join(plan.lost)} would be deleted or replaced; --allow-loss allows it", file=sys.stderr
            )
            return REFUSED
        if arguments.command == "apply" and plan.steps:
            # What the gate has let through, and nothing else: the engine refuses whatever is not in the plan.
            done = stack.up(plan=saved)
            print(f"applied: {done.summary.resource_changes}")
    return 0


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["preview", "apply", "drift"])
    parser.add_argument("--stack", default="prod")
    parser.add_argument("--allow-loss", action="store_true", help="let stores be deleted or replaced")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except automation.CommandError as error:
        sys.exit(f"error: {error}")
