"""Timelines as tables that this program wrote, CSV and Timesketch's, read again as the same rows."""

import json
from collections.abc import Sequence
from typing import Any, Final

from app.review.records import Event
from app.text import csv_back

_SHARED: Final = (
    "precision",
    "about",
    "written",
    "until",
    "kind",
    "milestone",
    "at_latest",
    "until_latest",
    "track",
)
_EXACT: Final = frozenset({"id", "at", "event", "zone", "time_reason", *_SHARED})
_TIMESKETCH: Final = frozenset({"row", "datetime", "message", "declared", *_SHARED})
_NAMES: Final = {
    "row": "id",
    "datetime": "at",
    "message": "text",
    "declared": "zone",
    "event": "text",
    "tag": "tags",
}


def own_columns(head: Sequence[str]) -> list[str] | None:
    """The fields of the columns of such a table, empty for the others; None for any other table."""
    names = [name.strip() for name in head]
    if set(names) >= _EXACT:
        known = {**_NAMES}
    elif set(names) >= _TIMESKETCH:
        # Its zone is that of the clocks.
        known = {**_NAMES, "zone": ""}
    else:
        return None
    fields = [known.get(name, name) for name in names]
    return [name if name in Event.model_fields else "" for name in fields]


def own_row(cells: Sequence[str], names: Sequence[str]) -> Event | None:
    """The row of such a table; None where somebody changed it to what it cannot be."""
    fields: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        value = csv_back(cell)
        if not name or not value:
            continue
        if name in {"about", "starred"}:
            fields[name] = value == "yes"
        elif name == "tags":
            fields[name] = _tags(value)
        else:
            fields[name] = value
    try:
        return Event.model_validate(fields)
    except ValueError:
        return None


def _tags(value: str) -> tuple[str, ...]:
    if value.startswith("["):
        try:
            return tuple(str(each) for each in json.loads(value))
        except (ValueError, TypeError):
            pass
    return tuple(value.split())
