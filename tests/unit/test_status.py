"""What is made of LaunchDarkly's ``_status``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.model.status import BigSegmentStoreError, BigSegmentStoreStatus, status_of

NOON = datetime(2024, 6, 1, 12, tzinfo=timezone.utc)
NOON_IN_MILLISECONDS = 1717243200000


def status(**fields: Any) -> BigSegmentStoreStatus:
    """The status of a document whose ``_status`` has these fields."""
    redactor = Redactor()
    redactor.learn(["s3cret-password"])
    return status_of({"_status": fields}, redactor.one_line)


def test_every_field_is_read() -> None:
    """Epoch milliseconds become moments in UTC."""
    read = status(
        available=True,
        potentiallyStale=True,
        lastSync=NOON_IN_MILLISECONDS,
        lastError=NOON_IN_MILLISECONDS,
        errors=[{"statusCode": 400, "message": "connection refused", "timestamp": NOON_IN_MILLISECONDS}],
    )
    error = BigSegmentStoreError("connection refused", 400, NOON)
    assert read == BigSegmentStoreStatus(True, True, NOON, NOON, (error,))


def test_zero_is_never() -> None:
    """A store that was never synchronized."""
    assert status(available=False, lastSync=0, lastError=0) == BigSegmentStoreStatus()


@pytest.mark.parametrize("document", [{}, {"_status": None}, {"_status": "fine"}, {"_status": {"errors": None}}])
def test_what_is_not_said_is_not_available(document: dict[str, Any]) -> None:
    """A gate that waits for an available store stays shut."""
    assert status_of(document, str) == BigSegmentStoreStatus()


@pytest.mark.parametrize("time", [-1, True, "1717243200000", 10**30, float("nan"), float("inf"), [1], {}])
def test_a_time_that_is_none_is_left_out(time: Any) -> None:
    """Nothing that a server writes there is an error."""
    assert status(lastSync=time).last_sync is None


@pytest.mark.parametrize("available", ["true", 1, None, {}])
def test_only_true_is_available(available: Any) -> None:
    """As the API documents it, a boolean."""
    assert status(available=available).available is False


def test_an_error_can_neither_leak_nor_forge_a_line() -> None:
    """What LaunchDarkly tells is text of strangers: the store's own words may be in it."""
    message = "AUTH failed for s3cret-password\nerror: all is \x1b[31mlost\u202e" + "x" * 500
    [error] = status(errors=[{"message": message}]).errors
    assert error.message.startswith("AUTH failed for [secret] error: all is [31mlost xxx")
    assert len(error.message) == 301


@pytest.mark.parametrize("error", ["s3cret-password", ["s3cret-password"], {"message": {"a": "s3cret-password"}}])
def test_an_error_of_another_shape_is_shown_all_the_same(error: Any) -> None:
    """Without its secrets."""
    [read] = status(errors=[error, {}]).errors[:1]
    assert "[secret]" in read.message
