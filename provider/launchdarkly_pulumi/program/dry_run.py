"""What a program tells the provider about a preview, in a hidden input: that it is one, and where its stores are to be.

Here belongs the program's end; the provider's is ``Run.notice_program``. The input ends there: no state has it.
"""

from dataclasses import dataclass, field
from typing import Any, Optional
from weakref import WeakKeyDictionary

import pulumi

TOLD_BY = 16
"""How many stores tell the provider the places of all: any of the first ones may reach it first."""


@dataclass
class _Stores:
    """How many stores of an account a program has declared so far, and their places, each once."""

    count: int = 0
    places: list[list[str]] = field(default_factory=list)


_stores: WeakKeyDictionary[pulumi.Resource, dict[Optional[pulumi.ProviderResource], _Stores]] = WeakKeyDictionary()
"""Those of each running program, by their explicit provider."""


def places(
    stack: Optional[pulumi.Resource],
    provider: Optional[pulumi.ProviderResource],
    project_key: Any,
    environment_key: Any,
) -> Optional[list[list[str]]]:
    """The places of the program's stores in a preview, an empty list with later stores; ``None`` in an update.

    Pulumi writes inputs down when the program has run, hence the list: what it holds by then is what the provider sees.

    :param stack: the running program's; ``None`` where no provider is told of it.
    :param provider: the store's explicit one.
    """
    if stack is None or not pulumi.runtime.is_dry_run():
        return None
    stores = _stores.setdefault(stack, {}).setdefault(provider, _Stores())
    stores.count += 1
    place = [project_key, environment_key]
    if all(isinstance(key, str) for key in place) and place not in stores.places:
        stores.places.append(place)
    return stores.places if stores.count <= TOLD_BY else []
