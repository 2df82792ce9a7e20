"""How Sphinx builds the site: Markdown pages, every warning an error (``make docs``), nothing loaded from elsewhere.

The repository is the source, not this folder alone: pages link to the examples, and the examples to pages.
"""

from __future__ import annotations

from importlib.metadata import version as version_of
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent

project = "launchdarkly-pulumi"
version = release = version_of(project)

extensions = ["myst_parser", "sphinx_copybutton"]
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

# What is copied from a session in a shell are its commands.
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

# Headings are link targets by the names that they have on GitHub too.
myst_heading_anchors = 4

LANGUAGES = {".py": "python", ".yaml": "yaml"}
FILES = "\n\n## Files\n"
FILE = """
### `{name}`

```{{literalinclude}} {name}
:language: {language}
```
"""


def setup(app: Sphinx) -> None:
    """Adds the files of an example to its page: GitHub lists them above it, the site has no other place for them."""
    app.connect("source-read", _with_the_program)


def _with_the_program(_app: Sphinx, page: str, source: list[str]) -> None:
    example = ROOT / page
    if not page.startswith("examples/"):
        return
    folder = example.parent
    files = [path for path in folder.rglob("*") if path.suffix in LANGUAGES and path.name != "Pulumi.yaml"]
    source[0] += FILES if files else ""
    for path in sorted(files, key=lambda each: (len(each.relative_to(folder).parts), each.suffix, each.name)):
        source[0] += FILE.format(name=path.relative_to(folder).as_posix(), language=LANGUAGES[path.suffix])
