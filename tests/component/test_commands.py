"""``list`` and ``status``: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import launchdarkly_pulumi
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support import samples
from support.account import existing
from support.commands import Shell
from support.samples import TOKEN

NOON = 1717243200000
HOSTILE = "\x1b[2J[bold]Redis[/bold]\nerror: forged \u202e"


def status_of(document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
    """The status that a store's name asks for."""
    if document["name"].startswith("Down"):
        errors = [
            {"statusCode": 503, "message": f"{HOSTILE} {number}", "timestamp": NOON + 1000 * number}
            for number in range(5)
        ]
        return {"available": False, "potentiallyStale": True, "lastSync": 0, "lastError": NOON, "errors": errors}
    stale = document["name"].startswith("Stale")
    return {"available": document["on"], "potentiallyStale": stale, "lastSync": NOON, "lastError": 0, "errors": []}


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """One token may do everything, and each store has the status that its name asks for."""
    return EmulatorOptions(access_tokens=(TOKEN,), status_source=status_of)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def cells(line: str) -> list[str]:
    """The cells of a table's line."""
    return re.split(r" {2,}", line.strip())


def test_the_list_has_a_line_for_each_store(emulator: Emulator, run: Shell) -> None:
    """Ordered by ID, and narrowed by project and environment."""
    ids = [existing(emulator, samples.redis(project_key=key, name=f"Redis {key}", tags=["b", "a"])) for key in "ba"]
    ids += [existing(emulator, samples.dynamodb(project_key="c", environment_key="test"))]

    done = run("list")
    assert (done.code, done.errors) == (0, "")
    assert [cells(line) for line in done.lines] == [
        ["STORE", "NAME", "STATE", "TAGS"],
        [ids[1], "Redis a", "available", "b, a"],
        [ids[0], "Redis b", "available", "b, a"],
        [ids[2], "DynamoDB big segment store", "off"],
    ]
    assert [cells(line)[0] for line in run("list", "--project", "b").lines[1:]] == [ids[0]]
    assert [cells(line)[0] for line in run("list", "--environment", "test").lines[1:]] == [ids[2]]
    assert run("list", "--project", "a", "--environment", "test").lines == []


def test_the_status_tells_what_is_wrong(emulator: Emulator, run: Shell) -> None:
    """The latest errors, newest first, and how many there are besides."""
    id_ = existing(emulator, samples.redis(name="Down"))
    done = run("status")
    assert done.code == 1
    assert cells(done.lines[1])[:4] == [id_, "Down", "not available", "never"]
    shown = [re.sub(r".*(2024.*)", r"\1", line) for line in done.lines[1:4]]
    assert shown == [
        f"2024-06-01 12:00:0{number} UTC 503 [2J[bold]Redis[/bold] error: forged {number}" for number in (4, 3, 2)
    ]
    assert done.lines[4].strip() == "and 2 more (--json)"


@pytest.mark.parametrize(
    ("name", "on", "state", "code"),
    [
        ("Up", True, "available", 0),
        ("Stale", True, "available, may be stale", 0),
        ("Down", True, "not available", 1),
        ("Down", False, "off", 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_store(
    emulator: Emulator, run: Shell, name: str, on: bool, state: str, code: int
) -> None:
    """A store that is off need not work."""
    existing(emulator, samples.redis(name="Up", project_key="other"))
    id_ = existing(emulator, samples.redis(name=name, on=on))
    for arguments in ([], [id_], ["--project", "default"], ["--json"]):
        assert run("status", *arguments).code == code
    assert cells(run("status", id_).lines[1])[2] == state
    assert run("status", "--project", "other").code == 0


def test_json_has_the_same_keys_for_both(emulator: Emulator, run: Shell) -> None:
    """Those that the documentation names, and whole errors."""
    id_ = existing(emulator, samples.redis(name="Down"))
    listed, shown, single = (
        json.loads(run(*each, "--json").output) for each in (["list"], ["status"], ["status", id_])
    )
    prefix = shown[0].pop("client_side_id")
    assert prefix == launchdarkly_pulumi.get_environment("default", "production").client_side_id
    assert single[0].pop("client_side_id") == prefix
    assert listed == shown == single
    [store] = listed
    errors = store["status"].pop("errors")
    assert store == {
        "id": id_,
        "project_key": "default",
        "environment_key": "production",
        "integration_key": "redis",
        "integration_id": id_.rpartition("/")[2],
        "name": "Down",
        "on": True,
        "tags": ["managed-by-pulumi"],
        "version": 1,
        "status": {
            "available": False,
            "potentially_stale": True,
            "last_sync": None,
            "last_error": "2024-06-01T12:00:00+00:00",
        },
    }
    assert len(errors) == 5
    assert errors[0] == {
        "message": "[2J[bold]Redis[/bold] error: forged 0",
        "status_code": 503,
        "timestamp": "2024-06-01T12:00:00+00:00",
    }


def test_the_status_tells_the_prefix_that_sdks_need(emulator: Emulator, run: Shell) -> None:
    """One request for each environment, however many stores it has."""
    places = [("a", "test"), ("a", "production"), ("a", "test")]
    for project, environment in places:
        existing(emulator, samples.redis(name="Up", project_key=project, environment_key=environment))
    before = len(emulator.requests)
    prefixes = [cells(line)[4] for line in run("status").lines[1:]]
    assert len(emulator.requests) - before == 3
    ids = {place: launchdarkly_pulumi.get_environment(*place).client_side_id for place in places}
    assert prefixes == [ids[place] for place in sorted(places)]


def test_a_prefix_that_cannot_be_read_is_told(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token may see the stores and not the environment: the status goes on."""
    environments = ["production"]
    with Emulator(EmulatorOptions(projects={"default": environments})) as emulator:
        monkeypatch.setenv("LAUNCHDARKLY_API_HOST", emulator.url)
        monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", TOKEN)
        existing(emulator, samples.redis(name="Up"))
        environments.clear()
        done, as_json = run("status"), run("status", "--json")
    assert done.code == 0
    assert cells(done.lines[1])[4] == "not known"
    assert done.errors.startswith("no SDK prefix: GET environment default/production: 404 ")
    assert json.loads(as_json.output)[0]["client_side_id"] is None
    assert as_json.errors == done.errors


def test_a_name_can_neither_forge_a_line_nor_speak_to_the_terminal(emulator: Emulator, run: Shell) -> None:
    """Nor is it taken for the table's own markup; as JSON it is escaped."""
    id_ = existing(emulator, samples.redis() | {"name": HOSTILE, "tags": [HOSTILE]})
    done = run("list")
    shown = "[2J[bold]Redis[/bold] error: forged"
    assert [cells(line) for line in done.lines[1:]] == [[id_, shown, "available", shown]]
    as_json = run("list", "--json").output
    assert json.loads(as_json)[0]["name"] == HOSTILE
    assert as_json.isascii()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status", "57c0"], "'57c0' is not an integration's ID"),
        (["status", "default/production/redis/57c0", "--project", "a"], "give IDs, or --project and --environment"),
        (["list", "--nonsense"], "unrecognized arguments"),
        (["list", "--access-token", "x"], "unrecognized arguments"),
    ],
)
def test_a_wrong_use_is_2(emulator: Emulator, run: Shell, arguments: list[str], told: str) -> None:
    """And asks LaunchDarkly nothing."""
    done = run(*arguments)
    assert (done.code, done.output) == (2, "")
    assert told in done.errors
    assert emulator.requests == []


@pytest.mark.parametrize("command", ["list", "status", "export"])
def test_a_missing_setting_is_2(emulator: Emulator, run: Shell, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """One line that says what to do here, where there is no stack to configure."""
    monkeypatch.delenv("LAUNCHDARKLY_ACCESS_TOKEN")
    told = "there is no LaunchDarkly access token: set the environment variable LAUNCHDARKLY_ACCESS_TOKEN"
    assert run(command) == (2, "", f"error: {told}; a reader's is enough\n")
    assert emulator.requests == []


@pytest.mark.parametrize("command", ["list", "status", "export"])
def test_a_refusal_is_3(emulator: Emulator, run: Shell, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """So that a pipeline can tell it from a store that is not available."""
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", "another-token")
    done = run(command)
    assert (done.code, done.output) == (3, "")
    assert done.errors.startswith("error: GET big segment stores: 401 unauthorized: ")
    assert "Traceback" not in done.errors


def test_an_id_that_is_not_there_is_3(emulator: Emulator, run: Shell) -> None:
    """It is not known whether such a store is available."""
    done = run("status", "default/production/redis/57c0")
    assert (done.code, done.output) == (3, "")
    assert done.errors.startswith("error: GET default/production/redis/57c0: 404 not_found: ")


@pytest.mark.parametrize(("command", "package"), [("list", "rich"), ("status", "rich"), ("export", "black")])
def test_a_missing_extra_is_2(
    emulator: Emulator, run: Shell, monkeypatch: pytest.MonkeyPatch, command: str, package: str
) -> None:
    """JSON needs none."""
    monkeypatch.setitem(sys.modules, package, None)
    done = run(command)
    assert (done.code, done.output) == (2, "")
    assert done.errors.startswith(f"error: this needs {package}: pip install 'launchdarkly-pulumi[cli]'")
    assert emulator.requests == []
    if package == "rich":
        assert run(command, "--json").code == 0


def test_the_version_is_that_of_the_distribution(run: Shell) -> None:
    """By option and by attribute."""
    installed = metadata.version("launchdarkly-pulumi")
    assert run("--version") == (0, f"launchdarkly-pulumi {installed}\n", "")
    assert launchdarkly_pulumi.__version__ == installed


def test_the_version_costs_an_import_nothing() -> None:
    """What is installed is not looked into: that takes imports of a fiftieth of a second."""
    where = str(Path(launchdarkly_pulumi.__file__).parents[1])
    code = "import sys; from launchdarkly_pulumi.plugin.version import version; print(version(), *sys.modules)"
    # Without what the environment of the tests loads by itself.
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {where!r}); {code}"]
    version, *loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert version == launchdarkly_pulumi.__version__
    assert "importlib.metadata" not in loaded


def in_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints on a terminal of its own."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "launchdarkly_pulumi", *arguments]
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, env=os.environ | {"TERM": "xterm-256color"} | environment
    ) as process:
        os.close(follower)
        output = b""
        try:
            while chunk := os.read(leader, 65536):
                output += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(leader)
    assert process.returncode == 0
    return output.decode()


def test_a_terminal_gets_colours_unless_it_wants_none(emulator: Emulator) -> None:
    """``NO_COLOR``, as of no-color.org."""
    existing(emulator, samples.redis(name="Up"))
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9]m")
    assert colour.search(in_terminal("status"))
    assert not colour.search(in_terminal("status", NO_COLOR="1"))


@pytest.mark.parametrize("command", ["list", "status"])
@pytest.mark.parametrize("width", [20, 60, 80])
def test_a_narrow_terminal_breaks_no_id(emulator: Emulator, command: str, width: int) -> None:
    """Below each other is what does not fit beside each other; nothing is lost, and what is empty is not shown."""
    arguments = {"project_key": "a-project-with-a-long-key", "environment_key": "production-in-europe"}
    ids = [
        existing(emulator, samples.redis(name=f"Redis number {number}", on=False, tags=tags, **arguments))
        for number, tags in enumerate([["managed-by-pulumi"], []])
    ]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", in_terminal(command, COLUMNS=str(width)))
    lines = [line.rstrip() for line in plain.splitlines()]
    assert [line for line in lines if not line.startswith(" ")] == sorted(ids)
    assert max(len(line) for line in lines if line.startswith(" ")) <= width
    told = "".join(plain.split())
    shown = ["NAMERedisnumber0", "NAMERedisnumber1", "STATEoff", "TAGSmanaged-by-pulumi", "TAGS"]
    assert [told.count(each) for each in shown] == ([1, 1, 2, 1, 1] if command == "list" else [1, 1, 2, 0, 0])
    assert told.count("LASTSYNC2024-06-0112:00:00UTC") == (2 if command == "status" else 0)


@pytest.mark.parametrize("command", ["list", "status"])
def test_a_wide_terminal_gets_a_table(emulator: Emulator, command: str) -> None:
    """With a line for each store."""
    id_ = existing(emulator, samples.redis(name="Up"))
    header, line = re.sub(r"\x1b\[[0-9;]*m", "", in_terminal(command, COLUMNS="200")).splitlines()
    assert cells(header)[:3] == ["STORE", "NAME", "STATE"]
    assert cells(line)[:3] == [id_, "Up", "available"]


@pytest.mark.parametrize("command", ["list", "status"])
@pytest.mark.parametrize("environment", [{"COLUMNS": "40"}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "COLUMNS": "9"}])
def test_a_pipe_gets_whole_lines(emulator: Emulator, command: str, environment: dict[str, str]) -> None:
    """Also where a pipeline forces colours, which makes no terminal of a pipe."""
    id_ = existing(emulator, samples.redis(name=120 * "x"))
    call = [sys.executable, "-m", "launchdarkly_pulumi", command]
    done = subprocess.run(call, env=os.environ | environment, capture_output=True, text=True, check=True)
    _, line = done.stdout.splitlines()
    assert cells(line)[:2] == [id_, 120 * "x"]


@pytest.mark.parametrize("command", ["list", "status"])
@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ([], ""),
        (["--project", "a"], " in project a"),
        (["--environment", "b"], " in environment b"),
        (["--project", "a", "--environment", "b"], " in project a, environment b"),
    ],
)
def test_no_stores_are_told(emulator: Emulator, run: Shell, command: str, arguments: list[str], where: str) -> None:
    """On standard error, in place of an empty table; JSON is an empty list."""
    assert run(command, *arguments) == (0, "", f"no stores{where}, or none that the token may see\n")
    assert run(command, *arguments, "--json") == (0, "[]\n", "")


def test_a_reader_that_leaves_is_no_traceback(emulator: Emulator) -> None:
    """As in ``list | head``."""
    existing(emulator, samples.redis())
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "launchdarkly_pulumi", "list"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_what_a_terminal_cannot_show_is_escaped(emulator: Emulator) -> None:
    """Instead of a traceback about the encoding."""
    existing(emulator, samples.redis(name="Größe"))
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "launchdarkly_pulumi", "list"], env=environment, capture_output=True, check=True
    )
    assert rb"Gr\xf6\xdfe" in done.stdout
