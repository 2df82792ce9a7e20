"""Warns of secrets that come from configuration which was set without ``--secret``: the stack's files show them.

It runs in the program, since only the program knows which values of the configuration were set with ``--secret``.
"""

import json
from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from ..core.settings import NAMESPACE

IN_CLEAR = (
    "{what} is in the configuration as {key}, which was set without --secret: it is in plain text in the stack's "
    "configuration and state. Run `pulumi config set --secret {key}`, and then change it where it belongs"
)

TOKEN = f"{NAMESPACE}:accessToken"
"""The access token's key in the configuration."""

_found: WeakKeyDictionary[pulumi.Resource, tuple[Mapping[str, str], set[str]]] = WeakKeyDictionary()
"""For each running program's stack: the keys of the plain values, by value, and the keys that were warned of."""


def warn_of_token() -> None:
    """Warns, once a program, if the stack's own token was set without ``--secret``."""
    if CONFIG.get().get(TOKEN) and not is_config_secret(TOKEN):
        _warn(TOKEN, "the access token")


def watch(what: str, value: object) -> None:
    """Warns if a secret value is in the plain configuration, as soon as the value is known.

    :param what: what the value is, for the message.
    :param value: the value, or an output that will have it.
    """
    if not _plain_values()[0]:
        return
    if isinstance(value, pulumi.Output):
        value.apply(lambda known: _compare(known, what))
    else:
        _compare(value, what)


def _compare(value: object, what: str) -> None:
    key = _plain_values()[0].get(value) if isinstance(value, str) else None
    if key:
        _warn(key, what)


def _warn(key: str, what: str) -> None:
    warned = _plain_values()[1]
    if key not in warned:
        warned.add(key)
        pulumi.log.warn(IN_CLEAR.format(what=what, key=key))


def _plain_values() -> tuple[Mapping[str, str], set[str]]:
    stack = pulumi.runtime.get_root_resource()
    if stack is None:
        return {}, set()
    if stack not in _found:
        plain = {key: value for key, value in CONFIG.get().items() if not is_config_secret(key)}
        _found[stack] = {string: key for key, value in plain.items() for string in _strings(value)}, set()
    return _found[stack]


def _strings(value: object) -> Iterator[str]:
    """The strings of a configuration value: the value itself and, if it is an object or a list, the strings in it."""
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            try:
                value = json.loads(value)
            except ValueError:
                return
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _strings(each)
