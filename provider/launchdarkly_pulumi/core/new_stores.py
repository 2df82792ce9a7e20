"""Finds out in a preview whether an update could create the declared stores: token, environments and listing.

Pulumi's engine does not call ``create`` in a preview, and does not tell a provider that there is a preview. So the
program passes that in a hidden input, together with the places of its stores. Here belongs what only such a preview
reads; in an update the POST finds it out, and nothing here is called.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Optional, Protocol

from ..api.clock import Clock, Deadline
from ..errors import AccessDenied, Forbidden, LaunchDarklyError, NotFound, Redirected, Unreachable
from ..model.desired import Desired
from ..model.diff import Document
from ..model.fields import KEY_PATTERN, is_unknown
from . import gates
from .gates import DECISION_TIME, Gates
from .program import Place, Program
from .read import Listing
from .session import Session
from .shared import too_late

MOST_AT_ONCE = 16
"""How many environments are read at a time; a setting limits how many of these requests are under way at once."""

WARNINGS = (
    "{what}: it could not be checked whether its environment exists: {reason}.",
    "LaunchDarkly was not asked about new stores, and others are compared with the stack's state: {reason}. "
    "Drift is not seen.",
)


class Api(Protocol):
    """The call of the client that is needed here."""

    def environment(self, project_key: str, environment_key: str, deadline: Deadline) -> Document:
        """Reads an environment."""


class _Asked:
    """A request for an environment; ``failure`` is valid once ``done`` is set."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.failure: Optional[LaunchDarklyError] = None


class Environments:
    """Reads environments for a run: each one once, in the background, several at a time.

    :param api: the client.
    :param new_deadline: gives the deadline of a request that begins now.
    :param clock: time, for tests to replace.
    """

    def __init__(self, api: Api, new_deadline: Callable[[], Deadline], clock: Clock = Clock()) -> None:  # noqa: B008 - frozen
        self._api = api
        self._new_deadline = new_deadline
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[Place, _Asked] = {}
        self._waiting: SimpleQueue[Place] = SimpleQueue()

    def begin(self, places: Iterable[Place]) -> None:
        """Begins to read the environments that were not requested before; does not wait."""
        with self._lock:
            new = [place for place in dict.fromkeys(places) if place not in self._asked]
            self._asked |= {place: _Asked() for place in new}
        for place in new:
            self._waiting.put(place)
        for _ in new[:MOST_AT_ONCE]:
            threading.Thread(target=self._work, name="launchdarkly-environments", daemon=True).start()

    def require(self, place: Place, deadline: Deadline) -> None:
        """Returns once the environment has been read.

        :raises LaunchDarklyError: the error of the request for the environment.
        :raises Unreachable: the request has not ended at the deadline.
        """
        self.begin([place])
        asked = self._asked[place]
        self._clock.await_event(asked.done, max(0.0, deadline.remaining()))
        if not asked.done.is_set():
            self._clock.require_running()
            raise Unreachable(f"GET environment {'/'.join(place)}", "LaunchDarkly did not respond in time")
        if asked.failure is not None:
            raise asked.failure

    def _work(self) -> None:
        while True:
            try:
                place = self._waiting.get_nowait()
            except Empty:
                return
            asked = self._asked[place]
            try:
                self._api.environment(*place, self._new_deadline())
            except LaunchDarklyError as error:
                asked.failure = error
            finally:
                asked.done.set()


class NewStores:
    """Makes sure, in a preview, that stores could be created.

    :param session: the account.
    :param program: what is known of the program.
    :param gates: decides what to do if LaunchDarkly cannot be asked.
    :param listing: the account's integrations.
    """

    def __init__(self, session: Session, program: Program, gates: Gates, listing: Listing) -> None:
        self._session, self._program, self._gates, self._listing = session, program, gates, listing
        self._environments = Environments(session.client, lambda: session.deadline(DECISION_TIME), session.clock)

    def require(self, desired: Desired, *, adopts: bool = False) -> None:
        """Makes sure that a store could be created; does nothing if this is not a preview.

        :param desired: what is declared, checked. An environment whose keys are not known yet is not read.
        :param adopts: whether an integration is adopted instead: then only the token is checked, since the adoption
            reads the integration anyway.
        :raises SettingsError: there is no token.
        :raises AccessDenied: LaunchDarkly does not know the token.
        :raises NotFound: it does not know the project or the environment.
        :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
        """
        place = _place_of(desired)
        what = f"a new store in {'/'.join(place)}" if place else "a new store"
        if not self._program.is_preview or not self._gates.may_look(what):
            return
        self._session.settings.require_token()
        if adopts:
            return
        deadline = self._session.deadline(DECISION_TIME)
        try:
            if place is None or not self._is_shown(place, deadline):
                self._require_listing(deadline)
        except gates.UNAVAILABLE as error:
            self._gates.pass_over(what, error, deadline, WARNINGS)

    def _is_shown(self, place: Place, deadline: Deadline) -> bool:
        """Whether LaunchDarkly shows the environment; a token that may not read it may still create stores.

        :raises NotFound: there is no such environment.
        """
        self._listing.begin()
        self._environments.begin([place])
        if self._program.places - {place}:
            self._begin_others(deadline)
        try:
            self._environments.require(place, deadline)
        except Forbidden:
            return False
        except NotFound as error:
            raise NotFound(error.call, f"{_unknown(place, error.reason)}: {error.reason}") from None
        return True

    def _begin_others(self, deadline: Deadline) -> None:
        """Begins to read the environments of the other new stores: those without any store in the listing."""
        items = self._listing.within(deadline)
        if items is None:
            return
        listed = {(item.get("projectKey"), item.get("environmentKey")) for item in items.values()}
        others = self._program.places - listed
        self._environments.begin(sorted(place for place in others if all(map(KEY_PATTERN.fullmatch, place))))

    def _require_listing(self, deadline: Deadline) -> None:
        """Makes sure that LaunchDarkly knows the token, whatever rights it has: no other request has shown that yet."""
        if self._listing.outcome(deadline) is not None:
            return
        failure = self._listing.failure or too_late()
        if isinstance(failure, (AccessDenied, Redirected, *gates.UNAVAILABLE)) and not isinstance(failure, Forbidden):
            raise failure


def _place_of(desired: Desired) -> Optional[Place]:
    place = desired.values["project_key"], desired.values["environment_key"]
    return None if any(map(is_unknown, place)) else place


def _unknown(place: Place, reason: str) -> str:
    """Says which key LaunchDarkly does not know, if its message names one of the two."""
    project, environment = place
    named = set(re.findall(r"\b(project|environment) key\b", reason.lower()))
    if named == {"project"}:
        return f"LaunchDarkly has no project {project}, or the token may not see it"
    if named == {"environment"}:
        return f"LaunchDarkly has no environment {environment} in the project {project}, or the token may not see it"
    return (
        f"LaunchDarkly has no project {project}, or no environment {environment} in it, or the token may not see them"
    )
