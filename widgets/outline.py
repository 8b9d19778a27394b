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

__all__ = ["Node", "Outline"]

STEPS = {"up": -1, "down": 1, "next": 1, "previous": -1}
"""Where an edit goes on after it is saved: nodes down."""


class Outline(OutlineView):
    """A tree that can be edited. It changes nothing itself: it posts what a person wants to change.

    Keys: arrows move, fold and unfold; Enter or F2 edits (Tab goes on to the next node); ``a`` adds a child,
    ``A`` a sibling; alt+arrows move the node among its siblings, out of its parent, and into the node above.
    """

    BINDING_GROUP_TITLE = "Outline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f2", "open", "Edit"),
        Binding("a", "add('child')", "Below", tooltip="Add a node below"),
        Binding("A", "add('sibling')", "Beside", tooltip="Add a node beside"),
        Binding("d,delete", "delete", "Delete"),
        Binding("alt+up", "shift('up')", "Move up", show=False),
        Binding("alt+down", "shift('down')", "Move down", show=False),
        Binding("alt+left", "shift('left')", "Move out", show=False),
        Binding("alt+right", "shift('right')", "Move in", show=False),
    ]

    @dataclass
    class NodeEdited(OutlineMessage, namespace="outline"):
        """A person changed a text; the outline shows it once it is given the new nodes."""

        old: str
        new: str

    @dataclass
    class EditCancelled(OutlineMessage, namespace="outline"):
        """An edit ended without a change: a node that was added for it may be taken away."""

        text: str

    @dataclass
    class AddRequested(OutlineMessage, namespace="outline"):
        """A new node is wanted: *where* is ``child`` or ``sibling`` of the node."""

        where: str

    @dataclass
    class MoveRequested(OutlineMessage, namespace="outline"):
        """The node should move: ``up`` or ``down`` among siblings, ``left`` (out), ``right`` (in)."""

        direction: str

    @dataclass
    class DeleteRequested(OutlineMessage, namespace="outline"):
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
        """With *type_to_edit* a letter replaces the text of the node; it then never asks for anything else."""
        super().__init__(empty=empty, name=name, id=id, classes=classes)
        self._type_to_edit = type_to_edit
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
