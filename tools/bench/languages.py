"""The same stores by programs in other languages, whose provider is the plugin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from launchdarkly_pulumi.plugin.main import PROGRAM
from launchdarkly_pulumi.plugin.names import PACKAGE
from launchdarkly_pulumi.plugin.schema import STORE
from launchdarkly_pulumi.plugin.version import version

MODULES = Path(__file__).resolve().parents[2] / ".tools" / "node" / "node_modules"
"""Pulumi's SDK for JavaScript, which the benches get."""

EXECUTABLE = Path(sys.executable).parent / PROGRAM
"""The plugin beside the Python that runs the bench."""

BARE = Path(__file__).with_name("bare.py")
"""The plugin that looks at nothing."""

INSTALL = ("plugin", "install", "resource", PACKAGE, version(), "--file", str(EXECUTABLE))
"""The arguments of the CLI that install it. Of an installed version that a program names, Pulumi keeps the schema."""

JAVASCRIPT = """\
const pulumi = require("@pulumi/pulumi");

class Store extends pulumi.CustomResource {
    constructor(name, inputs) {
        const outputs = { integrationKey: undefined, integrationId: undefined, version: undefined };
        super("TYPE", name, { ...outputs, ...inputs }, { version: "VERSION" });
    }
}

const config = new pulumi.Config();
for (let number = 0; number < config.requireNumber("count"); number++) {
    const name = `store-${number}`, password = pulumi.secret(`password of ${name}`);
    new Store(name, {
        projectKey: "default", environmentKey: "production",
        config: { redis: { host: config.require("host"), port: 6379, password } },
        name, on: true, tags: ["one", "two"],
    });
}
""".replace("TYPE", STORE).replace("VERSION", version())
"""What :mod:`bench.programs` declares in Python."""


def write_javascript(folder: Path, _count: int) -> None:
    """Writes the files of a project in JavaScript."""
    # Without the compiler of TypeScript, which takes a third of a second to load.
    _write_project(folder, {"name": "nodejs", "options": {"typescript": False}})
    (folder / "package.json").write_text(json.dumps({"name": "bench", "main": "index.js"}), encoding="utf-8")
    (folder / "index.js").write_text(JAVASCRIPT, encoding="utf-8")
    (folder / "node_modules").symlink_to(MODULES)


def write_yaml(folder: Path, count: int) -> None:
    """Writes the file of a project in YAML, which names each store."""
    names = [f"store-{number}" for number in range(count)]
    _write_project(
        folder,
        "yaml",
        config={"host": {"type": "string"}, "kind": {"type": "string"}, "count": {"type": "integer"}},
        resources={
            name: {"type": STORE, "properties": _properties(name), "options": {"version": version()}} for name in names
        },
    )


def write_bare(folder: Path, count: int) -> None:
    """The same in YAML, and the plugin that looks at nothing, where the engine looks first."""
    write_yaml(folder, count)
    plugin = folder / "bin" / EXECUTABLE.name
    plugin.parent.mkdir()
    plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{BARE}" "$@"\n', encoding="utf-8")
    plugin.chmod(0o755)


WRITERS = {"javascript": write_javascript, "yaml": write_yaml, "bare": write_bare}
"""What writes the project, by its language."""


def _write_project(folder: Path, runtime: str | dict[str, Any], **more: Any) -> None:
    # JSON is YAML.
    project = json.dumps({"name": "bench", "runtime": runtime, **more})
    (folder / "Pulumi.yaml").write_text(project, encoding="utf-8")


def _properties(name: str) -> dict[str, Any]:
    password = {"fn::secret": f"password of {name}"}
    return {
        "projectKey": "default",
        "environmentKey": "production",
        "config": {"redis": {"host": "${host}", "port": 6379, "password": password}},
        "name": name,
        "on": True,
        "tags": ["one", "two"],
    }
