"""What ``terraform show -json`` writes of a state with LaunchDarkly's resource for big segment stores."""

from __future__ import annotations

import json
from typing import Any

from launchdarkly_pulumi.model.fields import CONFIG_FIELDS
from launchdarkly_pulumi.model.ids import IntegrationId

TYPE = "launchdarkly_big_segment_store_integration"
PROVIDER = "registry.terraform.io/launchdarkly/launchdarkly"


def resource(address: str, id_: str, arguments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One resource; its arguments are given as this provider has them, and it keeps the config as JSON text."""
    id = IntegrationId.parse(id_)
    fields = CONFIG_FIELDS[id.integration_key]
    config = {f.api_name: f.to_api(arguments["config"][f.name]) for f in fields if f.name in arguments["config"]}
    values = {
        "config": json.dumps(config, separators=(",", ":")),
        "environment_key": id.environment_key,
        "id": id_,
        "integration_id": id.integration_id,
        "integration_key": id.integration_key,
        "name": arguments.get("name"),
        "on": arguments.get("on", False),
        "project_key": id.project_key,
        "tags": arguments.get("tags"),
        "version": 1,
    }
    return {
        "address": address,
        "mode": "managed",
        "type": TYPE,
        "name": address.rpartition(".")[2].partition("[")[0],
        "provider_name": PROVIDER,
        "schema_version": 0,
        "values": values,
        "sensitive_values": {"config": True, "tags": []},
        "depends_on": ["launchdarkly_project.shop"],
    } | changes


def others() -> list[dict[str, Any]]:
    """What stands beside the stores: another kind of resource, and a data source of the same kind."""
    project = {
        "address": "launchdarkly_project.shop",
        "mode": "managed",
        "type": "launchdarkly_project",
        "name": "shop",
    }
    data = {"address": f"data.{TYPE}.found", "mode": "data", "type": TYPE, "name": "found"}
    values = {"id": "default/production/redis/57c0", "config": None}
    return [{**each, "provider_name": PROVIDER, "schema_version": 0, "values": values} for each in (project, data)]


def state(*resources: dict[str, Any], modules: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    """The document; each module is inside the one before."""
    root: dict[str, Any] = {"resources": [*others(), *resources]}
    innermost = root
    for address, inside in (modules or {}).items():
        child = {"address": address, "resources": inside}
        innermost["child_modules"] = [child]
        innermost = child
    return {"format_version": "1.0", "terraform_version": "1.9.8", "values": {"outputs": {}, "root_module": root}}
