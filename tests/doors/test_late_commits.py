"""A POST that LaunchDarkly commits after the provider has given up: each integration is in the state or reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import is_listing
from support.aimed_faults import Held, Only
from support.doors import DYNAMIC, Door, Process, cases
from support.fault_proxy import Answer, Fault, FaultProxy, Forward, Hook, ResetAfter
from support.host import error_of

GIVEN_UP_AFTER = "0.5"
BRIEF = "6"
"""Seconds for an operation: half of it is for looking, before the second POST."""


@pytest.fixture
def first() -> Iterator[Held]:
    """The first POST."""
    held = Held()
    yield held
    held.end()


@pytest.fixture
def second() -> Iterator[Held]:
    """The second POST."""
    held = Held()
    yield held
    held.end()


def brief(door: Door, proxy: FaultProxy, home: Path, seconds: str = BRIEF) -> Process:
    """A process that soon gives a request up, and an operation after some seconds; its notes stay."""
    home_of = {"PULUMI_HOME": str(home)}
    return door.open(proxy.url, home_of, httpTimeout=GIVEN_UP_AFTER, operationTimeout=seconds)


class Outcome:
    """The result of a create, as people see it."""

    def __init__(self, process: Process) -> None:
        inputs, _ = process.check(samples.redis())
        self.id, self.error = "", ""
        try:
            self.id, _ = process.create(inputs)
        except grpc.RpcError as failure:
            self.error = error_of(failure)
        self.told = "\n".join([self.error, *(each.text for each in process.messages if each.severity == "WARNING")])

    def untold(self, emulator: Emulator) -> list[str]:
        """The integrations that are neither in the state nor in any message."""
        owned = self.id.rpartition("/")[2]
        return [id_ for id_ in emulator.integrations if id_ != owned and id_ not in self.told]


def at_listing(place: int, function: Fault) -> list[Fault]:
    """Does something at one of the account's listings, and nothing at those before."""
    return [*[Only(is_listing, Forward())] * (place - 1), Only(is_listing, function)]


def posts(proxy: FaultProxy) -> int:
    """How many were sent, including those that are still held, once they are released."""
    return [request.method for request in proxy.requests].count("POST")


@cases("look", {str(number): number for number in (2, 3, 4)}, plugin=["3"])
def test_what_commits_between_two_looks_is_taken_over(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, first: Held, look: int
) -> None:
    """The first listing is from before the POST; the one after the commit shows the new store."""
    proxy.inject(first.fault, method="POST")
    proxy.inject(*at_listing(look, Hook(first.commit, after_commit=True)), method="GET")
    with brief(door, proxy, tmp_path) as process:
        outcome = Outcome(process)
    [integration_id] = emulator.integrations
    assert outcome.id == f"default/production/redis/{integration_id}"
    assert f"taken over: {integration_id}" in outcome.told
    assert posts(proxy) == 1


@pytest.mark.parametrize("door", [DYNAMIC], ids=str)
def test_what_commits_after_more_than_ten_seconds_is_taken_over(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, first: Held
) -> None:
    """The deadline allows more polls of the listing, and no second POST makes a second integration."""
    proxy.inject(first.fault, method="POST")
    # One listing before the POST, and six looks in ten seconds.
    proxy.inject(*at_listing(7, Hook(first.commit, after_commit=True)), method="GET")
    with brief(door, proxy, tmp_path, seconds="50") as process:
        outcome = Outcome(process)
    [integration_id] = emulator.integrations
    assert outcome.id == f"default/production/redis/{integration_id}"
    assert posts(proxy) == 1


REFUSED = Answer.json(400, {"code": "invalid_request", "message": "no"})
CONFLICT = Answer.json(409, {"code": "conflict", "message": "one is there already"})

SECOND_POSTS: dict[str, Callable[[Held], Fault]] = {
    "before the second is taken": lambda first: Hook(first.commit),
    "before the second is taken and its response lost": lambda first: Hook(first.commit, then=ResetAfter()),
    "before the second is refused": lambda first: Hook(first.commit, then=REFUSED),
    "before the second conflicts": lambda first: Hook(first.commit, then=CONFLICT),
    "before the second fails": lambda first: Hook(first.commit, then=Answer.html(503)),
    "after the second is taken": lambda first: Hook(first.commit, after_commit=True),
    "after the second is taken and its response lost": lambda first: Hook(
        first.commit, after_commit=True, then=ResetAfter()
    ),
}
"""When the first POST commits, and what becomes of the second one."""


@cases(
    "moment",
    {moment: moment for moment in SECOND_POSTS},
    plugin=["before the second is refused", "after the second is taken and its response lost"],
)
def test_what_commits_at_the_second_post_is_named(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, first: Held, moment: str
) -> None:
    """Whatever becomes of the second POST: each integration is the resource's, or a message names its ID."""
    proxy.inject(first.fault, SECOND_POSTS[moment](first), method="POST")
    with brief(door, proxy, tmp_path) as process:
        outcome = Outcome(process)
    first.commit()
    assert outcome.untold(emulator) == []
    assert posts(proxy) == 2


def test_what_commits_at_the_look_after_the_second_post_is_named(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, first: Held
) -> None:
    """The second POST has succeeded: the resource has its integration, and a warning names the other one."""

    def await_next_look() -> None:
        proxy.inject(Only(is_listing, Hook(first.commit)), method="GET")

    proxy.inject(first.fault, Hook(await_next_look, after_commit=True), method="POST")
    with brief(door, proxy, tmp_path) as process:
        outcome = Outcome(process)
    first.commit()
    assert outcome.error == ""
    assert outcome.untold(emulator) == []
    assert (len(emulator.integrations), posts(proxy)) == (2, 2)


def test_a_create_that_succeeds_at_its_second_post_says_that_there_were_two(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path
) -> None:
    """The first POST never arrives, but the provider cannot know that: it may still be committed after the run."""
    proxy.inject(Answer.html(503), method="POST")
    with brief(door, proxy, tmp_path) as process:
        outcome = Outcome(process)
    [integration_id] = emulator.integrations
    assert outcome.id.endswith(integration_id)
    assert "sent twice" in outcome.told
    assert f"another integration like {integration_id} appears" in outcome.told


def test_what_commits_after_the_end_is_told_by_the_next_run(
    door: Door, emulator: Emulator, proxy: FaultProxy, tmp_path: Path, first: Held, second: Held
) -> None:
    """Both POSTs are held until the operation is over: the next run has the note, and finds both integrations."""
    proxy.inject(first.fault, second.fault, method="POST")
    with brief(door, proxy, tmp_path) as process:
        assert Outcome(process).error
        assert emulator.integrations == {}
    first.commit()
    second.commit()
    assert len(emulator.integrations) == 2
    with brief(door, proxy, tmp_path) as process:
        assert Outcome(process).untold(emulator) == []
    assert len(emulator.integrations) == 2
