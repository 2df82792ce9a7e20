"""What ``verify`` prints: lines for people, or JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Union

from ..verify.checks import Check, Outcome, Unread

LABELS = {Outcome.PASSED: "passed", Outcome.FAILED: "FAILED", Outcome.UNCHECKED: "not checked"}
_WIDTH = max(map(len, LABELS.values()))


def show(
    id_: str, client_side_id: Union[str, Unread], checks: Sequence[Check], fit: Callable[[str], str], *, as_json: bool
) -> None:
    """Prints the checks.

    :param fit: makes a sentence fit to show, without any secret.
    """
    shown = [
        dataclasses.replace(check, found=fit(check.found), why=fit(check.why), advice=fit(check.advice))
        for check in checks
    ]
    counts = {outcome: sum(check.outcome is outcome for check in shown) for outcome in Outcome}
    if as_json:
        known = None if isinstance(client_side_id, Unread) else client_side_id
        told = {outcome.name.lower(): count for outcome, count in counts.items()}
        objects = [dataclasses.asdict(check) for check in shown]
        print(json.dumps({"id": id_, "client_side_id": known, **told, "checks": objects}, indent=2))
        return
    print(f"{id_}\n")
    width = max(len(check.name) for check in shown)
    for check in shown:
        print("\n".join(_lines(check, width)))
    print(f"\n{', '.join(f'{count} {outcome.value}' for outcome, count in counts.items())}")


def _lines(check: Check, width: int) -> list[str]:
    indent = " " * (_WIDTH + width + 4)
    found = f"{LABELS[check.outcome]:<{_WIDTH}}  {check.name:<{width}}  {check.found}"
    why = [f"{indent}Why it matters: {check.why}."] if check.why else []
    return [found, *why, *([f"{indent}What to do: {check.advice}"] if check.advice else [])]
