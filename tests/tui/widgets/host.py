"""A bare application around one widget, and the messages that it posted."""

from typing import TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

M = TypeVar("M", bound=Message)


class Host(App[None]):
    """Shows the widget it is given, and something else that can take the focus."""

    CSS = "#elsewhere { dock: bottom; height: 1; border: none; }"

    def __init__(self, widget: Widget, theme: str = "textual-dark") -> None:
        super().__init__()
        self.widget = widget
        self.theme = theme
        self.seen: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget
        yield Input(id="elsewhere", compact=True)

    def on_mount(self) -> None:
        self.screen.set_focus(self.widget if self.widget.focusable else None)

    def hook(self, message: Message) -> None:
        """For ``run_test(message_hook=…)``: each message once, however far it bubbles."""
        if all(message is not known for known in self.seen):
            self.seen.append(message)

    def posted(self, kind: type[M]) -> list[M]:
        """The messages of one kind, in order."""
        return [message for message in self.seen if isinstance(message, kind)]

    def burst(self, *keys: str) -> None:
        """Send keys the way a terminal does when they arrive in one read: all before any is handled."""
        for key in keys:
            name = {" ": "space", "!": "exclamation_mark"}.get(key, key)
            event = events.Key(name, key if len(key) == 1 else None)
            event.set_sender(self)
            self.post_message(event)
