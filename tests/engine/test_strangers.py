"""What this provider does to its process does not reach other dynamic providers of the program; with the real CLI."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples, sdk
from support.stack import Run, Stack

PROGRAM = """\
import traceback
import pulumi
import pulumi.dynamic
import launchdarkly_pulumi as launchdarkly


class Stranger(pulumi.dynamic.ResourceProvider):
    def create(self, props):
        try:
            self.fail("of the stranger's own")
        except LookupError:
            return pulumi.dynamic.CreateResult("an-id", {{"seen": traceback.format_exc()}})

    def update(self, _id, _olds, _news):
        self.fail("an update of a stranger")

    def diff(self, _id, _olds, news):
        return pulumi.dynamic.DiffResult(changes=True)

    def fail(self, reason):
        raise LookupError(reason)


class Resource(pulumi.dynamic.Resource):
    def __init__(self, opts):
        super().__init__(Stranger(), "stranger", {{"seen": None}}, opts)


store = launchdarkly.BigSegmentStoreIntegration("store", **{arguments!r})
stranger = Resource(pulumi.ResourceOptions(depends_on=[store] if {after} else []))
pulumi.export("seen", stranger.seen)
"""
"""The stranger's provider is pickled by value. It writes down what it sees of its own error, and then fails."""

RAISES, CALLS = "raise LookupError(reason)", 'self.fail("an update of a stranger")'


def line_of(code: str) -> int:
    """Where the program says it."""
    return next(number for number, line in enumerate(PROGRAM.splitlines(), 1) if code in line)


@pytest.fixture(params=[True, False], ids=["after ours", "beside ours"])
def stack(request: pytest.FixtureRequest, stack: Stack) -> Stack:
    """A stack with a store and with a stranger's resource, which comes after the store or at the same time."""
    stack.program(PROGRAM.format(arguments=samples.redis(), after=request.param))
    stack.up()
    return stack


def require_traceback(run: Run) -> None:
    """The stranger's error with each of its lines."""
    assert "an update of a stranger" in run.output
    if not sdk.SHOWS_TRACEBACKS:
        return
    assert "Traceback (most recent call last):" in run.output
    assert f'__main__.py", line {line_of(CALLS)}, in update' in run.output
    assert f'__main__.py", line {line_of(RAISES)}, in fail' in run.output


def test_an_error_of_another_provider_shows_where_it_happened(stack: Stack) -> None:
    """It has the whole traceback, as without this package."""
    require_traceback(stack.up(code=1))


def test_another_provider_sees_its_own_tracebacks(stack: Stack) -> None:
    """It formats them itself, and they are whole."""
    seen = stack.pulumi("stack", "output", "seen").output
    assert f"line {line_of(RAISES)}, in fail" in seen
    assert "LookupError: of the stranger's own" in seen


def test_errors_of_ours_stay_one_line(stack: Stack, emulator: Emulator) -> None:
    """The stranger's traceback is beside them."""
    [id_] = emulator.integrations
    emulator.stop()
    stack.program(PROGRAM.format(arguments=samples.redis(on=False), after=False))
    run = stack.up("--continue-on-error", code=1)
    require_traceback(run)
    blocks = run.output.partition("Diagnostics:")[2].split("\n\n")
    [ours] = [block for block in blocks if "BigSegmentStoreIntegration (store):" in block]
    assert f"error: {sdk.ERROR}GET default/production/redis/{id_}: " in ours
    assert "Traceback" not in ours
