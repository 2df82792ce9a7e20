"""Reading, patching and comparing, with the real client and a local LaunchDarkly that others edit as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Optional

import pytest

from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core.compare import difference
from launchdarkly_pulumi.core.read import Listing, Reader
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.core.stores import Stored
from launchdarkly_pulumi.core.update import Api, Reconciler
from launchdarkly_pulumi.dynamic.codec import outputs_of
from launchdarkly_pulumi.dynamic.hidden_inputs import COMPARED
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.errors import (
    ChangedByOthers,
    IntegrationGone,
    InvalidRequest,
    NotFound,
    PatchError,
    UnexpectedAnswer,
    UnknownSecret,
)
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.documents import create_body, document_of, keys_of, version_of
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import hidden_pointers
from support import samples
from support.desired import but, dynamodb, redis
from support.scripted_server import ScriptedServer, answer

Operations = Sequence[dict[str, Any]]


STORED = redis()
DEADLINE = Deadline(3600)
NEW_HOST = redis(config={"host": "new.example.com"})
GUARD = {"op": "test", "path": "/version", "value": 1}
HOST_REPLACED = {"op": "replace", "path": "/config/host", "value": "new.example.com"}
CONFIG_REPLACED = {"op": "replace", "path": "/config", "value": document_of(NEW_HOST)["config"]}


LIVE = {
    **document_of(STORED),
    "_id": "57c0ffee",
    "integrationKey": "redis",
    "projectKey": "default",
    "environmentKey": "production",
    "version": 4,
}
LIVE["config"] = LIVE["config"] | {"password": "kan********/+1"}
SCRIPTED_ID = IntegrationId("default", "production", "redis", "57c0ffee")


class Busy:
    """The real client, and somebody else who acts right before each of its patches."""

    def __init__(self, client: Client, before_patch: Callable[[], object]) -> None:
        self._client = client
        self._before_patch = before_patch

    def get(self, id_: IntegrationId, deadline: Deadline) -> dict[str, Any]:
        """Reads as ever."""
        return self._client.get(id_, deadline)

    def patch(self, id_: IntegrationId, operations: Operations, deadline: Deadline) -> dict[str, Any]:
        """Too late."""
        self._before_patch()
        return self._client.patch(id_, operations, deadline)


class Account:
    """An emulated account, and a reconciler that works on it as one run of Pulumi does."""

    def __init__(self, emulator: Emulator, before_patch: Optional[Callable[[], object]] = None) -> None:
        self.emulator = emulator
        self.warnings: list[str] = []
        self.waits: list[float] = []
        client = Client(Settings(access_token=samples.TOKEN, base_url=emulator.url), Redactor())
        api: Api = Busy(client, before_patch) if before_patch else client
        self.reader = Reader(client, Listing(client, lambda: DEADLINE), self.warnings.append)
        self.reconciler = Reconciler(api, self.reader, self.warnings.append, Clock(sleep=self.waits.append))

    def existing(self, declared: Desired = STORED) -> IntegrationId:
        """A store that is there already."""
        document = self.emulator.outside_create(*keys_of(declared), **create_body(declared))
        return IntegrationId(*keys_of(declared), document["_id"])

    def edit(self, id_: IntegrationId, **fields: Any) -> None:
        """What somebody else changes."""
        self.emulator.outside_edit(id_.integration_id, fields)

    @property
    def calls(self) -> list[tuple[str, int]]:
        """Method and status of each request so far."""
        return [(request.method, request.status) for request in self.emulator.requests]

    @property
    def patches(self) -> list[Any]:
        """The operations of each PATCH so far, refused ones included."""
        return [request.body for request in self.emulator.requests if request.method == "PATCH"]

    def has(self, id_: IntegrationId, inputs: Desired) -> bool:
        """Whether the integration is as the inputs want it, its real password included."""
        document = self.emulator.integrations[id_.integration_id]
        live = {**document, "config": self.emulator.stored_config(id_.integration_id)}
        return document_of(inputs).items() <= live.items()


@pytest.fixture(scope="module")
def emulator_with() -> Iterator[Callable[..., Emulator]]:
    """One emulator, empty, for each way to differ from the documentation."""
    running: dict[EmulatorOptions, Emulator] = {}
    with ExitStack() as stack:

        def emptied(**options: Any) -> Emulator:
            wanted = EmulatorOptions(**options)
            if wanted not in running:
                running[wanted] = stack.enter_context(Emulator(wanted))
            emulator = running[wanted]
            for integration_id in emulator.integrations:
                emulator.remove(integration_id)
            emulator.clear_requests()
            return emulator

        yield emptied


@pytest.fixture
def account_with(emulator_with: Callable[..., Emulator]) -> Callable[..., Account]:
    """An empty account that differs from the documentation, and a new run."""
    return lambda **options: Account(emulator_with(**options))


@pytest.fixture
def account(account_with: Callable[..., Account]) -> Account:
    """An empty account as it is documented, and a new run."""
    return account_with()


# An update that nobody disturbs.


@pytest.mark.parametrize(
    ("changes", "operations"),
    [
        ({"config": {"host": "new.example.com"}}, [HOST_REPLACED]),
        ({"config": {"port": 6379}}, [{"op": "replace", "path": "/config/port", "value": "6379"}]),
        ({"config": {"password": "another"}}, [{"op": "replace", "path": "/config/password", "value": "another"}]),
        ({"on": False}, [{"op": "replace", "path": "/on", "value": False}]),
        ({"tags": ["managed-by-pulumi", "x"]}, [{"op": "add", "path": "/tags/-", "value": "x"}]),
    ],
)
def test_an_update_reads_once_and_patches_once(account: Account, changes: Any, operations: Any) -> None:
    """GET, then a PATCH of the guard and the one operation that is needed; no unchanged secret among them."""
    id_ = account.existing()
    inputs = redis(**changes)
    account.reconciler.update(id_, STORED, inputs, DEADLINE)
    assert account.calls == [("GET", 200), ("PATCH", 200)]
    assert account.patches == [[GUARD, *operations]]
    assert account.has(id_, inputs)


def test_an_update_returns_launchdarkly_s_document(account: Account) -> None:
    """With the new version, and the secret masked."""
    document = account.reconciler.update(account.existing(), STORED, NEW_HOST, DEADLINE).document
    assert (document["version"], document["config"]["host"]) == (2, "new.example.com")
    assert document["config"]["password"] == "kan********/+1"


def test_nothing_to_do_sends_nothing(account: Account) -> None:
    """An empty difference is one GET, and the document that it read."""
    id_ = account.existing()
    assert account.reconciler.update(id_, STORED, STORED, DEADLINE).document["version"] == 1
    assert account.calls == [("GET", 200)]


def test_what_the_preview_read_serves_the_update(account: Account) -> None:
    """Two requests in a whole run, however often the preview looks."""
    id_ = account.existing()
    assert account.reader.read(id_, DEADLINE) == account.reader.read(id_, DEADLINE)
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.calls == [("GET", 200), ("PATCH", 200)]


def test_a_patch_that_would_lead_elsewhere_is_not_sent(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with how it was made: jsonpatch applies it to what was read first."""
    id_ = account.existing()
    monkeypatch.setattr("launchdarkly_pulumi.model.patch.minimal_patch", lambda *_: [HOST_REPLACED])
    with pytest.raises(PatchError) as error:
        account.reconciler.update(id_, STORED, redis(on=False), DEADLINE)
    assert str(error.value) == (
        f"PATCH {id_}: the patch would not lead to what is declared in /on, /config/host, so nothing was sent. "
        "This is a fault of launchdarkly-pulumi: please report it with the output of LAUNCHDARKLY_DEBUG=1"
    )
    assert account.calls == [("GET", 200)]


def test_each_integration_is_read_for_itself(account: Account) -> None:
    """What was read of one does not serve another."""
    ids = [account.existing(), account.existing(NEW_HOST)]
    hosts = [account.reader.read(id_, DEADLINE)["config"]["host"] for id_ in ids]
    assert hosts == ["redis.example.com", "new.example.com"]


def test_after_an_update_the_integration_is_read_anew(account: Account) -> None:
    """What was read before it is out of date."""
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.reader.read(id_, DEADLINE)["config"]["host"] == "new.example.com"


def test_drift_is_put_back(account: Account) -> None:
    """The program did not change, LaunchDarkly did: exactly the drifted fields are sent, a password too."""
    id_ = account.existing()
    account.edit(id_, on=False, config={"password": "set by somebody"})
    account.reconciler.update(id_, STORED, STORED, DEADLINE)
    assert [operation["path"] for operation in account.patches[0][1:]] == ["/on", "/config/password"]
    assert account.has(id_, STORED)


def test_a_dynamodb_store_is_updated_too(account: Account) -> None:
    """One operation, in the API's name."""
    stored = dynamodb()
    id_ = account.existing(stored)
    account.reconciler.update(id_, stored, dynamodb(config={"table_name": "other-table"}), DEADLINE)
    assert account.patches == [[GUARD, {"op": "replace", "path": "/config/tableName", "value": "other-table"}]]


# Others change the integration at the same time.


def test_a_stale_preview_is_found_out_by_the_guard(account: Account) -> None:
    """Changed between the preview and the update: read again, and neither change undoes the other."""
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.edit(id_, on=False)
    reached = account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.calls == [("GET", 200), ("PATCH", 409), ("GET", 200), ("PATCH", 200)]
    assert reached.desired == but(NEW_HOST, on=False)
    assert account.patches[1] == [{**GUARD, "value": 2}, HOST_REPLACED]
    assert account.has(id_, but(NEW_HOST, on=False))
    assert account.warnings == [
        f"{id_}: somebody else changed on during the update. It is kept; the next preview shows it."
    ]


def test_a_stale_listing_is_found_out_by_the_guard(account: Account) -> None:
    """The same for a store that the listing has spoken for; the mask of its unchanged password is nobody's change."""
    first, id_ = account.existing(), account.existing()
    for each in (first, id_):
        account.reader.read(each, DEADLINE, Applied(STORED, 1, compared=True))
    account.edit(id_, on=False)
    reached = account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.calls == [("GET", 200), ("GET", 200), ("PATCH", 409), ("GET", 200), ("PATCH", 200)]
    assert account.has(id_, but(NEW_HOST, on=False))
    assert reached.desired == but(NEW_HOST, on=False)


def test_two_changes_of_the_same_field_are_a_conflict(account: Account) -> None:
    """Nobody's change is lost without a word: the error names the field, and the other one's value stays."""
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.edit(id_, config={"host": "theirs.example.com"})
    with pytest.raises(ChangedByOthers, match=r"somebody else has just changed config\.host"):
        account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.has(id_, redis(config={"host": "theirs.example.com"}))


def test_a_password_that_others_change_meanwhile_is_kept(account: Account) -> None:
    """It cannot be read, and need not be: it is not sent."""
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.edit(id_, config={"password": "theirs, and secret"})
    reached = account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    stored = account.emulator.stored_config(id_.integration_id)
    assert (stored["host"], stored["password"]) == ("new.example.com", "theirs, and secret")
    assert reached.desired.values["config"]["password"] == REPLACED_OUTSIDE


def test_a_conflict_that_leaves_nothing_to_do_ends_there(account: Account) -> None:
    """Somebody else has made the very change meanwhile: it is read, and not sent again."""
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.edit(id_, config={"host": "new.example.com"})
    assert account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE).document["version"] == 2
    assert account.calls == [("GET", 200), ("PATCH", 409), ("GET", 200)]


def test_an_integration_that_others_keep_changing_is_given_up(account: Account) -> None:
    """Five attempts, with jittered waits between them, then an error that says what to do."""
    id_ = account.existing()
    numbers = iter(range(100))
    busy = Account(account.emulator, lambda: account.edit(id_, name=f"Name {next(numbers)}"))
    with pytest.raises(ChangedByOthers, match=f"^PATCH {id_}: changed by others 5 times.*; run the update again$"):
        busy.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert busy.calls == [("GET", 200), ("PATCH", 409)] * MAX_ATTEMPTS
    assert [0 <= wait <= 0.5 * 2**attempt for attempt, wait in enumerate(busy.waits)] == [True] * len(busy.waits)
    assert len(busy.waits) == MAX_ATTEMPTS - 1


def test_the_fifth_attempt_may_succeed(account: Account) -> None:
    """After four conflicts there is one more; the name is not the program's, so that the last edit changes nothing."""
    stored, wanted = but(redis(), name=None), but(NEW_HOST, name=None)
    id_ = account.existing()
    names = iter(["One", "Two", "Three", "Four", "Four"])
    busy = Account(account.emulator, lambda: account.edit(id_, name=next(names)))
    busy.reconciler.update(id_, stored, wanted, DEADLINE)
    assert [status for method, status in busy.calls if method == "PATCH"] == [409, 409, 409, 409, 200]
    assert account.has(id_, wanted)


def test_read_tells_what_is_gone(account: Account) -> None:
    """A refresh and a preview know what to make of it."""
    id_ = account.existing()
    account.emulator.remove(id_.integration_id)
    with pytest.raises(NotFound):
        account.reader.read(id_, DEADLINE)


@pytest.mark.parametrize("after_read", [False, True], ids=["before it is read", "between read and patch"])
def test_an_update_of_what_is_gone_asks_for_another_run(account: Account, after_read: bool) -> None:
    """It cannot make the integration again: the engine expects the same ID."""
    id_ = account.existing()
    if after_read:
        account.reader.read(id_, DEADLINE)
    account.emulator.remove(id_.integration_id)
    with pytest.raises(IntegrationGone, match=f"^{id_} is gone in LaunchDarkly: run `pulumi up` again"):
        account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.calls == ([("GET", 200), ("PATCH", 404)] if after_read else [("GET", 404)])


# An endpoint that takes less than is documented.


def test_without_a_guard_where_launchdarkly_refuses_it(account_with: Callable[..., Account]) -> None:
    """Sent once more without the guard, after a look whether it had failed; one warning."""
    account = account_with(refuse_version_test=True)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches == [[GUARD, HOST_REPLACED], [HOST_REPLACED]]
    assert account.has(id_, NEW_HOST)
    assert len(account.warnings) == 1
    assert "refuses `test /version`" in account.warnings[0]


def test_the_config_whole_where_launchdarkly_refuses_paths_inside_it(account_with: Callable[..., Account]) -> None:
    """Still guarded, the password from the program and not its mask; one warning that says so."""
    account = account_with(refuse_config_paths=True)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches[-1] == [GUARD, CONFIG_REPLACED]
    assert account.has(id_, NEW_HOST)
    assert len(account.warnings) == 1
    assert "replaced whole, secrets from the program included" in account.warnings[0]
    assert "test /version" not in account.warnings[0]


def test_the_config_whole_and_no_guard_where_both_are_refused(account_with: Callable[..., Account]) -> None:
    """The last resort: one warning for both."""
    account = account_with(refuse_config_paths=True, refuse_version_test=True)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches[-1] == [CONFIG_REPLACED]
    assert account.has(id_, NEW_HOST)
    assert len(account.warnings) == 1
    assert "replaced whole" in account.warnings[0]
    assert "refuses `test /version`" in account.warnings[0]


REFUSALS = [
    {"refuse_version_test": True},
    {"refuse_config_paths": True},
    {"refuse_config_paths": True, "refuse_version_test": True},
]


@pytest.mark.parametrize("options", REFUSALS, ids=["guard", "config", "both"])
def test_a_fallback_is_remembered(account_with: Callable[..., Account], options: Any) -> None:
    """The next update of the run, also of another integration, is two requests and no warning."""
    account = account_with(**options)
    first, second = account.existing(), account.existing()
    account.reconciler.update(first, STORED, NEW_HOST, DEADLINE)
    fallback, warned = account.patches[-1], len(account.warnings)
    account.emulator.clear_requests()
    account.reconciler.update(second, STORED, NEW_HOST, DEADLINE)
    assert account.patches == [fallback]
    assert account.calls == [("GET", 200), ("PATCH", 200)]
    assert len(account.warnings) == warned


@pytest.mark.parametrize("options", REFUSALS, ids=["guard", "config", "both"])
def test_no_fallback_sends_a_mask(account_with: Callable[..., Account], options: Any) -> None:
    """Neither a mask that LaunchDarkly showed nor a part of one, whatever is changed together."""
    inputs = redis(on=False, tags=["x"], config={"host": "new.example.com", "port": 7000, "username": ""})
    account = account_with(**options)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, inputs, DEADLINE)
    assert "***" not in json.dumps(account.patches)
    assert account.has(id_, inputs)


def test_a_change_outside_the_config_needs_no_fallback_for_it(account_with: Callable[..., Account]) -> None:
    """Where only paths inside the config are refused, ``/on`` is patched as documented."""
    account = account_with(refuse_config_paths=True)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, redis(on=False), DEADLINE)
    assert account.patches == [[GUARD, {"op": "replace", "path": "/on", "value": False}]]
    assert account.warnings == []


def test_after_a_fallback_a_change_outside_the_config_is_patched_alone(account_with: Callable[..., Account]) -> None:
    """Nothing of the config is sent where nothing of it changes, whatever an update before had to do."""
    account = account_with(refuse_config_paths=True)
    id_ = account.existing()
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    off = redis(on=False, config={"host": "new.example.com"})
    account.emulator.clear_requests()
    account.reconciler.update(id_, NEW_HOST, off, DEADLINE)
    assert account.patches == [[{**GUARD, "value": 2}, {"op": "replace", "path": "/on", "value": False}]]
    assert account.has(id_, off)


@pytest.mark.parametrize("options", REFUSALS[1:], ids=["config", "both"])
def test_no_fallback_sends_what_stands_for_a_secret(account_with: Callable[..., Account], options: Any) -> None:
    """The config cannot be sent whole without the password that LaunchDarkly alone knows: told, and nothing changed."""
    account = account_with(**options)
    id_ = account.existing()
    stored = redis(config={"password": REPLACED_OUTSIDE})
    inputs = redis(config={"password": REPLACED_OUTSIDE, "host": "new.example.com"})
    with pytest.raises(UnknownSecret, match="password was set outside of Pulumi"):
        account.reconciler.update(id_, stored, inputs, DEADLINE)
    assert account.has(id_, STORED)
    assert REPLACED_OUTSIDE not in json.dumps(account.patches)


def test_a_config_is_replaced_whole_only_once_it_was_read(account_with: Callable[..., Account]) -> None:
    """A listing does not show what of a config is not managed: what it spoke for is read before the config goes."""
    account = account_with(refuse_config_paths=True)
    first, second = account.existing(), account.existing()
    for id_ in (first, second):
        account.reader.read(id_, DEADLINE, Applied(STORED, 1, compared=True))
    account.reconciler.update(first, STORED, NEW_HOST, DEADLINE)
    assert [method for method, _ in account.calls[:2]] == ["GET", "GET"]
    account.emulator.clear_requests()
    account.reconciler.update(second, STORED, NEW_HOST, DEADLINE)
    assert account.calls == [("GET", 200), ("PATCH", 200)]


def test_what_stands_for_a_secret_does_not_hinder_another_change(account: Account) -> None:
    """Where LaunchDarkly takes paths inside the config, the password stays out of the patch."""
    id_ = account.existing()
    stored = redis(config={"password": REPLACED_OUTSIDE})
    inputs = redis(config={"password": REPLACED_OUTSIDE, "host": "new.example.com"})
    account.reconciler.update(id_, stored, inputs, DEADLINE)
    assert account.patches == [[GUARD, HOST_REPLACED]]
    assert account.has(id_, NEW_HOST)


def test_two_workers_may_settle_on_different_fallbacks(account_with: Callable[..., Account]) -> None:
    """One learns that the config has to be sent whole while the other still tries: both reach what they want."""
    emulator = account_with(refuse_config_paths=True, refuse_version_test=True).emulator
    others: list[Callable[[], object]] = []
    busy = Account(emulator, lambda: others.pop()() if others else None)
    first, second = busy.existing(), busy.existing()
    others.append(lambda: busy.reconciler.update(second, STORED, NEW_HOST, DEADLINE))
    off = redis(on=False)
    busy.reconciler.update(first, STORED, off, DEADLINE)
    assert (busy.has(first, off), busy.has(second, NEW_HOST)) == (True, True)
    busy.emulator.clear_requests()
    busy.reconciler.update(first, off, NEW_HOST, DEADLINE)
    assert busy.calls == [("GET", 200), ("PATCH", 200)]


def test_a_refused_guard_still_does_not_hide_a_conflict(account_with: Callable[..., Account]) -> None:
    """The refusal could be of a guard that failed: a newer version is read and diffed before anything is sent."""
    account = account_with(refuse_version_test=True)
    id_ = account.existing()
    account.reader.read(id_, DEADLINE)
    account.edit(id_, on=False)
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches == [[GUARD, HOST_REPLACED], [{**GUARD, "value": 2}, HOST_REPLACED], [HOST_REPLACED]]
    assert account.has(id_, but(NEW_HOST, on=False))


def test_what_vanishes_during_a_fallback_is_gone() -> None:
    """The look after a refusal finds nothing any more."""
    refusal = answer(400, {"code": "invalid_request", "message": "version cannot be tested"})
    missing = answer(404, {"code": "not_found", "message": "no such integration"})
    with ScriptedServer(answer(200, LIVE), refusal, missing) as server:
        client = Client(Settings(access_token=samples.TOKEN, base_url=server.url), Redactor())
        with pytest.raises(IntegrationGone, match="is gone in LaunchDarkly"):
            reconciler_of(client).update(SCRIPTED_ID, STORED, NEW_HOST, DEADLINE)
        assert server.methods == ["GET", "PATCH", "GET"]


def test_a_value_that_launchdarkly_refuses_is_told_and_changes_no_habit(account: Account) -> None:
    """A 400 for the value itself: its own message, no warning, and the next update is guarded as ever."""
    id_ = account.existing()
    with pytest.raises(InvalidRequest, match=r"config\.host: must not be empty"):
        account.reconciler.update(id_, STORED, redis(config={"host": ""}), DEADLINE)
    assert account.has(id_, STORED)
    account.emulator.clear_requests()
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches == [[GUARD, HOST_REPLACED]]
    assert account.warnings == []


# Answers that are compared with what was asked.


def test_an_answer_without_config_is_fine(account_with: Callable[..., Account]) -> None:
    """It is documented for "requesting a single integration by ID"."""
    account = account_with(omit_config_in_answers=True)
    id_ = account.existing()
    document = account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE).document
    assert (document["version"], "config" in document) == (2, False)
    assert account.calls == [("GET", 200), ("PATCH", 200)]


def reconciler_of(client: Client) -> Reconciler:
    """A run's own."""
    return Reconciler(client, Reader(client, Listing(client, lambda: DEADLINE), print), print)


def answered(inputs: Desired, **patched: Any) -> Mapping[str, Any]:
    """What an update returns when LaunchDarkly answers the PATCH with the live document and these changes."""
    after = {**LIVE, "version": 5, **patched}
    with ScriptedServer(answer(200, LIVE), answer(200, after)) as server:
        client = Client(Settings(access_token=samples.TOKEN, base_url=server.url), Redactor())
        return reconciler_of(client).update(SCRIPTED_ID, STORED, inputs, DEADLINE).document


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"config": {"host": "new.example.com"}}, ["/config/host"]),
        ({"config": {"port": 7000, "tls_enabled": False}}, ["/config/port", "/config/tlsEnabled"]),
        ({"on": False, "tags": [], "name": "Other"}, ["/name", "/on", "/tags"]),
        ({"config": {"password": "another-canary"}}, ["/config/password"]),
    ],
)
def test_an_answer_that_did_not_apply_the_patch_is_unexpected(changes: Any, pointers: list[str]) -> None:
    """200 and the old document: the fields are named, and no value is shown."""
    with pytest.raises(UnexpectedAnswer, match="answered 200, but did not apply ") as error:
        answered(redis(**changes))
    assert str(error.value).rsplit("apply ", 1)[1].split(", ") == pointers
    assert "canary" not in str(error.value)


def test_an_answer_that_lost_something_else_is_unexpected() -> None:
    """Every managed field counts, also those that the patch did not touch."""
    with pytest.raises(UnexpectedAnswer, match=r"did not apply /on$"):
        answered(NEW_HOST, on=False, config={**LIVE["config"], "host": "new.example.com"})


def test_an_answer_that_forgot_the_password_is_unexpected() -> None:
    """A mask of another secret, or none, is not what was asked."""
    with pytest.raises(UnexpectedAnswer, match=r"did not apply /config/password$"):
        answered(NEW_HOST, config={**LIVE["config"], "host": "new.example.com", "password": ""})


def test_an_answer_of_another_integration_is_unexpected() -> None:
    """However well it fits."""
    with pytest.raises(UnexpectedAnswer, match="another integration"):
        answered(redis(on=False), _id="57c0beef", on=False)


def test_the_id_of_another_integration_is_not_shown() -> None:
    """It is foreign text, and may echo anything."""
    with pytest.raises(UnexpectedAnswer, match="another integration") as error:
        answered(redis(on=False), _id=f"x\n{samples.TOKEN}", on=False)
    assert samples.TOKEN not in str(error.value)


@pytest.mark.parametrize("version", [None, "5", 5.0, True, -1, [], 2**53])
def test_an_answer_with_an_odd_version_is_no_error(version: Any) -> None:
    """The patch was applied; that nobody knows the version keeps the state from proving anything."""
    document = answered(redis(on=False), version=version, on=False)
    assert document["on"] is False
    stored = Stored(SCRIPTED_ID, document, Applied(STORED, version_of(document), compared=True))
    assert outputs_of(stored, {}).get(COMPARED) is None


@pytest.mark.parametrize("missing", ["config", "_id"])
def test_a_document_that_lacks_something_is_not_patched(missing: str) -> None:
    """What is read has an ID and a config, or else it is no integration."""
    live = {name: value for name, value in LIVE.items() if name != missing}
    with ScriptedServer(answer(200, live)) as server:
        client = Client(Settings(access_token=samples.TOKEN, base_url=server.url), Redactor())
        with pytest.raises(UnexpectedAnswer):
            reconciler_of(client).update(SCRIPTED_ID, STORED, redis(on=False), DEADLINE)
        assert server.methods == ["GET"]


def test_a_version_that_goes_back_is_unexpected() -> None:
    """An older document is not the result of this patch."""
    with pytest.raises(UnexpectedAnswer, match="the version went back from 4 to 3"):
        answered(redis(on=False), version=3, on=False)


@pytest.mark.parametrize("config", [{}, None])
def test_an_empty_config_in_an_answer_counts_as_none(config: Any) -> None:
    """As in a listing."""
    assert answered(NEW_HOST, config=config)["version"] == 5


def test_tags_in_another_order_are_what_was_asked() -> None:
    """They are a set."""
    assert answered(redis(tags=["a", "b"]), tags=["b", "a"])["version"] == 5


# What a preview tells.


def test_a_plan_tells_the_patch_and_the_drift_without_secrets() -> None:
    """Which field left the stored state, and the operations that an update would send."""
    live = {**LIVE, "on": False}
    inputs = redis(config={"host": "new.example.com", "password": "another-canary"})
    hidden = hidden_pointers("redis", STORED, inputs)
    assert difference(live, STORED, inputs).describe(SCRIPTED_ID, hidden) == (
        "default/production/redis/57c0ffee: changed in LaunchDarkly since the last update: on (true → false). "
        'PATCH [{"op":"replace","path":"/on","value":true},'
        '{"op":"replace","path":"/config/host","value":"new.example.com"},'
        '{"op":"replace","path":"/config/password","value":"[secret]"}]'
    )


def test_a_plan_without_drift_tells_the_patch_alone() -> None:
    """The line of most previews."""
    hidden = hidden_pointers("redis", STORED)
    assert difference(LIVE, STORED, NEW_HOST).describe(SCRIPTED_ID, hidden) == (
        'default/production/redis/57c0ffee: PATCH [{"op":"replace","path":"/config/host","value":"new.example.com"}]'
    )


def test_a_plan_for_what_is_as_it_should_be_is_empty() -> None:
    """Neither operations nor drift."""
    found = difference(LIVE, STORED, STORED)
    assert (found.operations, found.drift) == ((), ())


def test_what_is_planned_is_what_is_sent(account: Account) -> None:
    """The preview's operations, behind the guard."""
    id_ = account.existing()
    account.edit(id_, on=False)
    planned = difference(account.reader.read(id_, DEADLINE), STORED, NEW_HOST)
    account.reconciler.update(id_, STORED, NEW_HOST, DEADLINE)
    assert account.patches == [[{**GUARD, "value": 2}, *planned.operations]]
