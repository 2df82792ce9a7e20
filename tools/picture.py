"""Draws ``docs/pictures/preview.svg``: a real ``pulumi preview`` in a terminal, run against a local LaunchDarkly API.

Usage: ``python tools/picture.py [FILE]``, with the Pulumi CLI and this Python on PATH (``make pictures``). Two stores
are created; then the program gives one another host and password, and somebody switches the other off in LaunchDarkly.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from launchdarkly_pulumi.emulator import Emulator

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "preview.svg"
COLUMNS, ROWS = 112, 40
COMMAND = ("pulumi", "preview")

PROGRAM = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

config = pulumi.Config()
for environment in ("production", "staging"):
    launchdarkly.BigSegmentStoreIntegration(
        environment,
        project_key="default",
        environment_key=environment,
        config=launchdarkly.RedisConfig(
            host=config.get(f"{environment}Host") or f"redis.{environment}.example.com",
            tls_enabled=True,
            password=config.require_secret(f"{environment}Password"),
        ),
        on=True,
    )
"""

FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" class="rich-terminal" viewBox="0 0 {width} {height}" role="img">
<title>A pulumi preview: the patch for a change of the program, and drift with the patch that undoes it</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""rich's own frame without the web fonts that it would load."""

CONTROL = re.compile(r"(\r\n|\r|\x1b\[\d*A|\x1b\[K|\x1b\[\?\d+[hl]|\x1b\[6n|\x1b\][^\x1b]*\x1b\\)")


def preview(folder: Path) -> str:
    """What the CLI writes to a terminal, control sequences included."""
    with Emulator() as emulator:
        environment = os.environ | {
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "picture",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "LAUNCHDARKLY_API_HOST": emulator.url,
            "LAUNCHDARKLY_ACCESS_TOKEN": "api-picture",
            "TERM": "xterm-256color",
        }
        project = folder / "project"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        (project / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        for arguments in (
            ("stack", "init", "prod"),
            ("config", "set", "--secret", "productionPassword", "correct horse"),
            ("config", "set", "--secret", "stagingPassword", "battery staple"),
            ("up", "--yes", "--skip-preview"),
            ("config", "set", "productionHost", "redis-2.example.com"),
            ("config", "set", "--secret", "productionPassword", "another horse"),
        ):
            subprocess.run(["pulumi", *arguments], cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
        [staging] = [id_ for id_, each in emulator.integrations.items() if each["environmentKey"] == "staging"]
        emulator.outside_edit(staging, {"on": False})
        return in_terminal(COMMAND, project, environment)


def in_terminal(command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> str:
    """Runs a command in a terminal of its own; gives all that it writes."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    try:
        while piece := _read(ours):
            written += piece
            if b"\x1b[6n" in piece:
                os.write(ours, b"\x1b[1;1R")  # it asks where the cursor is, and would wait for the answer
    finally:
        os.close(ours)
    if process.wait():
        raise SystemExit(f"`{' '.join(command)}` ended with exit code {process.returncode}")
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that nobody has the other end open any more
        return b""


def final_screen(written: str) -> list[str]:
    """The lines that are left on the screen, with their colours: Pulumi redraws its table line by line."""
    lines = [""]
    row, at_start = 0, True
    for piece in CONTROL.split(written):
        if piece == "\r\n":
            row, at_start = row + 1, True
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            at_start = True
        elif moved_up := re.fullmatch(r"\x1b\[(\d*)A", piece):
            row -= int(moved_up[1] or 1)
        elif piece and not piece.startswith(("\x1b]", "\x1b[?", "\x1b[6n")):
            text = "" if piece == "\x1b[K" else piece
            lines[row] = text if at_start else lines[row] + text
            at_start = False
    return "\n".join(lines).rstrip().split("\n")


def drawn(lines: list[str]) -> str:
    """The terminal as an SVG that loads nothing."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="256", legacy_windows=False
    )
    console.print(Text.assemble(("$ ", "bold green"), (" ".join(COMMAND), "bold")))
    for line in lines:
        console.print(Text.from_ansi(line), overflow="fold", highlight=False)
    return console.export_svg(title="", theme=SVG_EXPORT_THEME, code_format=FRAME, unique_id="preview")


def main() -> None:
    """Runs the preview and writes the picture."""
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with tempfile.TemporaryDirectory() as folder:
        picture.write_text(drawn(final_screen(preview(Path(folder)))), encoding="utf-8")


if __name__ == "__main__":
    main()
