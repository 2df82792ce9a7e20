"""Processes of this machine: which live, what is cleared behind those that do not, and what they delete and adopt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.core.notes import Account
from launchdarkly_pulumi.core.notes.deletes import DAYS_KEPT
from launchdarkly_pulumi.core.notes.folder import KEPT_FOR
from support.machine import ACCOUNT, ID, INTENT, Machine
from support.runs import EPOCH, release, urn

ANOTHER_PROCESS = """\
import sys
from pathlib import Path
from launchdarkly_pulumi.core.notes import Account, Notes
from support.runs import urn

mine = Notes(Account.of("https://app.launchdarkly.com", "api-canary-token"), print, folder=Path(sys.argv[1]))
mine.begin("", urn(), {"project_key": "default"}, {"57c0"})
mine.adoptions.claim("57c0beef", urn("b"))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Without a note."""
    return Machine(tmp_path / "launchdarkly")


# Processes.


def test_a_process_is_not_in_its_own_way(machine: Machine) -> None:
    """Of another one that lives it would be."""
    process = machine.process()
    note = process.begin("", urn(), INTENT, None)
    assert not process.is_under_way(note)
    assert machine.process().is_under_way(note)


def test_what_has_ended_is_not_under_way(machine: Machine) -> None:
    """Though its process lives."""
    process, other = machine.process(), machine.process()
    for created in (ID, None):
        process.end("", process.begin("", urn(), INTENT, None), created)
        note = other.find("", urn())
        assert note is not None
        assert not other.is_under_way(note)


def test_a_process_that_ended_has_nothing_under_way(machine: Machine) -> None:
    """Nor has one of which nothing is left."""
    process, other = machine.process(), machine.process()
    note = process.begin("", urn(), INTENT, None)
    release(process)
    assert not other.is_under_way(note)
    for path in machine.files("processes"):
        path.unlink()
    assert not other.is_under_way(note)


def test_the_operating_system_tells_that_a_process_was_killed(machine: Machine) -> None:
    """A real one: it holds its lock until a signal ends it, and not a moment longer."""
    machine.folder.mkdir(parents=True)
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, str(machine.folder)],
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        process = machine.process()
        note = process.find("", urn())
        assert note is not None
        assert (process.is_under_way(note), process.adoptions.claimed_by("57c0beef")) == (True, urn("b"))
        child.kill()
        child.wait()
        assert (process.is_under_way(note), process.adoptions.claimed_by("57c0beef")) == (False, None)
    assert machine.warnings == []


def test_nobody_waits_for_a_lock(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held as long as its process lives, for hours; and of two by one name one alone is known to live."""

    def wait(_: float) -> None:
        raise AssertionError("waits")

    monkeypatch.setattr(time, "sleep", wait)
    other = machine.process()
    other.begin("", urn("c"), INTENT, None)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=0))
    one, same = machine.process(), machine.process()
    assert one.adoptions.claim(ID, urn("a"))
    assert not same.adoptions.claim(f"{ID}0", urn("b"))
    assert other.adoptions.claimed_by(ID) == urn("a")


# What is of no use any more.


def age(path: Path, seconds: float) -> None:
    """Makes a file as old as that, by the machine's clock."""
    os.utime(path, (EPOCH - seconds, EPOCH - seconds))


@pytest.mark.parametrize(("seconds", "stays"), [(KEPT_FOR - 1, True), (KEPT_FOR + 1, False)])
def test_what_ended_long_ago_is_cleared(machine: Machine, seconds: float, stays: bool) -> None:
    """By the next process; what was cut off is kept, however old."""
    process = machine.process()
    process.end("", process.begin("", urn("ended"), INTENT, None), ID)
    process.end("", process.begin("", urn("given up"), INTENT, None))
    process.begin("", urn("cut off"), INTENT, None)
    process.adoptions.claim(ID, urn())
    release(process)
    for kind in ("notes", "adoptions", "processes"):
        for path in machine.files(kind):
            age(path, seconds)
    machine.process().begin("", urn("new"), INTENT, None)
    kept = {note.urn for note in machine.process().of_others("", urn("new"))}
    assert kept == {urn("given up"), urn("cut off")} | ({urn("ended")} if stays else set())
    assert len(machine.files("adoptions")) == int(stays)
    assert machine.warnings == []


def test_only_locks_of_processes_that_are_gone_are_cleared(machine: Machine) -> None:
    """One that has lived for days is still there."""
    live, gone = machine.process(), machine.process()
    note = live.begin("", urn("a"), INTENT, None)
    gone.begin("", urn("b"), INTENT, None)
    release(gone)
    for path in machine.files("processes"):
        age(path, KEPT_FOR + 1)
    other = machine.process()
    other.begin("", urn("c"), INTENT, None)
    assert other.is_under_way(note)
    assert {path.stem for path in machine.files("processes")} == {live.process.id, other.process.id}


def test_what_cannot_be_read_is_not_cleared(machine: Machine) -> None:
    """It may be all that tells of a live password."""
    (machine.folder / "notes").mkdir(parents=True)
    path = machine.folder / "notes" / "x.json"
    path.write_text("{")
    age(path, KEPT_FOR + 1)
    machine.process().begin("", urn(), INTENT, None)
    assert path.exists()


# Deletes and adoptions.


def begun_before(machine: Machine, integration_id: str = ID, account: Account = ACCOUNT) -> bool:
    """Begins to delete an integration in a new process; whether another one had begun before."""
    deletes = machine.process(account).deletes
    deletes.begin(integration_id)
    return deletes.was_begun_before(integration_id)


def test_a_delete_that_was_begun_is_known_to_later_processes(machine: Machine) -> None:
    """Until LaunchDarkly has refused it."""
    assert [begun_before(machine) for _ in range(3)] == [False, True, True]
    machine.process().deletes.refuse(ID)
    assert [begun_before(machine) for _ in range(2)] == [False, True]


def test_a_delete_is_of_one_account_and_one_integration(machine: Machine) -> None:
    """Two accounts may have the same ID, as in tests."""
    assert not begun_before(machine)
    assert not begun_before(machine, account=Account.of("https://app.eu.launchdarkly.com", "api-canary-token"))
    assert not begun_before(machine, account=Account.of("https://app.launchdarkly.com", "of another account"))
    assert not begun_before(machine, f"{ID}0")


def test_deletes_of_another_day_are_known(machine: Machine) -> None:
    """And which was the later one."""
    assert not begun_before(machine)
    machine.time.now += 24 * 3600
    assert begun_before(machine)
    machine.process().deletes.refuse(ID)
    assert not begun_before(machine)
    assert len(machine.files("deletes")) == 2


def test_deletes_are_noted_for_thirty_days_on_which_there_were_any(machine: Machine) -> None:
    """The next create clears the rest, as far as it can be."""
    no_file = machine.folder / "deletes" / "2000-01-01.log"
    no_file.mkdir(parents=True)
    for _ in range(DAYS_KEPT + 1):
        machine.time.now += 24 * 3600
        machine.process().deletes.begin(ID)
    first = machine.files("deletes")[1]
    machine.process().begin("", urn(), INTENT, None)
    assert len(machine.files("deletes")) == DAYS_KEPT + 1
    assert (first.exists(), no_file.exists()) == (False, True)


def test_deletes_that_cannot_be_noted_are_reported(machine: Machine) -> None:
    """They are deleted all the same: a later 404 is not believed."""
    machine.folder.mkdir(parents=True)
    (machine.folder / "deletes").write_text("")
    assert [begun_before(machine), begun_before(machine)] == [False, False]
    assert set(machine.topics) == {"notes"}


@pytest.mark.parametrize("content", [b"", b"\xff\n+\n", b"+", b"-\n\n"])
def test_what_else_stands_among_deletes_is_passed_over(machine: Machine, content: bytes) -> None:
    """As a line that was cut off."""
    assert not begun_before(machine)
    [path] = machine.files("deletes")
    path.write_bytes(path.read_bytes() + content + b"\n")
    assert begun_before(machine)
    path.unlink()
    path.mkdir()
    assert not begun_before(machine)


def test_a_claim_says_whether_others_can_know(machine: Machine) -> None:
    """It is written, and its process holds a lock; one that is taken back is none."""
    process = machine.process()
    assert process.adoptions.claim(ID, urn("b"))
    process.adoptions.disclaim(ID)
    process.adoptions.disclaim(ID)
    assert machine.process().adoptions.claimed_by(ID) is None


@pytest.mark.parametrize("blocked", ["adoptions", "processes"])
def test_a_claim_that_others_cannot_know_of_says_so(machine: Machine, blocked: str) -> None:
    """Neither what cannot be written, nor what a process has written that has no lock, is believed."""
    machine.folder.mkdir(parents=True)
    (machine.folder / blocked).write_text("")
    assert not machine.process().adoptions.claim(ID, urn("b"))


def test_what_a_living_process_has_adopted_is_its_own(machine: Machine) -> None:
    """The others learn whose it is; the process itself knows better."""
    process = machine.process()
    process.adoptions.claim(ID, urn("b"))
    assert process.adoptions.claimed_by(ID) is None
    assert machine.process().adoptions.claimed_by(ID) == urn("b")
    assert machine.process().adoptions.claimed_by(f"{ID}0") is None
    release(process)
    assert machine.process().adoptions.claimed_by(ID) is None


NO_CLAIMS = {
    "empty": "",
    "deep": "[" * 100_000,
    "cut off": "{",
    "a number": "5",
    "a list": "[]",
    "null": "null",
    "a mapping": "{}",
    "no URN": '{"urn": 5, "process": "it"}',
    "an empty URN": '{"urn": "", "process": "it"}',
    "no process": '{"urn": "a"}',
}


@pytest.mark.parametrize("text", NO_CLAIMS.values(), ids=NO_CLAIMS)
def test_a_claim_that_cannot_be_believed_is_none(machine: Machine, text: str) -> None:
    """As where there is none, though the process that it may name lives."""
    process = machine.process()
    process.adoptions.claim(ID, urn("b"))
    [path] = machine.files("adoptions")
    path.write_text(text.replace('"it"', json.dumps(process.process.id)))
    assert machine.process().adoptions.claimed_by(ID) is None


@pytest.mark.parametrize("process", ["../../etc/passwd", "", 5, None, ["a"]])
def test_a_claim_names_a_process_and_no_path(machine: Machine, process: Any) -> None:
    """Nothing outside the folder is looked at."""
    machine.process().adoptions.claim(ID, urn("b"))
    [path] = machine.files("adoptions")
    path.write_text(json.dumps({"urn": urn("b"), "process": process}))
    assert machine.process().adoptions.claimed_by(ID) is None
