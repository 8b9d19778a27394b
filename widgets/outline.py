"""An outline: a tree of sentences that wrap, fold, and are edited where they stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from app.text import cell_len, cut, fit, one_line
from widgets.drawn import EditableDrawn
from widgets.outline_lines import LEAST_TEXT, Branch, Line, Node, branches, lay_out

__all__ = ["Node", "Outline"]

GUTTER = 2
MARK_GAP = 2
STEPS = {"up": -1, "down": 1, "next": 1, "previous": -1}


class Outline(EditableDrawn):
    """A tree drawn line by line. It changes nothing itself: it posts what a person wants to change.

    Keys: arrows move, fold and unfold; Enter or F2 edits (Tab goes on to the next node); ``a`` adds a child,
    ``A`` a sibling; alt+arrows move the node among its siblings, out of its parent, and into the node above.
    """

    BINDING_GROUP_TITLE = "Outline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f2", "open", "Edit"),
        Binding("a", "add('child')", "Add below"),
        Binding("A", "add('sibling')", "Add beside"),
        Binding("d,delete", "delete", "Delete"),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "fold", "Fold, or to the parent", show=False),
        Binding("right", "unfold", "Unfold, or to the first child", show=False),
        Binding("space", "toggle_fold", "Fold", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,ctrl+home", "to(0)", "First", show=False),
        Binding("end,ctrl+end", "to(-1)", "Last", show=False),
        Binding("alt+up", "shift('up')", "Move up", show=False),
        Binding("alt+down", "shift('down')", "Move down", show=False),
        Binding("alt+left", "shift('left')", "Move out", show=False),
        Binding("alt+right", "shift('right')", "Move in", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("outline--node", "outline--cursor", "outline--guide", "outline--prefix", "outline--mark"),
        *("outline--marker", "outline--empty", "outline--muted", "outline--problem", "outline--ok"),
        "outline--strong",
    }
    DEFAULT_CSS = """
    Outline {
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
    class _Sent(Message, namespace="outline"):
        outline: "Outline"
        key: str

        @property
        def control(self) -> "Outline":
            """The outline, for ``@on(…, selector)``."""
            return self.outline

    @dataclass
    class NodeHighlighted(_Sent, namespace="outline"):
        """The cursor stands on another node; the key is empty when there is none."""

    @dataclass
    class NodeEdited(_Sent, namespace="outline"):
        """A person changed a text; the outline shows it once it is given the new nodes."""

        old: str
        new: str

    @dataclass
    class EditCancelled(_Sent, namespace="outline"):
        """An edit ended without a change: a node that was added for it may be taken away."""

        text: str

    @dataclass
    class AddRequested(_Sent, namespace="outline"):
        """A new node is wanted: *where* is ``child`` or ``sibling`` of the node."""

        where: str

    @dataclass
    class MoveRequested(_Sent, namespace="outline"):
        """The node should move: ``up`` or ``down`` among siblings, ``left`` (out), ``right`` (in)."""

        direction: str

    @dataclass
    class DeleteRequested(_Sent, namespace="outline"):
        """The node should go."""

    def __init__(
        self,
        *,
        empty: str = "",
        type_to_edit: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*empty* is shown while there are no nodes; with *type_to_edit* a letter replaces a node's text."""
        super().__init__(name=name, id=id, classes=classes)
        self._given: Sequence[Node] = ()
        self._empty = empty
        self._type_to_edit = type_to_edit
        self._folded: set[str] = set()
        self._tree: list[Branch] = []
        self._lines: list[Line] = []
        self._marks: list[int] = []
        self._cursor = 0
        self._highlighted = ""
        self._edit_key = ""
        self._edit_old = ""

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
        if self._edit_key and self._index(self._edit_key) is None:
            self.cancel_edit()
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
        if self._edit_key:
            self.place_field(self._field_region())
        self.refresh()

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
        """Show the node's children; if they are shown, go to the first."""
        if not self._tree:
            return
        if self._tree[self._cursor].hidden:
            self.action_toggle_fold()
        elif self._tree[self._cursor].children:
            self._go(self._cursor + 1)

    def action_toggle_fold(self) -> None:
        """Fold, or unfold."""
        if self._tree and self._tree[self._cursor].children:
            self._folded ^= {self.cursor_key}
            self._rebuild()

    # Requests

    def action_add(self, where: str) -> None:
        """Ask for a new node."""
        self.post_message(self.AddRequested(self, self.cursor_key, where))

    def action_shift(self, direction: str) -> None:
        """Ask for the node to be moved."""
        if self.cursor_key:
            self.post_message(self.MoveRequested(self, self.cursor_key, direction))

    def action_delete(self) -> None:
        """Ask for the node to be deleted."""
        if self.cursor_key:
            self.post_message(self.DeleteRequested(self, self.cursor_key))

    # Editing

    def edit(self, key: str = "", text: str | None = None) -> bool:
        """Edit a node (the cursor's, if not named) with *text* for its own; tell whether there is one."""
        if key and not self.move_cursor(key):
            return False
        return self._open(text)

    def _open(self, text: str | None = None, selected: bool = False) -> bool:
        if not self._tree:
            return False
        node = self._tree[self._cursor].node
        self._edit_key, self._edit_old = node.key, one_line(node.text)
        self._arrange()
        shown = self._edit_old if text is None else text
        self.open_field(shown, self._field_region(), selected=selected)
        return True

    def _field_region(self) -> Region:
        number, _ = self._span()
        line = self._lines[number]
        # The field has a cell of padding, and lies so that its text stands where the node's text stood.
        x = GUTTER + cell_len(line.guide) + cell_len(line.prefix) - 1
        right = self.scrollable_content_region.width - sum(self._marks) - MARK_GAP * len(self._marks)
        return Region(x, number, max(LEAST_TEXT, right - x), 1)

    def action_open(self) -> None:
        """Edit the node."""
        self._open()

    def finish_edit(self, step: str) -> None:
        """Post what was typed, if it differs, and go on as *step* says."""
        key, self._edit_key = self._edit_key, ""
        if not key:
            return
        new = one_line(self.close_field(refocus=step != "leave")).strip()
        if new != self._edit_old:
            self.post_message(self.NodeEdited(self, key, self._edit_old, new))
        else:
            self.post_message(self.EditCancelled(self, key, self._edit_old))
        self._arrange()
        target = self._cursor + STEPS.get(step, 0)
        if step in STEPS and 0 <= target < len(self._tree):
            self._go(target)
            self._open(selected=True)

    def cancel_edit(self) -> None:
        """Close the field; what was typed is forgotten."""
        key, self._edit_key = self._edit_key, ""
        super().cancel_edit()
        self.post_message(self.EditCancelled(self, key, self._edit_old))
        self._arrange()

    async def type_over(self, event: events.Key) -> bool:
        """Let a letter replace the text of the node."""
        return self._type_to_edit and self._open(event.character)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep letters from the screen's bindings while typing edits."""
        return self._type_to_edit and character is not None and character.isprintable()

    # The mouse

    async def _on_click(self, event: events.Click) -> None:
        if event.widget is not self or (at := event.get_content_offset(self)) is None:
            return
        event.stop()
        number = at.y + self.scroll_offset.y
        if number >= len(self._lines):
            return
        line = self._lines[number]
        self._go(self._index(line.node.key) or 0)
        text_x = GUTTER + len(line.guide)
        if line.first and at.x + self.scroll_offset.x < text_x + (2 if line.hidden else 0):
            self.action_toggle_fold()
        elif event.chain == 2:
            self.action_open()

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
