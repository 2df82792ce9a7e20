"""``examples/fleet``: the stacks of many projects, side by side with one plugin, and what becomes of a killed run."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support.account import is_listing, listings_and_singles
from support.documents import ROOT
from support.examples import Example
from support.front import TIMEOUT, Front, posts
from support.processes import kill_all
from support.scripted_server import Answer, Request
from support.stack import Run

sys.path.append(str(ROOT / "examples" / "fleet"))

PROJECTS = ("payments", "search", "shop")
LIMIT = 20
FEW, MANY = 2, 7


@pytest.fixture
def emulator_options(request: pytest.FixtureRequest) -> EmulatorOptions:
    """A LaunchDarkly with a rate limit where a test names one."""
    return EmulatorOptions(rate_limit=getattr(request, "param", None))


class Fleet:
    """The example, with three projects.

    :param stores: how many stores each project has.
    """

    def __init__(self, example: Example, stores: int) -> None:
        example.copy("fleet")
        self.project = example.project
        self.count = 3 * stores
        self.declare({f"e{number}": {} for number in range(stores)})

    def declare(self, stores: dict[str, Any]) -> None:
        """Declares these stores in each project."""
        defaults = {"on": True, "config": {"redis": {"host": "redis.example.com", "tlsEnabled": True}}}
        projects = dict.fromkeys(PROJECTS, stores)
        content = {"defaults": defaults, "projects": projects}
        (self.project.folder / "fleet.yaml").write_text(json.dumps(content))

    def run(self, *arguments: str, code: int = 0) -> Run:
        """Runs a command of the example, three stacks at once."""
        return self.project.shell(f"python fleet.py {' '.join(arguments)} --at-once 3", code)


def test_the_stacks_live_side_by_side(example: Example, emulator: Emulator) -> None:
    """Created, listed once for all, compared in one table, destroyed: exit codes as those of the other pipelines."""
    fleet = Fleet(example, FEW)
    up = fleet.run("up")
    assert all(f"{project}: up: 2 create (" in up.output for project in PROJECTS)
    assert len(emulator.integrations) == fleet.count

    shop = {each["environmentKey"]: id_ for id_, each in emulator.integrations.items() if each["projectKey"] == "shop"}
    id_ = shop["e1"]
    emulator.outside_edit(id_, {"on": False})
    emulator.clear_requests()
    drift = fleet.run("drift", code=7)
    assert listings_and_singles(emulator)["listing"] == 1
    [header, row] = drift.output.splitlines()[-2:]
    assert header.split() == ["STACK", "STORE", "WHAT", "UP", "WOULD", "DO"]
    assert row == (
        f"shop   e1     update: shop/e1/redis/{id_}: changed in LaunchDarkly since the last update: on (true → false). "
        'PATCH [{"op":"replace","path":"/on","value":true}]'
    )

    second = fleet.run("refresh", "--index", "2", "--count", "3")
    assert "[1/1] search: refresh: 2 same (" in second.output
    fleet.run("destroy")
    assert emulator.integrations == {}
    emulator.stop()
    failed = fleet.run("drift", "--index", "3", "--count", "3", code=1).output
    assert "shop: drift failed: " in failed
    assert "Traceback" not in failed


@pytest.mark.parametrize("emulator_options", [LIMIT], indirect=True)
def test_a_rate_limit_is_heeded_by_all(example: Example, emulator: Emulator) -> None:
    """More stores than a window has requests: no stack runs into the limit that another one has met."""
    fleet = Fleet(example, MANY)
    assert fleet.count > LIMIT
    fleet.run("up")
    assert len(emulator.integrations) == fleet.count
    statuses = Counter(request.status for request in emulator.requests)
    assert statuses[429] == 0
    assert sum(map(is_listing, emulator.requests)) <= 3


def test_a_killed_run_is_continued(example: Example, emulator: Emulator, front: Front) -> None:
    """All of it is killed while stores are being created: the next run finishes, and no store is there twice."""
    fleet = Fleet(example, FEW)
    fleet.project.environment["LAUNCHDARKLY_API_HOST"] = front.url
    created: list[Request] = []

    def until_the_third(request: Request) -> Answer | None:
        created.append(request)
        return front.forward(request) if len(created) < 3 else held(request)

    held = front.hold(posts, after_commit=True)
    front.on(posts, until_the_third)
    with fleet.project._start(["python", "fleet.py", "up", "--at-once", "3"], {}) as process:
        assert held.arrived.wait(TIMEOUT)
        kill_all(process.pid)
        process.communicate(timeout=TIMEOUT)
    held.release()
    front.clear()
    locks = [*fleet.project.backend.rglob(".pulumi/locks/**/*.json")]
    assert locks

    fleet.run("up")
    assert len(emulator.integrations) == fleet.count
    fleet.run("drift")
    assert not [each for each in locks if each.exists()]


def test_only_a_lock_whose_process_is_known_to_be_dead_is_removed() -> None:
    """Another machine's may belong to a run that goes on, and so may one whose process lives."""
    from stacks import is_left_behind

    dead = max(map(int, filter(str.isdigit, os.listdir("/proc")))) + 1_000_000
    here, there = socket.gethostname(), "another-machine"
    lock = "  file:///locks/1.json: created by ci@{} (pid {}) at 2026-11-28T20:00:00Z"
    message = "the stack is currently locked by {} lock(s).\n{}"
    assert is_left_behind(message.format(1, lock.format(here, dead)))
    for another in (lock.format(there, dead), lock.format(here, os.getpid())):
        assert not is_left_behind(message.format(2, f"{another}\n{lock.format(here, dead)}"))
    assert not is_left_behind("[409] Conflict: Another update is currently in progress.")


def test_the_jobs_have_each_stack_once() -> None:
    """Whatever their number, and about as many stores each."""
    from stores import Fleet as Declared

    sizes = {"a": 5, "b": 1, "c": 1, "d": 3, "e": 2}
    declared = Declared({name: {f"e{number}": {} for number in range(size)} for name, size in sizes.items()})
    assert [declared.part(index, 2) for index in (1, 2)] == [["a", "b"], ["c", "d", "e"]]
    for count in range(1, 8):
        parts = [declared.part(index, count) for index in range(1, count + 1)]
        assert sorted(name for part in parts for name in part) == sorted(sizes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("projects: [", "cannot be read: "),
        ("projects: {}", "has no projects"),
        ("projects: {shop: [production]}", "shop must have a mapping of inputs for each environment"),
    ],
)
def test_a_file_that_is_no_fleet_is_one_line(content: str, reason: str, tmp_path: Path) -> None:
    """Which names the file."""
    from stores import Fleet as Declared
    from stores import FleetError

    file = tmp_path / "fleet.yaml"
    file.write_text(content)
    with pytest.raises(FleetError, match=reason):
        Declared.read(file)
