"""Both doors read what the other one has written into a state."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.core.stores import Stored
from launchdarkly_pulumi.dynamic import codec
from launchdarkly_pulumi.dynamic.plugin_state import in_python
from launchdarkly_pulumi.model.desired import Applied, Desired
from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS, Path, fields_by_path, name_of
from launchdarkly_pulumi.model.ids import IntegrationId
from launchdarkly_pulumi.plugin import states
from launchdarkly_pulumi.plugin.wire import Properties, decoded, encoded

VALUES = st.text(max_size=5) | st.integers(0, 9) | st.booleans() | st.lists(st.text(max_size=3), max_size=2)


@st.composite
def stored(draw: st.DrawFn) -> Stored:
    """An integration of any kind as an operation has left it."""
    kind = draw(st.sampled_from(sorted(CONFIG_FIELDS)))
    names = [f.name for f in INTEGRATION_FIELDS if not f.forces_replacement]
    values: dict[str, Any] = draw(st.dictionaries(st.sampled_from(names), VALUES))
    values |= {"project_key": "p", "environment_key": "e", "integration_key": kind}
    values["config"] = draw(st.dictionaries(st.sampled_from([f.name for f in CONFIG_FIELDS[kind]]), VALUES))
    fields: list[Path] = [path for path, f in fields_by_path(kind).items()]
    ignored = draw(st.lists(st.sampled_from(fields)))
    version = draw(st.none() | st.integers(0, 2**53 - 1))
    compared = draw(st.booleans()) and version is not None
    document = {"_id": "i", "name": "N", "on": True, "tags": ["t"], "version": version}
    applied = Applied(Desired(values, ignored=frozenset(ignored)), version, compared)
    return Stored(IntegrationId("p", "e", kind, "i"), document, applied)


@given(stored())
def test_the_plugin_reads_what_it_has_written(written: Stored) -> None:
    """Over the wire."""
    outputs = decoded(encoded(states.outputs_of(written)))
    assert states.applied_of(outputs) == written.applied
    assert outputs.values["integrationId"] == "i"


@given(stored())
def test_the_plugin_reads_what_the_dynamic_resource_has_written(written: Stored) -> None:
    """Which fields are ignored is among its inputs."""
    ignored = [name_of(path) for path in written.applied.desired.ignored]
    outputs = codec.outputs_of(written, {"_ignore_changes": ignored})
    assert states.applied_of(Properties(outputs)) == written.applied
    assert states.is_of_dynamic(Properties(outputs))


@given(stored())
def test_the_dynamic_resource_reads_what_the_plugin_has_written(written: Stored) -> None:
    """In the names of Python programs."""
    outputs = in_python(states.outputs_of(written).values)
    assert codec.applied_of(outputs) == written.applied
    assert outputs["integration_id"] == "i"


def test_what_is_in_python_already_stays() -> None:
    """As most states."""
    outputs = {"project_key": "p", "_compared": True}
    assert in_python(outputs) == outputs
