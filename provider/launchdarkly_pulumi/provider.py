"""The dynamic provider of big segment store integrations: the methods that Pulumi's engine calls.

It is an adapter: it translates the properties of a Python program for the core, and the results back. The provider
object is pickled by reference into the state of every stack. So the names of this module and of its class are part of
the state's format, and the object has no attributes before ``configure``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

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

from .core.reporter import current_urn
from .dynamic import engine_request, garbage, host, messages
from .model.fields import name_of
from .model.ids import IntegrationId

# NOTE: each method imports what it needs: a program imports this module too, but uses only the name of the class.
if TYPE_CHECKING:
    from .core.compare import Difference
    from .core.reporter import Reporter
    from .core.stores import Stores
    from .dynamic.hidden_inputs import Properties
    from .dynamic.process import SharedByCalls
    from .model.desired import Desired
    from .model.validation import Failure


class LaunchDarklyProvider(ResourceProvider):
    """The base of the providers of all resources; those of one account share its :class:`Stores`."""

    _shared: SharedByCalls

    def configure(self, req: ConfigureRequest) -> None:
        """Takes the settings of the stack or of the explicit provider; the host calls it once, before anything else.

        :raises SettingsError: a value cannot be used.
        """
        from .core import debug_log, settings
        from .dynamic.process import shared_by

        debug_log.show(os.environ)
        host.show_errors_as_one_line()
        host.widen_host()
        garbage.spare_collections()
        host.notice_cancellation()
        self._shared = shared_by(req.config.get, messages.messages_of_host)
        for warning in settings.misspelt(host.keys_of(req.config)):
            self._reporter.warn_once(warning, about=warning)

    @property
    def _stores(self) -> Stores:
        return self._shared.stores

    @property
    def _reporter(self) -> Reporter:
        return self._shared.stores.session.reporter

    def _begin(self) -> str:
        """Begins a call: messages appear under the resource that it is about. Only methods that the host calls use it.

        :returns: the URN of the resource; empty if it is not known.
        """
        urn = engine_request.urn_of(engine_request.of_call(depth=3))
        current_urn.set(urn)
        return urn

    def _reported(self, failure: Failure) -> CheckFailure:
        """A failure with its property in the reason: of a separate one, the engine prints the value or ``{<nil>}``."""
        return self._refused(f"{failure.property} {failure.reason}")

    def _refused(self, reason: str) -> CheckFailure:
        return CheckFailure("", self._stores.session.own_words(reason))


class BigSegmentStoreProvider(LaunchDarklyProvider):
    """Checks, diffs, creates, reads, updates and deletes big segment store integrations.

    Several of these calls may run at the same time; all that they share is in :class:`SharedByCalls`.
    """

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Reports all problems of the inputs at once, and completes the inputs.

        It sends requests only for an adoption, and in a preview that would create the store.
        """
        from .dynamic import adoption, codec
        from .dynamic.hidden_inputs import ADOPTED, IGNORED
        from .dynamic.plugin_state import in_python

        urn, stores = self._begin(), self._stores
        inputs, stored = messages.plain(news), in_python(messages.plain(_olds))
        replaced_on_changes = codec.notice_program(stores.program, inputs)
        self._shared.replaced_on_changes[urn] = replaced_on_changes
        desired, failed, warnings = stores.check(codec.desired_of(inputs), stored)
        self._warn_of_paths(desired, "replace_on_changes", replaced_on_changes)
        self._warn_of_paths(desired, "ignore_changes", inputs.get(IGNORED, ()))
        for warning in warnings:
            self._reporter.warn_of_resource(warning)
        failures = [self._reported(failure) for failure in failed]
        self._shared.adoptions.notice(urn, inputs, stored.get(ADOPTED))
        wanted = None if stored else self._shared.adoptions.asked_by(urn, inputs)
        if not stored and not failures:
            stores.require_place(desired, adopts=wanted is not None)
        if wanted is not None:
            failures += [self._refused(problem) for problem in adoption.problems(wanted, desired)]
            desired = desired if failures else adoption.announce(stores, urn, wanted, desired)
        return CheckResult(messages.wire(codec.inputs_of(desired, inputs)), failures)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares the inputs with the live integration, and shows the patch that an update would send."""
        from .dynamic import codec, property_paths
        from .dynamic.hidden_inputs import ADOPTED, IGNORED
        from .dynamic.plugin_state import in_python, is_of_plugin

        urn, stores, id_ = self._begin(), self._stores, IntegrationId.parse(_id)
        request = engine_request.of_call(depth=2)
        olds = in_python(messages.plain(_olds))
        inputs = codec.with_ignored(codec.declared(messages.plain(_news)), engine_request.ignored_in(request))
        applied, desired = codec.applied_of(olds), codec.desired_of(inputs)
        self._warn_of_paths(desired, "ignore_changes", inputs.get(IGNORED, ()))
        self._shared.adoptions.notice(urn, inputs, olds.get(ADOPTED), _id)
        asked = self._shared.adoptions.asked_by(urn, inputs)
        wanted = None if asked is None else IntegrationId.parse(asked)
        paths = self._shared.replaced_on_changes.get(urn, ())
        forced = property_paths.changed_within(paths, applied.desired, desired)
        found = stores.diff(urn, id_, applied, desired, wanted=wanted, forced=forced)
        if found.gone:
            self._reporter.info(f"{id_}: gone in LaunchDarkly since the last update. It will be recreated.")
        if wanted or found.gone or found.replaces:
            replaces = [name_of(path) for path in found.replaces] or ["integration_id"]
            return DiffResult(changes=True, replaces=replaces, delete_before_replace=False)
        if stores.program.declares:
            self._show(id_, found, applied.desired, desired)
        if is_of_plugin(_olds) and stores.program.declares:
            self._reporter.info(f"{id_}: the plugin has written its state. The update writes it anew.")
            return DiffResult(changes=True)
        if not found.updates and not found.marked:
            return DiffResult(changes=False)
        # If the inputs differ, the engine compares them itself, since it knows the options that transforms have set.
        # But not if a difference changes no field, such as another order of tags: it might replace the store for that.
        left_to_engine = (
            stores.program.declares
            and engine_request.has_new_inputs(request)
            and olds.get(ADOPTED) == inputs.get(ADOPTED)
            and property_paths.is_all_meant(applied.desired, desired)
        )
        return DiffResult(changes=None if left_to_engine else True)

    def create(self, props: Properties) -> CreateResult:
        """Creates the integration with one POST, or adopts one.

        Nothing after the POST may raise: the engine would not learn the integration's ID.
        """
        from .dynamic import codec

        urn, inputs = self._begin(), codec.declared(props)
        desired, wanted = codec.desired_of(inputs), self._shared.adoptions.asked_by(urn, inputs)
        if wanted is None:
            stored = self._stores.create(urn, desired)
        else:
            stored = self._stores.adopt(urn, IntegrationId.parse(wanted), desired)
        return CreateResult(str(stored.id), codec.outputs_of(stored, inputs))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Reads the integration as inputs and outputs, so that a refresh shows drift field by field.

        :raises NotFound: a program reads an integration that does not exist; the engine would not report that.
        """
        from .core.compare import describe_drift
        from .dynamic import codec
        from .model.secrets import hidden_pointers

        urn, id, inputs = self._begin(), IntegrationId.parse(id_), codec.declared(props)
        applied = codec.applied_of(props) if "config" in inputs else None
        found = self._stores.read(urn, id, applied)
        if found is None:
            self._reporter.info(f"{id}: gone in LaunchDarkly; it leaves the state.")
            return ReadResult("", {})
        if applied and found.drift:
            # The engine does not show that a secret has changed.
            hidden = hidden_pointers(id.integration_key, applied.desired)
            self._reporter.info(f"{id}: {describe_drift(found.drift, hidden)}")
        hidden_inputs = inputs if applied else {}
        kept = codec.inputs_of(found.applied.desired, hidden_inputs)
        return ReadResult(id_, codec.outputs_of(found, hidden_inputs), kept)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Patches the integration to the inputs, with the fewest operations."""
        from .dynamic import codec
        from .dynamic.plugin_state import in_python

        self._begin()
        ignored = engine_request.ignored_in(engine_request.of_call(depth=2))
        inputs = codec.with_ignored(codec.declared(_news), ignored)
        id_, applied, desired = IntegrationId.parse(_id), codec.applied_of(in_python(_olds)), codec.desired_of(inputs)
        return UpdateResult(codec.outputs_of(self._stores.update(id_, applied, desired), inputs))

    def delete(self, _id: str, _props: Properties) -> None:
        """Deletes the integration, unless another resource manages it. It is no error if it is deleted already."""
        from .dynamic import codec

        urn = self._begin()
        self._stores.delete(urn, IntegrationId.parse(_id), codec.desired_of(codec.declared(_props)))

    def _show(self, id_: IntegrationId, found: Difference, stored: Desired, desired: Desired) -> None:
        """Shows what an update would do."""
        from .model.secrets import hidden_pointers

        if found.updates:
            hidden = hidden_pointers(id_.integration_key, stored, desired)
            self._reporter.info(found.describe(id_, hidden))
        if found.marked:
            self._reporter.info(
                f"{id_}: {', '.join(sorted(map(name_of, found.marked)))}: marked as secret differently than in "
                "the state. For that, the update changes only the state."
            )

    def _warn_of_paths(self, desired: Desired, option: str, paths: Iterable[str]) -> None:
        """Warns of the paths of an option that name no field, which Pulumi's engine does not notice."""
        from .dynamic import property_paths

        for warning in property_paths.that_name_nothing(option, paths, desired.kind):
            self._reporter.warn_of_resource(warning)
