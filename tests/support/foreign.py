"""Values that LaunchDarkly's responses may hold and nobody expects there, in any field of an integration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.emulator.integration import Integration, Settings
from support.fault_proxy import Exchange, Fault

Path = tuple[str, ...]

VALUES: dict[str, str] = {
    "an empty string": '""',
    "letters": '"abc"',
    "a fraction in a string": '"6379.0"',
    "a leading zero": '"06379"',
    "digits in a string": '"3"',
    "a large number": "70000",
    "a fraction": "1.5",
    "nothing": "null",
    "false": "false",
    "a list": "[1]",
    "an object": '{"a":1}',
    "lists in lists": '[["a"],[[1]],[]]',
    "a list of nothing": "[null]",
    "a list of objects": '[{"a":1}]',
    "more than 2**53": str(2**53 + 1),
    "400 digits": "1" * 400,
    "5000 digits": "1" * 5000,
    "NaN": "NaN",
    "1e400": "1e400",
    "a lone surrogate": r'"a\ud800b"',
    "a list of a lone surrogate": r'["\ud800"]',
    "a lone surrogate as a name": r'{"\ud800":1}',
    "NUL": r'"a\u0000b"',
    "90 levels": "[" * 90 + "]" * 90,
    "200 levels": '{"a":' * 200 + "1" + "}" * 200,
    "100,000 levels": "[" * 100_000 + "]" * 100_000,
}
"""As JSON, for what Python would not write like this."""

REDIS: tuple[Path, ...] = tuple(("config", name) for name in ("host", "port", "username", "password", "tlsEnabled"))
DYNAMODB: tuple[Path, ...] = tuple(("config", name) for name in ("tableName", "region", "externalId", "roleArn"))
MANAGED: tuple[Path, ...] = (("name",), ("on",), ("tags",), ("config",))
KEYS: tuple[Path, ...] = (("projectKey",), ("environmentKey",), ("integrationKey",))
OTHERS: tuple[Path, ...] = (("version",), ("_status",), ("_links",), ("_access",))

_STANDS_FOR_IT = "the foreign value goes here"


@dataclass(frozen=True, repr=False)
class Showing(Fault):
    """LaunchDarkly's responses show other values than it has, in a listing as well.

    :param values: by the environment key of an integration a field and what it shows; others are shown as they are.
    """

    values: Mapping[str, tuple[Path, str]]

    def __repr__(self) -> str:
        return f"Showing({len(self.values)} values)"

    def apply(self, exchange: Exchange) -> None:
        """Forwards, and answers with the other values."""
        reply = exchange.forward()
        if reply.document is not None:
            reply = reply.with_body("".join(self._shown(reply.document)).encode())
        exchange.answer(reply)

    def _shown(self, document: dict[str, Any]) -> Iterator[str]:
        if "items" in document:
            yield '{"items": ['
            yield ", ".join("".join(self._shown(item)) for item in document["items"])
            yield "]}"
            return
        path, value = self.values.get(document.get("environmentKey", ""), ((), ""))
        written = json.dumps(_with(document, path) if path else document)
        yield written.replace(json.dumps(_STANDS_FOR_IT), value)


def _with(document: dict[str, Any], path: Path) -> dict[str, Any]:
    name, *inner = path
    return {**document, name: _with(document[name], tuple(inner)) if inner else _STANDS_FOR_IT}


def hold(emulator: Emulator, integration_id: str, edit: Callable[[Settings], Settings]) -> None:
    """Lets LaunchDarkly hold what no request could have set."""

    def edited(integration: Integration) -> Settings:
        return edit(integration.settings)

    emulator._account.update(integration_id, edited)


def hold_in_config(emulator: Emulator, integration_id: str, **values: Any) -> None:
    """The same for fields of the config."""
    hold(emulator, integration_id, lambda settings: replace(settings, config={**settings.config, **values}))


def hold_version(emulator: Emulator, integration_id: str, version: int) -> None:
    """The same for the version."""
    account = emulator._account
    with account._lock:
        account._integrations[integration_id] = replace(account._integrations[integration_id], version=version)
