"""The lifecycle of a big segment store integration, as Pulumi's engine calls it.

The provider object is pickled by reference into the state of every stack: the names of this module and
of its class are part of the state's format, and the object has no attributes before ``configure``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from . import engine, models
from .errors import NotFound
from .models import IntegrationId

# NOTE: what the calls need is imported by them: a program loads this module too, but only to name its class.
if TYPE_CHECKING:
    from .run import Run
    from .validation import Failure


class LaunchDarklyProvider(ResourceProvider):
    """What the providers of all kinds of resources have in common; those of one process share one :class:`Run`."""

    _run: Run

    def configure(self, req: ConfigureRequest) -> None:
        """Takes the settings of the stack or of the explicit provider; called once, before anything else."""
        from . import settings
        from .run import Run

        engine.show_errors_as_one_line()
        engine.widen_host()
        engine.spare_collections()
        engine.notice_cancellation()
        self._run = Run.of_process(settings.resolve(req.config.get, os.environ), engine.messages_of_host)

    def _reported(self, failure: Failure, inputs: dict[str, Any]) -> CheckFailure:
        """Names the property, unless the engine, which prints its value with it, would print a secret or a mess."""
        from . import rules

        reason = self._run.without_secrets(failure.reason)
        value = inputs.get(failure.property)
        may_hold_secret = failure.property in {"config", *inputs.get(models.MARKED_SECRETS, ())}
        if value is not None and (may_hold_secret or not rules.is_printable(value)):
            return CheckFailure("", f"{failure.property} {reason}")
        return CheckFailure(failure.property, reason)


class BigSegmentStoreProvider(LaunchDarklyProvider):
    """Checks, diffs, creates, reads, updates and deletes big segment store integrations.

    Several of these calls may run at the same time; all that they share is the :class:`Run`.
    """

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Reports every problem of the inputs at once, and completes them; sends no request."""
        from . import adoption, validation

        self._run.has_program = True
        inputs = engine.plain(news)
        self._run.has_many_stores |= inputs.pop(models.STORE_COUNT, [1])[0] > 1
        self._run.learn(inputs)
        checked = validation.check(inputs)
        for warning in checked.warnings:
            self._run.messages.warn_once(warning)
        failures = [self._reported(failure, inputs) for failure in checked.failures]
        self._run.adoptions.notice(inputs, _olds.get(models.ADOPTED))
        if _olds or not self._run.adoptions.is_asked(inputs):
            return CheckResult(checked.inputs, failures)
        failures += [CheckFailure("", f"import_: {problem}") for problem in adoption.problems(checked.inputs)]
        return CheckResult(checked.inputs if failures else adoption.look(self._run, checked.inputs), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compares the inputs with the live integration, and shows the patch that an update would send."""
        from . import preview
        from .reading import Known

        stored, inputs = models.declared(engine.plain(_olds)), models.declared(engine.plain(_news))
        self._run.adoptions.notice(inputs, stored.get(models.ADOPTED), _id)
        replaces = models.replaced_by(stored, inputs)
        if not replaces and not self._run.adoptions.is_asked(inputs):
            comparison = preview.compare(
                self._run, IntegrationId.parse(_id), Known(_olds.get("version"), stored), inputs
            )
            if not comparison.gone:
                return DiffResult(changes=comparison.changed)
        return DiffResult(changes=True, replaces=replaces or ["integration_id"], delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the integration with one POST, or adopts one.

        Nothing after the POST may raise: the integration would be lost.
        """
        from . import adoption

        inputs = models.declared(props)
        self._run.learn(inputs)
        if self._run.adoptions.is_asked(inputs):
            document, inputs = adoption.adopt(self._run, inputs, self._run.deadline())
        else:
            document = self._run.creator.create(inputs, self._run.deadline())
        id_ = IntegrationId(*models.keys_of(inputs), document["_id"])
        return CreateResult(str(id_), models.outputs_of(inputs, id_, document))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Reads the integration as inputs and outputs, so that a refresh shows drift field by field.

        :raises NotFound: a program reads an integration that is not there, which the engine would pass over.
        """
        from . import preview
        from .reading import Known

        id = IntegrationId.parse(id_)
        stored = models.declared(props)
        self._run.learn(stored)
        known = Known(props.get("version"), stored) if "config" in stored else None
        try:
            document = self._run.reader.read(id, self._run.deadline(), known)
        except NotFound:
            if known is None:
                raise
            return ReadResult("", {})
        if self._run.reads_as_stored(id):
            return ReadResult(id_, models.outputs_of(stored, id, document), stored)
        if known:
            preview.show_drift(self._run, id, document, stored)
        inputs = models.inputs_of(document, known and stored)
        return ReadResult(id_, models.outputs_of(inputs, id, document), inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Patches the integration to the inputs, with the fewest operations."""
        id_, stored, inputs = IntegrationId.parse(_id), models.declared(_olds), models.declared(_news)
        self._run.learn(stored, inputs)
        document, reached = self._run.reconciler.update(id_, stored, inputs, self._run.deadline())
        return UpdateResult(models.outputs_of(reached, id_, document))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the integration; one that is gone already is as good as deleted."""
        self._run.learn(models.declared(_props))
        try:
            self._run.client.delete(IntegrationId.parse(_id), self._run.deadline())
        except NotFound:
            return
