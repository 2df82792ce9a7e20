"""The resource that is there once a store works: what depends on it is deployed after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..core import wait
from ..core.stores import Stores
from ..model.fields import UNKNOWN
from ..model.ids import IntegrationId
from ..model.validation import Failure
from ..model.value_rules import closest, did_you_mean, shown_name
from .resources import Changes, Kind, Result
from .wire import Properties

INPUTS = ("integration", "version", "timeout")
DEFAULT_TIMEOUT = "5m"


class Readiness:
    """Waits in create and update, and sends nothing in any other call.

    :param stores: those of the account.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, urn: str, stored: Properties, given: Properties) -> tuple[Properties, list[Failure]]:
        """Finds every problem at once."""
        inputs = {"timeout": DEFAULT_TIMEOUT, **_kept(given.values)}
        strays = sorted(name for name in given.values.keys() - set(INPUTS) if not name.startswith("_"))
        failures = [
            Failure(shown_name(name), f"is not a field of this resource{did_you_mean(closest(name, INPUTS))}")
            for name in strays
        ]
        return Properties(inputs), [*failures, *wait.problems(inputs, None)]

    def diff(self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str]) -> Changes:
        """Whether there is something to wait for: another integration, or another version of it."""
        stored, given = outputs.values, inputs.values
        changed = [name for name in ("integration", "version") if stored.get(name) != given.get(name)]
        replaces = tuple(name for name in changed if name == "integration")
        return Changes(bool(changed), dict.fromkeys(changed, Kind.UPDATE), replaces)

    def create(self, urn: str, inputs: Properties, *, preview: bool) -> Result:
        """Waits."""
        if not preview:
            self._wait(urn, inputs.values)
        integration = inputs.values["integration"]
        return Result("" if integration is UNKNOWN else integration, Properties(_kept(inputs.values)))

    def read(self, urn: str, id: str, outputs: Optional[Properties], *, is_import: bool = False) -> Optional[Result]:
        """What is stored: that the store worked once is not undone by its not working now."""
        kept = Properties(
            _kept({"integration": id, "timeout": DEFAULT_TIMEOUT} | dict(outputs.values if outputs else {}))
        )
        return Result(id, kept, kept)

    def update(
        self, urn: str, id: str, outputs: Properties, inputs: Properties, ignored: Sequence[str], *, preview: bool
    ) -> Result:
        """Waits again."""
        return self.create(urn, inputs, preview=preview)._replace(id=id)

    def delete(self, urn: str, id: str, outputs: Properties) -> None:
        """Nothing is left to do."""

    def _wait(self, urn: str, inputs: Mapping[str, Any]) -> None:
        id_, timeout = IntegrationId.parse(inputs["integration"]), wait.seconds_of(inputs["timeout"])
        wait.until_available(self._stores.session, id_, timeout, urn)


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in INPUTS if values.get(name) is not None}
