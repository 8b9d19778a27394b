"""Reports of this program, read again: what can be seen in them, with what the comment at their end says exactly.

Where a person changed words since the report was written, the words count, and what the comment knew of the old
ones is dropped.
"""

import re
from typing import Any, Final

from app import carry
from app.carry import is_placeholder
from app.importing.document import Options, read_markdown
from app.importing.draft import Draft
from app.importing.own_records import OwnRecords
from app.markdown import words
from app.review.claims.model import RULE
from app.review.records import Accepted, Incident, Passage
from app.review.sections import HEAD, section_of
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


class _Reading(OwnRecords):
    """Reads the head, and the sections in order."""

    def read(self) -> None:
        draft, lines = self.draft, self.draft.lines
        draft.use(self.begin, self.end, "computed", "comment")
        starts = [each for each in carry.headings(lines[: self.begin]) if lines[each].startswith("## ")]
        self._head(0, starts[0] if starts else self.begin)
        passages = [record for record in self.records if isinstance(record.get("passage"), str)]
        self.numbers: list[Any] = []
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
            if passage and section_of(name) and passage.get("place", draft.place) != draft.place:
                # The section of that name, and not the author's own under the same one.
                passage = None
            behind = self._stop(start + 1, stops, self._exact(name, passage))
            self._section(name, start + 1, behind, passage)
        self._order()
        self._accepted()
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

    def _behind(self, start: int) -> bool:
        """Whether the parts that come before the author's own headings are behind line *start*."""
        return not any(line == "## Action Items" for line in self.draft.lines[start + 1 : self.begin])

    def _accepted(self) -> None:
        """What numbers stand on, where the words still say so."""
        seen = " ".join(words("\n".join(self.draft.lines[: self.begin])).split())
        for record in self.records:
            if isinstance(record.get("accepted"), dict):
                accepted = Accepted.model_validate(unpack(record["accepted"]))
                if accepted.rule == RULE and f"basis: {' '.join(accepted.reason.split())}" in seen:
                    self.draft.accepted.append(accepted)

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
            # What is not said is as usual, whatever offsets the rows have.
            draft.incident = {"timezone": Incident().timezone} | known
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
            heading = str(passage.get("heading", name))
            draft.use(begin, end, "text", name)
            stayed = passage.get("place", draft.place) == draft.place
            after = str(passage.get("after") or "") if stayed else draft.place
            draft.passages.append(Passage(heading=heading, text=text if kept is None else kept, after=after))
            self.numbers.append(passage.get("number"))
            return
        draft.place = section_of(name) or draft.place
        if is_placeholder(text) and not self._narrative(carry.PROSE.get(name, ""), text, ""):
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

    def _narrative(self, field: str, text: str, other: str | None = None) -> str:
        """The words of a part of the narrative; *other*, or what is seen, where the comment has none for it."""
        for record in self.records:
            table = record.get("narrative")
            if isinstance(table, dict) and field in table and record.get("row") == carry.digest(text):
                return str(table[field])
        return text if other is None else other

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
