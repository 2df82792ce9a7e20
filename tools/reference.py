"""Writes the pages of the reference, ``docs/reference/*.md``, from the code.

Usage: ``python tools/reference.py``. What the code gains appears by itself: each name of an ``__all__`` of
``PUBLIC_MODULES``, each field of ``model.fields``, each of ``core.settings.SETTINGS``, each command of ``cli`` and each
class of ``errors``.

Signatures, types, docstrings and cross-links are autodoc's, when the site is built: these pages only say of what. What
is written out here is in no docstring, and autodoc does not see it: the tables of fields and of settings, the command
line's parser, the tree of errors, and what an error says to do for a status.
"""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.commands import cli
from launchdarkly_pulumi.core import debug_log, settings
from launchdarkly_pulumi.core.debug_log import DEBUG_VARIABLE
from launchdarkly_pulumi.model.fields import ASSIGNED_BY_LAUNCHDARKLY, CONFIG_FIELDS, INTEGRATION_FIELDS, Field, Format

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
PUBLIC_MODULES = ("launchdarkly_pulumi", "launchdarkly_pulumi.emulator")
HEADER = "<!-- Written by `make reference` from the code: change the docstrings there. -->\n\n"


def pages() -> dict[str, str]:
    """Each page of the reference by its file's name."""
    written = {
        "python.md": python_page(),
        "fields.md": fields_page(),
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
    }
    return {name: f"{HEADER}{text}\n" for name, text in written.items()}


# Python: the public names, which autodoc describes.


def python_page() -> str:
    """Every public name, below a heading that links can point at."""
    parts = ["# Python", "What programs import. Everything else in the distribution may change without notice."]
    for module in map(import_module, PUBLIC_MODULES):
        parts += [f"## {module.__name__}", autodoc("module", module.__name__, "no-members")]
        for name in module.__all__:
            kind = "class" if inspect.isclass(getattr(module, name)) else "function"
            defined = import_module(getattr(module, name).__module__)
            parts += [f"### {name}", source(defined), autodoc(kind, f"{module.__name__}.{name}")]
    return paragraphs(parts)


def autodoc(kind: str, name: str, *options: str) -> str:
    """A directive for autodoc, whose options are flags."""
    return fenced("\n".join([f".. auto{kind}:: {name}", *(f"   :{option}:" for option in options)]), "{eval-rst}")


def source(module: ModuleType) -> str:
    """A link to the code, for who reads the page in the repository, where directives stay as they are."""
    path = Path(inspect.getfile(module)).relative_to(ROOT)
    return f"[{path.name}](../../{path.as_posix()})"


def docstring_of(variable: str, module: str, of_class: str = "") -> str:
    """What stands below a variable's assignment, which Python itself does not keep."""
    lines = ModuleAnalyzer.for_module(module).find_attr_docs()[of_class, variable]
    return "\n".join(lines).strip()


# Fields: the table of ``model.fields``.


def fields_page() -> str:
    """The facts about every argument of a store: LaunchDarkly's name, default, what is accepted."""
    formats = {each.name: docstring_of(each.name, Format.__module__, "Format") for each in Format}
    parts = [
        "# Fields of a store",
        "What is accepted is checked before anything is sent, every problem at once. A field that the program leaves "
        "out has the default, and is put back to it. `config` is a [config class](python.md) or a mapping with the "
        "names below; its kind decides `integration_key`, and another kind replaces the integration.",
        "## Integration",
        _fields_table((each for each in INTEGRATION_FIELDS if each.name != "integration_key"), formats),
    ]
    for kind, fields in CONFIG_FIELDS.items():
        parts += [f"## Config of a {kind} store", _fields_table(fields, formats)]
    return paragraphs(parts)


def _fields_table(fields: Iterable[Field], formats: dict[str, str]) -> str:
    rows = [
        [code(each.name), code(each.api_name), _default(each), _accepted(each, formats), _consequences(each)]
        for each in fields
    ]
    return table(["field", "LaunchDarkly's name", "default", "accepted", ""], rows)


def _default(each: Field) -> str:
    if each.required:
        return "required"
    if each.default is ASSIGNED_BY_LAUNCHDARKLY:
        return "LaunchDarkly's choice"
    shown = {"": "none", (): "none"}
    return shown.get(each.default) or code(each.default)


def _accepted(each: Field, formats: dict[str, str]) -> str:
    return "any string without NUL and line breaks" if each.secret else formats[each.format.name]


def _consequences(each: Field) -> str:
    notes = {"another one replaces the integration": each.forces_replacement, "always a secret": each.secret}
    return "; ".join(note for note, holds in notes.items() if holds)


# Settings, commands and errors.


def settings_page() -> str:
    """Every setting, and where it comes from."""
    rows = [
        [
            f"{code(f'launchdarkly:{each.name}')}<br>{code(each.variable)}",
            each.meaning + ("; set it with `--secret`" if each.secret else ""),
            code(each.default),
        ]
        for each in settings.SETTINGS
    ]
    return paragraphs(
        [
            "# Settings",
            markdown(inspect.getdoc(settings) or ""),
            table(["`pulumi config set`<br>environment", "", "default"], rows),
            "## Debugging",
            table(["environment", ""], [[code(DEBUG_VARIABLE), docstring_of("DEBUG_VARIABLE", debug_log.__name__)]]),
        ]
    )


def commands_page() -> str:
    """Every command of the command line, with its options."""
    parser = cli._parser()
    return paragraphs(["# Commands", *_commands(parser, parser.prog)])


def _commands(parser: argparse.ArgumentParser, path: str) -> Iterator[str]:
    yield markdown(parser.description or "")
    options = [
        each for each in parser._actions if not isinstance(each, argparse._SubParsersAction | argparse._HelpAction)
    ]
    if options:
        yield table(["option", "default", ""], [_option(each, parser.prog) for each in options])
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield f"## {name}"
                yield fenced(f"{path} {name}{_positionals(command)}", "sh")
                yield sentence(helps.get(name, ""))
                yield from _commands(command, f"{path} {name}")


def _positionals(parser: argparse.ArgumentParser) -> str:
    names = [_metavar(each) for each in parser._actions if not each.option_strings]
    has_options = any(each.option_strings for each in parser._actions if not isinstance(each, argparse._HelpAction))
    return (" [OPTION]..." if has_options else "") + "".join(f" {name}" for name in names)


def _option(action: argparse.Action, program: str) -> list[str]:
    takes = action.nargs != 0
    shown = ", ".join(code(f"{each}{' ' + _metavar(action) if takes else ''}") for each in action.option_strings)
    described = (action.help or "") % {**vars(action), "prog": program}
    # NOTE: some versions of argparse call an argument required that may be there any number of times.
    required = action.required and action.nargs != argparse.ZERO_OR_MORE
    default = "required" if required else _default_of_option(action)
    return [shown or code(_metavar(action)), default, re.sub(r" \(default: [^)]*\)$", "", described)]


def _default_of_option(action: argparse.Action) -> str:
    told = re.search(r" \(default: ([^)]*)\)$", (action.help or "") % {**vars(action), "prog": ""})
    if told and action.default in ([], None):
        return told[1]
    return "" if action.default in (None, False, [], argparse.SUPPRESS) else code(action.default)


def _metavar(action: argparse.Action) -> str:
    if action.choices:
        return "{" + ",".join(map(str, action.choices)) + "}"
    name = str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))
    return f"[{name} ...]" if action.nargs == argparse.ZERO_OR_MORE else name


def errors_page() -> str:
    """The tree of errors, what each says and has, and what it says to do."""
    kinds = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, Exception)]
    parts = [
        "# Errors",
        "Pulumi shows each as one line that begins with `LaunchDarklyError:` and says which request failed, of which "
        "integration, what LaunchDarkly answered and what to do. Python code that meets one catches it by its class, "
        f"from `{errors.__name__}`:",
        fenced("\n".join(_tree(errors.LaunchDarklyError, kinds)), ""),
        f"Each docstring in {source(errors)} says what an error means, and then what to do.",
    ]
    for kind in kinds:
        directive = autodoc("exception", f"{errors.__name__}.{kind.__name__}", "show-inheritance")
        parts += [f"## {kind.__name__}", directive, *_advice_by_status(kind)]
    return paragraphs(parts)


def _tree(kind: type[Exception], kinds: Sequence[type[Exception]], indent: str = "") -> Iterator[str]:
    yield f"{indent}{kind.__name__}"
    for child in kinds:
        if kind in child.__bases__:
            yield from _tree(child, kinds, indent + "  ")


def _advice_by_status(kind: type[Exception]) -> Iterator[str]:
    statuses = [status for status, error in errors.STATUS_ERRORS.items() if error is kind]
    advised = {status: errors.advice_for(status, "launchdarkly:accessToken of the stack") for status in statuses}
    rows = [[str(status), advice] for status, advice in advised.items() if advice]
    if rows:
        yield table(["status", "what the error says to do"], rows)


# Markdown.


def markdown(text: str) -> str:
    """A docstring's reStructuredText as Markdown: roles, literals and literal blocks, which is all that is used."""
    text = re.sub(r":[a-z]+:`~?([^`]+)`", r"`\1`", text.strip()).replace("``", "`")
    return re.sub(
        r"::\n\n((?:(?:    .*)?(?:\n|$))+)",
        lambda block: f":\n\n{fenced(textwrap.dedent(block[1]).strip(), 'python')}\n\n",
        text,
    )


def paragraphs(parts: Iterable[str]) -> str:
    """The parts below each other, empty ones left out."""
    return "\n\n".join(part for part in parts if part)


def sentence(text: str) -> str:
    """The text as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}." if text else ""


def code(text: Any) -> str:
    """A name, a type or a value among prose; nothing for an empty one."""
    return f"`{text}`" if str(text) else ""


def fenced(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may have several lines and bars."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(markdown(text).split()).replace("|", "\\|")


def main() -> None:
    """Writes the pages, and removes those that are no longer made."""
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for stale in {path.name for path in FOLDER.glob("*.md")} - written.keys():
        (FOLDER / stale).unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
