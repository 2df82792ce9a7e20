"""What the documentation shows of the real CLI is what it does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.account import existing
from support.documents import ROOT, Page
from support.samples import PASSWORD
from support.stack import Stack

ID = re.compile(r"\b[0-9a-f]{24}\b|\b[0-9a-f]{4}…")
FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
MESSAGE = re.compile(r"default/\w+/redis/ID:.*?\}\]")


PULUMI_INSTALL = "python3 -m venv .venv\n.venv/bin/pip install --quiet --requirement requirements.txt"
"""What ``pulumi install`` does with the page's options, which a language host built from Go modules ignores."""


@pytest.mark.parametrize("way", ["With pip", "With uv", "With a virtual environment of Pulumi's"])
def test_the_first_steps_work_as_they_are_written(tmp_path: Path, pulumi_home: Path, way: str) -> None:
    """``docs/getting-started.md`` in an empty folder: a way to install, the files, and then its commands in turn."""
    page = Page(ROOT / "docs" / "getting-started.md")
    install, first_steps = page.text.split("\n## ")[1:3]
    ways = dict(each.split("\n", 1) for each in install.split("\n### "))
    project, program = (next(each.text for each in page.blocks if each.language == name) for name in ("yaml", "python"))
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__main__.py").write_text(program)
    if "Pulumi.yaml" not in ways[way]:
        (folder / "Pulumi.yaml").write_text(project)
    commands = [command for text in (ways["Install"], ways[way], first_steps) for command in FENCED.findall(text)]

    output = run_in(folder, "\n".join(commands), pulumi_home)
    shown = [ID.sub("ID", block.text.strip()) for block in page.blocks if "PATCH" in block.text]
    assert [patch for patch in shown if patch not in ID.sub("ID", output)] == []


def run_in(folder: Path, commands: str, pulumi_home: Path) -> str:
    """Runs the page's commands, but for the clone, the port, and what only a later language host does; their output."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    for shown, here in (("~/launchdarkly-pulumi", str(ROOT)), ("8000", port), ("pulumi install", PULUMI_INSTALL)):
        commands = commands.replace(shown, here)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PULUMI_HOME": str(pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "1"}

    # A session of its own, to end the emulator where the page does not get that far.
    written = folder.with_name("output")
    with written.open("w") as output:
        process = subprocess.Popen(
            ["bash", "-ec", commands],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(timeout=300)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert code == 0, written.read_text()
    return written.read_text()


def test_the_picture_of_a_preview_is_a_real_one(tmp_path: Path) -> None:
    """``make pictures`` draws the same again, but for IDs and what belongs to the CLI."""
    subprocess.run([sys.executable, ROOT / "tools" / "picture.py", tmp_path / "preview.svg"], check=True)
    shown, drawn = (
        sorted(MESSAGE.findall(ID.sub("ID", _text_of(picture))))
        for picture in (ROOT / "docs" / "pictures" / "preview.svg", tmp_path / "preview.svg")
    )
    assert shown == drawn
    assert [message.partition("redis/")[0] for message in shown] == ["default/production/", "default/staging/"]


def _text_of(picture: Path) -> str:
    """What is written in a picture, without white space."""
    drawn = ElementTree.parse(picture).getroot()  # noqa: S314 - the project's own
    return "".join("".join(drawn.itertext()).split())


def test_the_page_on_adopting_says_what_a_preview_says(stack: Stack, emulator: Emulator) -> None:
    """``docs/adopting.md``: its program, where LaunchDarkly has the same, and where it has another host."""
    page = Page(ROOT / "docs" / "adopting.md")
    [program] = [each.text for each in page.blocks if each.language == "python"]
    as_declared, other_host, *_ = _shown_on(page)
    stack.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    for host, message in (("redis.example.com", as_declared), ("old.example.com", other_host)):
        id_ = _existing(emulator, host)
        stack.program(ID.sub(id_, program))
        assert ID.sub(id_, message) in stack.preview().output


def test_the_page_on_adopting_says_how_a_store_moves(stack: Stack, emulator: Emulator) -> None:
    """``docs/adopting.md``: its program under another name, and then with a second resource for the same store."""
    page = Page(ROOT / "docs" / "adopting.md")
    [program] = [each.text for each in page.blocks if each.language == "python"]
    id_ = _existing(emulator, "redis.example.com")
    program = ID.sub(id_, program).replace("        protect=True,\n", "")
    renamed, second = (program.replace('"production-redis"', f'"{name}"') for name in ("renamed", "second"))
    *_, moves, kept, refused = (ID.sub(id_, message) for message in _shown_on(page))
    stack.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    stack.program(program)
    stack.up()
    stack.program(renamed)
    assert moves in stack.preview().output
    assert kept in stack.up().output
    stack.program(f"{renamed}\n{second}")
    assert refused in stack.run("preview").output


def _shown_on(page: Page) -> list[str]:
    """What a page shows of the CLI's output."""
    return [each.text.strip() for each in page.blocks if each.language == "text"]


def _existing(emulator: Emulator, host: str) -> str:
    """LaunchDarkly's ID of a store that exists already."""
    config = {"host": host, "tls_enabled": True, "password": PASSWORD}
    store = {"project_key": "shop", "environment_key": "production", "config": config, "on": True}
    return existing(emulator, store).rpartition("/")[2]
