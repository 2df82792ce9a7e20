"""``completion``: what a shell offers when somebody presses the tab key."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import Shell

COMPLETE = """
source ./script
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_launchdarkly_pulumi
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("", {"completion", "emulator", "export", "list", "status", "verify"}),
        ("exp", {"export"}),
        ("export --e", {"--environment", "--exclude-state"}),
        ("list --j", {"--json"}),
        ("completion ", {"bash", "fish", "zsh"}),
        ("export --exclude-state st", {"state.json", "stacks"}),
        ("export --out s", {"stacks"}),
        ("emulator --request-log st", {"state.json", "stacks"}),
    ],
)
def test_bash_completes_commands_options_and_files(tmp_path: Path, run: Shell, words: str, offered: set[str]) -> None:
    """As a person types them."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "state.json").touch()
    done = run("completion", "bash")
    assert (done.code, done.errors) == (0, "")
    (tmp_path / "script").write_text(done.output)
    typed = " ".join(map(shlex.quote, f"launchdarkly-pulumi {words}".split(" ")))
    completed = subprocess.run(
        ["bash", "-c", COMPLETE.format(words=typed)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(completed.stdout.split()) - {"-h", "--help", "--version"} == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_with_what_the_options_are_for(run: Shell, shell: str) -> None:
    """Each command in few words, and each option."""
    done = run("completion", shell)
    assert (done.code, done.errors) == (0, "")
    for told in ("show whether the stores work", "only the stores of this project", "exclude-state"):
        assert told in done.output
    assert "Prints a Pulumi program" not in done.output


def test_another_shell_is_told(run: Shell) -> None:
    """With those that are known."""
    done = run("completion", "csh")
    assert (done.code, done.output) == (2, "")
    assert "invalid choice: 'csh'" in done.errors


def test_without_the_extra_it_says_what_to_install(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a line."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run("completion", "bash") == (2, "", "error: this needs shtab: pip install 'launchdarkly-pulumi[cli]'\n")
