"""A resource that is there once a store works: what depends on it is deployed after that."""

# NOTE: no `from __future__ import annotations`, for the reason given in `resource`.
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from .dynamic import messages
from .model.fields import set_only
from .model.ids import IntegrationId
from .provider import LaunchDarklyProvider

OUTPUTS = ("integration", "version", "timeout")


URN = "_urn"
"""The input that holds the resource's own URN, which Pulumi does not tell the provider, for the status line."""


ON = "_on"
"""The input that tells ``check`` alone whether the program declares the store on."""


class ReadinessProvider(LaunchDarklyProvider):
    """Waits in create and update, and sends nothing in any other call."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Reports every problem of the inputs at once."""
        from .core import wait

        self._begin()
        given = set_only(messages.plain(news))
        inputs = {name: given[name] for name in (*OUTPUTS, URN) if name in given}
        failures = [self._reported(failure) for failure in wait.problems(inputs, given.get(ON))]
        return CheckResult(messages.wire(inputs), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Whether there is something to wait for: another integration, or another version of it."""
        stored, inputs = messages.plain(_olds), messages.plain(_news)
        changed = [name for name in ("integration", "version") if stored.get(name) != inputs.get(name)]
        replaces = [name for name in changed if name == "integration"]
        return DiffResult(changes=bool(changed), replaces=replaces, delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Waits."""
        self._begin()
        self._wait(props)
        return CreateResult(props["integration"], _outputs_of(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What is stored: that the store worked once is not undone by its not working now."""
        return ReadResult(id_, _outputs_of(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Waits again."""
        self._begin()
        self._wait(_news)
        return UpdateResult(_outputs_of(_news))

    def _wait(self, inputs: Mapping[str, Any]) -> None:
        from .core import wait

        id_, timeout = IntegrationId.parse(inputs["integration"]), wait.seconds_of(inputs["timeout"])
        wait.until_available(self._stores.session, id_, timeout, inputs.get(URN) or "")


def _outputs_of(props: Mapping[str, Any]) -> dict[str, Any]:
    return {name: props[name] for name in OUTPUTS if props.get(name) is not None}
