"""The ``completion`` command: a script with which a shell completes this command line.

shtab writes it from the parser. argcomplete has more users, but would start Python at each press of the tab key, to
offer what is known beforehand.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from . import DONE, needs

HELP = "print a script that completes this command line in a shell"
DESCRIPTION = """\
Prints a script with which a shell completes the commands of launchdarkly-pulumi, their options and files. The shell
reads it when it starts; the documentation says where each shell looks for it."""
SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(args: argparse.Namespace) -> int:
    """Print the script; the exit code."""
    try:
        import shtab
    except ModuleNotFoundError:
        raise needs("shtab") from None
    _prepare(args.parser, {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY})
    print(shtab.complete(args.parser, args.shell))
    return DONE


def _prepare(parser: argparse.ArgumentParser, completers: Mapping[str, object]) -> None:
    """Tell shtab which arguments are paths, by their metavar, and describe the commands in few words."""
    for action in parser._actions:
        if isinstance(action.metavar, str) and action.metavar in completers:
            action.complete = completers[action.metavar]  # type: ignore[attr-defined]
        if isinstance(action, argparse._SubParsersAction):
            for command in action._choices_actions:
                action.choices[command.dest].description = command.help
                _prepare(action.choices[command.dest], completers)
