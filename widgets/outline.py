"""An outline: a tree of sentences that wrap, fold, and are edited where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region

from app.text import cell_len, one_line
from widgets.outline_lines import LEAST_TEXT, Node
from widgets.outline_view import GUTTER, MARK_GAP, OutlineMessage, OutlineView
from widgets.tree_host import TreeHost, Written

__all__ = ["Node", "Outline"]

STEPS = {"up": -1, "down": 1}
"""Where an edit goes on after it is saved: nodes down."""


class Outline(OutlineView):
    """A tree that can be edited. It changes nothing itself: it says what a person wants to change.

    Keys: arrows move, fold and unfold; Enter adds a sibling, Tab a child; ``e`` or F2 edits; alt+arrows move
    the node among its siblings, out of its parent, and into the node above. ``K J < >`` do the same where a
    terminal keeps alt for itself.
    """

    BINDING_GROUP_TITLE = "Outline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,A", "add('sibling')", "Beside", tooltip="Add a node beside"),
        Binding("tab,a", "add('child')", "Below", key_display="tab", tooltip="Add a node below"),
        Binding("e,f2", "open", "Edit"),
        Binding("d,delete", "delete", "Delete"),
        Binding("alt+up,K", "shift('up')", "Move up", show=False),
        Binding("alt+down,J", "shift('down')", "Move down", show=False),
        Binding("alt+left,less_than_sign", "shift('left')", "Move out", show=False),
        Binding("alt+right,greater_than_sign", "shift('right')", "Move in", show=False),
    ]

    @dataclass
    class MoveRequested(OutlineMessage, namespace="outline"):
        """The node should move: ``up`` or ``down`` among siblings, ``left`` (out), ``right`` (in)."""

        direction: str

    @dataclass
    class DeleteRequested(OutlineMessage, namespace="outline"):
        """The node should go."""

    def __init__(
        self,
        host: TreeHost,
        *,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*host* is told when a node is wanted, and what was written into one."""
        super().__init__(empty=empty, name=name, id=id, classes=classes)
        self._host = host
        self._edit_old = ""

    def set_nodes(self, nodes: Sequence[Node]) -> None:
        """Show *nodes*; an edit goes on if its node is still there, and follows it."""
        super().set_nodes(nodes)
        if self._edit_key and self.cursor_key != self._edit_key:
            self.cancel_edit()

    def _arranged(self) -> None:
        if self._edit_key and self._index(self._edit_key) is not None:
            self.place_field(self._field_region())

    # Requests

    def action_add(self, where: str) -> None:
        """Ask for a new node."""
        self._host.node_wanted(self.cursor_key, where)

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
        """Hand over what was typed, and go on as *step* says unless the host does."""
        key, self._edit_key = self._edit_key, ""
        if not key:
            return
        text = one_line(self.close_field(refocus=step != "leave")).strip()
        self._arrange()
        if self._host.node_written(Written(key, self._edit_old, text, step)):
            return
        target = self._cursor + STEPS.get(step, 0)
        if step in STEPS and 0 <= target < len(self._tree):
            self._go(target)
            self._open(selected=True)

    def cancel_edit(self) -> None:
        """Close the field; what was typed is forgotten."""
        key, self._edit_key = self._edit_key, ""
        super().cancel_edit()
        self._arrange()
        if key:
            self._host.node_written(Written(key, self._edit_old, self._edit_old, "cancel"))

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
