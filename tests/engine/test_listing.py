"""A listing that is late, huge or incomplete costs a run little and decides nothing, with the real CLI."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.front import Front, lists, posts
from support.scripted_server import Answer, Request, answer
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack, errors, warnings

STORES = {f"store-{place}": samples.redis(name=f"Store {place}") for place in range(3)}
MORE_THAN_16_MIB = "x" * (17 * 1024 * 1024)


@pytest.fixture
def stack(tmp_path: Path, pulumi_home: Path, front: Front) -> Stack:
    """A stack whose operations may take twenty seconds, in which a slow listing must not matter."""
    stack = Stack(tmp_path, front.url, home=pulumi_home)
    stack.pulumi("config", "set", "launchdarkly:operationTimeout", "20")
    return stack


@pytest.fixture
def created(stack: Stack, front: Front, emulator: Emulator) -> list[str]:
    """Three stores, and somebody has changed the hosts of all of them; their full IDs. The requests are forgotten."""
    stack.declare(**STORES)
    stack.up()
    for id_ in emulator.integrations:
        emulator.outside_edit(id_, {"config": {"host": "by-hand.example.com"}})
    front.requests.clear()
    return list(stack.ids().values())


def changed_listing(front: Front, change: Callable[[dict[str, Any]], object]) -> Callable[[Request], Answer]:
    """A step that changes what the account lists."""

    def step(request: Request) -> Answer:
        status, _, body = front.forward(request)
        document = json.loads(body)
        change(document)
        return answer(status, document)

    return step


def late(front: Front) -> None:
    """Until the end of the test."""
    front.hold(lists)


def huge(front: Front) -> None:
    """More than is read."""
    front.on(lists, changed_listing(front, lambda listing: listing.update(padding=MORE_THAN_16_MIB)))


BROKEN = {"late": late, "huge": huge}
each_listing = pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN.keys())


@each_listing
def test_a_preview_finds_all_drift_each_time(
    stack: Stack, front: Front, created: list[str], make: Callable[[Front], None]
) -> None:
    """The listing is requested once a run, and the stores are read individually meanwhile."""
    make(front)
    for _ in range(2):
        front.requests.clear()
        shown = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
        assert [f"{id_}: changed in LaunchDarkly since" in shown.output for id_ in created] == [True] * len(created)
        assert front.count(lists) <= 1
        assert warnings(shown) == []


@each_listing
def test_an_update_reverts_all_drift(
    stack: Stack, front: Front, emulator: Emulator, created: list[str], make: Callable[[Front], None]
) -> None:
    """It sends what a preview has shown."""
    make(front)
    stack.up()
    assert {emulator.stored_config(id_)["host"] for id_ in emulator.integrations} == {"redis.example.com"}
    assert front.count(lists) <= 1


@each_listing
def test_a_refresh_reads_what_is_there(
    stack: Stack, front: Front, created: list[str], make: Callable[[Front], None]
) -> None:
    """Each store is read by its own request, which gets its response at once."""
    make(front)
    stack.refresh()
    assert {each["inputs"]["config"]["host"] for each in stack.resources().values()} == {"by-hand.example.com"}
    assert front.count(lists) <= 1


@each_listing
def test_creates_go_on_without_it(
    stack: Stack, front: Front, emulator: Emulator, make: Callable[[Front], None]
) -> None:
    """Only a lost POST would need the listing."""
    make(front)
    stack.declare(**STORES)
    stack.up()
    assert {id_.rpartition("/")[2] for id_ in stack.ids().values()} == emulator.integrations.keys()
    assert (len(emulator.integrations), front.count(lists)) == (3, 1)


def next_page(listing: dict[str, Any]) -> None:
    """There is another page."""
    listing["_links"]["next"] = {"href": "/api/v2/integration-capabilities/big-segment-store?offset=3"}


def more_in_total(listing: dict[str, Any]) -> None:
    """The listing says that the account has more stores than it shows."""
    listing["totalCount"] = len(listing["items"]) + 1


PARTS = {"a next page": next_page, "a larger total": more_in_total}
each_part = pytest.mark.parametrize("mark", PARTS.values(), ids=PARTS.keys())


@each_part
def test_a_listing_that_is_not_whole_proves_nothing(
    stack: Stack, front: Front, mark: Callable[[dict[str, Any]], None]
) -> None:
    """Each store is read individually, as without a listing."""
    stack.declare(**STORES)
    stack.up()
    front.requests.clear()
    front.on(lists, changed_listing(front, mark))
    assert warnings(stack.preview(NO_CHANGE)) == []
    assert front.count(lists) <= 1
    assert front.count(lambda request: not lists(request)) == len(STORES)


@each_part
def test_a_page_without_the_new_store_causes_no_second_one(
    stack: Stack, front: Front, emulator: Emulator, mark: Callable[[dict[str, Any]], None]
) -> None:
    """A POST's response is lost, and its store is on a page that is not shown: the error asks for a person."""

    def first_page(listing: dict[str, Any]) -> None:
        listing["items"] = []
        mark(listing)

    front.on(lists, changed_listing(front, first_page))
    front.on(posts, front.lose_answer)
    stack.declare(store=samples.redis())
    run = stack.up(code=1)
    assert front.count(posts) == 1
    assert len(emulator.integrations) == 1
    assert any("It is not known whether the integration was created" in line for line in errors(run)), run.output
