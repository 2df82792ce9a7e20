"""Keeps the figures of all benches in ``docs/performance.json``, and writes ``docs/performance.md`` from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from . import report
from .stacks import ROOT

DOCS = ROOT / "docs"
FIGURES = DOCS / "performance.json"


def write(new: Mapping[str, Any]) -> None:
    """Puts new figures in place of those with the same names, and writes the page.

    The others stay: ``make bench``, ``make bench-plugin`` and ``make profile`` each measure a part.
    """
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) | new
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (DOCS / "performance.md").write_text(report.page(figures), encoding="utf-8")


def show_or_write(part: str, figures: dict[str, Any], section: Callable[[dict[str, Any]], str], *, show: bool) -> None:
    """Prints the section of a part, after a quick look; otherwise writes its figures and the page.

    :param part: the name of the figures.
    :param section: makes the section of them.
    """
    if show:
        print(section(figures))
    else:
        write({part: figures})
