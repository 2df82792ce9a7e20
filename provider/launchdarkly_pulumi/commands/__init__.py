"""What the commands that ask LaunchDarkly share: their exit codes, their options and their settings.

Settings come from the environment alone: a token on a command line would be in the shell's history and in ``ps``.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..core import settings
from ..core.run import Run
from ..dynamic.messages import Messages
from ..errors import InvalidId, SettingsError
from ..model.ids import IntegrationId

DONE = 0
NOT_AS_IT_SHOULD_BE = 1
"""A store that is on is not available; something could not be exported; a check failed."""
USAGE = 2
"""Nothing was asked of LaunchDarkly: an option, a setting or an extra is missing or wrong."""
FAILED = 3
"""LaunchDarkly could not be asked, or refused."""


class UsageError(Exception):
    """A command cannot do what it is asked to; the text says why, in one line."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that pick stores by where they are."""
    parser.add_argument("--project", metavar="KEY", help="only the stores of this project")
    parser.add_argument("--environment", metavar="KEY", help="only the stores of environments with this key")


def connect() -> Run:
    """What a command works with; ``SettingsError`` without a token."""
    run = Run(settings.resolve(_unset, os.environ), Messages(None))
    if run.settings.access_token is None:
        # The setting's own error advises the configuration of a stack, which a command does not have.
        variable = settings.ENVIRONMENT_NAMES["accessToken"]
        raise SettingsError(
            f"there is no LaunchDarkly access token: set the environment variable {variable}; a reader's is enough"
        )
    return run


def needs(package: str, instead: str = "", *, extra: str = "cli") -> UsageError:
    """The error for a library of an extra that is not there."""
    return UsageError(f"this needs {package}: pip install 'launchdarkly-pulumi[{extra}]'{instead}")


def integration_id(text: str) -> str:
    """An argument that is an integration's ID."""
    try:
        return str(IntegrationId.parse(text))
    except InvalidId as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _unset(_name: str) -> Any:
    return None
