"""Measures, and writes ``docs/performance.md`` with its table, figures and picture.

``--quick`` measures 1 and 10 stores once and prints the page instead. Pulumi's CLI has to be on PATH.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import measure, micro, page, picture, plugin, report


def main() -> int:
    """Measures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 and 10 stores, one round, nothing is written")
    quick = parser.parse_args().quick
    measure.take_signals()
    counts = [1, 10] if quick else [1, 10, 100]
    rounds, rounds_of_growth = (1, 1) if quick else (5, 3)
    figures = {
        "cores": os.cpu_count(),
        "rounds": rounds,
        "rounds_of_growth": rounds_of_growth,
        "speed": measure.speed(counts, rounds),
        "traffic": measure.traffic(counts),
        "growth": measure.growth(counts if quick else [*counts, 300], rounds_of_growth),
        "settings": measure.with_settings(counts[-1] if quick else 300, rounds_of_growth),
        "concurrency": measure.with_concurrency(counts[-1], rounds_of_growth),
        "bytecode": measure.with_bytecode(rounds),
        "plugin": plugin.compared(counts[-1], rounds),
        "patches": micro.patches(),
        "import_ms": micro.import_milliseconds(),
    }
    if quick:
        print(report.page(figures))
        return 0
    page.write(figures)
    (page.DOCS / "pictures" / "performance.svg").write_text(picture.of(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
