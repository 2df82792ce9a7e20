"""Stacks of both doors with the real CLI: a program in Python, or one in JavaScript for the plugin, declared alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union

from support import javascript
from support.doors import PLUGIN, Door, in_plugin
from support.javascript import JavaScriptStack
from support.stack import Stack

IN_ACCOUNTS = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

for name, token in {tokens!r}.items():
    account = launchdarkly.Provider(name, access_token=token)
    launchdarkly.BigSegmentStoreIntegration("store-" + name, pulumi.ResourceOptions(provider=account), **{arguments!r})
"""

OPTIONS = {"import_": "import", "ignore_changes": "ignoreChanges"}


class PluginStack(JavaScriptStack):
    """A stack whose JavaScript program declares what a test says in the words of Python programs."""

    def declare(self, **stores: dict[str, Any]) -> None:
        """Makes the program declare exactly these stores."""
        self.declare_with({}, **stores)

    def declare_with(self, ready: dict[str, dict[str, Any]], **stores: dict[str, Any]) -> None:
        """The same, and waits for them, in the plugin's words."""
        declared = {name: _declared(**arguments) for name, arguments in stores.items()}
        javascript.declare(self, declared, ready=ready)


DoorStack = Union[Stack, PluginStack]


def stack_of(door: Door, folder: Path, api_host: str, home: Path) -> DoorStack:
    """A stack with one program, whose provider is that of the door."""
    return (PluginStack if door is PLUGIN else Stack)(folder, api_host, home=home)


def declare_in_accounts(stack: DoorStack, tokens: Mapping[str, str], **arguments: Any) -> None:
    """Makes the program declare the same store in each account, as ``store-`` and the account's name.

    :param tokens: by the accounts' names.
    """
    if isinstance(stack, PluginStack):
        stores = {f"store-{name}": {**_declared(**arguments), "account": name} for name in tokens}
        javascript.declare(stack, stores, accounts={name: {"accessToken": token} for name, token in tokens.items()})
    else:
        stack.program(IN_ACCOUNTS.format(tokens=dict(tokens), arguments=arguments))


def _declared(options: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    named = {OPTIONS.get(name, name): value for name, value in (options or {}).items()}
    return {**in_plugin(arguments).values, "options": named}
