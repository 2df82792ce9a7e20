"""Updates integrations to what the program declares: read, diff, patch and compare, and again after a conflict.

One :class:`Reconciler` serves all threads of a run. It remembers which operations LaunchDarkly's beta endpoint accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Optional, Protocol

from ..api import retry
from ..api.clock import Clock, Deadline
from ..api.retry import MAX_ATTEMPTS
from ..errors import (
    CallError,
    ChangedByOthers,
    Conflict,
    IntegrationGone,
    InvalidRequest,
    LaunchDarklyError,
    NotFound,
    PatchError,
    UnexpectedAnswer,
    UnknownSecret,
)
from ..model import diff, patch
from ..model.desired import Desired
from ..model.diff import Document
from ..model.documents import declared_by, document_of, managed_document_of, version_of
from ..model.fields import KEY_FIELDS, Names, name_of, pointer
from ..model.ids import IntegrationId
from ..model.patch import Operation
from ..model.secrets import with_unknown_secrets
from .read import Reader


class Api(Protocol):
    """The calls of the client that are needed here."""

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """Reads one integration."""

    def patch(self, id_: IntegrationId, operations: Sequence[Operation], deadline: Deadline) -> Document:
        """Applies operations."""


class Dialect(NamedTuple):
    """A way to write a patch.

    :param guarded: whether it begins with ``test /version``.
    :param config_whole: whether it replaces the config as a whole, and not its fields individually.
    :param warning: what to warn of if LaunchDarkly accepts no dialect before this one.
    """

    guarded: bool
    config_whole: bool
    warning: str = ""

    def write(self, operations: Sequence[Operation], actual: Document, desired: Document) -> list[Operation]:
        """The operations in this dialect."""
        written = patch.with_config_whole(operations, actual, desired) if self.config_whole else list(operations)
        version = version_of(actual)
        return patch.guarded(written, version) if self.guarded and version is not None else written


_NO_GUARD = (
    "LaunchDarkly refuses `test /version`: patches are sent without it, and a concurrent change can go unnoticed"
)
_NO_VERSION = (
    "{id}: LaunchDarkly gives no version of it: it is patched without a guard, and a concurrent change can go unnoticed"
)
_CONFIG_WHOLE = "LaunchDarkly refuses patches inside /config: it is replaced whole, secrets from the program included"

DIALECTS: tuple[Dialect, ...] = (
    Dialect(guarded=True, config_whole=False),
    Dialect(guarded=False, config_whole=False, warning=_NO_GUARD),
    Dialect(guarded=True, config_whole=True, warning=_CONFIG_WHOLE),
    Dialect(guarded=False, config_whole=True, warning=f"{_CONFIG_WHOLE}. {_NO_GUARD}"),
)
"""The dialects in the order of preference. LaunchDarkly documents the first one, though not for this beta endpoint."""


class Reached(NamedTuple):
    """The result of a create or an update.

    :param document: LaunchDarkly's document; the config may be missing.
    :param desired: the program's values, except for fields that others have changed during the update, which it kept.
    :param compared: whether the whole config was compared with LaunchDarkly's at the document's version.
    """

    document: Document
    desired: Desired
    compared: bool


class Reconciler:
    """Patches integrations.

    :param api: the client.
    :param reader: has what was read in this run.
    :param warn: shows a warning once.
    :param clock: time, for tests to replace.
    :param names: gives the names of fields in messages.
    """

    def __init__(
        self,
        api: Api,
        reader: Reader,
        warn: Callable[[str], None],
        clock: Clock = Clock(),  # noqa: B008 - frozen
        names: Names = name_of,
    ) -> None:
        self._api = api
        self._names = names
        self._warn = warn
        self._clock = clock
        self._reader = reader
        self._first_dialect = 0

    def update(self, id_: IntegrationId, stored: Desired, desired: Desired, deadline: Deadline) -> Reached:
        """Patches the integration to what is declared.

        After a conflict or a lost response it is read and compared again, and the fields that still differ are sent.
        Fields that others have changed during the update are kept, and the next preview shows them.

        :param id_: the integration.
        :param stored: what was declared at the last update; shows whether the program has changed a secret since.
        :param desired: what is declared now.
        :param deadline: when the update has to end.
        :raises IntegrationGone: it was deleted since the preview.
        :raises ChangedByOthers: others are changing the same fields.
        """
        previous: Document = document_of(stored)
        asked: Document = managed_document_of(desired)
        aim = asked
        trouble: Optional[CallError] = None
        before: Optional[Document] = None
        may_be_ours = False
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self._clock.pause(min(retry.backoff(attempt - 1), deadline.remaining()))
            whole = DIALECTS[self._first_dialect].config_whole
            actual = self._reader.take(id_, whole=whole) or self._get(id_, deadline)
            if before is not None:
                aim = self._beside_others(id_, before, actual, aim, None if may_be_ours else previous)
            before = actual
            operations = patch.minimal_patch(actual, aim, previous)
            if not operations:
                return _reached(id_, actual, desired, asked, aim, compared=True)
            try:
                response = self._send(id_, operations, actual, aim, deadline)
            except CallError as error:
                if not error.outcome_unknown and not isinstance(error, Conflict):
                    raise
                trouble, may_be_ours = error, may_be_ours or error.outcome_unknown
            else:
                has_config = _require_applied(id_, actual, response, aim)
                return _reached(id_, response, desired, asked, aim, compared=has_config)
        raise _gave_up(id_, trouble) from None

    def adopt(self, id_: IntegrationId, desired: Desired, deadline: Deadline) -> Reached:
        """Patches an integration that this stack has not written so far.

        Declared secrets are always sent: a mask does not prove that LaunchDarkly has them.

        :raises LaunchDarklyError: as for :meth:`update`.
        """
        return self.update(id_, with_unknown_secrets(desired), desired, deadline)

    def _beside_others(
        self, id_: IntegrationId, before: Document, now: Document, desired: Document, previous: Optional[Document]
    ) -> Document:
        """The desired document if somebody else updated the integration first (409): neither update may undo the other.

        :param before: LaunchDarkly's document that this update was made for.
        :param now: LaunchDarkly's document now.
        :param previous: what was declared at the last update: a secret that differs from it is not applied yet.
            ``None`` if a patch of this update may have been applied: then a secret that fits its mask is.
        :raises ChangedByOthers: both updates change the same field.
        """
        theirs = diff.changes(now, diff.snapshot(before, desired))
        ours = {change.path for change in diff.changes(before, desired, previous)}
        still_differ = {change.path for change in diff.changes(now, desired, previous)}
        kept = [change for change in theirs if change.path in still_differ]
        if any(change.path in ours for change in kept):
            names = ", ".join(self._names(change.path) for change in kept if change.path in ours)
            raise ChangedByOthers(
                f"PATCH {id_}: somebody else has just changed {names}; look at a preview, and run it again"
            )
        if kept:
            names = ", ".join(self._names(change.path) for change in kept)
            self._warn(
                f"{id_}: somebody else changed {names} during the update. It is kept; the next preview shows it."
            )
        return diff.rebased(desired, kept)

    def _get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        try:
            return self._api.get(id_, deadline)
        except NotFound:
            raise gone(id_) from None

    def _send(
        self,
        id_: IntegrationId,
        operations: list[Operation],
        actual: Document,
        desired: Document,
        deadline: Deadline,
    ) -> Document:
        """Sends the patch in the first dialect that is not known to be refused, and in the next one after a refusal."""
        if version_of(actual) is None:
            self._warn(_NO_VERSION.format(id=id_))
        refused: list[list[Operation]] = []
        refusal: Optional[InvalidRequest] = None
        for index in range(self._first_dialect, len(DIALECTS)):
            try:
                body = DIALECTS[index].write(operations, actual, desired)
            except UnknownSecret as error:
                # LaunchDarkly has refused a patch that did not need the secret: its own reason comes first.
                raise UnknownSecret(
                    f"{refusal}\n  Nor can the whole config be sent in its place: {error}" if refusal else str(error)
                ) from None
            if body in refused:
                continue
            _require_right(id_, body, actual, desired)
            try:
                response = self._api.patch(id_, body, deadline)
            except NotFound:
                raise gone(id_) from None
            except InvalidRequest as error:
                refusal = refusal or error
                refused.append(body)
                # With the whole config, which the next dialects may need: a listing does not show unmanaged fields.
                actual = self._read_unchanged(id_, actual, error, deadline)
            else:
                if refused:
                    self._settle_on(index)
                return response
        assert refusal is not None  # noqa: S101 - the first dialect was tried, and each one left by an exception
        raise refusal from None

    def _read_unchanged(
        self, id_: IntegrationId, actual: Document, refusal: InvalidRequest, deadline: Deadline
    ) -> Document:
        """Reads the integration again after a refusal, and makes sure that nobody has changed it.

        The beta endpoint may refuse a failed guard like an operation that it does not support. The version shows which
        of the two it was.

        :raises Conflict: the version has changed, so the guard has failed.
        """
        read = self._get(id_, deadline)
        if read.get("version") != actual.get("version"):
            raise Conflict(refusal.call, refusal.reason) from None
        return read

    def _settle_on(self, index: int) -> None:
        self._first_dialect = max(self._first_dialect, index)
        self._warn(DIALECTS[index].warning)


def gone(id_: IntegrationId) -> IntegrationGone:
    """The error for an integration that was deleted between the preview and its update."""
    return IntegrationGone(f"{id_} is gone in LaunchDarkly: run `pulumi up` again, and it is recreated")


def _require_right(id_: IntegrationId, operations: Sequence[Operation], actual: Document, desired: Document) -> None:
    """Makes sure that a patch leads to the desired document.

    :raises PatchError: it does not.
    """
    missed = patch.misses(operations, actual, desired)
    if missed:
        raise PatchError(
            f"PATCH {id_}: the patch would not lead to what is declared in {', '.join(missed)}, so nothing was sent. "
            "This is a fault of launchdarkly-pulumi: please report it with the output of LAUNCHDARKLY_DEBUG=1"
        )


def _reached(
    id_: IntegrationId, document: Document, desired: Desired, asked: Document, aim: Document, *, compared: bool
) -> Reached:
    # Fields that the program ignores were not compared.
    compared = compared and not desired.ignored
    if aim == asked:
        return Reached(document, desired, compared)
    declared = document_of(desired)
    keys = {f.api_name: key for f, key in zip(KEY_FIELDS, id_.segments, strict=False)}
    kept = {**declared, **aim, **keys, "config": {**declared["config"], **aim["config"]}}
    return Reached(document, declared_by(kept, desired), compared)


def _gave_up(id_: IntegrationId, trouble: Optional[CallError]) -> LaunchDarklyError:
    if trouble is None or isinstance(trouble, Conflict):
        return ChangedByOthers(
            f"PATCH {id_}: changed by others {MAX_ATTEMPTS} times while being updated; run the update again"
        )
    return trouble


def _require_applied(id_: IntegrationId, actual: Document, response: Document, desired: Document) -> bool:
    """Compares the response to a patch with what was sent; only the config may be missing from it.

    :returns: whether the response has a config.
    :raises UnexpectedAnswer: the response is another integration, or LaunchDarkly did not apply the patch.
    """
    if response["_id"] != id_.integration_id:
        raise UnexpectedAnswer(f"PATCH {id_}", "LaunchDarkly answered with another integration")
    before, after = version_of(actual), version_of(response)
    if before is not None and after is not None and after < before:
        raise UnexpectedAnswer(f"PATCH {id_}", f"the version went back from {before} to {after}")
    has_config = bool(response.get("config"))
    seen = response if has_config else {**response, "config": desired["config"]}
    missing = diff.changes({**seen, "integrationKey": id_.integration_key}, desired)
    if missing:
        fields = ", ".join(pointer(change.path) for change in missing)
        raise UnexpectedAnswer(f"PATCH {id_}", f"LaunchDarkly answered 200, but did not apply {fields}")
    return has_config
