"""The records of a report of this program: rows, factors, actions, effects, as they can be seen and as its comment
has them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from app import carry
from app.importing.document import Options, read_markdown
from app.importing.draft import Draft
from app.importing.words import mark_of
from app.markdown import words
from app.review.plain import one_line
from app.review.records import Action, Event, Factor, Impact, Parked
from app.review.sections import HEADINGS
from app.review.tables import unpack


class OwnRecords:
    """Reads the sections of a report that are lists or tables of records."""

    def __init__(self, lines: list[str], options: Options) -> None:
        self.draft = Draft(lines)
        self.options = options
        place = carry.place(lines)
        self.begin, self.end = place or (len(lines), len(lines))
        self.records = carry.read_lines(lines[self.begin + 1 : self.end - 1])
        self.changed: dict[str, int] = defaultdict(int)

    def _kept(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The records of one kind, each with the digest of the words it belongs to."""
        found = []
        for record in self.records:
            table = record.get(kind)
            if isinstance(table, dict) and isinstance(record.get("row"), str):
                values = unpack(table)
                if isinstance(values, dict):
                    found.append((record["row"], values))
        return found

    def _items(self, begin: int, end: int, mark: str = "- ") -> Iterator[tuple[int, int]]:
        """The lines of each item of a list; what stands before the first is an item as well."""
        starts = [number for number in range(begin, end) if self.draft.lines[number].startswith(mark)]
        for place, start in enumerate(starts):
            stop = starts[place + 1] if place + 1 < len(starts) else end
            while stop > start + 1 and not self.draft.lines[stop - 1].strip():
                stop -= 1
            yield start, stop

    def _list(self, field: str, begin: int, end: int) -> None:
        exact = {
            (record["number"], record.get("row")): record
            for record in self.records
            if record.get("entry") == field and isinstance(record.get("number"), int)
        }
        place = begin
        number = 0
        while place < end:
            if not self.draft.lines[place].startswith("- "):
                place += 1
                continue
            stop, text = self._entry(field, place, end, number, exact)
            self.draft.entry(field, place, stop, text)
            place, number = stop, number + 1

    def _entry(
        self, field: str, begin: int, end: int, number: int, exact: dict[tuple[int, Any], dict[str, Any]]
    ) -> tuple[int, str]:
        lines = self.draft.lines
        stops = [each for each in range(begin + 1, end + 1) if each == end or lines[each].startswith("- ")]
        for stop in stops:
            text = carry.entry(self.draft.lines[begin:stop]).rstrip("\n ")
            if record := exact.get((number, carry.digest(text))):
                return stop, str(record.get("text", text))
        return stops[0], carry.entry(self.draft.lines[begin : stops[0]]).rstrip("\n ")

    def _take(self, kind: str, kept: list[tuple[str, dict[str, Any]]], row: str) -> dict[str, Any] | None:
        """The record that the comment has for a visible row, taken once."""
        for place, (digest, table) in enumerate(kept):
            if digest == row:
                del kept[place]
                return table
        self.changed[kind] += 1
        return None

    def _events(self, begin: int, end: int) -> None:
        if not hasattr(self, "_event_order"):
            every = self._kept("event")
            self._event_order = {table.get("id"): place for place, (_, table) in enumerate(every)}
            self._folded: dict[Any, list[Event]] = defaultdict(list)
            for each in filter(_hidden, every):
                self._folded[each[1].get("fold")].append(Event.model_validate(each[1]))
            self._rows = [each for each in every if not _hidden(each)]
        kept, folded = self._rows, self._folded
        fresh: list[int] = []
        for number in range(begin, end):
            cells = carry.cells(self.draft.lines[number])
            if cells is None or len(cells) != 4 or number < begin + 3:
                continue
            shown = tuple(map(carry.cell, cells))
            table = self._take("rows of the timeline", kept, carry.digest(*shown))
            if table is None:
                fresh.append(number)
                continue
            values = {"text": shown[1], "source": shown[2], "actor": shown[3]} | table
            self.draft.events.append(Event.model_validate(values))
            within = folded.pop(table.get("id"), [])
            self.draft.events += within
            self.draft.event_lines += [number + 1] * (len(within) + 1)
            self.draft.use(number, number + 1, "event", str(table.get("id", "")))
        if fresh:
            self._seen_rows(begin, fresh)
        self.draft.use(begin, end, "layout")

    def _seen_rows(self, begin: int, fresh: list[int]) -> None:
        """Rows that were changed or added by hand are read as in any other report."""
        lines = self.draft.lines
        top = next(number for number in range(begin, len(lines)) if lines[number].startswith("|"))
        heading = lines[begin - 1].replace(HEADINGS["appendix"], HEADINGS["timeline"])
        text = "\n".join([heading, "", *lines[top : top + 2], *(lines[number] for number in fresh)])
        zone = self.options
        day = next((event.at for event in self.draft.events if event.at), None)
        day = day or self.draft.incident.get("started_at")
        found = read_markdown(
            text, Options(zone.zone, zone.undeclared, zone.day or (day.date() if day else None))
        )
        for number, event in zip(fresh, found.events, strict=False):
            name = f"E{1 + max((int(each.id[1:]) for each in self.draft.events if each.id[1:].isdigit()), default=0)}"
            self.draft.events.append(event.model_copy(update={"id": name}))
            self.draft.event_lines.append(number + 1)
            self.draft.use(number, number + 1, "event", name)

    def _factors(self, begin: int, end: int) -> None:
        kept = self._kept("factor")
        mark = ""
        for number in range(begin, end):
            line = self.draft.lines[number]
            if line.startswith("### "):
                mark = mark_of(line[4:])
                self.draft.use(number, number + 1, "heading", line[4:].strip())
                continue
            found = re.match(r"(?:- |\d+\. )(?:\*\*(?P<label>.*?)\*\*: )?(?P<text>.*)$", line)
            if not found:
                continue
            label, text = words(found["label"] or ""), words(found["text"])
            table = self._factor_table(kept, label, text)
            if table is None:
                self.changed["factors"] += 1
                used = {each.id for each in self.draft.factors} | {values.get("id") for _, values in kept}
                name = next(f"F{count}" for count in range(1, 10_000) if f"F{count}" not in used)
                table = {"id": name, "mark": mark, "label": label, "text": text}
            factor = Factor.model_validate({"label": label, "text": text} | table)
            self.draft.factors.append(factor)
            self.draft.use(number, number + 1, "factor", factor.id)
        names = {factor.id for factor in self.draft.factors}
        self.draft.factors = [
            each if each.parent in names or not each.parent else each.model_copy(update={"parent": ""})
            for each in self.draft.factors
        ]

    def _factor_table(
        self, kept: list[tuple[str, dict[str, Any]]], label: str, text: str
    ) -> dict[str, Any] | None:
        """The factor of a line. A label without bold stands before the text: ``label: text``."""
        splits = [(label, text)]
        splits += (
            [(text[: each.start()], text[each.end() :]) for each in re.finditer(": ", text)]
            if not label
            else []
        )
        for name, said in splits:
            for place, (digest, table) in enumerate(kept):
                if digest == carry.digest(name, said):
                    del kept[place]
                    return {"label": name, "text": said} | table
        return None

    def _actions(self, begin: int, end: int) -> None:
        kept = self._kept("action")
        self._action_order = {table.get("id") or row: place for place, (row, table) in enumerate(kept)}
        for number in range(begin, end):
            cells = carry.cells(self.draft.lines[number])
            if (
                cells is None
                or len(cells) != 5
                or set(cells[0].strip()) <= {"-", ":"}
                or cells[0].strip() == "ID"
            ):
                continue
            shown = tuple(map(carry.cell, cells))
            row = carry.digest(*shown)
            table = self._take("actions", kept, row)
            values: dict[str, Any] = {
                "id": shown[0],
                "text": shown[1],
                "owner": shown[2],
                "priority": shown[4].casefold(),
            }
            if shown[3]:
                values["due"] = shown[3]
            try:
                action = Action.model_validate(values | (table or {}))
            except ValueError:
                values.pop("due", None)
                action = Action.model_validate(values | {"note": f"Deadline: {shown[3]}"})
            self.draft.actions.append(action)
            self._action_order[action.id] = self._action_order.get(row, len(self._action_order))
            self.draft.use(number, number + 1, "action", action.id)
        self.draft.use(begin, end, "layout")

    def _declined(self, begin: int, end: int) -> None:
        kept = self._kept("action")
        for start, stop in self._items(begin, end):
            said = words(self.draft.lines[start][2:])
            table = self._take("actions", kept, carry.digest(one_line(said)))
            found = re.fullmatch(r"(?P<id>[^:]+): (?P<text>.*) \((?P<reason>.*)\)", said)
            values = table or (
                {**found.groupdict(), "status": "declined"} if found else {"text": said, "status": "declined"}
            )
            if not values.get("id"):
                values["id"] = f"AI-{len(self.draft.actions) + 1:03d}"
            action = Action.model_validate(values)
            self.draft.actions.append(action)
            self.draft.use(start, stop, "action", action.id)

    def _impacts(self, begin: int, end: int) -> None:
        kept = self._kept("impact")
        for start, stop in self._items(begin, end):
            text = words(self.draft.lines[start][2:])
            table = self._take("impacts", kept, carry.digest(text)) or {
                "id": f"I{len(self.draft.impacts) + 1}"
            }
            self.draft.impacts.append(Impact.model_validate({"text": text} | table))
            self.draft.use(start, stop, "impact", str(table.get("id", "")))

    def _questions(self, begin: int, end: int) -> None:
        kept = self._kept("parked")
        for start, stop in self._items(begin, end):
            text = words(self.draft.lines[start][2:])
            table = self._take("questions", kept, carry.digest(text)) or {
                "id": f"P{len(self.draft.parked) + 1}"
            }
            self.draft.parked.append(Parked.model_validate({"text": text, "outcome": "question"} | table))
            self.draft.use(start, stop, "question", str(table.get("id", "")))


def _hidden(row: tuple[str, dict[str, Any]]) -> bool:
    """Whether a row is folded into another: it has no words of its own in the report."""
    return row[0] == carry.digest("")
