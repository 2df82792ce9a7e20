"""Values on Pulumi's wire: what goes there comes back, and what JSON lacks is understood."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.model.fields import UNKNOWN
from launchdarkly_pulumi.plugin import wire
from launchdarkly_pulumi.plugin.wire import NotAValue, Place, Properties, decoded, encoded

NAMES = st.text(max_size=8).filter(lambda name: name != wire.SIGNATURE)
NUMBERS = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53)
LEAVES = st.text(max_size=20) | st.booleans() | NUMBERS | st.just(UNKNOWN)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))


def places(value: Any, place: Place = ()) -> list[Place]:
    """Each place in the values, the inner ones too."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
    return [p for key, each in inner for p in ((*place, key), *places(each, (*place, key)))]


@st.composite
def properties(draw: st.DrawFn) -> Properties:
    """Any properties, and any of their places as secrets."""
    values = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    found = places(values)
    return Properties(values, frozenset(draw(st.lists(st.sampled_from(found), max_size=3)) if found else ()))


def struct_of(values: dict[str, Any]) -> Struct:
    """A message as protobuf itself writes it."""
    struct = Struct()
    struct.update(values)
    return struct


def signed(signature: str, **fields: Any) -> dict[str, Any]:
    """An object that stands for what JSON lacks."""
    return {wire.SIGNATURE: signature, **fields}


@given(properties())
def test_what_is_sent_comes_back(sent: Properties) -> None:
    """The values, and which of them are secrets."""
    over_the_wire = Struct.FromString(encoded(sent).SerializeToString())
    assert decoded(over_the_wire) == sent


@given(st.dictionaries(NAMES, st.recursive(LEAVES.filter(lambda v: v is not UNKNOWN), st.lists, max_leaves=5)))
def test_plain_values_are_plain_json(values: dict[str, Any]) -> None:
    """As protobuf itself writes them."""
    assert encoded(Properties(values)) == struct_of(values)


def test_a_number_may_be_any() -> None:
    """JSON has no NaN and no infinity, the wire has them."""
    values = decoded(Struct.FromString(encoded(Properties({"a": math.nan, "b": -math.inf})).SerializeToString())).values
    assert math.isnan(values["a"])
    assert values["b"] == -math.inf


@pytest.mark.parametrize("unknown", sorted(wire.UNKNOWN_STRINGS))
def test_each_string_for_an_unknown_value_is_one(unknown: str) -> None:
    """Pulumi has one for each type."""
    assert decoded(struct_of({"a": unknown, "b": [unknown]})).values == {"a": UNKNOWN, "b": [UNKNOWN]}


@pytest.mark.parametrize(
    ("output", "value", "is_secret"),
    [
        (signed(wire.OUTPUT, value="v"), "v", False),
        (signed(wire.OUTPUT, value="v", secret=True, dependencies=["urn"]), "v", True),
        (signed(wire.OUTPUT), UNKNOWN, False),
        (signed(wire.OUTPUT, secret=True), UNKNOWN, True),
        (signed(wire.OUTPUT, value=signed(wire.SECRET, value="v")), "v", True),
        (signed(wire.SECRET, value=wire.UNKNOWN_STRING), UNKNOWN, True),
        (signed(wire.SECRET, value=signed(wire.SECRET, value={"x": 1.0})), {"x": 1.0}, True),
        (signed(wire.RESOURCE, urn="urn", id="p/e/redis/1"), "p/e/redis/1", False),
        (signed(wire.RESOURCE, urn="urn", id=""), UNKNOWN, False),
        (signed(wire.RESOURCE, urn="urn", id=wire.UNKNOWN_STRING), wire.UNKNOWN_STRING, False),
    ],
)
def test_outputs_secrets_and_resources_are_what_they_hold(output: Any, value: Any, is_secret: bool) -> None:
    """An output is its value, a resource its ID."""
    found = decoded(struct_of({"a": [output]}))
    assert found.values == {"a": [value]}
    assert found.secret == ({("a", 0)} if is_secret else set())


def test_a_null_is_no_property() -> None:
    """In a list it keeps its place."""
    assert decoded(struct_of({"a": None, "b": {"c": None}, "d": [None]})).values == {"b": {}, "d": [None]}


@pytest.mark.parametrize(
    ("signature", "what"), [*wire.FILES.items(), ("another", "something that this version does not know")]
)
def test_a_file_is_refused_under_its_name(signature: str, what: str) -> None:
    """No field takes one."""
    message = struct_of({"config": {"redis": {"password": signed(signature, text="secret content")}}})
    with pytest.raises(NotAValue, match=rf"^config\.redis\.password must be a plain value, not {what}$"):
        decoded(message)


def test_the_protocol_loads_without_the_sdk() -> None:
    """Its import is most of what a start costs."""
    script = (
        "import sys\n"
        "from launchdarkly_pulumi.plugin.protocol import engine_pb2_grpc, provider_pb2_grpc, status_pb2\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('pulumi', 'dill', 'opentelemetry')])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
