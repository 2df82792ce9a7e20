"""An exported program adopts every store as it is, with the real CLI."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.canary import files_with_leaks
from support.samples import PASSWORD
from support.stack import PROGRAM, Stack
from support.terraform import TYPE, resource, state

ODD_NAMES = (
    "Redis",
    "Redis",
    "redis ",
    "Größe \N{SNOWMAN}",
    "Склад",
    '"); raise SystemExit(1)  #',
    "'''\"\"\"\\",
    "{0} %s $HOME `id`",
    "two\nlines\x1b[1m",
    "class",
)


def arguments_of(place: int) -> dict[str, Any]:
    """One of fifty stores: half with passwords, odd names, several projects and environments, a table now and then."""
    keys = {"project_key": f"project.{place % 3}", "environment_key": ("production", "test_2")[place % 2]}
    name = ODD_NAMES[place % len(ODD_NAMES)]
    if place % 5 == 4:
        return samples.dynamodb(**keys, name=name, on=bool(place % 3), tags=["table", "größe"])
    password = f"{place}-{PASSWORD}" if place % 2 else ""
    return samples.redis(**keys, name=name, on=bool(place % 4), config={"password": password, "port": 6379 + place % 3})


def export(stack: Stack, *arguments: str, document: dict[str, Any] | None = None) -> list[str]:
    """Exports into the stack's folder and makes a stack of it; the keys that its configuration is said to lack."""
    for path in stack.folder.iterdir():
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "launchdarkly_pulumi", "export", "--out", str(stack.folder), *arguments],
        env=stack.environment,
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    stack.pulumi("stack", "init", "exported")
    return [line.split()[-1] for line in done.stderr.splitlines() if "pulumi config set --secret" in line]


def configure(stack: Stack, passwords: dict[str, str]) -> None:
    """Gives the stack its secrets."""
    pairs = [part for key, value in passwords.items() for part in ("--secret", f"{key}={value}")]
    stack.pulumi("config", "set-all", *pairs)


@pytest.mark.parametrize("source", ["an account", "a Terraform state"])
def test_fifty_stores_are_adopted_without_a_change(stack: Stack, emulator: Emulator, source: str) -> None:
    """No POST, each declared password is sent once, and the second preview has nothing to do."""
    stores = {existing(emulator, arguments): arguments for arguments in map(arguments_of, range(50))}
    if source == "an account":
        keys = export(stack)
        assert methods(emulator) == ["GET"] * 51
    else:
        resources = [resource(f"{TYPE}.store[{place}]", id_, each) for place, (id_, each) in enumerate(stores.items())]
        keys = export(stack, "--from-terraform", document=state(modules={"module.stores": resources}))
        assert methods(emulator) == []
    passwords = [each["config"]["password"] for _, each in sorted(stores.items()) if each["config"].get("password")]
    assert len(keys) == len(passwords) == 20
    configure(stack, dict(zip(keys, passwords, strict=True)))

    output = stack.pulumi("up", "--yes").output
    with_password = {id_ for id_, each in stores.items() if each["config"].get("password")}
    assert set(re.findall(r"(\S+): will be adopted as it is\.", output)) == set(stores) - with_password
    sent = r'(\S+): will be adopted\. PATCH \[{"op":"replace","path":"/config/password","value":"\[secret\]"}\]'
    assert set(re.findall(sent, output)) == with_password
    assert "+ 51 created" in output
    assert {each["id"] for each in stack.resources().values()} == set(stores)
    stack.preview("--expect-no-changes")
    assert Counter(methods(emulator))["PATCH"] == len(with_password)
    assert list(files_with_leaks(stack.folder, *passwords)) == []
    assert list(files_with_leaks(stack.backend, *passwords)) == []


def test_the_stores_of_a_stack_are_not_adopted_by_another(stack: Stack, emulator: Emulator) -> None:
    """``pulumi stack export`` says which they are; a store that a stack only reads may be adopted."""
    free = existing(emulator, samples.redis(name="Free", config={"password": ""}))
    stack.declare(mine=samples.redis())
    stack.program(f"{PROGRAM}\nlaunchdarkly.BigSegmentStoreIntegration.get('seen', '{free}')\n")
    stack.up()
    mine = stack.resources()["mine"]["id"]
    script = "pulumi stack export > state.json; mkdir other; python -m launchdarkly_pulumi export"
    told = stack.shell(f"{script} --exclude-state state.json --out other/a").output
    piped = stack.shell("pulumi stack export | python -m launchdarkly_pulumi export --exclude-state -").output

    assert told == f"managed already: {mine}: mine of shop/prod\n1 store to adopt.\n"
    program = (stack.folder / "other" / "a" / "__main__.py").read_text()
    assert piped in (program + told, told + program)
    assert f"#   {mine}: mine of shop/prod\n" in program
    emulator.clear_requests()
    done = stack.shell("cd other/a; pulumi stack init other; pulumi up --yes --skip-preview --color never")
    assert "+ 2 created" in done.output
    assert set(methods(emulator)) == {"GET"}
