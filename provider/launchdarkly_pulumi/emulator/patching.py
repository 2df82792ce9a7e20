"""RFC 6902 on the document that the client sees: parse, check, apply. Pure: nothing is stored here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import jsonpatch
from jsonpointer import JsonPointer, JsonPointerException

from .errors import conflict, invalid_request, shown_name, unprocessable
from .fields import Manifest
from .integration import EDITABLE, Integration, MaskedSecret, Settings, document, settings_from
from .options import EmulatorOptions

WITH_VALUE = ("add", "replace", "test")
WITH_FROM = ("move", "copy")
KNOWN_OPERATIONS = (*WITH_VALUE, *WITH_FROM, "remove")

# Besides its own exceptions, jsonpatch answers some impossible paths with these, depending on its version.
NOT_APPLICABLE = (
    jsonpatch.JsonPatchException,
    JsonPointerException,
    TypeError,
    LookupError,
    ValueError,
    AttributeError,
)


@dataclass(frozen=True)
class Operation:
    """One well-formed operation of a patch."""

    index: int
    op: str
    raw: dict[str, Any]
    path: tuple[str, ...]
    source: tuple[str, ...]
    """The ``from`` of a move or copy; empty otherwise."""

    def __str__(self) -> str:
        """Name the operation without its value."""
        return f"operation {self.index} ({self.op} {shown_name(self.raw['path'])})"


def parse_patch(body: Any, options: EmulatorOptions) -> list[Operation]:
    """The operations of a request's body; anything malformed is refused before any of it is applied."""
    if not isinstance(body, list):
        raise invalid_request("The body must be a JSON Patch: an array of operations")
    operations = [_parse_operation(index, raw) for index, raw in enumerate(body)]
    for operation in operations:
        _check_support(operation, options)
    return operations


def _parse_operation(index: int, raw: Any) -> Operation:
    where = f"operation {index}"
    if not isinstance(raw, dict):
        raise invalid_request(f"{where}: must be an object")
    op = raw.get("op")
    if op not in KNOWN_OPERATIONS:
        raise invalid_request(f"{where}: op must be one of {', '.join(sorted(KNOWN_OPERATIONS))}")
    if op in WITH_VALUE and "value" not in raw:
        raise invalid_request(f"{where}: value is required")
    source = _segments(raw, "from", where) if op in WITH_FROM else ()
    return Operation(index, op, raw, _segments(raw, "path", where), source)


def _segments(raw: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    pointer = raw.get(key)
    if not isinstance(pointer, str):
        raise invalid_request(f"{where}: {key} must be a string")
    try:
        return tuple(JsonPointer(pointer).parts)
    except JsonPointerException as error:
        raise invalid_request(f"{where}: {key} must be a JSON pointer") from error


def _check_support(operation: Operation, options: EmulatorOptions) -> None:
    """Play an endpoint that supports less of JSON Patch than is documented."""
    if options.refuse_version_test and operation.op == "test" and operation.path[:1] == ("version",):
        raise invalid_request(f"{operation}: version cannot be tested")
    inside_config = any(path[:1] == ("config",) and len(path) > 1 for path in (operation.path, operation.source))
    if options.refuse_config_paths and inside_config:
        raise invalid_request(f"{operation}: paths inside config are not supported; replace /config")


def patched_settings(integration: Integration, operations: list[Operation], status: dict[str, Any]) -> Settings:
    """The settings after all operations, or the refusal of the first that cannot be."""
    view = document(integration) | {"_status": status}
    manifest = integration.place.manifest
    for operation in operations:
        if operation.op == "test":
            _test(view, operation)
        else:
            _check_editable(operation, manifest)
            view = _keep_masks_at_home(_applied(view, operation), manifest)
    return settings_from(integration.place, _unmasked(view, integration))


def _check_editable(operation: Operation, manifest: Manifest) -> None:
    touched = [operation.path]
    if operation.op == "move":
        touched.append(operation.source)  # a move removes what it takes
    for path in touched:
        if not path or path[0] not in EDITABLE:
            what = shown_name(path[0]) if path else "the whole document"
            raise invalid_request(f"{operation}: {what} cannot be edited")
        if path[0] == "config" and len(path) > 1 and path[1] not in manifest.field_keys:
            raise invalid_request(f"{operation}: config.{shown_name(path[1])}: unknown field of a {manifest.key} store")


def _applied(view: dict[str, Any], operation: Operation) -> dict[str, Any]:
    try:
        # First by our own rules: older versions of jsonpointer copy letters out of texts, and take 01 for an index.
        _value_at(view, operation.source)
        if operation.op in ("remove", "replace"):
            _value_at(view, operation.path)
        result: dict[str, Any] = jsonpatch.apply_patch(view, [operation.raw])
    except NOT_APPLICABLE as error:
        raise unprocessable(f"{operation}: there is no such place in the integration") from error
    return result


def _keep_masks_at_home(view: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """Turn each mask that was copied somewhere else into ordinary text: it stands for no secret there."""
    return {
        key: {name: item if name in manifest.secret_keys else _text(item) for name, item in value.items()}
        if key == "config" and isinstance(value, dict)
        else _text(value)
        for key, value in view.items()
    }


def _text(value: Any) -> Any:
    if isinstance(value, MaskedSecret):
        return str(value)
    if isinstance(value, list):
        return [_text(item) for item in value]
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    return value


def _unmasked(view: dict[str, Any], before: Integration) -> dict[str, Any]:
    """The editable part of the view, with the stored secret wherever no operation touched its mask."""
    settings = {key: view[key] for key in EDITABLE if key in view}
    config = settings.get("config")
    if isinstance(config, dict):
        stored = before.settings.config
        settings["config"] = {
            key: stored[key] if isinstance(value, MaskedSecret) else value for key, value in config.items()
        }
    return settings


def _test(view: dict[str, Any], operation: Operation) -> None:
    try:
        holds = json_equal(_value_at(view, operation.path), operation.raw["value"])
    except IndexError:
        holds = False  # a list may have become shorter since the client read it
    except KeyError as error:
        raise unprocessable(f"{operation}: there is no such place in the integration") from error
    if not holds:
        raise conflict(f"{operation}: the test failed. Read the integration again")


def _value_at(view: Any, path: tuple[str, ...]) -> Any:
    """The value at a path: ``KeyError`` where there is no such field, ``IndexError`` beyond the end of a list."""
    # JsonPointer.resolve would also take an index into a text.
    value = view
    for segment in path:
        if isinstance(value, dict):
            value = value[segment]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", segment):
            value = value[int(segment)]
        elif isinstance(value, list) and segment == "-":
            raise IndexError(segment)
        else:
            raise KeyError(segment)
    return value


def json_equal(left: Any, right: Any) -> bool:
    """Equality as RFC 6902 defines it: in JSON, ``true`` is not ``1``, but ``1.0`` is."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(json_equal(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(json_equal, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
