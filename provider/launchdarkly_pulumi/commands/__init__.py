"""The command line: a module for each command, and what the commands share.

What belongs here: how a command reads its options and prints its result. What it does with LaunchDarkly is in `core`.
Settings come from the environment alone: a token on a command line would be in the shell's history and in ``ps``.
"""

from __future__ import annotations

import argparse
import os

from ..core import settings
from ..core.session import Session
from ..dynamic.messages import Messages
from ..errors import InvalidId, SettingsError
from ..model.ids import IntegrationId

DONE = 0
EXIT_UNHEALTHY = 1
"""A store that is on is not available, something could not be exported, or a check failed."""
USAGE = 2
"""No request was sent: an option, a setting or an extra is missing or wrong."""
FAILED = 3
"""LaunchDarkly could not be reached, or refused."""


class UsageError(Exception):
    """A command cannot do what it is asked to; the message says why, in one line."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that select stores by project and environment."""
    parser.add_argument("--project", metavar="KEY", help="only the stores of this project")
    parser.add_argument("--environment", metavar="KEY", help="only the stores of environments with this key")


def connect() -> Session:
    """What a command works with; ``SettingsError`` without a token."""
    session = Session(settings.resolve(_unset, os.environ), Messages(None))
    if session.settings.access_token is None:
        # The setting's own error advises the configuration of a stack, which a command does not have.
        variable = settings.ENVIRONMENT_NAMES["accessToken"]
        raise SettingsError(
            f"there is no LaunchDarkly access token: set the environment variable {variable}; a reader's is enough"
        )
    return session


def needs(package: str, instead: str = "", *, extra: str = "cli") -> UsageError:
    """The error for a library of an extra that is not installed.

    :param instead: what works without it, for the end of the message.
    """
    return UsageError(f"this needs {package}: pip install 'launchdarkly-pulumi[{extra}]'{instead}")


def integration_id(text: str) -> str:
    """An argument that is an integration's ID."""
    try:
        return str(IntegrationId.parse(text))
    except InvalidId as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _unset(_name: str) -> None:
    return None
