"""Paragraphs and blocks of text as rows of the timeline: lines that begin with a time, chats, stamps, sentences."""

import re
from typing import Final

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.heads import declaration
from app.importing.parts import Part
from app.importing.stamps import POSTED, posts_of, stamps_of, tracked
from app.importing.times import Clock
from app.importing.words import joined
from app.markdown import words as decoded
from app.review.timewords import declared

_A_FEW_WORDS: Final = 60
_STATE = re.compile(
    r"resolved|monitoring|identified|investigating|updated?|in progress|completed|scheduled|verifying|post-?mortem",
    re.IGNORECASE,
)


class Lines:
    """Turns running text into rows, and keeps as text under the heading of its part what is none."""

    def __init__(self, draft: Draft, clock: Clock) -> None:
        self.draft, self.clock = draft, clock
        self._track = ""
        self._heading = ""
        self._prose = False

    def running(self, block: Block) -> bool:
        """Whether a paragraph or a fence was the date of rows, or rows."""
        if block.kind == "paragraph":
            rows = self.dates(block) or self._tracked(block) or self._stamped(block)
            rows = rows or self._chat(block) or self._lines(block)
            return rows or (self._prose and self._sentences(block))
        return block.kind == "fence" and (self._chat(block) or self._lines(block))

    def dates(self, block: Block) -> bool:
        """A line that is the date of the rows below it, perhaps with their zone: ``2015-10-21 (*all times UTC*)``."""
        timed = self.clock.look(block.text)
        start = timed.understood.start
        if block.kind != "paragraph" or not timed.is_date or not timed.leads or start is None:
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

    def _tracked(self, block: Block) -> bool:
        """An update of a status page that is written in Markdown, with its moment in a shortcode behind its words."""
        if found := tracked(block):
            timed = self.clock.row(found["moment"])
            words = decoded(joined(found["words"]))
            self.draft.event(block.begin, block.end, text=words, track=self._track, **timed.fields)
        return found is not None

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

    def _chat(self, block: Block) -> bool:
        """Lines that were copied out of a chat: who wrote and when, and their words on the lines below."""
        posts = posts_of(block, self.draft.lines, self.clock)
        last = block.end - (block.kind == "fence")
        for place, (begin, name) in enumerate(posts):
            end = posts[place + 1][0] if place + 1 < len(posts) else last
            timed = self.clock.row(self.draft.lines[begin])
            words = self.draft.raw(begin + 1, end).strip()
            self.draft.event(begin, end, text=decoded(words), track=self._track, actor=name, **timed.fields)
        if posts:
            self.draft.use(block.begin, block.end, "layout")
        return bool(posts)

    def is_prose(self, groups: list[list[Block]]) -> bool:
        """Whether a timeline is told in sentences that name their times on the way."""
        timed = 0
        for group in groups:
            looked = self.clock.look(group[0].text)
            stamp = looked.leads and looked.understood.written[:1].isdigit()
            if group[0].kind in {"table", "heading", "fence"} or stamp:
                return False
            if group[0].kind == "paragraph":
                timed += sum(self.clock.look(line).has_clock for line in _sentences(group[0].text))
        return timed > 1

    def _sentences(self, block: Block) -> bool:
        """A paragraph that names a time of day is a row with all its words; so is a line that is a sentence."""
        begin = block.begin
        said = _sentences(block.text)
        if not any(self.clock.look(each).has_clock for each in said):
            return False
        for text in said:
            end = begin + text.count("\n") + 1
            words = joined(text)
            if self.clock.look(words).has_clock:
                timed = self.clock.row(words)
                self.draft.event(begin, end, text=decoded(words), track=self._track, **timed.fields)
            else:
                self.draft.passage(self._heading, begin, end)
            begin = end
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

    def keep(self, group: list[Block]) -> None:
        """Keep what is no row as text under the heading of its part; a rule is layout."""
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

    def _lines(self, block: Block) -> bool:
        """Plain text: every line that begins with a time is a row, and those behind it go on with it."""
        lines = range(block.begin, block.end)
        if block.kind == "fence":
            lines = range(block.begin + 1, block.end - 1)
        starts = [number for number in lines if self.begins_row(self.draft.lines[number])]
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

    def begins_row(self, line: str) -> bool:
        """Whether a line begins with a time of day, a time that counts from another, or a date."""
        timed = self.clock.look(line.strip())
        return timed.leads and (timed.has_clock or timed.understood.kind == "relative" or timed.is_date)


def _sentences(text: str) -> list[str]:
    """The lines of a paragraph where each is a sentence, else the paragraph: lines may be broken to fit a page."""
    lines = text.split("\n")
    whole = all(line.strip()[:1].isupper() or line.strip()[:1].isdigit() for line in lines)
    return lines if whole else [text]


def _unbroken(line: str) -> str:
    """A line without the mark that breaks it in Markdown."""
    return line.strip().removesuffix("\\").rstrip()


def unwrapped(text: str) -> tuple[str, bool]:
    """*text* without bold around all of it, and whether there was."""
    for mark in ("**", "__", "_"):
        wide = len(mark)
        inner = text[wide:-wide]
        if len(text) > 2 * wide and text.startswith(mark) and text.endswith(mark) and mark not in inner:
            return inner, wide == 2
    return text, False
