"""What keeps an ``import_`` option from being meant."""

from __future__ import annotations

from launchdarkly_pulumi.adoption import problems
from launchdarkly_pulumi.models import ADOPTED, UNKNOWN
from support import samples


def test_every_part_that_does_not_fit_is_named() -> None:
    """One problem each."""
    inputs = samples.redis(integration_key="redis") | {ADOPTED: "other/staging/dynamodb/57c0"}
    assert [problem.split(" has the ")[1] for problem in problems(inputs)] == [
        "project_key other, but the program declares 'default'",
        "environment_key staging, but the program declares 'production'",
        "integration_key dynamodb, but the program declares 'redis'",
    ]


def test_what_is_not_known_yet_may_fit() -> None:
    """The update knows more."""
    inputs = samples.redis(project_key=UNKNOWN, integration_key="redis")
    assert list(problems(inputs | {ADOPTED: "other/production/redis/57c0"})) == []
