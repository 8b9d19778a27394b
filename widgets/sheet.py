"""A grid that can be filled in like a spreadsheet: a mode in which every printable key is text.

On a grid that rests, letters and digits are commands of the screen. While it is filled in they replace the text
of the cell, as in any spreadsheet, and nothing that is typed can be taken for a command. The mode is entered on
purpose, can be seen, and ends with Escape or when the focus goes elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from widgets.grid import STEPS, Grid
from widgets.grid_view import GridMessage


def _no_row(after: str) -> bool:
    return False


class Sheet(Grid):
    """A :class:`Grid` with a mode for filling in.

    In it a printable key begins an edit that replaces the cell; the arrows then save and go on, as Tab does.
    Enter and F2 edit what stands in the cell, where left and right move the caret. Enter saves and goes down.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "fill_step(1)", "Next cell", key_display="tab"),
        Binding("shift+tab", "fill_step(-1)", "Previous cell", show=False),
        Binding("delete,backspace", "clear_cell", "Empty cell"),
        Binding("space", "toggle_row", "Select the row, or not any more", show=False),
        Binding("space", "replace_cell", "Replace the cell", show=False),
        Binding("escape", "clear_selection", "Clear selection", show=False),
        Binding("escape", "leave_sheet", "Done"),
    ]
    DEFAULT_CSS = """
    Sheet.-filling > .grid--header { background: $warning; color: $background; text-style: bold; }
    Sheet.-filling:ansi > .grid--header { text-style: bold reverse; }
    """

    @dataclass
    class ModeChanged(GridMessage, namespace="sheet"):
        """The mode for filling in began or ended."""

        filling: bool

    fills_at_once = False
    """Whether the mode begins whenever the table is entered, and not by a key."""
    _away = True
    """Whether the focus comes from elsewhere, and not from a cell of the table."""

    past_end: Callable[[str], bool] = staticmethod(_no_row)
    """Asked for a row behind the one with this key, once that is filled in; tells whether there is one now."""

    @property
    def filling(self) -> bool:
        """Whether printable keys replace the text of cells."""
        return self._type_to_edit

    def fill(self, on: bool = True) -> None:
        """Begin or end the mode for filling in."""
        if on != self._type_to_edit:
            self._type_to_edit = on
            self.mark = "✎" if on else ""
            self.set_class(on, "-filling")
            self.forget_lines()
            self.refresh()
            self.refresh_bindings()
            self.post_message(self.ModeChanged(self, on))

    async def type_over(self, event: events.Key) -> bool:
        """Let a letter replace the text of the cell; the arrows leave it then."""
        if not self._type_to_edit:
            return False
        if self._open(event.character):
            self._field.quick = True
        # A cell that cannot be edited swallows the letter: it must not become a command here.
        return True

    def go_on(self, step: str) -> None:
        """After an edit the cursor goes on, and rests: the next key replaces what is there."""
        if not self._type_to_edit:
            super().go_on(step)
        elif step == "leave":
            self.fill(False)
        elif step in STEPS:
            self._step(*STEPS[step])
        elif step == "stay" and not self._step(1, 0):
            self.past_end(self.cursor_key)

    def _step(self, rows: int, cells: int) -> bool:
        last = max((place.column for place in self._places if self._editable(place.column)), default=-1)
        filled = self._type_to_edit and cells > 0 and self._column == last
        if filled and self.past_end(self.cursor_key):
            return True
        return super()._step(rows, cells)

    def action_fill_step(self, cells: int) -> None:
        """Go to the next or the previous cell that can be edited."""
        if not self._editable(self._column):
            self.action_move(0, cells)
        else:
            self._step(0, cells)

    def action_clear_cell(self) -> None:
        """Empty the cell."""
        if self._open(""):
            self._field.value = ""
            self.finish_edit("here")

    def action_replace_cell(self) -> None:
        """Begin to type over the cell: here even the space is no command."""
        if self._open(""):
            self._field.quick = True

    def action_leave_sheet(self) -> None:
        """Letters are commands again."""
        self.fill(False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the mode work in the mode."""
        if action in {"fill_step", "clear_cell", "replace_cell", "leave_sheet"}:
            return self._type_to_edit and not self.editing
        if action == "toggle_row" and self._type_to_edit:
            return False
        return super().check_action(action, parameters)

    def _on_blur(self, event: events.Blur) -> None:
        # Looking something up in another window is no reason to end it; neither is a dialog.
        shown = self.app.app_focus and not self.screen.has_class("-too-small")
        if shown and self.screen.focused not in {self, self._field}:
            self.fill(False)
            self._away = True

    def _on_focus(self, event: events.Focus) -> None:
        if self._away and self.fills_at_once and self._rows:
            self.fill()
        self._away = False
