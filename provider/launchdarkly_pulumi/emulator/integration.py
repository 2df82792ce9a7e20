"""One integration: what the account keeps, what a request may set, and the document that the API shows."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

from .errors import invalid_request, shown_name
from .fields import Manifest, manifests, normalised_config

BASE_PATH = "/api/v2/integration-capabilities/big-segment-store"
PROJECTS_PATH = "/api/v2/projects"
EDITABLE = ("config", "name", "on", "tags")


@dataclass(frozen=True)
class Environment:
    """An environment of the account."""

    project_key: str
    key: str

    @property
    def client_side_id(self) -> str:
        """The environment's ID, the same in every emulator: the key prefix that SDKs need for a store."""
        return hashlib.sha256(f"{self.project_key}/{self.key}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Place:
    """Where an integration belongs. Never changes."""

    project_key: str
    environment_key: str
    integration_key: str

    @property
    def environment(self) -> Environment:
        """Whose store it is."""
        return Environment(self.project_key, self.environment_key)

    @property
    def manifest(self) -> Manifest:
        """The facts about this kind of store."""
        return manifests()[self.integration_key]


@dataclass(frozen=True)
class Settings:
    """The part of an integration that requests can set, complete and valid."""

    name: str
    on: bool
    tags: tuple[str, ...]
    config: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Integration:
    """One stored integration, with its real config. Edits make a new one."""

    id: str
    place: Place
    settings: Settings
    version: int = 1


def settings_from(place: Place, body: Any) -> Settings:
    """The settings that a body asks for; what it leaves out is the default."""
    if not isinstance(body, dict):
        raise invalid_request("The body must be a JSON object")
    unknown = sorted(body.keys() - set(EDITABLE))
    if unknown:
        raise invalid_request(f"{shown_name(unknown[0])}: unknown field, or one that cannot be set")
    if "config" not in body:
        raise invalid_request("config: required")
    return Settings(
        # An empty name counts as none.
        name=_typed(body, "name", str, "a string", "") or place.manifest.name,
        on=_typed(body, "on", bool, "a boolean", False),
        tags=_tags(body.get("tags", [])),
        config=normalised_config(place.manifest, body["config"]),
    )


def _typed(body: dict[str, Any], key: str, kind: type, article: str, default: Any) -> Any:
    value = body.get(key, default)
    if not isinstance(value, kind):
        raise invalid_request(f"{key}: must be {article}")
    return value


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise invalid_request("tags: must be an array of strings")
    return tuple(value)


class MaskedSecret(str):
    """A mask that still knows it stands for the stored secret.

    JSON Patch works on the visible document. This type tells a secret that no operation touched from one
    that was set to a text which happens to look like the mask.
    """

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> MaskedSecret:
        """Stay the same when jsonpatch copies the document."""
        return self


def mask(secret: str) -> str:
    """Three characters at each end of a long secret, ``sup********123``; nothing of a short one."""
    if len(secret) > 6:
        return f"{secret[:3]}********{secret[-3:]}"
    return "********" if secret else ""


def document(integration: Integration) -> dict[str, Any]:
    """What the API shows of an integration, but for its ``_status``."""
    place, settings = integration.place, integration.settings
    secrets = place.manifest.secret_keys
    config = {key: MaskedSecret(mask(value)) if key in secrets else value for key, value in settings.config.items()}
    return {
        "_links": _links(integration),
        "_id": integration.id,
        "integrationKey": place.integration_key,
        "projectKey": place.project_key,
        "environmentKey": place.environment_key,
        "config": config,
        "on": settings.on,
        "tags": list(settings.tags),
        "name": settings.name,
        "version": integration.version,
        "_access": {"denied": [], "allowed": []},
    }


def _links(integration: Integration) -> dict[str, dict[str, str]]:
    place = integration.place
    project = f"{PROJECTS_PATH}/{place.project_key}"
    store = f"{BASE_PATH}/{place.project_key}/{place.environment_key}/{place.integration_key}/{integration.id}"
    return {
        "self": link(store),
        "parent": link(BASE_PATH),
        "project": link(project),
        "environment": _environment_link(place.project_key, place.environment_key),
    }


def environment_document(project_key: str, environment_key: str) -> dict[str, Any]:
    """What the API shows of an environment, as far as clients of this one need it: its ID is its client-side ID."""
    return {
        "_links": {"self": _environment_link(project_key, environment_key)},
        "_id": Environment(project_key, environment_key).client_side_id,
        "key": environment_key,
        "name": environment_key,
    }


def _environment_link(project_key: str, environment_key: str) -> dict[str, str]:
    return link(f"{PROJECTS_PATH}/{project_key}/environments/{environment_key}")


def link(href: str) -> dict[str, str]:
    """A link as the API writes it."""
    return {"href": href, "type": "application/json"}


def simple_status(document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
    """A store that is on has just been synchronized; one that is off never was."""
    on = document["on"]
    return {
        "available": on,
        "potentiallyStale": not on,
        "lastSync": int(time.time() * 1000) if on else 0,
        "lastError": 0,
        "errors": [],
    }
