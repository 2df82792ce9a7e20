"""The settings of an account, as the engine hands them over for a provider of the program, and what belongs to them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Optional

from ..core import settings
from ..core.settings import EXPLICIT_PROVIDER, NAMESPACE, SETTINGS, Settings
from ..core.shared import Accounts
from ..core.stores import Stores
from ..errors import SettingsError
from ..model.fields import is_unknown
from ..model.ids import IntegrationId
from ..model.validation import Failure
from ..model.value_rules import closest, did_you_mean, shown_name, type_of
from .integrations import Integrations
from .messages import EngineReporter
from .names import in_words, name_in_any
from .readiness import Readiness
from .resources import Resource
from .schema import READINESS, STORE
from .wire import Properties

_NAMES = tuple(each.name for each in SETTINGS)
_OF_THE_ENGINE = ("version", "pluginDownloadURL", "pluginChecksums")
"""What the engine keeps beside the settings of a provider."""


class Account:
    """What the resources of one provider share.

    :param given: the provider's properties.
    :param urn: the provider's; empty where nobody tells.
    :param reporter: shows messages.
    :param accounts: what the engines of this process share.
    :raises SettingsError: for a value that cannot be used.
    """

    def __init__(self, given: Mapping[str, Any], urn: str, reporter: EngineReporter, accounts: Accounts) -> None:
        settings = resolved(given, urn)
        shared = accounts.of(settings)
        self.stores = Stores(settings, reporter, find_stores=_stores_of_stack, names=name_in_any, shared=shared)
        self.resources: Mapping[str, Resource] = {
            STORE: Integrations(self.stores),
            READINESS: Readiness(self.stores),
        }


def resolved(given: Mapping[str, Any], urn: str) -> Settings:
    """The settings of a provider, those that it leaves out from the environment."""
    configured = {f"{NAMESPACE}:{name}": value for name, value in given.items() if name in _NAMES}
    return settings.resolve((configured | {EXPLICIT_PROVIDER: _explicit_name(urn)}).get, os.environ)


def checked(given: Properties, urn: str) -> tuple[Properties, list[Failure]]:
    """A provider's properties, the token marked as a secret, and what is wrong with them."""
    values = given.values
    failures = [
        Failure(shown_name(name), f"is no setting of this provider{did_you_mean(closest(name, _NAMES))}")
        for name in sorted(values)
        if name not in (*_NAMES, *_OF_THE_ENGINE) and not name.startswith("__")
    ]
    known = {name: value for name, value in values.items() if not is_unknown(value)}
    # The others may be numbers or booleans; a token that is one was never LaunchDarkly's.
    wrong = [each.name for each in SETTINGS if each.secret and not isinstance(known.get(each.name, ""), str)]
    failures += [Failure(name, f"must be a string, not {type_of(known.pop(name))}") for name in wrong]
    try:
        resolved(known, urn)
    except SettingsError as error:
        failures.append(Failure("", in_words(str(error))))
    secret = {(each.name,) for each in SETTINGS if each.secret and each.name in values}
    return Properties(values, given.secret | secret), failures


def _explicit_name(urn: str) -> Optional[str]:
    """The name of a provider that the program declares; none where it is the stack's own."""
    name = urn.rpartition("::")[2]
    return None if name.startswith("default") else name or None


def _stores_of_stack(urn: str, organization: str) -> Optional[Mapping[str, IntegrationId]]:
    from ..dynamic.stack_state import stores_of_stack

    return stores_of_stack(urn, organization)
