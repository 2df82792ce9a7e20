"""Values that LaunchDarkly holds and would not take: they are shown, and no command of the real CLI fails for good."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import foreign, samples
from support.account import existing, methods
from support.aimed_faults import ALWAYS
from support.fault_proxy import FaultProxy
from support.stack import CHANGES_FOUND, NO_CHANGE, Stack

PORT = "6380"
PORTS: list[Any] = ["", "abc", "6379.0", "06379", 70000, None, [1], {"a": 1}]
"""LaunchDarkly keeps a port as a string of digits."""

each_port = pytest.mark.parametrize("port", PORTS, ids=repr)


@pytest.fixture
def created(stack: Stack, emulator: Emulator) -> str:
    """The sample store; LaunchDarkly's ID."""
    stack.declare(store=samples.redis())
    stack.up()
    [id_] = emulator.integrations
    return id_


@each_port
def test_a_port_that_is_none_is_drift_and_is_mended_by_an_update(
    stack: Stack, emulator: Emulator, created: str, port: Any
) -> None:
    """It is reverted also after a refresh has written it to the state."""
    foreign.hold_in_config(emulator, created, port=port)
    stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    stack.refresh()
    shown = stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    assert f'{{"op":"replace","path":"/config/port","value":"{PORT}"}}' in shown.output
    stack.up()
    assert emulator.stored_config(created)["port"] == PORT
    stack.preview(NO_CHANGE)


@each_port
def test_a_port_that_is_mended_in_launchdarkly_leaves_nothing_behind(
    stack: Stack, emulator: Emulator, created: str, port: Any
) -> None:
    """A refresh has written it to the state; every command after that works."""
    foreign.hold_in_config(emulator, created, port=port)
    stack.refresh()
    foreign.hold_in_config(emulator, created, port=PORT)
    stack.refresh()
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    stack.destroy()
    assert emulator.integrations == {}


ODD: dict[str, tuple[str, Any]] = {
    "an empty port": ("config.port", ""),
    "a port of letters": ("config.port", "abc"),
    "a port of a fraction": ("config.port", "6379.0"),
    "a port in a list": ("config.port", [1]),
    "a host with a scheme": ("config.host", "redis://somewhere/0"),
    "a number for a host": ("config.host", 5),
    "a switch of letters": ("config.tls_enabled", "abc"),
    "a user of two lines": ("config.username", "a\nb"),
    "a name of two lines": ("name", "a\nb"),
    "a list for a name": ("name", [1]),
    "letters for a switch": ("on", "abc"),
    "tags in lists": ("tags", (1, ["a"])),
    "long tags, one of them twice": ("tags", ("x" * 100, "twice", "twice")),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_ignored_may_be_whatever_the_state_has(stack: Stack, emulator: Emulator, odd: str) -> None:
    """An adoption keeps it, and the engine hands it back from the state: no later preview or update refuses it."""
    field, value = ODD[odd]
    # Without a password: an adoption would send it, and the emulator takes no patch while another field is odd.
    store = samples.redis(config={"password": ""})
    id_ = existing(emulator, store)
    integration_id = id_.rpartition("/")[2]
    if field.startswith("config."):
        api_name = {"tls_enabled": "tlsEnabled"}.get(field.removeprefix("config."), field.removeprefix("config."))
        foreign.hold_in_config(emulator, integration_id, **{api_name: value})
    else:
        foreign.hold(emulator, integration_id, lambda settings: replace(settings, **{field: value}))
    options = {"import_": id_, "ignore_changes": [field]}
    stack.declare(store={**store, "options": options})
    stack.preview()
    stack.up()
    stack.preview(NO_CHANGE)
    stack.refresh()
    stack.preview(NO_CHANGE)
    stack.up(NO_CHANGE)
    assert "POST" not in methods(emulator)
    stack.destroy()
    assert emulator.integrations == {}


@pytest.mark.parametrize(
    "value", ["400 digits", "a lone surrogate", "a list of a lone surrogate", "200 levels", "100,000 levels", "1e400"]
)
@pytest.mark.parametrize("path", [("version",), ("tags",), ("config", "host")], ids=".".join)
def test_a_201_never_loses_its_id(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, path: foreign.Path, value: str
) -> None:
    """Whatever else the response holds: the state has the ID, and the next commands work."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    proxy.inject(foreign.Showing({"production": (path, foreign.VALUES[value])}), method="POST")
    stack.declare(store=samples.redis())
    stack.up()
    [id_] = emulator.integrations
    assert stack.resources()["store"]["outputs"]["integration_id"] == id_
    stack.up()
    stack.preview(NO_CHANGE)
    stack.destroy()
    assert emulator.integrations == {}


@pytest.mark.parametrize("value", ["nothing", "digits in a string", "a fraction", "an object"])
def test_a_version_that_is_none_leaves_every_command_working(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, value: str
) -> None:
    """In each response; the program, for which a version is an integer, runs too."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    proxy.inject(*[foreign.Showing({"production": (("version",), foreign.VALUES[value])})] * ALWAYS)
    stack.declare(store=samples.redis())
    stack.up()
    stack.refresh()
    stack.preview(NO_CHANGE)
    stack.declare(store=samples.redis(on=False))
    stack.up()
    stack.preview(NO_CHANGE)
    assert [each["on"] for each in emulator.integrations.values()] == [False]
    stack.destroy()
    assert emulator.integrations == {}


@pytest.mark.parametrize("version", [2**53 + 1, 10**400], ids=["more than 2**53", "400 digits"])
def test_a_version_beyond_every_double_leaves_every_command_working(
    stack: Stack, emulator: Emulator, created: str, version: int
) -> None:
    """The engine keeps numbers as doubles: it can neither prove a config, nor end a program."""
    foreign.hold_version(emulator, created, version)
    stack.refresh()
    stack.preview(NO_CHANGE)
    stack.declare(store=samples.redis(on=False))
    stack.up()
    stack.preview(NO_CHANGE)
    foreign.hold_in_config(emulator, created, host="outside.example.com")
    foreign.hold_version(emulator, created, version)
    stack.preview(NO_CHANGE, code=CHANGES_FOUND)
    stack.destroy()
    assert emulator.integrations == {}


@pytest.mark.parametrize("key", ["projectKey", "environmentKey"])
def test_other_keys_beside_the_right_id_replace_nothing(
    stack: Stack, emulator: Emulator, proxy: FaultProxy, created: str, key: str
) -> None:
    """A refresh that meets them ends with an error, or keeps the store's own; what follows deletes nothing."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = proxy.url
    proxy.inject(foreign.Showing({"production": ((key,), '"other"')}), method="GET")
    emulator.clear_requests()
    stack.run("refresh", "--yes", "--skip-preview")
    proxy.clear()
    stack.up()
    assert set(methods(emulator)) == {"GET"}
    assert list(emulator.integrations) == [created]
