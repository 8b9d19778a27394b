"""The table of the timeline: which rows and columns it shows, and the whole row under the cursor.

The step is put together from parts that each know this table and not one another: cells, rows together,
narrowing, facts, offers. A part brings its keys with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from textual import on

from app.review import edits
from app.review.facets import Facet
from app.review.records import Event, Session
from app.review.rows import with_folded
from app.review.timeline import added, event_by_id, warnings
from app.review.vocabulary import KINDS, MILESTONES
from app.review.zoneless import UNDECLARED
from app.text import cell_len, cut
from screens.frame import StepScreen
from screens.room import ROOMY
from screens.timeline_rows import Look, TimelineRows, time_width
from screens.workbench import Workbench
from widgets.grid import Column, Grid, Row
from widgets.sheet import Sheet
from widgets.wrapped import MARGIN, Wrapped


class _Used(NamedTuple):
    """Which columns have any text, and how many characters the longest event has."""

    kind: bool
    source: bool
    actor: bool
    milestone: bool
    text: int


_ALL = _Used(True, True, True, True, 0)
_CELLS: Facet[_Used] = Facet(
    lambda event: _Used(
        bool(event.kind), bool(event.source), bool(event.actor), bool(event.milestone), len(event.text)
    )
)


class _UsedOf:
    """What all rows together use; asked of the rows that an edit changed."""

    def __init__(self) -> None:
        self._last: tuple[tuple[_Used, ...], _Used] = ((), _Used(False, False, False, False, 0))

    def __call__(self, events: tuple[Event, ...]) -> _Used:
        each = _CELLS.of(events)
        if each is not self._last[0]:
            found = _Used(
                any(row.kind for row in each),
                any(row.source for row in each),
                any(row.actor for row in each),
                any(row.milestone for row in each),
                max((row.text for row in each), default=0),
            )
            self._last = each, found
        return self._last[1]


_used_cells = _UsedOf()


class TimelineTable(StepScreen):
    """What every part of the timeline's screen stands on."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.look = Look()
        """How the person wants to see the timeline."""
        self.rows: TimelineRows | None = None
        self.warned: Mapping[str, str] = {}
        """What is wrong about rows, by their ids."""
        self._judged: tuple[Event, ...] | None = None
        """The rows that :attr:`warned` is about: a key in the filter changes none of them."""
        self._just_added = ""
        """The row that the cursor goes to as soon as it is shown."""
        self._renamed: dict[str, str] = {}
        """Rows being added whose ids have changed: old to new."""

    @property
    def grid(self) -> Sheet:
        """The table of rows."""
        return self.query_one("#timeline", Sheet)

    def _columns(self) -> tuple[Column, ...]:
        """The columns; the one that the rows are sorted by says so in its title."""
        look = self.look
        sign = "↓" if look.down else "↑"
        return tuple(
            _titled(column, f"{column.title} {sign}") if column.key == look.sort else column
            for column in self._all_columns()
        )

    def _all_columns(self) -> tuple[Column, ...]:
        title = f"time {self.bench.zone_name}"
        roomy = self.size.width >= ROOMY
        width = time_width(self.bench.session, self.bench.zone, self.bench.first_day) + bool(self.warned)
        # Filled in, a narrow table has room for what is typed: the distance goes, and the others draw together.
        filling = self.is_mounted and self.grid.filling
        least = width if filling else max(cell_len(title), width)
        width = max(cell_len(title), width)
        # A column without any text gives its room to what happened.
        used = _used_cells(self.bench.session.events)
        if filling or not used.text:
            used = _ALL
        kind = 14 if roomy else 10
        return (
            Column("time", title, width, min_width=least),
            Column("delta", "Δ", 7, align="right", editable=False, priority=5 if filling else 30),
            Column(
                "kind",
                "kind",
                kind if used.kind else 5,
                min_width=(7 if filling else 9) if used.kind else 5,
                priority=60,
                suggestions=tuple(KINDS),
            ),
            Column("text", "event", grow=4, min_width=12 if filling else 26),
            Column(
                "source",
                "source",
                0 if used.source else 7,
                grow=1 if used.source else 0,
                min_width=10 if used.source else 7,
                priority=20,
                suggestions=self._sources,
            ),
            Column(
                "actor",
                "actor",
                10 if used.actor else 6,
                min_width=8 if used.actor else 6,
                priority=10,
                suggestions=self._actors,
            ),
            Column(
                "milestone",
                "★",
                14 if used.milestone else 2,
                min_width=8 if filling else 14 if used.milestone else 2,
                priority=70,
                suggestions=tuple(MILESTONES),
            ),
        )

    def _sources(self) -> tuple[str, ...]:
        return self._used("source")

    def _actors(self) -> tuple[str, ...]:
        return self._used("actor")

    def _used(self, field: str) -> tuple[str, ...]:
        return tuple(sorted({getattr(event, field) for event in self.bench.session.events} - {""}))

    @property
    def row(self) -> Event | None:
        """The event under the cursor; none on a line between two rows."""
        return event_by_id(self.bench.session, self.grid.cursor_key)

    def show_session(self, session: Session) -> None:
        """Show the rows, narrowed as the person wants them; the cursor goes to a row that was just added."""
        self._show_rows(session, self._renamed)
        if self._just_added:
            self.grid.move_cursor(self._just_added)
            self._just_added = ""
        self._renamed = {}

    def show_as(self, **changes: Any) -> None:
        """Look at the timeline another way."""
        self.look = replace(self.look, **changes)
        self._show_rows(self.bench.session)

    def _show_rows(self, session: Session, renamed: dict[str, str] | None = None) -> None:
        if session.events is not self._judged:
            self.warned, self._judged = warnings(session), session.events
        self.rows = TimelineRows(session, self.bench.zone, self.bench.first_day, self.look, self.warned)
        shown = self.arranged(self.rows)
        columns = self._columns()
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self.grid.set_rows(shown, renamed=renamed)
        self._show_row()

    def arranged(self, rows: TimelineRows) -> Sequence[Row]:
        """The rows as the table shows them: one list, unless a part has another way."""
        return rows

    def on_resize(self) -> None:
        """Words are cut where there is no room for them, and whole where there is."""
        columns = self._columns()
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self._show_row()

    @on(Grid.RowHighlighted, "#timeline")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_row()

    def _show_row(self) -> None:
        """The whole row under the cursor, where the grid has no room for all of it.

        It is as high as the longest row needs, whatever it says: nothing has to be laid out anew for a key.
        """
        row = self.row
        line = self.query_one("#row", Wrapped)
        high = self._height_of_row()
        if line.styles.height is None or line.styles.height.value != high:
            line.styles.height = high
        wrong = self.warned.get(row.id, "") if row else ""
        zone = ""
        if row is not None and row.zone == UNDECLARED and row.at is not None:
            zone = f"no zone, read as {row.at.tzname() or 'UTC'} (Z)"
        longest = _used_cells(self.bench.session.events).text
        narrow = bool(longest) and (self.size.width < ROOMY or longest > self.grid.width_of("text"))
        line.set_class(bool(wrong or zone or narrow), "-some")
        line.set_class(bool(wrong), "-wrong")
        if wrong:
            line.show(f"▲ {wrong}")
        elif row is None:
            line.show("")
        else:
            hidden = [row.source] * (not self.grid.width_of("source")) + [row.actor] * (
                not self.grid.width_of("actor")
            )
            whence = zone or " · ".join(each for each in hidden if each not in {"", "-"})
            width = self.size.width - 2 * MARGIN
            tail = f"   {cut(whence, width // 2)}" if whence else ""
            # Lines are broken between words: some of their cells stay empty.
            room = high * width - (high - 1) * width // 5
            line.show(f"{cut(row.text, room - cell_len(tail))}{tail}")

    def _height_of_row(self) -> int:
        """Lines for the whole row: what the longest needs, where the screen has them."""
        longest = _used_cells(self.bench.session.events).text
        most = 1 if self.size.height < 28 else 2 if self.size.height < 40 else 3
        return max(1, min(most, -(-longest // max(1, self.size.width - 2 * MARGIN))))

    def rows_meant(self) -> tuple[str, ...]:
        """The selected rows, or the one under the cursor; only real rows count."""
        session = self.bench.session
        picked = with_folded(session, self.grid.selected_keys or (self.grid.cursor_key,))
        return tuple(key for key in picked if event_by_id(session, key) is not None)

    def events_of(self, keys: Iterable[str]) -> tuple[Event, ...]:
        """The rows with these keys."""
        found = (event_by_id(self.bench.session, key) for key in keys)
        return tuple(event for event in found if event is not None)

    def record(self, found: Event, label: str) -> None:
        """Add a row in its place, and put the cursor on it."""
        before = self.bench.session

        def change(session: Session) -> Session:
            # What was suggested has its source's clock correction in its times, which a row has not.
            put = edits.accept(session, found) if found.suggestion else edits.add(session, "events", found)
            new = added(before, put)
            session = put
            if found.milestone and new:
                session = edits.set_milestone(session, new, found.milestone)
            return session

        if self.edit(label, change):
            # The rows are shown once, when the edit is told to every step.
            self._just_added = added(before, self.bench.session)


def _titled(column: Column, title: str) -> Column:
    """The column with a longer title, and room for it."""
    more = cell_len(title)
    return replace(column, title=title, width=max(column.width, more), min_width=max(column.least, more))


def count(keys: tuple[str, ...], noun: str = "row") -> str:
    """How many, in words: ``1 row``, ``3 rows``."""
    return f"{len(keys)} {noun}{'' if len(keys) == 1 else 's'}"


def named(verb: str, keys: tuple[str, ...]) -> str:
    """The name of an edit in the history: one row by its id, several by their number."""
    return f"{verb} {keys[0]}" if len(keys) == 1 else f"{verb} {len(keys)} rows"
