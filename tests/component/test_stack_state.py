"""What the stack's state has, asked of a ``pulumi`` that says what a test wants."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.dynamic import stack_state
from launchdarkly_pulumi.dynamic.stack_state import stack_of, stores_in, stores_of_stack
from launchdarkly_pulumi.model.fields import PLUGIN_TYPE, TYPE
from launchdarkly_pulumi.model.ids import IntegrationId
from support.runs import urn

ID = "default/production/redis/57c0"
OTHER = "default/production/dynamodb/57c1"

PULUMI = """\
#!{python}
import json, pathlib, sys
pathlib.Path({calls!r}).write_text(json.dumps(sys.argv[1:]))
{does}
"""

Fake = Callable[[str], None]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Where the fake leaves how it was called."""
    return tmp_path / "calls.json"


@pytest.fixture
def pulumi(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a ``pulumi`` on the path that does this."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    def put(does: str) -> None:
        path = folder / "pulumi"
        path.write_text(PULUMI.format(python=sys.executable, calls=str(calls), does=does))
        path.chmod(0o755)

    return put


def store(name: str, id_: str, **more: Any) -> dict[str, Any]:
    """A store of the state."""
    return {"urn": urn(name), "type": TYPE, "id": id_, **more}


def exported(*resources: dict[str, Any]) -> dict[str, Any]:
    """A state with a stack, and these resources."""
    stack = {"urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "type": "pulumi:pulumi:Stack"}
    return {"version": 3, "deployment": {"resources": [stack, *resources]}}


def prints(state: Any) -> str:
    """What the fake does to print it."""
    return f"print({json.dumps(state)!r})"


# Asking for it.


@pytest.mark.parametrize(("organization", "name"), [("", "prod"), ("acme", "acme/shop/prod")])
def test_the_stack_of_the_resource_is_exported(pulumi: Fake, calls: Path, organization: str, name: str) -> None:
    """By its whole name where it is known, and without asking anybody anything."""
    pulumi(prints(exported(store("a", ID), store("b", OTHER, type=PLUGIN_TYPE))))
    found = stores_of_stack(urn("a"), organization)
    assert found == {urn("a"): IntegrationId.parse(ID), urn("b"): IntegrationId.parse(OTHER)}
    assert json.loads(calls.read_text()) == ["stack", "export", "--stack", name, "--non-interactive"]


def test_a_state_without_stores_has_none(pulumi: Fake) -> None:
    """Which is known: nothing is hidden."""
    pulumi(prints(exported()))
    assert stores_of_stack(urn("a"), "acme") == {}


@pytest.mark.parametrize(
    "does",
    [
        "sys.exit('error: no stack named prod found')",
        "print('no JSON')",
        "print('[]')",
        "print('{}')",
        "print('null')",
        prints(exported(store("a", "no ID"))),
        prints(exported({"type": TYPE})),
        "sys.stdout.buffer.write(bytes([255, 254]))",
        "",
    ],
)
def test_a_state_that_cannot_be_read_is_not_known(pulumi: Fake, does: str) -> None:
    """Then nobody knows what it has."""
    pulumi(does)
    assert stores_of_stack(urn("a"), "") is None


@pytest.mark.parametrize(
    ("error", "failures", "known", "asked"),
    [
        ("failed to load checkpoint: EOF", 0, True, 1),
        ("failed to load checkpoint: EOF", 4, True, 5),
        ("failed to load checkpoint: EOF", 5, False, 5),
        ("no stack named prod found", 1, False, 1),
    ],
)
def test_a_state_that_is_being_written_is_asked_for_again(
    pulumi: Fake, tmp_path: Path, error: str, failures: int, known: bool, asked: int
) -> None:
    """Each time it would have to be written in just that moment. No other error goes away."""
    calls = tmp_path / "calls"
    calls.touch()
    count = f"calls = pathlib.Path({str(calls)!r}); calls.write_text(calls.read_text() + '.')"
    fail = f"if len(calls.read_text()) <= {failures}: sys.exit({error!r})"
    pulumi(f"{count}\n{fail}\n{prints(exported(store('a', ID)))}")
    assert (stores_of_stack(urn("a"), "") is not None) == known
    assert len(calls.read_text()) == asked


def test_a_pulumi_that_hangs_is_left_alone(pulumi: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that waits for a lock of the backend."""
    monkeypatch.setattr(stack_state, "EXPORT_TIME", 0.2)
    pulumi("import threading; threading.Event().wait()")
    assert stores_of_stack(urn("a"), "") is None


def test_without_a_pulumi_nobody_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The host may have been started otherwise."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert stores_of_stack(urn("a"), "") is None


@pytest.mark.parametrize("other", [urn("a", "staging"), urn("a").replace("::shop::", "::other::")])
def test_another_stack_s_state_is_not_ours(pulumi: Fake, other: str) -> None:
    """A name without an organization may mean another one."""
    pulumi(prints(exported(store("a", ID) | {"urn": other})))
    assert stores_of_stack(urn("a"), "") is None


# Reading it.


def test_only_stores_that_the_stack_manages_count() -> None:
    """Not those that it only reads, those that are about to be deleted, and other resources."""
    state = exported(
        store("a", ID),
        store("read", OTHER, external=True),
        store("replaced", OTHER, delete=True),
        store("other", "anything") | {"type": "pulumi-python:dynamic:Other"},
        store("managed", OTHER, external=False, delete=False),
    )
    assert stores_in(state) == {urn("a"): IntegrationId.parse(ID), urn("managed"): IntegrationId.parse(OTHER)}


def test_of_a_replaced_store_the_new_one_counts() -> None:
    """Both have the same URN."""
    replaced = store("a", OTHER, delete=True)
    for resources in ([store("a", ID), replaced], [replaced, store("a", ID)]):
        assert stores_in(exported(*resources)) == {urn("a"): IntegrationId.parse(ID)}


@pytest.mark.parametrize("resources", [None, []])
def test_an_empty_stack_has_no_stores(resources: Any) -> None:
    """A stack that was never updated has no list of resources."""
    assert stores_in({"deployment": {"resources": resources}}) == {}
    assert stores_in({"deployment": {}}) == {}


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "x",
        {},
        {"deployment": None},
        {"deployment": []},
        {"deployment": {"resources": [5]}},
        {"deployment": {"resources": [{}]}},
        {"deployment": {"resources": [{"type": TYPE}]}},
        {"deployment": {"resources": [{"type": TYPE, "urn": urn("a")}]}},
        {"deployment": {"resources": [store("a", "57c0")]}},
        {"deployment": {"resources": [{"type": TYPE, "urn": urn("a"), "id": None}]}},
        {"deployment": {"resources": "x"}},
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_is_no_state_is_told(state: Any) -> None:
    """By what writes one."""
    with pytest.raises(ValueError, match=r"^it is no state that `pulumi stack export` has written$"):
        stores_in(state)


@pytest.mark.parametrize(
    ("of", "stack"),
    [
        (urn("a"), ("prod", "shop")),
        (urn("a", "pr-12.x_y"), ("pr-12.x_y", "shop")),
        ("urn:pulumi:prod::shop::a$b::c::d", ("prod", "shop")),
        ("", ("", "")),
        ("nonsense", ("nonsense", "")),
    ],
)
def test_a_urn_has_a_stack_and_a_project(of: str, stack: tuple[str, str]) -> None:
    """Whatever else is in it."""
    assert stack_of(of) == stack
