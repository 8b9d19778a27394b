"""A series over time as a strip of blocks, with the rows of a table on its axis and a cursor that both share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from app.review.extent import buckets
from app.text import cut, fit
from widgets.spark import BLOCKS
from widgets.still import Still

Point = tuple[float, float]
"""Seconds since 1970, value."""
Mark = tuple[float, str]
"""Where a row stands on the axis, and the sign that it has there."""

LABEL = 16
"""Cells left of the strip."""


def bars(values: Sequence[float | None], height: int) -> list[str]:
    """*values* as *height* lines of blocks, from the top; blanks where nothing is known. Blocks start at zero."""
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known) if known else 0.0, max(known, default=0.0)
    reach = high / 2 - low / 2
    eighths = [
        None
        if value is None
        else max(1, round((value / 2 - low / 2) / reach * height * 8))
        if reach > 0
        else 1
        for value in values
    ]
    lines = []
    for line in range(height - 1, -1, -1):
        lines.append(
            "".join(
                " " if each is None or each <= line * 8 else BLOCKS[min(8, each - line * 8) - 1]
                for each in eighths
            )
        )
    return lines


@dataclass(frozen=True)
class Picture:
    """What a strip shows."""

    label: str = ""
    points: tuple[Point, ...] = ()
    span: tuple[float, float] = (0.0, 0.0)
    """The first and the last instant, in seconds since 1970."""
    marks: tuple[Mark, ...] = ()


def _seconds(at: float) -> str:
    return f"{at:.0f}"


class StripChart(Still, can_focus=True):
    """Blocks over an axis. Left and right move the cursor by a cell, up and down ask for the next row."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Earlier", show=False),
        Binding("right", "move(1)", "Later", show=False),
        Binding("pageup,ctrl+left", "move(-8)", "Much earlier", show=False),
        Binding("pagedown,ctrl+right", "move(8)", "Much later", show=False),
        Binding("home", "end_of(0)", "Beginning", show=False),
        Binding("end", "end_of(1)", "End", show=False),
        Binding("up", "row(-1)", "Row before", show=False),
        Binding("down", "row(1)", "Next row", show=False),
        Binding("enter,escape", "leave", "Rows"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "strip--label", "strip--blocks", "strip--axis", "strip--mark", "strip--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    StripChart {
        height: 2;
        background: $panel;
        display: none;
        & > .strip--label { color: $text-muted; }
        & > .strip--blocks { color: $text-accent; }
        & > .strip--axis { color: $text-muted; }
        & > .strip--mark { color: $foreground; }
        & > .strip--cursor { color: $foreground; text-style: bold reverse; }
    }
    StripChart.-some { display: block; }
    StripChart:focus { background: $boost; }
    """

    @dataclass
    class Moved(Message):
        """The cursor was moved to an instant."""

        at: float

    @dataclass
    class RowWanted(Message):
        """The row before or the next one is wanted."""

        step: int

    @dataclass
    class Left(Message):
        """The rows are wanted."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = Picture()
        self._cursor: float | None = None
        self.clock: Callable[[float], str] = _seconds
        """How an instant is written."""
        self._values: list[float | None] = []
        self._lines: list[str] = []
        self._axis: list[str] = []
        self._arranged_for = self.size

    @property
    def picture(self) -> Picture:
        """What is shown."""
        return self._picture

    @property
    def cursor(self) -> float | None:
        """The instant that the cursor stands at."""
        return self._cursor

    def show(self, picture: Picture) -> None:
        """Show another picture; without points there is nothing to see."""
        if picture == self._picture:
            return
        self._picture = picture
        self.set_class(bool(picture.points), "-some")
        self._draw()

    def point_to(self, at: float | None) -> None:
        """Put the cursor at an instant, without telling anybody."""
        if at != self._cursor:
            self._cursor = at
            self.refresh()

    @property
    def _width(self) -> int:
        return max(0, self.size.width - LABEL - 1)

    def _draw(self) -> None:
        self._arrange()
        self.refresh()

    def _arrange(self) -> None:
        self._arranged_for = self.size
        self._values = buckets(self._picture.points, self._picture.span, self._width)
        self._lines = bars(self._values, max(1, self.size.height - 1))
        self._axis = self._marked()

    def _marked(self) -> list[str]:
        """The axis with the rows on it: made once for a picture, however often its cursor moves."""
        axis = ["─"] * self._width
        start, end = self._picture.span
        width, length = self._width, end - start
        for at, sign in self._picture.marks if width and length > 0 else ():
            if start <= at <= end:
                cell = min(width - 1, int((at - start) / length * width))
                if axis[cell] != "★":
                    axis[cell] = sign
        return axis

    def _on_resize(self, event: events.Resize) -> None:
        self._draw()

    def cell_of(self, at: float) -> int | None:
        """The cell that an instant lies in; nothing outside of the strip."""
        start, end = self._picture.span
        if end <= start or not start <= at <= end:
            return None
        return min(self._width - 1, int((at - start) / (end - start) * self._width))

    def _middle(self, cell: int) -> float:
        start, end = self._picture.span
        return start + (cell + 0.5) * (end - start) / max(1, self._width)

    def render_line(self, y: int) -> Strip:
        """Blocks, and below them the axis with the rows on it."""
        if self._arranged_for != self.size:
            # Where the terminal grows, Textual draws a frame before it tells the widget.
            self._arrange()
        last = self.size.height - 1
        here = None if self._cursor is None else self.cell_of(self._cursor)
        label = self.get_component_rich_style("strip--label")
        if y < last:
            text = self._picture.label if y == 0 else ""
            if y == last - 1 and y > 0:
                text = (
                    f"peak {_number(max((each for each in self._values if each is not None), default=0.0))}"
                )
            left = Segment(f" {fit(cut(text, LABEL - 2), LABEL - 2)} ", label)
            blocks = self._lines[y] if y < len(self._lines) else ""
            style = self.get_component_rich_style("strip--blocks")
            return self._strip(left, blocks, here, style)
        axis = [*self._axis]
        if here is not None and axis:
            axis[here] = "▲"
        value = "" if here is None or here >= len(self._values) else _number(self._values[here])
        when = "" if self._cursor is None else self.clock(self._cursor)
        left = Segment(f" {fit(cut(f'{when} {value}', LABEL - 2), LABEL - 2)} ", label)
        return self._strip(left, "".join(axis), here, self.get_component_rich_style("strip--axis"))

    def _strip(self, left: Segment, text: str, here: int | None, style: Style) -> Strip:
        pieces = [left]
        if here is None or here >= len(text) or not self.has_focus:
            pieces.append(Segment(text, style))
        else:
            cursor = self.get_component_rich_style("strip--cursor")
            pieces += [
                Segment(text[:here], style),
                Segment(text[here], cursor),
                Segment(text[here + 1 :], style),
            ]
        return Strip(pieces).adjust_cell_length(self.size.width, self.rich_style)

    def _go(self, cell: int) -> None:
        cell = max(0, min(self._width - 1, cell))
        self._cursor = self._middle(cell)
        self.refresh()
        self.post_message(self.Moved(self._cursor))

    def action_move(self, cells: int) -> None:
        """Move the cursor by cells."""
        here = None if self._cursor is None else self.cell_of(self._cursor)
        self._go((0 if cells > 0 else self._width - 1) if here is None else here + cells)

    def action_end_of(self, which: int) -> None:
        """Go to the beginning or the end."""
        self._go(which * (self._width - 1))

    def action_row(self, step: int) -> None:
        """Ask for the row before or the next one."""
        self.post_message(self.RowWanted(step))

    def action_leave(self) -> None:
        """Go back to the rows."""
        self.post_message(self.Left())

    async def _on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and at.x >= LABEL:
            event.stop()
            self._go(at.x - LABEL)


def _number(value: float | None) -> str:
    """A value in few cells: ``2,108``, ``0.25``, ``1.2M``; a dash where none is known."""
    if value is None:
        return "-"
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}" if abs(value) < 1e16 else f"{value:.2g}"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"
