"""The order of the timeline's rows: what runs against time, rows moved by keys, and the order as written."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from app.review import rows
from screens.timeline_table import TimelineTable
from widgets.grid import Grid


class TimelineOrder(TimelineTable):
    """Nothing is sorted again in silence: what runs backwards is marked, and one key goes from mark to mark."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "exclamation_mark",
            "warning(1)",
            "Warnings: the next row that something is wrong about",
            key_display="!",
            show=False,
            id="timeline.warning",
        ),
        Binding(
            "greater_than_sign",
            "sort",
            "Sort by this column, then the other way, then by time",
            key_display=">",
            show=False,
            id="timeline.sort",
        ),
        Binding("O", "written", "Order as written, or in time", show=False, id="timeline.written"),
        Binding(
            "J,alt+down", "move_row(1)", "Move a row without a time down", show=False, id="timeline.down"
        ),
        Binding("K,alt+up", "move_row(-1)", "Move a row without a time up", show=False, id="timeline.up"),
    ]

    def action_warning(self, step: int) -> None:
        """Go to the next row that something is wrong about, and say what."""
        if not self.warned:
            self.say("Nothing is wrong about any row.")
            return
        keys = [row.id for row in self.rows.events if row.id in self.warned] if self.rows else []
        if not keys:
            self.say("The rows with warnings are not shown: Esc in the filter, or S, shows all.")
            return
        places = {key: place for key in keys if (place := self._place_of(key)) is not None}
        here = self.grid.cursor_row
        ahead = [key for key in keys if (places[key] - here) * step > 0]
        if step < 0:
            ahead.reverse()
            keys.reverse()
        target = (ahead or keys)[0]
        self.grid.move_cursor(target)
        place = sorted(keys, key=lambda key: places[key]).index(target) + 1
        self.say(f"▲ {place}/{len(keys)} {self.warned[target]}", "warning")

    def _place_of(self, key: str) -> int | None:
        return self.rows.index_of(key) if self.rows else None

    def action_written(self) -> None:
        """Show the rows in the order in which they were written, or in that of time."""
        self.show_as(written=not self.look.written, sort="")
        self.say("In the order as written." if self.look.written else "In the order of time.")

    def action_sort(self) -> None:
        """Look at the rows sorted by the column under the cursor; the review keeps its order."""
        self._sort_by(self.grid.cursor_column)

    @on(Grid.HeaderClicked, "#timeline")
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self._sort_by(event.column_key)

    def _sort_by(self, column: str) -> None:
        look, column = self.look, "time" if column == "delta" else column
        up, down = {"sort": column, "down": False}, {"sort": column, "down": True}
        if column == "time":
            # The usual order is that of time already.
            wanted = {"sort": ""} if look.sort else down
        else:
            wanted = up if look.sort != column else {"sort": ""} if look.down else down
        self.show_as(written=False, **wanted)
        title = {"text": "event", "milestone": "★"}.get(column, column)
        way = "the other way round" if self.look.down else "from the first on"
        self.say(f"Sorted by {title}, {way}." if self.look.sort else "In the order of time.")

    def action_move_row(self, step: int) -> None:
        """Move a row without a time among its neighbours; time says where the others stand."""
        row = self.row
        if row is None:
            return
        if self.look.narrowed or self.look.written or self.look.sort:
            self.say(
                "Rows are moved in the whole timeline, in the order of time: Esc, S, O and > lead there."
            )
            return
        way = "down" if step > 0 else "up"
        moved = rows.move(self.bench.session, row.id, step)
        if moved != self.bench.session:
            self.edit(
                f"Move {row.id} {way}", lambda session: rows.move(session, row.id, step), f"move {row.id}"
            )
        elif row.at is not None:
            self.say(f"{row.id} stands where its time says: edit the time, or empty it to move the row.")
        else:
            self.say(f"{row.id} cannot go further {way}.")
