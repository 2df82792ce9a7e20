"""The ``status`` command: whether the stores are available."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Optional

from ..core import find
from ..core.find import GetBigSegmentStoreIntegrationResult
from ..core.session import Session
from ..errors import CallError, InvalidId
from . import DONE, EXIT_UNHEALTHY, UsageError, add_place, connect, integration_id, tables

HELP = "show whether the stores work"
DESCRIPTION = """\
Prints the status of all stores, of those of a project or environment, or of those with the given IDs. The SDK prefix is
the client-side ID of the store's environment, which SDKs need as key prefix. Fails with 1 when a store that is on is
not available."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument(
        "ids", nargs="*", type=integration_id, metavar="ID", help="project/environment/kind/integrationId"
    )
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the status of the stores; the exit code."""
    if args.ids and (args.project or args.environment):
        raise UsageError("give IDs, or --project and --environment, not both")
    if not args.json:
        tables.require_rich()
    account = connect()
    stores = _by_id(account, args.ids) if args.ids else find.find_all(account, args.project, args.environment)
    prefixes = _prefixes(account, map(tables.place_of, stores))
    if args.json:
        print(tables.as_json(stores, prefixes))
    elif stores:
        tables.health(stores, prefixes, account.without_secrets)
    else:
        tables.no_stores(args.project, args.environment)
    return EXIT_UNHEALTHY if any(tables.is_down(store) for store in stores) else DONE


def _by_id(account: Session, ids: list[str]) -> list[GetBigSegmentStoreIntegrationResult]:
    with ThreadPoolExecutor(account.settings.max_concurrency) as pool:
        return list(pool.map(lambda id_: find.find(account, id_), ids))


def _prefixes(account: Session, places: Iterable[tables.Place]) -> dict[tables.Place, Optional[str]]:
    """The client-side IDs of environments; why one cannot be read, standard error says."""

    def prefix(place: tables.Place) -> Optional[str]:
        try:
            return find.environment(account, *place).client_side_id
        except (CallError, InvalidId) as error:
            # One write: lines of several threads must not mingle.
            sys.stderr.write(f"no SDK prefix: {str(error).splitlines()[0]}\n")
            return None

    distinct = list(dict.fromkeys(places))
    with ThreadPoolExecutor(account.settings.max_concurrency) as pool:
        return dict(zip(distinct, pool.map(prefix, distinct), strict=True))
