"""Values as Pulumi's protocol writes them, and plain Python values: a protobuf ``Struct`` both ways. Pure.

A ``Struct`` is JSON. What JSON lacks is an object with a signature: secrets, outputs, files and references to
resources; and what is not known yet is one of a few strings that nobody writes by chance.

Source: Pulumi's ``sdk/go/common/resource/plugin/rpc.go`` and ``sdk/go/common/resource/sig/sig.go``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Union

from google.protobuf.struct_pb2 import Struct, Value

from ..errors import LaunchDarklyError
from ..model.fields import UNKNOWN, is_unknown

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the protocol
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
FILES = {"c44067f5952c0a294b673a41bacd8c17": "an asset", "0def7320c3a5731c473e5ecbe6d01bc7": "an archive"}

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_STRINGS = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""What stands for a value that is not known yet, by the type that it will have."""

Place = tuple[Union[str, int], ...]
"""Where a value is: ``("config", "redis", "password")``, ``("tags", 0)``."""


class NotAValue(LaunchDarklyError):
    """A property is a file: no field of this package takes one."""

    def __init__(self, place: Place, what: str) -> None:
        self.place, self.what = place, what
        super().__init__(f"{shown_place(place)} must be a plain value, not {what}")


@dataclass(frozen=True)
class Properties:
    """Properties of a resource, of a provider or of a function.

    :param values: plain values; :data:`fields.UNKNOWN` for what is not known yet.
    :param secret: where values are that are secrets.
    """

    values: Mapping[str, Any]
    secret: frozenset[Place] = frozenset()


def decoded(struct: Struct) -> Properties:
    """The properties of a message. A null, at the top or in an object, is no property.

    :raises NotAValue: one is a file.
    """
    secret: set[Place] = set()
    values = _decoded_fields(struct, (), secret)
    return Properties(values, frozenset(secret))


def _decoded_fields(struct: Struct, place: Place, secret: set[Place]) -> dict[str, Any]:
    found = {name: _decoded(value, (*place, name), secret) for name, value in struct.fields.items()}
    return {name: value for name, value in found.items() if value is not None}


def _decoded(value: Value, place: Place, secret: set[Place]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_STRINGS else value.string_value
    if kind == "list_value":
        return [_decoded(inner, (*place, index), secret) for index, inner in enumerate(value.list_value.values)]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields:
            return _signed(fields, place, secret)
        return _decoded_fields(value.struct_value, place, secret)
    if kind == "number_value":
        return value.number_value
    return value.bool_value if kind == "bool_value" else None


def _signed(fields: Mapping[str, Value], place: Place, secret: set[Place]) -> Any:
    signature = fields[SIGNATURE].string_value
    if signature in FILES:
        raise NotAValue(place, FILES[signature])
    if signature == SECRET or (signature == OUTPUT and "secret" in fields and fields["secret"].bool_value):
        secret.add(place)
    if signature in (SECRET, OUTPUT):
        return _decoded(fields["value"], place, secret) if "value" in fields else UNKNOWN
    if signature == RESOURCE and "id" in fields:
        # What refers to a resource means its ID; one that is not there yet has an empty one.
        return fields["id"].string_value or UNKNOWN
    raise NotAValue(place, "something that this version does not know")


def encoded(properties: Properties) -> Struct:
    """The message of properties. Each that is a secret is marked, at whatever depth."""
    struct = Struct()
    for name, value in properties.values.items():
        _encode(value, struct.fields[name], (name,), properties.secret)
    return struct


def _encode(value: Any, into: Value, place: Place, secret: Collection[Place]) -> None:
    if place in secret:
        wrapper = into.struct_value.fields
        wrapper[SIGNATURE].string_value = SECRET
        into = wrapper["value"]
    if value is None:
        into.null_value = 0  # type: ignore[assignment]
    elif is_unknown(value):
        into.string_value = UNKNOWN_STRING
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, Mapping):
        into.struct_value.SetInParent()
        for name, inner in value.items():
            _encode(inner, into.struct_value.fields[name], (*place, name), secret)
    else:
        into.list_value.SetInParent()
        for index, inner in enumerate(value):
            _encode(inner, into.list_value.values.add(), (*place, index), secret)


def shown_place(place: Place) -> str:
    """A place as people write it: ``config.redis.password``, ``tags[0]``."""
    shown = ""
    for part in place:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown
