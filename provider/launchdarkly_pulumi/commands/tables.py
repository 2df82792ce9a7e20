"""Stores as tables for people, and as JSON. What LaunchDarkly says can neither break a line nor set a colour."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Optional, Union

from ..core.find import GetBigSegmentStoreIntegrationResult as Found
from ..model.status import BigSegmentStoreError
from . import needs

if TYPE_CHECKING:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    Cell = Union[str, Text]

SHOWN_ERRORS = 3
UNLIMITED = 1_000_000
"""Characters: no line is longer."""

Show = Callable[[str], str]
Place = tuple[str, str]
"""The keys of a project and of one of its environments."""


def as_json(stores: Iterable[Found], prefixes: Optional[Mapping[Place, Optional[str]]] = None) -> str:
    """An array with an object for each store: a look-up's result without its config. Times are ISO 8601, in UTC.

    :param prefixes: the client-side IDs of the environments; ``None`` leaves them out.
    """
    objects = [dataclasses.asdict(store) for store in stores]
    for each in objects:
        del each["config"]
        if prefixes is not None:
            each["client_side_id"] = prefixes[each["project_key"], each["environment_key"]]
    return json.dumps(objects, indent=2, default=datetime.isoformat)


def require_rich() -> None:
    """``UsageError`` where tables cannot be shown."""
    try:
        import rich  # noqa: F401
    except ModuleNotFoundError:
        raise needs("rich", ", or use --json") from None


def no_stores(project: Optional[str], environment: Optional[str]) -> None:
    """Prints on standard error that there are no stores."""
    asked = {"project": project, "environment": environment}
    where = ", ".join(f"{kind} {key}" for kind, key in asked.items() if key is not None)
    print(f"no stores{where and f' in {where}'}, or none that the token may see", file=sys.stderr)


def inventory(stores: Sequence[Found], show: Show) -> None:
    """Prints the table of ``list``."""
    rows = [(store.id, show(store.name), _state(store), show(", ".join(store.tags))) for store in stores]
    _print(("STORE", "NAME", "STATE", "TAGS"), rows)


def health(stores: Sequence[Found], prefixes: Mapping[Place, Optional[str]], show: Show) -> None:
    """Prints the table of ``status``."""
    rows = [
        (
            store.id,
            show(store.name),
            _state(store),
            _moment(store.status.last_sync) or "never",
            prefixes[place_of(store)] or "not known",
            _errors(store),
        )
        for store in stores
    ]
    _print(("STORE", "NAME", "STATE", "LAST SYNC", "SDK PREFIX", "ERRORS"), rows)


def place_of(store: Found) -> Place:
    """Where a store belongs."""
    return store.project_key, store.environment_key


def is_down(store: Found) -> bool:
    """Whether a store is on and not available."""
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


def _print(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False, markup=False, emoji=False)
    table = _table(header, rows)
    width = Measurement.get(console, console.options.update(max_width=UNLIMITED), table).maximum
    # Printed by Python itself: rich would exit with 1 when the reader of a pipe has left.
    with console.capture() as captured:
        # A pipe has no width, even where colours are forced: each store gets one whole line, for programs to read.
        if width <= console.width or not sys.stdout.isatty():
            console.width = width
            console.print(table)
        else:
            for id_, *cells in rows:
                # The terminal itself wraps an ID that is too long: then copying it adds no line break.
                console.print(id_, style="bold", soft_wrap=True)
                console.print(_fields(header[1:], cells))
    print(captured.get(), end="")


def _table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    from rich.table import Table

    table = Table(*header, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*map(_text, row))
    return table


def _fields(titles: Sequence[str], cells: Sequence[Cell]) -> Padding:
    """The fields that a narrow terminal has no room for beside the ID, one below the other; without empty ones."""
    from rich.padding import Padding
    from rich.table import Table

    fields = Table.grid("", "", padding=(0, 2, 0, 0))
    fields.columns[0].no_wrap = True
    fields.columns[1].overflow = "fold"
    for title, cell in zip(titles, map(_text, cells), strict=True):
        if cell:
            fields.add_row(title, cell)
    return Padding(fields, (0, 0, 0, 2), expand=False)


def _text(cell: Cell) -> Text:
    from rich.text import Text

    return cell if isinstance(cell, Text) else Text(cell)
