"""The same stores by a program in JavaScript, whose provider is the plugin."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MODULES = Path(__file__).resolve().parents[2] / ".tools" / "node" / "node_modules"
"""Pulumi's SDK for JavaScript, which `make bench` gets."""

PLUGIN = "launchdarkly-big-segments"

PROGRAM = """\
const pulumi = require("@pulumi/pulumi");

class Store extends pulumi.CustomResource {
    constructor(name, inputs) {
        const outputs = { integrationKey: undefined, integrationId: undefined, version: undefined };
        super("launchdarkly-big-segments:index:BigSegmentStoreIntegration", name, { ...outputs, ...inputs });
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
"""
"""What :mod:`bench.programs` declares in Python."""


def write_project(folder: Path) -> None:
    """Writes the files of the project; the plugin is the one beside the Python that runs the bench."""
    plugins = {"providers": [{"name": PLUGIN, "path": str(Path(sys.executable).parent)}]}
    # JSON is YAML.
    project = json.dumps({"name": "bench", "runtime": "nodejs", "plugins": plugins})
    (folder / "Pulumi.yaml").write_text(project, encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({"name": "bench", "main": "index.js"}), encoding="utf-8")
    (folder / "index.js").write_text(PROGRAM, encoding="utf-8")
    (folder / "node_modules").symlink_to(MODULES)
