"""Every field of an integration with values that nobody means, and the few of these that somebody may mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS
from support import samples

VALUES: dict[str, Any] = {
    "a slash": "/",
    "dots": "..",
    "a path": "../../etc/passwd",
    "NUL": "a\0b",
    "an escape sequence": "\x1b[2Ja",
    "a line break": "a\nerror: forged",
    "a bidirectional mark": "a\u202eb",
    "10 MB": "x" * 10_000_000,
    "NaN": math.nan,
    "infinity": math.inf,
    "a huge number": 1e308,
    "a huge negative number": -1e308,
    "a fraction": 0.5,
    "a mapping": {"a": {"b": "c"}},
    "a list of lists": [[[]]],
}
PATHS = {"a slash", "dots", "a path"}
MEANT: dict[str, set[str]] = {
    "name": PATHS,
    "tags[0]": PATHS,
    "config.username": PATHS,
    "config.password": PATHS | {"an escape sequence", "a bidirectional mark"},
    "config.table_name": PATHS,
}
"""A text may hold slashes and dots, and a password, which is never displayed, whatever can be typed."""


class Case(NamedTuple):
    """One field with one hostile value.

    :param field: ``project_key``, ``tags[0]``, ``config.port``.
    :param inputs: what the program declares, valid but for this.
    :param meant: whether LaunchDarkly may be asked for it.
    """

    field: str
    inputs: dict[str, Any]
    meant: bool


def cases() -> Iterator[Case]:
    """Each field with each of the values."""
    for field in FIELDS:
        for name, value in VALUES.items():
            yield Case(field, _with_value(field, value), name in MEANT.get(field, ()))


FIELDS = [
    *(field.name for field in INTEGRATION_FIELDS),
    "tags[0]",
    "config",
    *(f"config.{field.name}" for fields in CONFIG_FIELDS.values() for field in fields),
]


def _with_value(field: str, value: Any) -> dict[str, Any]:
    name, _, inner = field.partition(".")
    if inner:
        inputs = samples.redis if inner in samples.redis()["config"] else samples.dynamodb
        return inputs(config={inner: value})
    if field == "tags[0]":
        return samples.redis(tags=[value])
    return samples.redis() | {name: value}
