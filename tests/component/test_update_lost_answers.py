"""A PATCH whose response is lost: neither update undoes the other, and nothing is claimed that was not compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core.update import Reached
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.errors import ChangedByOthers, Interrupted, UnknownSecret, Unreachable
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.documents import create_body, document_of
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.desired import but, ignoring, redis
from support.fault_proxy import Answer, Fault, FaultProxy, Hook, Mangle, ResetAfter, ResetBefore
from support.runs import Time, run_of

OLD_PASSWORD = samples.PASSWORD
NEW_PASSWORD = "quite another one"
SAME_MASK = f"{OLD_PASSWORD[:3]} and more {OLD_PASSWORD[-3:]}"


STORED = redis()
NEW_HOST = redis(config={"host": "new.example.com"})


class Account:
    """One store in an account behind a proxy, and a run that updates it."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, folder: Path) -> None:
        self.emulator, self.proxy = emulator, proxy
        self.time = Time()
        self.run, self.shown = run_of(proxy.url, folder, time=self.time)
        document = emulator.outside_create("default", "production", "redis", **create_body(STORED))
        self.id = IntegrationId("default", "production", "redis", document["_id"])

    def edit(self, **fields: Any) -> None:
        """What somebody else changes."""
        self.emulator.outside_edit(self.id.integration_id, fields)

    def lose(self, *faults: Fault) -> None:
        """What happens to the next PATCHes."""
        self.proxy.inject(*faults, method="PATCH")

    def update(self, inputs: Desired, stored: Desired = STORED) -> Reached:
        """Updates the store."""
        return self.run.writers.reconciler.update(self.id, stored, inputs, self.run.session.deadline())

    def has(self, inputs: Desired) -> bool:
        """Whether the store is as the inputs want it, its real password included."""
        document = self.emulator.integrations[self.id.integration_id]
        live = {**document, "config": self.emulator.stored_config(self.id.integration_id)}
        return document_of(inputs).items() <= live.items()

    @property
    def patches(self) -> list[list[str]]:
        """What each PATCH that has arrived has asked for."""
        return [
            [operation["path"] for operation in request.body]
            for request in self.emulator.requests
            if request.method == "PATCH"
        ]

    @property
    def kept(self) -> str:
        """The warning for what others have changed."""
        [warning] = self.shown.warnings
        prefix, suffix = (
            f"{self.id}: somebody else changed ",
            " during the update. It is kept; the next preview shows it.",
        )
        assert warning.startswith(prefix)
        assert warning.endswith(suffix)
        return warning.removeprefix(prefix).removesuffix(suffix)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """As it is documented; every fault that a test injects has to happen."""
    with Emulator() as emulator, FaultProxy(emulator.url) as proxy:
        yield Account(emulator, proxy, tmp_path)
        assert proxy.clear() == []


# A lost response, and somebody else.

BOTH = pytest.mark.parametrize("lost", [ResetAfter(), ResetBefore()], ids=["applied", "not applied"])


@BOTH
def test_what_others_change_while_a_response_is_lost_is_kept(account: Account, lost: Fault) -> None:
    """Whether our own patch was applied or not: both changes are there in the end, and the state says so."""
    account.lose(lost)
    account.proxy.inject(Hook(lambda: None), Hook(lambda: account.edit(on=False)), method="GET")
    reached = account.update(NEW_HOST)
    both = but(NEW_HOST, on=False)
    assert account.has(both)
    assert (reached.desired, reached.compared, account.kept) == (both, True, "on")
    assert account.patches == [["/version", "/config/host"]]


@BOTH
def test_what_others_change_inside_the_config_is_kept(account: Account, lost: Fault) -> None:
    """Also where it is a password, which nobody can see: the state does not claim to know it."""
    account.lose(lost)
    edit = {"config": {"password": "theirs, and secret", "username": "theirs"}}
    account.proxy.inject(Hook(lambda: None), Hook(lambda: account.edit(**edit)), method="GET")
    reached = account.update(NEW_HOST)
    config = account.emulator.stored_config(account.id.integration_id)
    assert (config["host"], config["password"]) == ("new.example.com", "theirs, and secret")
    assert (reached.desired.values["config"]["password"], reached.desired.values["config"]["username"]) == (
        REPLACED_OUTSIDE,
        "theirs",
    )
    assert account.kept == "config.username, config.password"


@BOTH
def test_two_changes_of_one_field_are_a_conflict(account: Account, lost: Fault) -> None:
    """Nobody's is undone without a word."""
    account.lose(lost)
    edit = {"config": {"host": "theirs.example.com"}}
    account.proxy.inject(Hook(lambda: None), Hook(lambda: account.edit(**edit)), method="GET")
    with pytest.raises(ChangedByOthers, match=r"somebody else has just changed config\.host"):
        account.update(NEW_HOST)
    assert account.has(redis(config={"host": "theirs.example.com"}))


@BOTH
@pytest.mark.parametrize("password", [NEW_PASSWORD, SAME_MASK], ids=["another mask", "the same mask"])
def test_a_lost_change_of_the_password_is_no_conflict(account: Account, lost: Fault, password: str) -> None:
    """Its mask may have become another one by our own patch; whether it has, only sending it again makes sure."""
    account.lose(lost)
    inputs = redis(config={"password": password})
    reached = account.update(inputs)
    assert account.has(inputs)
    assert (reached.desired, reached.compared, account.shown.warnings) == (inputs, True, [])


def test_a_password_that_others_change_after_ours_was_lost_is_a_conflict(account: Account) -> None:
    """Both wanted another one, and theirs is there."""
    account.lose(ResetAfter())
    edit = {"config": {"password": "theirs, and secret"}}
    account.proxy.inject(Hook(lambda: None), Hook(lambda: account.edit(**edit)), method="GET")
    with pytest.raises(ChangedByOthers, match=r"somebody else has just changed config\.password"):
        account.update(redis(config={"password": NEW_PASSWORD}))
    assert account.emulator.stored_config(account.id.integration_id)["password"] == "theirs, and secret"


def test_after_a_conflict_a_password_of_ours_is_still_to_be_set(account: Account) -> None:
    """Nothing was applied: a mask that fits by chance does not stand for ours."""
    account.lose(Hook(lambda: account.edit(on=False)))
    inputs = redis(config={"password": SAME_MASK})
    account.update(inputs)
    assert account.has(but(inputs, on=False))
    assert account.kept == "on"


def test_after_a_conflict_no_mask_stands_for_ours(account: Account) -> None:
    """Somebody has set a password meanwhile whose mask fits the one that we were to set: both wanted another one."""
    theirs = f"{NEW_PASSWORD[:3]} theirs {NEW_PASSWORD[-3:]}"
    account.lose(Hook(lambda: account.edit(config={"password": theirs})))
    with pytest.raises(ChangedByOthers, match=r"somebody else has just changed config\.password"):
        account.update(redis(config={"password": NEW_PASSWORD}))
    assert account.emulator.stored_config(account.id.integration_id)["password"] == theirs


def test_a_lost_response_that_left_nothing_to_do_ends_there(account: Account) -> None:
    """One PATCH, and a look."""
    account.lose(ResetAfter())
    assert account.update(NEW_HOST).document["version"] == 2
    assert account.patches == [["/version", "/config/host"]]


def test_responses_that_are_all_lost_are_told(account: Account) -> None:
    """As what they are, and not as a conflict."""
    account.lose(*[ResetBefore()] * MAX_ATTEMPTS)
    with pytest.raises(Unreachable) as error:
        account.update(NEW_HOST)
    assert error.value.outcome_unknown
    assert len(account.time.waits) == MAX_ATTEMPTS - 1


def test_what_is_kept_once_is_kept_to_the_end(account: Account) -> None:
    """Over several lost responses, each with another edit of somebody's."""
    account.lose(ResetBefore(), ResetBefore())
    edits = [Hook(lambda: account.edit(on=False)), Hook(lambda: account.edit(config={"port": "1234"}))]
    account.proxy.inject(Hook(lambda: None), *edits, method="GET")
    reached = account.update(NEW_HOST)
    expected = redis(on=False, config={"host": "new.example.com", "port": 1234})
    assert account.has(expected)
    assert reached.desired == expected
    assert len(account.shown.warnings) == 2


def test_ctrl_c_ends_an_update_after_the_patch_under_way(account: Account) -> None:
    """No second PATCH, and no read either."""
    account.lose(Hook(account.time.cancelled.set, then=ResetBefore()))
    with pytest.raises(Interrupted):
        account.update(NEW_HOST)
    assert [request.method for request in account.proxy.requests] == ["GET", "PATCH"]


# What counts as compared.


def test_a_response_without_a_config_proves_none(account: Account) -> None:
    """The next preview reads it."""
    account.lose(Mangle(lambda document: {name: value for name, value in document.items() if name != "config"}))
    assert not account.update(NEW_HOST).compared


def test_an_update_that_finds_nothing_to_do_has_compared(account: Account) -> None:
    """It has read the config."""
    assert account.update(STORED).compared
    assert account.patches == []


@pytest.mark.parametrize("ignored", [["on"], ["config.password"], ["*"]], ids=str)
@pytest.mark.parametrize("changes", [{}, {"name": "Another"}], ids=["nothing to do", "a patch"])
def test_what_is_ignored_is_not_compared(account: Account, ignored: list[str], changes: dict[str, Any]) -> None:
    """Whatever the field is, once the option is dropped."""
    assert not account.update(ignoring(redis(**changes), *ignored)).compared


def test_an_adoption_sends_the_password_whatever_its_mask_is(account: Account) -> None:
    """Once, and alone where nothing else differs; then all is known."""
    account.edit(config={"password": SAME_MASK})
    reached = account.run.writers.reconciler.adopt(account.id, STORED, account.run.session.deadline())
    assert account.patches == [["/version", "/config/password"]]
    assert account.has(STORED)
    assert (reached.desired, reached.compared) == (STORED, True)


def test_an_adoption_without_a_password_sends_nothing(account: Account) -> None:
    """As it is."""
    account.edit(config={"password": ""})
    inputs = redis(config={"password": ""})
    reached = account.run.writers.reconciler.adopt(account.id, inputs, account.run.session.deadline())
    assert (account.patches, reached.desired, reached.compared) == ([], inputs, True)


# Versions that are none.


@pytest.mark.parametrize("version", [None, "1", 1.5, True, -1, 2**53, "9" * 400], ids=lambda each: repr(each)[:9])
def test_what_has_no_version_is_patched_without_a_guard(account: Account, version: Any) -> None:
    """With a warning, and nothing counts as known that a version would have to prove."""
    account.proxy.inject(Mangle(lambda document: document | {"version": version}), method="GET")
    account.lose(Mangle(lambda document: document | {"version": version}))
    account.update(NEW_HOST)
    assert account.patches == [["/config/host"]]
    assert account.shown.warnings == [
        f"{account.id}: LaunchDarkly gives no version of it: it is patched without a guard, and a concurrent change "
        "can go unnoticed"
    ]


def test_a_state_without_a_version_updates_all_the_same(account: Account) -> None:
    """What the preview read is what the patch is guarded by."""
    account.run.reader.read(account.id, account.run.session.deadline(), Applied(STORED, None))
    account.update(NEW_HOST)
    assert account.patches == [["/version", "/config/host"]]


# What a config that is sent whole may hold.


@pytest.mark.parametrize("guard", [True, False])
def test_a_password_that_the_program_ignores_is_never_sent_as_its_mask(tmp_path: Path, guard: bool) -> None:
    """The config has to be sent whole, and nobody knows the password: an error, and the store stays."""
    options = EmulatorOptions(refuse_config_paths=True, refuse_version_test=not guard)
    with Emulator(options) as emulator, FaultProxy(emulator.url) as proxy:
        account = Account(emulator, proxy, tmp_path)
        with pytest.raises(UnknownSecret, match=r"config\.password was set outside of Pulumi") as error:
            account.update(ignoring(NEW_HOST, "config.password"), ignoring(STORED, "config.password"))
        assert ": 400 invalid_request: " in str(error.value)
        assert account.has(STORED)
        assert ["/config"] not in [paths[-1:] for paths in account.patches]


def test_a_refusal_says_what_launchdarkly_does_not_take(account: Account) -> None:
    """The first one's words, whichever way it was written afterwards."""
    account.lose(*[Answer.json(400, {"code": "invalid", "message": f"no {number}"}) for number in range(4)])
    with pytest.raises(Exception, match="no 0"):
        account.update(NEW_HOST)
    assert account.has(STORED)
