"""The timeline of a document: headings, items, lines and tables that begin with a time become rows."""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.heads import declaration
from app.importing.parts import Part, item_groups
from app.importing.stamps import POSTED, stamps_of
from app.importing.tables import columns, is_timeline, row_fields
from app.importing.times import Clock, Timed
from app.importing.words import joined, label_of, milestone_of
from app.markdown import words as decoded
from app.review.timewords import UTC_ZONE, declared

_ACTION = re.compile(r"\s*\[?\*{0,2}\[?(?:action(?: item)?|AI|todo)\b\]?\*{0,2}[\]:]\s*", re.IGNORECASE)
_A_FEW_WORDS: Final = 60
_NAME = re.compile(r"@?[A-Za-z][\w.-]{1,29}")
_STATE = re.compile(
    r"resolved|monitoring|identified|investigating|updated?|in progress|completed|scheduled|verifying|post-?mortem",
    re.IGNORECASE,
)
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


class Rows:
    """Turns a part of a document into rows of the timeline."""

    def __init__(self, draft: Draft, clock: Clock) -> None:
        self.draft, self.clock = draft, clock
        self._track = ""

    def part(
        self, part: Part, *, track: str = "", heading: str = "", key_events: bool = False, told: bool = False
    ) -> None:
        """The blocks of *part*; what is no row is kept as text under *heading*.

        With *told* the document itself calls the part its timeline.
        """
        self._heading = heading or part.title or "Timeline"
        self._track = track
        self._told = told
        opened: _Open | None = None
        groups = item_groups(part.blocks)
        self._prose = told and self._is_prose(groups)
        for place, group in enumerate(groups):
            block = group[0]
            if block.kind == "heading":
                if opened:
                    self._close(opened)
                opened = self._by_heading(block, groups[place + 1 :])
            elif opened:
                self._below(opened, group)
            else:
                self._free(group, part, key_events=key_events)
        if opened:
            self._close(opened)

    # Headings

    def _by_heading(self, block: Block, behind: list[list[Block]]) -> _Open | None:
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

    def _tells_of_the_day(self, behind: list[list[Block]]) -> bool:
        """Whether what stands under a date, up to the next heading, has no times: it is a row of that day."""
        below = list(takewhile(lambda group: group[0].kind != "heading", behind))
        words = [group[0] for group in below if group[0].kind in {"paragraph", "item"}]
        plain = [line for block in words for line in block.text.split("\n")]
        return (
            bool(words)
            and len(words) == len(below)
            and not any(self._begins_row(_unwrapped(line.strip())[0]) or declared(line) for line in plain)
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
        elif not self._running(block):
            self._text(group)

    def _running(self, block: Block) -> bool:
        """Whether a paragraph or a fence was the date of rows, or rows."""
        if block.kind == "paragraph":
            rows = self._day(block) or self._stamped(block) or self._lines(block)
            return rows or (self._prose and self._sentences(block))
        return block.kind == "fence" and self._lines(block)

    def dates(self, block: Block) -> bool:
        """Whether *block* is the date of the rows behind it, and nothing else."""
        return block.kind == "paragraph" and self._day(block)

    def _day(self, block: Block) -> bool:
        """A line that is the date of the rows below it, perhaps with their zone: ``2015-10-21 (*all times UTC*)``."""
        timed = self.clock.look(block.text)
        start = timed.understood.start
        if not timed.is_date or not timed.leads or start is None:
            return False
        if timed.understood.precision in {"month", "year"} and not timed.text.strip(" .:;,()*_"):
            # "February 2017" over rows that say their days.
            self.clock.in_year(start.lo.year)
            self.draft.use(block.begin, block.end, "date")
            return True
        if timed.understood.precision != "day":
            return False
        zone = declared(block.text)
        if timed.text.strip(" .:;,()*_") and not (zone and len(timed.text) < _A_FEW_WORDS):
            return False
        if zone:
            self.clock.in_zone(zone)
        self.clock.on(start.lo.date())
        self.draft.use(block.begin, block.end, "date")
        return True

    def _stamped(self, block: Block) -> bool:
        """Words with the time on a line of its own behind them, once or several times, as status pages have it."""
        lines = block.text.split("\n")
        stamps = stamps_of(block, self.clock)
        begin = 0
        for stamp in stamps:
            timed = self.clock.row(lines[stamp])
            words = decoded(joined("\n".join(lines[begin:stamp])))
            first, last = block.begin + begin, block.begin + stamp + 1
            fields = timed.fields if timed.leads else timed.fields | {"written": lines[stamp].strip()}
            self.draft.event(first, last, text=words, track=self._track, **fields)
            begin = stamp + 1
        if stamps and begin < len(lines):
            self.draft.passage(self._heading, block.begin + begin, block.end)
        return bool(stamps)

    def _is_prose(self, groups: list[list[Block]]) -> bool:
        """Whether a timeline is told in sentences that name their times on the way."""
        timed = 0
        for group in groups:
            looked = self.clock.look(group[0].text)
            stamp = looked.leads and looked.understood.written[:1].isdigit()
            if group[0].kind in {"table", "heading", "fence"} or stamp:
                return False
            timed += group[0].kind == "paragraph" and looked.has_clock
        return timed > 1

    def _sentences(self, block: Block) -> bool:
        """A paragraph that names a time of day is a row with all its words."""
        if not self.clock.look(joined(block.text)).has_clock:
            return False
        text = joined(block.text)
        timed = self.clock.row(text)
        self.draft.event(block.begin, block.end, text=decoded(text), track=self._track, **timed.fields)
        return True

    def update(self, part: Part) -> bool:
        """A heading that is a state, with the time behind its words, as pages of states have it; whether it was one."""
        said = [block for block in part.blocks if block.kind != "rule"]
        if part.head is None or not said or not _STATE.fullmatch(part.title.strip("*_: ")) or part.parts:
            return False
        timed = self.clock.look(said[-1].text)
        posted = POSTED.match(said[-1].text) or timed.leads
        if any(block.kind != "paragraph" for block in said) or not (
            posted and timed.has_clock and timed.ends
        ):
            return False
        timed = self.clock.row(said[-1].text)
        words = "\n\n".join(decoded(joined(block.text)) for block in said[:-1])
        fields = timed.fields | {"written": joined(said[-1].text)}
        text = " - ".join(each for each in (decoded(part.title.strip("*_: ")), words) if each)
        self.draft.event(part.head.begin, said[-1].end, text=text, track=self._track, **fields)
        return True

    def _text(self, group: list[Block]) -> None:
        begin, end = group[0].begin, group[-1].end
        text = group[0].text
        if group[0].kind == "rule":
            self.draft.use(begin, end, "layout")
            return
        if group[0].kind == "paragraph":
            self._declaration(text)
        self.draft.passage(self._heading, begin, end)

    def _declaration(self, text: str) -> None:
        """A sentence that declares the zone or the date of the rows around it."""
        if zone := declaration(text):
            self.clock.in_zone(zone)
        timed = self.clock.look(text)
        if (
            timed.is_date
            and timed.understood.start
            and re.search(r"\b(?:all|events?|otherwise|times?)\b", text)
        ):
            self.clock.on(timed.understood.start.lo.date(), default=True)

    def _item(self, group: list[Block], part: Part, *, key_events: bool) -> None:
        block = group[0]
        text, bold = _unwrapped(block.text)
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
        neighbours = [each for each in part.blocks if each.kind in {"item", "table"}]
        if timed.understood.kind == "order" and not any(
            self.clock.look(_unwrapped(each.text)[0]).understood.kind != "order" for each in neighbours
        ):
            self._text(group)
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

    def _lines(self, block: Block) -> bool:
        """Plain text: every line that begins with a time is a row, and those behind it go on with it."""
        lines = range(block.begin, block.end)
        if block.kind == "fence":
            lines = range(block.begin + 1, block.end - 1)
        starts = [number for number in lines if self._begins_row(self.draft.lines[number])]
        if not starts or (starts[0] != lines[0] and block.kind == "paragraph" and len(starts) < 2):
            return False
        if lines[0] < starts[0]:
            self.draft.passage(self._heading, lines[0], starts[0])
        for place, begin in enumerate(starts):
            end = starts[place + 1] if place + 1 < len(starts) else lines[-1] + 1
            timed = self.clock.row(_unbroken(self.draft.lines[begin]))
            more = [_unbroken(line) for line in self.draft.lines[begin + 1 : end]]
            words = decoded(" ".join(each for each in [timed.text, *more] if each))
            self.draft.event(begin, end, text=words, track=self._track, **timed.fields)
        self.draft.use(block.begin, block.end, "layout")
        return True

    def _begins_row(self, line: str) -> bool:
        timed = self.clock.look(line.strip())
        return timed.leads and (timed.has_clock or timed.understood.kind == "relative" or timed.is_date)

    def _table(self, block: Block) -> None:
        """A table with a column of times; any other is kept as it is."""
        if not is_timeline(block.rows, self.clock, loose=self._told):
            self.draft.passage(self._heading, block.begin, block.end)
            return
        head = block.rows[0]
        zone = next((found for cell in head.cells if (found := declared(cell))), None)
        before = self.clock.zone
        if zone:
            self.clock.in_zone(zone)
        places = columns(head.cells, block.rows, self.clock, loose=self._told)
        for row in block.rows[1:]:
            fields = row_fields(row.cells, head.cells, places, self.clock, shown=True)
            if fields is None:
                self.draft.passage(self._heading, row.line, row.line + 1)
            else:
                self.draft.event(row.line, row.line + 1, track=self._track, **fields)
        self.draft.use(block.begin, block.end, "layout")
        self.clock.in_zone(before)


def _unbroken(line: str) -> str:
    """A line without the mark that breaks it in Markdown."""
    return line.strip().removesuffix("\\").rstrip()


def _unwrapped(text: str) -> tuple[str, bool]:
    """*text* without bold around all of it, and whether there was."""
    for mark in ("**", "__", "_"):
        wide = len(mark)
        inner = text[wide:-wide]
        if len(text) > 2 * wide and text.startswith(mark) and text.endswith(mark) and mark not in inner:
            return inner, wide == 2
    return text, False


def has_times(part: Part, clock: Clock) -> bool:
    """Whether items or tables of *part* tell when things were, with a time of day."""
    rows = [block for block in part.blocks if block.kind == "item"]
    if any(clock.look(block.text).has_clock for block in rows):
        return True
    if any(stamps_of(block, clock) for block in part.blocks):
        return True
    return any(is_timeline(block.rows, clock) for block in part.blocks if block.kind == "table")


def labelled(text: str) -> bool:
    """Whether the words are no more than a label."""
    label = label_of(text)
    return bool(label and not label[1])
