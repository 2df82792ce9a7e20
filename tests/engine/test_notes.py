"""A note of a create belongs to one resource of one account, and counts once its process is gone; with the real CLI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing
from support.canary import files_with_leaks
from support.door_stacks import DoorStack, declare_in_accounts, stack_of
from support.doors import DOORS, Door, cases
from support.front import TIMEOUT, Front, posts
from support.processes import cut_off, kill_provider
from support.samples import TOKEN
from support.scripted_server import Answer, Request
from support.stack import NO_CHANGE, Stack, warnings

OTHER_TOKEN = "api-of-another-account"
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another account."""
    with Emulator() as running:
        yield running


@pytest.fixture
def front(emulator: Emulator, other: Emulator) -> Iterator[Front]:
    """Both accounts behind one host."""
    with Front({TOKEN: emulator, OTHER_TOKEN: other}) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of Pulumi in which there are no notes yet."""
    return tmp_path / "home"


@pytest.fixture
def stack(door: Door, tmp_path: Path, home: Path, front: Front) -> DoorStack:
    """A stack with one store declared, and with notes of its own."""
    stack = stack_of(door, tmp_path, front.url, home)
    stack.declare(store=samples.redis())
    return stack


def bare(id_: str) -> str:
    """LaunchDarkly's own ID, the last part of a full one."""
    return id_.rpartition("/")[2]


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_create_in_another_account_of_the_program_is_no_lost_one(
    stack: DoorStack, front: Front, emulator: Emulator, other: Emulator
) -> None:
    """Both accounts create the same store at the same time, and one has somebody's store that looks the same."""
    somebodys = bare(existing(other, samples.redis()))
    held = front.hold(lambda request: posts(request) and request.values("Authorization") == [TOKEN])
    seen: list[Request] = []

    def while_the_first_is_under_way(request: Request) -> Answer | None:
        seen.append(request)
        if len(seen) > 1 or posts(request):
            held.release()
        return front.forward(request) if held.arrived.wait(TIMEOUT) else None

    front.on(lambda request: request.values("Authorization") == [OTHER_TOKEN], while_the_first_is_under_way)
    tokens = {"home": TOKEN, "abroad": OTHER_TOKEN}
    declare_in_accounts(stack, tokens, **samples.redis())
    stack.up()

    ids = {name: bare(id_) for name, id_ in stack.ids().items()}
    assert list(emulator.integrations) == [ids["store-home"]]
    assert sorted(other.integrations) == sorted([somebodys, ids["store-abroad"]])


@pytest.fixture(params=[("prod", "dev"), ("prod", "prod")], ids=["two stacks", "two backends"])
def stacks(request: pytest.FixtureRequest, tmp_path: Path, home: Path, front: Front) -> list[Stack]:
    """Two stacks of one project, or two of one name in different backends, with the same store; one home for both."""
    stacks = [Stack(tmp_path / str(place), front.url, home=home, name=name) for place, name in enumerate(request.param)]
    for stack in stacks:
        stack.declare(store=samples.redis())
    return stacks


@pytest.mark.parametrize("killed", [False, True], ids=["ends later", "is killed"])
def test_a_create_of_another_stack_is_no_lost_one(
    stacks: list[Stack], front: Front, emulator: Emulator, killed: bool
) -> None:
    """It takes long: its store exists, its response has not arrived. Neither stack gets the other's store."""
    slow, quick = stacks
    held = front.hold(posts, after_commit=True)
    with slow.start(*UP) as process:
        assert held.arrived.wait(TIMEOUT)
        front.clear()
        quick.up()
        between = len(emulator.integrations)
        if killed:
            kill_provider(process.pid)
        held.release()
        process.communicate(timeout=TIMEOUT)
    assert between == 2
    assert (process.returncode != 0) is killed
    if killed:
        slow.up()

    assert sorted(bare(stack.ids()["store"]) for stack in stacks) == sorted(emulator.integrations)
    for stack in stacks:
        stack.preview(NO_CHANGE)


@cases("told_by", {"token": "token", "host": "host"}, plugin=["token"])
def test_what_another_account_has_is_not_taken_over(
    stack: DoorStack, front: Front, emulator: Emulator, other: Emulator, told_by: str
) -> None:
    """A create is killed in one account; the other one already has a store like it, which a warning names."""
    somebodys = bare(existing(other, samples.redis()))
    cut_off(stack, front)
    if told_by == "token":
        stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = OTHER_TOKEN
    else:
        stack.environment["LAUNCHDARKLY_API_HOST"] = other.url
    run = stack.up()

    assert sorted(other.integrations) == sorted([somebodys, bare(stack.ids()["store"])])
    assert len(emulator.integrations) == 1
    assert any(somebodys in line for line in warnings(run)), run.output
    assert warnings(stack.up(NO_CHANGE)) == []


def test_what_was_left_behind_with_another_token_is_named(tmp_path: Path, home: Path, emulator: Emulator) -> None:
    """Whether both tokens belong to one account cannot be known."""
    with Front({TOKEN: emulator, OTHER_TOKEN: emulator}) as front:
        stack = Stack(tmp_path, front.url, home=home)
        stack.declare(store=samples.redis())
        cut_off(stack, front)
        [left] = emulator.integrations
        stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = OTHER_TOKEN
        run = stack.up()
    assert sorted(emulator.integrations) == sorted([left, bare(stack.ids()["store"])])
    assert any(left in line for line in warnings(run)), run.output


def test_each_resource_has_a_note_of_its_own(stack: DoorStack, front: Front, home: Path) -> None:
    """It names the resource, and holds no secret: neither the token nor the password."""
    stack.declare(one=samples.redis(name="One"), other=samples.redis(name="Other"))
    cut_off(stack, front, creates=2)
    urn = "urn:pulumi:prod::shop::pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration::"
    notes = [path.read_text(encoding="utf-8") for path in (home / "launchdarkly" / "notes").glob("*.json")]
    assert sorted(name for note in notes for name in ("one", "other") if f"{urn}{name}" in note) == ["one", "other"]
    assert len(notes) == 2
    assert list(files_with_leaks(home / "launchdarkly", TOKEN, samples.PASSWORD)) == []


UNBELIEVABLE = (
    b'"abc"',
    b'{"a":1}',
    b"[1,2]",
    b'[["abc"]]',
    b"",
    b"null",
    b'["\xff"]',
    b"[" * 100_000,
    None,  # the note itself without its end
)


def test_notes_that_cannot_be_believed_are_told_and_not_used(
    stack: DoorStack, front: Front, home: Path, emulator: Emulator
) -> None:
    """The account already has stores that look the same."""
    stores = {f"store-{place}": samples.redis(environment_key=f"e{place}") for place in range(len(UNBELIEVABLE))}
    somebodys = {existing(emulator, arguments) for arguments in stores.values()}
    stack.declare(**stores)
    cut_off(stack, front, creates=len(stores), after_commit=False)
    for note, content in zip((home / "launchdarkly").rglob("*.json"), UNBELIEVABLE, strict=True):
        note.write_bytes(note.read_bytes()[:-5] if content is None else content)
    run = stack.up()

    created = {*stack.ids().values()}
    assert (len(created), created & somebodys) == (len(stores), set())
    assert len(emulator.integrations) == 2 * len(stores)
    told = [line for line in warnings(run) if "note of a create" in line]
    assert len(told) == len(stores), run.output
    assert all("cannot be read" in line and "It is not used." in line for line in told)
    assert warnings(stack.up(NO_CHANGE)) == []


@pytest.mark.parametrize("place", ["launchdarkly", "launchdarkly/notes", "launchdarkly/processes"])
def test_a_folder_that_takes_no_notes_is_told_once(
    stack: DoorStack, home: Path, emulator: Emulator, place: str
) -> None:
    """The stores are created all the same."""
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    (home / place).write_text("a file")
    stack.declare(one=samples.redis(name="One"), other=samples.redis(name="Other"))
    run = stack.up()
    assert len(emulator.integrations) == 2
    assert ["No note of a create can be kept in " in line for line in warnings(run)] == [True], run.output
