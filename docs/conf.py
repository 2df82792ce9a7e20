"""How Sphinx builds the site: Markdown pages, every warning an error (``make docs``), nothing loaded from elsewhere.

The repository is the source, not this folder alone: pages link to the examples, and the examples to pages.
"""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from docutils.nodes import Element, TextElement
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import launchdarkly_pulumi

ROOT = Path(__file__).resolve().parent.parent

project = "launchdarkly-pulumi"
version = release = version_of(project)

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "sphinx_design"]
root_doc = "docs/index"
include_patterns = ["docs/**", "examples/*/README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = [".*", "site"]

html_theme = "furo"
html_title = project
html_show_copyright = False
html_show_sphinx = False
html_extra_path = ["redirect"]
html_static_path = ["_static"]
html_css_files = ["site.css"]

# The reference: what the code says of itself, in the code's order, with the names that programs import.
autoclass_content = "both"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
toc_object_entries = False

# Names of others are not on this site, nor are classes that are not public.
nitpick_ignore_regex = [
    ("py:.*", r"(pulumi|collections|datetime|pathlib|uuid)\..*"),
    ("py:exc", "RunError"),
    ("py:class", r"UUID|optional|[A-Z]|launchdarkly_pulumi\.(program\.configs\.StoreConfig|emulator\.store\.Account)"),
]

# What is copied from a session in a shell are its commands.
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

# Headings are link targets by the names that they have on GitHub too.
myst_heading_anchors = 4

LANGUAGES = {".go": "go", ".py": "python", ".ts": "typescript", ".yaml": "yaml"}
FILES = "\n\n## Files\n"
FILE = """
### `{name}`

```{{literalinclude}} {name}
:language: {language}
```
"""

TABS = {
    "Python": "__main__.py",
    "TypeScript": "../typescript/index.ts",
    "Go": "../go/main.go",
    "YAML": "../yaml/Main.yaml",
}
"""The program of the quickstart in each language."""
TAB = """
````{{tab-item}} {title}
```{{literalinclude}} {name}
:language: {language}
```
````
"""

INPUT = re.compile(r"(?P<type>\S.*?) \| [\w.~]*Awaitable\[(?P=type)\] \| [\w.~]*Output\[[^\]]*\]")
"""What ``pulumi.Input[type]`` is short for: autodoc sees only that."""


def setup(app: Sphinx) -> None:
    """Adds the files of an example to its page, and makes autodoc write and link types as programs do."""
    app.connect("source-read", _with_the_program)
    app.connect("autodoc-process-signature", _with_inputs)
    app.connect("missing-reference", _by_public_name)


def _with_inputs(
    _app: Sphinx, _kind: str, _name: str, _object: Any, _options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    return _inputs(signature), _inputs(returns)


def _inputs(text: str | None) -> str | None:
    while text and INPUT.search(text):
        text = INPUT.sub(r"pulumi.Input[\g<type>]", text, count=1)
    return text


def _by_public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: TextElement) -> Element | None:
    """A type is annotated by the module that it is defined in, and documented by the one that programs import."""
    package, _, name = node["reftarget"].rpartition(".")
    if not package.startswith(launchdarkly_pulumi.__name__) or name not in launchdarkly_pulumi.__all__:
        return None
    target = f"{launchdarkly_pulumi.__name__}.{name}"
    return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "class", target, node, shown)


def _with_the_program(_app: Sphinx, page: str, source: list[str]) -> None:
    """GitHub lists an example's files above its page; the site has no other place for them."""
    example = ROOT / page
    if not page.startswith("examples/"):
        return
    folder = example.parent
    files = [path for path in folder.rglob("*") if path.suffix in LANGUAGES and path.name != "Pulumi.yaml"]
    if folder.name == "quickstart":
        source[0] += _in_each_language()
    source[0] += FILES if files else ""
    for path in sorted(files, key=lambda each: (len(each.relative_to(folder).parts), each.suffix, each.name)):
        source[0] += FILE.format(name=path.relative_to(folder).as_posix(), language=LANGUAGES[path.suffix])


def _in_each_language() -> str:
    tabs = [TAB.format(title=title, name=name, language=LANGUAGES[Path(name).suffix]) for title, name in TABS.items()]
    return f"\n\n## In each language\n\n`````{{tab-set}}\n{''.join(tabs)}`````\n"
