"""The ``import_`` option of a Python program: which resources have to adopt an integration, and what a preview shows.

Pulumi's own import cannot work for dynamic resources, since their host reads without inputs. So the resource passes the
option as a hidden input, ``check`` shows what will be adopted, and ``create`` patches instead of creating.

As in Pulumi's engine, the option has no effect if the state has it already, or if it names the resource's own ID.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Optional

from ..core.stores import Stores
from ..errors import InvalidId
from ..model.desired import Desired
from ..model.ids import IntegrationId
from ..model.secrets import hidden_pointers
from .hidden_inputs import ADOPTED, Properties


class Adoptions:
    """Which resources of a run have to adopt an integration, and for which the option has no effect.

    The engine checks a replacement like a new resource, and does not pass to ``create`` what is replaced. What a
    resource has so far is known from two earlier calls: its first ``check``, and its ``diff``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled: set[tuple[str, Optional[str]]] = set()

    def notice(self, urn: str, inputs: Properties, *had: Optional[str]) -> None:
        """Remembers that the option has no effect if it names an integration that the resource has, or once had.

        :param urn: the URN of the resource.
        :param inputs: its inputs, hidden ones included.
        :param had: the option in the state, and the resource's ID, where they are known.
        """
        with self._lock:
            self._settled |= {(urn, each) for each in {inputs.get(ADOPTED)} & set(had)}

    def asked_by(self, urn: str, inputs: Properties) -> Optional[str]:
        """The ID of the integration that a resource has to adopt; ``None`` if it has to adopt none."""
        wanted: Optional[str] = inputs.get(ADOPTED)
        with self._lock:
            return None if (urn, wanted) in self._settled else wanted


def problems(wanted: str, desired: Desired) -> Iterator[str]:
    """The problems of the option, as whole sentences: it is no ID, or the declared keys differ from the ID's."""
    # NOTE: imported here: what adopts loads all that writes, and few runs adopt.
    from ..core import adopt

    try:
        found = list(adopt.problems(desired, IntegrationId.parse(wanted)))
    except InvalidId as error:
        found = [str(error)]
    for problem in found:
        yield f"import_: {problem}"


def announce(stores: Stores, urn: str, wanted: str, desired: Desired) -> Desired:
    """Shows what an adoption will do.

    :returns: what is declared; the fields whose changes are ignored have LaunchDarkly's values.
    :raises NothingToAdopt: there is no such integration.
    :raises AlreadyManaged: another resource manages it.
    """
    id_ = IntegrationId.parse(wanted)
    adoption = stores.plan_adoption(urn, id_, desired)
    hidden = hidden_pointers(id_.integration_key, adoption.desired)
    stores.session.reporter.info(adoption.describe(id_, urn, hidden))
    return adoption.desired
