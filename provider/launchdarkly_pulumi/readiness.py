"""The dynamic provider of the resource that waits until a store is available; other resources can depend on it.

Like `provider`, it is an adapter: the wait itself is in `core.wait`. The names of this module and of its class are part
of the state's format.
"""

from typing import Any

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from .dynamic import messages
from .dynamic.hidden_inputs import Properties
from .model.fields import set_only
from .model.ids import IntegrationId
from .provider import LaunchDarklyProvider

OUTPUTS = ("integration", "version", "timeout")


URN = "_urn"
"""The input with the resource's own URN, for the status line: Pulumi does not pass it to the provider."""


ON = "_on"
"""The input that says whether the program declares the store on. ``check`` removes it."""


class ReadinessProvider(LaunchDarklyProvider):
    """Waits in ``create`` and ``update``, and sends no request in any other call."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Reports all problems of the inputs at once."""
        from .core import wait

        self._begin()
        given = set_only(messages.plain(news))
        inputs = {name: given[name] for name in (*OUTPUTS, URN) if name in given}
        failures = [self._reported(failure) for failure in wait.problems(inputs, given.get(ON))]
        return CheckResult(messages.wire(inputs), failures)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Finds out whether there is something to wait for: another integration, or another version of it."""
        stored, inputs = messages.plain(_olds), messages.plain(_news)
        changed = [name for name in ("integration", "version") if stored.get(name) != inputs.get(name)]
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
        wait.until_available(self._stores.session, id_, timeout, inputs.get(URN) or "")


def _outputs_of(props: Properties) -> dict[str, Any]:
    return {name: props[name] for name in OUTPUTS if props.get(name) is not None}
