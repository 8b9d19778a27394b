"""The grid of actions with what is said about them below and, where there is room, beside it."""

from collections.abc import Sequence
from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from app.review import edits
from app.review.records import Action, Session
from app.review.vocabulary import ACTION_KINDS, ACTION_STATUSES, PRIORITIES
from app.review.writing import Spot
from app.text import cell_len, cut
from screens.actions_detail import detail_lines, side_lines
from screens.actions_rows import action_rows
from screens.frame import StepScreen
from screens.wording import field_of
from widgets.grid import Column, Grid, Row
from widgets.safe import content

WIDE = 160
"""Columns from which on the grid has room for the whole of most actions."""
SIDE_FROM = 120
"""Columns from which on the parking lot and the overview stand beside the grid."""
_SIDE_TEXT = 240


class ActionsTable(StepScreen):
    """Rows, the gate's words about the one under the cursor, and the overview."""

    STEP = "actions"
    MAIN = "#actions"

    DEFAULT_CSS = """
    ActionsTable #columns { height: 1fr; }
    ActionsTable #left { width: 1fr; }
    ActionsTable #side { display: none; width: 42; border-left: solid $panel; padding: 0 1; }
    ActionsTable #side { scrollbar-size-vertical: 1; }
    ActionsTable #side.-some { display: block; }
    ActionsTable #detail { height: auto; max-height: 9; padding: 0 1; background: $panel; }
    ActionsTable.-short #detail { max-height: 7; }
    ActionsTable.-low #detail { max-height: 2; }
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.sorted_by = "id"

    def body(self) -> ComposeResult:
        """The grid with the detail below it, and the overview at its side."""
        with Horizontal(id="columns"):
            with Vertical(id="left"):
                yield Grid(
                    self._columns(),
                    empty="No actions yet: press n and type what will change, @owner, a date, !priority -> done when",
                    id="actions",
                )
                yield Static(id="detail")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="overview")

    def _columns(self, rows: Sequence[Row] = ()) -> tuple[Column, ...]:
        """The columns, those of short words only as wide as what stands in them: the room is the action's."""

        def width(index: int, least: int, most: int) -> int:
            return max(least, min(most, max((cell_len(row.cells[index]) for row in rows), default=0)))

        owner, due, status = width(3, 7, 14), width(4, 7, 15), width(9, 8, 11)

        def title(key: str, text: str) -> str:
            return f"{text} ▴" if key == self.sorted_by else text

        owners = tuple(sorted({action.owner for action in self.bench.session.actions} - {""}))
        return (
            Column("id", title("id", "id"), 6, editable=False),
            Column("text", "action", grow=3, min_width=24),
            Column("done_when", "done when", grow=2, min_width=12, priority=40),
            Column("owner", title("owner", "owner"), owner, suggestions=owners, placeholder="@who"),
            Column("due", title("due", "due"), due, placeholder="fri, +2w, 2025-02-16"),
            Column("priority", title("priority", "pri"), 6, priority=70, suggestions=PRIORITIES),
            Column("kind", "kind", 8, min_width=7, priority=20, suggestions=ACTION_KINDS),
            Column("gate", "gate", 5, editable=False, priority=90),
            Column("factors", "factor", 8, min_width=6, priority=30),
            Column("status", title("status", "status"), status, priority=50, suggestions=ACTION_STATUSES),
        )

    @property
    def grid(self) -> Grid:
        """The table of actions."""
        return self.query_one("#actions", Grid)

    @property
    def today(self) -> date:
        """The day it is in the zone on the screen."""
        return self.bench.now().astimezone(self.bench.zone).date()

    @property
    def current(self) -> Action | None:
        """The action under the cursor."""
        key = self.grid.cursor_key
        return next((action for action in self.bench.session.actions if action.id == key), None)

    def rows_meant(self) -> tuple[str, ...]:
        """The selected actions, or the one under the cursor."""
        known = {action.id for action in self.bench.session.actions}
        return tuple(key for key in self.grid.selected_keys or (self.grid.cursor_key,) if key in known)

    def show_session(self, session: Session) -> None:
        """Show the actions in the chosen order."""
        rows = action_rows(session, self.today, self.sorted_by, self.bench.first_day.year)
        columns = self._columns(rows)
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self.grid.set_rows(rows)
        self.show_detail()
        self._show_side()

    def on_resize(self) -> None:
        """What the grid has no room for stands below it."""
        super().on_resize()
        self.set_class(self.app.size.height < 30, "-short")
        self._show_side()
        self.show_detail()

    @on(Grid.RowHighlighted, "#actions")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self.show_detail()

    def mind_wording(self) -> None:
        """The gate follows every key as well."""
        super().mind_wording()
        self.show_detail()

    def _as_typed(self) -> Action | None:
        """The action under the cursor with what is being typed into one of its texts."""
        here, column = self.current, self.grid.editing_column
        field = field_of(self.focused)
        if here is None or not isinstance(field, Input) or column not in {"text", "done_when", "owner"}:
            return here
        return edits.revise(here, **{column: field.value})

    def show_detail(self) -> None:
        """Say below the grid what the gate says about the action under the cursor."""
        session, width = self.bench.session, self.size.width
        whole = width < WIDE + (42 if self._sided else 0)
        lines = detail_lines(session, self._as_typed(), self.today, whole=whole)
        lines = [cut(line, 2 * max(20, width) - 4) for line in lines]
        if not self._sided and (blocks := side_lines(session, self.today)):
            lines.append(
                cut(" · ".join(heading.split("   ")[0] for heading, _ in blocks) + "   i shows", width - 3)
            )
        detail = self.query_one("#detail", Static)
        detail.display = bool(lines)
        detail.update(content("\n".join(lines)))

    @property
    def _sided(self) -> bool:
        return self.query_one("#side").has_class("-some")

    def _show_side(self) -> None:
        blocks = side_lines(self.bench.session, self.today)
        self.query_one("#side").set_class(bool(blocks) and self.app.size.width >= SIDE_FROM, "-some")
        self.query_one("#overview", Static).update(overview(blocks))

    def is_prose(self, field: Input | TextArea) -> bool:
        """The action and its done-when."""
        return super().is_prose(field) or self.grid.editing_column in {"text", "done_when"}

    def spots_here(self) -> tuple[Spot, ...]:
        """The action's own words."""
        here = self.grid.cursor_key
        return (Spot("actions", "text", here), Spot("actions", "done_when", here)) if here else ()


def overview(blocks: list[tuple[str, list[str]]]) -> Content:
    """Headings and what stands below them, ready to be shown."""
    parts: list[Content] = []
    for heading, lines in blocks:
        parts.append(content(heading, "bold"))
        parts += [content(f" {cut(line, _SIDE_TEXT)}") for line in lines]
        parts.append(content(""))
    return Content("\n").join(parts[:-1])
