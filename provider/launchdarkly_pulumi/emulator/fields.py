"""What ``config`` may hold: read from LaunchDarkly's integration manifests (``manifests/*.json``)."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

from .errors import invalid_request, shown_name

MANIFESTS = resources.files(__name__.rpartition(".")[0]) / "manifests"


@dataclass(frozen=True)
class FieldSpec:
    """One of a manifest's ``formVariables``."""

    key: str
    type: str
    required: bool
    secret: bool
    default: Any
    allowed_values: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """One kind of store."""

    key: str
    name: str
    fields: tuple[FieldSpec, ...]

    @property
    def field_keys(self) -> frozenset[str]:
        """The fields that a config of this kind may have."""
        return frozenset(spec.key for spec in self.fields)

    @property
    def secret_keys(self) -> frozenset[str]:
        """The fields that are never shown."""
        return frozenset(spec.key for spec in self.fields if spec.secret)


@functools.cache
def manifests() -> dict[str, Manifest]:
    """The manifests by integration key."""
    files = {file.name.removesuffix(".json"): file for file in MANIFESTS.iterdir() if file.name.endswith(".json")}
    return {kind: _manifest(kind, json.loads(file.read_text(encoding="utf-8"))) for kind, file in files.items()}


def _manifest(kind: str, content: dict[str, Any]) -> Manifest:
    return Manifest(kind, content["name"], tuple(_spec(variable) for variable in content["formVariables"]))


def _spec(variable: dict[str, Any]) -> FieldSpec:
    return FieldSpec(
        key=variable["key"],
        type=variable["type"],
        required=not variable.get("isOptional", False),
        secret=variable.get("isSecret", False),
        default=variable.get("defaultValue"),
        allowed_values=tuple(variable.get("allowedValues", ())),
    )


def normalised_config(manifest: Manifest, config: Any) -> dict[str, Any]:
    """The complete config as the account keeps it; an invalid one is refused by the name of its field."""
    if not isinstance(config, dict):
        raise invalid_request("config: must be an object")
    unknown = sorted(config.keys() - manifest.field_keys)
    if unknown:
        raise invalid_request(f"config.{shown_name(unknown[0])}: unknown field of a {manifest.key} store")
    return {spec.key: _field_value(spec, config) for spec in manifest.fields}


def _field_value(spec: FieldSpec, config: dict[str, Any]) -> Any:
    if spec.key not in config:
        if spec.required:
            raise invalid_request(f"config.{spec.key}: required")
        return spec.default
    value = config[spec.key]
    if spec.key == "port":
        return _port(value)
    return _checked(spec, value)


def _checked(spec: FieldSpec, value: Any) -> Any:
    if spec.type == "boolean":
        if not isinstance(value, bool):
            raise invalid_request(f"config.{spec.key}: must be a boolean")
        return value
    if not isinstance(value, str):
        raise invalid_request(f"config.{spec.key}: must be a string")
    if spec.required and not value:
        raise invalid_request(f"config.{spec.key}: must not be empty")
    if spec.allowed_values and value not in spec.allowed_values:
        raise invalid_request(f"config.{spec.key}: must be one of {', '.join(spec.allowed_values)}")
    return value


def _port(value: Any) -> str:
    # The manifest calls a port a string, and clients send numbers: both are taken, a string is kept.
    text = str(value) if isinstance(value, int) else value  # True becomes "True", which is no port either
    if not isinstance(text, str) or not re.fullmatch(r"[1-9][0-9]{0,4}", text) or int(text) > 65535:
        raise invalid_request("config.port: must be a decimal number from 1 to 65535")
    return text
