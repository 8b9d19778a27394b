"""The drawn half of the outline: the tree, its cursor, folding, and how each line looks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from app.text import cell_len, cut, fit
from widgets.drawn import EditableDrawn
from widgets.outline_lines import LEAST_TEXT, Branch, Line, Node, branches, lay_out

GUTTER = 2
MARK_GAP = 2


@dataclass
class OutlineMessage(Message, namespace="outline"):
    """Something that a person did with a node of an outline."""

    outline: "OutlineView"
    key: str

    @property
    def control(self) -> "OutlineView":
        """The outline, for ``@on(…, selector)``."""
        return self.outline


class OutlineView(EditableDrawn):
    """A tree of sentences with a cursor: drawn line by line, wrapped, folded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "fold", "Fold, or to the parent", show=False),
        Binding("right", "unfold", "Unfold, or to the first child", show=False),
        Binding("space", "toggle_fold", "Fold", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,ctrl+home", "to(0)", "First", show=False),
        Binding("end,ctrl+end", "to(-1)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("outline--node", "outline--cursor", "outline--guide", "outline--prefix", "outline--mark"),
        *("outline--marker", "outline--empty", "outline--muted", "outline--problem", "outline--ok"),
        "outline--strong",
    }
    DEFAULT_CSS = """
    OutlineView {
        height: 1fr;
        background: $background;
        color: $foreground;
        scrollbar-size-horizontal: 1;
        scrollbar-size-vertical: 1;
        & > .outline--node { background: $background; }
        & > .outline--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .outline--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .outline--guide { color: $foreground 35%; }
        & > .outline--prefix { color: $text-accent; text-style: italic; }
        & > .outline--mark { color: $text-muted; }
        & > .outline--marker { color: $accent; text-style: bold; }
        & > .outline--empty { color: $text-muted; }
        & > .outline--muted { color: $text-muted; }
        & > .outline--problem { color: $text-error; }
        & > .outline--ok { color: $text-success; }
        & > .outline--strong { text-style: bold; }
        &:ansi > .outline--cursor { text-style: underline; }
        &:ansi:focus > .outline--cursor { text-style: bold; }
    }
    """

    @dataclass
    class NodeHighlighted(OutlineMessage, namespace="outline"):
        """The cursor stands on another node; the key is empty when there is none."""

    def __init__(
        self,
        *,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*empty* is shown while there are no nodes: it should say the next key to press."""
        super().__init__(name=name, id=id, classes=classes)
        self._given: Sequence[Node] = ()
        self._empty = empty
        self._folded: set[str] = set()
        self._tree: list[Branch] = []
        self._lines: list[Line] = []
        self._marks: list[int] = []
        self._cursor = 0
        self._highlighted = ""
        self._edit_key = ""

    # What is shown

    @property
    def folded(self) -> frozenset[str]:
        """The keys of the nodes whose children are folded away."""
        return frozenset(self._folded)

    @folded.setter
    def folded(self, keys: Collection[str]) -> None:
        self._folded = set(keys)
        self._rebuild()

    def set_nodes(self, nodes: Sequence[Node]) -> None:
        """Show *nodes*; folds stay, and the cursor stays on its node, or near where it was."""
        self._given = tuple(nodes)
        self._folded &= {node.key for node in nodes}
        self._rebuild()

    def _rebuild(self) -> None:
        key = self.cursor_key
        self._tree = branches(self._given, self._folded)
        found = self._index(key)
        self._cursor = found if found is not None else max(0, min(self._cursor, len(self._tree) - 1))
        self._arrange()
        self._show_cursor()
        self._highlight()

    def _index(self, key: str) -> int | None:
        return next((index for index, branch in enumerate(self._tree) if branch.node.key == key), None)

    def _arrange(self) -> None:
        self.forget_lines()
        width = self.scrollable_content_region.width
        columns = max((len(branch.node.marks) for branch in self._tree), default=0)
        sizes = [
            max(
                cell_len(branch.node.marks[column])
                for branch in self._tree
                if column < len(branch.node.marks)
            )
            for column in range(columns)
        ]
        # Text comes first: what does not leave it half of the width is not shown.
        while sizes and sum(sizes) + MARK_GAP * len(sizes) > width // 2:
            sizes.pop()
        self._marks = sizes
        room = width - GUTTER - sum(sizes) - MARK_GAP * len(sizes) - 1
        self._lines = lay_out(self._tree, max(LEAST_TEXT, room), self._edit_key)
        widest = max((GUTTER + len(line.guide) + LEAST_TEXT for line in self._lines), default=0)
        self.virtual_size = Size(widest, len(self._lines))
        self._arranged()
        self.refresh()

    def _arranged(self) -> None:
        """Called when lines lie elsewhere."""

    def _on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self._show_cursor()

    # The cursor

    @property
    def cursor_key(self) -> str:
        """The key of the cursor's node; empty when there are none."""
        return self._tree[self._cursor].node.key if self._cursor < len(self._tree) else ""

    def move_cursor(self, key: str) -> bool:
        """Put the cursor on a node, unfolding what hides it; tell whether there is one."""
        parents = {node.key: node.parent for node in self._given}
        if key not in parents:
            return False
        above = parents[key]
        seen: set[str] = set()
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if seen & self._folded:
            self._folded -= seen
            self._rebuild()
        self._go(self._index(key) or 0)
        return True

    def _go(self, index: int) -> None:
        self._cursor = max(0, min(len(self._tree) - 1, index))
        self._show_cursor()
        self.refresh()
        self._highlight()

    def _span(self) -> tuple[int, int]:
        key = self.cursor_key
        numbers = [number for number, line in enumerate(self._lines) if line.node.key == key]
        return (numbers[0], len(numbers)) if numbers else (0, 1)

    def _show_cursor(self) -> None:
        self.show_lines(*self._span())

    def _highlight(self) -> None:
        if self.cursor_key != self._highlighted:
            self._highlighted = self.cursor_key
            self.post_message(self.NodeHighlighted(self, self._highlighted))

    def action_move(self, by: int) -> None:
        """Move the cursor up or down."""
        self._go(self._cursor + by)

    def action_page(self, direction: int) -> None:
        """Move the cursor by about a windowful."""
        line = self._span()[0] + direction * max(1, self.scrollable_content_region.height - 1)
        if self._lines:
            key = self._lines[max(0, min(len(self._lines) - 1, line))].node.key
            self._go(self._index(key) or 0)

    def action_to(self, which: int) -> None:
        """Move the cursor to the first or the last node."""
        self._go(len(self._tree) - 1 if which else 0)

    def action_fold(self) -> None:
        """Fold the node's children away; if there are none, go to its parent."""
        if not self._tree:
            return
        branch = self._tree[self._cursor]
        if branch.children and not branch.hidden:
            self.action_toggle_fold()
        elif (parent := self._index(branch.node.parent)) is not None:
            self._go(parent)

    def action_unfold(self) -> None:
        """Show the node's children; if they are shown, go to the first. From a link go to its target."""
        if not self._tree:
            return
        if self._tree[self._cursor].hidden:
            self.action_toggle_fold()
        elif self._tree[self._cursor].children:
            self._go(self._cursor + 1)
        elif target := self._tree[self._cursor].node.target:
            self.move_cursor(target)

    def action_toggle_fold(self) -> None:
        """Fold, or unfold."""
        if self._tree and self._tree[self._cursor].children:
            self._folded ^= {self.cursor_key}
            self._rebuild()

    # How a line looks

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.room
        if not self._lines:
            return self.draw_empty(self._empty, y, width, "outline--empty")
        number = scroll_y + y
        if number >= len(self._lines):
            return Strip.blank(width, self.ground)
        line = self._lines[number]
        here = line.node.key == self.cursor_key
        strip = self.cached((number, here), lambda: self._draw(line, here))
        return strip.crop_extend(scroll_x, scroll_x + width, self.ground)

    def _draw(self, line: Line, here: bool) -> Strip:
        node = line.node
        base = self.paint("outline--cursor" if here else "outline--node")
        ground = self.paint("outline--node")

        def look(part: str) -> Style:
            return base if here else base + self.ink(f"outline--{part}")

        segments = [
            Segment("▌ " if here else "  ", ground + self.ink("outline--marker")),
            Segment(line.guide, ground + self.ink("outline--guide")),
            Segment(line.prefix, look("prefix")),
            Segment(line.text, look(node.style) if node.style else base),
        ]
        strip = Strip([segment for segment in segments if segment.text])
        if not self._marks:
            return strip
        right = self.room - sum(self._marks) - MARK_GAP * len(self._marks)
        strip = strip.adjust_cell_length(max(right, strip.cell_length), ground)
        marks = node.marks if line.first else ()
        texts = [
            " " * MARK_GAP + fit(marks[column] if column < len(marks) else "", size)
            for column, size in enumerate(self._marks)
        ]
        return Strip([*strip, Segment(cut("".join(texts), 1000), ground + self.ink("outline--mark"))])
