"""Every refusal of the API: a status, a code, and a message that quotes no value of a body."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

HIDDEN = "[secret]"
"""Stands for what must not be shown."""

_NAME = re.compile(r"[\w./~-]{0,200}")


class ApiError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, code: str | None, message: str, headers: dict[str, str] | None = None) -> None:
        """Give each refusal its own ID, as LaunchDarkly does for its support; some have neither code nor ID."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.id = str(uuid.uuid4()) if code else None

    @property
    def body(self) -> dict[str, str]:
        """The error as the API writes it."""
        fields = {"code": self.code, "message": self.message, "id": self.id}
        return {name: value for name, value in fields.items() if value is not None}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message


def shown_name(name: str) -> str:
    """A field's name, or a path, as a request gives it; what does not look like one may hold a secret."""
    return name if _NAME.fullmatch(name) else HIDDEN


def invalid_request(message: str) -> ApiError:
    """The body is not what this endpoint takes, or would leave an invalid integration."""
    return ApiError(400, "invalid_request", message)


def unauthorized() -> ApiError:
    """Not a token of this account. One message for all causes, so that it says nothing about tokens."""
    return ApiError(401, "unauthorized", "Invalid access token")


def forbidden(reason: str) -> ApiError:
    """A known token that may not do this, or a beta resource without the beta header."""
    return ApiError(403, "forbidden", f"Forbidden. Access to the requested resource was denied. {reason}")


def not_found(what: str) -> ApiError:
    """Nothing of that name here."""
    return ApiError(404, "not_found", f"Invalid resource identifier: {what}")


def unknown_key(kind: str, key: str) -> ApiError:
    """No project or environment has this key."""
    return ApiError(404, None, f"Unknown {kind} key: {key}")


def method_not_allowed(allowed: Iterable[str]) -> ApiError:
    """A known path, but not with this method."""
    return ApiError(405, "method_not_allowed", "Method not allowed", {"Allow": ", ".join(sorted(allowed))})


def conflict(message: str) -> ApiError:
    """The integration is not in the state that the request relies on."""
    return ApiError(409, "optimistic_locking_error", message)


def unsupported_media_type() -> ApiError:
    """A body that is not declared to be JSON."""
    return ApiError(415, "unsupported_media_type", "Unsupported media type: send Content-Type: application/json")


def unprocessable(message: str) -> ApiError:
    """A well-formed patch that cannot be applied to this integration."""
    return ApiError(422, "unprocessable_entity", message)


def rate_limited() -> ApiError:
    """More requests than the account's window of ten seconds allows."""
    return ApiError(429, "rate_limited", "You've exceeded the API rate limit. Try again later.")


def internal() -> ApiError:
    """A defect of the emulator."""
    return ApiError(500, "internal_service_error", "Internal error of the emulator; its log says more")
