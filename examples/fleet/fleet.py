"""Deploys the stores of all projects: a stack for each, several side by side, by one job or by several.

Exit codes: 0 all is well, 1 a stack has failed (LaunchDarkly cannot be asked, for one), 7 of drift: LaunchDarkly is not
as declared.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from plugin_process import shared_plugin
from stacks import FOLDER, Cli, Outcome, StackFailed
from stores import Fleet, FleetError

DRIFT = 7
REQUESTS = 16
"""How many requests are under way at most, in all jobs together."""

Row = tuple[str, str, str]


def main() -> int:
    """Runs one command on the stacks of this job; returns the exit code."""
    arguments = parse()
    fleet = Fleet.read(arguments.file)
    names = fleet.part(arguments.index, arguments.count)
    environment = environment_for(arguments.command, arguments.count)
    failed, rows = False, []
    with shared_plugin(FOLDER, os.environ | environment) as attach:
        cli = Cli(environment | attach)
        cli.clear_up()
        for name, outcome in side_by_side(arguments, fleet, names, cli):
            failed |= outcome is None
            rows += [(name, *row) for row in outcome.rows] if outcome else []
    if arguments.command in ("preview", "drift"):
        if rows:
            show(rows)
        elif not failed:
            print("LaunchDarkly is as declared")
    return 1 if failed else DRIFT if rows and arguments.command == "drift" else 0


def environment_for(command: str, count: int) -> dict[str, str]:
    """The variables of the stacks and of their plugin, beside those of this process."""
    # Jobs know of each other only by what LaunchDarkly tells them of its limit: together they are no more than one.
    most = os.environ.get("LAUNCHDARKLY_MAX_CONCURRENCY") or str(max(1, REQUESTS // count))
    environment = {"LAUNCHDARKLY_MAX_CONCURRENCY": most, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    if command in ("preview", "drift"):
        # What cannot be compared with LaunchDarkly is an error: a check that could not look does not pass.
        environment["LAUNCHDARKLY_LIVE_DIFF"] = "required"
    return environment


def side_by_side(
    arguments: argparse.Namespace, fleet: Fleet, names: Sequence[str], cli: Cli
) -> Iterator[tuple[str, Outcome | None]]:
    """Runs the command on each stack, shows a line for each, and gives what came of it; nothing where it has failed."""
    began = time.monotonic()
    with ThreadPoolExecutor(arguments.at_once) as pool:
        running: dict[Future[Outcome], str] = {
            pool.submit(cli.run, arguments.command, name, fleet.projects[name]): name for name in names
        }
        try:
            for number, done in enumerate(as_completed(running), start=1):
                name = running[done]
                line = f"[{number}/{len(names)}] {name}: {arguments.command}"
                try:
                    outcome = done.result()
                    print(f"{line}: {outcome} ({time.monotonic() - began:.1f}s)", flush=True)
                    yield name, outcome
                except StackFailed as error:
                    print(f"{line} failed: {error}", file=sys.stderr, flush=True)
                    yield name, None
        except BaseException:
            # The stacks that have not begun do not; Ctrl-C has reached Pulumi in those that have.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def show(rows: list[Row]) -> None:
    """Prints the stores of all stacks that are not as declared, as one table."""
    table = [("STACK", "STORE", "WHAT UP WOULD DO"), *sorted(rows)]
    widths = [max(len(row[column]) for row in table) for column in (0, 1)]
    for stack, store, what in table:
        print(f"{stack:{widths[0]}}  {store:{widths[1]}}  {what}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["preview", "up", "refresh", "destroy", "drift"])
    parser.add_argument("--file", type=Path, default=FOLDER / "fleet.yaml", help="the projects and their stores")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 2, help="how many stacks run side by side")
    parser.add_argument("--index", type=int, default=1, help="which of the jobs this is, from 1")
    parser.add_argument("--count", type=int, default=1, help="how many jobs there are")
    arguments = parser.parse_args()
    if not 1 <= arguments.index <= arguments.count or arguments.at_once < 1:
        parser.error("--index must be from 1 to --count, and --at-once at least 1")
    return arguments


def show_news(unraisable: "sys.UnraisableHookArgs") -> None:
    """Shows what Python cannot raise, but for what Pulumi leaves behind of each program that fails."""
    if getattr(unraisable.object, "__name__", "") != "run_in_stack":
        sys.__unraisablehook__(unraisable)


if __name__ == "__main__":
    sys.unraisablehook = show_news
    try:
        sys.exit(main())
    except (FleetError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
