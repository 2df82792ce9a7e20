"""Waiting until LaunchDarkly reports a store available: how long, how often, and what is said meanwhile."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

from ..api.clock import LONGEST_DEAFNESS, Deadline
from ..errors import Interrupted, InvalidId, NotFound, NotReady, RateLimited, ServerError, Unreachable
from ..model.fields import is_unknown
from ..model.ids import IntegrationId
from ..model.status import BigSegmentStoreError, status_of
from ..model.validation import Failure
from ..model.value_rules import shown
from .session import Session

LONGEST_TIMEOUT = 24 * 3600
"""Seconds. A number beyond this is one of milliseconds."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0
"""Seconds between two looks at the integration; the pause doubles from the one to the other."""

LOOK_TIME = 10.0
"""Seconds that one look may take, with its retries. The last look begins when the time is up."""

SHOWN_ERRORS = 3
"""How many of the store's errors are told when the time is up."""

_NEVER = datetime.min.replace(tzinfo=timezone.utc)

_DURATION = re.compile(r"(?=.)(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")


# How long.


def seconds_of(timeout: Any) -> float:
    """The seconds of ``5m``, ``90s``, ``1h30m``, or of a number of seconds.

    :raises ValueError: with what is wrong with it.
    """
    expected = "must be a duration such as '5m', '90s' or '1h30m', or a number of seconds"
    if isinstance(timeout, bool) or not isinstance(timeout, (str, int, float)):
        raise ValueError(f"{expected}, not {shown(timeout)}")
    if isinstance(timeout, str):
        parts = _DURATION.fullmatch(timeout.strip())
        if not parts:
            raise ValueError(f"{expected}, not {shown(timeout)}")
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        timeout = hours * 3600 + minutes * 60 + seconds
    if not 1 <= timeout <= LONGEST_TIMEOUT:
        raise ValueError(f"must be from 1 second to {duration(LONGEST_TIMEOUT)}")
    return float(timeout)


def duration(seconds: float) -> str:
    """Seconds as people write them, ``1m30s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count) or "0s"


# Checks.


def problems(inputs: Mapping[str, Any], on: Any) -> Iterator[Failure]:
    """What is wrong with the inputs of a wait; unknown values pass.

    :param on: whether the program declares the store on; ``None`` where it does not tell.
    """
    integration, timeout = inputs.get("integration"), inputs.get("timeout")
    if integration is None:
        yield Failure("integration", "is required")
    elif is_unknown(integration):
        pass
    elif not isinstance(integration, str):
        yield Failure("integration", f"must be a store or its ID, not {shown(integration)}")
    else:
        try:
            IntegrationId.parse(integration)
        except InvalidId as error:
            yield Failure("integration", f"must be a store or its ID: {error}")
    if on is False:
        yield Failure("integration", "is declared off: LaunchDarkly will not write to it. Declare it with on=True")
    if not is_unknown(timeout):
        try:
            seconds_of(timeout)
        except ValueError as error:
            yield Failure("timeout", str(error))


# The wait.


class Seen(NamedTuple):
    """What LaunchDarkly told of a store.

    :param available: and not potentially stale.
    :param errors: its errors with the store, newest first, each message once.
    :param silence: why it did not tell anything the last time.
    :param but: what keeps an available store from being waited for no longer.
    """

    available: bool = False
    errors: tuple[str, ...] = ()
    silence: str = ""
    but: str = ""

    @property
    def reasons(self) -> list[str]:
        """Why the store is not known to be available, newest first."""
        silence = [f"LaunchDarkly gives no status: {self.silence}"] if self.silence else []
        but = [f"LaunchDarkly reports the store available, but {self.but}"] if self.but else []
        return [*silence, *but, *self.errors] or ["LaunchDarkly has not synchronized the store, and reports no error"]


def until_available(
    session: Session, id_: IntegrationId, timeout: float, urn: str = "", *, missing: Optional[Callable[[], str]] = None
) -> None:
    """Returns once LaunchDarkly reports the store of the integration available, and not potentially stale.

    A rate limit, a server error and no answer are waited out like a store that is not available.

    :param timeout: seconds.
    :param urn: the resource whose status line shows the progress.
    :param missing: tells of an available store what is still missing, in words; empty for nothing.
    :raises NotReady: the time is up, the integration is off or gone, or the run is being cancelled.
    :raises CallError: LaunchDarkly refuses the token, or answers in a way that waiting does not mend.
    """
    deadline = Deadline(timeout, session.clock)

    def elapsed() -> str:
        return duration(timeout - max(0.0, deadline.remaining()))

    seen = Seen()
    try:
        for number in itertools.count():
            seen = _look(session, id_, seen, missing)
            if seen.available:
                return
            if deadline.remaining() <= 0:
                raise NotReady(_told_at_the_end(id_, elapsed(), seen.reasons))
            line = f"not available yet ({elapsed()} of {duration(timeout)}): {seen.reasons[0]}"
            session.reporter.progress(line if urn else f"{id_}: {line}", urn)
            _pause(session, min(pause_after(number), deadline.remaining()))
    except Interrupted:
        raise NotReady(f"{id_}: the wait was interrupted after {elapsed()}. {seen.reasons[0]}") from None


def pause_after(number: int, jitter: Callable[[], float] = random.random) -> float:
    """Seconds between two looks: 1, 2, 4, 8, then 10, each up to a tenth shorter or longer."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(number, 10)) * (0.9 + 0.2 * jitter()))


def _pause(session: Session, seconds: float) -> None:
    end = Deadline(seconds, session.clock)
    while end.remaining() > 0 and not session.reporter.cancelled.is_set():
        session.clock.sleep(min(LONGEST_DEAFNESS, end.remaining()))
    if session.reporter.cancelled.is_set():
        raise Interrupted


def _look(session: Session, id_: IntegrationId, before: Seen, missing: Optional[Callable[[], str]]) -> Seen:
    try:
        document = session.client.get(id_, session.deadline(LOOK_TIME))
    except NotFound:
        raise NotReady(
            f"{id_} is gone in LaunchDarkly, or the token may not see it: there is nothing to wait for"
        ) from None
    except (Unreachable, ServerError, RateLimited) as error:
        return before._replace(silence=error.reason)
    if document.get("on") is False:
        raise NotReady(f"{id_} is off: LaunchDarkly does not write to it, and it will not become available")
    seen = seen_in(session, document)
    if not seen.available or missing is None:
        return seen
    try:
        but = missing()
    except (Unreachable, ServerError, RateLimited) as error:
        but = f"has not reported its client-side ID: {error.reason}"
    return seen._replace(available=not but, but=but)


def seen_in(session: Session, document: Mapping[str, Any]) -> Seen:
    """What an integration's document tells of its store, whatever it has for a status."""
    status = status_of(document, session.without_secrets)
    newest_first = sorted(status.errors, key=lambda error: error.timestamp or _NEVER, reverse=True)
    by_message = {error.message: error for error in reversed(newest_first)}
    stale = status.available and status.potentially_stale
    told = tuple(_told(error) for error in newest_first if error is by_message[error.message])
    return Seen(status.available and not stale, told, but="potentially stale" if stale else "")


def _told(error: BigSegmentStoreError) -> str:
    code = f"{error.status_code}" if 0 < (error.status_code or 0) < 1000 else ""
    time = f"{error.timestamp:%Y-%m-%dT%H:%M:%SZ}" if error.timestamp else ""
    details = ", ".join(filter(None, (code, time)))
    return (error.message or "an error without a message") + (f" ({details})" if details else "")


def _told_at_the_end(id_: IntegrationId, elapsed: str, reasons: Sequence[str]) -> str:
    more = len(reasons) - SHOWN_ERRORS
    told = "; ".join(reasons[:SHOWN_ERRORS]) + (f"; and {more} more" if more > 0 else "")
    return (
        f"{id_} is not available after {elapsed}: {told}\n"
        "  The integration is kept. Once the store works, run `pulumi up` again: it will only wait."
    )
