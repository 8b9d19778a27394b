"""A list of things that are done or not; choosing one leads to where it can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from app.text import wrap
from widgets.drawn import Drawn
from widgets.line_input import run_own_binding

HEADING = 2
"""Lines above the first item that come into sight with it: what kind of list it is."""


class Item(NamedTuple):
    """One thing: whether it is done, what it is, and what is missing."""

    done: bool
    text: str
    detail: str = ""


class _Line(NamedTuple):
    item: int
    mark: str
    text: str
    detail: bool


class Checklist(Drawn):
    """Items with ``✓`` or ``○``, wrapped to the width; Enter or a click chooses one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "choose", "Go there"),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("home", "to(0)", "First", show=False),
        Binding("end", "to(-1)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("checklist--item", "checklist--cursor", "checklist--done", "checklist--open", "checklist--detail"),
    }
    DEFAULT_CSS = """
    Checklist {
        height: auto;
        background: $background;
        scrollbar-size-vertical: 1;
        & > .checklist--item { background: $background; }
        & > .checklist--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .checklist--done { color: $text-success; }
        & > .checklist--open { color: $text-warning; }
        & > .checklist--detail { color: $text-muted; }
    }
    """

    @dataclass
    class Chosen(Message):
        """An item was chosen."""

        checklist: "Checklist"
        index: int

        @property
        def control(self) -> "Checklist":
            """The list, for ``@on(…, selector)``."""
            return self.checklist

    def __init__(
        self, items: Sequence[Item] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._items = tuple(items)
        self._lines: list[_Line] = []
        self._cursor = 0

    @property
    def cursor(self) -> int:
        """The index of the item under the cursor."""
        return self._cursor

    def show(self, items: Sequence[Item]) -> None:
        """Show *items*; the cursor stays at its place."""
        self._items = tuple(items)
        self._cursor = max(0, min(self._cursor, len(self._items) - 1))
        self._arrange(self.scrollable_content_region.width)
        self.refresh(layout=True)

    def _arrange(self, width: int) -> None:
        self.forget_lines()
        self._lines = []
        for number, item in enumerate(self._items):
            for line, text in enumerate(wrap(item.text, max(8, width - 4))):
                mark = ("✓" if item.done else "○") if not line else ""
                self._lines.append(_Line(number, mark, text, False))
            if item.detail:
                pieces = wrap(item.detail, max(8, width - 4))
                self._lines += [_Line(number, "", text, True) for text in pieces]
        self.virtual_size = Size(0, len(self._lines))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the items take at this width."""
        self._arrange(width)
        return len(self._lines)

    def _on_resize(self, event: events.Resize) -> None:
        self._arrange(self.scrollable_content_region.width)
        self.refresh()

    def _on_focus(self, event: events.Focus) -> None:
        self.call_after_refresh(self._show_cursor)
        self.refresh()

    def _go(self, index: int) -> None:
        self._cursor = max(0, min(len(self._items) - 1, index))
        self._show_cursor()
        self.refresh()

    def _show_cursor(self) -> None:
        """Scroll the list, and what it stands in: a list is as high as its items, and often higher than its room."""
        numbers = [number for number, line in enumerate(self._lines) if line.item == self._cursor]
        if not numbers:
            return
        self.show_lines(numbers[0], len(numbers))
        if isinstance(self.parent, Widget):
            above = HEADING if not self._cursor else 0
            here = self.virtual_region
            lines = Region(here.x, max(0, here.y + numbers[0] - above), here.width, len(numbers) + above)
            self.parent.scroll_to_region(lines, animate=False)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self._cursor + by)

    def action_to(self, which: int) -> None:
        """Move the cursor to the first or the last item."""
        self._go(len(self._items) - 1 if which else 0)

    def action_choose(self) -> None:
        """Choose the item under the cursor."""
        if self._items:
            self.post_message(self.Chosen(self, self._cursor))

    async def _on_key(self, event: events.Key) -> None:
        await run_own_binding(self, event)

    async def _on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and at.y + self.scroll_offset.y < len(self._lines):
            event.stop()
            self._go(self._lines[at.y + self.scroll_offset.y].item)
            self.action_choose()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        number, width = y + self.scroll_offset.y, self.room
        if number >= len(self._lines):
            return Strip.blank(width, self.ground)
        line = self._lines[number]
        here = self.has_focus and line.item == self._cursor
        return self.cached((number, here), lambda: self._draw(line, here, width))

    def _draw(self, line: _Line, here: bool, width: int) -> Strip:
        base = self.paint("checklist--cursor" if here else "checklist--item")
        mark = base if here else base + self.ink(f"checklist--{'done' if line.mark == '✓' else 'open'}")
        text = base if here or not line.detail else base + self.ink("checklist--detail")
        edge = "▌" if here and line.mark else " "
        return Strip(
            [Segment(edge, base), Segment(line.mark.ljust(2), mark), Segment(line.text, text)]
        ).adjust_cell_length(width, base)
