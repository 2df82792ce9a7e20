"""``tools/demo.py``, from start to end and interrupted: the demo is a promise to whoever tries this first."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

from support.documents import ROOT, Page

SCRIPT = ROOT / "tools" / "demo.py"

METHODS = {
    "Create": ["GET", "POST"],
    "No change": ["GET"],
    "Another host": ["GET", "GET", "PATCH"],
    "A change behind Pulumi's back": ["PATCH", "GET", "GET", "PATCH"],  # the first is the colleague's
    "A new password": ["GET", "PATCH"],
    "Two mistakes": [],
    "Destroy": ["DELETE"],
    "From the store to a flag": ["GET", "POST", "GET", "GET", "PATCH"],  # the third is as often as it is waited for
}
"""The requests that are shown in each step."""


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    """The demo as a module."""
    specification = importlib.util.spec_from_file_location("demo", SCRIPT)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules["demo"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


class Performance:
    """One run of the demo.

    :param folder: where it ran; whatever it has made is below.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = os.environ | {
            "AWS_PROFILE": "mine",
            "PULUMI_ACCESS_TOKEN": "mine",
            "LAUNCHDARKLY_LIVE_DIFF": "no",
        }
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=environment,
            timeout=300,
            check=False,
        )
        self.code, self.output = done.returncode, done.stdout
        parts = re.split(r"^── (?:\d of 8  )?(.+?) ─+$", self.output, flags=re.MULTILINE)
        self.steps = dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """The demo, run once, in a folder whose name has a blank."""
    done = Performance(tmp_path_factory.mktemp("demo") / "a demo")
    assert done.code == 0, done.output
    return done


def test_each_step_shows_its_requests(performance: Performance) -> None:
    """A listing and a POST to create, GET and PATCH to update, nothing for mistakes, a DELETE to destroy."""
    shown = {
        title: re.findall(r"^ {4}([A-Z]+) /api/v2/", text, re.MULTILINE) for title, text in performance.steps.items()
    }
    waiting = shown["From the store to a flag"]
    del waiting[3:-2]
    expected = METHODS | {"What you saw": []}
    assert expected == shown


def test_the_preview_shows_the_patch_that_is_sent(performance: Performance) -> None:
    """One operation in the preview; the same one behind the guard in the request."""
    operation = '{"op":"replace","path":"/config/host","value":"new.example.com"}'
    preview, _, sent = performance.steps["Another host"].partition("LaunchDarkly saw")
    assert f"PATCH[{operation}]" in "".join(preview.split())
    assert f'[{{"op":"test","path":"/version","value":1}},\n       {operation}]' in sent


def test_the_readme_shows_a_part_of_it(performance: Performance) -> None:
    """As it is, but for the store's ID."""
    [shown] = [block.text for block in Page(ROOT / "README.md").blocks if "$ pulumi preview" in block.text]
    shown, output = (re.sub(r"\b[0-9a-f]{24}\b|\b[0-9a-f]{4}…", "ID", text) for text in (shown, performance.output))
    assert shown in output


def test_it_fits_a_terminal_of_80_columns(performance: Performance) -> None:
    """Whatever Pulumi prints is folded, with its colours."""
    assert [line for line in performance.output.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("", [""]),
        ("short", ["short"]),
        ("  one two three four", ["  one two", "    three", "    four"]),
        ("\x1b[1mone two\x1b[0m three", ["\x1b[1mone two\x1b[0m", "  three"]),
        ('a [{"op":1},{"op":2}]', ["a", '  [{"op":1},', '  {"op":2}]']),
        ("unbreakable-word", ["unbreakable-word"]),
    ],
)
def test_a_line_is_folded_where_it_may(demo: ModuleType, line: str, lines: list[str]) -> None:
    """At ten columns: between words and between members, never inside of one."""
    assert demo.folded(line, 10) == lines


def test_drift_ends_the_preview_with_7(performance: Performance) -> None:
    """What a colleague has changed is named, and the preview that expects no changes fails."""
    step = performance.steps["A change behind Pulumi's back"]
    assert 'on (true → false), config.port ("6379" → "6380")' in " ".join(step.split())
    assert step.count("exit code 7") == 1


def test_the_new_password_is_all_that_is_sent(performance: Performance) -> None:
    """One operation, and its value hidden."""
    step = performance.steps["A new password"]
    assert step.count('{"op":"replace","path":"/config/password","value":"[secret]"}') == 2
    assert step.count('"op":"replace"') == 2


def test_each_mistake_is_named_once(performance: Performance) -> None:
    """Every problem in one preview, without the repetition that Pulumi's plain output has."""
    step = " ".join(performance.steps["Two mistakes"].split())
    assert step.count("must be the host name alone") == 1
    assert step.count("must be 1 to 65535, not 70000") == 1
    assert "exit code 1" in step
    assert "LaunchDarkly saw no request." in step


def test_a_flag_follows_the_store(performance: Performance) -> None:
    """LaunchDarkly's SDK finds the member with the exported prefix, and warns when nobody writes there any more."""
    step = performance.steps["From the store to a flag"]
    [prefix] = set(re.findall(r'prefix: "([0-9a-f]{24})"', step))
    commands = re.findall(
        r"^  \$ SEGMENTS_PREFIX=(\w+) python service.py ada grace\n((?:    .+\n)+)", step, re.MULTILINE
    )
    assert commands == [
        (prefix, "    ada: new checkout (HEALTHY)\n    grace: old checkout (HEALTHY)\n"),
        (prefix, "    ada: new checkout (STALE)\n    grace: old checkout (STALE)\n"),
    ]


def test_without_redis_the_last_step_is_left_out(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, and the demo ends as it should."""
    monkeypatch.setenv("PATH", str(tmp_path))
    demo.read_segments(demo.Demo(tmp_path, "http://127.0.0.1:1", {}, demo.Screen(colour=False)))
    assert "This step needs redis-server on PATH, which is not there" in capsys.readouterr().out


def test_no_secret_is_shown_or_kept(performance: Performance, demo: ModuleType) -> None:
    """The demo says so itself; this looks again, and at what it printed too."""
    assert "found nowhere" in " ".join(performance.output.split())  # wherever the line was broken
    assert demo.leaks(performance.folder) == []
    printed = performance.output.encode()
    assert not [form for secret in demo.SECRETS.values() for form in demo.forms_of(secret) if form in printed]
    states = list((performance.folder / "backend").rglob("*.checkpoint.json"))
    assert any("ciphertext" in state.read_text() for state in states), "nothing to look through"


@pytest.mark.parametrize(
    "write",
    [
        lambda secret: secret,
        lambda secret: json.dumps(json.dumps(secret)),
        quote,
        lambda secret: base64.b64encode(f"x{secret}y".encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(f"xy{secret}".encode()).decode(),
        lambda secret: secret.encode().hex(),
    ],
)
def test_the_search_finds_a_secret(tmp_path: Path, demo: ModuleType, write: Callable[[str], str]) -> None:
    """A search that finds nothing is worth something only if it would find it."""
    for name, secret in demo.SECRETS.items():
        (tmp_path / "state").write_text(f'{{"inner": "{write(secret)}"}}', encoding="utf-8")
        assert demo.leaks(tmp_path) == [f"{name} is in state"]


def test_nothing_is_left_running(performance: Performance) -> None:
    """The emulators that the demo has started are gone, and so is Redis."""
    assert not is_served(performance.output)


def test_an_interruption_ends_the_demo_in_order(tmp_path: Path) -> None:
    """Ctrl-C in the middle of an update: one line, exit code 130, and no emulator."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(tmp_path / "demo")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout
    seen = ""
    while "$ pulumi up" not in seen:
        line = process.stdout.readline()
        assert line, "the demo ended early"
        seen += line
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert errors.strip() == "The demo was interrupted; nothing is left running."
    assert not is_served(seen)


def test_a_folder_of_somebody_else_is_not_removed(tmp_path: Path) -> None:
    """Only what an earlier demo has made is replaced."""
    (tmp_path / "letter.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "mine"


def is_served(output: str) -> bool:
    """Whether somebody listens at a URL that the demo has named."""
    ports = set(re.findall(r"(?:http|redis)://127\.0\.0\.1:(\d+)", output))
    assert ports
    return any(is_taken(int(port)) for port in ports)


def is_taken(port: int) -> bool:
    """Whether somebody listens at a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
