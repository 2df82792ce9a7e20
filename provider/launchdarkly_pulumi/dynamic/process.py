"""What the providers of all resources in a host process share, once for each account."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..core import settings
from ..core.settings import Settings
from ..core.stores import Stores
from ..model.ids import IntegrationId
from .adoption import Adoptions
from .messages import Messages


@dataclass
class SharedByCalls:
    """What all calls for one account share.

    :param stores: the account's stores.
    :param adoptions: what its resources have to adopt.
    :param replaced_on_changes: the paths of the option ``replace_on_changes``, by URN; no state has them.
    """

    stores: Stores
    adoptions: Adoptions = field(default_factory=Adoptions)
    replaced_on_changes: dict[str, Sequence[str]] = field(default_factory=dict)


_accounts: dict[Settings, SharedByCalls] = {}
_lock = threading.Lock()


def shared_by(configured: Callable[[str], object], messages: Callable[[], Messages]) -> SharedByCalls:
    """Resolves the settings, and returns what this process has for their account.

    :param configured: looks up a key such as ``launchdarkly:accessToken``; ``None`` if it is not set.
    :param messages: makes what shows messages.
    :raises SettingsError: a value cannot be used.
    """
    resolved = settings.resolve(configured, os.environ)
    with _lock:
        if resolved not in _accounts:
            _accounts[resolved] = SharedByCalls(Stores(resolved, messages(), find_stores=_stores_of_stack))
        return _accounts[resolved]


def _stores_of_stack(urn: str, organization: str) -> Optional[Mapping[str, IntegrationId]]:
    from .stack_state import stores_of_stack

    return stores_of_stack(urn, organization)
