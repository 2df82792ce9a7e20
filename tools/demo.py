"""Shows the provider at work: real ``pulumi`` commands against a local LaunchDarkly API, without an account.

Usage: ``python tools/demo.py [FOLDER]``; everything that it makes stays in the folder, ``.demo`` by default. It
believes nothing: a command that ends otherwise than told, a request too many, or a secret found where none may be
ends the demo with exit code 1.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "examples" / "quickstart" / "__main__.py"
SERVICE = ROOT / "examples" / "sdk"
"""The last step's program, and a service with LaunchDarkly's SDK."""
TOOLS = (ROOT / ".tools" / "pulumi", Path(sys.executable).parent)
"""What comes first on PATH: the CLI, and the Python that has the provider (its path unresolved: a link in .venv)."""

FIRST_PASSWORD = "the first password"  # noqa: S105 - names of secrets, not secrets
SECOND_PASSWORD = "the second password"  # noqa: S105
ACCESS_TOKEN = "the access token"  # noqa: S105
SECRETS = {
    FIRST_PASSWORD: 'canary-"Zürich"/+1-58f1c07e2b9d',
    SECOND_PASSWORD: 'canary-"Genève"/+2-b3a96d40e7c5',
    ACCESS_TOKEN: "api-canary-2d7e81f4a6c9",
}
"""Each is looked for everywhere at the end. Quotes, slashes and non-ASCII: every encoding writes them differently."""

API = "/api/v2/integration-capabilities/big-segment-store"
LOOK_UP = "/api/v2/projects/"
STORE = "default/production/redis"
DRIFT_FOUND = (7, 255)
REFUSED = (1, 2, 4, 255)
"""Exit codes; 255 is what the Pulumi CLI before 3.226.1 ended every failure with."""

SEGMENT = "default/production/beta-testers"
STALE_AFTER = 3

OURS = "made-by-the-demo"  # a marker: a folder without it is somebody else's, and not removed
COMMAND_TIMEOUT = 120
STOP_TIMEOUT = 15
WIDTH = 80
ANSI = re.compile(r"\x1b\[[0-9;]*m")
BREAKS = re.compile(r"(?<=\s)(?=\S)|(?<=,)(?=[\"{])")
"""Where a line may end: after white space, and between the members of a JSON value."""


class DemoStopped(Exception):
    """Something was not as the demo says; the message is for people."""


# What is shown.


@dataclass(frozen=True)
class Screen:
    """Writes to the terminal, with colour or without."""

    colour: bool

    def line(self, text: str = "", style: str = "") -> None:
        """One line, at once: whoever reads along, a person or a pipe, is not kept waiting."""
        print(f"\x1b[{style}m{text}\x1b[0m" if style and self.colour else text, flush=True)

    def heading(self, text: str) -> None:
        """The beginning of a step."""
        self.line()
        self.line(f"── {text} ".ljust(WIDTH, "─"), "1;36")

    def explain(self, text: str) -> None:
        """A paragraph for the reader."""
        self.line()
        for line in textwrap.wrap(text, WIDTH):
            self.line(line)

    def block(self, text: str, style: str = "") -> None:
        """What a program printed, or holds."""
        for line in text.splitlines():
            for part in folded(line, WIDTH - 4):
                self.line(f"    {part}" if part.strip() else "", style)


def folded(line: str, width: int) -> list[str]:
    """A line as lines that are as wide at most, the further ones indented by two more; colours have no width."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    lines = [""]
    for part in BREAKS.split(line):
        if lines[-1].strip() and len(ANSI.sub("", lines[-1] + part).rstrip()) > width:
            lines.append(indent)
        lines[-1] += part
    return [each.rstrip() for each in lines]


def without_repeats(output: str) -> str:
    """Pulumi's output without what it prints only when not on a terminal.

    That is: its progress dots, and the messages that it shows once while it runs and again below ``Diagnostics:``.
    """
    progress, mark, rest = output.partition("Diagnostics:")
    messages = [line.strip() for line in ANSI.sub("", rest).lstrip("\n").split("\n\n")[0].splitlines()[1:]]

    def is_repeated(line: str) -> bool:
        plain = ANSI.sub("", line)
        return plain.startswith("@ ") or any(message and message in plain for message in messages)

    kept = [line for line in progress.splitlines(keepends=True) if not is_repeated(line)]
    return ("".join(kept) + mark + rest).strip("\n")


def request_text(record: dict[str, Any]) -> str:
    """One record of the request log for people: the call, then its body with a line for each operation or field."""
    path = re.sub(r"([0-9a-f]{4})[0-9a-f]{20}", r"\1…", record["path"].replace(API, "/api/v2/…"))
    text = f"{record['method']} {path} → {record['status']}"
    body = record["body"]
    if isinstance(body, list):
        text += "\n  [" + ",\n   ".join(map(_json, body)) + "]"
    elif isinstance(body, dict):
        text += "\n  {" + ",\n   ".join(f"{_json(key)}:{_json(value)}" for key, value in body.items()) + "}"
    return text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Looking for secrets.


def forms_of(secret: str) -> set[bytes]:
    """The ways to write a secret that are looked for: as it is, JSON-, URL-, hex- and base64-encoded."""
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        _json(secret)[1:-1],
        quote(secret),
        quote(secret, ""),
        quote_plus(secret),
    }
    # Its longest plain part is the same however the rest is escaped, and however often.
    texts.add(max(re.findall("[A-Za-z0-9]+", secret), key=len))
    raw = secret.encode()
    forms = {text.encode() for text in texts} | {raw.hex().encode()}
    # In base64 a text looks different at each of the three places that it can begin at.
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw)[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
        forms |= {encoded, encoded.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def leaks(folder: Path) -> list[str]:
    """Where one of the demo's secrets is found in the files of a folder."""
    forms = {name: forms_of(secret) for name, secret in SECRETS.items()}
    found = []
    for file in files_of(folder):
        content = file.read_bytes()
        found += [
            f"{name} is in {file.relative_to(folder)}"
            for name, written in forms.items()
            if any(form in content for form in written)
        ]
    return found


def files_of(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


# The processes.


class RequestLog:
    """What LaunchDarkly saw of the provider, read from the emulator's request log piece by piece.

    The program's own look-up of its environment is left out: each run of the program has one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0

    def next(self, at_least: int) -> list[dict[str, Any]]:
        """The records since the last call; waits a moment for those that are still being written."""
        deadline = time.monotonic() + 2
        while len(records := self._records()) < at_least and time.monotonic() < deadline:
            time.sleep(0.02)
        self.read += len(records)
        return records

    def _records(self) -> list[dict[str, Any]]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        records = [json.loads(line) for line in lines]
        return [each for each in records if not each["path"].startswith(LOOK_UP)][self.read :]


@contextmanager
def emulator(folder: Path, environment: dict[str, str], *options: str) -> Iterator[str]:
    """Runs a LaunchDarkly API in a process of its own; gives its URL."""
    command = [sys.executable, "-m", "launchdarkly_pulumi", "emulator", "--port", "0"]
    command += ["--access-token", SECRETS[ACCESS_TOKEN], "--request-log", str(folder / "requests.jsonl"), *options]
    errors = folder / "emulator.txt"
    with errors.open("w") as stderr:
        # A session of its own, so that Ctrl-C reaches the demo alone, which then ends everything in order.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, env=environment, text=True, start_new_session=True
        )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        announced = re.search(r"http://\S+", process.stdout.readline())
        if not announced:
            raise DemoStopped(f"the emulator did not start: {errors.read_text().strip()}")
        yield announced[0]
    finally:
        end(process, signal.SIGTERM)


@contextmanager
def redis(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """Runs a Redis that keeps nothing; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, start_new_session=True)
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        if not any("Ready to accept connections" in line for line in process.stdout):
            raise DemoStopped("redis-server did not start")
        yield port
    finally:
        end(process, signal.SIGTERM)


def run(command: list[str], folder: Path, environment: dict[str, str], stdin: str) -> tuple[int, str]:
    """Runs a command to its end; gives its exit code and all that it printed."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(stdin, timeout=COMMAND_TIMEOUT)
    except BaseException as stopped:
        end(process, signal.SIGINT)  # once: Pulumi then cancels in order and stops its plugins
        if isinstance(stopped, subprocess.TimeoutExpired):
            raise DemoStopped(f"`{' '.join(command)}` did not end within {COMMAND_TIMEOUT} seconds") from None
        raise
    return process.returncode, output


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Asks a process to end and waits; if it does not, ends it and all that it started."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.communicate(timeout=STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


# The demo.


@dataclass
class Demo:
    """A Pulumi project in a folder, the LaunchDarkly that it is deployed to, and what has been seen so far."""

    folder: Path
    url: str
    environment: dict[str, str]
    screen: Screen
    program: Path = PROGRAM
    seen: dict[str, list[str]] = field(default_factory=dict)
    log: RequestLog = field(init=False)
    """The methods of Pulumi's requests, by step."""

    def __post_init__(self) -> None:
        """Lays out the project, the program in it, and a file backend."""
        self.log = RequestLog(self.folder / "requests.jsonl")
        self.project.mkdir()
        (self.folder / "backend").mkdir()
        (self.project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        shutil.copyfile(self.program, self.project / self.program.name)
        self.environment = self.environment | {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "LAUNCHDARKLY_API_HOST": self.url,
            "LAUNCHDARKLY_ACCESS_TOKEN": SECRETS[ACCESS_TOKEN],
        }

    @property
    def project(self) -> Path:
        """Where the program is, and the stack's settings."""
        return self.folder / "project"

    def step(self, title: str) -> None:
        """Begins a step."""
        self.seen[title] = []
        self.screen.heading(f"{len(self.seen)} of {len(STEPS)}  {title}")

    def pulumi(self, *arguments: str, codes: tuple[int, ...] = (0,), stdin: str = "") -> None:
        """Runs and shows a command; another exit code than these stops the demo."""
        command = " ".join(["pulumi", *arguments])
        self.screen.line()
        self.screen.line(" \\\n".join(folded(f"  $ {command}", WIDTH - 2)), "1")
        code, output = self.quietly(*arguments, stdin=stdin)
        if code not in codes:
            self.screen.block(output)
            raise DemoStopped(f"`{command}` ended with exit code {code}")
        self.screen.block(without_repeats(output))
        if code:
            self.screen.line(f"  exit code {code}", "1;33")

    def quietly(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        """Runs a command and keeps all that it prints in a file, where secrets are looked for at the end."""
        how = ["--color", "always" if self.screen.colour else "never", "--non-interactive"]
        code, output = run(["pulumi", *arguments, *how], self.project, self.environment, stdin)
        with (self.folder / "output.txt").open("a", encoding="utf-8") as kept:
            kept.write(f"$ pulumi {' '.join(arguments)}\n{output}exit code {code}\n\n")
        return code, output

    def service(self, redis_port: int, *users: str) -> list[str]:
        """Runs and shows the service with LaunchDarkly's SDK; what it answers, line by line."""
        code, printed = self.quietly("stack", "output", "prefix")
        if code:
            raise DemoStopped(f"the stack has no output prefix: {printed.strip()}")
        prefix = ANSI.sub("", printed).strip()
        self.screen.line()
        self.screen.line(f"  $ SEGMENTS_PREFIX={prefix} python service.py {' '.join(users)}", "1")
        settings = {
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}",
            "SEGMENTS_PREFIX": prefix,
            "FLAGS_FILE": str(SERVICE / "flags.json"),
            "STALE_AFTER": str(STALE_AFTER),
        }
        command = [sys.executable, str(SERVICE / "service.py"), *users]
        code, output = run(command, self.project, self.environment | settings, "")
        if code:
            raise DemoStopped(f"the service failed: {output.strip()}")
        self.screen.block(output)
        return output.splitlines()

    def launchdarkly_saw(self, *methods: str, from_pulumi: bool = True, waits: bool = False) -> None:
        """Shows the requests since the last time; other ones than these stop the demo.

        :param waits: the last one may be repeated.
        """
        records = self.log.next(at_least=len(methods))
        counted = f"{len(records)} request{'s' if len(records) > 1 else ''}:" if records else "no request."
        self.screen.line()
        self.screen.line(f"  LaunchDarkly saw {counted}", "1;32")
        for record in records:
            self.screen.block(request_text(record), "32")
        actual = [record["method"] for record in records]
        expected = [*methods, *methods[-1:] * (len(actual) - len(methods))] if waits else list(methods)
        if actual != expected or any(record["status"] >= 400 for record in records):
            raise DemoStopped(f"LaunchDarkly saw {_listed(actual)}; it should have been {_listed(methods)}, answered")
        if from_pulumi:
            list(self.seen.values())[-1].extend(actual)

    def colleague_changes(self, *operations: dict[str, Any]) -> None:
        """Edits the integration without Pulumi, by a request of the API alone."""
        code, printed = self.quietly("stack", "output", "integrationId")
        if code:
            raise DemoStopped(f"the stack has no output integrationId: {printed.strip()}")
        request = urllib.request.Request(  # noqa: S310 - the emulator's http on loopback
            f"{self.url}{API}/{STORE}/{ANSI.sub('', printed).strip()}",
            data=json.dumps(operations).encode(),
            method="PATCH",
            headers={
                "Authorization": SECRETS[ACCESS_TOKEN],
                "Content-Type": "application/json",
                "LD-API-Version": "beta",
            },
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        direct.open(request, timeout=STOP_TIMEOUT).close()


def _listed(methods: list[str] | tuple[str, ...]) -> str:
    return ", ".join(methods) or "no request"


def introduce(demo: Demo) -> None:
    """What runs here, and the program."""
    code, version = demo.quietly("version")
    if code:
        raise DemoStopped(f"the Pulumi CLI does not run: {version.strip()}")
    demo.screen.line("LaunchDarkly's big segment stores, declared, previewed and applied with Pulumi", "1")
    demo.screen.explain(
        f"The Pulumi CLI {ANSI.sub('', version).strip()} and the provider are the real ones. LaunchDarkly is played by "
        f"the provider's emulator, at {demo.url}: it needs no account, and every request of the provider is shown here "
        "(the program's own look-up of the environment's client-side ID, one in each run, is not). "
        f"Everything is kept in {shown_path(demo.folder)}."
    )
    demo.screen.explain("The program, a store in Redis that LaunchDarkly's SDKs read big segments from:")
    demo.screen.line()
    demo.screen.block(PROGRAM.read_text(encoding="utf-8"), "2")


def create(demo: Demo) -> None:
    """A listing, and one POST."""
    demo.step("Create")
    demo.screen.explain(
        "A stack, the Redis password as an encrypted setting (it comes from stdin), and one update. Before its first "
        "POST a run lists what there is: should the answer be lost, the new integration is found, not made twice."
    )
    demo.pulumi("stack", "init", "prod")
    demo.pulumi("config", "set", "--secret", "redisPassword", stdin=SECRETS[FIRST_PASSWORD])
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.launchdarkly_saw("GET", "POST")


def change_nothing(demo: Demo) -> None:
    """One GET."""
    demo.step("No change")
    demo.screen.explain("The same again: the integration is read once and compared; nothing is written.")
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.launchdarkly_saw("GET")


def change_host(demo: Demo) -> None:
    """A preview that shows the patch, and an update that sends it."""
    demo.step("Another host")
    demo.screen.explain(
        "The preview compares with what LaunchDarkly really has, and shows the exact JSON Patch: "
        "one field, one operation."
    )
    demo.pulumi("config", "set", "redisHost", "new.example.com")
    demo.pulumi("preview")
    demo.launchdarkly_saw("GET")
    demo.screen.explain(
        "The update sends just that, behind a guard: had anybody edited the integration in between, LaunchDarkly would "
        "refuse it, and the provider would read and compare again."
    )
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.launchdarkly_saw("GET", "PATCH")


def find_drift(demo: Demo) -> None:
    """A change from elsewhere, found and reverted."""
    demo.step("A change behind Pulumi's back")
    demo.screen.explain("A colleague edits the store in LaunchDarkly: another port, and switched off.")
    demo.colleague_changes(
        {"op": "replace", "path": "/config/port", "value": "6380"}, {"op": "replace", "path": "/on", "value": False}
    )
    demo.launchdarkly_saw("PATCH", from_pulumi=False)
    demo.screen.explain(
        "Pulumi's state knows nothing of it. The preview asks LaunchDarkly, says what has changed, and fails where no "
        "changes are expected: a nightly job can watch."
    )
    demo.pulumi("preview", "--expect-no-changes", codes=DRIFT_FOUND)
    demo.launchdarkly_saw("GET")
    demo.screen.explain("An update reverts it to what the program declares, and touches nothing else.")
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.launchdarkly_saw("GET", "PATCH")


def change_password(demo: Demo) -> None:
    """Only the password is sent, and nobody sees it."""
    demo.step("A new password")
    demo.screen.explain("It is hidden everywhere, and it is all that is sent.")
    demo.pulumi("config", "set", "--secret", "redisPassword", stdin=SECRETS[SECOND_PASSWORD])
    demo.pulumi("config")
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.launchdarkly_saw("GET", "PATCH")


def refuse_mistakes(demo: Demo) -> None:
    """An error for each wrong field, and no request."""
    demo.step("Two mistakes")
    demo.screen.explain("Refused in the preview, each under its field and both at once, before anything is sent.")
    wrong = ("redisHost=redis://new.example.com", "redisPort=70000")
    demo.pulumi("config", "set-all", *(part for setting in wrong for part in ("--plaintext", setting)))
    demo.pulumi("preview", codes=REFUSED)
    demo.launchdarkly_saw()


def destroy(demo: Demo) -> None:
    """One DELETE."""
    demo.step("Destroy")
    demo.screen.explain("The integration goes, and with it the stack's resources.")
    demo.pulumi("destroy", "--yes", "--skip-preview")
    demo.launchdarkly_saw("DELETE")


def read_segments(demo: Demo) -> None:
    """LaunchDarkly's own SDK reads a big segment from a Redis, and notices when nobody writes it any more."""
    demo.step("From the store to a flag")
    if shutil.which("redis-server") is None:
        demo.screen.explain("This step needs redis-server on PATH, which is not there: it is left out.")
        return
    folder = demo.folder / "segments"
    folder.mkdir()
    segment = ("--sync", "--segment", f"{SEGMENT}=ada")
    with redis(folder, demo.environment) as port, emulator(folder, demo.environment, *segment) as url:
        other = Demo(folder, url, demo.environment, demo.screen, SERVICE / "__main__.py", demo.seen)
        demo.screen.explain(
            f"Now with a real Redis, redis://127.0.0.1:{port}, and with a second LaunchDarkly, {url}, that does what "
            "LaunchDarkly does with a store: it writes big segments into it. User ada is in beta-testers. The program "
            "of examples/sdk declares the store, waits until it is synchronized, and exports the environment's "
            "client-side ID: the key prefix that SDKs need."
        )
        other.pulumi("stack", "init", "prod")
        other.pulumi("config", "set", "redisPort", str(port))
        other.pulumi("up", "--yes", "--skip-preview")
        other.launchdarkly_saw("GET", "POST", "GET", waits=True)
        demo.screen.explain("A service with LaunchDarkly's Python SDK asks for a flag that is on for beta-testers:")
        answered(other.service(port, "ada", "grace"), "ada: new checkout (HEALTHY)", "grace: old checkout (HEALTHY)")
        demo.screen.explain("The store is switched off: LaunchDarkly does not write to it any more.")
        other.pulumi("config", "set", "on", "false")
        other.pulumi("up", "--yes", "--skip-preview")
        other.launchdarkly_saw("GET", "PATCH")
        demo.screen.explain(
            f"{STALE_AFTER} seconds later (the SDK's default is two minutes) the SDK warns. What it reads may be old:"
        )
        time.sleep(STALE_AFTER)
        answered(other.service(port, "ada", "grace"), "ada: new checkout (STALE)", "grace: old checkout (STALE)")


def answered(lines: list[str], *expected: str) -> None:
    """Stops the demo if the service answers otherwise than told."""
    if lines != list(expected):
        raise DemoStopped(f"the service answered {'; '.join(lines)}; it should have been {'; '.join(expected)}")


STEPS: tuple[Callable[[Demo], None], ...] = (
    create,
    change_nothing,
    change_host,
    find_drift,
    change_password,
    refuse_mistakes,
    destroy,
    read_segments,
)


def conclude(demo: Demo, started: float) -> None:
    """What was seen, the search for secrets, and where to go from here."""
    demo.screen.heading("What you saw")
    demo.screen.line()
    for number, (title, methods) in enumerate(demo.seen.items(), start=1):
        demo.screen.line(f"  {number}  {title:<32}{_listed(methods)}")
    total = Counter(method for methods in demo.seen.values() for method in methods)
    counts = ", ".join(f"{count} {method}" for method, count in total.items())
    demo.screen.explain(
        f"{total.total()} requests by Pulumi ({counts}), and the colleague's one, in "
        f"{time.monotonic() - started:.0f} seconds."
    )
    if found := leaks(demo.folder):
        raise DemoStopped("; ".join(found))
    demo.screen.explain(
        f"Both passwords and the access token were looked for in the {len(files_of(demo.folder))} files below "
        f"{shown_path(demo.folder)} (each state that the stack has had, its settings, all that the commands printed, "
        "the request log), as they are and JSON-, URL-, hex- and base64-encoded: found nowhere."
    )
    demo.screen.explain("Next: README.md. The same program for your own account, with .venv/bin on PATH:")
    demo.screen.line()
    demo.screen.block(
        "pulumi stack init prod\n"
        "pulumi config set --secret launchdarkly:accessToken\n"
        "pulumi config set --secret redisPassword\n"
        "pulumi config set redisHost HOST\n"
        "pulumi up",
        "1",
    )


# Starting and ending.


def main() -> int:
    """Runs the demo; returns the exit code."""
    parser = argparse.ArgumentParser(description="Shows the provider at work, without a LaunchDarkly account.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / ".demo", help="for all that it makes (.demo)")
    folder = Path(parser.parse_args().folder).absolute()
    screen = Screen(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")
    interrupt_on_signals()
    try:
        perform(folder, screen)
    except KeyboardInterrupt:
        print("\nThe demo was interrupted; nothing is left running.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read along has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (DemoStopped, OSError) as stopped:
        print(f"\nerror: {stopped}", file=sys.stderr)
        return 1
    return 0


def perform(folder: Path, screen: Screen) -> None:
    """The demo from an empty folder to its conclusion."""
    started = time.monotonic()
    start_afresh(folder)
    environment = clean_environment()
    with emulator(folder, environment) as url:
        demo = Demo(folder, url, environment, screen)
        introduce(demo)
        for step in STEPS:
            step(demo)
        conclude(demo, started)


def start_afresh(folder: Path) -> None:
    """Removes what an earlier demo left; a folder with anything else in it is not touched."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / OURS).exists():
            raise DemoStopped(
                f"{shown_path(folder)} is not empty, and not from a demo: remove it, or name another folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OURS).touch()


def clean_environment() -> dict[str, str]:
    """The environment without what belongs to accounts of the person who runs the demo."""
    personal = ("PULUMI_", "LAUNCHDARKLY_", "AWS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(personal)}
    path = os.pathsep.join([*map(str, TOOLS), kept.get("PATH", os.defpath)])
    direct = "127.0.0.1,localhost"  # nothing here is meant for a proxy
    return kept | {"PATH": path, "NO_PROXY": direct, "no_proxy": direct}


def interrupt_on_signals() -> None:
    """Makes the other ways of stopping a program end the demo as Ctrl-C does, and only once."""
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if _heeded(number)]

    def interrupt(*_: object) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def _heeded(number: signal.Signals) -> bool:
    return signal.getsignal(number) != signal.SIG_IGN


def shown_path(path: Path) -> str:
    """A path as short as it can be from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
