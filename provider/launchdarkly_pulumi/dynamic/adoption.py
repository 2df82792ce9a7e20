"""The ``import_`` option of a Python program.

Pulumi's own import cannot work for dynamic resources: their host reads with no inputs. So the resource hands the
option over as a hidden input, ``check`` says what will follow, and ``create`` patches instead of creating.

As in Pulumi's engine an option that the state has already, or that names the resource's own ID, asks for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..core import adopt
from ..core.stores import Stores
from ..errors import InvalidId
from ..model.desired import Desired
from ..model.ids import IntegrationId
from ..model.secrets import hidden_pointers
from .hidden_inputs import ADOPTED


class Adoptions:
    """Which resources of a run ask for an adoption, and which have what their option names already.

    The engine checks a replacement as if it were new, and ``create`` is never told what it follows on. What a resource
    has is known from the calls that come before these two: its first ``check``, and its ``diff``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled: set[tuple[str, Optional[str]]] = set()

    def notice(self, urn: str, inputs: Mapping[str, Any], *had: Optional[str]) -> None:
        """Remembers that the option asks for nothing where the resource has what it names, or had it once."""
        with self._lock:
            self._settled |= {(urn, each) for each in {inputs.get(ADOPTED)} & set(had)}

    def asked_by(self, urn: str, inputs: Mapping[str, Any]) -> Optional[str]:
        """The ID of the integration that a resource is to adopt, and that it is not yet."""
        wanted: Optional[str] = inputs.get(ADOPTED)
        with self._lock:
            return None if (urn, wanted) in self._settled else wanted


def problems(wanted: str, desired: Desired) -> Iterator[str]:
    """Why the option cannot be meant for what is declared, as whole sentences."""
    try:
        found = list(adopt.problems(desired, IntegrationId.parse(wanted)))
    except InvalidId as error:
        found = [str(error)]
    for problem in found:
        yield f"import_: {problem}"


def announce(stores: Stores, urn: str, wanted: str, desired: Desired) -> Desired:
    """Says what an adoption will do; what is declared then, with the fields whose changes are ignored as they are."""
    id_ = IntegrationId.parse(wanted)
    adoption = stores.plan_adoption(urn, id_, desired)
    hidden = hidden_pointers(id_.integration_key, adoption.desired)
    stores.session.reporter.info(adoption.describe(id_, urn, hidden))
    return adoption.desired
