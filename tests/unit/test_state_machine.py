"""Random deployments under random faults, crashes and outside edits: nothing lost, nothing twice, nothing leaked.

A model of Pulumi's engine (``support.deployment``) drives the real provider against the emulator, through the
fault proxy. What is promised are the methods named ``require_...``; where something cannot be promised, the
exception that they make says why.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from launchdarkly_pulumi import models
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.emulator.integration import mask
from launchdarkly_pulumi.models import IntegrationId
from launchdarkly_pulumi.settings import DEFAULT_OPERATION_TIMEOUT, Settings
from support import samples
from support.canary import leaks
from support.deployment import EPOCH, Account, Call, Deployment, Props, Resource, made_for
from support.fault_proxy import (
    Answer,
    CutAnswer,
    Exchange,
    Fault,
    FaultProxy,
    Forward,
    Hook,
    Mangle,
    Refuse,
    ResetAfter,
    ResetBefore,
    Unchanged,
    older_version,
    other_id,
    without_id,
)

NAMES = ("a", "b", "c")
METHODS = ("GET", "POST", "PATCH", "DELETE")

TWIN = "kanarienvogel-zwei-/+1"  # LaunchDarkly's mask of it is the one of samples.PASSWORD
SHORT, SHORT_TWIN = "s3cr3t", "t0p-5e"  # masked without a trace
PASSWORDS = (samples.PASSWORD, TWIN, "xyzzy-canary-password", SHORT, SHORT_TWIN)
OUTSIDE_PASSWORDS = ("outside-canary-password", samples.PASSWORD[:3] + "outside" + samples.PASSWORD[-3:])
CANARIES = (samples.TOKEN, *PASSWORDS, *OUTSIDE_PASSWORDS)

PREVIEW_TIME = 10.0
SLACK = 1.0
NOT_KNOWN = "It is not known whether the integration was created"
"""How an error asks for a person: only then may it leave an integration behind."""

STEPS = 12
SHARDS = 10
"""The profile's examples in so many parts of equal size, for all cores to take part: 10,000 in the thorough one."""


# The world --------------------------------------------------------------------------------------------------


class World(NamedTuple):
    """A server, the way to it, and the home of the machine that everything runs on."""

    emulator: Emulator
    proxy: FaultProxy
    home: Path


DIFFERENCES = (
    EmulatorOptions(access_tokens=[samples.TOKEN]),
    EmulatorOptions(access_tokens=[samples.TOKEN], omit_config_in_answers=True),
    EmulatorOptions(access_tokens=[samples.TOKEN], refuse_version_test=True),
    EmulatorOptions(access_tokens=[samples.TOKEN], refuse_config_paths=True),
)
"""LaunchDarkly as documented, and as a beta endpoint may differ from that."""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """One for each of the differences."""
    with ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patched.delenv(name)
        home = tmp_path_factory.mktemp("home")
        patched.setenv("PULUMI_HOME", str(home))
        emulators = [stack.enter_context(Emulator(options)) for options in DIFFERENCES]
        yield [World(each, stack.enter_context(FaultProxy(each.url)), home) for each in emulators]


# What may go wrong ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """What somebody does in LaunchDarkly's user interface to a declared store, if it exists.

    :param fields: by the API's names; ``None`` deletes the store.
    """

    name: str
    fields: Mapping[str, Any] | None


@dataclass(frozen=True)
class Meanwhile(Fault):
    """Somebody edits while a request is on its way."""

    edit: Edit
    after_commit: bool


@dataclass(frozen=True)
class Crash(Fault):
    """The provider's process dies: before the commit, after it, or when it has the answer already."""

    moment: str


@dataclass(frozen=True)
class Outage(Fault):
    """LaunchDarkly cannot be reached at all, during the whole run."""


@dataclass(frozen=True)
class Echo(Fault):
    """A refusal that repeats whatever the request said, and what LaunchDarkly was told about the store before."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    told_before: Callable[[str], list[str]] = field(default=lambda _path: [], repr=False)

    def apply(self, exchange: Exchange) -> None:
        """Answers."""
        request = exchange._request
        body = request.raw.partition(b"\r\n\r\n")[2].decode()
        message = " ".join([*self.told_before(request.path), request.headers["Authorization"], body])
        refusal = {"code": "invalid_request", "message": message, "id": "30ce6058"}
        Answer.json(self.status, refusal, self.headers).apply(exchange)


class Trouble(NamedTuple):
    """A fault for the next requests.

    :param after: how many requests of the method go through first.
    """

    fault: Fault
    method: str | None = None
    times: int = 1
    after: int = 0


RATE_LIMITS: tuple[dict[str, str], ...] = (
    {},
    {"Retry-After": "0"},
    {"Retry-After": "3"},
    {"Retry-After": "86400"},
    {"Retry-After": "-1"},
    {"Retry-After": "soon"},
    {"Retry-After": "Wed, 15 Nov 2023 22:13:20 GMT"},
    {"X-Ratelimit-Reset": f"{EPOCH + 5:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH - 86_400:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH + 86_400:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH + 5:.0f}000", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"},
    {"X-Ratelimit-Reset": "9" * 40, "Date": "yesterday"},
)
CONFLICT = {"code": "conflict", "message": "the test failed"}
BY_HAND: tuple[Mapping[str, Any] | None, ...] = (
    {"on": True},
    {"on": False},
    {"tags": ["by-hand", "two"]},
    {"name": "By hand"},
    {"config": {"port": "7000"}},
    {"config": {"username": "by-hand"}},
    {"config": {"tlsEnabled": True}},
    *({"config": {"password": password}} for password in OUTSIDE_PASSWORDS),
    {"config": {"password": ""}},
    {"config": {"region": "us-west-2"}},
    None,
)

names = st.sampled_from(NAMES)
edits = st.builds(Edit, names, st.sampled_from(BY_HAND))
once, at_once = st.just(1), st.just(0)
soon = st.sampled_from([0, 0, 1, 2])
any_method = st.sampled_from([None, *METHODS])
mangled = st.sampled_from([other_id, without_id, older_version])

lost: st.SearchStrategy[Fault] = st.one_of(
    st.sampled_from([Refuse(), ResetBefore(), ResetAfter()]),
    st.integers(-1500, -1).map(CutAnswer),  # no answer is longer: every offset of each, and never the whole
    st.builds(Answer.html, st.sampled_from([500, 502, 503, 504]), forwarded=st.booleans()),
)
refused = st.builds(Echo, st.just(429), st.sampled_from(RATE_LIMITS)) | st.sampled_from([400, 401, 403, 500]).map(Echo)
portals = st.sampled_from(
    [Answer.html(200), Answer.html(403), Answer.html(404), Answer.redirect("https://elsewhere.example.com/")]
)
crashes = st.sampled_from(["before", "after", "answered"]).map(Crash)
conflicts = st.builds(Answer.json, st.just(409), st.just(CONFLICT), forwarded=st.booleans())
troubles = st.one_of(
    st.builds(Trouble, lost, any_method, st.sampled_from([1, 1, 1, 2, 5, 12]), soon),
    st.builds(Trouble, lost | crashes, st.just("POST"), once, at_once),
    st.builds(Trouble, refused, any_method, st.sampled_from([1, 1, 5]), soon),
    st.builds(Trouble, portals, any_method, once, soon),
    st.builds(Trouble, crashes, any_method, once, st.integers(0, 4)),
    st.builds(Trouble, st.builds(Meanwhile, edits, st.booleans()), st.sampled_from(METHODS), once, at_once),
    st.builds(Trouble, conflicts, st.sampled_from(["POST", "PATCH"]), once, at_once),
    st.builds(Trouble, st.builds(Mangle, mangled), st.sampled_from(["GET", "PATCH"]), once, at_once),
    # Another ID in the answer to a POST is beyond anybody's means: there is nothing to compare it with.
    st.builds(
        Trouble, st.builds(Mangle, mangled.filter(lambda each: each is not other_id)), st.just("POST"), once, at_once
    ),
    st.builds(Trouble, st.builds(Unchanged, forwarded=st.booleans()), st.just("PATCH"), once, at_once),
    st.just(Trouble(Outage())),
)
some_troubles = st.lists(troubles, min_size=1, max_size=3)


# What may be declared ---------------------------------------------------------------------------------------


@st.composite
def stores(draw: st.DrawFn) -> tuple[str, Props]:
    """The name of a store and its arguments; its host or its table begins with the name.

    Most of them differ in nothing that a listing shows: then they can be taken for each other.
    """
    name = draw(names)
    arguments = {
        "project_key": "default",
        "environment_key": draw(_mostly("production", "staging")),
        "config": draw(_mostly(_redis, _dynamodb).flatmap(lambda config: config(name))),
        "name": draw(_mostly(None, "Store", "Other store")),
        "on": draw(_mostly(False, True)),
        "tags": draw(_mostly(None, ["one"], ["two", "one"], ["one", "two", "three"])),
    }
    return name, _set_only(arguments)


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([*[usual] * 3, *others])


def _redis(name: str) -> st.SearchStrategy[Props]:
    config = {
        "host": st.sampled_from([f"{name}.store", f"{name}.store.example.com"]),
        "port": st.sampled_from([None, 6379, 6380]),
        "username": st.sampled_from([None, "", "launchdarkly"]),
        "password": st.sampled_from([None, *PASSWORDS]),
        "tls_enabled": st.sampled_from([None, False, True]),
    }
    return st.fixed_dictionaries(config).map(_set_only)


def _dynamodb(name: str) -> st.SearchStrategy[Props]:
    config = samples.dynamodb()["config"] | {"table_name": f"{name}.table"}
    return st.sampled_from([config, config | {"region": "us-east-1"}])


def _set_only(values: Props) -> Props:
    return {name: value for name, value in values.items() if value is not None}


def _checked(arguments: Props) -> Props:
    return {**arguments, "integration_key": models.integration_key_of(arguments["config"])}


def _without_password(arguments: Props) -> Props:
    return {**arguments, "config": {**arguments["config"], "password": None}}


# The machine ------------------------------------------------------------------------------------------------


class Orphan(NamedTuple):
    """An integration that no state knows.

    :param arguments: what the program declared when it was made.
    :param noted: whether the provider has promised to find it again by itself.
    """

    name: str
    arguments: Props
    noted: bool


class Care(Enum):
    """What people do about orphans before the next ``up``."""

    TRUST = "let the provider find what it has promised to find, and delete the others"
    DELETE = "delete them"
    ADOPT = "pulumi refresh --import-pending-creates"
    MOVE = "delete them, and run the next update on another machine"


cares = st.sampled_from(Care)


class Machine(RuleBasedStateMachine):
    """Three stores that may be declared, and everything that may happen to them."""

    worlds: list[World]
    sound = False
    """Whether a rule has ended well; what follows on a failure would only hide it."""
    ended_well = 0
    """How many runs of the machine were sound to their ends."""

    @initialize(index=st.integers(0, len(DIFFERENCES) - 1), program=st.lists(stores(), min_size=1, max_size=3))
    def begin(self, index: int, program: list[tuple[str, Props]]) -> None:
        """An empty account, a new machine, and a program that is not deployed yet."""
        self.emulator, self.proxy, self.home = self.worlds[index]
        self.proxy.clear()
        for integration_id in self.emulator.integrations:
            self.emulator.remove(integration_id)
        self.emulator.clear_requests()
        self.forget_machine()
        address = Settings(access_token=samples.TOKEN, token_source="the test", base_url=self.proxy.url)
        self.deployment = Deployment(address)
        self.deployment.program = dict(program)
        self.orphans: dict[str, Orphan] = {}
        self.strangers: dict[str, Props] = {}
        self.passwords = {""}
        self.given_names: dict[str, str] = {}
        self.stored_passwords: dict[str, str] = {}
        self.sound = True

    # What people do.

    @rule(store=stores(), only=st.none() | st.sampled_from(["name", "on", "tags", "config"]))
    def declare(self, store: tuple[str, Props], only: str | None) -> None:
        """The program declares a store, or changes one: a field, or all of it."""
        name, arguments = store
        old = self.deployment.program.get(name)
        if old is not None and only is not None:
            kept = {key: value for key, value in old.items() if key != only}
            arguments = kept | {key: value for key, value in arguments.items() if key == only}
        self.deployment.program[name] = arguments

    @precondition(lambda self: self.deployment.program)
    @rule(name=names)
    def forget(self, name: str) -> None:
        """The program no longer declares a store."""
        self.deployment.program.pop(name, None)

    @precondition(lambda self: self.deployment.state)
    @rule(edit=edits)
    def edit_outside(self, edit: Edit) -> None:
        """Somebody edits or deletes a store in LaunchDarkly."""
        self.edit(edit)

    @precondition(lambda self: self.deployment.program)
    @rule(name=names)
    def make_a_look_alike(self, name: str) -> None:
        """Somebody makes a store in LaunchDarkly that a listing cannot tell from a declared one."""
        arguments = self.deployment.program.get(name)
        if arguments is not None:
            place = "host" if "host" in arguments["config"] else "table_name"
            inputs = _checked({**arguments, "config": arguments["config"] | {place: "stranger"}})
            document = self.emulator.outside_create(*models.keys_of(inputs), **models.create_body(inputs))
            self.strangers[document["_id"]] = document
            self.passwords.add(inputs["config"].get("password", ""))

    # What the engine does.

    @precondition(lambda self: self.deployment.program or self.deployment.state)
    @rule(found=some_troubles, refresh=st.booleans(), care=cares)
    def up(self, found: list[Trouble], refresh: bool, care: Care) -> None:
        """The program is deployed, come what may."""
        self.look_after_orphans(care)
        before = self.run(lambda: self.deployment.up(refresh=refresh), found)
        self.require_what_succeeded(before, found)
        self.sound = True

    @precondition(lambda self: self.deployment.state)
    @rule(found=some_troubles)
    def preview(self, found: list[Trouble]) -> None:
        """A preview changes nothing."""
        state = dict(self.deployment.state)
        self.run(self.deployment.preview, found)
        assert self.deployment.state == state
        self.require_only_reads()
        self.sound = True

    @precondition(lambda self: self.deployment.state)
    @rule(found=some_troubles)
    def refresh(self, found: list[Trouble]) -> None:
        """A refresh changes nothing but the state."""
        self.run(self.deployment.refresh, found)
        self.require_only_reads()
        self.sound = True

    @precondition(lambda self: self.deployment.program or self.deployment.state)
    @rule(refresh=st.booleans(), care=cares)
    def recover(self, refresh: bool, care: Care) -> None:
        """Once the trouble is over, one ``up`` is enough; another one where it asks people to look first."""
        self.look_after_orphans(care)
        before = self.run(lambda: self.deployment.up(refresh=refresh), [])
        if any(_asks_a_person(call) for call in self.deployment.calls):
            self.look_after_orphans(Care.DELETE)
            before = self.run(self.deployment.up, [])
        assert [call for call in self.deployment.calls if not call.succeeded] == []
        self.require_what_succeeded(before, [])
        self.require_deployed(before)
        self.run(self.deployment.preview, [])
        assert self.deployment.changes == dict.fromkeys(self.deployment.program, False)
        self.require_only_reads()
        self.sound = True

    def teardown(self) -> None:
        """At the end of each example."""
        if self.sound:
            self.recover(refresh=False, care=Care.TRUST)
            type(self).ended_well += 1

    # How it is done.

    def edit(self, edit: Edit) -> None:
        """Edits the oldest integration of a declared store from outside, if it has such fields."""
        for id_ in self.emulator.integrations:
            config = self.emulator.stored_config(id_)
            if made_for(config) == edit.name:
                break
        else:
            return
        if edit.fields is None:
            self.emulator.remove(id_)
        elif edit.fields.get("config", {}).keys() <= config.keys():
            self.emulator.outside_edit(id_, edit.fields)
            self.passwords.add(edit.fields.get("config", {}).get("password", ""))
            if "name" in edit.fields:
                self.given_names[id_] = edit.fields["name"]

    def look_after_orphans(self, care: Care) -> None:
        """What an error or an interrupted create has asked people to do."""
        if care is Care.MOVE:
            self.forget_machine()
        for id_, orphan in list(self.orphans.items()):
            if id_ not in self.emulator.integrations:
                del self.orphans[id_]
            elif not (care is Care.TRUST and orphan.noted and self.can_be_found_again(id_, orphan)):
                del self.orphans[id_]
                if care is Care.ADOPT and orphan.name in self.deployment.program.keys() - self.deployment.state.keys():
                    self.adopt(orphan.name, id_)
                else:
                    self.emulator.remove(id_)

    def can_be_found_again(self, integration_id: str, orphan: Orphan) -> bool:
        """Whether the next ``up`` creates the same store, but for its password, and nobody has edited it meanwhile.

        A provider is not told which resource it creates: of one that is declared otherwise by then it cannot
        know that it is the same, and neither of an integration that others have changed.
        """
        arguments = self.deployment.program.get(orphan.name)
        old = self.deployment.state.get(orphan.name)
        return (
            arguments is not None
            and _without_password(arguments) == _without_password(orphan.arguments)
            and (old is None or bool(models.replaced_by(old.outputs, _checked(arguments))))
            and Account.of(self.emulator).differences(integration_id, _checked(orphan.arguments)) == {}
        )

    def adopt(self, name: str, integration_id: str) -> None:
        """Brings an integration into the state."""
        document = self.emulator.integrations[integration_id]
        project, environment, kind = (document[f.api_name] for f in models.KEY_FIELDS)
        self.deployment.import_pending(name, str(IntegrationId(project, environment, kind, integration_id)))

    def forget_machine(self) -> None:
        """Another machine: nothing is left of what earlier processes have noted."""
        shutil.rmtree(self.home / "launchdarkly", ignore_errors=True)

    def run(self, step: Callable[[], None], found: list[Trouble]) -> Account:
        """Lets the engine do something under troubles, and requires what must hold at any rate.

        :returns: the account as it was before.
        """
        self.sound = False
        before = Account.of(self.emulator)
        self.remember(before)
        known = self.deployment.known_ids
        self.proxy.clear_requests()
        for trouble in found:
            self.inject(trouble)
        down = Trouble(Outage()) in found
        if down:
            self.proxy.stop_listening()
        step()
        self.proxy.start_listening()
        self.proxy.settle()
        self.proxy.clear()
        assert self.proxy.failures == []
        assert not (down and self.proxy.requests)
        after = Account.of(self.emulator)
        self.require_bounded_and_discreet()
        self.require_nothing_lost(known, after)
        self.require_nothing_twice(before, found, after)
        self.require_nothing_foreign(after)
        return before

    def remember(self, before: Account) -> None:
        """What will be compared with after a run."""
        self.passwords |= {each["config"].get("password", "") for each in self.deployment.program.values()}
        self.given_names = {id_: document["name"] for id_, document in before.documents.items()}
        self.stored_passwords = {
            resource.integration_id: resource.outputs["config"].get("password", "")
            for resource in self.deployment.state.values()
        }

    def inject(self, trouble: Trouble) -> None:
        """Queues the faults of a trouble."""
        fault = trouble.fault
        if isinstance(fault, Outage):
            return
        if isinstance(fault, Crash):
            then = {"before": ResetBefore(), "after": ResetAfter(), "answered": Forward()}[fault.moment]
            fault = Hook(self.deployment.time.kill, after_commit=fault.moment != "before", then=then)
        elif isinstance(fault, Meanwhile):
            edit = fault.edit
            fault = Hook(lambda: self.edit(edit), after_commit=fault.after_commit)
        elif isinstance(fault, Echo):
            fault = replace(fault, told_before=self.told_before)
        self.proxy.inject(*[Forward()] * trouble.after, *[fault] * trouble.times, method=trouble.method)

    def told_before(self, path: str) -> list[str]:
        """The passwords that the state has for the store that a request is about."""
        known = (*self.deployment.state.values(), *self.deployment.replaced)
        found = [each.outputs["config"].get("password") for each in known if path.endswith(each.integration_id)]
        return [password for password in found if password]

    # What must hold.

    def require_bounded_and_discreet(self) -> None:
        """Every call ends in time, and shows no secret."""
        for call in self.deployment.calls:
            limit = PREVIEW_TIME if call.kind == "diff" else DEFAULT_OPERATION_TIMEOUT
            assert call.seconds <= limit + SLACK, call
            assert leaks(call.error_text, *CANARIES) == [], call
        for text in self.deployment.shown:
            assert leaks(text, *CANARIES) == [], text

    def require_nothing_lost(self, known: set[str], after: Account) -> None:
        """Whatever the state knew it still knows, unless it is gone."""
        assert (known & after.documents.keys()) - self.deployment.known_ids == set(), self.deployment.calls

    def require_nothing_twice(self, before: Account, found: list[Trouble], after: Account) -> None:
        """Every integration of ours is in the state, but for those of which people or the provider have a note.

        Of these there is one for each create that failed for it, and none once the store has been created.
        """
        # The note goes with the answer: a process that dies right after it leaves something that nobody knows of.
        noted = not any(isinstance(each.fault, Crash) and each.fault.moment == "answered" for each in found)
        for name in NAMES:
            new = after.made_for(name) - before.documents.keys() - self.deployment.known_ids
            excuses = [call for call in self.deployment.calls if call.name == name and _may_leave_something(call)]
            assert len(new) <= len(excuses), self.deployment.calls
            crashed = any(call.crashed for call in excuses)
            self.orphans |= {id_: Orphan(name, self.deployment.program[name], crashed and noted) for id_ in new}
        for id_ in self.deployment.known_ids & self.orphans.keys():
            del self.orphans[id_]
        created = {call.name for call in self.deployment.calls if call.kind == "create" and call.succeeded}
        assert created & {orphan.name for orphan in self.orphans.values()} == set(), self.deployment.calls
        ours = {id_ for name in NAMES for id_ in after.made_for(name)}
        assert ours - self.deployment.known_ids - self.orphans.keys() == set()
        assert len(self.deployment.state) == len({each.id for each in self.deployment.state.values()})

    def require_nothing_foreign(self, after: Account) -> None:
        """Strangers' stores, names that nobody manages, and passwords are as people have given them."""
        for id_, document in self.strangers.items():
            assert after.documents.get(id_, {}) | {"_status": None} == document | {"_status": None}
        declared = {
            resource.integration_id: self.deployment.program.get(resource.name, {}).get("name")
            for resource in self.deployment.state.values()
        }
        for id_ in self.given_names.keys() & after.documents.keys():
            assert after.documents[id_]["name"] in (self.given_names[id_], declared.get(id_) or self.given_names[id_])
        assert {after.password(id_) for id_ in after.configs} <= self.passwords

    def require_only_reads(self) -> None:
        """Nothing but GETs was sent."""
        assert {seen.method for seen in self.proxy.requests} <= {"GET"}

    def require_what_succeeded(self, before: Account, found: list[Trouble]) -> None:
        """What the engine takes for created or updated is as it was asked for, where nobody has edited meanwhile."""
        if any(isinstance(trouble.fault, Meanwhile) for trouble in found):
            return
        after = Account.of(self.emulator)
        for call in self.deployment.calls:
            if call.kind in ("create", "update") and call.succeeded:
                self.require_as_asked(self.deployment.state[call.name], before, after, found)

    def require_as_asked(self, resource: Resource, before: Account, after: Account, found: list[Trouble]) -> None:
        """LaunchDarkly has the resource's inputs, but for a password that a mask cannot tell from the right one.

        Where the state had the right one already, and the mask fits, an edit from outside cannot be seen, nor an
        update that failed after its commit and was then taken back in the program. Where LaunchDarkly says that
        it has applied a password, and has not, the mask is all there is to doubt it by.
        """
        id_ = resource.integration_id
        different = after.differences(id_, resource.inputs)
        has, wanted = different.get("config.password", ("", ""))
        unseen = self.stored_passwords.get(id_) == wanted or any(isinstance(each.fault, Unchanged) for each in found)
        if unseen and has == before.password(id_) and models.may_be_mask_of(mask(has), wanted):
            different.pop("config.password", None)
        assert different == {}, resource.inputs

    def require_deployed(self, before: Account) -> None:
        """The account is what the program declares, no more and no less."""
        after = Account.of(self.emulator)
        assert self.deployment.state.keys() == self.deployment.program.keys()
        assert self.deployment.replaced == []
        for name, resource in self.deployment.state.items():
            assert after.made_for(name) == {resource.integration_id}
            self.require_as_asked(resource, before, after, [])
        assert after.documents.keys() - self.strangers.keys() == self.deployment.known_ids


def _asks_a_person(call: Call) -> bool:
    return call.kind == "create" and NOT_KNOWN in call.error_text


def _may_leave_something(call: Call) -> bool:
    return call.kind == "create" and (call.crashed or _asks_a_person(call))


@pytest.mark.parametrize("shard", range(SHARDS))
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
