"""The notes of this machine: what is believed of them, whose they are, and how they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.core.notes import Account, Note, Notes, Pulumi
from support.machine import ACCOUNT, ID, INTENT, Machine
from support.runs import EPOCH, urn


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Without a note."""
    return Machine(tmp_path / "launchdarkly")


# What a note is.


def valid(**changes: Any) -> dict[str, Any]:
    """A note as it is written."""
    note = {
        "urn": urn(),
        "host": ACCOUNT.host,
        "token": ACCOUNT.token,
        "time": EPOCH,
        "process": "0" * 32,
        "intent": INTENT,
        "known": [ID],
        "created": None,
        "given_up": False,
    }
    return note | changes


def test_a_note_reads_back_as_it_was(machine: Machine) -> None:
    """With the account, the time and the process."""
    process = machine.process()
    note = process.begin("", urn(), INTENT, {"b", "a"})
    assert machine.process().find("", urn()) == note
    assert (note.account, note.time, note.known) == (ACCOUNT, EPOCH, ["a", "b"])
    assert Note.parse(json.dumps(valid())) == Note(**valid())


WRONG: dict[str, list[Any]] = {
    "urn": ["", None, 5, ["x"]],
    "host": ["", None, 5],
    "token": ["", None, {}],
    "time": [None, "1", True, [], {}],
    "process": ["", None, 5, "../../etc/passwd"],
    "intent": [None, [], "x", 5, {"project_key": ["x"]}, {"name": {}}, {"integration_key": 5}],
    "known": ["abc", {"a": 1}, 5, [1, 2], [None], [""], ["../x"], ["a", "b/c"]],
    "created": ["", 5, ["57c0"], "../x", "a b"],
    "given_up": [None, 0, 1, "yes", []],
}


def test_every_field_of_a_note_is_checked() -> None:
    """A new one needs its line."""
    assert WRONG.keys() == Note.__dataclass_fields__.keys() == valid().keys()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_field_that_is_wrong_makes_no_note(name: str, value: Any) -> None:
    """Told by its name."""
    with pytest.raises(ValueError, match=f"^it has no valid {name}$"):
        Note.parse(json.dumps(valid(**{name: value})))


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"known", "created"}))
def test_a_field_that_is_missing_makes_no_note(name: str) -> None:
    """The same."""
    values = valid()
    del values[name]
    with pytest.raises(ValueError, match=f"^it has no valid {name}$"):
        Note.parse(json.dumps(values))


def test_another_version_s_note_is_none() -> None:
    """A field that nobody knows may mean anything."""
    with pytest.raises(ValueError, match=r"^it has no valid more$"):
        Note.parse(json.dumps(valid(more=1)))


@pytest.mark.parametrize("text", ['"abc"', "[1, 2]", "5", "null", "true"])
def test_what_is_no_mapping_is_no_note(text: str) -> None:
    """Whatever JSON it is."""
    with pytest.raises(ValueError, match=r"^it is no note$"):
        Note.parse(text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'"abc"', "it is no note"),
        (b'{"a": 1}', "it has no valid urn"),
        (b"[1, 2]", "it is no note"),
        (b"", "it is no JSON"),
        (b'{"urn": "', "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (json.dumps(valid(known="abc")).encode(), "it has no valid known"),
        (json.dumps(valid(urn=urn("other"))).encode(), "it is of another resource"),
        (b"[" * 100_000, "it nests too deep"),
    ],
    ids=["string", "no note", "list", "empty", "cut off", "bytes", "field", "other resource", "deep"],
)
def test_what_cannot_be_believed_is_told_and_not_used(machine: Machine, content: bytes, reason: str) -> None:
    """With the file's name."""
    machine.process().begin("", urn(), INTENT, None)
    [path] = machine.files("notes")
    path.write_bytes(content)
    assert machine.process().find("", urn()) is None
    assert machine.warnings == [
        f"The note of a create, {path}, cannot be read: {reason}. "
        "It is not used. Look for what that create left behind."
    ]


def test_what_is_no_file_is_told(machine: Machine) -> None:
    """Its reason is the operating system's."""
    machine.process().begin("", urn(), INTENT, None)
    [path] = machine.files("notes")
    path.unlink()
    path.mkdir()
    assert machine.process().find("", urn()) is None
    assert "Is a directory" in machine.warnings[0] or "denied" in machine.warnings[0]


# Whose it is.


@pytest.mark.parametrize(
    ("organization", "of"),
    [("", urn("other")), ("", urn("store", "staging")), ("acme", urn())],
    ids=["store", "stack", "organization"],
)
def test_a_note_is_of_one_resource(machine: Machine, organization: str, of: str) -> None:
    """Of one stack of one organization."""
    machine.process().begin("", urn(), INTENT, None)
    assert machine.process().find(organization, of) is None
    assert machine.warnings == []


def test_accounts_are_told_apart() -> None:
    """By host and token; the token is not to be read out of it."""
    others = [Account.of("https://app.eu.launchdarkly.com", "api-canary-token"), Account.of(ACCOUNT.host, "another")]
    assert ACCOUNT not in others
    assert Account.of(ACCOUNT.host, "api-canary-token") == ACCOUNT
    assert "canary" not in "".join(ACCOUNT)


def test_the_notes_of_others_are_those_of_the_host(machine: Machine) -> None:
    """Of other resources, whoever's token made them."""
    elsewhere = Account.of("https://app.eu.launchdarkly.com", "api-canary-token")
    another_token = Account.of(ACCOUNT.host, "another")
    machine.process().begin("", urn("a"), INTENT, None)
    machine.process(another_token).begin("", urn("b"), INTENT, None)
    machine.process(elsewhere).begin("", urn("c"), INTENT, None)
    (machine.folder / "notes" / "x.json").write_text("{")
    assert {note.urn for note in machine.process().of_others("", urn("a"))} == {urn("b")}
    assert {note.urn for note in machine.process().of_others("", urn("d"))} == {urn("a"), urn("b")}
    assert all("cannot be read" in warning for warning in machine.warnings)


def test_what_is_half_written_is_nobody_s_note(machine: Machine) -> None:
    """A file that is not yet in its place."""
    machine.process().begin("", urn("a"), INTENT, None)
    (machine.folder / "notes" / "x.part").write_text("{")
    assert len(list(machine.process().of_others("", ""))) == 1
    assert machine.warnings == []


# How it is written.


def test_what_came_of_a_create_is_noted(machine: Machine) -> None:
    """The IDs that were there before are of no use any more."""
    process = machine.process()
    process.end("", process.begin("", urn(), INTENT, {"a"}), ID)
    note = process.find("", urn())
    assert note is not None
    assert (note.created, note.given_up, note.known) == (ID, False, None)


def test_that_nobody_knows_what_came_of_it_is_noted(machine: Machine) -> None:
    """The next run needs to know what was there before."""
    process = machine.process()
    process.end("", process.begin("", urn(), INTENT, {"a"}))
    note = process.find("", urn())
    assert note is not None
    assert (note.created, note.given_up, note.known) == (None, True, ["a"])


def test_a_note_is_taken_back_once_nothing_was_created(machine: Machine) -> None:
    """And it does not matter whether there is one."""
    process = machine.process()
    process.begin("", urn(), INTENT, None)
    process.forget("", urn())
    process.forget("", urn())
    assert machine.files("notes") == []


def test_a_note_is_whole_or_as_it_was(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the worst moment: what was there stays, and nothing else is left over."""
    process = machine.process()
    before = process.begin("", urn(), INTENT, {"a"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    process.end("", before, ID)
    assert process.find("", urn()) == before
    assert len(machine.files("notes")) == 1
    assert machine.warnings == [
        f"No note of a create can be kept in {machine.folder}: No space left on device. "
        "One that is cut off will not be recognized by the next run."
    ]
    assert machine.topics == ["notes"]


def test_others_on_the_machine_cannot_read_notes(machine: Machine) -> None:
    """They tell of the account's stores."""
    process = machine.process()
    process.begin("", urn(), INTENT, None)
    process.adoptions.claim(ID, urn())
    process.deletes.begin(ID)
    for kind in ("notes", "adoptions", "deletes", "processes"):
        [path] = machine.files(kind)
        assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


@pytest.mark.parametrize("blocked", ["", "notes", "processes"], ids=["all", "notes", "processes"])
def test_a_folder_that_cannot_be_written_stops_nobody(machine: Machine, blocked: str) -> None:
    """It is reported; nothing was noted, and nothing is found."""
    path = machine.folder / blocked
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    process = machine.process()
    note = process.begin("", urn(), INTENT, None)
    process.end("", note, ID)
    assert not process.is_under_way(note)
    assert (process.find("", urn()) is None) == (blocked != "processes")
    assert set(machine.warnings) != set()
    assert all(
        warning.startswith(f"No note of a create can be kept in {machine.folder}: ") for warning in machine.warnings
    )


@pytest.mark.parametrize(("home", "folder"), [("/p", "/p/launchdarkly"), (None, "/h/.pulumi/launchdarkly")])
def test_notes_are_where_pulumi_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch, home: Optional[str], folder: str
) -> None:
    """Below ``PULUMI_HOME``, or else in the user's home."""
    monkeypatch.setenv("HOME", "/h")
    assert Notes(ACCOUNT, print, pulumi=Pulumi(home or ""))._folder.path == Path(folder)
