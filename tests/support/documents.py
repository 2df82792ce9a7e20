"""The repository's Markdown: its blocks of code, its links, and what it names."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


class Block(NamedTuple):
    """A fenced block of code, and the page's line that it begins at."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the repository's root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """Its source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt().enable("table").parse(self.text)

    @property
    def _inline(self) -> Iterator[Token]:
        for token in self._tokens:
            yield from token.children or ()

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        return [
            Block(each.info.strip(), each.content, each.map[0] + 1)
            for each in self._tokens
            if each.type == "fence" and each.map
        ]

    @property
    def code(self) -> list[str]:
        """What stands as code in its sentences, and each line of its blocks without a language or for a shell."""
        spans = [each.content for each in self._inline if each.type == "code_inline"]
        lines = [block.text.splitlines() for block in self.blocks if block.language in ("", "sh")]
        return spans + [line.strip() for each in lines for line in each]

    @property
    def links(self) -> list[str]:
        """The targets of its links and pictures."""
        found = [each.attrGet("href") or each.attrGet("src") for each in self._inline]
        return [str(each) for each in found if each]

    @property
    def anchors(self) -> set[str]:
        """What links can point at: its headings by the names that GitHub gives them."""
        titles = [
            after.content
            for token, after in zip(self._tokens, self._tokens[1:], strict=False)
            if token.type == "heading_open"
        ]
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    def table(self, first_header: str) -> list[list[str]]:
        """The rows of the table whose header begins with this cell, without backticks."""
        lines = iter(self.text.splitlines())
        for line in lines:
            if line.startswith(f"| {first_header} |"):
                next(lines)
                return [_cells(row) for row in iter(lambda: next(lines, ""), "")]
        raise LookupError(first_header)


def _cells(row: str) -> list[str]:
    return [cell.strip().strip("`") for cell in row.strip("|").split("|")]


def pages() -> list[Page]:
    """Every page that people read, the generated ones too."""
    folders = ("*.md", "changelog.d/*.md", "docs/**/*.md", "examples/**/*.md")
    found = [path for folder in folders for path in ROOT.glob(folder)]
    return [Page(path) for path in sorted(found)]


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """``make docs``, with other folders."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [options] = re.findall(r"sphinx-build (.*) \. site", makefile)
    command = [sys.executable, "-m", "sphinx", *options.split(), ".", str(site)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
