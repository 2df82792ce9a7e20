"""Tables of stores, for people and as JSON; what LaunchDarkly says stays in its line and brings no colours."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from ..lookups import GetBigSegmentStoreIntegrationResult as Found
from ..status import BigSegmentStoreError
from . import needs

if TYPE_CHECKING:
    from rich.text import Text

SHOWN_ERRORS = 3

Show = Callable[[str], str]


def as_json(stores: Iterable[Found]) -> str:
    """An array with an object for each store: what a look-up gives, but for its config. Times are ISO 8601, in UTC."""
    objects = [dataclasses.asdict(store) for store in stores]
    for each in objects:
        del each["config"]
    return json.dumps(objects, indent=2, default=datetime.isoformat)


def require_rich() -> None:
    """``UsageError`` where tables cannot be shown."""
    try:
        import rich  # noqa: F401
    except ModuleNotFoundError:
        raise needs("rich", ", or use --json") from None


def inventory(stores: Sequence[Found], show: Show) -> None:
    """Prints which stores there are."""
    rows = [(store.id, show(store.name), _state(store), show(", ".join(store.tags))) for store in stores]
    _print(("STORE", "NAME", "STATE", "TAGS"), rows)


def health(stores: Sequence[Found], show: Show) -> None:
    """Prints how the stores are."""
    rows = [
        (store.id, show(store.name), _state(store), _moment(store.status.last_sync) or "never", _errors(store))
        for store in stores
    ]
    _print(("STORE", "NAME", "STATE", "LAST SYNC", "ERRORS"), rows)


def is_down(store: Found) -> bool:
    """Whether a store should work and does not."""
    return store.on and not store.status.available


def _state(store: Found) -> Text:
    from rich.text import Text

    if not store.on:
        return Text("off", "dim")
    if is_down(store):
        return Text("not available", "bold red")
    return Text("available, may be stale", "yellow") if store.status.potentially_stale else Text("available", "green")


def _moment(moment: Optional[datetime]) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _errors(store: Found) -> str:
    """The latest errors, a line each."""
    errors = sorted(store.status.errors, key=_age, reverse=True)
    lines = [_line(error) for error in errors[:SHOWN_ERRORS]]
    more = len(errors) - SHOWN_ERRORS
    return "\n".join([*lines, f"and {more} more (--json)"] if more > 0 else lines)


def _line(error: BigSegmentStoreError) -> str:
    return " ".join(filter(None, [_moment(error.timestamp), str(error.status_code or ""), error.message]))


def _age(error: BigSegmentStoreError) -> float:
    return error.timestamp.timestamp() if error.timestamp else 0.0


def _print(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(*header, box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        # A pipe has no width: a line for each store, whole, for other programs to pick from.
        whole = Measurement.get(console, console.options.update(max_width=100_000), table).maximum
        console = Console(highlight=False, width=whole)
    # Printed by Python itself: rich would end with 1 when nobody reads on.
    with console.capture() as captured:
        console.print(table)
    print(captured.get(), end="")
