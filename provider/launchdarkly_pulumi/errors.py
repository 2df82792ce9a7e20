"""What can go wrong. Each error is one line that says what failed and what to do about it, and holds no secret.

What belongs here: the classes, and the advice for a status (``advice_for``). The first paragraph of a class's docstring
says what it means, the second what to do about it where that does not depend on the status: the reference shows them.

::

    LaunchDarklyError
    ├── SettingsError            no token, or a setting that cannot be used
    ├── InvalidId                an integration's ID that cannot be one
    ├── UnknownSecret            an update would have to send a secret that only LaunchDarkly knows
    ├── ChangedByOthers          somebody else changes the same fields while an integration is being updated
    ├── IntegrationGone          the integration was deleted between the preview and its update
    ├── NothingToAdopt           there is no integration with the ID that import_ gives
    ├── PatchError               a patch would not lead to what is declared
    ├── AlreadyManaged           two resources would manage one integration
    ├── StoresNotSeen            the token sees none of the stack's stores
    ├── Interrupted              the run was cancelled
    ├── NotReady                 a store that is waited for is not available
    ├── NotCompared              liveDiff requires a comparison that was not possible
    └── CallError                a request failed
        ├── Unreachable          no response: connection refused or lost, timeout, certificate, size
        └── AnswerError          LaunchDarkly, or a proxy in between, responded with an error
            ├── InvalidRequest   400, 422
            ├── AccessDenied     401
            │   └── Forbidden    403
            ├── NotFound         404
            ├── Conflict         409
            ├── RateLimited      429
            ├── ServerError      5xx
            ├── Redirected       3xx, never followed
            └── UnexpectedAnswer a 2xx that is not what was requested, and every other 4xx
                └── UnreadableAnswer  a 2xx that cannot be read, or a status that HTTP does not know
                    └── AmbiguousCreate  only a person can find out whether it was created

Sources: LaunchDarkly's API reference, "Errors" and "Rate limiting".
"""

from __future__ import annotations

from typing import Optional


class LaunchDarklyError(Exception):
    """Anything that this provider reports."""


class SettingsError(LaunchDarklyError):
    """A setting is missing or cannot be used.

    Give the setting that the message names, in the stack's configuration or in the environment.
    """


class InvalidId(LaunchDarklyError):
    """A string is not an integration's ID.

    Write it as ``project/environment/kind/integrationId``, with ``redis`` or ``dynamodb`` as the kind.
    """


class UnknownSecret(LaunchDarklyError):
    """An update would have to send a secret that the program does not declare, and that LaunchDarkly shows masked.

    Declare the secret in the program: only its owner knows it.
    """


class ChangedByOthers(LaunchDarklyError):
    """Somebody else has changed the same fields of an integration while it was being updated.

    Look at a preview, and run the update again.
    """


class IntegrationGone(LaunchDarklyError):
    """The integration was deleted in LaunchDarkly between the preview and its update.

    Run ``pulumi up`` again: it recreates the integration.
    """


class NothingToAdopt(LaunchDarklyError):
    """LaunchDarkly has no integration with the ID that ``import_`` gives, or the token may not see it.

    Check the ID: ``launchdarkly-pulumi list`` shows those that the token sees.
    """


class PatchError(LaunchDarklyError):
    """A patch would not lead to what is declared: nothing was sent. It is a fault of this package.

    Report it, with the output of ``LAUNCHDARKLY_DEBUG=1``.
    """


class AlreadyManaged(LaunchDarklyError):
    """Two resources would manage one integration: removing one of them would delete the integration of the other.

    Keep one of the two in the program. Where both are in the state already, ``pulumi state delete`` forgets one.
    """


class StoresNotSeen(LaunchDarklyError):
    """The token sees none of the stack's stores: it, or the host, may be the wrong one.

    Check the token and the host that the message names. Where the stores were deleted, ``pulumi state delete`` them.
    """


class Interrupted(LaunchDarklyError):
    """The run was cancelled, as by Ctrl-C, while an operation waited: nothing more is sent.

    Run the update again: it reads what LaunchDarkly has, and sends what is still missing.
    """

    def __init__(self, text: str = "interrupted: nothing more is sent to LaunchDarkly") -> None:
        super().__init__(text)


class NotReady(LaunchDarklyError):
    """LaunchDarkly did not report a store available in time, or never will: the store is off, or was deleted.

    Fix what the message reports of the store, or set a longer ``timeout``, and run the update again: it only waits.
    """


class NotCompared(LaunchDarklyError):
    """``launchdarkly:liveDiff`` is ``required``, and something could not be compared with LaunchDarkly.

    Run it again once LaunchDarkly can be read. With ``liveDiff`` set to ``true``, a preview compares with the stack's
    state instead.
    """


class CallError(LaunchDarklyError):
    """A request to LaunchDarkly failed."""

    call: str
    """The request, as ``PATCH default/production/redis/57c0...``."""

    reason: str
    """Why it failed, in one line."""

    advice: str
    """What a person can do about it; empty where nothing can be said."""

    outcome_unknown = False
    """Whether a write may have taken effect even so."""

    def __init__(self, call: str, reason: str, advice: str = "") -> None:
        self.call, self.reason, self.advice = call, reason, advice
        super().__init__(f"{call}: {reason}" + (f"\n  {advice}" if advice else ""))


class Unreachable(CallError):
    """There was no response, or none that could be read in time.

    Check the network and ``launchdarkly:apiHost``; for a slow network raise ``launchdarkly:httpTimeout``.
    """

    def __init__(self, call: str, reason: str, advice: str = "", *, outcome_unknown: bool = True) -> None:
        super().__init__(call, reason, advice)
        self.outcome_unknown = outcome_unknown


class AnswerError(CallError):
    """LaunchDarkly responded, and not with what was requested."""

    status: Optional[int]
    """The HTTP status; ``None`` where the response as such is not what is wrong."""

    code: str
    """LaunchDarkly's code, such as ``forbidden``; empty where it gives none."""

    request_id: str
    """LaunchDarkly's ID of the request, for its support; empty where it gives none."""

    def __init__(  # noqa: PLR0917 - the first three are those of every error of a request
        self,
        call: str,
        reason: str,
        advice: str = "",
        status: Optional[int] = None,
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(call, reason, advice)
        self.status, self.code, self.request_id = status, code, request_id


class InvalidRequest(AnswerError):
    """400 or 422: LaunchDarkly rejects the request as invalid.

    The message has LaunchDarkly's own reason, and the request's ID for its support.
    """


class AccessDenied(AnswerError):
    """401 or 403: the token, its role or the beta header is wrong."""


class Forbidden(AccessDenied):
    """403: LaunchDarkly knows the token, and its role does not allow this, or the beta header is missing."""


class NotFound(AnswerError):
    """404: no such project, environment or integration."""

    after_lost_attempt = False
    """Whether an earlier attempt of the same request may have taken effect: a delete has succeeded then."""


class Conflict(AnswerError):
    """409: another request came first, or the integration exists already.

    Run the update again; only one pipeline at a time should update a stack. An existing integration can be adopted.
    """


class RateLimited(AnswerError):
    """429, after every retry."""


class ServerError(AnswerError):
    """5xx: LaunchDarkly, or a proxy in between, failed.

    Run again later. What an update has done until then is not lost: the next one reads it and continues.
    """

    outcome_unknown = True


class Redirected(AnswerError):
    """3xx: the provider follows no redirect, since the access token must not go to another host.

    Set ``launchdarkly:apiHost`` to the host of your LaunchDarkly instance.
    """


class UnexpectedAnswer(AnswerError):
    """A response that is not what the API documents, or not what was requested.

    Look at the integration in LaunchDarkly and run again; the state keeps what was last known.
    """


class UnreadableAnswer(UnexpectedAnswer):
    """The request may have succeeded: its response cannot be read.

    Look for a proxy that rewrites responses, and run again.
    """

    outcome_unknown = True


class AmbiguousCreate(UnreadableAnswer):
    """Only a person can find out whether an integration was created, or which one it is.

    Look in LaunchDarkly, and delete what the lost request left behind before the next update.
    """


STATUS_ERRORS: dict[int, type[AnswerError]] = {
    400: InvalidRequest,
    401: AccessDenied,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: InvalidRequest,
    429: RateLimited,
}


def error_for_status(status: int) -> type[AnswerError]:
    """The exception for a response's status."""
    if status in STATUS_ERRORS:
        return STATUS_ERRORS[status]
    families: dict[int, type[AnswerError]] = {3: Redirected, 4: UnexpectedAnswer, 5: ServerError}
    return families.get(status // 100, UnreadableAnswer)


def advice_for(status: int, token_source: str, place: Optional[str] = None, *, creates: bool = False) -> str:
    """What a person can do about a refused request; empty where nothing can be said.

    :param token_source: where the token comes from, in words.
    :param place: ``project/environment``.
    :param creates: whether the request was to create an integration.
    """
    where = f" in {place}" if place else ""
    first = "Another request came first: run the update again; only one pipeline at a time should update a stack."
    there = (
        f"LaunchDarkly may have such an integration already{where}: `python -m launchdarkly_pulumi list` shows it, and "
        "the option import_ adopts it. Else another request came first: run the update again."
    )
    advice = {
        401: f"The token comes from {token_source}: it may be wrong, revoked, or of another LaunchDarkly instance.",
        403: (
            f"The token comes from {token_source}; its role must allow managing integrations{where}, "
            "and nothing in between may remove the header LD-API-Version: beta."
        ),
        404: f"Check that project, environment and integration{where} exist, and that the token may see them.",
        409: there if creates else first,
        429: "The limit is shared by all tokens of the account: run again later, or with fewer pipelines at once.",
    }
    return advice.get(status, "")
