"""What a resource's registration does to the process around it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pulumi
import pytest

from launchdarkly_pulumi.program import registration


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The limits of tracebacks while Pulumi registers resources."""
    seen: list[object] = []
    monkeypatch.setattr(registration, "serialize_provider", lambda _: "a provider")
    monkeypatch.setattr(pulumi.CustomResource, "__init__", lambda *_: seen.append(sys.tracebacklimit))
    yield seen
    vars(sys).pop("tracebacklimit", None)


class Declared:
    """Stands for a resource."""

    _resource_type_name = "a:B"


def register() -> None:
    """Registers one."""
    registration.register(Declared(), None, "name", {}, None)  # type: ignore[arg-type]


def test_pulumi_sees_a_shallow_stack(limits: list[object]) -> None:
    """Only while it registers the resource: the program's own tracebacks are whole."""
    register()
    assert limits == [registration.FRAMES]
    assert not hasattr(sys, "tracebacklimit")


@pytest.mark.parametrize(("own", "seen"), [(3, 3), (1000, registration.FRAMES)])
def test_a_limit_of_the_program_stays(limits: list[object], own: int, seen: int) -> None:
    """A lower one holds while a resource is registered too."""
    sys.tracebacklimit = own
    register()
    assert (limits, sys.tracebacklimit) == ([seen], own)


def test_an_error_leaves_no_limit(limits: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Pulumi does not take, its traceback is whole."""

    def refuse(*_: object) -> None:
        raise pulumi.RunError("no")

    monkeypatch.setattr(pulumi.CustomResource, "__init__", refuse)
    with pytest.raises(pulumi.RunError):
        register()
    assert (limits, hasattr(sys, "tracebacklimit")) == ([], False)
