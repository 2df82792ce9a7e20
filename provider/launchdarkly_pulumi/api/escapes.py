"""How a server may write characters of a secret in a text: the forms by name, beside those by number."""

from __future__ import annotations

SHORT_ESCAPES = {
    '"': r"\"",
    "\\": r"\\",
    "/": r"\/",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\b": r"\b",
    "\f": r"\f",
    "'": r"\'",
}
"""Those of JSON and of Python."""


ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
"""Those of HTML."""
