"""Two resources with one integration, in the state or in two processes: the store stays with the one that is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.fields import TYPE
from support import samples
from support.stack import Stack

STAGING = samples.redis(environment_key="staging")


def urn(name: str) -> str:
    """The URN of a store of the stack."""
    return f"urn:pulumi:prod::shop::{TYPE}::{name}"


@pytest.mark.parametrize("command", ["destroy", "up"])
def test_a_delete_that_meets_one_of_two_owners_keeps_the_store(stack: Stack, emulator: Emulator, command: str) -> None:
    """A run with targets leaves both in the state; the next one that deletes one of them meets that one alone."""
    stack.declare(a=samples.redis(), other=STAGING)
    stack.up()
    stack.declare(renamed=samples.redis(options={"import_": stack.ids()["a"]}), other=STAGING)
    stack.run("up", "--yes", "--skip-preview", "--target", urn("renamed"))
    assert stack.ids()["renamed"] == stack.ids()["a"]
    done = stack.run(command, "--yes", "--skip-preview", "--target", urn("a"))
    assert "kept in LaunchDarkly, renamed manages it now" in done.output
    assert stack.ids().keys() == {"renamed", "other"}
    assert len(emulator.integrations) == 2
    stack.destroy()
    assert emulator.integrations == {}


def test_two_owners_that_are_destroyed_together_leave_nothing(stack: Stack, emulator: Emulator) -> None:
    """Only the last delete is sent."""
    stack.declare(a=samples.redis(), other=STAGING)
    stack.up()
    stack.declare(renamed=samples.redis(options={"import_": stack.ids()["a"]}), other=STAGING)
    stack.run("up", "--yes", "--skip-preview", "--target", urn("renamed"))
    stack.destroy()
    assert emulator.integrations == {}
    assert stack.ids() == {}


PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

providers = {{name: launchdarkly.Provider(name, access_token="{token}") for name in ("one", "two")}}
launchdarkly.BigSegmentStoreIntegration(
    "{name}",
    pulumi.ResourceOptions(provider=providers["{provider}"], import_={id}),
    project_key="default",
    environment_key="production",
    config=launchdarkly.RedisConfig(host="redis.example.com"),
)
"""


def test_a_move_that_the_other_process_cannot_know_of_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    """Each explicit provider has a process; the one that deletes learns of the adoption by a note."""
    stack = Stack(tmp_path, emulator.url, home=tmp_path / "home")
    stack.program(PROGRAM.format(token=samples.TOKEN, name="a", provider="one", id=None))
    stack.up()
    [id_] = stack.ids().values()
    notes = tmp_path / "home" / "launchdarkly"
    (notes / "adoptions").write_text("")
    stack.program(PROGRAM.format(token=samples.TOKEN, name="b", provider="two", id=repr(id_)))
    done = stack.run("up", "--yes", "--skip-preview")
    assert done.code == 1
    assert f"{id_} cannot move to b: no note of it can be kept" in done.output
    assert (len(emulator.integrations), stack.ids()) == (1, {"a": id_})
