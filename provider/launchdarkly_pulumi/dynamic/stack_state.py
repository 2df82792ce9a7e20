"""Reads the stack's whole state with ``pulumi stack export``: each of the engine's calls is about one resource only.

It is read only if a decision about somebody's data depends on it: an adoption, a create whose outcome has to be found
out, a delete, or a 404.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any, Optional

from ..errors import InvalidId
from ..model.fields import TYPES
from ..model.ids import IntegrationId

EXPORT_TIME = 30.0
"""Seconds that one ``pulumi stack export`` may take; with a file backend it takes 0.2 seconds."""

BEING_WRITTEN = b"EOF"
"""What is in the error of an export that came while the engine wrote the state.

Pulumi's file backend keeps attributes of a state in a file of their own, which is empty for a moment with each write:
``failed to load checkpoint: EOF``. Of the exports during a create of 300 stores one in twenty failed so.
"""

ATTEMPTS = 5
"""How often a state that is being written is asked for, in all."""


def stores_of_stack(urn: str, organization: str) -> Optional[dict[str, IntegrationId]]:
    """The stores that the state has now, by URN; ``None`` if the state cannot be read.

    :param urn: the URN of any resource of the stack.
    :param organization: the stack's organization; empty if it is not known.
    """
    stack, project = stack_of(urn)
    name = f"{organization}/{project}/{stack}" if organization else stack
    try:
        found = stores_in(json.loads(_exported(name)))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return found if all(stack_of(each) == (stack, project) for each in found) else None


def _exported(name: str) -> bytes:
    command = ["pulumi", "stack", "export", "--stack", name, "--non-interactive"]
    for _ in range(ATTEMPTS):
        # Pulumi's own command, whichever has started us, with the name of its own stack.
        done = subprocess.run(command, capture_output=True, timeout=EXPORT_TIME)  # noqa: PLW1510, S603
        if done.returncode == 0 or BEING_WRITTEN not in done.stderr:
            break
    done.check_returncode()
    return done.stdout


def stores_in(exported: Any) -> dict[str, IntegrationId]:
    """The stores of an exported state, by URN.

    :raises ValueError: it is not an exported state.
    """
    try:
        resources = exported["deployment"].get("resources") or []
        stores = [each for each in resources if each["type"] in TYPES]
        ids = {each["urn"]: each["id"] for each in stores if not each.get("external") and not each.get("delete")}
        return {urn: IntegrationId.parse(id_) for urn, id_ in ids.items()}
    except (KeyError, TypeError, AttributeError, InvalidId) as error:
        raise ValueError("it is no state that `pulumi stack export` has written") from error


def stack_of(urn: str) -> tuple[str, str]:
    """The stack and the project of a URN, ``urn:pulumi:stack::project::type::name``."""
    parts = urn.split("::")
    return parts[0].rpartition(":")[2], parts[1] if len(parts) > 1 else ""
