"""What a preview compares with, and what it says about a store that it could not read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core import compare as core_compare
from launchdarkly_pulumi.core.compare import describe_drift
from launchdarkly_pulumi.errors import AccessDenied, NotCompared, NotFound, StoresNotSeen, UnexpectedAnswer
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import hidden_pointers
from support import samples
from support.desired import redis
from support.fault_proxy import Answer, Delay, Fault, Mangle, ResetBefore
from support.managed import Stack, known, stack_of
from support.runs import about, urn


class Found(NamedTuple):
    """What a preview finds of a store."""

    changed: bool
    gone: bool = False


OUT_OF_REACH = "Compared with the stack's state, not with LaunchDarkly: "
SAME, CHANGED, GONE = Found(changed=False), Found(changed=True), Found(changed=True, gone=True)
ERROR = Answer.json(500, {"code": "internal", "message": "oops"})
SLOW_DOWN = Answer.json(429, {"code": "rate_limited", "message": "slow down"})
FORBIDDEN = Answer.json(403, {"code": "forbidden", "message": "no"})


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Of four stores."""
    with stack_of(tmp_path, 4) as stack:
        stack.run.program.declares = True
        yield stack


def compare(stack: Stack, name: str, inputs: Any = None, has: Applied | None = None) -> Found:
    """What the preview finds of a store."""
    has = has or known()
    declared = inputs or has.desired
    found = stack.run.comparer.compare(about(name), stack[name], has, declared)
    if found.updates:
        stack.shown.info(found.describe(stack[name], hidden_pointers("redis", has.desired, declared)))
    return Found(found.updates or found.gone, found.gone)


def compare_all(stack: Stack, names: str = "abcd", **options: Any) -> list[Found]:
    """The same of several."""
    return [compare(stack, name, **options) for name in names]


# Everything is there.


def test_stores_that_are_as_declared_are_unchanged(stack: Stack) -> None:
    """One read and one listing; nothing is said."""
    assert compare_all(stack) == [SAME] * 4
    assert (stack.methods, stack.shown.messages) == (["GET", "GET"], [])


def test_what_the_listing_has_proven_is_not_compared_again(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once was enough; with hundreds of stores it adds up."""
    compare(stack, "a")
    monkeypatch.setattr(core_compare, "difference", None)
    assert compare(stack, "b") == SAME


def test_a_change_of_the_program_is_found_for_every_store(stack: Stack) -> None:
    """Also where the listing has proven that the store is as the state has it: that is not as declared."""
    found = compare_all(stack, inputs=redis(config={"host": "new.example.com"}))
    assert found == [CHANGED] * 4
    patch = '[{"op":"replace","path":"/config/host","value":"new.example.com"}]'
    assert stack.shown.infos == [f"{stack[name]}: PATCH {patch}" for name in "abcd"]


@pytest.mark.parametrize("name", ["a", "d"])
def test_drift_is_found_wherever_the_store_stands(stack: Stack, name: str) -> None:
    """Of the first store and of the last one."""
    stack.edit(name, on=False)
    found = dict(zip("abcd", compare_all(stack), strict=True))
    assert [each for each, comparison in found.items() if comparison.changed] == [name]
    assert stack.shown.infos == [
        f"{stack[name]}: changed in LaunchDarkly since the last update: on (true → false). "
        'PATCH [{"op":"replace","path":"/on","value":true}]'
    ]


@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_drift_of_a_config_that_was_not_compared_is_found(stack: Stack, name: str) -> None:
    """Whichever is read first: its version proves nothing."""
    stack.emulator._account._integrations[stack[name].integration_id].settings.config["host"] = "edited"
    has = replace(known(), compared=False)
    found = dict(zip("abcd", compare_all(stack, has=has), strict=True))
    assert [each for each, comparison in found.items() if comparison.changed] == [name]


def test_what_the_program_ignores_is_no_drift(stack: Stack) -> None:
    """Nor is it once the program has dropped the option without a difference."""
    stack.edit("b", on=False)
    has = known(_ignore_changes=["on"])
    assert compare(stack, "b", has=has) == SAME
    assert compare(stack, "b", inputs=redis(), has=has) == CHANGED


def test_secrets_are_not_shown(stack: Stack) -> None:
    """Neither the old nor the new one, nor a marked field of either side."""
    inputs = redis(config={"password": "a new secret", "username": "marked"}, _secrets=["config.username"])
    compare(stack, "a", inputs=inputs)
    [line] = stack.shown.infos
    assert "secret]" in line
    assert [each for each in ("a new secret", "marked", "kanarienvogel", '"launchdarkly"') if each in line] == []


@pytest.mark.parametrize("of_state", [True, False])
def test_what_either_side_marks_as_secret_is_not_shown(stack: Stack, of_state: bool) -> None:
    """The program may just have dropped the mark, or set it."""
    marked = {"_secrets": ["config.username"]}
    has = known(**(marked if of_state else {}))
    inputs = redis(config={"username": "another name"}, **({} if of_state else marked))
    assert compare(stack, "a", inputs, has) == CHANGED
    [line] = stack.shown.infos
    assert "/config/username" in line
    assert "another name" not in line


def test_secrets_of_both_sides_are_hidden_in_whatever_comes_back(stack: Stack) -> None:
    """A server may echo either."""
    compare(stack, "a", inputs=redis(config={"password": "a new secret"}))
    shown = stack.run.session.without_secrets(f"{samples.PASSWORD} and a new secret")
    assert (samples.PASSWORD in shown, "a new secret" in shown) == (False, False)


# Stores that are gone.


def test_what_is_gone_beside_others_is_recreated(stack: Stack) -> None:
    """Another store is proof that the token sees the account."""
    stack.remove("b")
    assert compare_all(stack, "ab") == [SAME, GONE]
    assert stack.shown.messages == []


def test_what_is_gone_first_is_judged_by_the_state(stack: Stack) -> None:
    """No other store was seen yet in this run."""
    stack.remove("a")
    stack.again(stores=stack.stores)
    assert compare(stack, "a") == GONE


def test_a_token_that_sees_none_of_the_stores_recreates_none(stack: Stack) -> None:
    """Each of them is an error."""
    stack.remove(*"abcd")
    stack.again(stores=stack.stores)
    for name in "abcd":
        with pytest.raises(StoresNotSeen, match=f"^{stack[name]} is gone in LaunchDarkly, or .*'{urn(name)}'$"):
            compare(stack, name)
    assert stack.shown.infos == []


# Stores that another one is to take the place of.


def look(stack: Stack, *names: str) -> None:
    """Looks at stores that are about to be replaced."""
    for name in names:
        stack.run.comparer.require_account(about(name), stack[name], known())


def test_stores_that_are_replaced_are_looked_at(stack: Stack) -> None:
    """With a listing, as for a comparison; what was seen is a proof for the others."""
    stack.again(stores={})
    look(stack, "a", "b", "c")
    assert stack.methods == ["GET", "GET"]
    stack.remove("d")
    look(stack, "d")


def test_what_is_gone_may_be_replaced(stack: Stack) -> None:
    """The state's other stores are seen."""
    stack.remove("a")
    stack.again(stores=stack.stores)
    look(stack, "a")
    assert stack.shown.messages == []


def test_a_token_that_sees_none_of_the_stores_replaces_none(stack: Stack) -> None:
    """It may be one for another account."""
    stack.remove(*"abcd")
    stack.again(stores=stack.stores)
    with pytest.raises(StoresNotSeen, match=f"^{stack['a']} is gone in LaunchDarkly, or .*'{urn('a')}'$"):
        look(stack, "a")


# One store that cannot be read.

UNREADABLE: list[tuple[str, list[Fault]]] = [
    ("500 internal: oops", [ERROR] * MAX_ATTEMPTS),
    ("broke the connection", [ResetBefore()] * MAX_ATTEMPTS),
    ("429 rate_limited: slow down", [SLOW_DOWN] * MAX_ATTEMPTS),
]


@pytest.mark.parametrize(("reason", "faults"), UNREADABLE, ids=[reason for reason, _ in UNREADABLE])
def test_an_unreadable_store_hides_nobody_else_s_drift(stack: Stack, reason: str, faults: list[Fault]) -> None:
    """The warning is its own; the listing tells that LaunchDarkly is there."""
    stack.edit("d", on=False)
    stack.proxy.inject(*faults, method="GET")
    assert compare_all(stack) == [SAME, SAME, SAME, CHANGED]
    [warning] = stack.shown.warnings
    assert warning.startswith(f"{stack['a']}: compared with the stack's state, not with LaunchDarkly: ")
    assert reason in warning
    assert warning.endswith(". Its drift is not seen.")
    assert not stack.run.gates._out_of_reach


def test_an_unreadable_store_is_compared_with_the_state(stack: Stack) -> None:
    """What the program changes is shown all the same."""
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, method="GET")
    assert compare(stack, "a", inputs=redis(on=False, config={"host": "new.example.com"})) == CHANGED
    assert stack.shown.infos == [
        f'{stack["a"]}: PATCH [{{"op":"replace","path":"/on","value":false}},'
        '{"op":"replace","path":"/config/host","value":"new.example.com"}]'
    ]


def test_the_difference_says_that_it_was_compared_with_the_state(stack: Stack) -> None:
    """And of a store that was read, that it was compared with LaunchDarkly."""
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, method="GET")
    sides = [
        stack.run.comparer.compare(about(name), stack[name], known(), redis(on=False)).compared_with for name in "ab"
    ]
    assert sides == ["state", "live"]


def test_a_store_is_read_without_the_listing_unless_there_are_others(stack: Stack) -> None:
    """Whether it is compared or only read."""
    stack.run.comparer.compare(about("a"), stack["a"], known(), redis())
    stack.again()[0].comparer.live(stack["b"], known())
    for thread in threading.enumerate():
        if thread.name == "launchdarkly-listing":
            thread.join()
    assert stack.methods == ["GET", "GET"]


def test_a_password_that_launchdarkly_alone_knows_is_no_change(stack: Stack) -> None:
    """Also where its mask cannot be read: nothing would be sent for it."""
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, method="GET")
    assert compare(stack, "a", inputs=redis(config={"password": REPLACED_OUTSIDE})) == SAME


def test_an_unreadable_store_is_no_proof_of_the_others(stack: Stack) -> None:
    """Nothing was seen of it."""
    stack.remove(*"bcd")
    stack.again(stores={urn("b"): stack["b"]})
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, method="GET")
    assert compare(stack, "a") == SAME
    with pytest.raises(StoresNotSeen):
        compare(stack, "b")


def test_a_store_that_the_listing_speaks_for_need_not_be_read(stack: Stack) -> None:
    """Also where the first one could not be read."""
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, method="GET")
    compare_all(stack)
    assert stack.methods.count("GET") == MAX_ATTEMPTS + 1


@pytest.mark.parametrize("fault", [FORBIDDEN, Answer.html(404), Answer.html(200)], ids=["403", "404", "page"])
def test_a_listing_that_is_refused_says_nothing_against_launchdarkly(stack: Stack, fault: Fault) -> None:
    """A token may not list: each store is read, and the unreadable one alone is told."""
    stack.proxy.inject(*[ERROR] * MAX_ATTEMPTS, fault, method="GET")
    assert compare_all(stack) == [SAME] * 4
    assert [str(stack["a"]) in warning for warning in stack.shown.warnings] == [True]
    assert not stack.run.gates._out_of_reach


@pytest.mark.parametrize("fault", [FORBIDDEN, Answer.html(200)])
def test_what_no_wait_mends_is_an_error(stack: Stack, fault: Fault) -> None:
    """A refused token, and something that is no integration."""
    stack.proxy.inject(fault, method="GET")
    with pytest.raises((AccessDenied, UnexpectedAnswer)):
        compare(stack, "a")


# LaunchDarkly is out of reach.


def out_of_reach(stack: Stack, reason: str) -> None:
    """One warning for the whole run, under the stack."""
    [message] = stack.shown.messages
    assert (message.severity, message.urn) == ("WARNING", "")
    assert message.text.startswith(OUT_OF_REACH)
    assert reason in message.text
    assert message.text.endswith(" Drift is not seen.")
    assert stack.run.gates._out_of_reach


def test_without_a_connection_the_state_has_to_do(stack: Stack) -> None:
    """No listing is asked for either."""
    stack.proxy.stop_listening()
    assert compare_all(stack) == [SAME] * 4
    out_of_reach(stack, "cannot be reached")
    assert len(stack.time.waits) == MAX_ATTEMPTS - 1


def test_a_launchdarkly_that_fails_altogether_is_out_of_reach(stack: Stack) -> None:
    """The listing fails as well; nothing more is asked for."""
    stack.proxy.inject(*[ERROR] * 2 * MAX_ATTEMPTS, method="GET")
    assert compare_all(stack) == [SAME] * 4
    out_of_reach(stack, "500 internal: oops")
    assert stack.methods == ["GET"] * 2 * MAX_ATTEMPTS


def test_an_account_that_has_no_requests_left_is_out_of_reach(stack: Stack) -> None:
    """The limit is the account's: its listing is refused as well."""
    stack.proxy.inject(*[SLOW_DOWN] * 2 * MAX_ATTEMPTS, method="GET")
    assert compare_all(stack) == [SAME] * 4
    out_of_reach(stack, "429 rate_limited: slow down")
    assert stack.methods == ["GET"] * 2 * MAX_ATTEMPTS


@pytest.mark.parametrize("setting", [{"live_diff": False}, {"access_token": None}], ids=["not wanted", "no token"])
def test_where_nothing_may_be_asked_nothing_is(stack: Stack, setting: dict[str, Any]) -> None:
    """Only a missing token is worth a word."""
    stack.again(**setting)
    assert compare_all(stack) == [SAME] * 4
    assert stack.methods == []
    if "live_diff" in setting:
        assert stack.shown.messages == []
    else:
        out_of_reach(stack, ": there is no access token (launchdarkly:accessToken or LAUNCHDARKLY_ACCESS_TOKEN). ")


def test_a_store_and_a_listing_that_both_take_long_are_out_of_reach(stack: Stack) -> None:
    """Neither comes in the time that a preview has; which of the attempts is named last is the machine's."""
    stack.proxy.inject(*[Delay(60)] * 4 * MAX_ATTEMPTS, method="GET")
    stack.again(operation_timeout=1.0, http_timeout=0.3)
    assert stack.run.comparer.live(stack["a"]) is None
    out_of_reach(stack, "127.0.0.1")
    stack.proxy.clear()
    stack.proxy.release()


# What cannot be compared, where it must be.


def required(stack: Stack, name: str = "a", **settings: Any) -> str:
    """The error of a store whose comparison is required."""
    stack.again(live_diff="required", **settings)
    with pytest.raises(NotCompared) as error:
        compare(stack, name)
    assert "\n" not in str(error.value)
    assert stack.shown.messages == []
    about_it = f"{stack[name]} was not compared with LaunchDarkly, which the setting liveDiff requires: "
    assert str(error.value).startswith(about_it)
    return str(error.value).removeprefix(about_it)


@pytest.mark.parametrize(("reason", "faults"), UNREADABLE, ids=[reason for reason, _ in UNREADABLE])
def test_an_unreadable_store_is_an_error_where_it_must_be_compared(
    stack: Stack, reason: str, faults: list[Fault]
) -> None:
    """Though LaunchDarkly is there: the others are compared."""
    stack.proxy.inject(*faults, method="GET")
    assert reason in required(stack)
    assert compare_all(stack, "bcd") == [SAME] * 3


def test_without_a_connection_there_is_an_error_for_each_store(stack: Stack) -> None:
    """The later ones at once."""
    stack.proxy.stop_listening()
    assert "cannot be reached" in required(stack)
    waits = len(stack.time.waits)
    with pytest.raises(NotCompared, match=f"^{stack['b']} was not compared .* cannot be reached"):
        compare(stack, "b")
    assert len(stack.time.waits) == waits


def test_a_launchdarkly_that_fails_altogether_is_an_error(stack: Stack) -> None:
    """Of the store's own read, in LaunchDarkly's words."""
    stack.proxy.inject(*[ERROR] * 2 * MAX_ATTEMPTS, method="GET")
    assert required(stack) == "500 internal: oops"


def test_without_a_token_nothing_can_be_compared(stack: Stack) -> None:
    """Which settings it could come from is said."""
    assert required(stack, access_token=None) == (
        "there is no access token (launchdarkly:accessToken or LAUNCHDARKLY_ACCESS_TOKEN)"
    )


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("look_at", [compare, look])
def test_a_refused_token_is_an_error_in_any_case(stack: Stack, status: int, look_at: Callable[..., object]) -> None:
    """Also of a store that another one takes the place of."""
    stack.again(live_diff="required")
    stack.proxy.inject(Answer.json(status, {"code": "no", "message": "no"}), method="GET")
    with pytest.raises(AccessDenied):
        look_at(stack, "a")


def test_where_all_can_be_compared_nothing_is_different(stack: Stack) -> None:
    """Drift is found, and the requests are the same."""
    stack.again(live_diff="required")
    stack.run.program.declares = True
    stack.edit("d", on=False)
    assert compare_all(stack) == [SAME, SAME, SAME, CHANGED]
    assert stack.methods == ["GET"] * 3


# Reading one store.


def test_what_is_read_is_the_live_document(stack: Stack) -> None:
    """With its config."""
    stack.edit("a", on=False)
    document = stack.run.comparer.live(stack["a"])
    assert document is not None
    assert (document["on"], document["config"]["host"]) == (False, "redis.example.com")


def test_what_is_not_there_is_not_found(stack: Stack) -> None:
    """It is for the caller to judge."""
    with pytest.raises(NotFound):
        stack.run.comparer.live(IntegrationId.parse("default/production/redis/000000000000000000000000"))


def drift(stack: Stack, name: str, has: Applied) -> str:
    """What a refresh reports of a store."""
    stored = stack.run.read(about(name), stack[name], has)
    assert stored is not None
    return describe_drift(stored.drift, hidden_pointers("redis", has.desired))


def test_drift_is_told_in_a_refresh(stack: Stack) -> None:
    """Without a patch: nothing will be sent. A hidden password is only said to be another one."""
    stack.edit("a", on=False, config={"password": "another one"})
    assert drift(stack, "a", known()) == (
        "changed in LaunchDarkly since the last update: on (true → false), "
        "config.password ([secret] → another [secret])."
    )
    assert drift(stack, "b", known()) == ""


def test_drift_of_what_the_program_marks_as_secret_is_not_shown(stack: Stack) -> None:
    """Only that there is some."""
    has = replace(known(config={"username": "marked"}, _secrets=["config.username"]), compared=False)
    assert "config.username ([secret] → another [secret])" in drift(stack, "a", has)


def marked(stack: Stack, stored: Desired, declared: Desired) -> tuple[tuple[str, ...], ...]:
    """The fields that are marked as secrets on one side alone."""
    return stack.run.diff(about("a"), stack["a"], Applied(stored, 1, compared=True), declared).marked


def test_other_marks_than_the_state_has_are_a_difference(stack: Stack) -> None:
    """What is marked by now, and what no longer is, but not what stays so."""
    stored, declared = redis(_secrets=["config.username", "tags"]), redis(_secrets=["tags", "config.host"])
    assert marked(stack, stored, declared) == (("config", "host"), ("config", "username"))


def test_marks_that_the_state_has_are_none(stack: Stack) -> None:
    """Whatever their order is, and whether there are any; nor is there one without a program."""
    one, other = redis(_secrets=["tags", "config.host"]), redis(_secrets=["config.host", "tags"])
    assert [marked(stack, redis(), redis()), marked(stack, one, other)] == [(), ()]
    stack.run.program.declares = False
    assert marked(stack, redis(), one) == ()


def test_a_listing_that_is_stale_hides_no_drift(stack: Stack) -> None:
    """It shows an older version than the first store has: each is read."""
    stack.edit("a", on=False)
    stack.edit("d", on=False)
    old = Mangle(lambda listing: listing | {"items": [each | {"version": 1, "on": True} for each in listing["items"]]})
    assert compare(stack, "a") == CHANGED
    stack.proxy.inject(old, method="GET")
    assert compare_all(stack, "bcd") == [SAME, SAME, CHANGED]
