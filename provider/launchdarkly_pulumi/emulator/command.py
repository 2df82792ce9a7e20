"""The ``emulator`` command: its options, and running it. Importable without the ``emulator`` extra."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable

from .options import KEY, EmulatorOptions
from .segments import Segments
from .sync import Sync


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_whole_number(0, 65535), default=8000, help="port; 0 is any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--access-token",
        action="append",
        default=[],
        metavar="TOKEN",
        help="a token that may do everything; repeatable (default: any token may)",
    )
    parser.add_argument(
        "--reader-token", action="append", default=[], metavar="TOKEN", help="a token that may only read; repeatable"
    )
    parser.add_argument(
        "--environment",
        action="append",
        type=_environment,
        default=[],
        metavar="PROJECT/ENVIRONMENT",
        help="an environment that exists, by its project's key and its own; repeatable (default: every one does)",
    )
    _add_behaviour(parser)


def _add_behaviour(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how it answers, and what it keeps of that."""
    parser.add_argument(
        "--latency", type=_whole_number(0), default=0, metavar="MS", help="milliseconds added to every request"
    )
    parser.add_argument(
        "--rate-limit", type=_whole_number(1), metavar="N", help="requests in ten seconds; more are refused with 429"
    )
    parser.add_argument(
        "--request-log",
        metavar="FILE",
        help="append each request to this file, as JSON Lines with what is known to be no secret",
    )
    _add_sync(parser)


def _add_sync(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what it does with the stores themselves."""
    parser.add_argument(
        "--sync",
        action="store_true",
        help="write big segments into the stores that are on, as LaunchDarkly does, and report what was found there "
        "as their status (default: those that are on are available)",
    )
    parser.add_argument(
        "--segment",
        action="append",
        type=_segment,
        default=[],
        metavar="PROJECT/ENVIRONMENT/SEGMENT=KEY,KEY",
        help="with --sync: a big segment, and the keys of the contexts in it; repeatable, also for one segment",
    )
    parser.add_argument("--dynamodb-endpoint", metavar="URL", help="with --sync: a local DynamoDB instead of Amazon's")
    parser.add_argument(
        "--allow-public-hosts",
        action="store_true",
        help="with --sync: write also to Amazon's DynamoDB and to hosts that are neither loopback nor private",
    )


def _whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"must be {least} to {most}" if most else f"must be {least} or more")
        return number

    parse.__name__ = "whole number"  # argparse names the type in its error
    return parse


def _environment(text: str) -> tuple[str, str]:
    project, _, environment = text.partition("/")
    if not KEY.fullmatch(project) or not KEY.fullmatch(environment):
        raise argparse.ArgumentTypeError("must be PROJECT/ENVIRONMENT, by their keys")
    return project, environment


def _segment(text: str) -> tuple[str, list[str]]:
    path, _, keys = text.partition("=")
    members = [key for key in keys.split(",") if key]
    try:
        Segments({path: members})
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be PROJECT/ENVIRONMENT/SEGMENT=KEY,KEY, by their keys") from error
    return path, members


def run(args: argparse.Namespace) -> int:
    """Run the emulator until it is told to stop; the exit status."""
    try:
        from .server import serve
    except ModuleNotFoundError as error:
        return _failed(f"the emulator needs {error.name}: pip install 'launchdarkly-pulumi[emulator]'")
    if not args.sync and (args.segment or args.dynamodb_endpoint is not None or args.allow_public_hosts):
        return _failed("--segment, --dynamodb-endpoint and --allow-public-hosts need --sync")
    try:
        sync = _sync(args) if args.sync else None
    except ValueError as error:
        return _failed(str(error))
    projects: dict[str, set[str]] = {}
    for project, environment in args.environment:
        projects.setdefault(project, set()).add(environment)
    options = EmulatorOptions(
        access_tokens=frozenset(args.access_token),
        reader_tokens=frozenset(args.reader_token),
        projects=projects or None,
        latency_ms=args.latency,
        rate_limit=args.rate_limit,
        status_source=sync,
    )
    try:
        serve(args.host, args.port, options, args.request_log)
    except OSError as error:
        return _failed(_refusal(error, args))
    return 0


def _sync(args: argparse.Namespace) -> Sync:
    segments: dict[str, list[str]] = {}
    for path, keys in args.segment:
        segments.setdefault(path, []).extend(keys)
    return Sync(segments, dynamodb_endpoint=args.dynamodb_endpoint, public_hosts=args.allow_public_hosts)


def _refusal(error: OSError, args: argparse.Namespace) -> str:
    """Why the emulator cannot start: the address cannot be had, or the file."""
    if error.filename is not None:
        return f"{error.filename} cannot be written: {error.strerror}"
    place = f"port {args.port} of {args.host}"
    if error.errno == errno.EADDRINUSE:
        return f"{place} is in use: end what listens there, or give another --port"
    return f"the emulator cannot listen on {place}: {error.strerror}"


def _failed(reason: str) -> int:
    print(f"error: {reason}", file=sys.stderr)  # noqa: T201 - for people
    return 1
