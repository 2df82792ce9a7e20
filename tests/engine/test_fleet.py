"""``examples/fleet``: the stacks of many projects, side by side with one plugin, and what becomes of a killed run."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support.account import is_listing, listings_and_singles
from support.documents import ROOT
from support.examples import Example
from support.front import TIMEOUT, Front, posts
from support.processes import kill_all
from support.scripted_server import Answer, Request
from support.stack import Run

EXAMPLE = ROOT / "examples" / "fleet"
sys.path.append(str(EXAMPLE))

PROJECTS = ("payments", "search", "shop")
LIMIT = 20
MANY = 7
"""Stores of a project: three projects have more than the limit."""


@pytest.fixture
def emulator_options(request: pytest.FixtureRequest) -> EmulatorOptions:
    """A LaunchDarkly with a rate limit where a test names one."""
    return EmulatorOptions(rate_limit=getattr(request, "param", None))


class Fleet:
    """A copy of the example."""

    def __init__(self, example: Example) -> None:
        example.copy("fleet")
        self.project = example.project
        self.project.environment["PAYMENTS_REDIS_PASSWORD"] = "the password"

    def declare(self, stores: int) -> None:
        """Declares so many stores in each project."""
        defaults = {"on": True, "config": {"redis": {"host": "redis.example.com", "tlsEnabled": True}}}
        of_each: dict[str, dict[str, str]] = {f"e{number}": {} for number in range(stores)}
        projects = dict.fromkeys(PROJECTS, of_each)
        content = {"defaults": defaults, "projects": projects}
        (self.project.folder / "fleet.yaml").write_text(json.dumps(content))

    def run(self, *arguments: str, code: int = 0) -> Run:
        """Runs a command of the example, three stacks at once."""
        return self.project.shell(f"python fleet.py {' '.join(arguments)} --at-once 3", code)

    def github(self, command: str, job: int) -> Run:
        """Runs what GitHub Actions does, in one of three jobs."""
        steps = yaml.safe_load((EXAMPLE / "github-actions.yml").read_text(encoding="utf-8"))["jobs"]["fleet"]["steps"]
        [script] = [step["run"] for step in steps if step.get("name") == "Run"]
        return self.project.script(script, COMMAND=command, INDEX=str(job), COUNT="3")

    def gitlab(self, command: str, job: int, code: int = 0) -> Run:
        """Runs what GitLab does, in one of three jobs."""
        pipeline = yaml.safe_load((EXAMPLE / "gitlab-ci.yml").read_text(encoding="utf-8"))
        assert pipeline[command]["extends"] == ".fleet"
        [script] = pipeline[".fleet"]["script"]
        done = self.project.script(script, COMMAND=command, CI_NODE_INDEX=str(job), CI_NODE_TOTAL="3")
        assert done.code == code, done.output
        return done


def test_the_stacks_live_side_by_side(example: Example, emulator: Emulator) -> None:
    """As the README says; listed once for all, drift in one table, and exit codes as those of the other pipelines."""
    fleet = Fleet(example)
    up = example.run_as_told().output
    assert all(f"{project}: up: 2 create (" in up for project in PROJECTS)
    stores = {(each["projectKey"], each["environmentKey"]): id_ for id_, each in emulator.integrations.items()}
    assert emulator.stored_config(stores["payments", "production"])["password"] == "the password"
    id_ = stores["shop", "production"]
    emulator.outside_edit(id_, {"on": False})
    emulator.clear_requests()
    drift = fleet.run("drift", code=7)
    assert listings_and_singles(emulator)["listing"] == 1
    [header, row] = drift.output.splitlines()[-2:]
    assert header.split() == ["STACK", "STORE", "WHAT", "UP", "WOULD", "DO"]
    assert row == (
        f"shop   production  update: shop/production/redis/{id_}: changed in LaunchDarkly since the last update: "
        'on (true → false). PATCH [{"op":"replace","path":"/on","value":true}]'
    )

    assert "[1/1] search: refresh: 2 same (" in fleet.github("refresh", job=2).output
    fleet.run("destroy")
    assert emulator.integrations == {}
    del fleet.project.environment["PAYMENTS_REDIS_PASSWORD"]
    failed = fleet.gitlab("drift", job=1, code=1).output
    reason = "payments: drift failed: the environment variable PAYMENTS_REDIS_PASSWORD has no password"
    assert failed.splitlines() == [f"[1/1] {reason}"]


@pytest.mark.parametrize("emulator_options", [LIMIT], indirect=True)
def test_a_rate_limit_is_heeded_by_all(example: Example, emulator: Emulator) -> None:
    """More stores than a window has requests: no stack runs into the limit that another one has met."""
    fleet = Fleet(example)
    fleet.declare(MANY)
    fleet.run("up")
    assert len(emulator.integrations) == 3 * MANY > LIMIT
    statuses = Counter(request.status for request in emulator.requests)
    assert statuses[429] == 0
    assert sum(map(is_listing, emulator.requests)) <= 3


def test_a_killed_run_is_continued(example: Example, emulator: Emulator, front: Front) -> None:
    """All of it is killed while stores are being created: the next run finishes, and no store is there twice."""
    fleet = Fleet(example)
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
    # What a kill leaves behind in the moment in which Pulumi writes them.
    for each in fleet.project.backend.rglob("*.attrs"):
        each.write_bytes(b"")
    [name, *_] = [each.stem for each in fleet.project.backend.rglob(".pulumi/stacks/**/*.json")]
    assert ": EOF" in fleet.project.run("stack", "export", "--stack", name).output

    fleet.run("up")
    assert len(emulator.integrations) == 6
    fleet.run("drift")
    assert not [each for each in locks if each.exists()]


def test_only_a_lock_whose_process_is_known_to_be_dead_is_removed() -> None:
    """Another machine's may belong to a run that goes on, and so may one whose process lives."""
    from left_behind import is_left_behind

    dead = max(map(int, filter(str.isdigit, os.listdir("/proc")))) + 1_000_000
    here, there = socket.gethostname(), "another-machine"
    lock = "  file:///locks/1.json: created by ci@{} (pid {}) at 2026-11-28T20:00:00Z"
    message = "the stack is currently locked by {} lock(s).\n{}"
    assert is_left_behind(message.format(1, lock.format(here, dead)))
    for another in (lock.format(there, dead), lock.format(here, os.getpid())):
        assert not is_left_behind(message.format(2, f"{another}\n{lock.format(here, dead)}"))
    assert not is_left_behind("[409] Conflict: Another update is currently in progress.")


@pytest.mark.parametrize("url", ["file://{folder}", "file://{folder}?no_tmp_dir=true", "file://~", "file://./below"])
def test_only_empty_attributes_of_a_backend_of_files_are_removed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However its URL is written."""
    from left_behind import drop_empty_attributes

    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ("below" if url.endswith("below") else "")
    stacks = folder / ".pulumi" / "stacks" / "fleet"
    stacks.mkdir(parents=True)
    contents = {"a.json": "{}", "a.json.attrs": "", "b.json": "", "b.json.attrs": "{}"}
    for name, content in contents.items():
        (stacks / name).write_text(content)
    drop_empty_attributes("s3://bucket", tmp_path)
    drop_empty_attributes("https://app.example.com/acme", tmp_path)
    assert sorted(each.name for each in stacks.iterdir()) == sorted(contents)
    drop_empty_attributes(url.format(folder=folder), tmp_path)
    assert {each.name for each in stacks.iterdir()} == set(contents) - {"a.json.attrs"}


@pytest.mark.parametrize(
    ("changes", "stores"),
    [
        ({"create": 3}, {"create": 2}),
        ({"create": 1, "same": 3}, {"create": 1, "same": 2}),
        ({"same": 1, "update": 2}, {"update": 2}),
        ({"delete": 1}, {}),
        ({}, {}),
    ],
)
def test_a_line_counts_stores_alone(changes: dict[str, int], stores: dict[str, int]) -> None:
    """Pulumi counts the stack too."""
    from stacks import of_stores

    assert of_stores(changes) == stores


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
