"""What a grid is made of: columns, rows, and how much room each column gets. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from widgets.line_input import Suggestions

GUTTER = 2
"""Cells left of the first column: one marks the cursor's row, one a selected row."""
PADDING = 1
"""Cells of air on each side of a cell's text."""
ALWAYS = 100
"""The priority of a column that is never hidden."""


@dataclass(frozen=True)
class Column:
    """One column of a grid. Widths are of the text, in cells, without padding.

    A column has a *width* of its own, or takes the share *grow* of what the others leave. When the terminal
    is too narrow, columns shrink to *min_width*; then those with the lowest *priority* are hidden.
    """

    key: str
    title: str
    width: int = 0
    grow: int = 0
    align: Literal["left", "right"] = "left"
    editable: bool = True
    min_width: int = 0
    priority: int = ALWAYS
    suggestions: Suggestions = ()
    placeholder: str = ""

    @property
    def least(self) -> int:
        """The narrowest that the column may become."""
        return self.min_width or self.width or 8


class Row(NamedTuple):
    """One line of a grid. Text is plain: it is drawn as it stands, cut to its column.

    *style* names the look of the row and *cell_styles* of single cells: ``muted``, ``gap``, ``problem``,
    ``ok``, ``strong``, or nothing. *edit_cells* holds what is edited where that differs from what is shown.
    A *banner* is one text over the full width; it cannot be edited. What *passing* rows show is asked for
    again whenever they are drawn: it stands for something that is on its way.
    """

    key: str
    cells: Sequence[str]
    style: str = ""
    cell_styles: Sequence[str] = ()
    edit_cells: Sequence[str] = ()
    banner: bool = False
    passing: bool = False

    def edit_text(self, column: int) -> str:
        """What the cell holds when it is edited."""
        texts = self.edit_cells or self.cells
        return texts[column] if column < len(texts) else ""


class Place(NamedTuple):
    """Where a column is drawn: its index, the cell where its box begins, the width of its text."""

    column: int
    x: int
    width: int

    @property
    def box(self) -> int:
        """The width with padding."""
        return self.width + 2 * PADDING


def arrange(columns: Sequence[Column], room: int) -> list[Place]:
    """Share *room* cells among *columns*; those that cannot be shown are missing from the result.

    The result is wider than *room* only when the columns that are never hidden do not fit at their narrowest.
    """
    shown = list(range(len(columns)))

    def needed() -> int:
        return GUTTER + sum(columns[index].least + 2 * PADDING for index in shown)

    while needed() > room:
        hideable = [index for index in shown if columns[index].priority < ALWAYS]
        if not hideable:
            break
        # Of equals, the one on the right goes first: what identifies a row stands on the left.
        shown.remove(min(hideable, key=lambda index: (columns[index].priority, -index)))

    widths = {index: columns[index].least for index in shown}
    rest = max(0, room - needed())
    for index in shown:
        more = min(rest, max(0, columns[index].width - widths[index]))
        widths[index] += more
        rest -= more
    growing = [index for index in shown if columns[index].grow]
    shares = sum(columns[index].grow for index in growing)
    for index in growing:
        more = rest * columns[index].grow // shares
        widths[index] += more
        rest -= more
        shares -= columns[index].grow

    places, x = [], GUTTER
    for index in shown:
        places.append(Place(index, x, widths[index]))
        x += places[-1].box
    return places
