"""A field of several lines for the parts of the report that people write."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from app.text import visible


class Editor(TextArea):
    """Plain text with wrapping and its own undo. It saves with ctrl+s and when it is left; escape gives up.

    No highlighting: with it, one key in a long text takes half a second.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save"),
        Binding("escape", "cancel", "Give up"),
    ]
    DEFAULT_CSS = """
    Editor {
        height: 1fr;
        border: none;
        padding: 0 1;
        background: $surface;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background: $surface-lighten-2; }
        &:ansi, &:ansi:focus { background: ansi_default; }
    }
    """

    @dataclass
    class _Sent(Message, namespace="editor"):
        editor: "Editor"

        @property
        def control(self) -> "Editor":
            """The field, for ``@on(…, selector)``."""
            return self.editor

    @dataclass
    class Saved(_Sent, namespace="editor"):
        """The text was changed, and is meant."""

        text: str

    @dataclass
    class Cancelled(_Sent, namespace="editor"):
        """The person is done without a change, or gave the change up; *given_up* is what stood there then."""

        given_up: str

    def __init__(
        self, text: str = "", *, placeholder: str = "", id: str | None = None, classes: str | None = None
    ) -> None:
        self._saved = visible(text)
        super().__init__(self._saved, soft_wrap=True, placeholder=placeholder, id=id, classes=classes)

    def show(self, text: str) -> None:
        """Edit *text* from now on, from its beginning."""
        self._saved = visible(text)
        self.load_text(self._saved)

    def action_save(self) -> None:
        """Post the text, or that it was left as it is."""
        text = visible(self.text)
        if text == self._saved:
            self.post_message(self.Cancelled(self, ""))
        else:
            self._saved = text
            self.post_message(self.Saved(self, text))

    def action_cancel(self) -> None:
        """Go back to what was saved last."""
        text, saved = visible(self.text), self._saved
        if text != saved:
            # Replaced, not loaded: undo brings back what was given up by mistake.
            self.replace(saved, (0, 0), self.document.end)
        self.post_message(self.Cancelled(self, "" if text == saved else text))

    async def _on_key(self, event: events.Key) -> None:
        # A key of our own would be overtaken by the letters typed after it.
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.action_cancel()

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = visible(event.text)

    def _on_blur(self, event: events.Blur) -> None:
        if self.app.app_focus and visible(self.text) != self._saved:
            self.action_save()
