"""How Sphinx builds the site: Markdown pages, every warning an error (``make docs``), nothing loaded from elsewhere.

The repository is the source, not this folder alone: pages link to the examples, and the examples to pages.
"""

from importlib.metadata import version as version_of

project = "launchdarkly-pulumi"
version = release = version_of(project)

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**", "examples/*/README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = [".*", "site"]

html_theme = "furo"
html_title = project
html_show_copyright = False
html_show_sphinx = False
html_extra_path = ["redirect"]

# Headings are link targets by the names that they have on GitHub too.
myst_heading_anchors = 4
