"""An editor for tables of any length: drawn line by line, edited in place.

Textual's ``DataTable`` measures every row when it is loaded and has no editing; here nothing is measured, and
100,000 rows cost the same as a screenful.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.widgets import Input

from app.text import cell_len, one_line
from widgets.columns import ALWAYS, GUTTER, PADDING, Column, Row
from widgets.grid_view import HEADER, GridMessage, GridView

__all__ = ["ALWAYS", "Column", "Grid", "Row"]

LEAST_FIELD = 12
"""A field is at least this wide, so that a narrow cell can be read while it is edited."""
STEPS = {"up": (-1, 0), "down": (1, 0), "next": (0, 1), "previous": (0, -1)}
"""Where an edit goes on after it is saved: rows down, cells to the right."""


class _Edit(NamedTuple):
    """The cell that is being edited, by its row's key because rows may move meanwhile."""

    row_key: str
    column: int
    old: str


def _all_fits(row_key: str, column_key: str, text: str) -> str:
    return ""


class Grid(GridView):
    """A table with a cell cursor, a selection of rows, and editing in the cell itself.

    An edit ends with Enter (stay), Tab and shift+Tab (next and previous cell, still editing), up and down
    (same column, still editing), a click elsewhere (saved), or Escape (given up). A text that does not fit its
    cell stays in the field until it does. The grid changes nothing itself: it posts :class:`Grid.CellEdited`
    and shows the rows that it is given then.
    """

    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f2", "open", "Edit"),
        Binding("space", "toggle_row", "Select the row, or not any more", show=False),
        Binding("shift+up", "extend(-1)", "Select upwards", show=False),
        Binding("shift+down", "extend(1)", "Select downwards", show=False),
        Binding("ctrl+a", "select_all", "Select all rows", show=False),
        Binding("escape", "clear_selection", "Clear selection", show=False),
    ]

    @dataclass
    class CellEdited(GridMessage, namespace="grid"):
        """A person changed the text of a cell; the grid shows it once it is given the new rows."""

        row_key: str
        column_key: str
        old: str
        new: str

    @dataclass
    class Typing(GridMessage, namespace="grid"):
        """The text in the field of a cell is another one now; it is only meant once the edit ends."""

        row_key: str
        column_key: str
        text: str

    @dataclass
    class EditRefused(GridMessage, namespace="grid"):
        """What was typed does not fit its cell; the field stays open with it, and *why* says what would fit."""

        row_key: str
        column_key: str
        why: str

    @dataclass
    class EditCancelled(GridMessage, namespace="grid"):
        """An edit ended without a change: a row that was added for it may be taken away."""

        row_key: str
        column_key: str

    @dataclass
    class EditorRequested(GridMessage, namespace="grid"):
        """The person wants their own editor for the text of a cell; what was typed so far is posted before."""

        row_key: str
        column_key: str

    @dataclass
    class RowActivated(GridMessage, namespace="grid"):
        """Enter, or a double click, on a cell that cannot be edited."""

        row_key: str
        column_key: str

    @dataclass
    class SelectionChanged(GridMessage, namespace="grid"):
        """Other rows are selected now."""

        row_keys: tuple[str, ...]

    @dataclass
    class HeaderClicked(GridMessage, namespace="grid"):
        """A column's title was clicked."""

        column_key: str

    judge: Callable[[str, str, str], str] = staticmethod(_all_fits)
    """Asked, with the keys of row and column, whether a text fits a cell: nothing, or a sentence why not."""

    def __init__(
        self,
        columns: Iterable[Column],
        *,
        empty: str = "",
        type_to_edit: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """With *type_to_edit* a letter replaces the text of the cell; it then never reaches the screen."""
        super().__init__(columns, empty=empty, name=name, id=id, classes=classes)
        self._type_to_edit = type_to_edit
        self._selected: dict[str, None] = {}
        self._anchor: int | None = None
        self._edit: _Edit | None = None

    def set_rows(
        self, rows: Sequence[Row], *, keep_cursor: bool = True, renamed: Mapping[str, str] | None = None
    ) -> None:
        """Show *rows*; an edit goes on if its row is still there, and follows it."""
        if renamed and self._edit:
            self._edit = self._edit._replace(row_key=renamed.get(self._edit.row_key, self._edit.row_key))
        super().set_rows(rows, keep_cursor=keep_cursor, renamed=renamed)
        self._anchor = None
        if self._selected:
            self._prune_selection()
        if self._edit and self.cursor_key != self._edit.row_key:
            self.cancel_edit()

    # Editing

    def edit(
        self, row_key: str | None = None, column_key: str | None = None, text: str | None = None
    ) -> bool:
        """Edit a cell, the cursor's if not named, with *text* for its own; tell whether that can be."""
        if not self.move_cursor(row_key, column_key):
            return False
        return self._open(text)

    @property
    def editing_column(self) -> str:
        """The key of the column that is edited now, or nothing."""
        return self._columns[self._edit.column].key if self._edit else ""

    def _editable(self, column: int) -> bool:
        return self._columns[column].editable

    def _open(self, text: str | None = None, selected: bool = False) -> bool:
        if not self._rows or not self._places:
            return False
        row, column = self._rows[self._row], self._columns[self._column]
        if row.banner or not column.editable:
            return False
        old = one_line(row.edit_text(self._column))
        self._edit = _Edit(row.key, self._column, old)
        shown = old if text is None else text
        self.open_field(shown, self._field_region(shown), column.suggestions, column.placeholder, selected)
        self.post_message(self.Typing(self, row.key, column.key, shown))
        return True

    def _field_region(self, text: str) -> Region:
        """Where the field lies: over its cell, and over what is beside it where *text* needs more room."""
        place = next(place for place in self._places if place.column == self._column)
        room = max(self.virtual_size.width, self.scrollable_content_region.width)
        # A cell for the caret behind the text, and the field's own padding.
        width = min(max(place.box, LEAST_FIELD, cell_len(text) + 1 + 2 * PADDING), room - GUTTER)
        return Region(min(place.x, room - width), self._row + HEADER, width, 1)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self._edit is None or event.input is not self._field:
            return
        self.place_field(self._field_region(event.value))
        key = self._columns[self._edit.column].key
        self.post_message(self.Typing(self, self._edit.row_key, key, event.value))

    def _arranged(self) -> None:
        if self._edit:
            self.place_field(self._field_region(self._field.value))

    def finish_edit(self, step: str) -> None:
        """Post what was typed, if it differs, and go on as *step* says."""
        edit = self._edit
        if edit is None:
            return
        column_key = self._columns[edit.column].key
        typed = one_line(self._field.value)
        if step != "leave" and typed != edit.old and (why := self.judge(edit.row_key, column_key, typed)):
            self.post_message(self.EditRefused(self, edit.row_key, column_key, why))
            return
        self._edit = None
        new = one_line(self.close_field(refocus=step != "leave"))
        if new != edit.old:
            self.post_message(self.CellEdited(self, edit.row_key, column_key, edit.old, new))
        else:
            self.post_message(self.EditCancelled(self, edit.row_key, column_key))
        self.go_on(step)

    def go_on(self, step: str) -> None:
        """Edit the next cell in the direction of *step*, if there is one."""
        if step in STEPS and self._step(*STEPS[step]):
            self._open(selected=True)

    def _step(self, rows: int, cells: int) -> bool:
        """Move to another editable cell in the direction; past a row's end the next row begins."""
        columns = [place.column for place in self._places if self._editable(place.column)]
        at, row = columns.index(self._column) + cells, self._row + rows
        if not 0 <= at < len(columns):
            row, at = row + cells, 0 if cells > 0 else len(columns) - 1
            rows = cells
        while 0 <= row < len(self._rows) and self._rows[row].banner:
            row += rows
        if not 0 <= row < len(self._rows):
            return False
        self._go(row, columns[at])
        return True

    def external_edit(self) -> None:
        """Save what was typed, and ask for the person's own editor."""
        edit = self._edit
        if edit is not None:
            self.finish_edit("here")
        if edit is not None and self._edit is None:
            self.post_message(self.EditorRequested(self, edit.row_key, self._columns[edit.column].key))

    def cancel_edit(self) -> None:
        """Close the field; what was typed is forgotten."""
        edit, self._edit = self._edit, None
        super().cancel_edit()
        if edit:
            self.post_message(self.EditCancelled(self, edit.row_key, self._columns[edit.column].key))

    async def type_over(self, event: events.Key) -> bool:
        """Let a letter replace the text of the cell."""
        return self._type_to_edit and self._open(event.character)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep letters from the screen's bindings while typing edits."""
        return self._type_to_edit and character is not None and character.isprintable()

    def action_open(self) -> None:
        """Edit the cell, or say that the row was activated."""
        if self._rows and not self._open():
            self.post_message(self.RowActivated(self, self.cursor_key, self.cursor_column))

    # The mouse

    async def _on_click(self, event: events.Click) -> None:
        if event.widget is not self or (at := event.get_content_offset(self)) is None:
            return
        event.stop()
        x, y = at.x + self.scroll_offset.x, at.y
        place = next((place for place in self._places if place.x <= x < place.x + place.box), None)
        row = y - HEADER + self.scroll_offset.y
        if y < HEADER:
            if place:
                self.post_message(self.HeaderClicked(self, self._columns[place.column].key))
        elif row >= len(self._rows):
            return
        elif event.shift:
            self._extend_to(row)
        else:
            self._anchor = None
            self._go(row, place.column if place else None)
            if event.ctrl or (place is None and x < self._places[0].x):
                self._toggle(row)
            elif event.chain == 2:
                self.action_open()

    # Selected rows

    @property
    def selected_keys(self) -> tuple[str, ...]:
        """The keys of the selected rows, in the order they were selected."""
        return tuple(self._selected)

    def is_selected(self, row_key: str) -> bool:
        """Whether a row is selected."""
        return row_key in self._selected

    @property
    def any_selected(self) -> bool:
        """Whether any row is selected."""
        return bool(self._selected)

    def select(self, keys: Iterable[str]) -> None:
        """Select exactly the rows with these keys."""
        self._set_selection(dict.fromkeys(keys))

    def _set_selection(self, selected: dict[str, None]) -> None:
        if selected.keys() != self._selected.keys():
            self._selected = selected
            self.refresh()
            self.post_message(self.SelectionChanged(self, tuple(selected)))

    def _prune_selection(self) -> None:
        # What cannot be seen any more must not be changed along with the rest.
        present = {row.key for row in self._rows}
        self._set_selection({key: None for key in self._selected if key in present})

    def _toggle(self, row: int) -> None:
        key, selected = self._rows[row].key, dict(self._selected)
        if key in selected:
            del selected[key]
        elif not self._rows[row].banner:
            selected[key] = None
        self._set_selection(selected)

    def _extend_to(self, row: int) -> None:
        anchor = self._row if self._anchor is None else self._anchor
        self._go(row)
        self._anchor = anchor
        low, high = sorted((anchor, self._row))
        reach = (self._rows[index] for index in range(low, high + 1))
        self._set_selection(dict.fromkeys(row.key for row in reach if not row.banner))

    def action_toggle_row(self) -> None:
        """Select the cursor's row, or not any more."""
        if self._rows:
            self._anchor = self._row
            self._toggle(self._row)

    def action_extend(self, rows: int) -> None:
        """Move the cursor and select everything between where it was first and where it is now."""
        if self._rows:
            self._extend_to(self._row + rows)

    def action_select_all(self) -> None:
        """Select every row."""
        self._set_selection(dict.fromkeys(row.key for row in self._rows if not row.banner))

    def action_clear_selection(self) -> None:
        """Select nothing."""
        self._anchor = None
        self._set_selection({})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the screen's while nothing is selected; nothing moves under an open field."""
        if self.editing and action in {"open", "move", "page", "row_end", "to_row", "toggle_row", "extend"}:
            return False
        return bool(self._selected) if action == "clear_selection" else True
