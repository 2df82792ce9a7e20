"""The command line, ``python -m launchdarkly_pulumi``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Optional

from .emulator import command


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs one command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    code: int = parsed.run(parsed)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m launchdarkly_pulumi", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    emulator = commands.add_parser("emulator", help="serve a local LaunchDarkly API for demos and tests")
    command.add_arguments(emulator)
    emulator.set_defaults(run=command.run)
    return parser
