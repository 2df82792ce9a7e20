"""The pytest plugin, as a project that has the distribution sees it: each test here runs pytest on tests of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.redis_server import RedisServer

PLUGIN = "_launchdarkly_pulumi_pytest"

ACCOUNTS = """\
import os
import pathlib

import pytest


@pytest.fixture(autouse=True)
def environment_stays():
    before = dict(os.environ)
    yield
    assert {k: v for k, v in os.environ.items() if k.startswith(("LAUNCHDARKLY", "PULUMI"))} == {
        k: v for k, v in before.items() if k.startswith(("LAUNCHDARKLY", "PULUMI"))
    }


@pytest.mark.parametrize("run", [1, 2])
def test_an_account_of_its_own(launchdarkly_emulator, run):
    assert os.environ["LAUNCHDARKLY_API_HOST"] == launchdarkly_emulator.url
    assert os.environ["LAUNCHDARKLY_ACCESS_TOKEN"]
    assert launchdarkly_emulator.integrations == {}
    launchdarkly_emulator.outside_create("default", "production", "redis", config={"host": "redis.example.com"})


@pytest.mark.parametrize("run", [1, 2])
def test_a_backend_of_its_own(launchdarkly_emulator, run):
    assert os.environ["PULUMI_CONFIG_PASSPHRASE"]
    folder = pathlib.Path(os.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))
    assert list(folder.iterdir()) == []
    (folder / "state.json").touch()
"""

SYNCED = """\
import redis


def test_a_store_that_is_kept_up_to_date(launchdarkly_emulator):
    prefix = launchdarkly_emulator.environment("default", "production").client_side_id
    config = {{"host": "127.0.0.1", "port": "{port}"}}
    launchdarkly_emulator.outside_create("default", "production", "redis", config=config, on=True)
    launchdarkly_emulator.sync({{"default/production/beta": ["ada"]}})
    launchdarkly_emulator.members("default/production/gamma", ["ada"])
    with redis.Redis(port={port}) as client:
        [key] = client.keys(f"{{prefix}}:big_segment_include:*")
        assert client.smembers(key) == {{b"beta.g1", b"gamma.g1"}}
"""

NOT_USED = """\
import sys


def test_nothing_of_it_is_loaded():
    assert "{plugin}" in sys.modules
    assert not {{"launchdarkly_pulumi", "pulumi", "uvicorn", "starlette"}} & sys.modules.keys()
"""

EXTRA_MISSING = """\
import sys

sys.modules["uvicorn"] = None


def test_it(launchdarkly_emulator):
    pass
"""


def run_pytest(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest with the plugin, and no other, on one file."""
    (folder / "test_it.py").write_text(test)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", PLUGIN, "test_it.py"],
        cwd=folder,
        # The plugin is named: this works before the distribution is installed again as well.
        env=os.environ
        | {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "LAUNCHDARKLY_API_HOST": "app.launchdarkly.com",
            "PULUMI_BACKEND_URL": "s3://production",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_test_has_a_launchdarkly_of_its_own(tmp_path: Path) -> None:
    """An empty account and an empty backend, the environment pointing to them, and everything as before afterwards."""
    done = run_pytest(tmp_path, ACCOUNTS)

    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout


def test_it_keeps_a_store_up_to_date(tmp_path: Path) -> None:
    """And says what its readers have to know."""
    with RedisServer() as redis:
        done = run_pytest(tmp_path, SYNCED.format(port=redis.port))

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_where_it_is_not_used_it_costs_nothing(tmp_path: Path) -> None:
    """Neither the package, nor Pulumi's SDK, nor the emulator is imported when pytest starts."""
    done = run_pytest(tmp_path, NOT_USED.format(plugin=PLUGIN))

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """One line, no traceback."""
    done = run_pytest(tmp_path, EXTRA_MISSING)

    assert done.returncode == 1
    assert "needs uvicorn: pip install 'launchdarkly-pulumi[emulator]'" in done.stdout
    assert "Traceback" not in done.stdout
