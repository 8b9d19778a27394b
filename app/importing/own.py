"""Reports of this program, read again: what can be seen in them, with what the comment at their end says exactly.

Where a person changed words since the report was written, the words count, and what the comment knew of the old
ones is dropped.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from app import carry
from app.importing.document import Options, read_markdown
from app.importing.draft import Draft
from app.importing.words import is_placeholder, mark_of
from app.markdown import words
from app.review.plain import one_line
from app.review.records import Action, Event, Factor, Impact, Parked, Passage
from app.review.sections import HEAD, HEADINGS, section_of
from app.review.tables import unpack

_COMPUTED: Final = ("About This Review", "Definitions of Durations", "Gaps in the Data")


def is_own(lines: list[str]) -> bool:
    """Whether a report was written by this program, its comment still at its end."""
    return carry.place(lines) is not None


def read_own(lines: list[str], options: Options) -> Draft:
    """Read a report that this program wrote."""
    reading = _Reading(lines, options)
    reading.read()
    return reading.draft


class _Reading:
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

    def read(self) -> None:
        draft, lines = self.draft, self.draft.lines
        draft.use(self.begin, self.end, "computed", "comment")
        starts = [each for each in carry.headings(lines[: self.begin]) if lines[each].startswith("## ")]
        self._head(0, starts[0] if starts else self.begin)
        passages = [record for record in self.records if isinstance(record.get("passage"), str)]
        self.numbers: list[Any] = []
        self.seen: set[str] = set()
        draft.place = HEAD
        behind = 0
        for number, start in enumerate(starts):
            if start < behind:
                # A heading inside the text of the section before.
                continue
            name = words(lines[start][3:].strip())
            stops = [*starts[number + 1 :], self.begin]
            draft.use(start, start + 1, "heading", name)
            expected = passages[len(draft.passages)] if len(draft.passages) < len(passages) else None
            named = expected is not None and expected["passage"] == name
            whole = named and self._holds(start + 1, stops, {expected.get("row")} if expected else set())
            there = expected is not None and self._moved_with(expected)
            passage = expected if named and (whole or there or self._behind(start)) else None
            if passage is not None and self._comes_first(name, passage):
                # The section of that name stands before the author's own under the same one.
                passage = None
            self.seen.add(section_of(name) or "")
            behind = self._stop(start + 1, stops, self._exact(name, passage))
            self._section(name, start + 1, behind, passage)
        self._order()
        draft.finish()
        said = "changed by hand since the report was written: what can be seen counts."
        draft.remarks += [f"{count} {kind} {said}" for kind, count in self.changed.items()]

    def _exact(self, name: str, passage: dict[str, Any] | None) -> set[Any]:
        """The digests that the text of a section may have."""
        if passage is not None:
            return {passage.get("row")}
        field = carry.PROSE.get(name)
        tables = [(record.get("narrative"), record.get("row")) for record in self.records]
        return {row for table, row in tables if isinstance(table, dict) and field in table}

    def _stop(self, begin: int, stops: list[int], exact: set[Any]) -> int:
        """Where a section ends: at the next heading, unless its own text holds that."""
        return self._holds(begin, stops, exact) or stops[0]

    def _holds(self, begin: int, stops: list[int], exact: set[Any]) -> int:
        """Where a text with one of these digests ends; 0 where there is none."""
        texts = ((stop, carry.body(self.draft.lines[begin:stop])) for stop in (stops[:50] if exact else ()))
        return next((stop for stop, text in texts if carry.digest(text) in exact), 0)

    def _moved_with(self, passage: dict[str, Any]) -> bool:
        """Whether the custom section is seen where it was written, behind a section that it has its place after."""
        return bool(passage.get("after")) and passage.get("place") == self.draft.place

    def _comes_first(self, name: str, passage: dict[str, Any]) -> bool:
        """Whether a section of the report is still to come that a passage under the same heading stands behind."""
        section = section_of(name)
        return section is not None and section not in self.seen and passage.get("place") == section

    def _behind(self, start: int) -> bool:
        """Whether the parts that come before the author's own headings are behind line *start*."""
        return not any(line == "## Action Items" for line in self.draft.lines[start + 1 : self.begin])

    # The head

    def _head(self, begin: int, end: int) -> None:
        draft = self.draft
        found = read_markdown("\n".join(draft.lines[begin:end]), self.options)
        head = next((record for record in self.records if "incident" in record), None)
        title = next((line[2:] for line in draft.lines[begin:end] if line.startswith("# ")), "")
        shown = words(title.removeprefix("Post-Mortem: "))
        dated = re.fullmatch(r"(?P<title>.*) \((?P<day>\d{4}-\d{2}-\d{2})\)", shown)
        fields = [
            (words(each["name"]), words(each["value"].strip()))
            for line in draft.lines[begin:end]
            if (each := re.fullmatch(r"\*\*(?P<name>[^*]+)\*\*: (?P<value>.*)", line))
        ]
        parts = (dated["title"], dated["day"]) if dated else (shown, "")
        draft.use(begin, end, "header")
        known = unpack(head["incident"]) if head and isinstance(head["incident"], dict) else {}
        rest = [part for pair in fields for part in pair]
        if head and head.get("row") in {carry.digest(*parts, *rest), carry.digest(shown, "", *rest)}:
            draft.incident = known
            draft.review_id = str(head.get("id") or "")
            return
        seen = dict(found.incident)
        seen["title"] = parts[0]
        hidden = {key: known[key] for key in ("timezone", "services", "status") if key in known}
        draft.incident = hidden | seen
        draft.review_id = str(head.get("id") or "") if head else ""
        if head:
            self.changed["lines of the head"] += 1
        for passage in found.passages:
            if passage.heading not in {"Duration"}:
                draft.keep(passage.heading, passage.text)

    # Sections

    def _section(self, name: str, begin: int, end: int, passage: dict[str, Any] | None) -> None:
        draft = self.draft
        text = carry.body(draft.lines[begin:end])
        if passage is not None:
            kept = passage.get("text") if passage.get("row") == carry.digest(text) else None
            heading = passage.get("heading") or name
            draft.use(begin, end, "text", name)
            stayed = passage.get("place", draft.place) == draft.place
            after = str(passage.get("after") or "") if stayed else draft.place
            draft.passages.append(Passage(heading=heading, text=text if kept is None else kept, after=after))
            self.numbers.append(passage.get("number"))
            return
        draft.place = section_of(name) or draft.place
        if is_placeholder(text):
            draft.use(begin, end, "computed")
        elif name in carry.PROSE:
            field = carry.PROSE[name]
            draft.use(begin, end, "text", field)
            draft.prose[field] = self._narrative(field, text)
        elif name in carry.LISTED:
            self._list(carry.LISTED[name], begin, end)
        elif name == "Impact":
            self._impacts(begin, end)
        elif draft.place == section_of(name) and draft.place in {"timeline", "appendix"}:
            self._events(begin, end)
        elif name == "Contributing Factors":
            self._factors(begin, end)
        elif name == "Action Items":
            self._actions(begin, end)
        elif name == "Decided Not to Do":
            self._declined(begin, end)
        elif name == "Open Questions":
            self._questions(begin, end)
        elif name in _COMPUTED:
            draft.use(begin, end, "computed", name)
        else:
            draft.use(begin, end, "text", name)
            draft.passages.append(Passage(heading=name, text=text, after=draft.place))
            self.numbers.append(None)

    def _narrative(self, field: str, text: str) -> str:
        for record in self.records:
            table = record.get("narrative")
            if isinstance(table, dict) and field in table and record.get("row") == carry.digest(text):
                return str(table[field])
        return text

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

    # Records

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

    def _order(self) -> None:
        """Put the rows back into the order in which they were written."""
        if None not in self.numbers and len(self.numbers) == len(self.draft.passages):
            pairs_of = zip(self.numbers, self.draft.passages, strict=True)
            self.draft.passages = [each for _, each in sorted(pairs_of, key=lambda pair: pair[0])]
        order = getattr(self, "_event_order", {})
        pairs = list(zip(self.draft.events, self.draft.event_lines, strict=True))
        if all(event.id in order for event, _ in pairs):
            pairs.sort(key=lambda pair: order[pair[0].id])
            self.draft.events = [event for event, _ in pairs]
            self.draft.event_lines = [line for _, line in pairs]
        factors = {table.get("id"): place for place, (_, table) in enumerate(self._kept("factor"))}
        self.draft.factors.sort(key=lambda factor: factors.get(factor.id, len(factors)))
        actions = {table.get("id"): place for place, (_, table) in enumerate(self._kept("action"))}
        actions |= self._action_order if hasattr(self, "_action_order") else {}
        self.draft.actions.sort(key=lambda action: actions.get(action.id, len(actions)))

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
