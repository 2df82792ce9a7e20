"""What was never compared is proven by nothing: each of several stores is compared, whichever is read first.

A listing of the account shows an integration's version and not its config. So a version speaks for a config only where
the whole config was compared at that version: not where fields of it were ignored, and not where LaunchDarkly's
response had no config, or another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import is_listing
from support.aimed_faults import ALWAYS, Only, Rewrite, Watch
from support.fault_proxy import Answer, Document, FaultProxy, Hook, Mangle, Request, ResetAfter
from support.stack import CHANGES_FOUND, NO_CHANGE, Run, Stack

NAMES = ("one", "two", "three")
ORDERS = list(permutations(NAMES))
EACH_FIRST = ORDERS[::2]
EDITED = NAMES[-1]
"""What something happens to where another store has to be the first that is read: that one alone is never missed."""

OUTSIDE = {"host": "outside.example.com", "password": "changed outside"}
SAME_MASK = "kan, but another one/+1"
"""LaunchDarkly shows the same of it as of the sample's password."""

each_field = pytest.mark.parametrize("field", OUTSIDE)
without_config = EmulatorOptions(omit_config_in_answers=True)
with_and_without_config = pytest.mark.parametrize(
    "emulator_options",
    [EmulatorOptions(), without_config],
    ids=["a response with config", "a response without config"],
)


class Stores:
    """Three stores of one stack, told apart by their environments."""

    def __init__(self, stack: Stack, emulator: Emulator) -> None:
        self.stack, self.emulator = stack, emulator

    def declare(self, order: Sequence[str] = NAMES, **changes: Any) -> None:
        """Makes the program declare them in an order."""
        self.stack.declare(**{name: samples.redis(environment_key=name, **changes) for name in order})

    @property
    def ids(self) -> dict[str, str]:
        """LaunchDarkly's IDs by the stores' names."""
        return {each["environmentKey"]: id_ for id_, each in self.emulator.integrations.items()}

    def stored(self, field: str) -> set[Any]:
        """What LaunchDarkly has in a field of the configs."""
        return {self.emulator.stored_config(id_)[field] for id_ in self.ids.values()}

    def edit_outside(self, field: str) -> None:
        """Somebody gives each of them another value."""
        for id_ in self.ids.values():
            self.emulator.outside_edit(id_, {"config": {field: OUTSIDE[field]}})

    def drifted(self, field: str, *orders: Sequence[str]) -> dict[Sequence[str], set[str]]:
        """Which of them a preview shows the field of to have changed outside, by the order of their declarations."""
        found = {}
        for order in orders:
            self.declare(order)
            found[order] = named(self.stack.preview(NO_CHANGE, code=CHANGES_FOUND), f"since the .*config.{field} ")
        return found

    def require_mended(self, field: str) -> None:
        """The next update brings all of them to what is declared, and the preview after it finds nothing."""
        self.stack.up()
        assert self.stored(field) == {samples.redis()["config"][field]}
        self.stack.preview(NO_CHANGE)


@pytest.fixture
def stores(stack: Stack, emulator: Emulator, proxy: FaultProxy) -> Stores:
    """Three stores that are not yet declared, behind the proxy."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    return Stores(stack, emulator)


def named(run: Run, pattern: str) -> set[str]:
    """The stores with a line in the output that matches."""
    lines = re.findall(r"default/(\w+)/redis/\w+: (.*)", run.output)
    return {name for name, line in lines if re.search(pattern, line)}


def is_of(name: str) -> Callable[[Request], bool]:
    """Tells the requests for a store."""
    return lambda request: f"/default/{name}/" in request.path


def each_shows(names: Sequence[str], orders: Sequence[Sequence[str]]) -> dict[Sequence[str], set[str]]:
    """The same stores in each of the orders."""
    return {order: set(names) for order in orders}


def ignore_while_edited(stores: Stores, field: str) -> None:
    """The program ignores a field; somebody changes it, and then an update changes another one."""
    ignoring = {"ignore_changes": [f"config.{field}"]}
    stores.declare(options=ignoring)
    stores.stack.up()
    stores.edit_outside(field)
    stores.declare(options=ignoring, name="New title")
    stores.stack.up()
    assert stores.stored(field) == {OUTSIDE[field]}


@each_field
def test_what_was_ignored_is_compared_once_the_option_goes(stores: Stores, field: str) -> None:
    """Every difference is shown, in each order of the stores."""
    ignore_while_edited(stores, field)
    assert stores.drifted(field, *ORDERS) == each_shows(NAMES, ORDERS)
    stores.require_mended(field)


def test_a_refresh_reads_each_store_of_which_something_was_ignored(stores: Stores) -> None:
    """The state has what LaunchDarkly has, of all of them; and a second refresh finds nothing new."""
    ignore_while_edited(stores, "host")
    stores.stack.refresh()
    hosts = {each["inputs"]["config"]["host"] for each in stores.stack.resources().values()}
    assert hosts == {OUTSIDE["host"]}
    stores.stack.refresh(NO_CHANGE)
    stores.declare(name="New title")
    stores.require_mended("host")


@each_field
def test_what_a_lost_create_has_left_with_another_config_is_not_taken_over(
    stores: Stores, proxy: FaultProxy, field: str
) -> None:
    """The creates' responses are lost, and somebody edits the new stores: each is named, and none is created twice."""
    edit = Hook(lambda: stores.edit_outside(field), after_commit=True, then=ResetAfter())
    proxy.inject(*[edit] * len(NAMES), method="POST")
    stores.declare()
    run = stores.stack.up(code=1)
    assert [id_ for id_ in stores.ids.values() if id_ not in run.output] == []
    assert [seen.method for seen in proxy.requests].count("POST") == len(stores.emulator.integrations) == len(NAMES)


def test_a_take_over_sends_a_password_of_the_same_mask(stores: Stores, proxy: FaultProxy) -> None:
    """LaunchDarkly may have another password: it would show the same mask."""

    def rotate() -> None:
        for id_ in stores.ids.values():
            stores.emulator.outside_edit(id_, {"config": {"password": SAME_MASK}})

    proxy.inject(*[Hook(rotate, after_commit=True, then=ResetAfter())] * len(NAMES), method="POST")
    stores.declare()
    stores.require_mended("password")


@each_field
@with_and_without_config
def test_a_created_store_of_another_config_is_compared_with_its_own(
    stores: Stores, emulator: Emulator, proxy: FaultProxy, field: str
) -> None:
    """LaunchDarkly answers 201, and stores another value than it was sent: the ID is kept, and the difference shown."""

    def otherwise(body: Document) -> Document:
        return {**body, "config": {**body["config"], field: OUTSIDE[field]}}

    proxy.inject(*[Only(is_of(EDITED), Rewrite(otherwise))] * len(NAMES), method="POST")
    stores.declare()
    run = stores.stack.up()
    resources = stores.stack.resources()
    assert {name: resources[name]["outputs"]["integration_id"] for name in resources} == stores.ids
    if not emulator.options.omit_config_in_answers:
        assert re.findall(rf"warning: .*config\.{field}", run.output) != []
    assert stores.drifted(field, *EACH_FIRST) == each_shows([EDITED], EACH_FIRST)
    stores.require_mended(field)


@each_field
@pytest.mark.parametrize(
    "emulator_options",
    [EmulatorOptions(omit_config_in_answers=True, refuse_version_test=True)],
    ids=[""],
)
def test_a_patch_without_guard_whose_response_has_no_config_proves_nothing(
    stores: Stores, emulator: Emulator, proxy: FaultProxy, field: str
) -> None:
    """Somebody edits a store between its read and its patch, and neither guard nor response can tell."""

    def edit(patch: Request) -> None:
        if patch.document[0]["op"] != "test":
            emulator.outside_edit(stores.ids[EDITED], {"config": {field: OUTSIDE[field]}})

    stores.declare(on=False)
    stores.stack.up()
    proxy.inject(*[Only(is_of(EDITED), Watch(edit))] * ALWAYS, method="PATCH")
    stores.declare()
    stores.stack.up()
    proxy.clear()
    assert stores.drifted(field, *EACH_FIRST) == each_shows([EDITED], EACH_FIRST)
    stores.require_mended(field)


def without_version(document: Document) -> Document:
    """An integration, or the items of a listing, without their versions."""
    if "items" in document:
        return {**document, "items": [without_version(item) for item in document["items"]]}
    return {name: value for name, value in document.items() if name != "version"}


@each_field
def test_two_versions_that_are_missing_are_not_the_same(stores: Stores, proxy: FaultProxy, field: str) -> None:
    """Neither the state nor the listing has a version."""
    proxy.inject(*[Mangle(without_version)] * len(NAMES), method="POST")
    stores.declare()
    stores.stack.up()
    stores.edit_outside(field)
    proxy.inject(*[Only(is_listing, Mangle(without_version))] * ALWAYS, method="GET")
    assert stores.drifted(field, *ORDERS[:2]) == each_shows(NAMES, ORDERS[:2])
    proxy.clear()
    stores.require_mended(field)


@each_field
def test_a_listing_older_than_a_read_is_not_believed(
    stores: Stores, emulator: Emulator, proxy: FaultProxy, field: str
) -> None:
    """A replica is behind: the listing is from before the edits, the first store that is read is not."""
    stores.declare()
    stores.stack.up()
    older = {"items": [{**each, "config": {}} for each in emulator.integrations.values()]}
    stores.edit_outside(field)
    proxy.inject(*[Only(is_listing, Answer.json(200, older))] * ALWAYS, method="GET")
    assert stores.drifted(field, *ORDERS[:2]) == each_shows(NAMES, ORDERS[:2])
    stores.stack.refresh()
    stores.require_mended(field)


def test_stores_that_were_compared_are_read_from_one_listing(stores: Stores, proxy: FaultProxy) -> None:
    """The listing still saves requests: after a whole comparison a preview sends two, not three."""
    stores.declare()
    stores.stack.up()
    proxy.clear_requests()
    stores.stack.preview(NO_CHANGE)
    assert sorted(seen.path.count("/") for seen in proxy.requests) == [4, 8]
