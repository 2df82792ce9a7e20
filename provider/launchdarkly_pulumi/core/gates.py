"""What a preview does if LaunchDarkly cannot be asked: it goes on with a warning, or it fails.

Here belongs every decision that depends on the setting ``liveDiff``, and its messages. What is read from LaunchDarkly,
and what it is compared with, is decided elsewhere.
"""

from __future__ import annotations

from ..api.clock import Deadline
from ..errors import CallError, NotCompared, RateLimited, ServerError, Unreachable
from .read import Listing
from .session import Session
from .settings import REQUIRED

DECISION_TIME = 10.0
"""Seconds that a preview waits for LaunchDarkly before it goes on without it."""

UNAVAILABLE = (Unreachable, ServerError, RateLimited)
"""The temporary errors, which say nothing about the integration or environment that a request is for."""

NO_TOKEN = "there is no access token (launchdarkly:accessToken or LAUNCHDARKLY_ACCESS_TOKEN)"  # noqa: S105 - words

STATE_HAS_TO_DO = "Compared with the stack's state, not with LaunchDarkly: {reason}. Drift is not seen."


class Gates:
    """Decides whether LaunchDarkly is asked, and what happens if it cannot be.

    :param session: the account.
    :param listing: the account's integrations; their request shows whether LaunchDarkly can be reached at all.
    """

    def __init__(self, session: Session, listing: Listing) -> None:
        self._session = session
        self._listing = listing
        self._out_of_reach = ""

    def may_look(self, what: str) -> bool:
        """Whether LaunchDarkly is asked: the setting allows it, and LaunchDarkly was not found to be out of reach.

        :param what: what would be read, for the error.
        :raises NotCompared: it is out of reach, and the setting requires that it is asked.
        """
        if self._session.settings.live_diff is False:
            return False
        if self._out_of_reach:
            self._require_no_look(what, self._out_of_reach)
        return not self._out_of_reach

    def go_on_without(self, what: str, reason: str, warning: str = STATE_HAS_TO_DO) -> None:
        """Notes that LaunchDarkly is out of reach, and warns once: no more is asked of it in this run.

        :param what: what was to be read, for the error.
        :param reason: why LaunchDarkly is out of reach.
        :param warning: the warning, with a placeholder for the reason.
        :raises NotCompared: the setting requires that LaunchDarkly is asked.
        """
        self._out_of_reach = reason
        self._require_no_look(what, reason)
        self._session.reporter.warn_once(warning.format(reason=reason), about="out of reach")

    def pass_over(self, what: str, error: CallError, deadline: Deadline, warnings: tuple[str, str]) -> None:
        """Warns that something could not be read; if LaunchDarkly is out of reach, no more is asked of it in this run.

        :param what: what could not be read.
        :param error: why not.
        :param deadline: how long to wait for the listing, which shows whether LaunchDarkly is out of reach.
        :param warnings: the warnings, each with a placeholder for the reason: for ``what`` alone, and for everything.
        :raises NotCompared: the setting requires that it is read.
        """
        of_one, of_all = warnings
        if self._is_out_of_reach(error, deadline):
            self.go_on_without(what, error.reason, of_all)
        else:
            self._require_no_look(what, error.reason)
            self._session.reporter.warn_once(of_one.format(what=what, reason=error.reason))

    def _require_no_look(self, what: str, reason: str) -> None:
        if self._session.settings.live_diff == REQUIRED:
            raise NotCompared(
                f"{what} was not compared with LaunchDarkly, which the setting liveDiff requires: {reason}"
            )

    def _is_out_of_reach(self, error: CallError, deadline: Deadline) -> bool:
        """Whether nothing can be read in this run: the account's listing shows it."""
        if isinstance(error, Unreachable) and not error.outcome_unknown:
            return True
        if self._listing.outcome(deadline) is not None:
            return False
        failure = self._listing.failure
        if failure is None:
            # The listing is slow. LaunchDarkly counts as out of reach only if the other request had to wait too.
            return isinstance(error, (Unreachable, RateLimited))
        return isinstance(failure, UNAVAILABLE)
