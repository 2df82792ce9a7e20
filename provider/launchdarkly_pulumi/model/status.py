"""What LaunchDarkly reports about an integration's store: whether it is available, and its latest errors. Pure.

No stack's state has it: it changes without anybody changing the integration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Optional

from .diff import Document

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class BigSegmentStoreError:
    """An error that LaunchDarkly met when it wrote to a store.

    :param message: LaunchDarkly's words, in one line of at most 300 characters, without any secret of this process.
    :param status_code: an HTTP status; ``None`` if LaunchDarkly reports none.
    :param timestamp: when it happened, in UTC; ``None`` if LaunchDarkly reports no time.
    """

    message: str
    status_code: Optional[int] = None
    timestamp: Optional[datetime] = None


@dataclass(frozen=True)
class BigSegmentStoreStatus:
    """The status of a store; what LaunchDarkly does not report is ``False``, ``None`` or empty.

    :param available: whether it was fully synchronized within the last few minutes.
    :param potentially_stale: whether it may lag behind.
    :param last_sync: when it was last synchronized, in UTC; ``None`` for never.
    :param last_error: when a synchronization last failed, in UTC; ``None`` for never.
    :param errors: the latest errors, in LaunchDarkly's order.
    """

    available: bool = False
    potentially_stale: bool = False
    last_sync: Optional[datetime] = None
    last_error: Optional[datetime] = None
    errors: tuple[BigSegmentStoreError, ...] = ()


def status_of(document: Document, show: Callable[[str], str]) -> BigSegmentStoreStatus:
    """The status in LaunchDarkly's document of an integration.

    :param show: makes a foreign string safe to show, as :meth:`Redactor.one_line <.redaction.Redactor.one_line>` does.
    """
    status = document.get("_status")
    if not isinstance(status, Mapping):
        return BigSegmentStoreStatus()
    errors = status.get("errors")
    return BigSegmentStoreStatus(
        available=status.get("available") is True,
        potentially_stale=status.get("potentiallyStale") is True,
        last_sync=_time(status.get("lastSync")),
        last_error=_time(status.get("lastError")),
        errors=tuple(_error(each, show) for each in errors) if isinstance(errors, list) else (),
    )


def _error(error: object, show: Callable[[str], str]) -> BigSegmentStoreError:
    if not isinstance(error, Mapping):
        return BigSegmentStoreError(show(str(error)))
    code = error.get("statusCode")
    return BigSegmentStoreError(
        message=show(str(error.get("message") or "")),
        status_code=code if type(code) is int else None,
        timestamp=_time(error.get("timestamp")),
    )


def _time(milliseconds: object) -> Optional[datetime]:
    """A time from milliseconds since 1970; LaunchDarkly writes 0 for never."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)) or not milliseconds > 0:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
