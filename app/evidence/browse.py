"""The rows of all sources as one long list in the order of time, of which a screen shows a few.

A :class:`Browser` knows how many rows there are, which row comes at an instant, and gives any stretch of them
by number; it finds the next row that holds some words. It never holds more than a few pages in memory, whatever
the size of the logs. Like all of evidence it is synchronous: use it in a thread; one thread at a time.

    browser = browse(session, folder, window=window)
    here = browser.position(event.at)
    rows = browser.rows(here - 20, here + 20)
    hit = browser.find("pool exhausted", here + 1)
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.evidence.engine import WRONG, collect, containing, lines_of
from app.evidence.index import Cancelled, never
from app.evidence.kept import Table
from app.evidence.tables import tables
from app.evidence.times import SECOND, microseconds, moment
from app.evidence.window import Window
from app.review.records import Session

if TYPE_CHECKING:
    import polars as pl

_PAGE = 16_384
"""Rows that are sorted and held together. Rows of one second are never parted."""
_PAGES_KEPT = 6
_STRETCH = 262_144
"""Lines of a log that are narrowed or counted together: between two of these, who asks can be let go."""
HOLDABLE = 200_000
"""Rows that may be held in memory together, so that they can be narrowed again and again."""
_ORDER = ("time", "source", "artifact", "line")
_SHOWN = (*_ORDER, "level", "object", "text")
_FIELDS = ("time", "level", "text", "source", "artifact", "line", "object")
"""The columns that make a row, in the order of its fields."""


class Row(NamedTuple):
    """A line of evidence. *at* is in UTC, corrected; nothing where no line before it had a time.

    *object* is what the line says it is about: ``pod/NAME/CONTAINER``, a host, a service.
    """

    at: datetime | None
    level: str
    text: str
    source: str
    artifact: str
    line: int
    object: str = ""


@dataclass(frozen=True)
class _Page:
    """Rows of whole seconds: from *first* to *last*, *count* of them, of which number *begin* is the first."""

    first: int
    last: int
    begin: int
    count: int


class Browser:
    """See the module; :func:`browse` makes one. Every method may raise :class:`app.evidence.index.Cancel`."""

    def __init__(
        self,
        lines: Sequence["pl.LazyFrame"],
        cancelled: Cancelled,
        stretches: "Sequence[pl.LazyFrame] | None" = None,
    ) -> None:
        """*stretches* are the same lines in parts that can be counted one after the other."""
        self._lines = lines
        self._cancelled = cancelled
        self._kept: OrderedDict[int, pl.DataFrame] = OrderedDict()
        self._pages = _pages(lines if stretches is None else stretches, cancelled)
        self._begins = [page.begin for page in self._pages]
        self.count = self._pages[-1].begin + self._pages[-1].count if self._pages else 0
        """How many rows there are."""
        self.held: pl.DataFrame | None = None
        """All rows, once they are held."""

    def hold(self) -> bool:
        """Keep every row in memory, for :func:`browse` to look *within*; tell whether they are few enough."""
        import polars as pl

        if self.held is None and self._lines and self.count <= HOLDABLE:
            asked = pl.concat([lines.select(_SHOWN) for lines in self._lines])
            self.held = collect(asked, self._cancelled).sort(_ORDER)
            self._lines = [self.held.lazy()]
            self._kept.clear()
        return self.held is not None

    def rows(self, start: int, stop: int) -> list[Row]:
        """The rows with the numbers from *start* to before *stop*; what lies outside is left out."""
        start, stop = max(start, 0), min(stop, self.count)
        found: list[Row] = []
        while start < stop:
            number = bisect_right(self._begins, start) - 1
            page = self._pages[number]
            there = self._page(number).slice(start - page.begin, min(stop, page.begin + page.count) - start)
            found += as_rows(there)
            start += there.height
        return found

    def all(self) -> Iterator[Row]:
        """All rows, one after the other."""
        for number in range(len(self._pages)):
            yield from as_rows(self._page(number))

    def position(self, at: datetime) -> int:
        """The number of the first row at *at* or later; :attr:`count` when all are earlier."""
        wanted = microseconds(at)
        number = bisect_right([page.first for page in self._pages], wanted // SECOND) - 1
        if number < 0:
            return 0
        page = self._pages[number]
        if wanted // SECOND > page.last:
            return page.begin + page.count
        import polars as pl

        before = self._page(number).select((pl.col("time").dt.epoch("us") < wanted).sum()).item()
        return page.begin + int(before)

    def find(self, text: str, start: int, *, backwards: bool = False) -> int | None:
        """The number of the nearest row from *start* on (itself included) that holds *text*, in capitals or not.

        *backwards* looks towards the beginning. Nothing when there is none.
        """
        if not text or not 0 <= start < self.count:
            return None
        number = bisect_right(self._begins, start) - 1
        step, stretch = (-1 if backwards else 1), 1
        hit = self._in_page(number, text, start, backwards)
        number += step
        while hit is None and 0 <= number < len(self._pages):
            # Near hits are common and quick; far ones are looked for in ever longer stretches.
            other = max(0, number - stretch + 1) if backwards else min(len(self._pages), number + stretch) - 1
            low, high = min(number, other), max(number, other)
            second = self._second_with(text, self._pages[low].first, self._pages[high].last, backwards)
            if second is not None:
                where = bisect_right([page.first for page in self._pages], second) - 1
                page = self._pages[where]
                return self._in_page(
                    where, text, page.begin + page.count - 1 if backwards else page.begin, backwards
                )
            number, stretch = other + step, stretch * 4
        return hit

    def _in_page(self, number: int, text: str, start: int, backwards: bool) -> int | None:
        page = self._pages[number]
        hits = self._page(number).select(containing(text).arg_true()).to_series()
        at = start - page.begin
        near = hits.filter(hits <= at) if backwards else hits.filter(hits >= at)
        return None if not len(near) else page.begin + int(near[-1] if backwards else near[0])

    def _second_with(self, text: str, first: int, last: int, backwards: bool) -> int | None:
        """The first (or last) second of a stretch that has a row with *text*."""
        import polars as pl

        time = pl.col("time")
        asked = [
            lines.filter(_within(first, last) & containing(text)).select(
                time.max() if backwards else time.min()
            )
            for lines in self._lines
        ]
        found = collect(pl.concat(asked), self._cancelled).select(
            (time.max() if backwards else time.min()).dt.epoch("us")
        )
        at = found.item()
        return None if at is None else int(at) // SECOND

    def _page(self, number: int) -> "pl.DataFrame":
        import polars as pl

        if self.held is not None:
            return self.held.slice(self._pages[number].begin, self._pages[number].count)
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        page = self._pages[number]
        asked = [lines.filter(_within(page.first, page.last)).select(_SHOWN) for lines in self._lines]
        found = collect(pl.concat(asked), self._cancelled).sort(_ORDER)
        self._kept[number] = found
        if len(self._kept) > _PAGES_KEPT:
            self._kept.popitem(last=False)
        return found


def browse(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    errors_only: bool = False,
    contains: str = "",
    within: Browser | None = None,
    cancelled: Cancelled = never,
) -> Browser:
    """All rows with a time, merged by it, or those that are asked for; *contains* ignores capitals.

    Lines without a time of their own (a stack trace) follow the line before them. Evidence that is gone or
    damaged is passed over. The first question to a log parses it: seconds for a million lines. *within* is an
    answer that holds every row that is asked for now: when it is in memory, nothing else is read.
    """
    import polars as pl

    def wanted(lines: pl.LazyFrame) -> pl.LazyFrame:
        if window:
            lines = lines.filter(pl.col("time").is_between(pl.lit(window.start), pl.lit(window.end)))
        if errors_only:
            lines = lines.filter(pl.col("level").is_in(WRONG))
        return lines.filter(containing(contains)) if contains else lines

    if within is not None and within.held is not None:
        lines = wanted(within.held.lazy())
        if sources is not None:
            lines = lines.filter(pl.col("source").is_in(list(sources)))
        # It is held as well, in its order: what is typed next narrows it further.
        return _holding(collect(lines, cancelled), cancelled)
    chosen: list[pl.LazyFrame] = []
    stretches: list[pl.LazyFrame] = []
    timed = pl.col("time").is_not_null()
    for table in tables(session, folder, sources, cancelled):
        if not _overlaps(table, window):
            continue
        lines = lines_of(table)
        chosen.append(wanted(lines.filter(timed)))
        for start in range(0, table.index.rows, _STRETCH):
            stretches.append(wanted(lines.slice(start, _STRETCH).filter(timed)))
    if contains or errors_only:
        few = _few(stretches, cancelled)
        if few is not None:
            return _holding(few, cancelled)
    return Browser(chosen, cancelled, stretches)


def _holding(rows: "pl.DataFrame", cancelled: Cancelled) -> Browser:
    """The rows in memory, sorted already."""
    browser = Browser([rows.lazy()], cancelled)
    browser.held = rows
    return browser


def _few(stretches: "Sequence[pl.LazyFrame]", cancelled: Cancelled) -> "pl.DataFrame | None":
    """The lines in their order, where they are few enough to be held; they are read once then, not twice."""
    import polars as pl

    found: list[pl.DataFrame] = []
    for each in stretches:
        found.append(collect(each.select(_SHOWN), cancelled))
        if sum(frame.height for frame in found) > HOLDABLE:
            return None
    return pl.concat(found).sort(_ORDER) if found else None


def as_rows(frame: "pl.DataFrame") -> list[Row]:
    """The rows of a table with the columns that a row has."""
    # Column by column: one conversion for each of them instead of one for each row.
    return list(map(Row, *(frame.get_column(name).to_list() for name in _FIELDS)))


def _overlaps(table: Table, window: Window | None) -> bool:
    index = table.index
    if index.first_us is None or index.last_us is None:
        return False
    if window is None:
        return True
    offset = round(table.source.clock_offset_s * SECOND)
    return index.first_us + offset <= microseconds(window.end) and index.last_us + offset >= microseconds(
        window.start
    )


def _within(first: int, last: int) -> "pl.Expr":
    """Rows of the whole seconds from *first* to *last*."""
    import polars as pl

    low, high = pl.lit(moment(first * SECOND)), pl.lit(moment((last + 1) * SECOND))
    return (pl.col("time") >= low) & (pl.col("time") < high)


def _pages(lines: Sequence["pl.LazyFrame"], cancelled: Cancelled) -> list[_Page]:
    """Whole seconds put together until a page is full."""
    import polars as pl

    if not lines:
        return []
    second = (pl.col("time").dt.epoch("us") // SECOND).alias("second")
    parts = [
        collect(each.select(second).group_by("second").agg(pl.len().alias("count")), cancelled)
        for each in lines
    ]
    counted = pl.concat(parts).group_by("second").agg(pl.col("count").sum()).sort("second")
    found = (
        counted.with_columns((pl.col("count").cum_sum().shift(1, fill_value=0) // _PAGE).alias("page"))
        .group_by("page", maintain_order=True)
        .agg(
            pl.col("second").first().alias("first"),
            pl.col("second").last().alias("last"),
            pl.col("count").sum(),
        )
        .with_columns(pl.col("count").cum_sum().shift(1, fill_value=0).alias("begin"))
    )
    return [_Page(*row) for row in found.select("first", "last", "begin", "count").iter_rows()]
