"""The dynamic provider of the resource that waits until a store is available; other resources can depend on it.

Like `provider`, it is an adapter: the wait itself is in `core.wait`. The names of this module and of its class are part
of the state's format.
"""

from collections.abc import Callable, Mapping
from typing import Any, Optional

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from .dynamic import messages
from .dynamic.hidden_inputs import Properties
from .errors import InvalidId, NotReady
from .model.fields import set_only
from .model.ids import IntegrationId
from .provider import LaunchDarklyProvider

OUTPUTS = ("integration", "version", "timeout", "verify")


URN = "_urn"
"""The input with the resource's own URN, for the status line: Pulumi does not pass it to the provider."""


PLACES = ("redis_url", "dynamodb_endpoint")
"""The inputs that say where ``verify`` looks, passwords and all: they are no outputs."""


ON = "_on"
"""The input that says whether the program declares the store on. ``check`` removes it."""


class ReadinessProvider(LaunchDarklyProvider):
    """Waits in ``create`` and ``update``, and sends no request in any other call."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Reports all problems of the inputs at once."""
        from .core import wait

        self._begin()
        given = set_only(messages.plain(news))
        inputs = {name: given[name] for name in (*OUTPUTS, *PLACES, URN) if name in given}
        found = list(wait.problems(inputs, given.get(ON)))
        if any(name in inputs for name in ("verify", *PLACES)):
            from .verify import only_marker

            found += only_marker.problems(inputs, _kind_of(inputs))
        return CheckResult(messages.wire(inputs), [self._reported(failure) for failure in found])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Finds out whether there is something to wait for: another integration or version, or its marker."""
        stored, inputs = messages.plain(_olds), messages.plain(_news)
        changed = [name for name in ("integration", "version") if stored.get(name) != inputs.get(name)]
        changed += ["verify"] if bool(stored.get("verify")) != bool(inputs.get("verify")) else []
        replaces = [name for name in changed if name == "integration"]
        return DiffResult(changes=bool(changed), replaces=replaces, delete_before_replace=False)

    def create(self, props: Properties) -> CreateResult:
        """Waits until the store is available.

        :raises NotReady: the time is up, or waiting cannot succeed.
        """
        self._begin()
        self._wait(props)
        return CreateResult(props["integration"], _outputs_of(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Returns what the state has: the store was available once, and a refresh does not wait again."""
        return ReadResult(id_, _outputs_of(props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Waits again, as ``create`` does."""
        self._begin()
        self._wait(_news)
        return UpdateResult(_outputs_of(_news))

    def _wait(self, inputs: Properties) -> None:
        from .core import wait

        id_, timeout = IntegrationId.parse(inputs["integration"]), wait.seconds_of(inputs["timeout"])
        missing = self._missing(id_, inputs) if inputs.get("verify") else None
        wait.until_available(self._stores.session, id_, timeout, inputs.get(URN) or "", missing=missing)

    def _missing(self, id_: IntegrationId, inputs: Mapping[str, Any]) -> Callable[[], str]:
        """What tells whether SDKs would find the marker of an available store."""
        from .core import find
        from .verify import only_marker

        # The ID of a new store is not known before.
        for failure in only_marker.problems(inputs, id_.integration_key):
            raise NotReady(f"{id_}: {failure.property} {failure.reason}")

        def missing() -> str:
            kind, session = id_.integration_key, self._stores.session
            prefix = find.environment(session, id_.project_key, id_.environment_key).client_side_id
            config = find.find(session, str(id_)).config or {}
            why = only_marker.why_not(kind, config, prefix, inputs)
            return f"SDKs here would not find it so: {why}" if why else ""

        return missing


def _kind_of(inputs: Mapping[str, Any]) -> Optional[str]:
    """The kind of store, where the ID is known and can be one."""
    try:
        return IntegrationId.parse(inputs.get("integration")).integration_key
    except InvalidId:
        return None


def _outputs_of(props: Properties) -> dict[str, Any]:
    return {name: props[name] for name in OUTPUTS if props.get(name) is not None}
