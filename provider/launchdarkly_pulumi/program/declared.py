"""Reports the stores of a program to the provider in hidden inputs: which and, in a preview, where.

Here belongs the program's side. ``codec.notice_program`` is the provider's side, and removes the inputs: no state has
them.
"""

import json
from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from typing import Optional, Union
from weakref import WeakKeyDictionary

import pulumi

from ..dynamic import garbage
from ..dynamic.hidden_inputs import ORGANIZATION, PREVIEW, Properties
from ..model.fields import TYPE, set_only
from .options import LateMarks, Settled

REPORTED_BY = 16
"""How many stores report the places of all to the provider: any of the first ones may reach it first."""


@dataclass
class _Account:
    """The stores of an account that a program has declared so far.

    :param count: how many there are.
    :param places: their projects and environments, each once; without those that are not known yet.
    """

    count: int = 0
    places: dict[tuple[str, str], None] = field(default_factory=dict)


@dataclass
class _Program:
    """The stores of a running program, by name and parent, and its accounts by their explicit provider.

    :param late_marks: looks at the stores for late marks as secrets.
    """

    stores: list[tuple[str, Optional[pulumi.Resource]]] = field(default_factory=list)
    accounts: dict[Optional[pulumi.ProviderResource], _Account] = field(default_factory=dict)
    late_marks: LateMarks = field(default_factory=LateMarks)


_programs: WeakKeyDictionary[pulumi.Resource, _Program] = WeakKeyDictionary()
"""The running programs, by their stacks."""


def declare(
    stack: pulumi.Resource,
    name: str,
    opts: Optional[pulumi.ResourceOptions],
    project_key: object,
    environment_key: object,
) -> Properties:
    """Notes a store of the running program, and returns its hidden inputs. The first stores of an account report all.

    The inputs report later stores too: Pulumi serializes inputs after the program has run.

    :param stack: the running program's stack.
    :param name: the name of the store's resource.
    :param opts: its resource options.
    :param project_key: its project; an output if it may not be known yet.
    :param environment_key: its environment, likewise.
    """
    if stack not in _programs:
        garbage.spare_collections()
        _programs[stack] = _Program()
    program = _programs[stack]
    program.stores.append((name, opts.parent if opts else None))
    provider = opts.provider if opts else None
    account = program.accounts.setdefault(provider, _Account())
    account.count += 1
    if isinstance(project_key, str) and isinstance(environment_key, str):
        account.places[project_key, environment_key] = None
    places: Union[Awaitable[str], str, None] = None
    if pulumi.runtime.is_dry_run():
        places = _as_text(account.places) if account.count <= REPORTED_BY else ""
    return set_only({ORGANIZATION: pulumi.get_organization(), PREVIEW: places})


async def _as_text(places: Collection[tuple[str, str]]) -> str:
    """The places as one string: Pulumi would serialize each string of a list on its own, which takes long."""
    return json.dumps(list(places))


def look_for_late_marks(stack: pulumi.Resource, store: Settled) -> None:
    """Warns of the fields, of a store that is declared, that only a transform has marked as secrets."""
    _programs[stack].late_marks.add(store)


async def urns(stack: Optional[pulumi.Resource]) -> list[str]:
    """The URNs of all stores that the program declares: Pulumi awaits this after the program has run."""
    program = _programs.get(stack) if stack is not None else None
    found = [await pulumi.create_urn(name, TYPE, parent).future() for name, parent in program.stores] if program else []
    return [urn for urn in found if urn]
