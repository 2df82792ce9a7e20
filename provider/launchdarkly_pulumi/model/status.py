"""What LaunchDarkly says of the store behind an integration: whether it is available, and what went wrong last.

Pure. It is volatile: it changes without anybody changing the integration, so it is no part of a stack's state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class BigSegmentStoreError:
    """A failure to bring a store up to date.

    :param message: LaunchDarkly's words, in one line of at most 300 characters, without any secret of this process.
    :param status_code: an HTTP status, as far as LaunchDarkly gives one.
    :param timestamp: when it happened, in UTC, as far as LaunchDarkly says.
    """

    message: str
    status_code: Optional[int] = None
    timestamp: Optional[datetime] = None


@dataclass(frozen=True)
class BigSegmentStoreStatus:
    """The state of a store; what LaunchDarkly does not say is ``False``, ``None`` or empty.

    :param available: fully synchronized, a few minutes ago at most.
    :param potentially_stale: it may lag behind.
    :param last_sync: when it was last synchronized, in UTC; ``None`` for never.
    :param last_error: when that last failed, in UTC; ``None`` for never.
    :param errors: the latest failures, in LaunchDarkly's order.
    """

    available: bool = False
    potentially_stale: bool = False
    last_sync: Optional[datetime] = None
    last_error: Optional[datetime] = None
    errors: tuple[BigSegmentStoreError, ...] = ()


def status_of(document: Mapping[str, Any], show: Callable[[str], str]) -> BigSegmentStoreStatus:
    """The status in LaunchDarkly's document of an integration.

    :param show: makes foreign text fit to show, as :meth:`Redactor.one_line <.redaction.Redactor.one_line>` does.
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


def _error(error: Any, show: Callable[[str], str]) -> BigSegmentStoreError:
    if not isinstance(error, Mapping):
        return BigSegmentStoreError(show(str(error)))
    code = error.get("statusCode")
    return BigSegmentStoreError(
        message=show(str(error.get("message") or "")),
        status_code=code if type(code) is int else None,
        timestamp=_time(error.get("timestamp")),
    )


def _time(milliseconds: Any) -> Optional[datetime]:
    """A moment from epoch milliseconds, of which LaunchDarkly writes 0 for never."""
    if type(milliseconds) not in (int, float) or not milliseconds > 0:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
