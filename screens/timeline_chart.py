"""The incident's indicator over the rows: errors a minute, or a collected series; one cursor for both."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.indicator import ERRORS, NONE, choices, points
from app.review import edits
from app.review.extent import span
from app.review.facets import Facet
from app.review.moments import from_timestamp, show_moment
from app.review.records import Session
from app.review.timeline import instant, instants
from screens.suggestions import LOOK_AFTER
from screens.timeline_table import TimelineTable
from screens.workbench import Workbench
from widgets.grid import Grid
from widgets.strip_chart import Mark, Picture, Point, StripChart

TALL = 36
"""Lines of a terminal from which on the strip is higher."""


_MILESTONES: Final[Facet[str]] = Facet(attrgetter("milestone"))


def _marks(rows: Iterable[tuple[datetime | None, str]]) -> tuple[Mark, ...]:
    return tuple((at.timestamp(), "★" if name else "┴") for at, name in rows if at is not None)


class TimelineChart(TimelineTable):
    """The strip follows the rows at once, and the evidence when it changes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "chart", "Chart: move in it, the rows follow", show=False, id="timeline.chart"),
        Binding("C", "indicator", "Which series the chart shows", show=False, id="timeline.indicator"),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._indicator: tuple[str, tuple[Point, ...]] = ("", ())
        self._asked_indicator: tuple[object, ...] = ()
        self._marked: tuple[object, object, tuple[Mark, ...]] = (None, None, ())
        """The times and the milestones of all rows, and their marks."""

    def chart_above(self) -> ComposeResult:
        """The strip above the table."""
        yield StripChart(id="chart")

    @property
    def chart(self) -> StripChart:
        """The strip."""
        return self.query_one("#chart", StripChart)

    def on_mount(self) -> None:
        """Follow the evidence; the frame follows the session."""
        self.chart.clock = self._clock
        self.bench.suggested.subscribe(self, lambda _count: self.look_at_indicator())
        self.set_timer(LOOK_AFTER, self.look_at_indicator)

    def show_session(self, session: Session) -> None:
        """Show the rows, and where they stand on the strip."""
        super().show_session(session)
        self._show_chart()
        if self._asked_indicator and self._asked_indicator != (session.sources, session.display.indicator):
            self.look_at_indicator()

    def on_resize(self) -> None:
        """A tall terminal has room for a higher strip."""
        self.chart.styles.height = 4 if self.app.size.height >= TALL else 2

    def _clock(self, at: float) -> str:
        return show_moment(from_timestamp(at, self.bench.zone), "second")

    @work(exclusive=True, group="indicator", exit_on_error=False)
    async def look_at_indicator(self) -> None:
        """The points of the indicator, computed in a thread."""
        bench = self.bench
        session = bench.session
        self._asked_indicator = (session.sources, session.display.indicator)
        if not any(source.artifacts for source in session.sources):
            self._indicator = ("", ())
        else:
            self._indicator = await asyncio.to_thread(
                points, session, bench.desk.folder, session.display.indicator, bench.stopping.is_set
            )
        self._show_chart()

    def _show_chart(self) -> None:
        session = self.bench.session
        label, found = self._indicator
        shown = span(session) if found else None
        if shown is None:
            self.chart.show(Picture())
            return
        self.chart.show(Picture(label, found, shown, self._marks(session)))
        self._point()

    def _marks(self, session: Session) -> tuple[Mark, ...]:
        """Where the rows that are shown stand on the strip."""
        rows = self.rows
        if rows is None:
            return ()
        times, names = instants(session), _MILESTONES.of(session.events)
        if not self.look.narrowed and len(rows.events) == len(session.events):
            # All rows, as after most edits: only another time or milestone makes other marks.
            if self._marked[0] is not times or self._marked[1] is not names:
                self._marked = times, names, _marks(zip(times, names, strict=True))
            return self._marked[2]
        shown = {event.id for event in rows.events}
        each = zip(session.events, times, names, strict=True)
        return _marks((at, name) for event, at, name in each if event.id in shown)

    def _point(self) -> None:
        """Put the strip's cursor where the row is, unless it is the strip's that is moved."""
        if not self.chart.has_focus:
            row = self.row
            at = instant(self.bench.session, row) if row else None
            self.chart.point_to(at.timestamp() if at else None)

    @on(Grid.RowHighlighted, "#timeline")
    def _row_highlighted(self, event: Grid.RowHighlighted) -> None:
        self._point()

    @on(StripChart.Moved)
    def _chart_moved(self, event: StripChart.Moved) -> None:
        """Put the row's cursor on the row nearest to the moment."""
        event.stop()
        session = self.bench.session
        timed = [
            (abs(at.timestamp() - event.at), row.id)
            for row in (self.rows.events if self.rows else ())
            if (at := instant(session, row)) is not None
        ]
        if timed:
            self.grid.move_cursor(min(timed)[1])

    @on(StripChart.RowWanted)
    def _chart_row(self, event: StripChart.RowWanted) -> None:
        event.stop()
        self.grid.action_move(event.step, 0)
        row = self.row
        at = instant(self.bench.session, row) if row else None
        if at is not None:
            self.chart.point_to(at.timestamp())

    @on(StripChart.Left)
    def _chart_left(self, event: StripChart.Left) -> None:
        event.stop()
        self.grid.focus()
        self._point()

    def action_chart(self) -> None:
        """Move in the strip: the rows follow."""
        if self.chart.display and self.chart.picture.points:
            self.chart.focus()
        else:
            self.say("There is no series to show: collect logs or metrics on step 1, or choose one with C.")

    @work
    async def action_indicator(self) -> None:
        """Choose the series over the rows; the review remembers it."""
        from screens.dialogs import Choice, Choose

        bench = self.bench
        session = bench.session
        known = await asyncio.to_thread(choices, session, bench.desk.folder, bench.stopping.is_set)
        offered = [
            Choice(ERRORS, "errors a minute", "lines of logs that declare an error"),
            *(Choice(key, name) for key, name in known),
            Choice(NONE, "no chart"),
        ]
        current = session.display.indicator or ERRORS
        picked = await self.app.push_screen_wait(Choose("Series over the timeline", offered, current))
        if picked is None or picked == current:
            return
        name = next(each.text for each in offered if each.key == picked)
        self.edit(f"Show {name} over the rows", lambda before: edits.set_display(before, indicator=picked))
