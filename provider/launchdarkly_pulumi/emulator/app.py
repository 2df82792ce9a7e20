"""The HTTP side: one request from the door to its answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from . import errors
from .errors import HIDDEN, ApiError
from .fields import manifests
from .integration import (
    BASE_PATH,
    Integration,
    Place,
    document,
    environment_document,
    link,
    settings_from,
    simple_status,
)
from .options import KEY, EmulatorOptions
from .patching import parse_patch, patched_settings
from .ratelimit import RateLimiter
from .requestlog import HEADERS_OF_INTEREST, RequestLog, RequestRecord
from .store import Account

logger = logging.getLogger(__name__)

READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Call:
    """A request that has been received as a whole."""

    request: Request
    content: bytes
    started: float


class Api:
    """The ASGI application."""

    def __init__(self, account: Account, options: EmulatorOptions, log: RequestLog) -> None:
        """Serve an account."""
        self._account = account
        self._options = options
        self._log = log
        self._limiter = RateLimiter(options.rate_limit)
        self.status_source = options.status_source or simple_status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        started = time.monotonic()
        try:
            call = Call(request, await request.body(), started)
        except ClientDisconnect:
            return
        await asyncio.sleep(self._options.latency_ms / 1000)
        # On a worker thread, since a status source may take its time.
        response = await run_in_threadpool(self._answer, call)
        await response(scope, receive, send)

    def _answer(self, call: Call) -> Response:
        quota = self._limiter.take()
        error: ApiError | None = None
        try:
            if quota.exceeded:
                raise errors.rate_limited()
            environment = _environment(call.request)
            self._admit(call.request, is_beta=environment is None)
            response = self._route(call) if environment is None else self._show_environment(call.request, *environment)
        except ApiError as refusal:
            error = refusal
        except Exception:
            logger.exception("%s %s failed", call.request.method, call.request.scope["path"])
            error = errors.internal()
        if error is not None:
            response = JSONResponse(error.body, error.status, error.headers)
        response.headers.update(quota.headers)
        # Before the answer leaves, so that whoever has the answer also finds the record.
        self._log.add(_record(call, response.status_code, error))
        return response

    def _admit(self, request: Request, is_beta: bool) -> None:
        tokens = request.headers.getlist("authorization")
        if len(tokens) != 1 or not self._is_token(tokens[0]):
            raise errors.unauthorized()
        if is_beta and request.headers.getlist("ld-api-version") != ["beta"]:
            raise errors.forbidden("This is a beta resource: send exactly one LD-API-Version header, with value beta.")
        if tokens[0] in self._options.reader_tokens and request.method not in READING:
            raise errors.forbidden("This access token may only read.")

    def _is_token(self, token: str) -> bool:
        # LaunchDarkly takes the bare token: a scheme such as "Bearer" makes it another, unknown one.
        if not token or re.search(r"\s", token):
            return False
        any_token = not self._options.access_tokens
        return any_token or token in self._options.access_tokens or token in self._options.reader_tokens

    def _route(self, call: Call) -> Response:
        handlers: dict[str, Callable[[], Response]]
        match _below_base(call.request):
            case []:
                handlers = {"GET": self._list}
            case [project, environment, kind]:
                handlers = {"POST": lambda: self._create(call, self._place(project, environment, kind))}
            case [project, environment, kind, integration_id]:
                handlers = {
                    "GET": lambda: self._get(self._place(project, environment, kind), integration_id),
                    "PATCH": lambda: self._patch(call, self._place(project, environment, kind), integration_id),
                    "DELETE": lambda: self._delete(self._place(project, environment, kind), integration_id),
                }
            case _:
                raise errors.not_found("no such path")
        handler = handlers.get(call.request.method)
        if handler is None:
            raise errors.method_not_allowed(handlers)
        return handler()

    def _show_environment(self, request: Request, project: str, environment: str) -> Response:
        if request.method != "GET":
            raise errors.method_not_allowed(["GET"])
        unknown = self._unknown(project, environment)
        if unknown is not None:
            raise errors.unknown_key(*unknown)
        return JSONResponse(environment_document(project, environment))

    def _unknown(self, project: str, environment: str) -> tuple[str, str] | None:
        """What of a place does not exist, the project or the environment, and its key."""
        projects = self._options.projects
        if not KEY.fullmatch(project) or (projects is not None and project not in projects):
            return "project", project
        if not KEY.fullmatch(environment) or (projects is not None and environment not in projects[project]):
            return "environment", environment
        return None

    def _place(self, project: str, environment: str, kind: str) -> Place:
        unknown = self._unknown(project, environment)
        if unknown is not None:
            raise errors.not_found(f"unknown {unknown[0]}")
        if kind not in manifests():
            raise errors.not_found(f"unknown integration key; the known ones are {', '.join(sorted(manifests()))}")
        return Place(project, environment, kind)

    def _list(self) -> Response:
        # The API includes the config only when an integration is requested by its ID.
        items = [self.shown(integration) | {"config": {}} for integration in self._account.integrations()]
        return JSONResponse({"_links": {"self": link(BASE_PATH)}, "items": items})

    def _create(self, call: Call, place: Place) -> Response:
        integration = self._account.create(place, settings_from(place, _json_body(call)))
        return JSONResponse(self._written(integration), 201)

    def _get(self, place: Place, integration_id: str) -> Response:
        return JSONResponse(self.shown(self._account.get(integration_id, place)))

    def _patch(self, call: Call, place: Place, integration_id: str) -> Response:
        seen = self.shown(self._account.get(integration_id, place))
        operations = parse_patch(_json_body(call), self._options)
        updated = self._account.update(
            integration_id, lambda current: patched_settings(current, operations, seen["_status"]), place
        )
        return JSONResponse(self._written(updated))

    def _delete(self, place: Place, integration_id: str) -> Response:
        self._account.delete(integration_id, place)
        return Response(status_code=204)

    def shown(self, integration: Integration) -> dict[str, Any]:
        """The whole document of an integration."""
        visible = document(integration)
        return visible | {"_status": self.status_source(visible, dict(integration.settings.config))}

    def _written(self, integration: Integration) -> dict[str, Any]:
        visible = self.shown(integration)
        if self._options.omit_config_in_answers:
            del visible["config"]
        return visible


def _segments(request: Request) -> list[str]:
    """The path's segments, decoded one by one: an encoded slash belongs to a (then invalid) key."""
    return [unquote(segment) for segment in request.scope["raw_path"].decode("latin-1").split("/")]


def _below_base(request: Request) -> list[str] | None:
    """The path's segments below the base; ``None`` elsewhere."""
    segments, base = _segments(request), BASE_PATH.split("/")
    return segments[len(base) :] if segments[: len(base)] == base else None


def _environment(request: Request) -> tuple[str, str] | None:
    """The keys of the project and environment that a path is of; ``None`` for another path."""
    match _segments(request):
        case ["", "api", "v2", "projects", project, "environments", environment]:
            return project, environment
    return None


def _json_body(call: Call) -> Any:
    media_type = call.request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise errors.unsupported_media_type()
    try:
        return _parsed(call.content)
    except (ValueError, RecursionError) as error:
        raise errors.invalid_request("The body must be JSON") from error


def _parsed(content: bytes) -> Any:
    body = json.loads(content)
    # Python also takes NaN, numbers beyond a float, and halves of surrogate pairs. JSON cannot answer with them.
    json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    return body


def _record(call: Call, status: int, error: ApiError | None) -> RequestRecord:
    received = call.request.headers
    headers = {name: ", ".join(received.getlist(name)) for name in HEADERS_OF_INTEREST if name in received}
    if "authorization" in received:
        headers["authorization"] = HIDDEN
    return RequestRecord(
        method=call.request.method,
        path=call.request.scope["path"],
        status=status,
        headers=headers,
        body=_recorded_body(call.content),
        duration_ms=(time.monotonic() - call.started) * 1000,
        error=str(error) if error else None,
    )


def _recorded_body(content: bytes) -> Any:
    if not content:
        return None
    try:
        return _parsed(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
