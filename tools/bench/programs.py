"""What is compared: the same program with a resource that does nothing, a naive provider's, and ours.

Imported by the programs, and by Pulumi's host process, which loads the providers from here.
"""

from __future__ import annotations

import os
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

API = "/api/v2/integration-capabilities/big-segment-store"
TIMEOUT = 30

PROGRAM = "from bench import programs\n\nprograms.declare()\n"
"""The program of each stack; its configuration says the rest."""


def declare() -> None:
    """Declares the stores of one stack: ``kind``, ``count`` and ``host`` are in its configuration."""
    config = pulumi.Config()
    kind, host = config.require("kind"), config.require("host")
    for number in range(config.require_int("count")):
        _declare_one(kind, f"store-{number}", host)


def _declare_one(kind: str, name: str, host: str) -> None:
    password = pulumi.Output.secret(f"password of {name}")
    if kind == "ours":
        import launchdarkly_pulumi as launchdarkly

        launchdarkly.BigSegmentStoreIntegration(
            name,
            project_key="default",
            environment_key="production",
            config=launchdarkly.RedisConfig(host=host, port=6379, password=password),
            name=name,
            on=True,
            tags=["one", "two"],
        )
        return
    Store(
        FloorProvider() if kind == "floor" else NaiveProvider(),
        name,
        project_key="default",
        environment_key="production",
        config={"host": host, "port": "6379", "password": password},
        name=name,
        on=True,
        tags=["one", "two"],
    )


OUTPUTS_ONLY = ("integration_id", "version")


class Store(Resource, module="launchdarkly", name="BigSegmentStoreIntegration"):
    """A store of a provider that is compared with ours: the same inputs, outputs and type.

    Written as Pulumi's documentation writes dynamic resources.
    """

    def __init__(self, provider: ResourceProvider, resource_name: str, **inputs: Any) -> None:
        outputs = dict.fromkeys(OUTPUTS_ONLY)
        super().__init__(provider, resource_name, {**inputs, "integration_key": "redis", **outputs})


def _inputs(props: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in props.items() if name not in ("__provider", *OUTPUTS_ONLY)}


def _outputs(inputs: dict[str, Any], integration_id: str, version: float) -> dict[str, Any]:
    return {**inputs, "integration_id": integration_id, "version": version}


class FloorProvider(ResourceProvider):
    """Does nothing: what Pulumi itself takes."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Invents an ID."""
        number = int(props["name"].rpartition("-")[2])
        integration_id = f"{number:024x}"
        return CreateResult(
            f"default/production/redis/{integration_id}", _outputs(_inputs(props), integration_id, version=1.0)
        )

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compares with the state."""
        return DiffResult(changes=_inputs(_olds) != _inputs(_news))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keeps the inputs."""
        return UpdateResult(_outputs(_inputs(_news), _olds["integration_id"], _olds["version"] + 1))


class NaiveProvider(FloorProvider):
    """As one would write it in an afternoon: a request each, no live comparison, the config replaced whole."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """One POST."""
        inputs = _inputs(props)
        body = {name: inputs[name] for name in ("config", "name", "on", "tags")}
        place = f"{inputs['project_key']}/{inputs['environment_key']}/redis"
        made = _call("POST", place, body)
        return CreateResult(f"{place}/{made['_id']}", _outputs(inputs, made["_id"], made["version"]))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """One GET."""
        _call("GET", id_)
        return ReadResult(id_, {name: value for name, value in props.items() if name != "__provider"})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """One GET, and one PATCH of everything."""
        inputs = _inputs(_news)
        _call("GET", _id)
        fields = ("config", "name", "on", "tags")
        made = _call("PATCH", _id, [{"op": "replace", "path": f"/{name}", "value": inputs[name]} for name in fields])
        return UpdateResult(_outputs(inputs, made["_id"], made["version"]))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """One DELETE."""
        _call("DELETE", _id)


def _call(method: str, path: str, body: Any = None) -> Any:
    import requests

    headers = {"Authorization": os.environ["LAUNCHDARKLY_ACCESS_TOKEN"], "LD-API-Version": "beta"}
    url = f"{os.environ['LAUNCHDARKLY_API_HOST']}{API}/{path}"
    answer = requests.request(method, url, json=body, headers=headers, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json() if answer.content else None
