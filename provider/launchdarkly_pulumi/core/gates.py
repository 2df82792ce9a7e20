"""What a preview does where it cannot look at LaunchDarkly: it goes on with a warning, or ends where it must look.

Here belongs each decision that the setting ``liveDiff`` makes, and the words for it; what is looked at is known
elsewhere.
"""

from __future__ import annotations

from ..api.clock import Deadline
from ..errors import CallError, NotCompared, RateLimited, ServerError, Unreachable
from .read import Listing
from .session import Session
from .settings import REQUIRED

DECISION_TIME = 10.0
"""Seconds after which a preview goes on without LaunchDarkly."""

NO_LOOK = (Unreachable, ServerError, RateLimited)
"""The errors of a call that say nothing about what was asked for, and that a later run may not meet."""

NO_TOKEN = "there is no access token (launchdarkly:accessToken or LAUNCHDARKLY_ACCESS_TOKEN)"  # noqa: S105 - words

STATE_HAS_TO_DO = "Compared with the stack's state, not with LaunchDarkly: {reason}. Drift is not seen."


class Gates:
    """What a run decides where it cannot look.

    :param session: the account.
    :param listing: its integrations, which tell whether LaunchDarkly can be reached at all.
    """

    def __init__(self, session: Session, listing: Listing) -> None:
        self._session = session
        self._listing = listing
        self._out_of_reach = ""

    def may_look(self, what: str) -> bool:
        """Whether LaunchDarkly is to be asked at all: it was not found to be out of reach, and the setting allows it.

        :param what: what would be looked at, for the error.
        :raises NotCompared: it is out of reach, and the setting requires that it is asked.
        """
        if self._session.settings.live_diff is False:
            return False
        if self._out_of_reach:
            self._require_no_look(what, self._out_of_reach)
        return not self._out_of_reach

    def go_on_without(self, what: str, reason: str, warning: str = STATE_HAS_TO_DO) -> None:
        """LaunchDarkly is out of reach, and nothing more is asked of it in this run, which one warning says.

        :param what: what was to be looked at first, for the error.
        :param warning: with a place for the reason.
        :raises NotCompared: the setting requires that LaunchDarkly is asked.
        """
        self._out_of_reach = reason
        self._require_no_look(what, reason)
        self._session.reporter.warn_once(warning.format(reason=reason), about="out of reach")

    def pass_over(self, what: str, error: CallError, deadline: Deadline, warnings: tuple[str, str]) -> None:
        """One thing could not be looked at, and the run goes on without it, or without LaunchDarkly altogether.

        :param warnings: with a place for the reason: for the one thing, and for everything.
        :raises NotCompared: the setting requires that it is looked at.
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
        """Whether nothing can be read in this run, or only one thing: the listing of the account tells."""
        if isinstance(error, Unreachable) and not error.outcome_unknown:
            return True
        if self._listing.outcome(deadline) is not None:
            return False
        failure = self._listing.failure
        if failure is None:
            # It takes long. That speaks against LaunchDarkly only where the store has to wait for its response as well.
            return isinstance(error, (Unreachable, RateLimited))
        return isinstance(failure, NO_LOOK)
