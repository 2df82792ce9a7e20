"""The exceptions: which status is which, and what a person reads."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.errors import CallError, LaunchDarklyError, Unreachable, advice_for, error_for_status

CALL = "PATCH default/production/redis/57c0"
SOURCE = "launchdarkly:accessToken of the stack"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.InvalidRequest),
        (422, errors.InvalidRequest),
        (401, errors.AccessDenied),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (429, errors.RateLimited),
        *((status, errors.ServerError) for status in (500, 501, 502, 503, 504, 599)),
        *((status, errors.Redirected) for status in (300, 301, 302, 303, 304, 307, 308)),
        *((status, errors.UnexpectedAnswer) for status in (402, 405, 406, 415, 418, 499)),
        *((status, errors.UnreadableAnswer) for status in (100, 101, 200, 204, 600, 999)),
    ],
)
def test_each_status_has_its_exception(status: int, error: type[CallError]) -> None:
    """The exact class: callers tell a refusal from an outage by it."""
    assert error_for_status(status) is error


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (errors.SettingsError, LaunchDarklyError),
        (errors.InvalidId, LaunchDarklyError),
        (errors.ChangedByOthers, LaunchDarklyError),
        (errors.IntegrationGone, LaunchDarklyError),
        (errors.NothingToAdopt, LaunchDarklyError),
        (errors.NotCompared, LaunchDarklyError),
        (errors.CallError, LaunchDarklyError),
        (errors.Unreachable, errors.CallError),
        (errors.AnswerError, errors.CallError),
        (errors.InvalidRequest, errors.AnswerError),
        (errors.AccessDenied, errors.AnswerError),
        (errors.Forbidden, errors.AccessDenied),
        (errors.NotFound, errors.AnswerError),
        (errors.Conflict, errors.AnswerError),
        (errors.RateLimited, errors.AnswerError),
        (errors.ServerError, errors.AnswerError),
        (errors.Redirected, errors.AnswerError),
        (errors.UnexpectedAnswer, errors.AnswerError),
    ],
)
def test_the_tree_is_the_one_that_the_module_documents(error: type[Exception], parent: type[Exception]) -> None:
    """Each class stands directly below its parent, and in the tree at the top of the module."""
    assert error.__bases__ == (parent,)
    assert errors.__doc__ is not None
    assert f"── {error.__name__}" in errors.__doc__


def test_the_reason_is_one_line() -> None:
    """Which call, then why; nothing else without advice."""
    assert str(CallError(CALL, "404 not_found: gone")) == f"{CALL}: 404 not_found: gone"


def test_the_advice_stands_below() -> None:
    """What to do about it has a line of its own, indented."""
    assert str(CallError(CALL, "409 conflict", "Run it again.")) == f"{CALL}: 409 conflict\n  Run it again."


def test_the_parts_of_an_error_stay_apart() -> None:
    """A warning can give the reason alone."""
    error = CallError(CALL, "reason", "advice")
    assert (error.call, error.reason, error.advice) == (CALL, "reason", "advice")


def test_a_lost_write_may_have_taken_effect() -> None:
    """Unless the caller knows that it was never sent."""
    lost, unsent = Unreachable(CALL, "reset"), Unreachable(CALL, "refused", outcome_unknown=False)
    assert [error.outcome_unknown for error in (lost, unsent)] == [True, False]


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (401, [SOURCE, "wrong, revoked", "another LaunchDarkly instance"]),
        (403, [SOURCE, "role", "default/production", "LD-API-Version: beta"]),
        (404, ["project", "environment", "integration", "default/production"]),
        (409, ["another request came first", "run the update again", "one pipeline at a time"]),
        (429, ["shared by all tokens", "again later"]),
    ],
)
def test_a_refusal_comes_with_what_to_do(status: int, parts: list[str]) -> None:
    """401 tells where the token came from, 403 the role and the beta header, 404 what may not exist."""
    advice = advice_for(status, SOURCE, "default/production")
    assert [part for part in parts if part.lower() not in advice.lower()] == []


def test_a_create_that_is_refused_may_be_of_what_is_there() -> None:
    """What an update says of a conflict would not help there."""
    advice = advice_for(409, SOURCE, "default/production", creates=True)
    parts = ["in default/production", "`python -m launchdarkly_pulumi list`", "import_", "run the update again"]
    assert [part for part in parts if part not in advice] == []
    assert "import_" not in advice_for(409, SOURCE, "default/production")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429])
def test_advice_is_one_line_also_without_a_place(status: int) -> None:
    """A listing has no project and environment."""
    advice = advice_for(status, SOURCE)
    assert advice.endswith(".")
    assert "\n" not in advice
    assert "None" not in advice


@pytest.mark.parametrize("status", [400, 422, 500, 302])
def test_where_nothing_can_be_advised_nothing_is(status: int) -> None:
    """LaunchDarkly's own message says more."""
    assert advice_for(status, SOURCE, "default/production") == ""
