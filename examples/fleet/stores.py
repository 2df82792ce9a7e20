"""The stores of the fleet: which there are, by the file of configuration, and their declaration in a Pulumi program."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import yaml

TYPE = "launchdarkly-big-segments:index:BigSegmentStoreIntegration"
PASSWORD_FROM = "passwordFrom"  # noqa: S105 - the name of a key

Stores = Mapping[str, Mapping[str, Any]]
"""The inputs of the stores of a project, by environment."""


class FleetError(Exception):
    """The configuration is not usable: one line says why."""


class _Loader(yaml.SafeLoader):
    """Reads YAML as its version 1.2 has it: true and false are the only booleans, and ``on`` is a field."""


BOOLEAN = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != BOOLEAN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(BOOLEAN, re.compile("true|false"), list("tf"))


@dataclass(frozen=True)
class Fleet:
    """All stores, by project."""

    projects: Mapping[str, Stores]

    @classmethod
    def read(cls, file: Path) -> "Fleet":
        """Reads a file in YAML or JSON.

        :raises FleetError: it cannot be read, or is no fleet.
        """
        try:
            content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
        except (OSError, yaml.YAMLError) as error:
            raise FleetError(f"{file} cannot be read: {' '.join(str(error).split())}") from None
        projects = content.get("projects") if isinstance(content, dict) else None
        if not isinstance(projects, dict) or not projects:
            raise FleetError(f"{file} has no projects")
        defaults = content.get("defaults") or {}
        for project, stores in projects.items():
            if not isinstance(stores, dict) or not all(isinstance(store, dict) for store in stores.values()):
                raise FleetError(f"{file}: {project} must have a mapping of inputs for each environment")
        return cls(
            {
                str(project): {str(environment): {**defaults, **store} for environment, store in stores.items()}
                for project, stores in projects.items()
            }
        )

    def part(self, index: int, count: int) -> list[str]:
        """The projects of one of several jobs, about the same number of stores for each; jobs count from 1."""
        parts: list[list[str]] = [[] for _ in range(count)]
        sizes = [0] * count
        for project in sorted(self.projects, key=lambda each: (-len(self.projects[each]), each)):
            smallest = sizes.index(min(sizes))
            parts[smallest].append(project)
            sizes[smallest] += len(self.projects[project])
        return sorted(parts[index - 1])


class Store(pulumi.CustomResource):
    """A store as the plugin knows it; the generated SDK has a class with its fields, which here are in a file."""

    def __init__(self, name: str, inputs: Mapping[str, Any]) -> None:
        super().__init__(TYPE, name, inputs)


def declare(project: str, stores: Stores) -> None:
    """Declares the stores of a project: the program of its stack."""
    for environment, given in stores.items():
        inputs = {name: value for name, value in given.items() if name != PASSWORD_FROM}
        if PASSWORD_FROM in given:
            inputs["config"] = _with_password(inputs["config"], given[PASSWORD_FROM])
        Store(environment, {"projectKey": project, "environmentKey": environment, **inputs})


def _with_password(config: Mapping[str, Any], variable: str) -> dict[str, Any]:
    password = os.environ.get(variable)
    if not password:
        raise pulumi.RunError(f"the environment variable {variable} has no password")
    return {**config, "redis": {**config["redis"], "password": pulumi.Output.secret(password)}}
