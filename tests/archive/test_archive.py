"""The archive of ``make archive``, installed by Pulumi's CLI where the package is not: ``make test-archive``."""

from __future__ import annotations

import functools
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import archive
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin.main import PROGRAM
from launchdarkly_pulumi.plugin.version import version
from support import javascript
from support.javascript import JavaScriptStack
from support.plugin_samples import redis
from support.stack import NO_CHANGE

ARCHIVE = Path(__file__).parents[2] / "dist" / archive.name_of_archive()
VERSION = version()


class Silent(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server of plugins; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def stack(tmp_path: Path, emulator: Emulator) -> JavaScriptStack:
    """A stack that names no folder with the plugin, on a PATH that has neither the plugin nor Python's packages."""
    stack = JavaScriptStack(tmp_path, emulator.url)
    (stack.folder / "Pulumi.yaml").write_text(json.dumps({"name": "shop", "runtime": "nodejs"}))
    shutil.rmtree(stack.folder / "plugin")
    pulumi, node = shutil.which("pulumi"), shutil.which("node")
    assert pulumi
    assert node
    stack.environment = {k: v for k, v in stack.environment.items() if not k.startswith("PYTHON")}
    stack.environment["PATH"] = f"{Path(pulumi).parent}:{Path(node).parent}:/usr/bin:/bin"
    return stack


def test_the_executable_is_at_the_root() -> None:
    """Where the engine looks for it; nothing leads out of the folder that it is unpacked into."""
    assert ARCHIVE.exists(), f"{ARCHIVE} is missing: run `make archive`"
    with tarfile.open(ARCHIVE) as packed:
        assert packed.getmember(PROGRAM).mode & 0o111
        assert {name.split("/")[0] for name in packed.getnames()} == {PROGRAM, "lib"}


@pytest.mark.parametrize("way", ["--server", "--file"])
def test_a_program_runs_with_it(stack: JavaScriptStack, emulator: Emulator, way: str) -> None:
    """Pulumi's CLI downloads and unpacks it, and the engine starts what is unpacked."""
    install = ("plugin", "install", "resource", javascript.PLUGIN, VERSION)
    stack.declare(store=redis())
    with served(ARCHIVE.parent) as url:
        stack.pulumi(*install, way, url if way == "--server" else str(ARCHIVE))
    home = Path(stack.environment["PULUMI_HOME"])
    assert (home / "plugins" / f"resource-{javascript.PLUGIN}-v{VERSION}" / PROGRAM).exists()
    stack.up()
    [store] = emulator.integrations.values()
    assert store["config"]["host"] == "redis.example.com"
    stack.preview(NO_CHANGE)
    stack.destroy()
    assert emulator.integrations == {}
