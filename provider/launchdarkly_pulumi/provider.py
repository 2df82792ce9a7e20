"""The lifecycle of a big segment store integration, as Pulumi's engine calls it.

The provider object is pickled by reference into the state of every stack: the names of this module and
of its class are part of the state's format, and the object has no attributes before ``configure``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Optional

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

from .dynamic import engine_request, host, messages
from .errors import NotFound
from .model.documents import inputs_of, keys_of, outputs_of, replaced_by
from .model.hidden_inputs import ADOPTED, COMPARED, IGNORED, declared
from .model.ids import IntegrationId

# NOTE: what the calls need is imported by them: a program loads this module too, but only to name its class.
if TYPE_CHECKING:
    from .core.reading import Known
    from .core.run import Run
    from .model.validation import Failure


class LaunchDarklyProvider(ResourceProvider):
    """What the providers of all kinds of resources have in common; those of one process share one :class:`Run`."""

    _run: Run

    def configure(self, req: ConfigureRequest) -> None:
        """Takes the settings of the stack or of the explicit provider; called once, before anything else."""
        from .core import debug_log, settings
        from .core.run import Run

        debug_log.show(os.environ)
        host.show_errors_as_one_line()
        host.widen_host()
        host.spare_collections()
        host.notice_cancellation()
        self._run = Run.of_process(
            settings.resolve(req.config.get, os.environ), messages.messages_of_host, _stores_of_stack
        )
        for warning in settings.misspelt(host.keys_of(req.config)):
            self._run.messages.warn_once(warning, about=warning)

    def _begin(self) -> str:
        """The URN of the resource that a call is about; messages appear under it. Only for what the host calls."""
        urn = engine_request.urn_of(engine_request.of_call(depth=3))
        messages.current_urn.set(urn)
        return urn

    def _reported(self, failure: Failure) -> CheckFailure:
        """Names the property in the reason: the engine prints the value of one that is named apart, or ``{<nil>}``."""
        return CheckFailure("", self._run.own_words(f"{failure.property} {failure.reason}"))


class BigSegmentStoreProvider(LaunchDarklyProvider):
    """Checks, diffs, creates, reads, updates and deletes big segment store integrations.

    Several of these calls may run at the same time; all that they share is the :class:`Run`.
    """

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Reports every problem of the inputs at once, and completes them.

        It sends no request unless it is to adopt, or a preview that would create.
        """
        from .core import adoption
        from .model import doubts, property_paths, validation

        urn, run = self._begin(), self._run
        run.has_program = True
        inputs = messages.plain(news)
        run.notice_program(urn, inputs)
        run.learn(inputs)
        checked = validation.check(inputs, property_paths.ignored_as_stored(inputs, messages.plain(_olds)))
        self._warn_of_paths(checked.inputs, "replace_on_changes", run.replaced_on_changes.get(urn, ()))
        self._warn_of_paths(checked.inputs, "ignore_changes", inputs.get(IGNORED, ()))
        for warning in (*checked.warnings, *doubts.of_reach(checked.inputs, run.settings.base_url)):
            run.messages.warn_of_resource(warning)
        failures = [self._reported(failure) for failure in checked.failures]
        run.adoptions.notice(urn, inputs, _olds.get(ADOPTED))
        adopts = not _olds and run.adoptions.is_asked(urn, inputs)
        if run.is_preview and not _olds and not failures:
            from .core import new_stores

            new_stores.look(run, checked.inputs, adopts=adopts)
        if not adopts:
            return CheckResult(checked.inputs, failures)
        problems = adoption.problems(checked.inputs)
        failures += [CheckFailure("", run.own_words(f"import_: {problem}")) for problem in problems]
        return CheckResult(checked.inputs if failures else adoption.look(run, urn, checked.inputs), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compares the inputs with the live integration, and shows the patch that an update would send."""
        from .core import adoption, preview
        from .model import property_paths

        urn, run, id_ = self._begin(), self._run, IntegrationId.parse(_id)
        request = engine_request.of_call(depth=2)
        stored, inputs = declared(messages.plain(_olds)), _as_ignored(declared(messages.plain(_news)), request)
        # A refresh calls this too: it shows what the state has, even where two resources have the same.
        (run.owners.hold if run.has_program else run.owners.note)(urn, id_)
        run.adoptions.notice(urn, inputs, stored.get(ADOPTED), _id)
        self._warn_of_paths(inputs, "ignore_changes", inputs.get(IGNORED, ()))
        replaces = replaced_by(stored, inputs)
        replaces += property_paths.changed_within(run.replaced_on_changes.get(urn, ()), stored, inputs)
        if run.adoptions.is_asked(urn, inputs):
            adoption.ask(run, urn, IntegrationId.parse(inputs[ADOPTED]))
        elif replaces:
            preview.look_before_replacing(run, urn, id_, _known(_olds, stored))
        else:
            comparison = preview.compare(run, urn, id_, _known(_olds, stored), inputs)
            if not comparison.gone:
                changed = comparison.changed or (run.has_program and preview.marks_anew(run, id_, stored, inputs))
                # Where the inputs differ, the engine itself compares them: it knows each option, whoever has set it.
                # It must not see what makes no difference here, as another order of tags: it would replace for that.
                engine_sees = run.has_program and engine_request.has_new_inputs(request)
                left_to_engine = changed and engine_sees and property_paths.is_all_meant(stored, inputs)
                return DiffResult(changes=None if left_to_engine else changed)
        return DiffResult(changes=True, replaces=replaces or ["integration_id"], delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the integration with one POST, or adopts one.

        Nothing after the POST may raise: the integration would be lost.
        """
        from .core import adoption
        from .core.creation import Resource

        urn, run = self._begin(), self._run
        inputs = declared(props)
        run.learn(inputs)
        if run.adoptions.is_asked(urn, inputs):
            reached = adoption.adopt(run, urn, inputs, run.deadline())
        else:
            reached = run.creator.create(Resource(urn, run.organization), inputs, run.deadline)
        id_ = IntegrationId(*keys_of(inputs), reached.document["_id"])
        run.owners.gain(urn, id_)
        run.reader.created(id_)
        return CreateResult(str(id_), outputs_of(reached.inputs, id_, reached.document, compared=reached.compared))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Reads the integration as inputs and outputs, so that a refresh shows drift field by field.

        :raises NotFound: a program reads an integration that is not there, which the engine would pass over.
        """
        from .core import preview

        urn, run, id = self._begin(), self._run, IntegrationId.parse(id_)
        stored = declared(props)
        run.learn(stored)
        known = _known(props, stored) if "config" in stored else None
        try:
            document = run.reader.read(id, run.deadline(), known)
        except NotFound:
            if known is None:
                raise
            run.presence.require_any(urn, id, run.deadline())
            run.messages.info(f"{id}: gone in LaunchDarkly; it leaves the state.")
            return ReadResult("", {})
        if known:
            run.owners.note(urn, id)
            run.presence.saw()
        if run.reads_as_stored(id):
            return ReadResult(id_, outputs_of(stored, id, document, compared=True), stored)
        if known:
            preview.show_drift(run, id, document, stored)
        inputs = inputs_of(document, known and stored)
        return ReadResult(id_, outputs_of(inputs, id, document, compared=True), inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Patches the integration to the inputs, with the fewest operations."""
        self._begin()
        id_, stored = IntegrationId.parse(_id), declared(_olds)
        inputs = _as_ignored(declared(_news), engine_request.of_call(depth=2))
        self._run.learn(stored, inputs)
        reached = self._run.reconciler.update(id_, stored, inputs, self._run.deadline())
        return UpdateResult(outputs_of(reached.inputs, id_, reached.document, compared=reached.compared))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the integration, unless another resource of the run has it; a gone one is as good as deleted."""
        from .core import deletion

        urn = self._begin()
        self._run.learn(declared(_props))
        deletion.delete(self._run, urn, IntegrationId.parse(_id), self._run.deadline())

    def _warn_of_paths(self, inputs: dict[str, Any], option: str, paths: Iterable[str]) -> None:
        """Says which paths of an option name no field: Pulumi's engine does not know the fields."""
        from .model import property_paths

        for warning in property_paths.that_name_nothing(option, paths, inputs.get("integration_key")):
            self._run.messages.warn_of_resource(warning)


def _as_ignored(inputs: dict[str, Any], request: Any) -> dict[str, Any]:
    """The inputs with what the engine's request says of ``ignore_changes``, where it can be read."""
    ignored = engine_request.ignored_in(request)
    if ignored is None:
        return inputs
    return {name: value for name, value in inputs.items() if name != IGNORED} | ({IGNORED: ignored} if ignored else {})


def _stores_of_stack(urn: str, organization: str) -> Optional[Mapping[str, IntegrationId]]:
    from .dynamic.stack_state import stores_of_stack

    return stores_of_stack(urn, organization)


def _known(olds: dict[str, Any], stored: dict[str, Any]) -> Known:
    """What the state has of an integration; its numbers are doubles."""
    from .core.reading import Known

    version = olds.get("version")
    return Known(None if version is None else int(version), stored, olds.get(COMPARED) is True)
