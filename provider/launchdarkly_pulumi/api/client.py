"""LaunchDarkly's REST API for big segment stores, and for the environments that they belong to; one method for each.

What belongs here: which requests there are, when one is repeated, and which error a response becomes.

Source: LaunchDarkly's API reference, "Persistent store integrations (beta)". Safe to use from several threads.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Protocol
from urllib.parse import quote, urlsplit

from ..errors import (
    AnswerError,
    CallError,
    Conflict,
    NotFound,
    RateLimited,
    UnexpectedAnswer,
    Unreachable,
    UnreadableAnswer,
    advice_for,
    error_for_status,
)
from ..model.fields import KEY_FIELDS
from ..model.ids import IntegrationId, is_id
from . import json_bodies, retry
from .answers import Answer, Lost
from .clock import LONGEST_DEAFNESS, Clock, Deadline
from .json_bodies import Document, is_whole
from .json_stream import ITEMS, Keep, read_listing, whole
from .redaction import Redactor
from .throttle import Line

if TYPE_CHECKING:
    from .transport import Reader, Transport

BASE_PATH = "/api/v2/integration-capabilities/big-segment-store"
PROJECTS_PATH = "/api/v2/projects"
DELETED = 204

_log = logging.getLogger(__name__)


class _Target(NamedTuple):
    """What a request is about: the segments of its path."""

    segments: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return "/".join([BASE_PATH, *(quote(segment, safe="") for segment in self.segments)])

    def __str__(self) -> str:
        return "/".join(self.segments) or "big segment stores"


class _Environment(_Target):
    """An environment, by the keys of its project and its own."""

    @property
    def path(self) -> str:
        project, environment = (quote(segment, safe="") for segment in self.segments)
        return f"{PROJECTS_PATH}/{project}/environments/{environment}"

    def __str__(self) -> str:
        return f"environment {'/'.join(self.segments)}"


class Connection(Protocol):
    """What the client needs to know of an account: the provider's settings."""

    @property
    def base_url(self) -> str:
        """The instance's URL, without a path."""

    @property
    def token_source(self) -> str:
        """Where the token comes from, in words."""

    @property
    def http_timeout(self) -> float:
        """Seconds to wait for each read of a response."""

    @property
    def operation_timeout(self) -> float:
        """Seconds for an operation with all its attempts."""

    @property
    def max_concurrency(self) -> int:
        """How many requests may be under way at once."""

    def require_token(self) -> str:
        """The access token; raises where there is none."""


class Client:
    """Calls LaunchDarkly.

    Every call raises a ``SettingsError`` where there is no token, or where the environment names a proxy or
    certificates that cannot be used.

    :param settings: token, host and time-outs.
    :param redactor: hides secrets in what LaunchDarkly answers.
    :param clock: time, for tests to replace.
    :param line: what it shares with other clients of the account; by default it is the only one.
    """

    def __init__(
        self,
        settings: Connection,
        redactor: Redactor,
        clock: Clock = Clock(),  # noqa: B008 - frozen
        line: Optional[Line] = None,
    ) -> None:
        self._settings = settings
        self._redactor = redactor
        self._clock = clock
        self._line = line or Line(settings.max_concurrency, clock)
        self._pace = self._line.pace
        self._connecting = threading.Lock()
        self._transport: Optional[Transport] = None

    def get(self, id_: IntegrationId, deadline: Optional[Deadline] = None) -> Document:
        """The integration with its config, secrets masked. ``NotFound`` when it is gone."""
        target = _Target(id_.segments)
        document = self._document("GET", target, self._exchange("GET", target, None, deadline))
        keys = {f.api_name: key for f, key in zip(KEY_FIELDS, id_.segments, strict=False)}
        another = document["_id"] != id_.integration_id or any(
            document.get(name, key) != key for name, key in keys.items()
        )
        if another or not isinstance(document.get("config"), dict):
            raise UnexpectedAnswer(f"GET {target}", "the response is another integration, or one without a config")
        return document | keys

    def create(
        self, keys: tuple[str, str, str], body: Mapping[str, Any], deadline: Optional[Deadline] = None
    ) -> Document:
        """Creates an integration in (project, environment, kind); the response may lack its config."""
        target = _Target(keys)
        answer = self._exchange("POST", target, body, deadline)
        document = self._decoded("POST", target, answer)
        if not is_id(document.get("_id")):
            raise UnreadableAnswer(f"POST {target}", f"{answer.status}, but the response is not an integration")
        return document

    def patch(
        self, id_: IntegrationId, operations: Sequence[Mapping[str, Any]], deadline: Optional[Deadline] = None
    ) -> Document:
        """Applies JSON Patch operations; the response may lack its config. ``Conflict`` for a failed guard."""
        target = _Target(id_.segments)
        return self._document("PATCH", target, self._exchange("PATCH", target, list(operations), deadline))

    def delete(self, id_: IntegrationId, deadline: Optional[Deadline] = None) -> None:
        """Deletes the integration. ``NotFound`` when somebody else has deleted it already."""
        target = _Target(id_.segments)
        try:
            answer = self._exchange("DELETE", target, None, deadline)
        except NotFound as error:
            if error.after_lost_attempt:
                return
            raise
        # The page of a proxy that asks people to sign in is a 200 as well, and deletes nothing.
        if answer.status != DELETED:
            raise UnreadableAnswer(f"DELETE {target}", f"{answer.status}, but LaunchDarkly responds with {DELETED}")

    def list_all(self, deadline: Optional[Deadline] = None, keep: Keep = whole) -> list[Document]:
        """Every integration of the account, without configs.

        :param keep: what is kept of each, as it arrives.
        :raises UnexpectedAnswer: also for a part of the list: nobody could know what is missing from it.
        """
        target = _Target()
        answer = self._exchange("GET", target, None, deadline, reader=lambda chunks: read_listing(chunks, keep))
        listed = self._object("GET", target, answer, answer.read)
        items = listed.get(ITEMS)
        if not isinstance(items, list):
            raise UnexpectedAnswer(f"GET {target}", "the response has no list of items")
        if not is_whole(listed, items):
            raise UnexpectedAnswer(f"GET {target}", "the response is only a part of the list")
        return items

    def environment(self, project_key: str, environment_key: str, deadline: Optional[Deadline] = None) -> Document:
        """An environment. ``NotFound`` where it or its project is not there, or the token may not see it."""
        target = _Environment((project_key, environment_key))
        return self._decoded("GET", target, self._exchange("GET", target, None, deadline))

    def connect(self) -> Transport:
        """Makes what sends the requests, unless that is done: not every run sends any, and requests is large."""
        with self._connecting:
            if self._transport is None:
                from .transport import Transport

                settings, token = self._settings, self._settings.require_token()
                transport = Transport(settings.base_url, token, settings.http_timeout, settings.max_concurrency)
                self._redactor.learn([token, *(transport.proxy.secrets if transport.proxy else ())])
                self._transport = transport
            return self._transport

    def _exchange(
        self,
        method: str,
        target: _Target,
        body: Any,
        deadline: Optional[Deadline],
        *,
        reader: Optional[Reader] = None,
    ) -> Answer:
        """Sends a request until it is answered with a 2xx, or trying again makes no sense."""
        self.connect()
        deadline = deadline or Deadline(self._settings.operation_timeout, self._clock)
        encoded = None if body is None else json_bodies.encoded(body)
        pause, was_lost = 0.0, False
        for attempt in itertools.count(1):
            self._await_turn(f"{method} {target}", pause, deadline)
            try:
                answer = self._send(method, target, encoded, deadline, attempt, reader=reader)
                self._pace.heed(answer.headers)
                if answer.status // 100 == 2:
                    self._pace.succeeded()
                    return answer
                failure: CallError = self._failure(method, target, answer)
                again = retry.is_repeatable(method, answer.status)
                pause = self._pause_after(answer, attempt)
            except Lost as lost:
                if method == "GET":
                    self._clock.require_running()
                failure = self._unreachable(method, target, lost)
                again = lost.repeatable and (not lost.sent or retry.is_repeatable(method, None))
                pause = retry.backoff(attempt - 1)
            if isinstance(failure, NotFound):
                failure.after_lost_attempt = was_lost
            was_lost |= failure.outcome_unknown
            too_late = pause + self._pace.wait_time() > deadline.remaining()
            if not again or too_late or attempt == retry.MAX_ATTEMPTS or not self._may_retry(failure):
                _log.debug("%s %s: not repeated. %s", method, target, failure.reason)
                raise failure from None
            _log.debug("%s %s: repeated in %.1f s. %s", method, target, pause, failure.reason)
        raise AssertionError  # pragma: no cover - the loop has no end of its own

    def _send(
        self,
        method: str,
        target: _Target,
        body: Optional[bytes],
        deadline: Deadline,
        attempt: int,
        *,
        reader: Optional[Reader],
    ) -> Answer:
        """One request, of no more at a time than the setting allows."""
        while not self._line.slots.acquire(timeout=max(0.0, min(LONGEST_DEAFNESS, deadline.remaining()))):
            self._clock.require_running()
            if deadline.remaining() <= 0:
                reason = "was not reached in time: as many requests are under way as launchdarkly:maxConcurrency allows"
                raise Lost(reason, sent=False)
        changes = method != "GET"
        try:
            if changes:
                self._line.wrote()
            # A cancelled run waits for a write that is under way: what it does has to be known.
            ends_early = None if changes else self._clock.cancelled
            begun = self._clock.monotonic()
            answer = self.connect().send(method, target.path, body, deadline, ends_early, reader=reader)
            took = 1000 * (self._clock.monotonic() - begun)
            _log.debug("%s %s: %d after %.0f ms, attempt %d", method, target.path, answer.status, took, attempt)
            return answer
        finally:
            if changes:
                self._line.wrote()
            self._line.slots.release()

    def _pause_after(self, answer: Answer, attempt: int) -> float:
        """Seconds for this caller alone to wait. A rate limit that names a time makes every worker wait instead."""
        demanded = retry.demanded_wait(answer.headers, self._clock.epoch())
        if answer.status == retry.RATE_LIMITED and demanded:
            self._pace.hold_all(demanded)
            return 0.0
        return demanded + retry.backoff(attempt - 1)

    def _may_retry(self, failure: CallError) -> bool:
        """Whether the budget of retries allows one. A rate limit is no sign of a server in trouble, and needs none."""
        return isinstance(failure, RateLimited) or self._pace.may_retry()

    def _await_turn(self, call: str, pause: float, deadline: Deadline) -> None:
        """Waits before a request; raises at once where the wait would end after the deadline.

        :raises Interrupted: the run is being cancelled.
        :raises RateLimited: the wait would end after the deadline.
        """
        self._clock.require_running()
        wait = pause + self._pace.take_turn()
        while wait > 0:
            if wait >= deadline.remaining():
                reason = f"a rate limit holds requests back for {wait:.0f} seconds more"
                raise RateLimited(call, reason, advice_for(429, ""))
            _log.debug("%s: waits %.1f s for its turn", call, wait)
            self._clock.pause(wait)
            # Meanwhile another worker may have hit a limit that lasts longer.
            wait = self._pace.held_time()

    def _unreachable(self, method: str, target: _Target, lost: Lost) -> Unreachable:
        instance = urlsplit(self._settings.base_url)
        words = self._redactor.one_line(lost.words)
        reason = f"{lost.by or instance.netloc} {lost.reason}" + (f": {words}" if words else "")
        advice = f"Check the proxy, or name {instance.hostname} in NO_PROXY to go without it." if lost.by else ""
        return Unreachable(f"{method} {target}", reason, advice, outcome_unknown=lost.sent)

    def _failure(self, method: str, target: _Target, answer: Answer) -> AnswerError:
        code, message, request_id = self._words_of(answer)
        if answer.status // 100 == 3:
            reason = f"{answer.status}: redirected to {self._redirected_to(answer)}, where nothing is sent"
            advice = "Set launchdarkly:apiHost to the host of your LaunchDarkly instance."
        else:
            reason = f"{answer.status} {self._reason(answer, code, message, request_id)}"
            place, creates = "/".join(target.segments[:2]), method == "POST"
            advice = advice_for(answer.status, self._settings.token_source, place, creates=creates)
        kind = error_for_status(answer.status)
        if not isinstance(json_bodies.decoded(answer.body), dict):
            # A proxy's page is not LaunchDarkly's word that an integration is gone, or that none was created.
            kind = UnexpectedAnswer if kind is NotFound else kind
            kind = UnreadableAnswer if kind is Conflict and method == "POST" else kind
        return kind(f"{method} {target}", reason, advice, answer.status, code, request_id)

    def _redirected_to(self, answer: Answer) -> str:
        try:
            host = urlsplit(answer.headers.get("location", "")).netloc.rpartition("@")[2]
        except ValueError:
            host = ""
        return self._redactor.one_line(host) or "nowhere"

    def _words_of(self, answer: Answer) -> tuple[str, str, str]:
        """LaunchDarkly's code, message and request ID, as far as there are any."""
        decoded = json_bodies.decoded(answer.body)
        error = decoded if isinstance(decoded, dict) and "message" in decoded else {}
        code, message, id_ = (self._redactor.one_line(str(error.get(key) or "")) for key in ("code", "message", "id"))
        return code, message, id_

    def _reason(self, answer: Answer, code: str, message: str, request_id: str) -> str:
        """LaunchDarkly's own words, or what kind of page came instead."""
        reported = ": ".join(filter(None, (code, message)))
        if not reported:
            kind = self._redactor.one_line(answer.headers.get("content-type", "no content type"))
            return f"({kind}): not LaunchDarkly's JSON, so a proxy in between may have responded"
        return reported + (f" (request {request_id})" if request_id else "")

    def _document(self, method: str, target: _Target, answer: Answer) -> Document:
        document = self._decoded(method, target, answer)
        if not isinstance(document.get("_id"), str):
            raise UnexpectedAnswer(f"{method} {target}", f"{answer.status}, but the response is not an integration")
        return document

    def _decoded(self, method: str, target: _Target, answer: Answer) -> Document:
        return self._object(method, target, answer, json_bodies.decoded(answer.body))

    def _object(self, method: str, target: _Target, answer: Answer, decoded: object) -> Document:
        if not isinstance(decoded, dict):
            reason = f"{answer.status}, but the response is not LaunchDarkly's JSON"
            raise UnreadableAnswer(f"{method} {target}", reason)
        return decoded
