"""The factors as a fishbone: a spine to the effect, a rib for every category; edited where they stand."""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from app.fishbone import Drawing, Place, Span, lay_out
from app.review.records import Factor, Session
from app.text import cell_len, one_line
from widgets.drawn import EditableDrawn
from widgets.tree_host import TreeHost, Written

_LEAST_FIELD = 20
_SIGNS = {"lead": "▸ ", "box": "│▸"}
"""What stands before the factor under the cursor."""


@dataclass
class FishboneMessage(Message, namespace="fishbone"):
    """Something that a person did with a factor of a fishbone."""

    fishbone: "Fishbone"
    key: str

    @property
    def control(self) -> "Fishbone":
        """The fishbone, for ``@on(…, selector)``."""
        return self.fishbone


class Fishbone(EditableDrawn):
    """Draws a fishbone with a cursor. It changes nothing itself: it says what a person wants to change.

    Keys: up and down move along a rib and over the spine, left and right from rib to rib and to the effect;
    Enter adds a factor beside, Tab one below; ``e`` or F2 edits; alt+left and alt+right carry the factor to the
    category before or behind, alt+up and alt+down move it among its siblings.
    """

    BINDING_GROUP_TITLE = "Fishbone"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,A", "add('sibling')", "Beside", tooltip="Add a node beside"),
        Binding("tab,a", "add('child')", "Below", key_display="tab", tooltip="Add a node below"),
        Binding("e,f2", "open", "Edit"),
        Binding("d,delete", "delete", "Delete"),
        Binding("up", "along(-1)", "Up", show=False),
        Binding("down", "along(1)", "Down", show=False),
        Binding("left", "across(-1)", "To the rib before", show=False),
        Binding("right", "across(1)", "To the next rib", show=False),
        Binding("home,ctrl+home", "to(0)", "First", show=False),
        Binding("end,ctrl+end", "to(-1)", "Last", show=False),
        Binding("pageup", "scroll_page(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_page(1)", "Page down", show=False),
        Binding("alt+up,K", "shift('up')", "Move up", show=False),
        Binding("alt+down,J", "shift('down')", "Move down", show=False),
        Binding("alt+left,less_than_sign", "shift('left')", "To the category before", show=False),
        Binding("alt+right,greater_than_sign", "shift('right')", "To the next category", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(
            "fishbone--bone",
            "fishbone--lead",
            "fishbone--name",
            "fishbone--text",
            "fishbone--effect",
            "fishbone--box",
        ),
        *("fishbone--empty", "fishbone--cursor"),
    }
    DEFAULT_CSS = """
    Fishbone {
        height: 1fr;
        background: $background;
        color: $foreground;
        scrollbar-size-horizontal: 1;
        scrollbar-size-vertical: 1;
        & > .fishbone--text { background: $background; }
        & > .fishbone--bone, & > .fishbone--lead { color: $primary; }
        & > .fishbone--name { color: $text-accent; text-style: bold; }
        & > .fishbone--effect { text-style: bold; }
        & > .fishbone--box { color: $accent; }
        & > .fishbone--empty { color: $text-muted; }
        & > .fishbone--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .fishbone--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        &:ansi {
            background: ansi_default;
            color: ansi_default;
            & > .fishbone--text { background: ansi_default; }
            & > .fishbone--bone, & > .fishbone--empty { color: ansi_default; text-style: dim; }
            & > .fishbone--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
        }
    }
    """

    @dataclass
    class NodeHighlighted(FishboneMessage, namespace="fishbone"):
        """The cursor is on another factor."""

    @dataclass
    class MoveRequested(FishboneMessage, namespace="fishbone"):
        """The factor should move: ``up`` or ``down`` among siblings, ``left`` or ``right`` to another category."""

        direction: str

    @dataclass
    class DeleteRequested(FishboneMessage, namespace="fishbone"):
        """The factor should go."""

    def __init__(
        self,
        host: TreeHost,
        *,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*host* is told when a factor is wanted, and what was written into one."""
        super().__init__(name=name, id=id, classes=classes)
        self._host = host
        self._empty = empty
        self._shown: tuple[Session, Factor | None] = (Session(), None)
        self._drawing: Drawing | None = None
        self._cursor = ""
        self._highlighted = ""
        self._edit_key = ""
        self._edit_old = ""

    # What is shown

    def show_factors(self, session: Session, fresh: Factor | None = None) -> None:
        """Show the factors of *session*, and one that is being typed; the cursor stays on its factor."""
        self._shown = (session, fresh)
        self._arrange()
        if self._edit_key and self._edit_key not in self._places:
            self.cancel_edit()

    @property
    def _places(self) -> dict[str, Place]:
        return self._drawing.places if self._drawing else {}

    def _arrange(self) -> None:
        session, fresh = self._shown
        width = self.scrollable_content_region.width
        self.forget_lines()
        if width < 1 or not (session.factors or fresh):
            self._drawing = None
            self.virtual_size = Size(0, 0)
            self.refresh()
            return
        self._drawing = lay_out(session, width, fresh)
        self.virtual_size = Size(self._drawing.width, self._drawing.height)
        if self._cursor not in self._places:
            self._cursor = next(iter(self._order()), "")
        if self._edit_key in self._places:
            self.place_field(self._field_region())
        self.refresh()
        # Scrolling goes by the size that the next layout gives.
        self.call_after_refresh(self._show_cursor)
        self._highlight()

    def _on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _order(self) -> list[str]:
        """The factors from left to right, above before below."""
        places = self._places
        return sorted(places, key=lambda key: (places[key].column, places[key].below, places[key].y))

    # The cursor

    @property
    def cursor_key(self) -> str:
        """The key of the factor under the cursor; empty when there are none."""
        return self._cursor if self._cursor in self._places else ""

    def move_cursor(self, key: str) -> bool:
        """Put the cursor on a factor; tell whether it is there."""
        if key not in self._places:
            return False
        self._cursor = key
        self.forget_lines()
        self.refresh()
        self._show_cursor()
        self._highlight()
        return True

    def _show_cursor(self) -> None:
        place = self._places.get(self._cursor)
        if place is not None:
            # The name of the rib, one row further out, says what one looks at.
            region = Region(max(0, place.x - 3), place.y, place.width + 4, place.height).grow((1, 0, 1, 0))
            self.scroll_to_region(region, animate=False, immediate=True)

    def _highlight(self) -> None:
        if self.cursor_key != self._highlighted:
            self._highlighted = self.cursor_key
            self.post_message(self.NodeHighlighted(self, self._highlighted))

    def action_along(self, by: int) -> None:
        """Move along the rib, and over the spine to the rib on the other side."""
        here = self._places.get(self._cursor)
        if here is None:
            return
        column = [key for key in self._order() if self._places[key].column == here.column]
        target = column.index(self._cursor) + by
        if 0 <= target < len(column):
            self.move_cursor(column[target])

    def action_across(self, by: int) -> None:
        """Move to the nearest factor of the ribs beside, or to the effect."""
        here = self._places.get(self._cursor)
        if here is None:
            return
        places = self._places
        columns = sorted({place.column for place in places.values()})
        target = columns.index(here.column) + by
        if 0 <= target < len(columns):
            there = [key for key in places if places[key].column == columns[target]]
            self.move_cursor(
                min(there, key=lambda key: (abs(places[key].y - here.y), places[key].below != here.below))
            )

    def action_to(self, which: int) -> None:
        """Move to the first or the last factor."""
        if order := self._order():
            self.move_cursor(order[which])

    def action_scroll_page(self, direction: int) -> None:
        """Scroll by a windowful."""
        self.scroll_relative(y=direction * max(1, self.size.height - 1), animate=False)

    # Requests

    def action_add(self, where: str) -> None:
        """Ask for a new factor."""
        self._host.node_wanted(self.cursor_key, where)

    def action_shift(self, direction: str) -> None:
        """Ask for the factor to be moved."""
        if self.cursor_key:
            self.post_message(self.MoveRequested(self, self.cursor_key, direction))

    def action_delete(self) -> None:
        """Ask for the factor to be deleted."""
        if self.cursor_key:
            self.post_message(self.DeleteRequested(self, self.cursor_key))

    # Editing

    def edit(self, key: str = "") -> bool:
        """Edit a factor (the cursor's, if not named); tell whether there is one."""
        if (key and not self.move_cursor(key)) or not self.cursor_key:
            return False
        session, _ = self._shown
        found = next((each for each in session.factors if each.id == self._cursor), None)
        text = (f"{found.label}: {found.text}" if found.label else found.text) if found else ""
        self._edit_key, self._edit_old = self._cursor, one_line(text)
        self.open_field(self._edit_old, self._field_region())
        return True

    def _field_region(self) -> Region:
        place = self._places[self._edit_key]
        # The field has a cell of padding, and lies so that its text stands where the factor's text stood.
        return Region(max(0, place.x - 1), place.y, max(_LEAST_FIELD, place.width + 2), 1)

    def action_open(self) -> None:
        """Edit the factor."""
        self.edit()

    def finish_edit(self, step: str) -> None:
        """Hand over what was typed, and go on as *step* says unless the host does."""
        key, self._edit_key = self._edit_key, ""
        if not key:
            return
        text = one_line(self.close_field(refocus=step != "leave")).strip()
        if not self._host.node_written(Written(key, self._edit_old, text, step)) and step in {"up", "down"}:
            self.action_along(-1 if step == "up" else 1)
            self.edit()

    def cancel_edit(self) -> None:
        """Close the field; what was typed is forgotten."""
        key, self._edit_key = self._edit_key, ""
        super().cancel_edit()
        if key:
            self._host.node_written(Written(key, self._edit_old, self._edit_old, "cancel"))

    # The mouse

    async def _on_click(self, event: events.Click) -> None:
        if event.widget is not self or (at := event.get_content_offset(self)) is None:
            return
        event.stop()
        spot = at + self.scroll_offset
        for key, place in self._places.items():
            if place.y <= spot.y < place.y + place.height and place.x - 2 <= spot.x < place.x + place.width:
                self.move_cursor(key)
                if event.chain == 2:
                    self.edit()
                return

    # How a line looks

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.room
        if self._drawing is None:
            return self.draw_empty(self._empty, y, width, "fishbone--empty")
        number = scroll_y + y
        if number >= self._drawing.height:
            return Strip.blank(width, self.ground)
        row = self._drawing.rows[number]
        strip = self.cached(number, lambda: self._draw(row))
        return strip.crop_extend(scroll_x, scroll_x + width, self.ground)

    def _draw(self, row: tuple[Span, ...]) -> Strip:
        ground = self.paint("fishbone--text")
        cursor = self.paint("fishbone--cursor")
        segments: list[Segment] = []
        at = 0
        for span in row:
            if span.x > at:
                segments.append(Segment(" " * (span.x - at), ground))
            style: Style = ground + self.ink(f"fishbone--{span.part}")
            here = bool(span.key) and span.key == self._cursor
            if span.part in _SIGNS:
                # The cursor is a sign, too: colour alone tells nobody.
                segments.append(Segment(_SIGNS[span.part] if here else span.text, style))
            else:
                segments.append(Segment(span.text, cursor if here else style))
            at = max(at, span.x) + cell_len(span.text)
        return Strip(segments)
