"""How an integration differs from what is declared: pure, documents in, a difference out."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.core.compare import Difference, difference
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.fields import Path
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.desired import ignoring, redis

ID = IntegrationId.parse("default/production/redis/57c0af609969090743529967")
REPLACED_OFF = '[{"op":"replace","path":"/on","value":false}]'


def actual(of: Desired, **changes: Any) -> dict[str, Any]:
    """LaunchDarkly's document, without the mask of the password."""
    return {**document_of(of), "integrationKey": "redis", **changes}


def paths(found: Difference) -> tuple[list[Path], list[Path]]:
    """The fields that change, and those that have drifted."""
    return [change.path for change in found.changes], [change.path for change in found.drift]


def test_what_is_as_declared_has_no_difference() -> None:
    """It was compared with LaunchDarkly."""
    found = difference(actual(redis()), redis(), redis())
    assert found == Difference(compared_with="live")
    assert not found.updates


def test_what_the_program_changes_is_no_drift() -> None:
    """And what others have changed is both, if the program wants it otherwise."""
    found = difference(actual(redis(), name="by others"), redis(), redis(on=False, name="declared"))
    assert paths(found) == ([("name",), ("on",)], [("name",)])
    assert [operation["path"] for operation in found.operations] == ["/name", "/on"]


def test_drift_alone_is_what_an_update_reverts() -> None:
    """Where the program is as it was."""
    found = difference(actual(redis(), on=False), redis(on=True), redis(on=True))
    assert paths(found) == ([("on",)], [("on",)])


def test_what_the_program_ignores_from_now_on_is_no_drift() -> None:
    """Though it was managed until now."""
    declared = ignoring(redis(name="another"), "on")
    assert paths(difference(actual(redis(), on=False), redis(), declared)) == ([("name",)], [])


def test_a_password_differs_only_from_the_one_in_the_state() -> None:
    """LaunchDarkly shows a mask, which both of them fit."""
    begin, end = samples.PASSWORD[:3], samples.PASSWORD[-3:]
    shown = actual(redis(), config={**document_of(redis())["config"], "password": f"{begin}********{end}"})
    rotated = redis(config={"password": f"{begin}rotated{end}"})
    assert paths(difference(shown, redis(), rotated))[0] == [("config", "password")]


@pytest.mark.parametrize("side", ["live", "state"])
def test_a_difference_says_what_it_was_compared_with(side: Any) -> None:
    """So that a caller need not guess."""
    assert difference(actual(redis()), redis(), redis(on=False), side).compared_with == side


def test_the_line_has_the_names_that_the_door_gives() -> None:
    """Drift and patch; a field's name is that of the program's language."""
    found = difference(actual(redis(), on=False), redis(), redis())
    drift = "changed in LaunchDarkly since the last update: ON (true → false)."
    patch = '[{"op":"replace","path":"/on","value":true}]'
    assert found.describe(ID, (), lambda path: ".".join(path).upper()) == f"{ID}: {drift} PATCH {patch}"
