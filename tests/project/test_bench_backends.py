"""The section of ``make bench-backends``, from figures that are made up, and what the bench reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import backends, backends_page, state_servers

BACKENDS: dict[str, Any] = {
    "stores": 300,
    "rounds": 3,
    "rows": [
        {"backend": "file", "seconds": 10.5, "bytes_written": 550_000_000},
        {
            "backend": "S3",
            "seconds": 30.0,
            "bytes_written": 280_000_000,
            "bytes_read": 1_000_000,
            "counted": {"GET": 12, "PUT": 1206},
        },
        {
            "backend": "Postgres",
            "seconds": 25.0,
            "bytes_written": 700_000_000,
            "bytes_read": 350_000_000,
            "counted": {"log_bytes": 90_000, "rows": 1206},
        },
    ],
}


def test_each_backend_has_a_row_with_what_was_counted_there() -> None:
    """What could not be counted is not shown as nothing."""
    section = backends_page.section(BACKENDS)
    assert "A create of 300 stores" in section
    assert "medians of 3 rounds" in section
    assert "| file | 10.50 | 550.0 | not counted |  |" in section
    assert "| S3 | 30.00 | 280.0 | 1.0 | 12 GET, 1,206 PUT |" in section
    assert "| Postgres | 25.00 | 700.0 | 350.0 | 90,000 bytes of its log, 1,206 rows |" in section


def test_what_pulumi_cloud_changes_is_said_to_be_unmeasured() -> None:
    """It stands apart from the table, with its source."""
    measured, _, on_paper = backends_page.section(BACKENDS).partition("### Pulumi Cloud, on paper")
    assert "Cloud" not in measured
    assert "**Not measured**" in on_paper
    assert "PULUMI_DISABLE_JOURNALING" in on_paper


def test_programs_that_the_bench_of_backends_needs_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails before it measures anything."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["bench.backends", "--quick"])
    assert backends.main() == 1
    assert capsys.readouterr().err.startswith("error: not on PATH: pulumi, initdb, postgres, psql; ")


@pytest.mark.parametrize(
    "line",
    [
        '127.0.0.1 - - [28/Nov/2026 20:52:37] "PUT /states/a?x-id=PutObject HTTP/1.1" 200 -',
        '127.0.0.1 - - [28/Nov/2026 20:52:37] "\x1b[33mPUT /states/a HTTP/1.1\x1b[0m" 404 -',
    ],
)
def test_a_request_is_found_in_motos_log(line: str) -> None:
    """Also in colours, which it has for errors."""
    found = state_servers.REQUEST.search(line)
    assert found
    assert found[1] == "PUT"
