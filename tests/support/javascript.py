"""A stack whose program is in JavaScript, and whose provider is the plugin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from support.stack import Project, Run

MODULES = Path(__file__).parents[2] / ".tools" / "node" / "node_modules"
"""Pulumi's SDK for JavaScript, which `make test` gets."""

PLUGIN = "launchdarkly-big-segments"

PROGRAM = """\
const fs = require("fs");
const pulumi = require("@pulumi/pulumi");

const OUTPUTS = { name: undefined, on: undefined, tags: undefined, integrationKey: undefined,
                  integrationId: undefined, version: undefined };

class Account extends pulumi.ProviderResource {
    constructor(name, settings) {
        super("launchdarkly-big-segments", name, settings);
    }
}

class Store extends pulumi.CustomResource {
    constructor(name, inputs, options) {
        super("launchdarkly-big-segments:index:BigSegmentStoreIntegration", name, { ...OUTPUTS, ...inputs }, options);
    }
}

class Readiness extends pulumi.CustomResource {
    constructor(name, inputs, options) {
        super("launchdarkly-big-segments:index:BigSegmentStoreReadiness", name, inputs, options);
    }
}

const { accounts = {}, stores = {}, ready = {} } = JSON.parse(fs.readFileSync("declared.json"));
const providers = {}, made = {};
for (const [name, settings] of Object.entries(accounts)) providers[name] = new Account(name, settings);
for (const [name, { options = {}, account, ...inputs }] of Object.entries(stores)) {
    made[name] = new Store(name, inputs, { ...options, provider: providers[account] });
    exports[name] = made[name].integrationId;
}
for (const [name, { store, account, options = {}, ...inputs }] of Object.entries(ready)) {
    const { id, version } = made[store];
    const waits = { integration: id, version, ...inputs };
    made[name] = new Readiness(name, waits, { ...options, provider: providers[account] });
}
"""
"""Declares what a JSON file says, so that a test changes data and not code; passwords are plain strings in it."""


class JavaScriptStack(Project):
    """A project with one stack, whose program declares what the test says."""

    def __init__(self, folder: Path, api_host: str, home: Path | None = None, name: str = "prod") -> None:
        super().__init__(folder, api_host, home=home)
        assert MODULES.is_dir(), f"{MODULES} is missing: run `make test`"
        self.become_javascript()
        self.pulumi("stack", "init", name)

    def become_javascript(self) -> None:
        """Writes the project's files; one that was in Python goes on with the same stacks."""
        become_javascript(self)

    def program(self, text: str) -> None:
        """Replaces the program."""
        (self.folder / "index.js").write_text(text)

    def declare(self, **stores: dict[str, Any]) -> None:
        """Makes the program declare exactly these stores."""
        declare(self, stores)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state of each resource of the plugin, by its name."""
        return resources(self)


def become_javascript(project: Project) -> None:
    """Writes the files of a project in JavaScript."""
    folder = project.folder
    plugin = folder / "plugin"
    plugin.mkdir(exist_ok=True)
    script = plugin / f"pulumi-resource-{PLUGIN}"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m launchdarkly_pulumi.plugin.main "$@"\n')
    script.chmod(0o755)
    plugins = {"providers": [{"name": PLUGIN, "path": str(plugin)}]}
    settings = {"name": "shop", "runtime": "nodejs", "plugins": plugins}
    # JSON is YAML.
    (folder / "Pulumi.yaml").write_text(json.dumps(settings))
    (folder / "package.json").write_text(json.dumps({"name": "shop", "main": "index.js"}))
    (folder / "index.js").write_text(PROGRAM)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(MODULES)


def declare(project: Project, stores: dict[str, Any], **more: Any) -> None:
    """Makes the program declare these stores, and accounts and waits beside them."""
    (project.folder / "declared.json").write_text(json.dumps({"stores": stores, **more}))


def resources(project: Project) -> dict[str, dict[str, Any]]:
    """The state of each resource of the plugin, by its name."""
    exported = json.loads(project.pulumi("stack", "export").output)
    found = exported["deployment"].get("resources", [])
    return {r["urn"].rsplit("::", 1)[1]: r for r in found if r["type"].startswith(f"{PLUGIN}:")}


def updated(run: Run, resource: str) -> list[str]:
    """The lines of an output that are about a resource."""
    return [line.strip() for line in run.output.splitlines() if f" {resource} " in line]
