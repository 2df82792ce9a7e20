"""Running the command line in this process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from launchdarkly_pulumi.commands.cli import main
from support.canary import leaks
from support.samples import PASSWORD, TOKEN


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    output: str
    errors: str

    @property
    def lines(self) -> list[str]:
        """The output's lines without what pads them."""
        return [line.rstrip() for line in self.output.splitlines()]


class Shell:
    """Runs commands; none may print a secret."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        """How a command ends."""
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        done = Done(code, *self._capsys.readouterr())
        assert leaks(done.output + done.errors, TOKEN, PASSWORD) == []
        return done
