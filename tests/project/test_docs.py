"""What the documentation says is true: its programs run, its examples are what the code gives, what it names exists."""

from __future__ import annotations

import ast
import html
import json
import re
import shlex
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from packaging.requirements import Requirement

from launchdarkly_pulumi import __version__
from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.commands import cli
from launchdarkly_pulumi.core import gates, read, settings
from launchdarkly_pulumi.core.compare import difference
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.errors import AccessDenied
from launchdarkly_pulumi.model import patch, validation
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import keys_of
from launchdarkly_pulumi.model.fields import TYPE
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.model.secrets import hidden_pointers
from support.desired import desired
from support.documents import REFERENCE, ROOT, Page, build, pages
from support.programs import stores_of

PAGES = {page.name: page for page in pages()}
WRITTEN = [page for page in PAGES.values() if REFERENCE not in page.path.parents]
CONCEPTS = PAGES["docs/concepts.md"]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))

SNIPPETS = {
    f"{page.name}:{block.line}": block.text for page in WRITTEN for block in page.blocks if block.language == "python"
}
FOLDERS = tuple(f"{each}/" for each in ("docs", "examples", "provider", "tests", "tools", "unit", "host", "engine"))
PATH = re.compile(r"[\w./-]+\.(py|md|sh|toml|svg|yaml|yml|json)(::\w+)?|[\w./-]+/")


def is_program(snippet: str) -> bool:
    """Whether a snippet is a Pulumi program with nothing but this provider: the mocks know no other."""
    imported = {
        name.name if isinstance(node, ast.Import) else f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(snippet))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    roots = {name.split(".")[0] for name in imported} - sys.stdlib_module_names
    return (
        "launchdarkly_pulumi" in roots
        and roots <= {"launchdarkly_pulumi", "pulumi"}
        and not any(name.startswith("pulumi.automation") for name in imported)
    )


PROGRAMS = [name for name, snippet in SNIPPETS.items() if is_program(snippet)]


# Programs.


@pytest.mark.parametrize("name", SNIPPETS)
def test_python_in_the_documentation_parses(name: str) -> None:
    """Whole programs and fragments."""
    ast.parse(SNIPPETS[name])


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.usefixtures("launchdarkly_emulator")
def test_programs_in_the_documentation_run(name: str) -> None:
    """With Pulumi's mocks, and look-ups in an emulator; what they declare passes the provider's checks."""
    failures = {
        store: validation.check(desired(inputs)).failures for store, inputs in stores_of(SNIPPETS[name]).items()
    }
    assert not any(failures.values()), failures


def test_the_first_pages_show_a_program() -> None:
    """README and the first steps: an empty list would prove nothing."""
    assert {"README.md", "docs/getting-started.md"} <= {name.split(":")[0] for name in PROGRAMS}


# The worked example.


def test_the_worked_example_is_what_the_code_gives() -> None:
    """``concepts.md``: the program before and after, LaunchDarkly's document, the preview's message, and the patch."""
    [shown] = [block.text for block in CONCEPTS.blocks if block.language == "diff"]
    document, operations = [json.loads(block.text) for block in CONCEPTS.blocks if block.language == "json"]
    message, *_ = [block.text for block in CONCEPTS.blocks if block.language == ""]
    stored, inputs = (_declared(shown, without) for without in "+-")
    id_ = IntegrationId(*keys_of(inputs), document["_id"])

    plan = difference(document, stored, inputs)

    assert operations == patch.guarded(plan.operations, document["version"])
    hidden = hidden_pointers("redis", stored, inputs)
    assert "".join(message.split()) == "".join(plan.describe(id_, hidden).split())


def _declared(difference: str, without: str) -> Desired:
    """What the program declares on one side of a unified difference."""
    program = "\n".join(line[1:] for line in difference.splitlines() if not line.startswith(without))
    [inputs] = stores_of(program, redisPassword="correct-horse").values()
    return validation.check(desired(inputs)).desired


@pytest.mark.parametrize(("applied", "declared", "mask", "follows"), CONCEPTS.table("last applied"))
def test_the_table_of_masks_is_what_the_code_does(applied: str, declared: str, mask: str, follows: str) -> None:
    """A password is sent where the table says so."""
    shown = "" if mask == "nothing" else mask
    actual = {"integrationKey": "redis", "config": {"host": "redis.example.com", "password": shown}}
    previous, desired = (
        {"config": {"host": "redis.example.com", "password": password}} for password in (applied, declared)
    )
    sent = [{"op": "replace", "path": "/config/password", "value": declared}] if follows.startswith("sent") else []
    assert patch.minimal_patch(actual, desired, previous) == sent


def test_the_shown_refusal_is_what_the_client_says() -> None:
    """The error of ``concepts.md``, but for its IDs."""
    with Emulator(EmulatorOptions(reader_tokens=("reader",))) as emulator:
        stored = emulator.outside_create("default", "production", "redis", config={"host": "redis.example.com"})
        configured = {"launchdarkly:accessToken": "reader", "launchdarkly:apiHost": emulator.url}
        client = Client(settings.resolve(configured.get, {}), Redactor(), Clock())
        id_ = IntegrationId("default", "production", "redis", stored["_id"])
        with pytest.raises(AccessDenied) as refused:
            client.patch(id_, [{"op": "replace", "path": "/on", "value": True}], Deadline(10, Clock()))
    [shown] = [block.text for block in CONCEPTS.blocks if "403" in block.text]
    assert _without_ids(shown) == _without_ids(f"error: LaunchDarklyError: {refused.value}")


def _without_ids(text: str) -> str:
    return " ".join(re.sub(r"[0-9a-f]{8}[0-9a-f-]{16,28}", "ID", text).split())


def test_the_shown_mistakes_are_what_the_checks_say() -> None:
    """The failures of ``concepts.md``."""
    [shown] = [block.text for block in CONCEPTS.blocks if "has a problem" in block.text]
    config = {"host": "redis.example.com", "port": 70000, "tlsEnabled": True}
    checked = validation.check(Desired({"project_key": "default", "environment_key": "production", "config": config}))
    lines = [
        f"error: {TYPE} resource 'production-redis' has a problem: {each.property} {each.reason}"
        for each in checked.failures
    ]
    assert shown.split() == " ".join(lines).split()


@pytest.mark.parametrize(
    "sentence",
    [
        f"so is 1 in {read.SAMPLE_EVERY} as a sample",
        f"no response within {gates.DECISION_TIME:.0f} seconds",
    ],
)
def test_the_figures_of_the_requests_are_the_code_s(sentence: str) -> None:
    """``concepts.md``: what a preview asks."""
    assert sentence in " ".join(CONCEPTS.text.split())


# What is named, and what is linked.


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_files_and_tests_that_are_named_exist(page: Page) -> None:
    """By their whole path, or as the package's and the tests' folders are written for short."""
    named = [text for text in page.code if PATH.fullmatch(text) and ("::" in text or text.startswith(FOLDERS))]
    assert [text for text in named if not _exists(*text.partition("::"))] == []


def _exists(path: str, _separator: str, test: str) -> bool:
    found = [base / path for base in (ROOT, ROOT / "tests") if (base / path).exists()]
    return bool(found) and (not test or f"def {test}(" in found[0].read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_targets_of_make_that_are_named_exist(page: Page) -> None:
    """``make demo`` and the like."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for text in page.code for name in re.findall(r"^make ([a-z-]+)", text)}
    assert named <= set(targets)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_commands_that_are_named_exist(page: Page) -> None:
    """``launchdarkly-pulumi ...``, or ``python -m launchdarkly_pulumi ...``, with its options."""
    for text in page.code:
        command = re.search(
            r"(?:python3? -m launchdarkly_pulumi|(?<!install )launchdarkly-pulumi) (\w+[^|<>&`]*)", text
        )
        if command:
            name, *rest = shlex.split(command[1], comments=True)
            known = _options_of_commands()
            assert name in known, text
            assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known[name], text


def _options_of_commands() -> dict[str, set[str]]:
    [choices] = [action.choices for action in cli._parser()._actions if isinstance(action.choices, dict)]
    return {name: set(parser._option_string_actions) for name, parser in choices.items()}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_settings_that_are_named_exist(page: Page) -> None:
    """``launchdarkly:apiHost`` and the like."""
    named = set(re.findall(r"\blaunchdarkly:([a-z]\w+)", page.text))
    assert named <= {each.name for each in settings.SETTINGS}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_links_lead_somewhere(page: Page) -> None:
    """Files and headings of the repository exist; addresses elsewhere are well-formed and https."""
    for link in page.links:
        target = urlsplit(link)
        if target.scheme or target.netloc:
            assert (target.scheme, bool(re.fullmatch(r"[\w-]+(\.[\w-]+)+", target.netloc))) == ("https", True), link
            continue
        path = (page.path.parent / target.path).resolve() if target.path else page.path
        assert path.exists(), link
        if target.fragment:
            assert target.fragment in Page(path).anchors, link


REQUIREMENTS = [
    (path, requirement)
    for path in sorted((ROOT / "examples").rglob("requirements.txt"))
    for requirement in map(Requirement, re.findall(r"^[a-z].*", path.read_text(encoding="utf-8"), re.MULTILINE))
]


@pytest.mark.parametrize(("path", "requirement"), REQUIREMENTS, ids=lambda each: str(each).replace(f"{ROOT}/", ""))
def test_requirements_have_an_upper_bound(path: Path, requirement: Requirement) -> None:
    """Of this distribution: the version at hand fits, and the file says where to get it while no index has it."""
    if requirement.name == "launchdarkly-pulumi":
        assert requirement.specifier.contains(__version__)
        assert "install it first, from a clone" in path.read_text(encoding="utf-8").lower()
    if requirement.name != "pytest":
        assert "<" in str(requirement.specifier)


# The site and its pictures.


def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(site: Path) -> None:
    """No font or script comes from a CDN, and the script of the copy buttons is there."""
    written = {name for name in PAGES if name.startswith("docs/")}
    assert {name for name in written if not (site / name).with_suffix(".html").exists()} == set()
    tags = [
        tag
        for page in site.glob("**/*.html")
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page.read_text(encoding="utf-8"))
    ]
    loaded = [reference for tag in tags for reference in re.findall(r'(?:src|href)="((?:https?:)?//[^"]*)"', tag)]
    assert loaded == []
    assert any("copybutton.js" in tag for tag in tags)


@pytest.mark.parametrize("readme", [name for name in PAGES if name.startswith("examples/")])
def test_an_example_s_page_has_its_files(site: Path, readme: str) -> None:
    """The program stands below what the README says of it."""
    page = (site / readme).with_suffix(".html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    files = (ROOT / readme).parent.rglob("*")
    programs = [path for path in files if path.suffix in (".go", ".py", ".ts", ".yaml") and path.name != "Pulumi.yaml"]
    assert programs
    assert [path.name for path in programs if path.read_text(encoding="utf-8").strip() not in text] == []


def test_the_quickstart_has_a_tab_for_each_language(site: Path) -> None:
    """With the whole program of each language's example."""
    page = (site / "examples" / "quickstart" / "README.html").read_text(encoding="utf-8")
    titles = re.findall(r'<label[^>]*class="sd-tab-label"[^>]*>\s*(\w+)\s*</label>', page)
    assert titles == ["Python", "TypeScript", "Go", "YAML"]
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    for program in ("quickstart/__main__.py", "typescript/index.ts", "go/main.go", "yaml/Main.yaml"):
        assert (ROOT / "examples" / program).read_text(encoding="utf-8").strip() in text


def test_the_sidebar_has_the_readme_s_order() -> None:
    """It has the names of README's table too."""
    entries = re.findall(r"^(.+) <([\w-]+)>$", PAGES["docs/index.md"].text, re.MULTILINE)
    rows = re.findall(r"^\| \[(.+?)\]\(docs/([\w-]+)\.md\) \|", PAGES["README.md"].text, re.MULTILINE)
    assert entries == rows
    examples = re.findall(r"\(\.\./(examples/[\w-]+/README)\.md\)", PAGES["docs/examples.md"].text)
    assert re.findall(r"^\.\./(examples/.+)$", PAGES["docs/index.md"].text, re.MULTILINE) == examples


@pytest.mark.parametrize(
    "broken", ["[a page](nowhere.md)", "[a heading](concepts.md#nowhere)", "![](pictures/none.svg)"]
)
def test_a_broken_link_fails_the_build(tmp_path: Path, broken: str) -> None:
    """Otherwise a build that passes would prove nothing."""
    for page in PAGES.values():
        (tmp_path / page.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page.name).write_text(page.text, encoding="utf-8")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", dirs_exist_ok=True)
    with (tmp_path / "docs" / "getting-started.md").open("a", encoding="utf-8") as started:
        started.write(f"\n{broken}\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    assert "getting-started.md" in done.stderr


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_whole_and_load_nothing(picture: Path) -> None:
    """An SVG in README may load nothing, and says in words what it shows."""
    root = ElementTree.parse(picture).getroot()  # noqa: S314 - the project's own files
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert re.findall(r"(?:href=|url\(|@import)[\"']?(?!#)[^)\"']*", picture.read_text(encoding="utf-8")) == []


def test_every_picture_is_shown_in_the_readme_and_on_the_site() -> None:
    """Both are where people look first."""
    for page in (PAGES["README.md"], PAGES["docs/index.md"]):
        shown = {(page.path.parent / link).resolve() for link in page.links if link.endswith(".svg")}
        assert set(PICTURES) <= shown


def test_the_flow_is_drawn_in_its_order() -> None:
    """Read, diff, patch, compare."""
    drawn = ElementTree.parse(ROOT / "docs" / "pictures" / "flow.svg").getroot()  # noqa: S314 - the project's own
    steps = [
        (float(text.attrib["y"]), text.text)
        for text in drawn.iter("{http://www.w3.org/2000/svg}text")
        if text.get("class") == "name"
    ]
    assert [text for _, text in steps] == ["1 read", "2 diff", "3 patch", "4 compare"]
    assert all(above < below for (above, _), (below, _) in pairwise(steps))
