"""Two pipelines update the same store at once, each with its own copy of the state, as without a lock."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.fault_proxy import Barrier, FaultProxy
from support.stack import Run, Stack


@pytest.fixture
def pipelines(tmp_path: Path, emulator: Emulator, proxy: FaultProxy, pulumi_home: Path) -> list[Stack]:
    """Two checkouts of one stack whose store is up."""
    first, second = (Stack(tmp_path / name, proxy.url, home=pulumi_home) for name in ("first", "second"))
    first.declare(store=samples.redis())
    first.up()
    shutil.rmtree(second.backend)
    shutil.copytree(first.backend, second.backend)
    shutil.copy(first.folder / "Pulumi.prod.yaml", second.folder)
    return [first, second]


def update_both(pipelines: list[Stack], proxy: FaultProxy, *programs: dict[str, Any]) -> list[Run]:
    """Both send their PATCH after both have read."""
    proxy.inject(Barrier(2), method="PATCH")
    for pipeline, program in zip(pipelines, programs, strict=True):
        pipeline.declare(store=program)
    with ThreadPoolExecutor(2) as workers:
        return list(workers.map(lambda each: each.run("up", "--yes", "--skip-preview"), pipelines))


def test_changes_of_different_fields_are_both_there(
    pipelines: list[Stack], emulator: Emulator, proxy: FaultProxy
) -> None:
    """Neither undoes the other, and one of them says that it saw the other."""
    host, off = samples.redis(config={"host": "new.example.com"}), samples.redis(on=False)
    runs = update_both(pipelines, proxy, host, off)

    assert [run.code for run in runs] == [0, 0]
    [integration] = emulator.integrations.values()
    assert (integration["config"]["host"], integration["on"]) == ("new.example.com", False)
    assert sum("somebody else changed" in run.output for run in runs) == 1


def test_changes_of_the_same_field_are_a_clear_conflict(
    pipelines: list[Stack], emulator: Emulator, proxy: FaultProxy
) -> None:
    """One of them wins, and the other one fails and names the field."""
    one, other = (samples.redis(config={"host": f"{name}.example.com"}) for name in ("one", "other"))
    runs = update_both(pipelines, proxy, one, other)

    assert sorted(run.code for run in runs) == [0, 1]
    [winner] = [f"{name}.example.com" for name, run in zip(("one", "other"), runs, strict=True) if run.code == 0]
    [integration] = emulator.integrations.values()
    assert integration["config"]["host"] == winner
    assert sum("somebody else has just changed config.host" in run.output for run in runs) == 1
