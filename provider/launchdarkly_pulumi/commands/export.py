"""The ``export`` command: a Pulumi program that adopts the stores of an account, or of a Terraform state."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Optional

from .. import __version__
from ..core import find
from ..core.session import Session
from ..errors import AccessDenied, InvalidId, LaunchDarklyError, NotFound
from ..model.diff import Document
from ..model.ids import IntegrationId
from . import DONE, EXIT_UNHEALTHY, UsageError, add_place, connect, needs, program, state, terraform
from .stores import Found, Store

DISTRIBUTION = "launchdarkly-pulumi"
FILES = ("__main__.py", "Pulumi.yaml", "requirements.txt")
PROJECT = """\
name: launchdarkly-stores
runtime: python
description: The big segment stores of a LaunchDarkly account
"""
UNRELEASED = """\
# No package index has launchdarkly-pulumi yet. Install it first, from a clone (pip install PATH/TO/CLONE) or from a
# wheel; this line then finds it installed.
"""

HELP = "write a Pulumi program that adopts the stores of the account"
DESCRIPTION = """\
Prints a Pulumi program that adopts the stores of the account as it finds them. Secrets are left to the stack's
configuration: standard error lists what to set. A store with a password gets one PATCH, which sets it, since
LaunchDarkly shows only a mask of it. A store that another stack manages must not be adopted again: leave it out with
--exclude-state. Fails with 1 when a store could not be declared, or there is none to adopt."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    add_place(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write a Pulumi project there instead of printing the program"
    )
    parser.add_argument(
        "--from-terraform",
        action="store_true",
        help="read what `terraform show -json` writes from standard input, and send no request",
    )
    parser.add_argument(
        "--exclude-state",
        action="append",
        default=[],
        metavar="FILE",
        help="leave out the stores of this state, from `pulumi stack export`; - is standard input; repeatable",
    )


def run(args: argparse.Namespace) -> int:
    """Write the program; the exit code."""
    _require_black()
    if args.out:
        _require_free(args.out)
    if args.from_terraform and state.STANDARD_INPUT in args.exclude_state:
        raise UsageError("standard input cannot be both Terraform's state and that of --exclude-state")
    found = Found(args.project, args.environment, state.managed_by(args.exclude_state))
    if args.from_terraform:
        terraform.read(sys.stdin.buffer.read(), found)
    else:
        _read_account(found)
    named = program.names_of(found.stores.values())
    if named:
        _write(program.program_of(named, found.managed), args.out)
    _tell(found, named)
    return DONE if named and not found.left_out else EXIT_UNHEALTHY


def _read_account(found: Found) -> None:
    account = connect()
    ids = [listed.id for listed in find.find_all(account, *found.place) if found.is_free(listed.id)]
    with ThreadPoolExecutor(account.settings.max_concurrency) as pool:
        for read in pool.map(lambda id_: _read(account, id_), ids):
            if isinstance(read, LaunchDarklyError):
                found.leave_out(str(read))
            else:
                found.add(*read)


def _read(account: Session, text: str) -> tuple[IntegrationId, Document] | LaunchDarklyError:
    """One store, or why it is left out: its kind is unknown, it was deleted, or the token may not read it."""
    try:
        id_ = IntegrationId.parse(text)
        return id_, find.read(account, id_)
    except (InvalidId, NotFound, AccessDenied) as error:
        return error


def _require_black() -> None:
    try:
        import black  # noqa: F401
    except ModuleNotFoundError:
        raise needs("black") from None


def _require_free(folder: Path) -> None:
    there = [str(folder / name) for name in FILES if (folder / name).exists()]
    if there:
        raise UsageError(f"{there[0]} exists already, and nothing is overwritten")


def _write(text: str, folder: Optional[Path]) -> None:
    """Print the program, or write the project: all of it, or nothing."""
    if folder is None:
        print(text, end="")
        return
    path = folder
    try:
        with ExitStack() as undo:
            for path in (*reversed(folder.parents), folder):
                if not path.exists():
                    path.mkdir()
                    undo.callback(path.rmdir)
            for name, content in zip(FILES, (text, PROJECT, _requirements()), strict=True):
                path = folder / name
                with path.open("x", encoding="utf-8") as file:
                    undo.callback(path.unlink)
                    file.write(content)
            undo.pop_all()
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _requirements() -> str:
    """The installed version up to the next that may break the program: below 1.0 that is the next minor one."""
    major, minor = map(int, __version__.split(".")[:2])
    return f"{UNRELEASED}{DISTRIBUTION}>={__version__},<{major + 1 if major else f'0.{minor + 1}'}\n"


def _tell(found: Found, named: Mapping[str, Store]) -> None:
    """Print what remains to be done on standard error."""
    lines = [f"managed already: {id_}: {resource}" for id_, resource in found.managed.items()]
    lines += [f"note: {remark}" for remark in found.remarks] + [f"left out: {why}" for why in found.left_out]
    keys = [key for name, store in named.items() for key in program.config_keys(name, store).values()]
    lines.append(f"{len(named)} {'store' if len(named) == 1 else 'stores'} to adopt.")
    if keys:
        lines.append("Before the first preview, give the stack what LaunchDarkly does not show:")
        lines += [f"  pulumi config set --secret {key}" for key in keys]
    print("\n".join(lines), file=sys.stderr)
