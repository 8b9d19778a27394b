"""CSV and JSON lines: rows of events or of actions."""

import csv
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from app.importing.blocks import TableRow
from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.heads import month_first
from app.importing.own_table import own_columns, own_row
from app.importing.tables import columns, head_zone, is_actions, row_fields
from app.importing.tasks import action_fields
from app.importing.times import Clock
from app.importing.values import as_text
from app.review.plain import visible
from app.review.records import Event

_LOOKED_AT: Final = 1000
"""Rows that may show which way round the dates of a table are."""


def read_csv(text: str, options: Options) -> Draft:
    """Read a table: a timeline (Timesketch's CSV as well), or a list of actions."""
    lines = text.split("\n")
    draft = Draft(lines)
    clock = _clock(options)
    own = own_columns(next(csv.reader(lines[:1]), []))
    try:
        dialect: Any = csv.excel if own else csv.Sniffer().sniff(text[:8000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows: list[TableRow] = []
    ends: list[int] = []
    begin = 0
    reader = csv.reader((f"{line}\n" for line in lines), dialect)
    try:
        for cells in reader:
            rows.append(
                TableRow(begin, tuple(visible(each) if own else _undefused(visible(each)) for each in cells))
            )
            begin = reader.line_num
            ends.append(begin)
    except csv.Error as problem:
        draft.remarks.append(f"Line {begin + 1} and those behind it are kept as text: {problem}.")
    pairs = [
        (row, end) for row, end in zip(rows, ends, strict=False) if any(each.strip() for each in row.cells)
    ]
    if own:
        _own_table(draft, clock, pairs, own)
    elif pairs:
        _table(draft, clock, [row for row, _ in pairs], [end for _, end in pairs])
    draft.incident["title"] = options.name
    draft.finish()
    draft.remarks += clock.doubts
    return draft


def read_json_lines(text: str, options: Options) -> Draft:
    """Read an object on every line: a row of the timeline each, or an action."""
    lines = text.split("\n")
    draft = Draft(lines)
    clock = _clock(options)
    for number, line in enumerate(lines):
        try:
            value = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            _object(draft, clock, value, number, number + 1)
    draft.incident["title"] = options.name
    draft.finish()
    draft.remarks += clock.doubts
    return draft


def _clock(options: Options) -> Clock:
    return Clock(zone=options.zone, undeclared=options.undeclared, day=options.day or options.fallback)


def _undefused(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from reading a formula."""
    return cell[1:] if re.match(r"'\s*[=+\-@]", cell) and not cell.endswith("'") else cell


def _table(draft: Draft, clock: Clock, rows: list[TableRow], ends: list[int]) -> None:
    head = rows[0].cells
    draft.use(rows[0].line, ends[0], "layout")
    if is_actions(head):
        for row, end in zip(rows[1:], ends[1:], strict=True):
            draft.action(row.line, end, **(action_fields(row.cells, head) or {}))
        return
    clock.month_first = month_first("\n".join("\n".join(row.cells) for row in rows[:_LOOKED_AT]))
    places = columns(head, rows, clock)
    if clock.zone is None:
        clock.in_zone(head_zone(head, places))
    if "text" not in places:
        draft.uses[rows[0].line : ends[0]] = [None] * (ends[0] - rows[0].line)
        draft.remarks.append("No column says what happened: the table is kept as text.")
        return
    for row, end in zip(rows[1:], ends[1:], strict=True):
        fields = row_fields(row.cells, head, places, clock)
        draft.event(row.line, end, **(fields or {}))


def _own_table(draft: Draft, clock: Clock, pairs: list[tuple[TableRow, int]], names: list[str]) -> None:
    """The rows of a table that this program wrote, each with its id where no other has it."""
    head = pairs[0][0].cells
    draft.use(pairs[0][0].line, pairs[0][1], "layout")
    taken: set[str] = set()
    for row, end in pairs[1:]:
        event = own_row(row.cells, names)
        if event is None or not event.id or event.id in taken:
            # Somebody changed it since: what can be seen counts.
            cells = tuple(map(_undefused, row.cells))
            fields = row_fields(cells, head, columns(head, [each for each, _ in pairs], clock), clock) or {}
            event = Event.model_validate({**fields, "id": f"E{len(draft.events) + 1}"})
            draft.remarks.append(
                f"Line {row.line + 1} was changed since it was written: what can be seen counts."
            )
        taken.add(event.id)
        draft.events.append(event)
        draft.event_lines.append(row.line + 1)
        draft.use(row.line, end, "event", event.id)


def _object(draft: Draft, clock: Clock, value: Mapping[str, Any], begin: int, end: int) -> None:
    head = [str(key) for key in value]
    cells = [as_text(each) for each in value.values()]
    if is_actions(head):
        draft.action(begin, end, **(action_fields(cells, head) or {}))
        return
    rows = [TableRow(0, tuple(head)), TableRow(0, tuple(cells))]
    fields = row_fields(cells, head, columns(head, rows, clock), clock)
    if fields:
        draft.event(begin, end, **fields)
