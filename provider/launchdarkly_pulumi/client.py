"""LaunchDarkly's REST API for big segment stores: five calls, each one method.

Source: LaunchDarkly's API reference, "Persistent store integrations (beta)". The only module that
imports requests. Safe to use from several threads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Optional
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter

from . import retry
from .errors import CallError, UnexpectedAnswer, Unreachable, advice_for, error_for_status
from .models import IntegrationId
from .redaction import Redactor
from .retry import Deadline
from .settings import Settings

BASE_PATH = "/api/v2/integration-capabilities/big-segment-store"
CONNECT_TIMEOUT = 5.0
OPERATION_TIMEOUT = 120.0
MAX_BODY_BYTES = 16 * 1024 * 1024
POOL_SIZE = 16

Document = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _TokenAuth(requests.auth.AuthBase):
    """Sets the token itself: without an ``auth`` requests would let an entry in ``.netrc`` replace the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token
        return request


class Client:
    """Calls LaunchDarkly.

    :param settings: token, host and time-outs; the token must be there.
    :param redactor: hides secrets in what LaunchDarkly answers.
    :param sleep: waits between attempts, for tests to replace.
    """

    def __init__(self, settings: Settings, redactor: Redactor, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._redactor = redactor
        self._sleep = sleep
        self._auth = _TokenAuth(settings.require_token())
        redactor.learn([settings.require_token()])
        self._http = _session()

    def get(self, id_: IntegrationId, deadline: Optional[Deadline] = None) -> Document:
        """The integration with its config, secrets masked. ``NotFound`` when it is gone."""
        return self._document("GET", id_, self._exchange("GET", id_, deadline=deadline))

    def create(self, project_key: str, environment_key: str, integration_key: str, body: Document) -> Document:
        """Creates an integration; the answer may lack its config."""
        place = f"{project_key}/{environment_key}/{integration_key}"
        return self._document("POST", place, self._exchange("POST", place, body))

    def patch(self, id_: IntegrationId, operations: Sequence[Mapping[str, Any]]) -> Document:
        """Applies JSON Patch operations; the answer may lack its config. ``Conflict`` for a failed guard."""
        return self._document("PATCH", id_, self._exchange("PATCH", id_, list(operations)))

    def delete(self, id_: IntegrationId) -> None:
        """Deletes the integration. ``NotFound`` when it is gone already."""
        self._exchange("DELETE", id_)

    def list(self) -> list[Document]:
        """Every integration of the account, without configs."""
        answer = self._decoded("GET", "big segment stores", self._exchange("GET", ""))
        items = answer.get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise UnexpectedAnswer("GET big segment stores", "the answer has no list of items")
        return items

    def _exchange(self, method: str, target: object, body: Any = None, deadline: Optional[Deadline] = None) -> Answer:
        """Sends a request until it is answered with a 2xx, or trying again makes no sense."""
        deadline = deadline or Deadline(OPERATION_TIMEOUT)
        attempt = 0
        while True:
            try:
                answer = self._send(method, target, body, deadline)
                if answer.status // 100 == 2:
                    return answer
                failure: CallError = self._failure(method, target, answer)
                wait = retry.demanded_wait(answer.headers, time.time()) if answer.status == retry.RATE_LIMITED else 0.0
                repeatable = retry.is_repeatable(method, answer.status)
            except Unreachable as lost:
                failure, wait, repeatable = lost, 0.0, lost.repeatable and retry.is_repeatable(method, None)
            wait += retry.backoff(attempt)
            attempt += 1
            if not repeatable or attempt == retry.MAX_ATTEMPTS or wait > deadline.remaining():
                raise failure from None
            self._sleep(wait)

    def _send(self, method: str, target: object, body: Any, deadline: Deadline) -> Answer:
        read_timeout = max(0.1, min(self._settings.http_timeout, deadline.remaining()))
        headers = {"LD-API-Version": "beta", "Accept": "application/json", "User-Agent": "launchdarkly-pulumi"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self._http.request(
                method,
                self._url(target),
                data=None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
                headers=headers,
                auth=self._auth,
                timeout=(min(CONNECT_TIMEOUT, read_timeout), read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, lower, self._body(response, deadline))
        except requests.RequestException as error:
            raise self._lost(method, target, error) from None

    def _body(self, response: requests.Response, deadline: Deadline) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise requests.exceptions.ContentDecodingError(f"the answer is larger than {MAX_BODY_BYTES} bytes")
            if deadline.remaining() < 0:
                raise requests.exceptions.ReadTimeout("the answer came too slowly")
        return bytes(body)

    def _url(self, target: object) -> str:
        segments = [quote(part, safe="") for part in str(target).split("/") if part]
        return self._settings.base_url + "/".join([BASE_PATH, *segments])

    def _lost(self, method: str, target: object, error: requests.RequestException) -> Unreachable:
        host = urlsplit(self._settings.base_url).netloc
        certificate = isinstance(error, requests.exceptions.SSLError)
        if certificate:
            reason = f"the certificate of {host} is not accepted"
        elif isinstance(error, requests.Timeout):
            reason = f"no answer from {host} in time"
        else:
            reason = f"{host} cannot be reached"
        detail = self._redactor.one_line(_root_cause(error))
        return Unreachable(f"{method} {target}", f"{reason}: {detail}", repeatable=not certificate)

    def _failure(self, method: str, target: object, answer: Answer) -> CallError:
        place = "/".join(str(target).split("/")[:2])
        if answer.status // 100 == 3:
            to = self._redactor.one_line(urlsplit(answer.headers.get("location", "")).netloc) or "nowhere"
            reason = f"{answer.status}: redirected to {to}, where nothing is sent"
            advice = "Set launchdarkly:apiHost to the host of your LaunchDarkly instance."
        else:
            reason = f"{answer.status} {self._redactor.one_line(_told(answer))}"
            advice = advice_for(answer.status, self._settings.token_source, place)
        return error_for_status(answer.status)(f"{method} {target}", reason, advice)

    def _document(self, method: str, target: object, answer: Answer) -> Document:
        document = self._decoded(method, target, answer)
        if not isinstance(document.get("_id"), str):
            raise UnexpectedAnswer(f"{method} {target}", f"{answer.status}, but the answer is not an integration")
        return document

    def _decoded(self, method: str, target: object, answer: Answer) -> Document:
        try:
            decoded = json.loads(answer.body)
        except ValueError:
            decoded = None
        if not isinstance(decoded, dict):
            raise UnexpectedAnswer(f"{method} {target}", f"{answer.status}, but the answer is not LaunchDarkly's JSON")
        return decoded


def _session() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # A cookie jar would be state that the threads share; the API needs none.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _told(answer: Answer) -> str:
    """LaunchDarkly's code, message and request ID, or what kind of page came instead."""
    try:
        error = json.loads(answer.body)
        told = f"{error['code']}: {error['message']}"
        return told + (f" (request {error['id']})" if error.get("id") else "")
    except (ValueError, TypeError, KeyError):
        kind = answer.headers.get("content-type", "no content type")
        return f"({kind}): not LaunchDarkly's JSON, so a proxy in between may have answered"


def _root_cause(error: BaseException) -> str:
    """The operating system's own words; what the libraries wrap around them says nothing to people."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return getattr(error, "strerror", None) or str(error)
