"""The ``list`` command: which big segment stores an account has."""

from __future__ import annotations

import argparse

from ..core import find
from . import DONE, add_place, connect, tables

HELP = "list the big segment stores of the account"
DESCRIPTION = "Prints which stores the account has, ordered by ID."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the stores; the exit code."""
    if not args.json:
        tables.require_rich()
    account = connect()
    stores = find.find_all(account, args.project, args.environment)
    if args.json:
        print(tables.as_json(stores))
    elif stores:
        tables.inventory(stores, account.without_secrets)
    else:
        tables.no_stores(args.project, args.environment)
    return DONE
