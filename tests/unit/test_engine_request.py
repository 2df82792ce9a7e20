"""What the engine says in a call is read where Pulumi's host has it, and nothing is made up where it has not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.dynamic import engine_request


def test_the_request_of_a_call_is_the_host_s() -> None:
    """As many callers up as the method of the host is."""

    def method() -> Any:
        return engine_request.of_call(depth=2)

    def handler(request: Any) -> Any:
        return method()

    assert handler("asked") == "asked"


def test_elsewhere_there_is_none() -> None:
    """As in plain Python."""
    assert engine_request.of_call(depth=1) is None


@pytest.mark.parametrize("nothing", [None, SimpleNamespace(), "text"], ids=["none", "another form", "a string"])
def test_of_what_is_no_request_nothing_is_known(nothing: Any) -> None:
    """Of another version of Pulumi's host, say."""
    assert engine_request.urn_of(nothing) == ""
    assert engine_request.ignored_in(nothing) is None
    assert engine_request.has_new_inputs(nothing) is False


def struct(**values: Any) -> Struct:
    """Properties on the wire."""
    made = Struct()
    made.update(values)
    return made


def test_a_request_tells_resource_options_and_inputs() -> None:
    """The protocol's own names."""
    request = provider_pb2.DiffRequest(
        urn="urn", old_inputs=struct(on=True), news=struct(on=True), ignoreChanges=["on"]
    )
    assert engine_request.urn_of(request) == "urn"
    assert engine_request.ignored_in(request) == ["on"]
    assert engine_request.has_new_inputs(request) is False
    request.news.update({"name": None, "config": {"host": None}})
    request.old_inputs.update({"config": {}})
    assert engine_request.has_new_inputs(request) is False
    request.news.update({"on": False})
    assert engine_request.has_new_inputs(request) is True
    request.ClearField("old_inputs")
    assert engine_request.has_new_inputs(request) is False
    assert engine_request.ignored_in(provider_pb2.DiffRequest()) == []
