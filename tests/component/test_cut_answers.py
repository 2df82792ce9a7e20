"""The connection breaks at every single byte of an answer: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.desired import redis
from support.fault_proxy import CutAnswer, FaultProxy
from support.proxied_account import STORED, Account

OFF = redis(on=False)


def cuts(account: Account, method: str) -> Iterator[int]:
    """Each offset of the last answer, with the cut waiting for the next request of the method."""
    for offset in range(len(account.proxy.last_answer)):
        account.proxy.inject(CutAnswer(offset), method=method)
        yield offset
        account.proxy.settle()
        assert account.proxy.clear() == []


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """Empty."""
    with Emulator() as emulator, FaultProxy(emulator.url) as proxy:
        yield Account(emulator, proxy, tmp_path)


def visible(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its volatile status."""
    return {name: value for name, value in document.items() if name != "_status"}


def test_a_read_is_whole_or_repeated(account: Account) -> None:
    """No part of a document is taken for the document."""
    id_ = account.existing()
    whole = visible(account.client.get(id_, account.deadline))
    for _ in cuts(account, "GET"):
        assert visible(account.client.get(id_, account.deadline)) == whole


def test_an_update_is_applied_once(account: Account) -> None:
    """The version grows by one for each update, wherever its answer breaks."""
    id_ = account.existing()
    account.reconciler.update(id_, STORED, OFF, account.deadline)
    stored, wanted, version = OFF, STORED, 2
    for _ in cuts(account, "PATCH"):
        account.reconciler.update(id_, stored, wanted, account.deadline)
        stored, wanted, version = wanted, stored, version + 1
        integration = account.emulator.integrations[id_.integration_id]
        assert (integration["version"], integration["on"]) == (version, stored.values["on"])


def test_a_create_leaves_one_integration(account: Account) -> None:
    """Its ID is the one that is returned."""
    account.create()
    for _ in cuts(account, "POST"):
        account.empty()
        document = account.create()
        assert list(account.emulator.integrations) == [document["_id"]]


def test_a_deletion_is_complete(account: Account) -> None:
    """Sent again where its response cannot be read; the 404 that follows says that it is done, and is no error."""
    account.client.delete(account.existing(), account.deadline)
    for _ in cuts(account, "DELETE"):
        account.client.delete(account.existing(), account.deadline)
        assert account.emulator.integrations == {}
