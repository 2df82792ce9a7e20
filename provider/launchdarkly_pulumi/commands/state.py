"""Which stores a Pulumi state manages, by what ``pulumi stack export`` writes.

Source: ``UntypedDeployment`` and ``DeploymentV3`` of Pulumi's Go SDK, package ``apitype``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..api.redaction import Redactor
from . import UsageError

STANDARD_INPUT = "-"
RESOURCE = ":BigSegmentStoreIntegration"
"""How the types of resources end that manage a store: of this provider, of its plugin and of a bridged one."""


def managed_by(files: Iterable[str]) -> dict[str, str]:
    """The resources that manage stores, by the stores' IDs, each in one line.

    :param files: paths; ``-`` is standard input.
    :raises UsageError: a file cannot be read, or is not a state; the message quotes nothing of it.
    """
    return {id_: name for file in files for id_, name in _managed(file)}


def _managed(file: str) -> Iterator[tuple[str, str]]:
    shown = "standard input" if file == STANDARD_INPUT else file
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from None
    try:
        yield from _stores(json.loads(content))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        # NOTE: also where only the beginning looks like a state: a store that is missed would be adopted twice.
        raise UsageError(f"{shown} is not what `pulumi stack export` writes") from None


def _stores(exported: Any) -> Iterator[tuple[str, str]]:
    resources = exported["deployment"].get("resources", [])
    if not isinstance(resources, list):
        raise TypeError("resources")
    for each in resources:
        place, project, _types, name = each["urn"].split("::", 3)
        # An external resource is only read. One that waits for its deletion still owns its store.
        if each["type"].endswith(RESOURCE) and each.get("id") and not each.get("external"):
            yield str(each["id"]), Redactor().one_line(f"{name} of {project}/{place.rpartition(':')[2]}")
