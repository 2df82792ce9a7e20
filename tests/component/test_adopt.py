"""Adopting a store: what keeps an ``import_`` option from being meant, what a preview says, and what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launchdarkly_pulumi.core.own import Hold
from launchdarkly_pulumi.dynamic import adoption
from launchdarkly_pulumi.dynamic.adoption import Adoptions
from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED
from launchdarkly_pulumi.errors import AlreadyManaged, InvalidId, NothingToAdopt, Unreachable
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.fields import UNKNOWN
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.desired import but, ignoring, redis
from support.fault_proxy import Answer
from support.managed import Stack, stack_of
from support.runs import about, urn

SECRET_SENT = 'PATCH [{"op":"replace","path":"/config/password","value":"[secret]"}]'
NOWHERE = "default/production/redis/000000000000000000000000"


# What the option may mean.


def test_every_part_that_does_not_fit_is_named() -> None:
    """One problem each."""
    found = adoption.problems("other/staging/dynamodb/57c0", redis())
    assert [problem.split(" has the ")[1] for problem in found] == [
        "project_key other, but the program declares 'default'",
        "environment_key staging, but the program declares 'production'",
        "integration_key dynamodb, but the program declares 'redis'",
    ]


def test_what_is_no_id_is_the_only_problem() -> None:
    """It says what one looks like."""
    with pytest.raises(InvalidId) as error:
        IntegrationId.parse("57c0")
    assert list(adoption.problems("57c0", redis())) == [f"import_: {error.value}"]


def test_what_is_not_known_yet_may_fit() -> None:
    """The update knows more."""
    assert list(adoption.problems("other/production/redis/57c0", redis(project_key=UNKNOWN))) == []


def test_the_option_asks_until_the_resource_has_what_it_names() -> None:
    """Or had it once; another ID asks anew, and another resource for itself."""
    adoptions = Adoptions()
    wants, other = {ADOPTED: "x"}, {ADOPTED: "y"}
    assert adoptions.asked_by("a", wants)
    assert adoptions.asked_by("a", {}) is None
    adoptions.notice("a", wants, None, "y")
    assert adoptions.asked_by("a", wants)
    adoptions.notice("a", wants, "y", "x")
    assert adoptions.asked_by("a", wants) is None
    assert adoptions.asked_by("a", other)
    assert adoptions.asked_by("b", wants)


def test_what_is_settled_of_one_resource_stays_so() -> None:
    """Whatever is noticed of others afterwards."""
    adoptions = Adoptions()
    for name in ("a", "b"):
        adoptions.notice(name, {ADOPTED: "x"}, "x")
    assert [adoptions.asked_by(name, {ADOPTED: "x"}) for name in ("a", "b", "c")] == [None, None, "x"]


def test_without_the_option_nothing_is_settled() -> None:
    """Neither now nor in the state."""
    adoptions = Adoptions()
    adoptions.notice("a", {}, None)
    assert adoptions.asked_by("a", {ADOPTED: "x"})


# A store of an account.


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Of one store, ``a``."""
    with stack_of(tmp_path, 1) as stack:
        stack.again(stores={})
        yield stack


def look(stack: Stack, declared: Desired, name: str = "b", wanted: str = "") -> Desired:
    """What a preview does where a resource adopts a store, by default ``a``."""
    return adoption.announce(stack.run, about(name), wanted or str(stack["a"]), declared)


def adopt(stack: Stack, declared: Desired, name: str = "b", wanted: str = "") -> Applied:
    """What an update does."""
    return stack.run.adopt(about(name), IntegrationId.parse(wanted or str(stack["a"])), declared).applied


def test_a_preview_shows_what_is_sent(stack: Stack) -> None:
    """The password in any case: a mask does not prove that it is the declared one. Nothing is changed."""
    assert look(stack, redis()) == redis()
    assert stack.shown.infos == [f"{stack['a']}: will be adopted. {SECRET_SENT}"]
    assert [each.urn for each in stack.shown.messages] == [urn("b")]
    assert stack.methods == ["GET"]


def test_what_was_shown_is_what_is_sent(stack: Stack) -> None:
    """In the same run without another read."""
    inputs = redis(on=False, config={"host": "new.example.com"})
    look(stack, inputs)
    reached = adopt(stack, inputs)
    assert stack.methods == ["GET", "PATCH"]
    [body] = [request.body for request in stack.emulator.requests if request.method == "PATCH"]
    assert [operation["path"] for operation in body] == ["/version", "/on", "/config/host", "/config/password"]
    for path in ("/on", "/config/host", "/config/password"):
        assert path in stack.shown.infos[0]
    assert (reached.desired, reached.compared) == (inputs, True)
    config = stack.emulator.stored_config(stack["a"].integration_id)
    assert config == document_of(inputs)["config"]


def test_the_password_is_sent_though_its_mask_fits(stack: Stack) -> None:
    """LaunchDarkly has another one, of the same mask."""
    stack.edit("a", config={"password": f"{samples.PASSWORD[:3]} another {samples.PASSWORD[-3:]}"})
    adopt(stack, redis())
    assert stack.emulator.stored_config(stack["a"].integration_id)["password"] == samples.PASSWORD


def test_without_a_password_it_is_as_it_is(stack: Stack) -> None:
    """Nothing is sent, and the preview says so."""
    stack.edit("a", config={"password": ""})
    inputs = redis(config={"password": ""})
    look(stack, inputs)
    assert stack.shown.infos == [f"{stack['a']}: will be adopted as it is."]
    assert adopt(stack, inputs).compared
    assert stack.writes == []


def test_a_password_that_the_program_does_not_declare_goes(stack: Stack) -> None:
    """It is a difference like any other."""
    inputs = redis(config={"password": ""})
    look(stack, inputs)
    assert stack.shown.infos == [f"{stack['a']}: will be adopted. {SECRET_SENT}"]


def test_what_the_program_marks_as_secret_is_not_shown(stack: Stack) -> None:
    """Though LaunchDarkly shows it."""
    look(stack, redis(config={"username": "a marked name"}, _secrets=["config.username"]))
    [line] = stack.shown.infos
    assert "/config/username" in line
    assert "a marked name" not in line


# Fields whose changes are ignored.


def test_ignored_fields_are_taken_as_they_are(stack: Stack) -> None:
    """Inside the config and outside of it: neither is sent, and the state has what LaunchDarkly has."""
    stack.edit("a", on=False, config={"port": "1234", "password": ""})
    inputs = ignoring(redis(config={"password": ""}), "on", "config.port")
    adopted = look(stack, inputs)
    assert (adopted.values["on"], adopted.values["config"]["port"]) == (False, 1234)
    assert stack.shown.infos == [f"{stack['a']}: will be adopted as it is."]
    reached = adopt(stack, adopted)
    assert stack.writes == []
    assert (reached.desired, reached.compared) == (adopted, False)


def test_only_ignored_fields_are_taken(stack: Stack) -> None:
    """The others are the program's."""
    stack.edit("a", name="Theirs", config={"port": "1234", "host": "theirs.example.com"})
    adopted = look(stack, ignoring(redis(), "config.port"))
    assert adopted == ignoring(redis(config={"port": 1234}), "config.port")


def test_an_ignored_field_that_launchdarkly_has_not_is_not_set(stack: Stack) -> None:
    """As where the program says nothing about it."""
    stack.edit("a", tags=[])
    adopted = look(stack, ignoring(redis(), "tags", "config.host"))
    assert list(adopted.values["tags"]) == []
    assert adopted.values["config"]["host"] == "redis.example.com"


def test_an_ignored_password_is_not_sent(stack: Stack) -> None:
    """Nor its mask; the state does not claim to know it."""
    stack.edit("a", config={"password": "theirs, and secret"})
    inputs = ignoring(redis(), "config.password")
    adopted = look(stack, inputs)
    assert stack.shown.infos == [f"{stack['a']}: will be adopted as it is."]
    assert not adopt(stack, adopted).compared
    assert stack.writes == []
    assert "***" not in str(adopted)


def test_an_ignored_config_that_is_not_known_yet_stays_so(stack: Stack) -> None:
    """There is nothing to put the values into."""
    stack.proxy.stop_listening()
    declared = ignoring(but(redis(), config=UNKNOWN), "config.port", "on")
    assert look(stack, declared).values["config"] == UNKNOWN


# Stores that cannot be looked at.


def test_out_of_reach_a_preview_says_only_that_it_will_be_adopted(stack: Stack) -> None:
    """And why it knows no more."""
    stack.proxy.stop_listening()
    assert look(stack, redis()) == redis()
    assert stack.shown.infos == [f"{stack['a']}: will be adopted."]
    assert "cannot be reached" in stack.shown.warnings[0]


def test_what_is_gone_cannot_be_adopted(stack: Stack) -> None:
    """Neither in a preview nor in an update that had none."""
    for call in (look, adopt):
        with pytest.raises(NothingToAdopt, match=f"^there is no integration {NOWHERE} in LaunchDarkly to adopt"):
            call(stack, redis(), wanted=NOWHERE)
    assert stack.writes == []


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_past_the_deadline_nothing_is_sent(stack: Stack, is_looked_at: bool) -> None:
    """Neither a read nor a patch."""
    if is_looked_at:
        look(stack, redis())
    requests = stack.methods
    deadline = stack.run.session.deadline(5.0)
    stack.time.now += 6.0
    with pytest.raises(Unreachable):
        stack.run.writers.adopter.adopt(about("b"), stack["a"], redis(), deadline)
    assert stack.methods == requests


def test_a_claim_is_made_once_it_is_adopted(stack: Stack) -> None:
    """Other processes of this run look there before they delete it."""
    look(stack, redis())
    stack.proxy.inject(Answer.json(403, {"code": "forbidden", "message": "no"}), method="PATCH")
    with pytest.raises(Exception, match="403"):
        adopt(stack, redis())
    assert list(stack.folder.glob("adoptions/*")) == []
    adopt(stack, redis())
    before = stack.run
    stack.again()
    assert stack.run.writers.notes.adoptions.claimed_by(stack["a"].integration_id) == urn("b")
    assert before is not stack.run


@pytest.mark.parametrize("is_known", [True, False])
def test_without_a_note_nothing_moves_that_may_be_deleted(stack: Stack, is_known: bool) -> None:
    """The resource that has it, or may have it where nobody can read the state, is deleted by another process."""
    stack.folder.joinpath("adoptions").write_text("")
    stack.again(stores=stack.stores if is_known else None)
    with pytest.raises(AlreadyManaged) as error:
        adopt(stack, redis())
    assert str(error.value) == (
        f"{stack['a']} cannot move to b: no note of it can be kept (see the warning), and without one the delete of "
        f"{urn('a') if is_known else 'the resource that has it'} could delete it in LaunchDarkly"
    )
    assert stack.writes == []


def test_without_a_note_what_nobody_has_is_adopted(stack: Stack) -> None:
    """No delete can follow; people learn that notes cannot be kept."""
    stack.folder.joinpath("adoptions").write_text("")
    adopt(stack, redis())
    assert (stack.writes, len(stack.shown.warnings)) == (["PATCH"], 1)


# Whose it is.


def test_what_the_program_no_longer_declares_moves(stack: Stack) -> None:
    """The preview says from where."""
    stack.again(stores=stack.stores)
    stack.run.program.urns = frozenset({urn("b")})
    look(stack, redis())
    assert stack.shown.infos == [f"{stack['a']}: moves from a to b. {SECRET_SENT}"]
    adopt(stack, redis())
    assert stack.run.owners.others(urn("a"), stack["a"]) == {urn("b"): Hold.GAINED}


def test_out_of_reach_a_preview_still_says_from_where_it_moves(stack: Stack) -> None:
    """The state knows that."""
    stack.again(stores=stack.stores, live_diff=False)
    look(stack, redis())
    assert stack.shown.infos == [f"{stack['a']}: moves from a to b."]


def test_what_moves_as_it_is_says_so(stack: Stack) -> None:
    """Nothing is sent."""
    stack.edit("a", config={"password": ""})
    stack.again(stores=stack.stores)
    look(stack, redis(config={"password": ""}))
    assert stack.shown.infos == [f"{stack['a']}: moves from a to b as it is."]


def test_what_the_program_still_declares_cannot_be_adopted(stack: Stack) -> None:
    """Before anything is asked of LaunchDarkly, in a preview and in an update."""
    stack.again(stores=stack.stores)
    stack.run.program.urns = frozenset({urn("a"), urn("b")})
    for call in (look, adopt):
        with pytest.raises(AlreadyManaged, match=f"^{stack['a']} is managed by a already: b cannot manage it too$"):
            call(stack, redis())
    assert stack.methods == []


def test_two_resources_cannot_ask_for_the_same(stack: Stack) -> None:
    """The first one that does gets it; every other one is refused, in a preview and in an update."""
    look(stack, redis(), "b")
    for call in (look, adopt):
        with pytest.raises(AlreadyManaged, match="is managed by b already: c cannot manage it too"):
            call(stack, redis(), "c")
    assert stack.writes == []
    adopt(stack, redis(), "b")
    assert stack.writes == ["PATCH"]


def test_a_resource_may_ask_for_its_own(stack: Stack) -> None:
    """It is in the state under its own name: nothing moves."""
    stack.again(stores=stack.stores)
    stack.run.program.urns = frozenset({urn("a")})
    assert stack.run.writers.adopter.ask(urn("a"), stack["a"]) == ""


def test_where_nobody_can_read_the_state_what_the_run_has_met_decides(stack: Stack) -> None:
    """The diff of the other resource comes before, or after it, and refuses one of both."""
    stack.again(stores=None)
    stack.run.owners.hold(urn("a"), stack["a"])
    with pytest.raises(AlreadyManaged):
        look(stack, redis())
    assert stack.run.writers.adopter.ask(urn("c"), IntegrationId.parse(NOWHERE)) == ""
