"""How Sphinx builds the site: Markdown pages, every warning an error (``make docs``), nothing loaded from elsewhere."""

from importlib.metadata import version as version_of

project = "launchdarkly-pulumi"
version = release = version_of(project)

extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
html_show_copyright = False
html_show_sphinx = False

# Headings are link targets by the names that they have on GitHub too.
myst_heading_anchors = 4
