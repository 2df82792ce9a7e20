"""Random deployments under random faults, crashes and outside edits: nothing lost, nothing twice, nothing leaked.

A model of Pulumi's engine (``support.deployment``) drives the real provider against the emulator, through the fault
proxy: two stacks of one account on one machine, and now and then with the token of another account. What is promised
are the methods named ``require_...``; where something cannot be promised, the exception that they make says why.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from launchdarkly_pulumi.core import read
from launchdarkly_pulumi.core.settings import DEFAULT_OPERATION_TIMEOUT, Settings
from launchdarkly_pulumi.dynamic.hidden_inputs import COMPARED, IGNORED
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.emulator.integration import mask
from launchdarkly_pulumi.model.documents import create_body, keys_of
from launchdarkly_pulumi.model.fields import KEY_FIELDS, integration_key_of
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import may_be_mask_of
from support import samples, troubles
from support.canary import leaks
from support.declarations import IGNORABLE, NAMES, PASSWORDS, SPARE_NAME, checked, stores
from support.deployment import Account, Call, Deployment, Props, Resource, await_background
from support.desired import desired
from support.fault_proxy import (
    Delay,
    Fault,
    FaultProxy,
    Forward,
    Hook,
    Mangle,
    ResetAfter,
    ResetBefore,
    Unchanged,
)
from support.troubles import Crash, Echo, Edit, LateCommit, Meanwhile, Once, OnListings, OtherPipeline, Outage, Trouble

CANARIES = (samples.TOKEN, *PASSWORDS, *troubles.OUTSIDE_PASSWORDS)

PREVIEW_TIME = 10.0
SLACK = 1.0
NOT_KNOWN = "It is not known whether the integration was created"
"""How an error asks for a person: only then may it leave an integration behind."""
ONE_TOO_MANY = "one too many"
"""How a second POST is reported: the first one may have been committed, or be so later."""
NOT_COMPARED = "ompared with the stack's state"

PROD, STAGING = "prod", "staging"
STEPS = 12
SHARDS = 10
"""The profile's examples in so many parts of equal size, for all cores to take part: 10,000 in the thorough one."""


# The world --------------------------------------------------------------------------------------------------


class World(NamedTuple):
    """A server, the way to it, the home of the machine that everything runs on, and the way to another account."""

    emulator: Emulator
    proxy: FaultProxy
    home: Path
    foreign: Emulator


DIFFERENCES = (
    EmulatorOptions(access_tokens=[samples.TOKEN]),
    EmulatorOptions(access_tokens=[samples.TOKEN], omit_config_in_answers=True),
    EmulatorOptions(access_tokens=[samples.TOKEN], refuse_version_test=True),
    EmulatorOptions(access_tokens=[samples.TOKEN], refuse_config_paths=True),
)
"""LaunchDarkly as documented, and as a beta endpoint may differ from that."""


@pytest.fixture
def _quiet_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of a killed process ends with ``SystemExit``: no failure, as in Python, and unlike in pytest."""
    report = threading.excepthook
    monkeypatch.setattr(threading, "excepthook", lambda args: None if args.exc_type is SystemExit else report(args))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """One for each of the differences."""
    with ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patched.delenv(name)
        home, developer = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("developer")
        patched.setenv("HOME", str(developer))
        # A listing that is held for a whole run is waited for in real time.
        patched.setattr(read, "PATIENCE", 0.002)
        foreign = stack.enter_context(Emulator())
        foreign.outside_create("default", "production", "redis", config={"host": "foreign.example.com"})
        emulators = [stack.enter_context(Emulator(options)) for options in DIFFERENCES]
        yield [World(each, stack.enter_context(FaultProxy(each.url)), home, foreign) for each in emulators]
        assert not list(developer.iterdir()), "the notes of these machines are somewhere else"


# The machine ------------------------------------------------------------------------------------------------


class Orphan(NamedTuple):
    """An integration that no state knows.

    :param stack: the stack that it was made for.
    :param name: of the store that it was made for.
    :param noted: whether the provider has promised to find it again by itself.
    """

    stack: str
    name: str
    noted: bool


class Care(Enum):
    """What people do about orphans before the next ``up``."""

    TRUST = "let the provider find what it has promised to find, and delete the others"
    DELETE = "delete them"
    ADOPT = "pulumi refresh --import-pending-creates"
    MOVE = "delete them, and run the next update on another machine"


cares = st.sampled_from(Care)
stacks = st.sampled_from([PROD, PROD, STAGING])
names = st.sampled_from(NAMES)
some_troubles = troubles.strategy(names)
ignored_fields = st.lists(st.sampled_from(IGNORABLE), max_size=2, unique=True)


class Machine(RuleBasedStateMachine):
    """Two stacks of three stores that may be declared, and everything that may happen to them."""

    worlds: list[World]
    sound = False
    """Whether a rule has ended well; what follows on a failure would only hide it."""
    ended_well = 0
    """How many runs of the machine were sound to their ends."""

    @initialize(
        index=st.integers(0, len(DIFFERENCES) - 1),
        program=st.lists(stores(), min_size=1, max_size=3),
        second=st.lists(stores(), max_size=2),
    )
    def begin(self, index: int, program: list[tuple[str, Props]], second: list[tuple[str, Props]]) -> None:
        """An empty account, a new machine, and programs that are not deployed yet."""
        self.emulator, self.proxy, self.home, self.foreign = self.worlds[index]
        self.proxy.clear()
        for integration_id in self.emulator.integrations:
            self.emulator.remove(integration_id)
        self.emulator.clear_requests()
        self.forget_machine()
        home = str(self.home)
        address = Settings(
            access_token=samples.TOKEN, token_source="the test", base_url=self.proxy.url, pulumi_home=home
        )
        self.deployments = {name: Deployment(address, name) for name in (PROD, STAGING)}
        self.deployments[PROD].program = dict(program)
        self.deployments[STAGING].program = dict(second)
        self.orphans: dict[str, Orphan] = {}
        self.strangers: dict[str, Props] = {}
        self.removed: set[str] = set()
        self.told: set[str] = set()
        self.late: list[tuple[int, str, Props]] = []
        self.listing: Props | None = None
        self.passwords = {""}
        self.given_names: dict[str, str] = {}
        self.stored_passwords: dict[str, str] = {}
        self.sound = True

    # What people do.

    @rule(stack=stacks, store=stores(), only=st.none() | st.sampled_from(["name", "on", "tags", "config"]))
    def declare(self, stack: str, store: tuple[str, Props], only: str | None) -> None:
        """The program declares a store, or changes one: a field, or all of it."""
        name, arguments = store
        program = self.deployments[stack].program
        old = program.get(name)
        if old is not None and only is not None:
            kept = {key: value for key, value in old.items() if key != only}
            arguments = kept | {key: value for key, value in arguments.items() if key == only}
        program[name] = arguments

    @rule(stack=stacks, name=names, fields=ignored_fields)
    def ignore_changes(self, stack: str, name: str, fields: list[str]) -> None:
        """The program ignores changes of some fields from now on, or of none."""
        arguments = self.deployments[stack].program.get(name)
        if arguments is not None:
            arguments = {key: value for key, value in arguments.items() if key != "ignore_changes"}
            self.deployments[stack].program[name] = arguments | ({"ignore_changes": fields} if fields else {})

    @rule(stack=stacks, name=names)
    def forget(self, stack: str, name: str) -> None:
        """The program no longer declares a store."""
        self.deployments[stack].program.pop(name, None)

    @rule(stack=stacks, name=names, how=st.sampled_from(["alias", "import", "nothing"]))
    def rename(self, stack: str, name: str, how: str) -> None:
        """A store gets another name: with an alias, with its own ID to import, or as a new one."""
        deployment = self.deployments[stack]
        if name not in deployment.program or SPARE_NAME in deployment.program.keys() | deployment.state.keys():
            return
        arguments = deployment.program.pop(name)
        if how == "alias":
            arguments.pop("import_", None)
            if name in deployment.state:
                deployment.state[SPARE_NAME] = replace(deployment.state.pop(name), name=SPARE_NAME)
        elif how == "import" and name in deployment.state:
            arguments = _fitting(arguments, deployment.state[name].id) or arguments
        deployment.program[SPARE_NAME] = arguments

    @rule(stack=stacks, name=names, which=st.integers(0, 9))
    def claim(self, stack: str, name: str, which: int) -> None:
        """A store is to adopt an integration: a stranger's, or one that another resource of the stack has."""
        deployment = self.deployments[stack]
        own = [resource.id for resource in deployment.state.values()]
        documents = self.emulator.integrations
        ids = sorted([*own, *(_full_id(documents[each]) for each in self.strangers.keys() & documents.keys())])
        arguments = _fitting(deployment.program.get(name), ids[which % len(ids)]) if ids else None
        if arguments is not None:
            deployment.program[name] = arguments

    @rule(stack=stacks, edit=st.builds(Edit, names, st.sampled_from(troubles.BY_HAND)))
    def edit_outside(self, stack: str, edit: Edit) -> None:
        """Somebody edits or deletes a store in LaunchDarkly."""
        self.edit(self.deployments[stack], edit)

    @rule(stack=stacks, name=names)
    def make_a_look_alike(self, stack: str, name: str) -> None:
        """Somebody makes a store in LaunchDarkly that a listing cannot tell from a declared one."""
        arguments = self.deployments[stack].program.get(name)
        if arguments is not None:
            place = "host" if "host" in arguments["config"] else "table_name"
            stranger = desired(checked({**arguments, "config": arguments["config"] | {place: "stranger"}}))
            document = self.emulator.outside_create(*keys_of(stranger), **create_body(stranger))
            self.strangers[document["_id"]] = document
            self.passwords.add(stranger.values["config"].get("password", ""))

    @rule()
    def remember_listing(self) -> None:
        """A cache on the way keeps the listing as it is now."""
        items = [document | {"config": {}} for document in self.emulator.integrations.values()]
        self.listing = {"_links": {}, "items": items}

    # What the engine does.

    @rule(stack=stacks, found=some_troubles, refresh=st.booleans(), care=cares)
    def up(self, stack: str, found: list[Trouble], refresh: bool, care: Care) -> None:
        """The program is deployed, come what may."""
        self.look_after_orphans(care)
        before = self.run(stack, lambda deployment: deployment.up(refresh=refresh), found)
        self.require_what_succeeded(self.deployments[stack], before, found)
        self.sound = True

    @rule(stack=stacks, found=some_troubles)
    def preview(self, stack: str, found: list[Trouble]) -> None:
        """A preview changes nothing, and what it calls unchanged is."""
        deployment = self.deployments[stack]
        state = dict(deployment.state)
        self.run(stack, Deployment.preview, found)
        assert deployment.state == state
        self.require_only_reads()
        self.require_unchanged_is_right(deployment, found)
        self.sound = True

    @rule(stack=stacks, found=some_troubles)
    def refresh(self, stack: str, found: list[Trouble]) -> None:
        """A refresh changes nothing but the state."""
        self.run(stack, Deployment.refresh, found)
        self.require_only_reads()
        self.sound = True

    @rule(stack=stacks, command=st.sampled_from([Deployment.preview, Deployment.refresh, Deployment.up]))
    def take_another_account(self, stack: str, command: Callable[[Deployment], None]) -> None:
        """The token and the host of another account: nothing is forgotten, and nothing made there."""
        deployment = self.deployments[stack]
        if not deployment.state or deployment.program.keys() - deployment.state.keys():
            return
        own, state, foreign = deployment.settings, dict(deployment.state), Account.of(self.foreign)
        before = Account.of(self.emulator)
        deployment.settings = replace(
            own, access_token="api-foreign", token_source="a mistake", base_url=self.foreign.url
        )
        try:
            command(deployment)
        finally:
            deployment.settings = own
        assert (Account.of(self.foreign), Account.of(self.emulator)) == (foreign, before)
        assert {name: each.id for name, each in deployment.state.items()} == {n: each.id for n, each in state.items()}
        assert [call for call in deployment.calls if not call.succeeded] or not deployment.calls

    @rule(stack=stacks, refresh=st.booleans(), care=cares)
    def recover(self, stack: str, refresh: bool, care: Care) -> None:
        """Once the trouble is over, one ``up`` is enough; others where it asks people to look first."""
        deployment = self.deployments[stack]
        self.look_after_orphans(care)
        before = self.run(stack, lambda it: it.up(refresh=refresh), [])
        for _ in range(len(deployment.program) + 2):
            if not self.follow_advice(deployment):
                break
            before = self.run(stack, Deployment.up, [])
        failed = [call for call in deployment.calls if not call.succeeded]
        assert failed == [], failed
        self.require_what_succeeded(deployment, before, [])
        self.require_deployed(deployment, before)
        self.run(stack, Deployment.preview, [])
        assert deployment.changes == dict.fromkeys(deployment.program, False)
        self.require_only_reads()
        self.require_unchanged_is_right(deployment, [])
        self.sound = True

    def teardown(self) -> None:
        """At the end of each example."""
        if self.sound:
            for stack in self.deployments:
                self.recover(stack, refresh=False, care=Care.TRUST)
            type(self).ended_well += 1

    # How it is done.

    @property
    def owned(self) -> set[str]:
        """LaunchDarkly's IDs in the states."""
        return {id_ for deployment in self.deployments.values() for id_ in deployment.known_ids}

    def edit(self, deployment: Deployment, edit: Edit) -> None:
        """Edits a declared store from outside, if it is there and has such fields."""
        resource = deployment.state.get(edit.name)
        if resource is None or resource.integration_id not in self.emulator.integrations:
            return
        id_ = resource.integration_id
        if edit.fields is None:
            self.emulator.remove(id_)
            self.removed.add(id_)
        elif edit.fields.get("config", {}).keys() <= self.emulator.stored_config(id_).keys():
            self.emulator.outside_edit(id_, edit.fields)
            self.passwords.add(edit.fields.get("config", {}).get("password", ""))
            if "name" in edit.fields:
                self.given_names[id_] = edit.fields["name"]

    def remove(self, integration_id: str) -> None:
        """A person deletes what nobody needs."""
        self.emulator.remove(integration_id)
        self.removed.add(integration_id)
        self.orphans.pop(integration_id, None)

    def look_after_orphans(self, care: Care) -> None:
        """What an error or an interrupted create has asked people to do."""
        if care is Care.MOVE:
            self.forget_machine()
        for id_ in self.emulator.integrations.keys() - self.owned - self.strangers.keys():
            orphan = self.orphans.get(id_)
            if care is Care.TRUST and orphan is not None and orphan.noted:
                continue
            deployment = self.deployments[orphan.stack] if orphan else None
            if care is Care.ADOPT and orphan and deployment and self.can_be_adopted(deployment, orphan, id_):
                deployment.import_pending(orphan.name, _full_id(self.emulator.integrations[id_]))
                del self.orphans[id_]
            else:
                self.remove(id_)
        for id_ in self.orphans.keys() - self.emulator.integrations.keys():
            del self.orphans[id_]

    def can_be_adopted(self, deployment: Deployment, orphan: Orphan, integration_id: str) -> bool:
        """Whether the engine has a pending create that an orphan can be imported for."""
        arguments = deployment.program.get(orphan.name)
        if arguments is None or orphan.name in deployment.state or "import_" in arguments:
            return False
        return _fitting(arguments, _full_id(self.emulator.integrations[integration_id])) is not None

    def follow_advice(self, deployment: Deployment) -> bool:
        """Does what the errors of the last run ask people for; whether there was anything."""
        live = self.emulator.integrations.keys()
        errors = [call for call in deployment.calls if call.error is not None]
        for call in errors:
            if "pulumi state delete" in call.error_text:
                gone = {name for name, each in deployment.state.items() if each.integration_id not in live}
                for name in gone:
                    del deployment.state[name]
                deployment.replaced = [each for each in deployment.replaced if each.integration_id in live]
            elif "cannot manage it too" in call.error_text or "to adopt" in call.error_text:
                deployment.program[call.name].pop("import_", None)
            elif "declare it in the program" in call.error_text:
                deployment.program[call.name].pop("ignore_changes")
            elif NOT_KNOWN in call.error_text:
                self.look_after_orphans(Care.DELETE)
        return bool(errors)

    def forget_machine(self) -> None:
        """Another machine: nothing is left of what earlier processes have noted."""
        shutil.rmtree(self.home / "launchdarkly", ignore_errors=True)
        if hasattr(self, "orphans"):
            self.orphans = {id_: orphan._replace(noted=False) for id_, orphan in self.orphans.items()}

    def run(self, stack: str, step: Callable[[Deployment], None], found: list[Trouble]) -> Account:
        """Lets the engine do something under troubles, and requires what must hold at any rate.

        :returns: the account as it was before.
        """
        self.sound = False
        deployment = self.deployments[stack]
        [other] = [each for each in self.deployments.values() if each is not deployment]
        other.calls, other.shown = [], []
        before = Account.of(self.emulator)
        self.remember(before)
        known = {name: each.known_ids for name, each in self.deployments.items()}
        self.proxy.clear_requests()
        for trouble in found:
            self.inject(trouble, deployment, other)
        self.proxy.inject(
            *[Hook(self.commit_late)] * troubles.ALL_REQUESTS * any(_is_late(each) for each in found), method="GET"
        )
        down = Trouble(Outage()) in found
        if down:
            self.proxy.stop_listening()
        step(deployment)
        self.proxy.release()
        await_background()
        self.proxy.start_listening()
        self.proxy.settle()
        self.proxy.clear()
        assert self.proxy.failures == []
        assert not (down and self.proxy.requests)
        self.commit_late(at_the_end=True)
        after = Account.of(self.emulator)
        for each in (deployment, other):
            self.told |= {id_ for id_ in after.documents if id_ in each.output}
            self.require_bounded_and_discreet(each)
        self.require_nothing_lost(known, after)
        self.require_every_integration_accounted_for(before, found, after)
        self.require_only_own_are_deleted(known, before, after)
        self.require_nothing_foreign(after)
        return before

    def remember(self, before: Account) -> None:
        """What will be compared with after a run."""
        programs = [each for deployment in self.deployments.values() for each in deployment.program.values()]
        self.passwords |= {each["config"].get("password", "") for each in programs}
        self.given_names = {id_: document["name"] for id_, document in before.documents.items()}
        self.stored_passwords = {
            resource.integration_id: resource.outputs["config"].get("password", "")
            for deployment in self.deployments.values()
            for resource in deployment.state.values()
        }

    def inject(self, trouble: Trouble, deployment: Deployment, other: Deployment) -> None:
        """Queues the faults of a trouble."""
        fault = trouble.fault
        if isinstance(fault, Outage):
            return
        if isinstance(fault, Crash):
            then = {"before": ResetBefore(), "after": ResetAfter(), "answered": Forward()}[fault.moment]
            fault = Hook(deployment.time.kill, after_commit=fault.moment != "before", then=then)
        elif isinstance(fault, Meanwhile):
            edit = fault.edit
            fault = Hook(lambda: self.edit(deployment, edit), after_commit=fault.after_commit)
        elif isinstance(fault, OtherPipeline):
            fault = Hook(other.up)
        elif isinstance(fault, LateCommit):
            fault = replace(fault, keep=lambda looks, path, body: self.late.append((looks, path, body)))
        elif isinstance(fault, OnListings) and fault.name in (troubles.SLOW, troubles.STALE):
            stale: Fault = Forward() if self.listing is None else Mangle(self.cached)
            fault = replace(fault, fault=Once(Delay(60)) if fault.name == troubles.SLOW else stale)
        elif isinstance(fault, Echo):
            fault = replace(fault, told_before=self.told_before)
        self.proxy.inject(*[Forward()] * trouble.after, *[fault] * trouble.times, method=trouble.method)

    def cached(self, _listing: Props) -> Props:
        """What a cache on the way answers."""
        assert self.listing is not None
        return self.listing

    def commit_late(self, *, at_the_end: bool = False) -> None:
        """Commits the POSTs whose time has come, at each GET of a run and once more after it."""
        kept, self.late = self.late, []
        for looks, path, body in kept:
            if looks > 0 and not at_the_end:
                self.late.append((looks - 1, path, body))
            else:
                self.emulator.outside_create(*path.split("/")[-3:], **body)

    def told_before(self, path: str) -> list[str]:
        """The passwords that the states have for the store that a request is about."""
        known = [e for each in self.deployments.values() for e in (*each.state.values(), *each.replaced)]
        found = [each.outputs["config"].get("password") for each in known if path.endswith(each.integration_id)]
        return [password for password in found if password]

    # What must hold.

    def require_bounded_and_discreet(self, deployment: Deployment) -> None:
        """Every call ends in time, and shows no secret."""
        for call in deployment.calls:
            limit = PREVIEW_TIME if call.kind == "diff" else DEFAULT_OPERATION_TIMEOUT
            assert call.seconds <= limit + SLACK, call
            assert leaks(call.error_text, *CANARIES) == [], call
        for text in deployment.shown:
            assert leaks(text, *CANARIES) == [], text

    def require_nothing_lost(self, known: dict[str, set[str]], after: Account) -> None:
        """Whatever a state knew it still knows, unless it is gone."""
        for name, deployment in self.deployments.items():
            assert (known[name] & after.documents.keys()) - deployment.known_ids == set(), deployment.calls

    def require_every_integration_accounted_for(self, before: Account, found: list[Trouble], after: Account) -> None:
        """Every integration is in a state, somebody else's, or one that people or the provider have a note of.

        There is at most one more for each create that failed in a way that asks for it, and the output tells of all.
        """
        # The note goes with the answer: a process that dies right after it leaves something that nobody knows of.
        noted = not any(isinstance(each.fault, Crash) and each.fault.moment == "answered" for each in found)
        new = after.documents.keys() - before.documents.keys() - self.owned - self.strangers.keys() - self.told
        excuses = [
            (stack, call)
            for stack, deployment in self.deployments.items()
            for call in deployment.calls
            if _may_leave_something(call, deployment)
        ]
        assert len(new) <= 2 * len(excuses), (new, self.deployments[PROD].calls, self.deployments[STAGING].calls)
        for id_ in new:
            stack, call = next((each for each in excuses if self.is_for(after, id_, *each)), excuses[0])
            self.orphans[id_] = Orphan(stack, call.name, call.crashed and noted)
        for id_ in self.orphans.keys() & (self.owned | self.told):
            del self.orphans[id_]
        for stack, deployment in self.deployments.items():
            created = {call.name for call in deployment.calls if call.kind == "create" and call.succeeded}
            forgotten = [o for o in self.orphans.values() if o.noted and o.stack == stack and o.name in created]
            assert not forgotten or _mangles_listings(found), (forgotten, deployment.calls, deployment.shown)
        accounted = self.owned | self.strangers.keys() | self.orphans.keys() | self.told
        assert after.documents.keys() - accounted == set()
        self.require_one_owner()

    def is_for(self, after: Account, id_: str, stack: str, call: Call) -> bool:
        """Whether an integration may have been made for a call."""
        arguments = self.deployments[stack].program.get(call.name)
        return arguments is not None and not {
            place for place in after.differences(id_, checked(arguments)) if place.startswith("config.")
        }

    def require_one_owner(self) -> None:
        """No integration is under two resources, unless the run that moves it was cut off."""
        for deployment in self.deployments.values():
            if all(call.succeeded for call in deployment.calls) and deployment.calls:
                ids = [each.integration_id for each in deployment.state.values()]
                assert len(ids) == len(set(ids)) or deployment.program.keys() != deployment.state.keys(), ids

    def require_only_own_are_deleted(self, known: dict[str, set[str]], before: Account, after: Account) -> None:
        """What has gone was deleted by a person, or by the one stack that had it, and no state has it any more."""
        for id_ in before.documents.keys() - after.documents.keys() - self.removed:
            assert any(id_ in ids for ids in known.values()), id_
            assert id_ not in self.owned or not all(c.succeeded for d in self.deployments.values() for c in d.calls), (
                id_
            )

    def require_nothing_foreign(self, after: Account) -> None:
        """Strangers' stores, names that nobody manages, and passwords are as people have given them."""
        for id_ in self.strangers.keys() & self.owned:
            del self.strangers[id_]
        for id_ in self.strangers.keys() & self.removed:
            del self.strangers[id_]
        for id_, document in self.strangers.items():
            assert after.documents.get(id_, {}) | {"_status": None} == document | {"_status": None}
        # Of a move that was interrupted, the state has the integration under both resources.
        declared = {
            (resource.integration_id, deployment.program.get(resource.name, {}).get("name"))
            for deployment in self.deployments.values()
            for resource in deployment.state.values()
        }
        for id_ in self.given_names.keys() & after.documents.keys():
            name = after.documents[id_]["name"]
            assert name == self.given_names[id_] or (id_, name) in declared
        assert {after.password(id_) for id_ in after.configs} <= self.passwords

    def require_only_reads(self) -> None:
        """Nothing but GETs was sent."""
        assert {seen.method for seen in self.proxy.requests} <= {"GET"}

    def require_unchanged_is_right(self, deployment: Deployment, found: list[Trouble]) -> None:
        """Every store that a preview calls unchanged is as declared, unless it says that it did not look."""
        if (
            deployment.crashed
            or any(isinstance(each.fault, Meanwhile) for each in found)
            or self.trusts_a_cache(found, deployment)
        ):
            return
        after = Account.of(self.emulator)
        for name, changed in deployment.changes.items():
            resource = deployment.state.get(name)
            said = any(
                NOT_COMPARED in text and (text[0] == "C" or resource is None or resource.id in text)
                for text in deployment.shown
            )
            if not changed and resource is not None and not said:
                self.require_as_asked(replace(resource, inputs=deployment.program[name]), after, after, found)

    def trusts_a_cache(self, found: list[Trouble], deployment: Deployment) -> bool:
        """Whether a listing is stale in a way that nobody could see: the store read first has not changed since."""
        if not any(isinstance(each.fault, OnListings) and each.fault.name == troubles.STALE for each in found):
            return False
        compared = [n for n in deployment.program if n in deployment.state and COMPARED in deployment.state[n].outputs]
        items = {item["_id"]: item for item in (self.listing or {"items": []})["items"]}
        live = self.emulator.integrations
        first = deployment.state[compared[0]].integration_id if compared else ""
        return first not in live or (first in items and items[first]["version"] == live[first]["version"])

    def require_what_succeeded(self, deployment: Deployment, before: Account, found: list[Trouble]) -> None:
        """What the engine takes for created or updated is as it was asked for, where nobody has edited meanwhile."""
        if any(isinstance(trouble.fault, (Meanwhile, OtherPipeline)) for trouble in found):
            return
        after = Account.of(self.emulator)
        for call in deployment.calls:
            if call.kind in ("create", "update") and call.succeeded and call.name in deployment.state:
                self.require_as_asked(deployment.state[call.name], before, after, found)

    def require_as_asked(self, resource: Resource, before: Account, after: Account, found: list[Trouble]) -> None:
        """LaunchDarkly has the resource's inputs, but for what is ignored and a password that a mask cannot tell.

        Where the state had the right one already, and the mask fits, an edit from outside cannot be seen, nor an
        update that failed after its commit and was then taken back in the program. Where LaunchDarkly says that
        it has applied a password, and has not, the mask is all there is to doubt it by.
        """
        id_ = resource.integration_id
        ignored = resource.inputs.get("ignore_changes") or resource.inputs.get(IGNORED) or ()
        different = after.differences(id_, checked(resource.inputs))
        different = {place: both for place, both in different.items() if place not in ignored}
        has, wanted = different.get("config.password", ("", ""))
        unseen = self.stored_passwords.get(id_) == wanted or any(isinstance(each.fault, Unchanged) for each in found)
        if unseen and has == before.password(id_) and may_be_mask_of(mask(has), wanted):
            different.pop("config.password", None)
        assert different == {}, resource.inputs

    def require_deployed(self, deployment: Deployment, before: Account) -> None:
        """The account is what the program declares, no more and no less."""
        after = Account.of(self.emulator)
        assert deployment.state.keys() == deployment.program.keys()
        assert deployment.replaced == []
        assert len(deployment.known_ids) == len(deployment.program)
        for resource in deployment.state.values():
            assert resource.integration_id in after.documents
            self.require_as_asked(resource, before, after, [])
        unowned = after.documents.keys() - self.strangers.keys() - self.owned
        assert unowned <= self.told | self.orphans.keys()


def _full_id(document: Props) -> str:
    project, environment, kind = (document[f.api_name] for f in KEY_FIELDS)
    return str(IntegrationId(project, environment, kind, document["_id"]))


def _fitting(arguments: Props | None, id_: str) -> Props | None:
    """The arguments as they adopt an integration, if they are of its kind."""
    wanted = IntegrationId.parse(id_)
    if arguments is None or integration_key_of(arguments["config"]) != wanted.integration_key:
        return None
    return {**arguments, "environment_key": wanted.environment_key, "import_": id_}


def _is_late(trouble: Trouble) -> bool:
    return isinstance(trouble.fault, LateCommit)


def _mangles_listings(found: list[Trouble]) -> bool:
    return any(isinstance(each.fault, (OnListings, Meanwhile)) for each in found)


def _may_leave_something(call: Call, deployment: Deployment) -> bool:
    asks = NOT_KNOWN in call.error_text or (call.succeeded and ONE_TOO_MANY in deployment.output)
    return call.kind == "create" and (call.crashed or asks)


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.usefixtures("_quiet_ends")
def test_nothing_is_lost_twice_or_leaked(worlds: list[World], shard: int) -> None:
    """Whatever happens between programs and LaunchDarkly, and whatever goes wrong on the way."""
    loaded = settings()
    examples = loaded.max_examples // SHARDS

    @seed(shard)
    class Shard(Machine):
        """Its own examples, and the count of them."""

    Shard.worlds = worlds
    run_state_machine_as_test(
        Shard,
        settings=settings(
            loaded, max_examples=examples, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck)
        ),
    )
    assert Shard.ended_well >= examples
