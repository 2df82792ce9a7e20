"""The picture of the figures: bars for each operation, as an SVG for light and dark pages."""

from __future__ import annotations

from typing import Any

from .goals import LATENCY_MS
from .report import bars

WIDTH, HEIGHT = 1000, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 84, 52
BAR, GAP = 36, 4

COLOURS = {
    ".page": ("fill", "#ffffff", "#0d1117"),
    "text": ("fill", "#1f2328", "#f0f6fc"),
    ".quiet": ("fill", "#59636e", "#a4adb8"),
    ".grid": ("stroke", "#d0d7de", "#3d444d"),
    ".bar0": ("fill", "#b6bec7", "#59636e"),
    ".bar1": ("fill", "#7b2d83", "#e29be8"),
    ".bar2": ("fill", "#c98500", "#e3b341"),
}
"""What is coloured, and how on a light and on a dark page."""

# NOTE: no CSS variables. What is no browser, as most converters to PNG and PDF, paints them black.
STYLE = f"""\
  text {{ font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 14px }}
  .title {{ font-size: 16px; font-weight: 600 }}
  .quiet {{ font-size: 12px }}
  .middle {{ text-anchor: middle }}
  .end {{ text-anchor: end }}
  {" ".join(f"{each} {{ {name}: {light} }}" for each, (name, light, _) in COLOURS.items())}
  @media (prefers-color-scheme: dark) {{
    {" ".join(f"{each} {{ {name}: {dark} }}" for each, (name, _, dark) in COLOURS.items())}
  }}
"""


def of(figures: dict[str, Any]) -> str:
    """The picture."""
    shown = bars(figures)
    stores = max(row["stores"] for row in figures["speed"])
    top = _round_up(max(value for kinds in shown.values() for value in kinds.values()))
    title = f"Seconds for {stores} stores at {LATENCY_MS} ms a request"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">',
        f'<title id="title">{title}</title>',
        f"<style>\n{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="12"/>',
        f'<text class="title" x="{LEFT}" y="32">{title}</text>',
        *_legend(list(next(iter(shown.values())))),
        *_grid(top),
    ]
    for place, (operation, kinds) in enumerate(shown.items()):
        parts += _group(place, len(shown), operation, kinds, top)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(kinds: list[str]) -> list[str]:
    return [
        part
        for number, kind in enumerate(kinds)
        for part in (
            f'<rect x="{LEFT + number * 160}" y="46" width="14" height="14" rx="3" class="bar{number}"/>',
            f'<text x="{LEFT + 20 + number * 160}" y="58">{kind}</text>',
        )
    ]


def _grid(top: float) -> list[str]:
    parts = []
    for step in range(5):
        y = _height_of(top * step / 4, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet end" x="{LEFT - 8}" y="{y + 4:.1f}">{top * step / 4:g}</text>')
    return parts


def _group(place: int, places: int, operation: str, kinds: dict[str, float], top: float) -> list[str]:
    width = (WIDTH - LEFT - RIGHT) / places
    middle = LEFT + width * (place + 0.5)
    first = middle - (BAR + GAP) * len(kinds) / 2
    parts = [f'<text class="middle" x="{middle:.1f}" y="{HEIGHT - BOTTOM + 28}">{operation}</text>']
    for number, value in enumerate(kinds.values()):
        x, y = first + number * (BAR + GAP), _height_of(value, top)
        height = HEIGHT - BOTTOM - y
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{BAR}" height="{height:.1f}" rx="3" class="bar{number}"/>')
        parts.append(f'<text class="quiet middle" x="{x + BAR / 2:.1f}" y="{y - 5:.1f}">{value:.1f}</text>')
    return parts


def _height_of(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _round_up(value: float) -> float:
    """The next multiple of 4, so that the grid has whole numbers."""
    return 4 * (int(value // 4) + 1)
