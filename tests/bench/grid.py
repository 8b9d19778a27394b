"""What a key costs in a table, from the key to the drawn frame, at any length.

CPU time of the process, through the real compositor, against Textual's ``DataTable`` and against the least
that any widget drawn by lines must do. Read the ratios; the milliseconds belong to the machine. Garbage is
collected as the program does it (:mod:`app.garbage`), which keeps full collections out of the figures.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.coordinate import Coordinate
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import DataTable

from app import garbage
from tests.bench.costs import KEYS, Drawing, figure, frame
from widgets.grid import Column, Grid, Row

SIZE = (120, 40)
LENGTHS = (100, 10_000, 100_000)
TITLES = ("time", "kind", "event", "source", "actor")
WIDTHS = (10, 10, 50, 14, 10)


def cells(number: int) -> tuple[str, ...]:
    """The texts of a row, all different from those of its neighbours."""
    clock = f"10:{number // 60 % 60:02d}:{number % 60:02d}"
    return clock, "~symptom", f"event {number} [red] 日本語 of many", f"pod-{number % 17}", "System"


class BareLines(ScrollView, can_focus=True):
    """The least a line-drawn table does: no columns that move, no cell cursor, no selection, no cache."""

    BINDINGS = [  # noqa: RUF012
        Binding("down", "move(1)"),
        Binding("pagedown", "move(38)"),
        Binding("pageup", "move(-38)"),
        Binding("ctrl+end", "move(1_000_000)"),
        Binding("ctrl+home", "move(-1_000_000)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.texts: Sequence[tuple[str, ...]] = ()
        self.at = 0

    def load(self, texts: Sequence[tuple[str, ...]]) -> None:
        self.texts = texts
        self.at = min(self.at, max(0, len(texts) - 1))
        self.virtual_size = Size(100, len(texts))
        self.refresh()

    def action_move(self, by: int) -> None:
        old, self.at = self.at, max(0, min(len(self.texts) - 1, self.at + by))
        top, height = self.scroll_offset.y, self.size.height
        if self.at >= top + height:
            self.scroll_to(y=self.at - height + 1, animate=False)
        elif self.at < top:
            self.scroll_to(y=self.at, animate=False)
        else:
            for row in (old, self.at):
                self.refresh(Region(0, row - top, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        if row >= len(self.texts):
            return Strip.blank(self.size.width, self.rich_style)
        style = self.rich_style + self.rich_style.from_color(None, None)
        texts = zip(self.texts[row], WIDTHS, strict=True)
        line = Strip([Segment(f" {set_cell_size(text, width)} ", style) for text, width in texts])
        return line.adjust_cell_length(self.size.width, style)


@dataclass
class Table:
    """One of the tables, how it is loaded and filtered, and how a cell of it is changed."""

    name: str
    make: Callable[[], Widget]
    rows: Callable[[int], Any]
    load: Callable[[Any, Any], None]
    change: Callable[[Any, Any, int], None]
    """Show another text in one cell of the row with this number."""
    lengths: Sequence[int] = LENGTHS
    figures: dict[tuple[int, str], list[float]] = field(default_factory=dict)


def _texts(count: int) -> list[tuple[str, ...]]:
    return [cells(number) for number in range(count)]


def _rows(count: int) -> list[Row]:
    return [Row(f"E{number}", texts) for number, texts in enumerate(_texts(count))]


class OnDemand(Sequence[Row]):
    """Rows that are made when they are looked at: nothing to keep, and nothing for the collector to visit."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Row:  # type: ignore[override]
        if not 0 <= number < self._count:
            raise IndexError(number)
        return Row(f"E{number}", cells(number))

    def index_of(self, key: str) -> int | None:
        number = int(key[1:])
        return number if number < self._count else None


def _load_data_table(table: "DataTable[str]", texts: Sequence[tuple[str, ...]]) -> None:
    table.clear(columns=True)
    for title, width in zip(TITLES, WIDTHS, strict=True):
        table.add_column(title, width=width)
    table.add_rows(texts)


def _change_grid(table: Grid, rows: "list[Row] | OnDemand", number: int) -> None:
    # As the timeline does: the edit made a new sequence, in which one row is another.
    if isinstance(rows, list):
        rows = [*rows]
        rows[number] = rows[number]._replace(cells=("10:00", "!alert", "changed", *rows[number].cells[3:]))
    table.set_rows(rows)


def _change_lines(table: BareLines, texts: list[tuple[str, ...]], number: int) -> None:
    table.load([*texts[:number], ("10:00", "!alert", "changed", *texts[number][3:]), *texts[number + 1 :]])


def _change_data_table(table: "DataTable[str]", _texts: object, number: int) -> None:
    # Without its width: measuring the column anew takes seconds at ten thousand rows.
    table.update_cell_at(Coordinate(number, 2), f"changed {time.process_time()}", update_width=False)


def _grid() -> Grid:
    return Grid([Column(title, title, width) for title, width in zip(TITLES, WIDTHS, strict=True)])


def _data_table() -> "DataTable[str]":
    return DataTable(cursor_type="cell")


def tables(quick: bool) -> list[Table]:
    """The tables that are compared; the slow one is spared the greatest length when *quick*."""
    return [
        Table("Grid", _grid, _rows, Grid.set_rows, _change_grid),
        Table("Grid, lazy rows", _grid, OnDemand, Grid.set_rows, _change_grid),
        Table("bare lines", BareLines, _texts, BareLines.load, _change_lines),
        Table(
            "DataTable",
            _data_table,
            _texts,
            _load_data_table,
            _change_data_table,
            LENGTHS[:2] if quick else LENGTHS,
        ),
    ]


class _Host(Drawing):
    """Shows one table."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table
        self.drawn = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield self.table


async def measure(table: Table, count: int, keys: int = KEYS) -> None:
    """Load *count* rows, then move, page, jump, change a cell and filter."""
    widget = table.make()
    app = _Host(widget)
    async with app.run_test(size=SIZE) as pilot:
        app.screen.set_focus(widget)
        await pilot.pause()
        rows, fewer = table.rows(count), table.rows(count // 10)
        garbage.settle()

        async def pressed(*names: str) -> list[float]:
            """Press the keys in turns."""
            found = []
            for number in range(keys):
                key = events.Key(names[number % len(names)], None)
                found.append(await frame(app, lambda key=key: app.post_message(key)))
            return found

        found = table.figures
        found[count, "load"] = [await frame(app, lambda: table.load(widget, rows))]
        found[count, "move"] = await pressed("down")
        # Every key must change the screen: a short table is paged down and up again.
        found[count, "page"] = await pressed(
            *(("pagedown",) if count >= 40 * keys else ("pageup", "pagedown"))
        )
        await pilot.press("ctrl+home")
        found[count, "jump"] = await pressed("ctrl+end", "ctrl+home")
        found[count, "edit"] = [
            await frame(app, lambda number=number: table.change(widget, rows, number)) for number in range(9)
        ]
        found[count, "filter"] = [await frame(app, lambda: table.load(widget, fewer))]
    garbage.let_go()


def run(quick: bool = False) -> None:
    """Measure and print; *quick* leaves out what takes Textual's table a minute."""
    compared = tables(quick)
    for table in compared:
        for count in table.lengths:
            asyncio.run(measure(table, count))
    bare = next(table for table in compared if table.make is BareLines)
    print("key to frame, CPU ms: median / 95th percentile; load and filter are single runs")
    print(
        f"{'rows':>9}  {'what':<7}"
        + "".join(f"{table.name:>22}" for table in compared)
        + f"{'Grid/bare':>12}"
    )
    for count in LENGTHS:
        for what in ("load", "move", "page", "jump", "edit", "filter"):
            shown, ratio = "", ""
            for table in compared:
                values = table.figures.get((count, what))
                shown += f"{figure(values, 2):>22}"
            ours, least = compared[0].figures[count, what], bare.figures[count, what]
            if least and statistics.median(least) > 0:
                ratio = f"{statistics.median(ours) / statistics.median(least):.2f}"
            print(f"{count:>9,}  {what:<7}{shown}{ratio:>12}")


if __name__ == "__main__":
    run()
