"""The resource, as far as it decides something itself."""

from __future__ import annotations

import gc
import json
from collections.abc import Coroutine
from typing import Any

import pulumi
import pytest

from launchdarkly_pulumi import BigSegmentStoreIntegration
from launchdarkly_pulumi.dynamic import garbage
from launchdarkly_pulumi.dynamic.hidden_inputs import ORGANIZATION, PREVIEW, Properties
from launchdarkly_pulumi.program import declared, integration


@pytest.mark.parametrize("older", ["3.267.0", "3.99.1", "2.300.0"])
def test_reading_by_id_says_which_sdk_it_needs(monkeypatch: pytest.MonkeyPatch, older: str) -> None:
    """Instead of the ``KeyError`` that an older SDK would end with, in the provider's process."""
    monkeypatch.setattr("importlib.metadata.version", lambda _distribution: older)
    with pytest.raises(pulumi.RunError, match=r"get needs pulumi 3\.268 or later"):
        BigSegmentStoreIntegration.get("store", "default/production/redis/57c0")


@pytest.fixture
def _in_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_organization", lambda: "acme")
    monkeypatch.setattr(garbage, "spare_collections", lambda: None)


def resources() -> tuple[Any, Any]:
    """A stack and an explicit provider."""
    return object.__new__(pulumi.Resource), object.__new__(pulumi.Resource)


def hidden_inputs_of(stack: Any, provider: Any = None, project: object = "p", environment: object = "e") -> Properties:
    """The hidden inputs with which a store reports the program."""
    opts = pulumi.ResourceOptions(provider=provider) if provider else None
    return declared.declare(stack, "store", opts, project, environment)


def places_in(report: Coroutine[Any, Any, str]) -> Any:
    """The places that Pulumi gets once the program has run."""
    with pytest.raises(StopIteration) as ended:
        report.send(None)
    return json.loads(ended.value.value)


@pytest.mark.usefixtures("_in_a_program")
def test_each_store_reports_the_organization() -> None:
    """Any of them may reach the provider first; an update needs nothing more."""
    stack, _ = resources()
    assert [hidden_inputs_of(stack) for _ in range(declared.REPORTED_BY + 1)] == [{ORGANIZATION: "acme"}] * (
        declared.REPORTED_BY + 1
    )


@pytest.mark.usefixtures("_in_a_program")
def test_in_a_preview_the_first_stores_tell_the_places_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each account, each once and only what is known; later stores tell that it is a preview, updates nothing.

    Another run of a program in the same process begins anew.
    """
    stack, provider = resources()
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    keys = [f"e{number // 2}" for number in range(2 * declared.REPORTED_BY)]
    reports = [hidden_inputs_of(stack, None, "p", key)[PREVIEW] for key in keys]
    expected = [["p", key] for key in sorted(set(keys), key=keys.index)]
    assert [places_in(each) for each in reports[: declared.REPORTED_BY]] == [expected] * declared.REPORTED_BY
    assert reports[declared.REPORTED_BY :] == [""] * declared.REPORTED_BY
    assert places_in(hidden_inputs_of(stack, provider, pulumi.Output.from_input("p"), "e")[PREVIEW]) == []
    assert places_in(hidden_inputs_of(stack, provider, "p", "e")[PREVIEW]) == [["p", "e"]]
    assert places_in(hidden_inputs_of(resources()[0], None, "p", "other")[PREVIEW]) == [["p", "other"]]
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    assert PREVIEW not in hidden_inputs_of(stack, None, "p", "e")


def test_outside_a_program_that_pulumi_runs_there_is_no_stack_to_tell_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in somebody's unit tests with mocks."""
    monkeypatch.setattr(pulumi.runtime, "get_root_resource", lambda: None)
    assert integration._stack_of_provider() is None


@pytest.mark.parametrize(
    ("before", "after"),
    [((700, 10, 10), (50_000, 10, 10)), ((90_000, 5, 5), (90_000, 5, 5)), ((0, 10, 10), (0, 10, 10))],
)
def test_garbage_is_collected_less_often_unless_a_program_decides_it_itself(
    monkeypatch: pytest.MonkeyPatch, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    """It may have turned collections off, or made them rarer still."""
    thresholds = [before]
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "get_threshold", lambda: before)
    monkeypatch.setattr(gc, "set_threshold", lambda *new: thresholds.append(new))
    garbage.spare_collections()
    assert thresholds[-1] == after
