"""CSV, JSON lines and JSON: rows of events or actions, and the exports of incident tools, recognised by their shape.

The exports of incident.io, PagerDuty and FireHydrant differ in names, not in form: an object with a few facts about
the incident, lists of objects with a moment and words (what happened), lists of actions or follow-ups. That form is
read, whatever the tool; every value that it has no place for is kept as text with the path that it stood at.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.importing.blocks import TableRow
from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.tables import columns, is_actions, row_fields
from app.importing.tasks import action_fields
from app.importing.times import Clock
from app.review.plain import visible

_MOMENTS: Final = (
    "occurred_at", "happened_at", "event_at", "datetime", "@timestamp", "timestamp", "time", "at", "ts", "date",
    "created_at", "started_at", "updated_at",
)  # fmt: skip
_WORDS: Final = (
    "message",
    "summary",
    "description",
    "text",
    "body",
    "content",
    "title",
    "name",
    "event",
    "note",
    "type",
)
_WHO: Final = ("actor", "agent", "user", "author", "created_by", "updater", "responder", "assignee", "owner")
_ACTIONS: Final = re.compile(r"(?:actions?|action_?items?|follow_?ups?|tasks?|to_?dos?)", re.IGNORECASE)
_TIMELINE: Final = re.compile(
    r"(?:events?|timeline(?:_?(?:items?|events?|entries))?|log_?entries|entries|updates?|incident_?updates?|milestones?"
    r"|status_?updates?|notes?|items|messages?)",
    re.IGNORECASE,
)
_FACTS: Final = {
    "title": ("title", "name"),
    "severity": ("severity", "priority", "urgency"),
    "summary": ("summary", "description", "customer_impact_summary"),
    "started_at": ("started_at", "impact_started_at", "start", "reported_at"),
    "ended_at": ("resolved_at", "ended_at", "end", "closed_at"),
    "id": ("reference", "number", "incident_number", "external_id", "id"),
}  # fmt: skip


def read_csv(text: str, options: Options) -> Draft:
    """Read a table: a timeline (Timesketch's CSV as well), or a list of actions."""
    lines = text.split("\n")
    draft = Draft(lines)
    clock = _clock(options)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows: list[TableRow] = []
    ends: list[int] = []
    begin = 0
    reader = csv.reader((f"{line}\n" for line in lines), dialect)
    try:
        for cells in reader:
            rows.append(TableRow(begin, tuple(_undefused(visible(each)) for each in cells)))
            begin = reader.line_num
            ends.append(begin)
    except csv.Error as problem:
        draft.remarks.append(f"Line {begin + 1} and those behind it are kept as text: {problem}.")
    pairs = [
        (row, end) for row, end in zip(rows, ends, strict=False) if any(each.strip() for each in row.cells)
    ]
    if pairs:
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


def read_json(value: Any, options: Options) -> Draft:
    """Read an export. Its account is of its values: each is a line ``path = value``."""
    leaves = list(_leaves(value, ""))
    draft = Draft([f"{path} = {text}" for path, text in leaves])
    places = {path: number for number, (path, _) in enumerate(leaves)}
    clock = _clock(options)
    reading = _Export(draft, clock, places)
    reading.facts(_incident(value))
    reading.walk(value, "", "")
    reading.rest()
    draft.incident.setdefault("title", options.name)
    draft.finish()
    draft.remarks += clock.doubts
    return draft


def _clock(options: Options) -> Clock:
    return Clock(zone=options.zone, undeclared=options.undeclared, day=options.day)


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
    places = columns(head, rows, clock)
    if "text" not in places:
        draft.uses[rows[0].line : ends[0]] = [None] * (ends[0] - rows[0].line)
        draft.remarks.append("No column says what happened: the table is kept as text.")
        return
    for row, end in zip(rows[1:], ends[1:], strict=True):
        fields = row_fields(row.cells, head, places, clock)
        draft.event(row.line, end, **(fields or {}))


def _object(draft: Draft, clock: Clock, value: Mapping[str, Any], begin: int, end: int) -> None:
    head = [str(key) for key in value]
    cells = [_text(each) for each in value.values()]
    if is_actions(head):
        draft.action(begin, end, **(action_fields(cells, head) or {}))
        return
    rows = [TableRow(0, tuple(head)), TableRow(0, tuple(cells))]
    fields = row_fields(cells, head, columns(head, rows, clock), clock)
    if fields:
        draft.event(begin, end, **fields)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int | float):
        return str(value)
    return visible(_named(value) or json.dumps(value, ensure_ascii=False))


def _named(value: Any) -> str:
    """What an object is called, where it is only a name with ids around it."""
    if isinstance(value, Mapping):
        for key in ("name", "summary", "display_name", "full_name", "email", "label", "value", "title", "id"):
            if isinstance(value.get(key), str) and value[key]:
                return str(value[key])
            if isinstance(value.get(key), Mapping):
                return _named(value[key])
    return ""


def _leaves(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value and depth < 40:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and value and depth < 40:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]", depth + 1)
    elif value not in (None, "", [], {}):
        yield (
            visible(path),
            visible(value if isinstance(value, str) else json.dumps(value)).replace("\n", "⏎"),
        )


def _incident(value: Any) -> tuple[Mapping[str, Any], str]:
    """The object with the facts about the incident, and its path."""
    if isinstance(value, Mapping):
        for key in ("incident", "data", "event"):
            inner = value.get(key)
            if isinstance(inner, Mapping) and any(name in inner for name in ("title", "name", "severity")):
                return inner, key
        return value, ""
    return {}, ""


class _Export:
    def __init__(self, draft: Draft, clock: Clock, places: dict[str, int]) -> None:
        self.draft, self.clock, self.places = draft, clock, places

    def _use(self, path: str, became: str, where: str) -> None:
        for each, number in self.places.items():
            if each == path or each.startswith((f"{path}.", f"{path}[")):
                self.draft.use(number, number + 1, became, where)

    def facts(self, found: tuple[Mapping[str, Any], str]) -> None:
        """The title, the severity and the window of the incident."""
        value, path = found
        incident = self.draft.incident
        for field, names in _FACTS.items():
            for name in names:
                text = _text(value.get(name)) if name in value and not isinstance(value[name], list) else ""
                if not text:
                    continue
                where = f"{path}.{name}" if path else name
                if field == "id":
                    self.draft.review_id = text
                elif field == "summary":
                    self.draft.prose["summary"] = text
                elif field in {"started_at", "ended_at"}:
                    moment = self.clock.look(text).fields.get("at")
                    if moment is None:
                        continue
                    incident[field] = moment
                else:
                    incident[field] = text
                self._use(where, "header", field)
                break

    def walk(self, value: Any, path: str, name: str) -> None:
        """Every list of objects that is a timeline or a list of actions."""
        if isinstance(value, Mapping):
            for key, inner in value.items():
                self.walk(inner, f"{path}.{key}" if path else str(key), str(key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                here = f"{path}[{number}]"
                if isinstance(inner, Mapping) and _ACTIONS.fullmatch(name):
                    self._action(inner, here)
                elif (
                    isinstance(inner, Mapping) and (_TIMELINE.fullmatch(name) or not name) and _moment(inner)
                ):
                    self._event(inner, here)
                elif isinstance(inner, Mapping | list):
                    self.walk(inner, here, "")

    def _event(self, value: Mapping[str, Any], path: str) -> None:
        key = _moment(value)
        timed = self.clock.row(_text(value[key]))
        fields: dict[str, Any] = dict(timed.fields)
        words = next((name for name in _WORDS if _text(value.get(name)).strip()), "")
        who = next((name for name in _WHO if _text(value.get(name)).strip()), "")
        fields["text"] = _text(value.get(words)) if words else path
        fields["actor"] = _text(value.get(who)) if who else ""
        if words != "type" and isinstance(value.get("type"), str):
            fields["tags"] = (value["type"].replace(" ", "-"),)
        source = value.get("source") or value.get("channel")
        fields["source"] = _text(source) if source else ""
        self._noted(fields, value, {key, words, who, "type", "source"} | ({"channel"} if source else set()))
        self.draft.event(0, 0, **fields)
        self._use(path, "event", self.draft.events[-1].id)

    def _action(self, value: Mapping[str, Any], path: str) -> None:
        head = list(map(str, value))
        cells = [_text(each) for each in value.values()]
        fields = action_fields(cells, head) or {}
        link = value.get("external_issue_reference")
        if (
            "ticket" not in fields
            and isinstance(link, Mapping)
            and isinstance(link.get("issue_permalink"), str)
        ):
            fields["ticket"] = {"url": link["issue_permalink"], "tracker": _text(link.get("provider"))}
        if not fields.get("text"):
            fields["text"] = next((_text(value.get(name)) for name in _WORDS if value.get(name)), path)
        if _text(value.get("status")).casefold() in {"completed", "complete", "done", "closed"}:
            fields["status"] = "done"
        self.draft.action(0, 0, **fields)
        self._use(path, "action", self.draft.actions[-1].id)

    def _noted(self, fields: dict[str, Any], value: Mapping[str, Any], taken: set[str]) -> None:
        # Of an object that gave its name, the rest.
        named = {key: value[key] for key in taken if isinstance(value.get(key), Mapping)}
        shown = {fields.get(name) for name in ("text", "actor", "source")}
        left = [f"{path}: {text}" for path, text in _leaves(named, "") if text not in shown]
        others = {key: inner for key, inner in value.items() if key not in taken}
        left += [f"{path}: {text}" for path, text in _leaves(others, "")]
        if left:
            fields["note"] = "\n".join(left)

    def rest(self) -> None:
        """What has no place of its own, with the path that it stood at."""
        left = [number for number, use in enumerate(self.draft.uses) if use is None]
        if left:
            lines = [self.draft.lines[number] for number in left]
            for number in left:
                self.draft.use(number, number + 1, "text", "Other fields")
            self.draft.keep("Other fields", "\n".join(["```", *lines, "```"]))


def _moment(value: Mapping[str, Any]) -> str:
    found: Sequence[str] = [
        key for key in _MOMENTS if isinstance(value.get(key), str | int | float) and value.get(key)
    ]
    return found[0] if found else ""
