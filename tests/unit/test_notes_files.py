"""The files of notes: where they are, what is in them, and what stands in their place."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from launchdarkly_pulumi.core.notes import Account
from launchdarkly_pulumi.core.notes.folder import KEPT_FOR, Folder, Pulumi
from support.machine import ID, INTENT, Machine
from support.runs import EPOCH, release, urn


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Without a note."""
    return Machine(tmp_path / "launchdarkly")


def test_the_hash_of_a_token_stays_what_it_is() -> None:
    """With another one the notes of an earlier release would be of another account."""
    assert Account.of("https://app.launchdarkly.com", "api-canary-token").token == "b485ea5db5e93abf"


@pytest.mark.parametrize(
    ("seconds", "is_open"), [(0.0, True), (KEPT_FOR - 1, True), (KEPT_FOR, False), (KEPT_FOR + 1, False)]
)
def test_a_create_may_turn_up_for_a_day(machine: Machine, seconds: float, is_open: bool) -> None:
    """As long as nobody knows what came of it; also where its process gave up."""
    process = machine.process()
    begun = process.begin("", urn(), INTENT, {"a"})
    process.end("", begun)
    given_up = process.find("", urn())
    process.end("", begun, ID)
    created = process.find("", urn())
    assert given_up is not None
    assert created is not None
    machine.time.now += seconds
    assert [process.is_open(note) for note in (begun, given_up, created)] == [is_open, is_open, False]


def test_a_folder_is_made_with_what_is_above_it(machine: Machine) -> None:
    """Whoever writes the first note."""
    folder = Folder(print, machine.time.clock, machine.folder / "inside")
    assert folder.write(folder.file("notes", "a"), {"b": 1})
    assert folder.files("notes") == [folder.file("notes", "a")]


def test_marks_say_what_they_are_of(machine: Machine) -> None:
    """For people who look into the folder."""
    process = machine.process()
    process.deletes.begin(ID)
    process.deletes.refuse(ID)
    process.adoptions.claim(ID, urn())
    [delete], [adoption] = machine.files("deletes"), machine.files("adoptions")
    assert delete.name == "2024-06-01.log"
    assert [line[:1] for line in delete.read_text().splitlines()] == ["+", "-"]
    assert json.loads(adoption.read_text()) == {"urn": urn(), "process": process.process.id}
    assert adoption.suffix == ".json"


def test_what_is_not_whole_yet_stands_beside_its_place(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same file system, and by a name that nobody reads; that it is gone already is no trouble."""
    temporaries: list[Path] = []

    def full(temporary: str, _path: Path) -> None:
        temporaries.append(Path(temporary))
        os.unlink(temporary)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    machine.process().begin("", urn(), INTENT, None)
    [temporary] = temporaries
    assert (temporary.parent, temporary.suffix) == (machine.folder / "notes", ".part")
    assert [f": {OSError(28, 'No space left on device').strerror}. " in each for each in machine.warnings] == [True]


def test_an_error_without_a_word_of_the_system_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words."""

    def refuse(*_: object) -> None:
        raise OSError("not today")

    monkeypatch.setattr(os, "replace", refuse)
    machine.process().begin("", urn(), INTENT, None)
    assert [": not today. " in warning for warning in machine.warnings] == [True]


def test_what_is_no_file_is_told_in_the_system_s_words(machine: Machine) -> None:
    """And in no others."""
    machine.process().begin("", urn(), INTENT, None)
    [path] = machine.files("notes")
    path.unlink()
    path.mkdir()
    machine.process().find("", urn())
    [warning] = machine.warnings
    reasons = [": Is a directory. ", ": Permission denied. "]
    assert any(f"{path}, cannot be read{reason}" in warning for reason in reasons)


# Where the state is.


def remembered(machine: Machine) -> bool:
    """Whether a note is found."""
    return machine.process().find("", urn()) is not None


def test_stacks_of_two_backends_are_two(machine: Machine) -> None:
    """Also where they have the same name."""
    machine.pulumi = Pulumi(named_backend="file:///one")
    machine.process().begin("", urn(), INTENT, None)
    assert remembered(machine)
    machine.pulumi = Pulumi(named_backend="file:///two")
    assert not remembered(machine)


def test_the_backend_is_the_one_that_pulumi_is_logged_into(machine: Machine, tmp_path: Path) -> None:
    """Unless the environment names one."""
    machine.pulumi = Pulumi(str(tmp_path))
    credentials = tmp_path / "credentials.json"
    credentials.write_text('{"current": "https://api.pulumi.com"}')
    machine.process().begin("", urn(), INTENT, None)
    assert remembered(machine)
    credentials.write_text('{"current": "file:///elsewhere"}')
    assert not remembered(machine)
    machine.pulumi = Pulumi(str(tmp_path), "https://api.pulumi.com")
    assert remembered(machine)


@pytest.mark.parametrize("content", [None, "", "{", "[]", "5", "{}", '{"current": ""}'])
def test_where_nobody_is_logged_in_there_is_one_backend(machine: Machine, tmp_path: Path, content: str | None) -> None:
    """Whatever stands in the file, and whether there is one."""
    machine.pulumi = Pulumi(str(tmp_path))
    (tmp_path / "credentials.json").write_text('{"current": ""}')
    machine.process().begin("", urn(), INTENT, None)
    (tmp_path / "credentials.json").unlink()
    if content is not None:
        (tmp_path / "credentials.json").write_text(content)
    assert remembered(machine)


# What stands in the way.


@pytest.mark.parametrize("is_link", [True, False], ids=["a link to nowhere", "a folder"])
def test_what_cannot_be_cleared_stays(machine: Machine, is_link: bool) -> None:
    """And stops nobody."""
    places = [machine.folder / "notes/x.json", machine.folder / "adoptions/x.json", machine.folder / "processes/x.lock"]
    for path in places:
        path.parent.mkdir(parents=True)
        if is_link:
            path.symlink_to(machine.folder / "nowhere")
        else:
            path.mkdir()
            os.utime(path, (EPOCH - KEPT_FOR - 1, EPOCH - KEPT_FOR - 1))
    note = machine.process().begin("", urn(), INTENT, None)
    assert machine.process().find("", urn()) == note
    assert machine.warnings == []
    assert all(path.is_symlink() or path.is_dir() for path in places)


def test_a_lock_that_is_none_is_nobody_s(machine: Machine) -> None:
    """A process that lives has a file that can be locked."""
    process, other = machine.process(), machine.process()
    note = process.begin("", urn(), INTENT, None)
    release(process)
    [path] = machine.files("processes")
    path.unlink(missing_ok=True)
    path.mkdir()
    assert not other.is_under_way(note)


def test_a_lock_is_of_the_process_and_not_of_a_thread(machine: Machine) -> None:
    """The one that has begun the first create may have ended long before."""
    process, other = machine.process(), machine.process()
    worker = threading.Thread(target=process.begin, args=("", urn(), INTENT, None))
    worker.start()
    worker.join()
    note = other.find("", urn())
    assert note is not None
    assert (other.is_under_way(note), process.process.is_known_to_live) == (True, True)
    release(process)
    assert not other.is_under_way(note)


def test_a_day_to_the_second_is_kept(machine: Machine) -> None:
    """What is older is cleared."""
    process = machine.process()
    process.adoptions.claim(ID, urn())
    release(process)
    [path] = machine.files("adoptions")
    os.utime(path, (EPOCH - KEPT_FOR, EPOCH - KEPT_FOR))
    machine.process().begin("", urn(), INTENT, None)
    assert path.exists()
