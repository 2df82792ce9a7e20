"""``make mutate``: what it makes of mutmut's results, and when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

import mutate
from mutate import Figures, Mutant

DIFF = """\
# launchdarkly_pulumi.retry.xǁPaceǁheld_time__mutmut_8: survived
--- src/launchdarkly_pulumi/retry.py
+++ src/launchdarkly_pulumi/retry.py
@@ -3,4 +3,4 @@
     with self._lock:
         held = self._closed_until - self._clock.monotonic()
-    return held if held > 0 else 0.0
+    return held if held > 1 else 0.0
"""
HELD = Mutant("Pace.held_time", "return held if held > 0 else 0.0", "return held if held > 1 else 0.0")
BACKOFF = Mutant("backoff", "return 2 * jitter()", "return 3 * jitter()")

EXPLANATIONS = """\
retry:
- function: Pace.held_time
  before: "return held if held > 0 else 0.0"
  after: "return held if held > 1 else 0.0"
  reason: Nobody holds for less than a second.
"""


def figures(mutants: int = 100, killed: int = 99, survivors: tuple[Mutant, ...] = (HELD,)) -> Figures:
    """Of one module."""
    return Figures("retry", mutants, killed, survivors)


def test_a_mutant_is_known_by_its_lines() -> None:
    """Not by its number, which changes with every change of the function."""
    assert mutate.mutant("launchdarkly_pulumi.retry.xǁPaceǁheld_time__mutmut_8", DIFF) == HELD
    plain = mutate.mutant("launchdarkly_pulumi.retry.x__number__mutmut_12", "--- a\n+++ a\n-    one(\n-    )\n")
    assert plain == Mutant("_number", "one( )", "nothing")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("zip(one, other, strict=False)", "zip(one, other, strict=None)", "`False` → `None`"),
        ("zip(one, other, strict=False)", "zip(one, other)", "`, strict=False` → nothing"),
        ("one > other", "one >= other", "nothing → `=`"),
        ("self._held = 0.0", "self._held = 1.0", "`0.0` → `1.0`"),
    ],
)
def test_a_mutant_is_shown_by_what_it_changes(before: str, after: str, shown: str) -> None:
    """Lines of code are long, and changes are small."""
    assert Mutant("f", before, after).change == shown


def test_enough_killed_and_the_rest_explained_is_right() -> None:
    """Reaching the goal exactly is enough."""
    explanations = mutate.explained(EXPLANATIONS)["retry"]
    assert mutate.problems(figures(), explanations) == []
    assert mutate.problems(figures(killed=95), explanations) == []


def test_too_few_killed_is_told() -> None:
    """However well the survivors are explained."""
    found = mutate.problems(figures(killed=94), mutate.explained(EXPLANATIONS)["retry"])
    assert found == ["retry: 94.0% of the mutants are killed, below 95%"]


def test_a_survivor_that_nobody_explains_is_told() -> None:
    """As the data file would have it, to put a reason to it there."""
    [found] = mutate.problems(figures(survivors=(HELD, BACKOFF)), mutate.explained(EXPLANATIONS)["retry"])
    told, entry = found.split("\n", 1)
    assert told == "retry: survives unexplained:"
    assert mutate.explained(f"retry:\n{entry}") == {"retry": {BACKOFF: ""}}


def test_an_explanation_that_is_out_of_date_is_told() -> None:
    """The code has changed, or a test kills the mutant by now."""
    found = mutate.problems(figures(killed=100, survivors=()), mutate.explained(EXPLANATIONS)["retry"])
    assert found == [f"retry: explained, but does not survive: {HELD}"]


def test_the_table_has_a_row_for_each_module() -> None:
    """In columns, for a terminal as well as for Markdown."""
    assert mutate.table([figures(), Figures("patch", 8, 8, ())]) == (
        "| module  | mutants | killed | share  | survivors |\n"
        "| ---     | ---     | ---    | ---    | ---       |\n"
        "| `retry` | 100     | 99     | 99.0%  | 1         |\n"
        "| `patch` | 8       | 8      | 100.0% | 0         |"
    )


def test_figures_and_reasons_go_between_the_marks_of_the_page() -> None:
    """And nothing else of it changes; a page without marks is not guessed about."""
    page = f"before\n{mutate.BEGIN}\nold\n{mutate.END}\nafter\n"
    written = mutate.with_figures(page, [figures()], mutate.explained(EXPLANATIONS))
    assert written == (
        f"before\n{mutate.BEGIN}\n\n{mutate.table([figures()])}\n\n"
        f"- `retry`, `Pace.held_time`, `0` → `1`: Nobody holds for less than a second.\n\n{mutate.END}\nafter\n"
    )
    assert mutate.with_figures(written, [figures()], mutate.explained(EXPLANATIONS)) == written
    with pytest.raises(ValueError, match="must have"):
        mutate.with_figures("no marks", [figures()], {})


def test_the_explanations_are_of_modules_that_are_tested_and_the_page_has_the_marks() -> None:
    """Those of this repository."""
    explanations = mutate.explained(mutate.EXPLANATIONS.read_text(encoding="utf-8"))
    assert set(explanations) <= set(mutate.MODULES)
    assert all(reason.endswith(".") for reasons in explanations.values() for reason in reasons.values())
    assert mutate.with_figures(mutate.PAGE.read_text(encoding="utf-8"), [], {})


@pytest.mark.parametrize("module", mutate.MODULES)
def test_each_module_and_its_tests_exist(module: str) -> None:
    """By the names that the table has."""
    assert (mutate.ROOT / "provider" / "launchdarkly_pulumi" / f"{module}.py").is_file()
    assert all((mutate.ROOT / tests).is_file() for tests in mutate.MODULES[module])


# The real mutmut, on a small project.

CODE = '''\
"""A module."""


def larger(one: int, other: int) -> int:
    """The larger of two numbers."""
    return one if one > other else other
'''
WEAK = "from launchdarkly_pulumi.small import larger\n\n\ndef test_larger():\n    assert larger(2, 1) == 2\n"
TESTS = ("tests/unit/test_small.py",)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one module, and a test that looks at half of it."""
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n',
        "provider/launchdarkly_pulumi/__init__.py": "",
        "provider/launchdarkly_pulumi/small.py": CODE,
        "tests/conftest.py": (mutate.ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"),
        "tests/component/conftest.py": "",
        "tests/support/__init__.py": "",
        TESTS[0]: WEAK,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def kept(project: Path) -> dict[str, bytes]:
    """The files of the project, without the copies."""
    files = [path for path in sorted(project.rglob("*")) if path.is_file() and mutate.COPIES.name not in path.parts]
    return {str(path.relative_to(project)): path.read_bytes() for path in files}


def test_what_the_tests_do_not_notice_survives(project: Path) -> None:
    """Mutants live in a copy: the project stays as it is."""
    before = kept(project)
    found = mutate.measured("small", TESTS, project)
    line = "return one if one > other else other"
    mutants = (line.replace("one > other", new) for new in ("(one > other) or True", "one >= other"))
    always, same = (Mutant("larger", line, after) for after in mutants)
    assert (found.mutants, found.killed, set(found.survivors)) == (3, 1, {always, same})
    assert kept(project) == before


@pytest.mark.parametrize("changed", ["provider/launchdarkly_pulumi/__init__.py", "tests/support/__init__.py", *TESTS])
def test_a_copy_is_kept_until_something_changes_that_it_was_made_from(project: Path, changed: str) -> None:
    """A run that was stopped goes on; results of other code or tests count for nothing."""
    result = mutate.copied("small", TESTS, project) / "result"
    result.touch()
    assert mutate.copied("small", TESTS, project) == result.parent
    assert result.exists()
    (project / changed).write_text("# changed\n", encoding="utf-8")
    assert mutate.copied("small", TESTS, project) == result.parent
    assert not result.exists()


def test_tests_that_fail_without_a_mutant_are_told(project: Path) -> None:
    """They would kill every mutant."""
    (project / TESTS[0]).write_text(WEAK.replace("== 2", "== 3"), encoding="utf-8")
    with pytest.raises(mutate.Unfinished, match="assert 2 == 3"):
        mutate.measured("small", TESTS, project)


PARAMETRIZED = """\
import itertools

COUNT = itertools.count()


def pytest_generate_tests(metafunc):
    metafunc.parametrize("two", [2], ids=[str(next(COUNT))])


def test_larger(two):"""


def test_a_test_that_pytest_does_not_find_by_its_name_is_told(project: Path) -> None:
    """Its name is another one each time that the tests are collected: mutmut would count every mutant as killed."""
    (project / TESTS[0]).write_text(WEAK.replace("def test_larger():", PARAMETRIZED), encoding="utf-8")
    with pytest.raises(mutate.Unfinished, match=r"^small: pytest does not find tests by .*\nERROR: .*::test_larger\b"):
        mutate.measured("small", TESTS, project)


def test_tests_that_cannot_be_collected_are_told(project: Path) -> None:
    """With pytest's own words."""
    (project / TESTS[0]).write_text("import nothing_of_this_name\n", encoding="utf-8")
    with pytest.raises(mutate.Unfinished, match=r"(?s)^small: pytest cannot collect .*No module named 'nothing_of_"):
        mutate.measured("small", TESTS, project)
