"""What the pages on the commands, on adopting and on migrating show is what the commands say."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

import launchdarkly_pulumi
from launchdarkly_pulumi.core import adopt, own
from launchdarkly_pulumi.dynamic import adoption
from launchdarkly_pulumi.model.ids import IntegrationId
from support import desired
from support.account import name_in_environment
from support.commands import Shell
from support.documents import ROOT, Page
from support.redis_server import RedisServer
from support.sample_account import fill, sample_account
from support.segments import mark

ID = re.compile(r"\b[0-9a-f]{24}\b")
COMMAND = "launchdarkly-pulumi "
MEMORY = re.compile(r"[0-9.]+ MiB")
NOWHERE = (["--redis-url", "redis://127.0.0.1:1"], ["--dynamodb-endpoint", "http://127.0.0.1:1"])
"""Where nothing listens: each check has a name all the same."""


def page(name: str) -> Page:
    """A page of ``docs/``."""
    return Page(ROOT / "docs" / name)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands."""
    return Shell(capsys)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The IDs of the sample account; the environment names it."""
    with sample_account() as emulator:
        name_in_environment(monkeypatch, emulator.url)
        yield fill(emulator)


def test_the_shown_sessions_are_real(account: list[str], run: Shell) -> None:
    """``docs/commands.md``: each command, what it prints, and its exit code; but for LaunchDarkly's IDs."""
    blocks = [block.text for block in page("commands.md").blocks if block.language == "console"]
    sessions = [session for block in blocks for session in block.removeprefix("$ ").split("\n$ ")]
    # The client-side IDs are the same in every emulator.
    places = [IntegrationId.parse(id_).segments[:2] for id_ in account]
    prefixes = {launchdarkly_pulumi.get_environment(*place).client_side_id for place in places}
    shown = dict.fromkeys(id_ for id_ in ID.findall("".join(blocks)) if id_ not in prefixes)
    real = dict(zip(shown, (id_.rpartition("/")[2] for id_ in account), strict=True))
    code = None
    for session in sessions:
        command, _, output = session.partition("\n")
        output = ID.sub(lambda id_: real.get(id_[0], id_[0]), output)
        if command == "echo $?":
            assert output.strip() == str(code)
            continue
        done = run(*shlex.split(command.removeprefix(COMMAND)))
        code = done.code
        assert output.splitlines() == [*done.lines, *done.errors.splitlines()]
    assert len(sessions) == 5


def test_the_shown_verification_is_real(account: list[str], run: Shell) -> None:
    """``docs/verify.md``: a Redis in which only the Relay Proxy's default prefix has a marker."""
    [session] = [block.text for block in page("verify.md").blocks if block.language == "console"]
    command, _, shown = session.removeprefix("$ ").partition("\n")
    arguments = shlex.split(command.removeprefix(COMMAND))
    with RedisServer() as server, closing(redis.Redis(server.host, server.port)) as client:
        mark(client, "launchdarkly")
        done = run(arguments[0], account[0], *arguments[2:], "--redis-url", f"redis://127.0.0.1:{server.port}")
        output = done.output.replace("; LaunchDarkly is given redis.example.com:6380", "")
        output = output.replace("; LaunchDarkly connects with it", "").replace(account[0], arguments[1])
        output = output.replace(f"127.0.0.1:{server.port}", "redis.example.com:6379")
    assert (done.code, done.errors) == (1, "")
    assert MEMORY.sub("MiB", output) == MEMORY.sub("MiB", shown)


def test_each_check_is_told(account: list[str], run: Shell) -> None:
    """``docs/verify.md``: the table has the names of all checks, and no other."""
    told = {name for row in page("verify.md").table("name") for name in re.findall("[a-z-]+", row[0])}
    done = [run("verify", id_, "--json", *nowhere) for id_, nowhere in zip(account[::2], NOWHERE, strict=True)]
    assert told == {check["name"] for each in done for check in json.loads(each.output)["checks"]}


def test_the_shown_state_becomes_the_shown_program(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """``docs/migrating-from-terraform.md``."""
    shown = {block.language: block.text for block in page("migrating-from-terraform.md").blocks}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(shown["json"].encode())))
    assert run("export", "--from-terraform") == (0, shown["python"], shown["text"])


def test_the_reasons_against_an_adoption_are_the_real_ones() -> None:
    """``docs/adopting.md``: the table."""
    wrong = ("57c0", "default/test/redis/57c0")
    messages = [each for id_ in wrong for each in adoption.problems(id_, desired.redis())]
    id_ = IntegrationId.parse("default/production/redis/57c0")
    messages += [str(adopt._no_such(id_)), str(own.already_managed(id_, "urn::a", "urn::b"))]

    told = [row[0] for row in page("adopting.md").table("the message")]
    assert len(told) == len(messages)
    for shown, message in zip(told, messages, strict=True):
        assert re.match(".*".join(map(re.escape, shown.split("..."))), message)
