"""The raw lines of all sources for a screen: asked for in a thread, a stretch at a time, as they are looked at."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

from app.evidence.engine import WRONG
from app.evidence.message import message
from app.review.moments import in_zone, show_moment
from app.review.records import Event, Pointer, Session
from app.review.timeline import corrected
from app.text import one_line
from widgets.columns import Row

if TYPE_CHECKING:
    from app.evidence.browse import Browser
    from app.evidence.browse import Row as Line

CHUNK = 64
"""Lines that are kept together; a page of a large screen is one or two of these."""
TOGETHER = 4
"""Stretches that are asked for together where a disk is waited for."""
_HELD = 256
"""Stretches that are kept: those that were looked at last."""
WIDEST = 400
"""Cells of a line in the table; below it the whole line can be read."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Wanted:
    """Which lines are shown: those that hold some text, of one source or all, errors or all."""

    contains: str = ""
    source: str = ""
    errors: bool = False

    def holds(self, other: "Wanted") -> bool:
        """Whether every line that *other* asks for is among those that this asks for."""
        return (
            self.contains.casefold() in other.contains.casefold()
            and self.source in {"", other.source}
            and self.errors <= other.errors
        )

    @property
    def narrowed(self) -> bool:
        """Whether lines are left out."""
        return bool(self.contains or self.source or self.errors)


class Asker:
    """Questions to evidence, one at a time and in a thread; a new one stops the one before it."""

    def __init__(self, closed: Callable[[], bool]) -> None:
        """*closed* tells whether nobody waits for any answer any more."""
        self._closed = closed
        self._lock = asyncio.Lock()
        self._asked = 0
        self.running = False

    async def ask(self, question: Callable[[Callable[[], bool]], Answer]) -> Answer | None:
        """The answer; nothing where the question was stopped, or overtaken by another one."""
        from app.evidence.index import Cancel

        self._asked += 1
        mine = self._asked

        def cancelled() -> bool:
            return self._asked != mine or self._closed()

        async with self._lock:
            if cancelled():
                return None
            self.running = True
            try:
                found = await asyncio.to_thread(question, cancelled)
            except Cancel:
                return None
            finally:
                self.running = False
        return None if cancelled() else found

    def stop(self) -> None:
        """Give the question under way up."""
        self._asked += 1


class Lines(Sequence[Row]):
    """The lines as a grid shows them; one that is not there yet is asked for and drawn as a blank."""

    def __init__(
        self,
        session: Session,
        count: int,
        zone: tzinfo,
        day: date,
        want: Callable[[int], None],
    ) -> None:
        """*want* is told the number of a stretch that somebody looks at."""
        self._names = {source.id: source.name or source.id for source in session.sources}
        self._count, self._zone, self._day, self._want = count, zone, day, want
        self._held: OrderedDict[int, list[Line]] = OrderedDict()
        self.marked: dict[tuple[str, int], str] = {}
        """Signs before lines, by artifact and number."""
        self.raw = False
        """Whether lines stand as they were written, or only what they say besides time, level and pod."""
        self.searched = ""
        """What is looked for; lines that hold it stand out."""

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self._row(place) for place in range(*index.indices(self._count))]
        return self._row(index)

    def index_of(self, key: str) -> int | None:
        """Where a line stands, by its key, which is its number."""
        place = int(key) if key.isdigit() else self._count
        return place if place < self._count else None

    def line(self, index: int) -> "Line | None":
        """A line of evidence, if it is there already."""
        chunk = self._held.get(index // CHUNK)
        place = index % CHUNK
        return chunk[place] if chunk is not None and place < len(chunk) else None

    def has(self, number: int) -> bool:
        """Whether a stretch is there."""
        return number in self._held

    def put(self, number: int, lines: list["Line"]) -> None:
        """Keep a stretch that was asked for."""
        self._held[number] = lines
        if len(self._held) > _HELD:
            self._held.popitem(last=False)

    def _row(self, index: int) -> Row:
        line = self.line(index)
        if line is None:
            self._want(index // CHUNK)
            line = self.line(index)
        if line is None:
            return Row(str(index), ("", "…", "", "", "", "", ""), "muted", passing=True)
        self._held.move_to_end(index // CHUNK)
        mark = self.marked.get((line.artifact, line.line), "")
        hit = bool(self.searched) and self.searched.casefold() in line.text.casefold()
        text = line.text if self.raw else message(line.text)
        if hit and self.searched.casefold() not in text.casefold():
            # What was found must be seen: it stands in the part that the gist leaves out.
            text = line.text[max(0, line.text.casefold().find(self.searched.casefold()) - 12) :]
            text = f"…{text}"
        text = one_line(text[:WIDEST])
        cells = (
            mark or ("»" if hit else ""),
            clock(line.at, self._zone, self._day),
            self._names.get(line.source, line.source),
            line.level,
            text,
            line.object,
            f"{line.line:,}",
        )
        wrong = line.level in WRONG
        return Row(str(index), cells, "strong" if hit else "problem" if wrong else "")


def clock(at: datetime | None, zone: tzinfo, day: date) -> str:
    """A line's time to the millisecond, with its date where that is another one."""
    if at is None:
        return ""
    local = in_zone(at, zone)
    shown = show_moment(local, "subsecond")
    return shown if local.date() == day else f"{local:%Y-%m-%d} {shown}"


def as_event(session: Session, line: "Line") -> Event:
    """The row of the timeline that a line makes: its gist, its source, and the pointer back to it.

    A row keeps the time that its source wrote; the clock's correction is added whenever it is shown.
    """
    source = next((each for each in session.sources if each.id == line.source), None)
    at = line.at
    if at is not None and source is not None:
        at = in_zone(corrected(at, -source.clock_offset_s), UTC)
    exact = at is not None and at.microsecond
    return Event(
        at=at,
        precision="order-only" if at is None else "subsecond" if exact else "second",
        text=message(line.text),
        kind="symptom" if line.level in WRONG else "",
        source=(source.name or source.id) if source else line.source,
        evidence=(Pointer(source=line.source, artifact=line.artifact, line=line.line),),
    )


class Found:
    """The lines that are wanted, merged by corrected time. Ask it in a thread, one thread at a time."""

    def __init__(
        self,
        session: Session,
        folder: Path,
        wanted: Wanted,
        cancelled: Callable[[], bool],
        within: "Found | None" = None,
    ) -> None:
        """Count them; those *within* an earlier answer hold all that is wanted now. Raises Cancel."""
        from app.evidence.browse import browse

        self._session, self._folder = session, folder
        self.wanted = wanted
        self.cancelled = cancelled
        """Whether what is asked now is still wanted; set before a question."""
        self.browser: Browser = browse(
            session,
            folder,
            sources=[wanted.source] if wanted.source else None,
            errors_only=wanted.errors,
            contains=wanted.contains,
            within=within.browser if within else None,
            cancelled=lambda: self.cancelled(),
        )
        self.count = self.browser.count
        ends = [next(iter(self.browser.rows(place, place + 1)), None) for place in (0, self.count - 1)]
        self.span = tuple(line.at for line in ends if line is not None and line.at is not None)
        """When the first and the last line were written."""

    def can_answer(self, session: Session, wanted: Wanted) -> bool:
        """Whether all lines that are wanted are in memory here."""
        held = self.browser.held is not None and self._session.sources == session.sources
        return held and self.wanted.holds(wanted)

    @property
    def in_memory(self) -> bool:
        """Whether every line is at hand: no disk is waited for, and nothing is shared with another thread."""
        return self.browser.held is not None

    def chunk(self, number: int) -> list["Line"]:
        """A stretch of lines."""
        return self.browser.rows(number * CHUNK, (number + 1) * CHUNK)

    def chunks(self, number: int) -> dict[int, list["Line"]]:
        """A stretch of lines and its neighbours, by their numbers."""
        first = number - number % TOGETHER
        lines = self.browser.rows(first * CHUNK, (first + TOGETHER) * CHUNK)
        return {
            first + place: stretch
            for place in range(TOGETHER)
            if (stretch := lines[place * CHUNK : (place + 1) * CHUNK])
        }

    def place_of(self, pointer: Pointer) -> int | None:
        """The number of the line that *pointer* names; nothing when it is not among them."""
        return place_of(self.browser, self._session, self._folder, pointer)


def place_of(found: "Browser", session: Session, folder: Path, pointer: Pointer) -> int | None:
    """The number of the line that *pointer* names; nothing when it is not among them."""
    from app.evidence.query import around

    named = next(iter(around(session, folder, pointer.artifact, pointer.line, 0, 0)), None)
    if named is None or named.at is None:
        return None
    start = found.position(named.at)
    while start < found.count:
        for offset, line in enumerate(found.rows(start, start + CHUNK)):
            if line.at is None or line.at > named.at:
                return None
            if (line.artifact, line.line) == (pointer.artifact, pointer.line):
                return start + offset
        start += CHUNK
    return None
