"""What a program tells the provider of all its stores, in hidden inputs: how many, which, and in a preview where.

Here belongs the program's end; the provider's is ``codec.notice_program``. The inputs end there: no state has them.
"""

from dataclasses import dataclass, field
from typing import Any, Optional
from weakref import WeakKeyDictionary

import pulumi

from ..dynamic.hidden_inputs import PREVIEW, STORE_COUNT
from ..model.fields import TYPE, set_only

TOLD_BY = 16
"""How many stores tell the provider of all: any of the first ones may reach it first."""


@dataclass
class _Account:
    """The stores of an account that a program has declared so far.

    :param count: how many, and the stack's organization.
    :param places: their projects and environments, as far as they are known, each once.
    """

    count: list[Any]
    places: list[list[str]] = field(default_factory=list)


@dataclass
class _Program:
    """The stores of a running program: the name and the parent of each, and its accounts by their explicit provider."""

    stores: list[tuple[str, Optional[pulumi.Resource]]] = field(default_factory=list)
    accounts: dict[Optional[pulumi.ProviderResource], _Account] = field(default_factory=dict)


_programs: WeakKeyDictionary[pulumi.Resource, _Program] = WeakKeyDictionary()
"""The running programs, by their stacks."""


def declare(
    stack: pulumi.Resource, name: str, opts: Optional[pulumi.ResourceOptions], project_key: Any, environment_key: Any
) -> dict[str, Any]:
    """Notes a store of the running program; its hidden inputs. Those of the first ones of an account speak for all.

    Pulumi writes inputs down when the program has run, hence lists: what they hold by then is what the provider sees.
    """
    program = _programs.setdefault(stack, _Program())
    program.stores.append((name, opts.parent if opts else None))
    provider = opts.provider if opts else None
    if provider not in program.accounts:
        program.accounts[provider] = _Account([0, pulumi.get_organization()])
    account = program.accounts[provider]
    account.count[0] += 1
    place = [project_key, environment_key]
    if all(isinstance(key, str) for key in place) and place not in account.places:
        account.places.append(place)
    tells = account.count[0] <= TOLD_BY
    places = (account.places if tells else []) if pulumi.runtime.is_dry_run() else None
    return set_only({STORE_COUNT: account.count if tells else None, PREVIEW: places})


async def urns(stack: Optional[pulumi.Resource]) -> list[str]:
    """The URNs of all stores that the program declares: it has run to its end when Pulumi asks for this."""
    program = _programs.get(stack) if stack is not None else None
    found = [await pulumi.create_urn(name, TYPE, parent).future() for name, parent in program.stores] if program else []
    return [urn for urn in found if urn]
