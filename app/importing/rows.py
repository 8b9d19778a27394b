"""The timeline of a document: headings, items, lines and tables that begin with a time become rows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, Final

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.lines import Lines, unwrapped
from app.importing.parts import Part, item_groups
from app.importing.stamps import stamps_of
from app.importing.tables import columns, continued, head_zone, is_timeline, row_fields
from app.importing.times import Clock, Timed
from app.importing.words import joined, milestone_of
from app.markdown import words as decoded
from app.review.timewords import UTC_ZONE, declared

_ACTION = re.compile(r"\s*\[?\*{0,2}\[?(?:action(?: item)?|AI|todo)\b\]?\*{0,2}[\]:]\s*", re.IGNORECASE)
_NAME = re.compile(r"@?[A-Za-z][\w.-]{1,29}")
_MANY: Final = 400
_TO_THE_SECOND: Final = frozenset({"second", "ms", "us", "ns"})
_STAMP = re.compile(r"\s*[\[{(]?\s*(?:[A-Z]\s|[IWEF](?=\d{4}\s))?\s*\[?\d")


@dataclass
class _Open:
    """A row whose heading was read, while the text below it is gathered."""

    begin: int
    end: int
    timed: Timed
    texts: list[str]

    def close(self, draft: Draft, track: str) -> None:
        text = "\n\n".join(each for each in self.texts if each)
        draft.event(self.begin, self.end, text=text, track=track, **self.timed.fields)


class Rows(Lines):
    """Turns a part of a document into rows of the timeline."""

    def part(
        self, part: Part, *, track: str = "", heading: str = "", key_events: bool = False, told: bool = False
    ) -> None:
        """The blocks of *part*; what is no row is kept as text under *heading*.

        With *told* the document itself calls the part its timeline.
        """
        self._heading = heading or part.title or "Timeline"
        self._track = track
        self._told = told
        self._timed_part: Part | None = None
        self._first, self._looked_to = len(self.draft.events), 0
        opened: _Open | None = None
        groups = item_groups(part.blocks)
        self._prose = told and self.is_prose(groups)
        for place, group in enumerate(groups):
            block = group[0]
            following = groups[place + 1][0] if place + 1 < len(groups) else None
            if block.kind == "heading" or self._is_bare(block, following):
                if opened:
                    self._close(opened)
                opened = self._by_heading(block, islice(groups, place + 1, None))
            elif opened:
                self._below(opened, group)
            else:
                self._free(group, part, key_events=key_events)
        if opened:
            self._close(opened)

    # Headings

    def _by_heading(self, block: Block, behind: Iterable[list[Block]]) -> _Open | None:
        timed = self.clock.look(block.text)
        if timed.is_date and not timed.text and timed.understood.start and not self._tells_of_the_day(behind):
            self.clock.on(timed.understood.start.lo.date())
            self.draft.use(block.begin, block.end, "date")
            return None
        timed = self.clock.row(block.text)
        # The event takes its place among the rows now, so that log lines below it come behind it.
        opened = _Open(block.begin, block.end, timed, [decoded(timed.text)])
        self._place = len(self.draft.events)
        return opened

    def _is_bare(self, block: Block, following: Block | None) -> bool:
        """Whether a paragraph is a time and nothing more, over the words that it is of: ``**9:00 AM**``."""
        if block.kind != "paragraph" or "\n" in block.text or not following or following.kind != "paragraph":
            return False
        timed = self.clock.look(block.text)
        if not timed.leads or not timed.has_clock or timed.text.strip(" .:*_"):
            return False
        return not self.begins_row(unwrapped(following.text.split("\n")[0].strip())[0])

    def _tells_of_the_day(self, behind: Iterable[list[Block]]) -> bool:
        """Whether what stands under a date, up to the next heading, has no times: it is a row of that day."""
        below = list(takewhile(lambda group: group[0].kind != "heading", behind))
        words = [group[0] for group in below if group[0].kind in {"paragraph", "item"}]
        tables = any(group[0].kind == "table" for group in below)
        plain = [line for group in below if group[0].kind != "other" for line in group[0].text.split("\n")]
        return (
            bool(words)
            and not tables
            and not any(self.begins_row(unwrapped(line.strip())[0]) or declared(line) for line in plain)
        )

    def _close(self, opened: _Open) -> None:
        behind = self.draft.events[self._place :]
        lines = self.draft.event_lines[self._place :]
        del self.draft.events[self._place :], self.draft.event_lines[self._place :]
        opened.close(self.draft, self._track)
        # Rows that the log lines below it became keep their order behind it.
        for event, line in zip(behind, lines, strict=True):
            fields = {name: getattr(event, name) for name in event.model_fields_set if name != "id"}
            self.draft.event(line - 1, line - 1, **fields)

    def _below(self, opened: _Open, group: list[Block]) -> None:
        """What stands under a heading that is a time: its text, stamps of logs, actions named on the way."""
        begin, end = group[0].begin, group[-1].end
        first = group[0]
        if first.kind == "paragraph" and (found := _ACTION.match(first.text)):
            self.draft.action(begin, end, text=joined(first.text[found.end() :]))
            return
        if first.kind == "fence" and self._log(first, opened):
            return
        self.draft.use(begin, end, "event", f"E{self._place + 1}")
        opened.texts.append(self.draft.raw(begin, end))

    def _log(self, fence: Block, opened: _Open) -> bool:
        """Lines of a log that begin with a stamp are rows of their own; the lines behind one belong to it."""
        begin, end = fence.begin + 1, fence.end - 1
        stamped = [n for n in range(begin, end) if _STAMP.match(self.draft.lines[n]) and self._is_stamp(n)]
        if not stamped:
            return False
        name = f"E{self._place + 1}"
        self.draft.use(fence.begin, stamped[0], "event", name)
        if lead := self.draft.raw(begin, stamped[0]):
            opened.texts.append(f"```\n{lead}\n```")
        anchor = opened.timed.understood.start
        before = self.clock.zone
        if any(self._stamp_at(number).understood.zone_from == "log" for number in stamped):
            # One log has one zone, also where a line of it does not say so.
            self.clock.in_zone(UTC_ZONE)
        for number, start in enumerate(stamped):
            stop = stamped[number + 1] if number + 1 < len(stamped) else end
            timed = self.clock.beside(self.draft.lines[start], anchor.lo if anchor else None)
            text = self.draft.raw(start, stop)
            self.draft.event(start, stop, text=text, track=self._track, source="log", **timed.fields)
        self.clock.in_zone(before)
        self.draft.use(fence.begin, fence.end, "layout")
        return True

    def _stamp_at(self, number: int) -> Timed:
        return self.clock.beside(self.draft.lines[number], None)

    def _is_stamp(self, number: int) -> bool:
        timed = self._stamp_at(number)
        whole = timed.understood.dated and timed.understood.precision in _TO_THE_SECOND
        said = timed.understood.zone_from in {"log", "text"} or whole
        return said and timed.has_clock and timed.leads_or_bracketed

    # Items, lines, tables

    def _free(self, group: list[Block], part: Part, *, key_events: bool) -> None:
        block = group[0]
        if block.kind == "table":
            self._table(block)
        elif block.kind == "item":
            self._item(group, part, key_events=key_events)
        elif not self.running(block):
            self.keep(group)

    def _item(self, group: list[Block], part: Part, *, key_events: bool) -> None:
        block = group[0]
        text, bold = unwrapped(block.text)
        timed = self.clock.look(text)
        nested = group[1:]
        children = [each for each in nested if each.kind == "item" and each.depth > block.depth]
        if timed.is_date and not timed.text and children and timed.understood.start:
            # A date with rows below it.
            self.clock.on(timed.understood.start.lo.date())
            self.draft.use(block.begin, block.end, "date")
            for each in item_groups(nested):
                self._free(each, part, key_events=key_events)
            return
        if timed.understood.kind == "order" and not (
            self._has_timed(part) and (key_events or self._is_among(block, part))
        ):
            self.keep(group)
            return
        timed = self.clock.row(text)
        fields: dict[str, Any] = dict(timed.fields)
        said = timed.text
        if key_events and timed.ends and not timed.leads:
            said = text[: timed.understood.begin].rstrip(" \t:–—-*")
            if milestone := milestone_of(said):
                fields["milestone"] = milestone
        words = decoded(joined(said))
        below = self.draft.raw_below(block.end, group[-1].end) if nested else ""
        if below and timed.leads and _NAME.fullmatch(words):
            # A living document has who wrote it behind the time, and the words below.
            fields["actor"], words = words, below
        elif below:
            words += f"\n\n{below}"
        if bold:
            fields["tags"] = ("key",)
        self.draft.event(block.begin, group[-1].end, text=words, track=self._track, **fields)

    def _has_timed(self, part: Part) -> bool:
        """Whether any item or table of *part* has a time: then those without one are rows as well."""
        if self._timed_part is not part:
            neighbours = (each for each in part.blocks if each.kind in {"item", "table"})
            looked = (self.clock.look(unwrapped(each.text)[0]) for each in neighbours)
            self._timed_part, self._timed = part, any(each.understood.kind != "order" for each in looked)
        return self._timed

    def _is_among(self, block: Block, part: Part) -> bool:
        """Whether an item stands behind a row, or in a list that has one: links above a timeline are no rows."""
        if len(self.draft.events) > self._first:
            return True
        if block.begin >= self._looked_to:
            behind = (each for each in part.blocks if each.begin >= block.begin)
            run = list(takewhile(lambda each: each.kind in {"item", "table"} or each.depth, behind))
            timed = any(self.clock.look(unwrapped(each.text)[0]).understood.kind != "order" for each in run)
            self._looked_to = -1 if timed else run[-1].end
        return self._looked_to < 0 or block.begin >= self._looked_to

    def _more(self, line: int, text: str) -> None:
        """Words that belong to the last row."""
        last = self.draft.events[-1]
        self.draft.events[-1] = last.model_copy(update={"text": f"{last.text}\n\n{text}"})
        self.draft.use(line, line + 1, "event", last.id)

    def _table(self, block: Block) -> None:
        """A table with a column of times; any other is kept as it is."""
        if not is_timeline(block.rows, self.clock, loose=self._told):
            self.draft.passage(self._heading, block.begin, block.end)
            return
        head = block.rows[0]
        places = columns(head.cells, block.rows, self.clock, loose=self._told)
        before = self.clock.zone
        if zone := head_zone(head.cells, places):
            self.clock.in_zone(zone)
        begin = len(self.draft.events)
        for row in block.rows[1:]:
            if len(self.draft.events) > begin and (more := continued(row.cells, head.cells, places)):
                self._more(row.line, more)
                continue
            fields = row_fields(row.cells, head.cells, places, self.clock, shown=True)
            if fields is None:
                self.draft.passage(self._heading, row.line, row.line + 1)
            else:
                self.draft.event(row.line, row.line + 1, track=self._track, **fields)
        self.draft.use(block.begin, block.end, "layout")
        self.clock.in_zone(before)


def has_times(part: Part, clock: Clock) -> bool:
    """Whether items or tables of *part* tell when things were, with a time of day."""
    rows = [block for block in part.blocks if block.kind == "item"]
    if any(clock.look(block.text).has_clock for block in rows):
        return True
    if any(stamps_of(block, clock) for block in part.blocks):
        return True
    looked = [clock.look(block.text) for block in part.blocks if block.kind == "paragraph"]
    if sum(each.leads and each.has_clock and not each.text.strip(" .:*_") for each in looked) > 1:
        return True
    return any(is_timeline(block.rows, clock) for block in part.blocks if block.kind == "table")


def is_told(part: Part, clock: Clock, *, whole: bool = False) -> bool:
    """Whether items or paragraphs of *part*, two at least, begin with a time of day (*whole*: and a date)."""
    firsts = [group[0] for group in item_groups(part.blocks) if group[0].kind in {"item", "paragraph"}]
    looked = [clock.look(unwrapped(block.text)[0]) for block in firsts]
    return sum(each.leads and each.has_clock and (each.understood.dated or not whole) for each in looked) > 1


def is_row(block: Block, clock: Clock, *, told: bool = False) -> bool:
    """Whether a line of *block* begins with a time of day; with *told* one sentence must begin with its figures."""
    begun = 0
    for line in block.text.split("\n"):
        timed = clock.look(line)
        if timed.leads and (timed.has_clock or timed.understood.kind == "relative"):
            begun += 1
            if not told or block.kind != "paragraph" or timed.understood.written[:1].isdigit() or begun > 1:
                return True
    return False


def is_dated(block: Block, clock: Clock) -> bool:
    """Whether a paragraph has a date alone on its first line, over words."""
    first, _, words = block.text.partition("\n")
    timed = clock.look(first)
    return block.kind == "paragraph" and bool(words) and timed.is_date and timed.leads and not timed.text


def manners(groups: list[list[Block]], clock: Clock) -> tuple[bool, bool]:
    """How a text without a timeline is written: whether it lists its times, so that a paragraph that begins
    "At about 9:30 the switch …" is no row beside them; and whether moments stand alone over their words."""
    items = moments = looked = 0
    for group in groups:
        block = group[0]
        lines = block.text.split("\n", _MANY)[:_MANY]
        looked += len(lines)
        if looked > _MANY:
            break
        timed = [
            clock.look(line.strip().lstrip("•")) for line in lines if block.kind in {"item", "paragraph"}
        ]
        begun = sum(each.leads and each.has_clock and bool(each.text) for each in timed)
        items += begun if block.kind == "item" or begun > 1 else 0
        moments += len(timed) > 1 and timed[0].is_moment
    return items > 1, moments > 1
