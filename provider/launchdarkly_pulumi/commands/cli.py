"""The entry point, ``launchdarkly-pulumi`` or ``python -m launchdarkly_pulumi``.

What belongs here: the parser, and the exit code and the line that an error becomes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Optional

from .. import __version__
from ..core import debug_log
from ..emulator import command
from ..errors import InvalidId, LaunchDarklyError, SettingsError
from . import FAILED, USAGE, UsageError, completion, export, list, status, verify

PROGRAM = "launchdarkly-pulumi"
DESCRIPTION = f"""\
LaunchDarkly's big segment stores from a shell. The commands that send requests take their settings from the
environment, LAUNCHDARKLY_ACCESS_TOKEN and LAUNCHDARKLY_API_HOST above all. Exit codes: 0 done; 1 as the command says;
{USAGE} an option, a setting or an extra is missing or wrong; {FAILED} LaunchDarkly could not be reached, or refused."""

INTERRUPTED = 130
READER_LEFT = 141
"""The exit codes that shells report for a process that SIGINT or SIGPIPE has ended."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs one command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    debug_log.show(os.environ)
    # A character that a terminal's encoding lacks is escaped, as a Python literal may be too.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except (UsageError, SettingsError, InvalidId) as error:
        return _failed(error, USAGE)
    except LaunchDarklyError as error:
        return _failed(error, FAILED)
    except BrokenPipeError:
        # The reader has left, as after `| head`: what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _failed(error: Exception, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}", help="print the version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    emulator = commands.add_parser("emulator", help="serve a local LaunchDarkly API for demos and tests")
    command.add_arguments(emulator)
    emulator.set_defaults(run=command.run)
    for module in (list, status, verify, export, completion):
        name = module.__name__.rpartition(".")[2]
        subparser = commands.add_parser(name, help=module.HELP, description=module.DESCRIPTION)
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run, parser=parser)
    return parser
