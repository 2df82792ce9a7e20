"""Mutation testing: which small changes of a module do its unit tests not notice?

Usage: ``python tools/mutate.py [--write] [MODULE ...]``, by default every module of ``MODULES``.

mutmut (https://mutmut.readthedocs.io) makes the changes, the mutants, in copies below ``.mutants``: the working tree
stays as it is. A run that was stopped goes on where it ended; when something that a module's copy was made from
has changed, its mutants are tested from the first one again.

Exits with 1 when fewer than 95 % of a module's mutants are killed, when one survives that ``tools/survivors.yaml``
does not explain, and when that file explains one that does not survive. ``--write`` puts the figures and the
survivors into ``docs/reliability.md`` too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
COPIES = ROOT / ".mutants"
EXPLANATIONS = ROOT / "tools" / "survivors.yaml"
PAGE = ROOT / "docs" / "reliability.md"
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
FIND_BY_NAME = ROOT / "tools" / "find_by_name.py"
LOG = "mutmut.log"
BEGIN, END = "<!-- make mutate: begin -->", "<!-- make mutate: end -->"

GOAL = 0.95

CREATES = (
    "tests/component/test_create.py",
    "tests/component/test_create_candidates.py",
    "tests/component/test_create_lost_answers.py",
    "tests/component/test_create_next_run.py",
    "tests/component/test_create_unheard.py",
)
NOTES = (
    "tests/unit/test_notes.py",
    "tests/unit/test_notes_files.py",
    "tests/component/test_notes_processes.py",
)
MODULES = {
    "model/diff": ("tests/unit/test_patch.py", "tests/unit/test_same_members.py"),
    "model/patch": ("tests/unit/test_patch.py",),
    "api/clock": ("tests/unit/test_clock.py", "tests/unit/test_retry.py"),
    "api/retry": ("tests/unit/test_retry.py",),
    "api/throttle": ("tests/unit/test_retry.py", "tests/unit/test_shared.py"),
    "core/wait": ("tests/component/test_wait.py",),
    "core/own": ("tests/unit/test_own.py",),
    "core/presence": ("tests/component/test_presence.py",),
    "core/delete": ("tests/component/test_delete.py",),
    "core/compare": ("tests/component/test_compare.py", "tests/unit/test_difference.py"),
    "core/gates": ("tests/component/test_compare.py", "tests/component/test_new_stores.py"),
    "core/adopt": ("tests/component/test_adopt.py",),
    "core/update": (
        "tests/component/test_update.py",
        "tests/unit/test_update_calls.py",
        "tests/component/test_update_lost_answers.py",
    ),
    "core/create": CREATES,
    "core/lost_creates": CREATES,
    "core/look_alikes": (*CREATES, "tests/unit/test_look_alikes.py"),
    "core/read": (
        "tests/component/test_read.py",
        "tests/unit/test_read_proof.py",
        "tests/unit/test_read_waits.py",
    ),
    "core/shared": ("tests/unit/test_shared.py",),
    "core/notes/adoptions": NOTES,
    "core/notes/creates": NOTES,
    "core/notes/deletes": NOTES,
    "core/notes/folder": NOTES,
    "core/notes/processes": NOTES,
}
"""The modules below ``provider/launchdarkly_pulumi``, and the tests that have to kill their mutants, alone."""

SHARED_TESTS = ("tests/conftest.py", "tests/component/conftest.py", "tests/support")

# Few examples of each property, since each is looked at for each mutant. Tests have ten times the time that they took
# without a mutant: a machine that is busy must kill none.
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/launchdarkly_pulumi/{module}.py"]
pytest_add_cli_args = ["--hypothesis-profile=brief", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
timeout_multiplier = 10.0
use_git_change_detection = false
"""

KILLED = frozenset({"killed", "timeout", "segfault"})
SURVIVED = frozenset({"survived", "no tests"})


class Unfinished(Exception):
    """Not every mutant was tested; the message says why."""


class Mutant(NamedTuple):
    """A small change of a function: some of its lines, and what stands in their place."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}: {self.before} → {self.after}"

    @property
    def change(self) -> str:
        """In Markdown, without what is the same on both sides."""
        one, other = (re.findall(r"[\w.]+|\s+|.", side) for side in (self.before, self.after))
        start = _alike(one, other)
        end = _alike(one[start:][::-1], other[start:][::-1])
        sides = ("".join(words[start : len(words) - end]).strip() for words in (one, other))
        return " → ".join(f"`{side}`" if side else "nothing" for side in sides)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many members the two begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class Figures(NamedTuple):
    """What became of a module's mutants.

    :param survivors: each once, though a function may have two that look the same.
    """

    module: str
    mutants: int
    killed: int
    survivors: tuple[Mutant, ...]

    @property
    def share(self) -> float:
        """Of the mutants that were killed."""
        return self.killed / self.mutants


def main(arguments: Sequence[str]) -> int:
    """Tests the mutants, prints the figures, and says what is wrong with them."""
    parser = _parser()
    options = parser.parse_args(arguments)
    modules = options.modules or list(MODULES)
    if not set(modules) <= set(MODULES) or (options.write and set(modules) != set(MODULES)):
        parser.error(f"the modules are {', '.join(MODULES)}; --write is for the figures of all")
    explanations = explained(EXPLANATIONS.read_text(encoding="utf-8"))
    try:
        figures = [measured(module, MODULES[module]) for module in modules]
    except Unfinished as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here", file=sys.stderr)
        return 1
    print(table(figures))
    if options.write:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), figures, explanations), encoding="utf-8")
    wrong = [problem for each in figures for problem in problems(each, explanations.get(each.module, {}))]
    for problem in wrong:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Tests the unit tests with mutants of the provider's modules.")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name} too")
    parser.add_argument("modules", metavar="MODULE", nargs="*", help=f"of {', '.join(MODULES)}; by default all")
    return parser


# What mutmut does.


def measured(module: str, tests: Sequence[str], root: Path = ROOT) -> Figures:
    """Tests the mutants of a module that are not tested yet.

    :raises Unfinished: the tests fail without a mutant too, pytest does not find one by its name, or mutmut could not
        tell what a mutant does.
    """
    copy = copied(module, tests, root)
    _require_found(module, tests, copy)
    print(f"{module}: testing mutants, see {(copy / LOG).relative_to(root)}", flush=True)
    _run_mutmut(copy)
    # What was interrupted counts as tested for mutmut, unless it is asked for by name.
    if unclear := _unclear(_results(copy)):
        _run_mutmut(copy, *unclear)
    results = _results(copy)
    if not results or _unclear(results):
        raise Unfinished(f"{module}: mutmut cannot tell what becomes of {_unclear(results) or 'any mutant'}")
    survivors = [name for name, result in results.items() if result in SURVIVED]
    shown = dict.fromkeys(mutant(name, _mutmut(copy, "show", name)) for name in survivors)
    return Figures(module, len(results), len(results) - len(survivors), tuple(shown))


def _require_found(module: str, tests: Sequence[str], copy: Path) -> None:
    """Makes sure that pytest finds each test by its name.

    It ends with an error where it does not, which mutmut takes for a failed test: mutants would count as killed.
    """
    command = [sys.executable, str(FIND_BY_NAME), *tests]
    asked = subprocess.run(command, cwd=copy, env=_environment(copy), capture_output=True, text=True, check=False)
    if asked.returncode == 1:
        errors = "\n".join(line for line in asked.stderr.splitlines() if line.startswith("ERROR"))
        raise Unfinished(f"{module}: pytest does not find tests by their names; give parameters plain IDs:\n{errors}")
    if asked.returncode:
        raise Unfinished(f"{module}: pytest cannot collect the tests:\n{asked.stdout[-2000:]}{asked.stderr[-2000:]}")


def _environment(copy: Path) -> dict[str, str]:
    """A process that a test starts imports the copy too, whatever is installed."""
    return {**os.environ, "PYTHONPATH": str(copy / "src")}


def _run_mutmut(copy: Path, *names: str) -> None:
    with (copy / LOG).open("w") as log:
        command = [MUTMUT, "run", "--max-children", "1", *names]
        environment = _environment(copy)
        ended = subprocess.run(command, cwd=copy, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    if ended.returncode:
        raise Unfinished(f"mutmut ended with {ended.returncode}:\n{(copy / LOG).read_text(encoding='utf-8')[-2000:]}")


def _results(copy: Path) -> dict[str, str]:
    return dict(re.findall(r"^ +(\S+): (.+)$", _mutmut(copy, "results", "--all", "true"), re.MULTILINE))


def _unclear(results: Mapping[str, str]) -> list[str]:
    return [name for name, result in results.items() if result not in KILLED | SURVIVED]


def _mutmut(copy: Path, *arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], cwd=copy, capture_output=True, text=True, check=True).stdout


def copied(module: str, tests: Sequence[str], root: Path) -> Path:
    """The copy that mutmut works in: as it was left when nothing has changed since, else a new one."""
    copy = root / COPIES.name / module.replace("/", ".")
    settings = (root / "pyproject.toml").read_text(encoding="utf-8")
    settings += SETTINGS.format(module=module, tests=json.dumps(list(tests)))
    # mutmut finds the code below src, whatever the project calls the folder.
    places = {"provider": "src", **{path: path for path in (*SHARED_TESTS, *tests)}}
    fingerprint = _fingerprint(root, places, settings)
    noted = copy / "fingerprint"
    if noted.exists() and noted.read_text() == fingerprint:
        return copy
    shutil.rmtree(copy, ignore_errors=True)
    for source, target in places.items():
        (copy / target).parent.mkdir(parents=True, exist_ok=True)
        if (root / source).is_dir():
            shutil.copytree(root / source, copy / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(root / source, copy / target)
    (copy / "pyproject.toml").write_text(settings, encoding="utf-8")
    noted.write_text(fingerprint)
    return copy


def _fingerprint(root: Path, sources: Iterable[str], settings: str) -> str:
    """Of everything that decides what becomes of a mutant."""
    digest = hashlib.sha256(f"{settings}\0{sys.version}\0{version('mutmut')}".encode())
    for source in sources:
        files = [root / source, *sorted((root / source).rglob("*"))]
        for file in files:
            if file.is_file() and file.parent.name != "__pycache__":
                digest.update(f"\0{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def mutant(name: str, shown: str) -> Mutant:
    """A mutant by its name, ``package.module.xǁClassǁmethod__mutmut_7``, and ``mutmut show``'s diff of it."""
    function = name.rpartition(".")[2].partition("__mutmut_")[0]
    lines = [line for line in shown.splitlines() if not line.startswith(("--- ", "+++ "))]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) or "nothing" for sign in ("-", "+")
    )
    return Mutant(function.removeprefix("xǁ").removeprefix("x_").replace("ǁ", "."), before, after)


# What is right, and what is said of it.


def explained(text: str) -> dict[str, dict[Mutant, str]]:
    """The reasons for survivors by module, out of the data file."""
    return {
        module: {Mutant(each["function"], each["before"], each["after"]): each["reason"] for each in entries}
        for module, entries in (yaml.safe_load(text) or {}).items()
    }


def problems(figures: Figures, explanations: dict[Mutant, str]) -> list[str]:
    """What is wrong with the tests of a module, or with the explanations."""
    module, survivors = figures.module, set(figures.survivors)
    below = figures.share < GOAL
    return [
        *([f"{module}: {figures.share:.1%} of the mutants are killed, below {GOAL:.0%}"] if below else []),
        *(f"{module}: survives unexplained:\n{_entry(each)}" for each in figures.survivors if each not in explanations),
        *(f"{module}: explained, but does not survive: {each}" for each in explanations if each not in survivors),
    ]


def _entry(mutant: Mutant) -> str:
    """What the data file would have of it, but for the reason."""
    return yaml.safe_dump(
        [{**mutant._asdict(), "reason": ""}], sort_keys=False, allow_unicode=True, width=1000
    ).rstrip()


def table(figures: Sequence[Figures]) -> str:
    """The figures in Markdown, in columns."""
    rows = [
        ("module", "mutants", "killed", "share", "survivors"),
        ("---",) * 5,
        *(
            (f"`{each.module}`", each.mutants, each.killed, f"{each.share:.1%}", each.mutants - each.killed)
            for each in figures
        ),
    ]
    widths = [max(len(str(row[column])) for row in rows) for column in range(5)]
    return "\n".join(
        f"| {' | '.join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows
    )


def with_figures(page: str, figures: Sequence[Figures], explanations: dict[str, dict[Mutant, str]]) -> str:
    """The page with these figures, and the survivors with their reasons, between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{PAGE.name} must have {BEGIN} and {END}")
    reasons = [
        f"- `{each.module}`, `{survivor.function}`, {survivor.change}: "
        + explanations.get(each.module, {}).get(survivor, "not explained")
        for each in figures
        for survivor in each.survivors
    ]
    told = "\n".join(reasons)
    return f"{before}{BEGIN}\n\n{table(figures)}\n\n{told}\n\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
