"""One-line text fields that keep the order of what was typed and lose nothing that was pasted.

Textual runs a key's binding only after the key has bubbled to the application, while letters are handled at
once: keys that arrive in one burst (a fast typist over ssh, ``tmux send-keys``) overtake each other. Widgets
here run their own bindings as the key comes in.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from app.text import one_line

PASTE_LIMIT = 64 * 1024
"""Bytes of UTF-8 that one paste may bring; more than that belongs into a file."""

Suggestions = Sequence[str] | Callable[[], Sequence[str]]
"""Completions of a field; a function is asked each time an edit begins."""


async def run_own_binding(widget: Widget, event: events.Key) -> bool:
    """Run what *widget* itself binds to the key, now; tell whether there was anything.

    The application's key map and the widget's ``check_action`` are respected, as with any binding.
    """
    for namespace, bindings in widget.screen._modal_binding_chain:
        if namespace is not widget:
            continue
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if await widget.app.run_action(binding.action, widget):
                event.stop()
                event.prevent_default()
                return True
    return False


class LineInput(Input):
    """An :class:`Input` whose keys act in the order they were typed, and that keeps all lines of a paste."""

    DEFAULT_CSS = """
    LineInput {
        &, &:focus { border: none; height: 1; padding: 0; }
    }
    """

    def too_long(self, size: int) -> None:
        """Called instead of pasting when a paste has *size* bytes, more than :data:`PASTE_LIMIT`."""
        self.app.bell()

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable:
            await run_own_binding(self, event)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        size = len(event.text.encode("utf-8", "replace"))
        if size > PASTE_LIMIT:
            self.too_long(size)
        elif text := one_line(event.text):
            self.replace(text, *sorted(self.selection))


class EditHost(Protocol):
    """A widget that draws text and lets a :class:`CellInput` lie over it."""

    def finish_edit(self, step: str) -> None:
        """Take the field's text; *step* is where to go then: one of the steps of :class:`CellInput`."""

    def cancel_edit(self) -> None:
        """Forget the field's text."""

    def external_edit(self) -> None:
        """Take the field's text, and ask for the person's own editor."""

    async def late_key(self, event: events.Key) -> None:
        """Handle a key that reached the field after it was closed."""


class CellInput(LineInput):
    """The field that lies over a cell while it is edited. It belongs to its host, and tells it directly."""

    DEFAULT_CSS = """
    CellInput {
        &, &:focus {
            display: none;
            padding: 0 1;
            background: $surface-lighten-2;
            color: $foreground;
            background-tint: transparent;
            text-style: none;
        }
        &.-open { display: block; }
        &:ansi, &:ansi:focus { background: ansi_default; text-style: underline; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "finish('stay')", "Save"),
        Binding("tab", "finish('next')", "Save, next cell", key_display="tab"),
        Binding("shift+tab", "finish('previous')", "Save, previous cell", show=False),
        Binding("up", "finish('up')", "Save, row above", show=False),
        Binding("down", "finish('down')", "Save, row below", show=False),
        Binding("escape", "cancel", "Give up"),
        Binding("ctrl+e", "external", "Your editor", show=False),
        Binding("f2", "caret", "Left and right move in the text", show=False),
    ]

    def __init__(self, host: EditHost) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self._host = host
        self.quick = False
        """Whether left and right save and go on: the edit began by typing over the text."""

    def open_with(self, text: str, suggestions: Suggestions = (), placeholder: str = "") -> None:
        """Show the field with *text*, the caret behind it, and take the focus."""
        words = suggestions() if callable(suggestions) else suggestions
        self.suggester = SuggestFromList(list(words), case_sensitive=False) if words else None
        self.placeholder = placeholder
        self.quick = False
        self.value = text
        self.cursor_position = len(text)
        self.add_class("-open")
        # Widget.focus() only asks for the focus; the next key may already be on its way.
        self.screen.set_focus(self, scroll_visible=False)

    def close(self) -> None:
        """Hide the field."""
        self.remove_class("-open")

    @property
    def is_open(self) -> bool:
        """Whether the field is in use."""
        return self.has_class("-open")

    def action_finish(self, step: str) -> None:
        """Hand the text to the host."""
        self._host.finish_edit(step)

    def action_external(self) -> None:
        """Go on in the person's own editor."""
        self._host.external_edit()

    def action_caret(self) -> None:
        """Left and right move in the text from now on."""
        self.quick = False

    def action_cursor_left(self, select: bool = False) -> None:
        """Move the caret, or save and go to the cell on the left."""
        if self.quick and not select:
            self._host.finish_edit("previous")
        else:
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        """Take a completion, move the caret, or save and go to the cell on the right."""
        if self.quick and not select and not self._suggestion:
            self._host.finish_edit("next")
        else:
            super().action_cursor_right(select)

    def action_cancel(self) -> None:
        """Give the edit up."""
        self._host.cancel_edit()

    async def _on_key(self, event: events.Key) -> None:
        if not self.is_open:
            event.stop()
            event.prevent_default()
            await self._host.late_key(event)

    async def type_key(self, event: events.Key) -> None:
        """Handle a key that was typed for this field but reached its host."""
        if event.is_printable and event.character:
            self.replace(event.character, *sorted(self.selection))
        else:
            await run_own_binding(self, event)

    def _on_blur(self, event: events.Blur) -> None:
        # Looking something up in another window is no reason to end an edit.
        # Neither is a blur that was overtaken by the field being opened again, nor one while nothing is shown.
        shown = self.is_open and self.app.app_focus and not self.screen.has_class("-too-small")
        if shown and self.screen.focused is not self:
            self._host.finish_edit("leave")
