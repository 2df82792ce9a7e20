"""Writes the reference, ``docs/reference/*.md``, from the code: docstrings, tables, the parser and the error tree.

Usage: ``python tools/reference.py``. What the code gains appears by itself: each module with an ``__all__``, each
field of ``model.fields``, each of ``core.settings.SETTINGS``, each command of ``cli`` and each class of ``errors``.
"""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import griffe

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.commands import cli
from launchdarkly_pulumi.core import settings
from launchdarkly_pulumi.core.debug_log import DEBUG_VARIABLE
from launchdarkly_pulumi.model.fields import ASSIGNED_BY_LAUNCHDARKLY, CONFIG_FIELDS, INTEGRATION_FIELDS, Field

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
PACKAGE = "launchdarkly_pulumi"
HEADER = "<!-- Written by `make reference` from the code: change the docstrings there. -->\n\n"


def pages() -> dict[str, str]:
    """Each page of the reference by its file's name."""
    package = griffe.load(PACKAGE, search_paths=[ROOT / "provider"], docstring_parser="sphinx")
    written = {
        "python.md": python_page(package),
        "fields.md": fields_page(package),
        "settings.md": settings_page(package),
        "commands.md": commands_page(),
        "errors.md": errors_page(package),
    }
    return {name: f"{HEADER}{text}\n" for name, text in written.items()}


# Python: the public names.


def python_page(package: Any) -> str:
    """Every public name, as its docstring tells it; ``package`` is griffe's tree of the source."""
    parts = ["# Python", "What programs import. Everything else in the distribution may change without notice."]
    for module in public_modules(package):
        parts += [f"## {module.path}", prose(module)]
        for name in module.exports:
            parts += documented(module[name], f"{module.path}.{name}", heading="###")
    return paragraphs(parts)


def public_modules(package: Any) -> Iterator[Any]:
    """The modules that say with ``__all__`` what is public, outer ones first."""
    if package.exports:
        yield package
    for name in sorted(package.modules):
        yield from public_modules(package.modules[name])


def documented(node: Any, path: str, heading: str) -> Iterator[str]:
    """One public name: its signature, its prose, its arguments, what it returns and raises, and its members."""
    yield f"{heading} {path.rsplit('.', 1)[-1]}"
    if node.is_attribute:
        yield prose(node)
        return
    makes = node.members.get("__init__") if node.is_class else node
    if node.parameters or node.is_function:
        yield signature(node, path)
    yield prose(node)
    yield from arguments(node, makes)
    yield from results(node)
    if node.is_class:
        yield from members(node, path, heading + "#")


def signature(node: Any, path: str) -> str:
    """The call in Python's own notation."""
    shown: list[str] = []
    for parameter in parameters(node):
        if parameter.kind is griffe.ParameterKind.keyword_only and "*" not in shown:
            shown.append("*")
        annotation = f": {parameter.annotation}" if parameter.annotation else ""
        default = f" = {parameter.default}" if parameter.default else ""
        stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
        variadic = parameter.kind in stars
        shown.append(f"{stars.get(parameter.kind, '')}{parameter.name}{annotation}{'' if variadic else default}")
    lines = "".join(f"    {each},\n" for each in shown)
    result = f" -> {node.returns}" if node.is_function and str(node.returns) not in ("None", "") else ""
    return fenced(f"{path}(\n{lines}){result}" if shown else f"{path}(){result}", "python")


def parameters(node: Any) -> list[Any]:
    """What a call takes, without ``self`` and ``cls``."""
    return [each for each in node.parameters if each.name not in ("self", "cls")]


def arguments(node: Any, makes: Any) -> Iterator[str]:
    """The arguments as a table; their meaning is told by the class, its constructor, or a field's own docstring."""
    told = {
        each.name: each.description
        for source in (node, makes)
        if source is not None
        for section in sections(source, griffe.DocstringSectionKind.parameters)
        for each in section
    }
    if is_dataclass(node):
        told = {name: prose(each) for name, each in node.attributes.items() if each.docstring} | told
    rows = [[code(each.name), told.get(each.name, "")] for each in parameters(node)]
    if any(meaning for _, meaning in rows):
        yield table(["argument", ""], rows)


def members(node: Any, path: str, heading: str) -> Iterator[str]:
    """The attributes of a class that have a docstring and are not told as arguments, and its public methods."""
    public = [each for name, each in node.members.items() if not name.startswith("_") and each.docstring]
    arguments = {each.name for each in parameters(node)} if is_dataclass(node) else set()
    attributes = [each for each in public if each.is_attribute and each.name not in arguments]
    if attributes:
        kind = "output" if is_resource(node) else "attribute"
        yield table([kind, "type", ""], [[code(each.name), code(type_of(each)), prose(each)] for each in attributes])
    for each in public:
        if each.is_function:
            yield from documented(each, f"{path}.{each.name}", heading)


def is_dataclass(node: Any) -> bool:
    """Whether a class's attributes are its arguments."""
    return node.is_class and "dataclass" in node.labels


def is_resource(node: Any) -> bool:
    """Whether a class's attributes are outputs."""
    return any(str(each.annotation).startswith("pulumi.Output") for each in node.attributes.values())


def type_of(attribute: Any) -> str:
    """What an attribute holds; of an output, what it will give."""
    return re.sub(r"^pulumi\.Output\[(.*)\]$", r"\1", str(attribute.annotation))


def results(node: Any) -> Iterator[str]:
    """What a call returns and raises, where the docstring says so."""
    for section in sections(node, griffe.DocstringSectionKind.returns):
        yield from (f"Returns {markdown(each.description)}" for each in section if each.description)
    raised = [
        [code(each.annotation), each.description]
        for section in sections(node, griffe.DocstringSectionKind.raises)
        for each in section
    ]
    if raised:
        yield table(["raises", "when"], raised)


def sections(node: Any, kind: griffe.DocstringSectionKind) -> list[Any]:
    """The parts of a docstring that are of one kind."""
    parsed = node.docstring.parsed if node.docstring else []
    return [section.value for section in parsed if section.kind is kind]


def prose(node: Any) -> str:
    """What a docstring says before its lists."""
    return paragraphs(markdown(text) for text in sections(node, griffe.DocstringSectionKind.text))


# Fields: the table of ``model.fields``.


def fields_page(package: Any) -> str:
    """The facts about every argument of a store: LaunchDarkly's name, default, what is accepted."""
    formats = {each.name: each.docstring.value for each in package["model"]["fields"]["Format"].attributes.values()}
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
    return "any text without NUL and line breaks" if each.secret else formats[each.format.name]


def _consequences(each: Field) -> str:
    notes = {"another one replaces the integration": each.forces_replacement, "always a secret": each.secret}
    return "; ".join(note for note, holds in notes.items() if holds)


# Settings, commands and errors.


def settings_page(package: Any) -> str:
    """Every setting, and where it comes from."""
    rows = [
        [
            f"{code(f'launchdarkly:{each.name}')}<br>{code(each.variable)}",
            each.meaning + ("; set it with `--secret`" if each.secret else ""),
            code(each.default),
        ]
        for each in settings.SETTINGS
    ]
    debug = package["core"]["debug_log"]["DEBUG_VARIABLE"]
    return paragraphs(
        [
            "# Settings",
            prose(package["core"]["settings"]),
            table(["`pulumi config set`<br>environment", "", "default"], rows),
            "## Debugging",
            table(["environment", ""], [[code(DEBUG_VARIABLE), prose(debug)]]),
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


def errors_page(package: Any) -> str:
    """The tree of errors, and for each what it means and what to do."""
    kinds = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, Exception)]
    parts = [
        "# Errors",
        "Pulumi shows each as one line that begins with `LaunchDarklyError:` and says which call failed, of which "
        "integration, what LaunchDarkly answered and what to do. Python code that meets one catches it by its class, "
        f"from `{errors.__name__}`:",
        fenced("\n".join(_tree(errors.LaunchDarklyError, kinds)), ""),
    ]
    for kind in kinds:
        meaning, *advice = prose(package["errors"][kind.__name__]).split("\n\n")
        parts += [f"## {kind.__name__}", meaning, *advice, *_advice_by_status(kind)]
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
