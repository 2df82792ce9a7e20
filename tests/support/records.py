"""States that an earlier commit has written: how they are recorded, and the account and program that belong to them.

``python -m support.records NAME`` writes ``tests/engine/data/state-NAME.json``. It needs ``tests``, and ``provider``
of the commit to record, on ``PYTHONPATH``, and Pulumi's CLI on ``PATH``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing
from support.stack import Stack

FOLDER = Path(__file__).parents[1] / "engine" / "data"

PROGRAM = """\
import json, pathlib
import pulumi
import launchdarkly_pulumi as launchdarkly

for name, arguments in json.loads(pathlib.Path("stores.json").read_text()).items():
    options = pulumi.ResourceOptions(**arguments.pop("options", {}))
    awaited = arguments.pop("awaited", False)
    store = launchdarkly.BigSegmentStoreIntegration(name, options, **arguments)
    if awaited:
        launchdarkly.BigSegmentStoreReadiness(f"{name}-readiness", integration=store)
"""

OF_THIS_MACHINE = ("sourcePosition", "stackTrace", "created", "modified")
"""What a state says of the machine that wrote it, and when: a record leaves it out."""

Stores = dict[str, dict[str, Any]]


def stores(adopted: str) -> Stores:
    """What the program declares; a record may have less.

    ``redis`` has every field and ``dynamodb`` the fewest, both without options. ``marked`` has options that become
    hidden inputs, and is waited for. ``adopted`` was there before the stack.

    :param adopted: the ID, ``project/environment/kind/integrationId``, of the store that is adopted.
    """
    options = {"ignore_changes": ["tags"], "additional_secret_outputs": ["name"]}
    return {
        "redis": samples.redis(),
        "dynamodb": samples.dynamodb(),
        "marked": samples.redis(environment_key="staging", options=options, awaited=True),
        "adopted": samples.redis(environment_key="test", options={"import_": adopted}),
    }


def restore(record: Path, stack: Stack, emulator: Emulator) -> Stores:
    """Gives a stack the recorded state, and LaunchDarkly what it describes; returns what the program declares."""
    text = record.read_text(encoding="utf-8")
    ids = {
        name: existing(emulator, arguments)
        for name, arguments in stores("").items()
        if f'"{_placeholder(name)}"' in text
    }
    for name, id_ in ids.items():
        text = text.replace(_placeholder(name), id_.rpartition("/")[2])
    (stack.folder / "state.json").write_text(text, encoding="utf-8")
    stack.pulumi("stack", "import", "--file", "state.json")
    stack.program(PROGRAM)
    declared = {name: each for name, each in stores(ids.get("adopted", "")).items() if name in ids}
    stack.declare(**declared)
    return declared


def record(name: str) -> Path:
    """Applies the program to a new account, and writes what the stack's state is then."""
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator:
        adopted = existing(emulator, stores("")["adopted"])
        stack = Stack(Path(folder), emulator.url)
        stack.program(PROGRAM)
        stack.declare(**stores(adopted))
        stack.up()
        text = stack.pulumi("stack", "export").output
        for resource, id_ in stack.ids().items():
            if resource in stores(""):
                text = text.replace(id_.rpartition("/")[2], _placeholder(resource))
    state = json.loads(text)
    for each in state["deployment"]["resources"]:
        for entry in OF_THIS_MACHINE:
            each.pop(entry, None)
    written = FOLDER / f"state-{name}.json"
    written.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    return written


def _placeholder(name: str) -> str:
    """What stands in a record for LaunchDarkly's ID of a store."""
    return f"{name.upper()}-ID"


if __name__ == "__main__":
    print(record(sys.argv[1]))  # noqa: T201 - for who records
