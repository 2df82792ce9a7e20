"""What a preview asks LaunchDarkly about the stores that it would create: whether an update could create them.

Pulumi's engine calls no ``create`` in a preview, and tells no provider that there is one. So the program says it, in a
hidden input, together with the places of its stores. Here belongs what only such a preview looks at; in an update the
POST finds out, and nothing here is called.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Optional, Protocol

from ..api.clock import Clock, Deadline
from ..errors import AccessDenied, Forbidden, LaunchDarklyError, NotFound, Redirected, Unreachable
from ..model.fields import KEY_PATTERN, is_unknown
from . import gates

if TYPE_CHECKING:
    from .run import Run

Place = tuple[str, str]
"""The keys of a project and of one of its environments."""

MOST_AT_ONCE = 16
"""Environments that are read at a time; how many requests come of them is a setting."""

WARNINGS = (
    "{what}: whether its environment is there could not be found out: {reason}.",
    "LaunchDarkly was not asked about new stores, and others are compared with the stack's state: {reason}. "
    "Drift is not seen.",
)


class Api(Protocol):
    """The call of the client that is needed here."""

    def environment(self, project_key: str, environment_key: str, deadline: Deadline) -> dict[str, Any]:
        """Reads an environment."""


class _Asked:
    """An environment that was asked for; ``failure`` holds once ``done`` is set."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.failure: Optional[LaunchDarklyError] = None


class Environments:
    """The environments that a run has asked for: each once, in the background, many at a time.

    :param api: the client.
    :param new_deadline: when a request that begins now has to end.
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
        """Asks for those that nobody has asked for yet, and does not wait."""
        with self._lock:
            new = [place for place in dict.fromkeys(places) if place not in self._asked]
            self._asked |= {place: _Asked() for place in new}
        for place in new:
            self._waiting.put(place)
        for _ in new[:MOST_AT_ONCE]:
            threading.Thread(target=self._work, name="launchdarkly-environments", daemon=True).start()

    def require(self, place: Place, deadline: Deadline) -> None:
        """Returns where the environment is there, and raises whatever the request for it has come to otherwise."""
        self.begin([place])
        asked = self._asked[place]
        self._clock.await_event(asked.done, max(0.0, deadline.remaining()))
        if not asked.done.is_set():
            self._clock.require_running()
            raise Unreachable(f"GET environment {'/'.join(place)}", "LaunchDarkly gave no answer in time")
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


def look(run: Run, inputs: Mapping[str, Any], *, adopts: bool = False) -> None:
    """Makes sure, in a preview, that a store could be created.

    :param inputs: checked ones; what of them is not known yet is not looked at.
    :param adopts: whether an integration is adopted instead: that one is read anyway, and needs no more than a token.
    :raises SettingsError: there is no token.
    :raises AccessDenied: LaunchDarkly does not know the token.
    :raises NotFound: it does not know the project or the environment.
    :raises NotCompared: LaunchDarkly cannot be asked, and the setting ``liveDiff`` requires that it is.
    """
    place = _place_of(inputs)
    what = f"a new store in {'/'.join(place)}" if place else "a new store"
    if not run.is_preview or not gates.may_look(run, what):
        return
    run.settings.require_token()
    if adopts:
        return
    deadline = run.deadline(gates.DECISION_TIME)
    try:
        if place is None or not _is_shown(run, place, deadline):
            _require_listing(run, deadline)
    except gates.NO_LOOK as error:
        gates.pass_over(run, what, error, deadline, WARNINGS)


def _place_of(inputs: Mapping[str, Any]) -> Optional[Place]:
    place = inputs["project_key"], inputs["environment_key"]
    return None if any(map(is_unknown, place)) else place


def _is_shown(run: Run, place: Place, deadline: Deadline) -> bool:
    """Whether LaunchDarkly shows the environment; a token that may not see it may create stores all the same.

    :raises NotFound: there is no such environment.
    """
    run.listing.begin()
    run.environments.begin([place])
    if run.declared_places - {place}:
        _begin_others(run, deadline)
    try:
        run.environments.require(place, deadline)
    except Forbidden:
        return False
    except NotFound as error:
        raise NotFound(error.call, f"{_unknown(place, error.reason)}: {error.reason}") from None
    return True


def _begin_others(run: Run, deadline: Deadline) -> None:
    """Reads the environments of the other new stores meanwhile: those that have no store in the listing."""
    items = run.listing.within(deadline)
    if items is None:
        return
    listed = {(item.get("projectKey"), item.get("environmentKey")) for item in items.values()}
    others = run.declared_places - listed
    run.environments.begin(sorted(place for place in others if all(map(KEY_PATTERN.fullmatch, place))))


def _unknown(place: Place, reason: str) -> str:
    """What LaunchDarkly does not know, as far as its words tell it."""
    project, environment = place
    told = set(re.findall(r"\b(project|environment) key\b", reason.lower()))
    if told == {"project"}:
        return f"LaunchDarkly has no project {project}, or the token may not see it"
    if told == {"environment"}:
        return f"LaunchDarkly has no environment {environment} in the project {project}, or the token may not see it"
    return (
        f"LaunchDarkly has no project {project}, or no environment {environment} in it, or the token may not see them"
    )


def _require_listing(run: Run, deadline: Deadline) -> None:
    """Makes sure that LaunchDarkly knows the token, whatever it may do: nothing else has shown that so far."""
    if run.listing.outcome(deadline) is not None:
        return
    failure = run.listing.failure or Unreachable("GET big segment stores", "LaunchDarkly gave no answer in time")
    if isinstance(failure, (AccessDenied, Redirected, *gates.NO_LOOK)) and not isinstance(failure, Forbidden):
        raise failure
