"""The drawn half of the grid: rows, columns, the cell cursor, and how each line looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from app.text import fit
from widgets.columns import GUTTER, PADDING, Column, Place, Row, arrange
from widgets.drawn import EditableDrawn
from widgets.line import Line

HEADER = 1
"""Lines above the rows that do not scroll."""


@dataclass
class GridMessage(Message, namespace="grid"):
    """Something that a person did in a grid."""

    grid: "GridView"

    @property
    def control(self) -> "GridView":
        """The grid, for ``@on(…, selector)``."""
        return self.grid


class GridView(EditableDrawn):
    """Rows and columns of plain text with a cell cursor.

    Rows may be any sequence; only those on screen are looked at. A sequence that can find a key faster than
    by looking at every row may offer ``index_of(key) -> int | None``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Up", show=False),
        Binding("down", "move(1, 0)", "Down", show=False),
        Binding("left", "move(0, -1)", "Left", show=False),
        Binding("right", "move(0, 1)", "Right", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "row_end(0)", "First column", show=False),
        Binding("end", "row_end(-1)", "Last column", show=False),
        Binding("ctrl+home", "to_row(0)", "First row", show=False),
        Binding("ctrl+end", "to_row(-1)", "Last row", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("grid--header", "grid--row", "grid--odd", "grid--cursor-row", "grid--cursor", "grid--selected"),
        *(
            "grid--marker",
            "grid--empty",
            "grid--muted",
            "grid--gap",
            "grid--problem",
            "grid--ok",
            "grid--strong",
        ),
    }
    DEFAULT_CSS = """
    GridView {
        height: 1fr;
        background: $background;
        color: $foreground;
        scrollbar-size-horizontal: 1;
        scrollbar-size-vertical: 1;
        & > .grid--header { background: $panel; color: $text-muted; text-style: bold; }
        & > .grid--row { background: $background; }
        & > .grid--odd { background: $foreground 3%; }
        & > .grid--cursor-row { background: $primary 18%; }
        & > .grid--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .grid--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .grid--selected { background: $accent 20%; }
        & > .grid--marker { color: $accent; text-style: bold; }
        & > .grid--empty { color: $text-muted; }
        & > .grid--muted { color: $text-muted; }
        & > .grid--gap { color: $text-warning; text-style: italic; }
        & > .grid--problem { color: $text-error; }
        & > .grid--ok { color: $text-success; }
        & > .grid--strong { text-style: bold; }
        &:ansi > .grid--header { text-style: bold underline; }
        &:ansi > .grid--cursor { text-style: underline; }
        &:ansi:focus > .grid--cursor { text-style: bold; }
        &:ansi > .grid--cursor-row, &:ansi > .grid--selected { background: ansi_default; text-style: bold; }
    }
    """

    @dataclass
    class RowHighlighted(GridMessage, namespace="grid"):
        """The cursor stands on another row; the key is empty when there is none."""

        row_key: str

    def __init__(
        self,
        columns: Iterable[Column],
        *,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*empty* is shown while there are no rows: it should say the next key to press."""
        super().__init__(name=name, id=id, classes=classes)
        self._columns = tuple(columns)
        self._rows: Sequence[Row] = ()
        self._empty = empty
        self._places: list[Place] = []
        self._row = 0
        self._column = 0
        self._highlighted = ""
        self.mark = ""
        """A sign at the left of the titles, which says in which mode the table is."""

    # What is shown

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, hidden ones included."""
        return self._columns

    @property
    def rows(self) -> Sequence[Row]:
        """The rows as they were given."""
        return self._rows

    def set_columns(self, columns: Iterable[Column]) -> None:
        """Replace the columns (their titles, say, to show what is sorted)."""
        self._columns = tuple(columns)
        self._layout()

    def set_rows(
        self, rows: Sequence[Row], *, keep_cursor: bool = True, renamed: Mapping[str, str] | None = None
    ) -> None:
        """Show *rows*. The cursor stays on its row, found by its key, and at its place on the screen.

        *renamed* has the new keys of rows whose keys are others now.
        """
        key, was, top = self.cursor_key, self._row, self.scroll_offset.y
        key = (renamed or {}).get(key, key)
        self._rows = rows
        found = self._find(key, was) if keep_cursor and key else None
        self._row = found if found is not None else min(was, max(0, len(rows) - 1)) if keep_cursor else 0
        self._layout()
        if found is not None:
            self.scroll_to(y=top + found - was, animate=False, force=True)
        elif not keep_cursor:
            self.scroll_to(y=0, animate=False)
        self._show_cursor()
        self._highlight()

    def set_empty(self, text: str) -> None:
        """Change what is shown while there are no rows."""
        self._empty = text
        self.refresh()

    def _find(self, key: str, near: int) -> int | None:
        index_of = getattr(self._rows, "index_of", None)
        if index_of is not None:
            index: int | None = index_of(key)
            return index
        rows, count = self._rows, len(self._rows)
        # Edits move a row a little, if at all: look around its old place first.
        for index in (*range(near, min(near + 64, count)), *range(max(0, near - 64), min(near, count))):
            if rows[index].key == key:
                return index
        return next((index for index, row in enumerate(rows) if row.key == key), None)

    def _layout(self) -> None:
        self.forget_lines()
        self._places = arrange(self._columns, self.scrollable_content_region.width)
        width = self._places[-1].x + self._places[-1].box if self._places else 0
        self.virtual_size = Size(width, len(self._rows) + HEADER)
        if self._places and self._place(self._column) is None:
            self._column = min(self._places, key=lambda place: abs(place.column - self._column)).column
        self._arranged()
        self.refresh()

    def _arranged(self) -> None:
        """Called when columns or rows lie elsewhere."""

    def width_of(self, key: str) -> int:
        """The cells that the texts of a column have; none while it is hidden."""
        place = next((place for place in self._places if self._columns[place.column].key == key), None)
        return place.width if place else 0

    def _place(self, column: int) -> Place | None:
        return next((place for place in self._places if place.column == column), None)

    def _on_resize(self, event: events.Resize) -> None:
        self._layout()
        self._show_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """A scroll bar takes room from the columns."""
        self.call_after_refresh(self._layout)

    # The cursor

    @property
    def cursor_key(self) -> str:
        """The key of the cursor's row; empty when there are no rows."""
        return self._rows[self._row].key if self._row < len(self._rows) else ""

    @property
    def cursor_row(self) -> int:
        """The index of the cursor's row."""
        return self._row

    @property
    def cursor_column(self) -> str:
        """The key of the cursor's column."""
        return self._columns[self._column].key if self._columns else ""

    def move_cursor(self, row_key: str | None = None, column_key: str | None = None) -> bool:
        """Put the cursor on a row or a column or both; tell whether they exist."""
        row = self._row if row_key is None else self._find(row_key, self._row)
        column = self._column if column_key is None else self._column_index(column_key)
        if row is None or column is None:
            return False
        self._go(row, column)
        return True

    def _column_index(self, key: str) -> int | None:
        return next((index for index, column in enumerate(self._columns) if column.key == key), None)

    def _go(self, row: int, column: int | None = None) -> None:
        row = max(0, min(len(self._rows) - 1, row))
        before, self._row = self._row, row
        if column is not None and self._place(column) is not None:
            self._column = column
        top = self.scroll_offset.y
        self._show_cursor()
        if self.scroll_offset.y == top:
            self.refresh_row(before - top + HEADER)
            self.refresh_row(row - top + HEADER)
        self._highlight()

    def _show_cursor(self) -> None:
        self.show_lines(self._row, 1, HEADER)
        if (place := self._place(self._column)) is None:
            return
        left, width = self.scroll_offset.x, self.scrollable_content_region.width
        if place.x < left + GUTTER:
            self.scroll_to(x=place.x - GUTTER, animate=False, force=True)
        elif place.x + place.box > left + width:
            self.scroll_to(x=place.x + place.box - width, animate=False, force=True)

    def _highlight(self) -> None:
        key = self.cursor_key
        if key != self._highlighted:
            self._highlighted = key
            self.post_message(self.RowHighlighted(self, key))

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor by rows and visible columns."""
        shown = [place.column for place in self._places]
        column = self._column
        if columns and shown:
            column = shown[max(0, min(len(shown) - 1, shown.index(self._column) + columns))]
        self._go(self._row + rows, column)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a windowful."""
        self.action_move(direction * max(1, self.scrollable_content_region.height - HEADER - 1), 0)

    def action_row_end(self, which: int) -> None:
        """Move the cursor to the first or the last column."""
        if self._places:
            self._go(self._row, self._places[which].column)

    def action_to_row(self, which: int) -> None:
        """Move the cursor to the first or the last row."""
        self._go(len(self._rows) - 1 if which else 0)

    # How a line looks

    def is_selected(self, row_key: str) -> bool:
        """Whether a row is marked; a grid with a selection says."""
        return False

    @property
    def any_selected(self) -> bool:
        """Whether any row is marked: while none is, no row has to be looked at to know."""
        return False

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        scroll_x, scroll_y = self.corner
        width = self.room
        if y < HEADER:
            strip = self.cached("header", self._draw_header)
            return strip.crop_extend(scroll_x, scroll_x + width, self.paint("grid--header"))
        if not self._rows:
            return self.draw_empty(self._empty, y, width, "grid--empty", HEADER)
        index = scroll_y + y - HEADER
        if index >= len(self._rows):
            return self.cached(("blank", width), lambda: Strip.blank(width, self.ground))
        column = self._column if index == self._row else -1
        selected = self.any_selected and self.is_selected(self._rows[index].key)
        key = (index, column, selected, scroll_x)
        if (known := self.drawn(key)) is not None:
            return known
        # Only now the row is made: most lines of a frame were drawn for the one before.
        row = self._rows[index]
        strip = self._draw_row(index, row, column, selected)
        if scroll_x or strip.cell_length != width:
            strip = strip.crop_extend(scroll_x, scroll_x + width, self.ground)
        if not row.passing:
            self.keep(key, strip)
        return strip

    def _draw_header(self) -> Strip:
        style = self.paint("grid--header")
        cells = [Segment(fit(self.mark, GUTTER), style)]
        cells += [
            Segment(
                _box(self._columns[place.column].title, place.width, self._columns[place.column].align), style
            )
            for place in self._places
        ]
        return Strip(cells)

    def _draw_row(self, index: int, row: Row, cursor: int, selected: bool) -> Strip:
        here = cursor >= 0
        part = "selected" if selected else "cursor-row" if here else "odd" if index % 2 else "row"
        line = Line(f"{'▌' if here else ' '}{'✓' if selected else ' '}", self._look(part, "marker"))
        width = max(self.virtual_size.width, self.room)
        if row.banner:
            style = self.paint("grid--cursor") if here else self._look(part, row.style)
            line.add(_box(row.cells[0] if row.cells else "", width - GUTTER - 2 * PADDING), style)
            return line.strip(GUTTER + max(2 * PADDING, width - GUTTER))
        cells, styles, columns = row.cells, row.cell_styles, self._columns
        plain = self._look(part, row.style)
        if not here and not styles and len(cells) == len(columns):
            # Most rows of a screen: one look from end to end.
            line.add(self._texts(cells), plain)
        else:
            for column, _, size in self._places:
                text = cells[column] if column < len(cells) else ""
                style = plain
                if column == cursor:
                    style = self.paint("grid--cursor")
                elif column < len(styles) and styles[column]:
                    style = self._look(part, row.style, styles[column])
                line.add(_box(text, size, columns[column].align), style)
        end = self._places[-1].x + self._places[-1].box if self._places else GUTTER
        if end < width:
            line.add(" " * (width - end), self._look(part))
        return line.strip(max(end, width))

    def _texts(self, cells: Sequence[str]) -> str:
        """All cells of a row, each in its box."""
        columns = self._columns
        whole = "".join(cells)
        if not (whole.isascii() and whole.isprintable()):
            return "".join(
                _box(cells[column], size, columns[column].align) for column, _, size in self._places
            )
        # Every character is one cell: whether all are is asked once, not of each text.
        boxes = []
        for column, _, size in self._places:
            text = cells[column]
            if len(text) > size:
                text = fit(text, size)
            boxes.append(text.rjust(size) if columns[column].align == "right" else text.ljust(size))
        between = " " * (2 * PADDING)
        return f"{' ' * PADDING}{between.join(boxes)}{' ' * PADDING}" if boxes else ""

    def _look(self, part: str, *inks: str) -> Style:
        """The style of a kind of row, with others laid over it; names that are empty lay nothing over it."""
        key = f"{part} {' '.join(inks)}"
        if (style := self._looks.get(key)) is None:
            style = self.paint(f"grid--{part}")
            for name in inks:
                style += self.ink(f"grid--{name}") if name else Style.null()
            self._looks[key] = style
        return style


def _box(text: str, width: int, align: str = "left") -> str:
    return " " * PADDING + fit(text, width, align) + " " * PADDING
