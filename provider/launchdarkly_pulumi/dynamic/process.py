"""What the providers of all kinds of resources share in their host process, once for each account."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..core import settings
from ..core.settings import Settings
from ..core.stores import Stores
from ..model.ids import IntegrationId
from .adoption import Adoptions
from .messages import Messages


@dataclass
class Shared:
    """What all calls about an account share.

    :param stores: the account's stores.
    :param adoptions: what its resources ask for with ``import_``.
    :param replaced_on_changes: the paths of that option, by URN; no state has them.
    """

    stores: Stores
    adoptions: Adoptions = field(default_factory=Adoptions)
    replaced_on_changes: dict[str, Sequence[str]] = field(default_factory=dict)


_accounts: dict[Settings, Shared] = {}
_lock = threading.Lock()


def shared_by(configured: Callable[[str], Any], messages: Callable[[], Messages]) -> Shared:
    """What this process has for the account of some settings.

    :param configured: looks up ``launchdarkly:accessToken`` and the like; ``None`` when it is not set.
    :param messages: where messages go.
    :raises SettingsError: for a value that cannot be used.
    """
    resolved = settings.resolve(configured, os.environ)
    with _lock:
        if resolved not in _accounts:
            _accounts[resolved] = Shared(Stores(resolved, messages(), find_stores=_stores_of_stack))
        return _accounts[resolved]


def _stores_of_stack(urn: str, organization: str) -> Optional[Mapping[str, IntegrationId]]:
    from .stack_state import stores_of_stack

    return stores_of_stack(urn, organization)
