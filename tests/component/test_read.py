"""Many stores read from one listing, and nothing missed that single reads would find."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.api.json_stream import Keep
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.core.read import SAMPLE_EVERY, Api, Listing, Reader
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import NotFound
from launchdarkly_pulumi.model import diff
from launchdarkly_pulumi.model.desired import Applied
from launchdarkly_pulumi.model.diff import Document
from launchdarkly_pulumi.model.documents import create_body, document_of, keys_of
from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, fields_by_path
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.account import listings_and_singles
from support.desired import desired
from support.fault_proxy import Answer, Fault, FaultProxy
from support.runs import Time

OPERATION_TIME = 120.0
MANY = 8


class Run:
    """One run over stores of one account, through a proxy; its time stands still.

    :param count: how many stores there are, each as the state has it, and compared at its version.
    """

    def __init__(self, emulator: Emulator, proxy: FaultProxy, count: int = MANY) -> None:
        self.emulator, self.proxy = emulator, proxy
        self.stores = [self._store(number) for number in range(count)]
        self.again()

    def again(self) -> None:
        """Another run: nothing is remembered."""
        self.warnings: list[str] = []
        self.use(Client(Settings(access_token=samples.TOKEN, base_url=self.proxy.url), Redactor()))
        self.emulator.clear_requests()

    def use(self, api: Api) -> None:
        """Reads by these calls."""
        clock = Time().clock
        self.deadline = Deadline(OPERATION_TIME, clock)
        self.listing = Listing(api, lambda: self.deadline, clock)
        self.reader = Reader(api, self.listing, self.warnings.append, clock)

    def _store(self, number: int) -> tuple[IntegrationId, Applied]:
        arguments = samples.dynamodb() if number % 3 == 2 else samples.redis(name=f"Store {number}")
        declared = desired(arguments)
        document = self.emulator.outside_create(*keys_of(declared), **create_body(declared))
        return IntegrationId(*keys_of(declared), document["_id"]), Applied(declared, document["version"], compared=True)

    def read(self, number: int) -> Document:
        """What the run finds of a store."""
        id_, known = self.stores[number]
        return self.reader.read(id_, self.deadline, known)

    def drift(self, number: int) -> set[str]:
        """The fields of a store that are not as the state has them."""
        changes = diff.changes(self.read(number), document_of(self.stores[number][1].desired))
        return {".".join(change.path) for change in changes}

    def read_all(self) -> list[set[str]]:
        """The drift of every store."""
        return [self.drift(number) for number in range(len(self.stores))]

    def await_samples(self) -> None:
        """Until the reads in the background are over."""
        for thread in threading.enumerate():
            if thread.name == "launchdarkly-sample":
                thread.join()

    @property
    def requests(self) -> Counter[str]:
        """How many listings and single reads LaunchDarkly saw."""
        return listings_and_singles(self.emulator)


@pytest.fixture
def run(emulator: Emulator, proxy: FaultProxy) -> Run:
    """Enough stores for a listing."""
    return Run(emulator, proxy)


def test_one_store_is_read_individually(emulator: Emulator, proxy: FaultProxy) -> None:
    """A listing of the whole account may be much longer."""
    run = Run(emulator, proxy, 1)
    assert run.read_all() == [set()]
    assert run.requests == {"single": 1}


def test_many_stores_are_one_listing(run: Run) -> None:
    """After the first one, which is its sample."""
    assert run.read_all() == [set()] * MANY
    assert run.requests == {"single": 1, "listing": 1}
    assert run.warnings == []


class Slow:
    """Calls of the client, where the single read does not end before the account is listed."""

    def __init__(self, run: Run) -> None:
        self._client = Client(Settings(access_token=samples.TOKEN, base_url=run.proxy.url), Redactor())
        self._listed = threading.Event()

    def get(self, id_: IntegrationId, deadline: Deadline) -> dict[str, Any]:
        """One integration."""
        assert self._listed.wait(30)
        return self._client.get(id_, deadline)

    def list_all(self, deadline: Deadline, keep: Keep) -> list[dict[str, Any]]:
        """All of them."""
        self._listed.set()
        return self._client.list_all(deadline, keep)


def test_beside_a_slow_first_read_the_account_is_listed(run: Run) -> None:
    """If LaunchDarkly is out of reach, it shows that by the time at which the read has failed."""
    run.use(Slow(run))
    id_, known = run.stores[0]
    run.reader.read(id_, run.deadline, known)
    assert run.listing.outcome(run.deadline) is not None
    assert run.requests == {"single": 1, "listing": 1}


def test_what_the_listing_proves_is_known_to_be_as_stored(run: Run) -> None:
    """The first one is read individually, and an edited one too: those are to be compared."""
    run.emulator.outside_edit(run.stores[3][0].integration_id, {"on": False})
    run.read_all()
    proven = [number for number, (id_, _) in enumerate(run.stores) if run.reader.is_as_stored(id_)]
    assert proven == [1, 2, 4, 5, 6, 7]


def test_a_store_is_read_once_a_run(run: Run) -> None:
    """A diff and a read of the same store share what was read."""
    assert [run.read_all(), run.read_all()] == [[set()] * MANY] * 2
    assert run.requests == {"single": 1, "listing": 1}


def test_one_in_so_many_is_read_individually_all_the_same(emulator: Emulator, proxy: FaultProxy) -> None:
    """The listing stays under watch."""
    run = Run(emulator, proxy, 2 * SAMPLE_EVERY)
    run.read_all()
    run.await_samples()
    assert run.requests == {"single": 1 + 2, "listing": 1}


EDITS: list[tuple[int, dict[str, Any], str]] = [
    (MANY - 1, {"on": False}, "on"),
    (MANY - 1, {"name": "By hand"}, "name"),
    (MANY - 1, {"tags": []}, "tags"),
    (MANY - 1, {"config": {"host": "other.example.com"}}, "config.host"),
    (MANY - 1, {"config": {"port": "7000"}}, "config.port"),
    (MANY - 1, {"config": {"username": "other"}}, "config.username"),
    (MANY - 1, {"config": {"password": "another one"}}, "config.password"),
    (MANY - 1, {"config": {"tlsEnabled": False}}, "config.tlsEnabled"),
    (5, {"config": {"tableName": "other"}}, "config.tableName"),
    (5, {"config": {"region": "us-west-2"}}, "config.region"),
    (5, {"config": {"externalId": "7c0e5a8e-6c3b-4b6e-9a57-0d5d3d0b6f12"}}, "config.externalId"),
    (5, {"config": {"roleArn": "arn:aws:iam::123456789012:role/other"}}, "config.roleArn"),
]


def test_the_edits_are_of_every_field() -> None:
    """A new field needs its line."""
    fields = {path for kind in CONFIG_FIELDS for path in fields_by_path(kind)}
    assert {field for _, _, field in EDITS} == {".".join(path) for path in fields}


@pytest.mark.parametrize(("number", "fields", "field"), EDITS, ids=[field for _, _, field in EDITS])
def test_an_edit_from_outside_is_found(run: Run, number: int, fields: dict[str, Any], field: str) -> None:
    """Of a store that the listing would speak for: its version is another one, so that it is read individually."""
    id_, _ = run.stores[number]
    run.emulator.outside_edit(id_.integration_id, fields)
    assert run.read_all()[number] == {field}
    assert run.requests == {"single": 2, "listing": 1}


def test_an_edit_that_was_taken_back_is_no_drift(run: Run) -> None:
    """The version has moved on, the fields are the same: read individually, nothing to tell."""
    id_, _ = run.stores[-1]
    for on in (False, True):
        run.emulator.outside_edit(id_.integration_id, {"on": on})
    assert run.drift(MANY - 1) == set()


def test_what_is_gone_is_gone(run: Run) -> None:
    """What the listing does not show is asked for individually."""
    run.emulator.remove(run.stores[-1][0].integration_id)
    for number in range(MANY - 1):
        run.read(number)
    with pytest.raises(NotFound):
        run.read(MANY - 1)


@pytest.mark.parametrize("version", [None, 0, 2])
def test_a_state_without_this_version_proves_nothing(run: Run, version: Optional[int]) -> None:
    """As one that was written before the state kept it."""
    run.stores = [(id_, Applied(known.desired, version, compared=True)) for id_, known in run.stores]
    assert run.read_all() == [set()] * MANY
    assert run.requests == {"single": MANY, "listing": 1}


def test_a_store_that_the_state_does_not_know_is_read_individually(run: Run) -> None:
    """As for a look-up: there is no config to go by."""
    for id_, _ in run.stores:
        assert run.reader.read(id_, run.deadline)["config"]
    assert run.requests == {"single": MANY}


@pytest.mark.parametrize(
    "fault", [Answer.json(403, {"code": "forbidden", "message": "no"}), Answer.html(404), Answer.html(200)]
)
def test_without_a_listing_each_store_is_read_individually(run: Run, fault: Fault) -> None:
    """A token that may read its stores but not list all of them loses time alone; the listing is asked for once."""
    run.read(0)
    run.proxy.inject(fault, method="GET")
    assert run.read_all() == [set()] * MANY
    assert run.requests == {"single": MANY}
    assert run.warnings == []


def edit_silently(run: Run, number: int) -> None:
    """An edit that leaves the version alone, as LaunchDarkly promises that none does."""
    stored = run.emulator._account._integrations[run.stores[number][0].integration_id]
    stored.settings.config["host"] = "silently-edited.example.com"


def test_the_listing_is_given_up_where_the_first_store_disagrees(run: Run) -> None:
    """Such an edit of another store would be missed: a warning, and every store is read individually."""
    for number in (0, 4):
        edit_silently(run, number)
    assert [number for number, drift in enumerate(run.read_all()) if drift] == [0, 4]
    assert run.requests == {"single": MANY, "listing": 1}
    [warning] = run.warnings
    assert str(run.stores[0][0]) in warning


def test_the_listing_is_given_up_where_a_later_sample_disagrees(emulator: Emulator, proxy: FaultProxy) -> None:
    """What was compared before has to be looked at again, as the warning says."""
    run = Run(emulator, proxy, SAMPLE_EVERY + 2)
    edit_silently(run, SAMPLE_EVERY - 1)
    for number in range(SAMPLE_EVERY):
        run.read(number)
    run.await_samples()
    [warning] = run.warnings
    assert "run this again" in warning
    edit_silently(run, SAMPLE_EVERY + 1)
    assert run.drift(SAMPLE_EVERY + 1) == {"config.host"}


def test_workers_share_one_listing(emulator: Emulator, proxy: FaultProxy) -> None:
    """Sixteen at once: as many requests as one after another."""
    run = Run(emulator, proxy, 40)
    with ThreadPoolExecutor(16) as workers:
        found = list(workers.map(run.drift, range(40)))
    assert found == [set()] * 40
    assert run.requests == {"single": 1, "listing": 1}
