"""Running ``verify``, and what its checks come to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from launchdarkly_pulumi.emulator import Emulator
from support.commands import Shell
from support.segments import now


def status_of(document: dict[str, Any], _config: dict[str, Any]) -> dict[str, Any]:
    """LaunchDarkly's word: it has synchronized the store just now, unless the name says otherwise."""
    name = document["name"]
    error = {"statusCode": 503, "message": "connection refused", "timestamp": now()}
    return {
        "available": document["on"] and name != "Down",
        "potentiallyStale": name == "Stale",
        "lastSync": 0 if name == "Never" else now(),
        "lastError": 0,
        "errors": [error] if name == "Down" else [],
    }


@dataclass
class Verified:
    """An integration to verify.

    :param prefix: the client-side ID of its environment.
    :param place: the options that say where it is.
    """

    run: Shell
    emulator: Emulator
    id: str
    prefix: str
    place: tuple[str, ...] = ()

    def verify(self, *arguments: str, place: tuple[str, ...] | None = None) -> tuple[int, dict[str, dict[str, str]]]:
        """The exit code, and each check by its name."""
        done = self.run("verify", self.id, "--json", *(self.place if place is None else place), *arguments)
        assert done.errors == ""
        checks = json.loads(done.output)["checks"]
        assert all(check["found"] for check in checks)
        return done.code, {check["name"]: check for check in checks}

    def failed(self, *arguments: str, place: tuple[str, ...] | None = None) -> dict[str, str]:
        """What was found by the checks that failed; each says why it matters, and what to do."""
        code, checks = self.verify(*arguments, place=place)
        failed = {name: check for name, check in checks.items() if check["outcome"] == "failed"}
        assert code == (1 if failed else 0)
        assert all(check["why"] and check["advice"] for check in failed.values())
        return {name: check["found"] for name, check in failed.items()}


def with_outcome(checks: dict[str, dict[str, str]], outcome: str) -> set[str]:
    """The names of the checks that ended so."""
    return {name for name, check in checks.items() if check["outcome"] == outcome}
