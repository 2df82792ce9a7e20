"""The reference is what the code says now, and says it of everything."""

from __future__ import annotations

import argparse
import html
import importlib.util
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import launchdarkly_pulumi
from launchdarkly_pulumi import emulator, errors
from launchdarkly_pulumi.commands import cli
from launchdarkly_pulumi.core import settings
from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS
from support.documents import REFERENCE, ROOT, Page


def tool() -> ModuleType:
    """``tools/reference.py`` as a module."""
    specification = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


REFERENCE_TOOL = tool()


def test_the_reference_is_current() -> None:
    """If it is not: ``make reference``."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    assert committed == REFERENCE_TOOL.pages(), "run `make reference`, and commit what it writes"


@pytest.mark.parametrize("module", [launchdarkly_pulumi, emulator], ids=lambda module: module.__name__)
def test_every_public_name_is_told(site: Path, module: ModuleType) -> None:
    """Each has a heading of its own, and below that what autodoc says of it."""
    assert {name.lower() for name in module.__all__} <= Page(REFERENCE / "python.md").anchors
    assert {f"{module.__name__}.{name}" for name in module.__all__} <= inventory(site)


def test_every_argument_and_output_of_a_store_is_told(site: Path) -> None:
    """With its type and what it means; the arguments have the types that programs write."""
    text = described(site, "python", "launchdarkly_pulumi.BigSegmentStoreIntegration")
    given = [f.name for f in INTEGRATION_FIELDS if f.name != "integration_key"] + ["config"]
    assert [name for name in given if not re.search(rf"\n{name}: pulumi\.Input\[.+\]", text)] == []
    assert [name for name in given if not re.search(rf"\n{name} – \w+", text)] == []
    outputs = (*given, "integration_key", "integration_id", "version")
    assert [name for name in outputs if not re.search(rf"\n{name}: .*Output\[.+\].*\n\w+", text)] == []


@pytest.mark.parametrize("kind", CONFIG_FIELDS)
def test_every_field_of_a_config_is_told(kind: str) -> None:
    """By both of its names, with what is accepted."""
    text = section("fields.md", f"Config of a {kind} store")
    rows = {each.name: row(text, each.name) for each in CONFIG_FIELDS[kind]}
    assert {name: cells[0] for name, cells in rows.items()} == {
        each.name: f"`{each.api_name}`" for each in CONFIG_FIELDS[kind]
    }
    assert all(cells[2] for cells in rows.values())


def test_every_setting_is_told() -> None:
    """In the stack's configuration and in the environment."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    for each in settings.SETTINGS:
        assert f"| `launchdarkly:{each.name}`<br>`{each.variable}` | " in text


def test_every_command_and_option_is_told() -> None:
    """With its help."""
    for name, command in commands(cli._parser()):
        text = section("commands.md", name)
        for action in command._actions:
            if not isinstance(action, argparse._HelpAction):
                assert all(option in text for option in action.option_strings), action
                assert action.help
                assert action.help.split(" (default")[0] % vars(action) in text


def test_an_argument_that_can_be_left_out_is_shown_so() -> None:
    """``status`` takes any number of IDs, none among them."""
    text = section("commands.md", "status")
    assert "launchdarkly-pulumi status [OPTION]... [ID ...]\n" in text
    assert row(text, "[ID ...]")[0] == ""


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The commands of a parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def test_every_error_is_told_with_what_to_do(site: Path) -> None:
    """Those that are raised, that is: the families are only told apart."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    families = (errors.LaunchDarklyError, errors.CallError, errors.AnswerError)
    for kind in kinds:
        assert f"{errors.__name__}.{kind.__name__}" in inventory(site)
        paragraphs = [*(kind.__doc__ or "").split("\n\n"), *REFERENCE_TOOL._advice_by_status(kind)]
        assert len(paragraphs) >= (1 if kind in families else 2), kind


def test_an_error_s_attributes_are_told_and_its_family_is_linked(site: Path) -> None:
    """What a program can ask an error for, with its type."""
    text = described(site, "errors", "launchdarkly_pulumi.errors.AnswerError")
    for attribute, type_ in {"status": "int | None", "code": "str", "request_id": "str"}.items():
        assert f"\n{attribute}: {type_}" in text
        assert f"launchdarkly_pulumi.errors.AnswerError.{attribute}" in inventory(site)
    page = (site / "docs" / "reference" / "errors.html").read_text(encoding="utf-8")
    assert re.search(r'Bases: <a [^>]*href="#launchdarkly_pulumi\.errors\.AnswerError"', page)


def test_docstrings_become_markdown() -> None:
    """Roles, literals, and literal blocks, whose indentation stays."""
    written = ":class:`RedisConfig` or ``None``::\n\n    with x:\n        y()\n\nMore."
    assert REFERENCE_TOOL.markdown(written) == "`RedisConfig` or `None`:\n\n```python\nwith x:\n    y()\n```\n\nMore."


def inventory(site: Path) -> set[str]:
    """What the site describes, by its full name."""
    content = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    return {line.split()[0] for line in zlib.decompress(content).decode().splitlines()}


def described(site: Path, page: str, name: str) -> str:
    """What stands below a name of Python, without markup and empty lines."""
    text = (site / "docs" / "reference" / f"{page}.html").read_text(encoding="utf-8")
    below = text.partition(f'id="{name}"')[2].partition("<section")[0]
    return re.sub(r"\s*\n\s*", "\n", html.unescape(re.sub(r"<[^>]*>", "", below)))


def section(page: str, title: str) -> str:
    """What stands below a heading, up to the next of its level or of a higher one."""
    lines = iter((REFERENCE / page).read_text(encoding="utf-8").splitlines())
    level = next(line for line in lines if line.lstrip("#") == f" {title}").count("#")
    kept = []
    for line in lines:
        if line.startswith("#") and len(line) - len(line.lstrip("#")) <= level:
            break
        kept.append(line)
    return "\n".join(kept).strip()


def row(text: str, name: str) -> list[str]:
    """The other cells of the row that begins with a name; the last of them has to say something."""
    [line] = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]
