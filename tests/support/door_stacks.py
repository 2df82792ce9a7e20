"""Stacks of both doors with the real CLI: a program in Python, or one in JavaScript for the plugin, declared alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Union

from support.doors import PLUGIN, Door, in_plugin
from support.javascript import JavaScriptStack
from support.stack import Stack

OPTIONS = {"import_": "import", "ignore_changes": "ignoreChanges"}


class PluginStack(JavaScriptStack):
    """A stack whose JavaScript program declares what a test says in the words of Python programs."""

    def declare(self, **stores: dict[str, Any]) -> None:
        """Makes the program declare exactly these stores."""
        super().declare(**{name: _declared(**arguments) for name, arguments in stores.items()})


DoorStack = Union[Stack, PluginStack]


def stack_of(door: Door, folder: Path, api_host: str, home: Path) -> DoorStack:
    """A stack with one program, whose provider is that of the door."""
    return (PluginStack if door is PLUGIN else Stack)(folder, api_host, home=home)


def _declared(options: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    named = {OPTIONS.get(name, name): value for name, value in (options or {}).items()}
    return {**in_plugin(arguments).values, "options": named}
