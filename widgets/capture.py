"""The capture line: one line of typing becomes a record, and what was understood is shown before Enter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from app.text import one_line
from widgets.line_input import LineInput
from widgets.safe import content
from widgets.still import Words

HISTORY = 200
"""Lines that can be called back with the up key."""


Complete = Callable[[str], Sequence[str]]
"""The whole lines that a half-typed one may become, the likeliest first; each begins as it does."""


OFFERED = 4
"""Completions that are shown beside the line."""


def _nothing(text: str) -> str:
    return ""


def _no_lines(text: str) -> tuple[str, ...]:
    return ()


def _no_block(text: str) -> bool:
    return False


class CaptureInput(LineInput):
    """The field of a :class:`CaptureLine`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Record"),
        Binding("tab", "complete", "Complete", key_display="tab", show=False),
        Binding("up", "recall(-1)", "Earlier line", show=False),
        Binding("down", "recall(1)", "Later line", show=False),
        Binding("escape", "leave", "Leave"),
    ]

    def __init__(self, placeholder: str, submit: Callable[[], None], complete: Complete) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self._submit = submit
        self._complete = complete
        self._taken: tuple[str, Sequence[str]] = ("", ())
        """The line that a completion made, and all that were offered then."""
        self.takes_block: Callable[[str], bool] = _no_block
        """Asked about every paste: whether several lines become something better than one line."""
        self.history: list[str] = []
        self._at = 0
        self._draft = ""

    def _on_paste(self, event: events.Paste) -> None:
        if self.takes_block(event.text):
            event.stop()
            event.prevent_default()

    def remember(self, text: str) -> None:
        """Put *text* at the end of the history."""
        if self.history[-1:] != [text]:
            self.history = [*self.history, text][-HISTORY:]
        self._at, self._draft = len(self.history), ""

    async def action_submit(self) -> None:
        """Enter the line now: the first letter of the next one may already be on its way."""
        self._submit()

    def action_recall(self, by: int) -> None:
        """Bring an earlier line back; the line that was being typed waits at the end."""
        at = max(0, min(len(self.history), self._at + by))
        if at == self._at:
            return
        if self._at == len(self.history):
            self._draft = self.value
        self._at = at
        self.value = self._draft if at == len(self.history) else self.history[at]
        self.cursor_position = len(self.value)

    def watch_value(self, value: str) -> None:
        """Show how the line may go on, at once: the key that takes it may already be on its way."""
        offered = self._complete(value)
        self._suggestion = offered[0] if offered else ""

    def action_complete(self) -> None:
        """Take what is offered; pressed again, the next of what was offered instead."""
        made, offered = self._taken
        if offered and self.value == made:
            place = (list(offered).index(made.removesuffix(" ")) + 1) % len(offered)
            self._take(offered, place)
        elif self.cursor_at_end and (offered := self._complete(self.value)):
            self._take(offered, 0)
        elif not self.value:
            self.screen.focus_next()

    def _take(self, offered: Sequence[str], place: int) -> None:
        # Behind a mark comes a space, or the end of the line: the one is typed here, the other drops it.
        self.value = f"{offered[place]} "
        self.cursor_position = len(self.value)
        self._taken = (self.value, offered)

    def action_cursor_right(self, select: bool = False) -> None:
        """Take what is offered at the end of the line; elsewhere move on."""
        if not select and self.cursor_at_end and (offered := self._complete(self.value)):
            self._take(offered, 0)
        else:
            super().action_cursor_right(select)

    def action_leave(self) -> None:
        """Let the screen take the focus; what was typed stays."""
        self.post_message(CaptureLine.Left())

    def too_long(self, size: int) -> None:
        """Say that a paste was refused."""
        self.post_message(CaptureLine.TooLong(size))


class CaptureLine(Widget):
    """A prompt, a field, and under it what was understood of the text so far.

    It stays in focus after Enter: a scribe types one line after the other. What it posts is clean and on one
    line.
    """

    DEFAULT_CSS = """
    CaptureLine {
        height: auto;
        padding: 0 1;
        background: $background;
        & Horizontal { height: 1; }
        & .capture--prompt { width: 2; color: $text-muted; text-style: bold; }
        &:focus-within .capture--prompt { color: $accent; }
        & CaptureInput { width: 1fr; background: $background; }
        & CaptureInput:focus { background: $background; background-tint: transparent; }
        & .capture--offers { width: auto; max-width: 50%; height: 1; padding: 0 0 0 2; color: $text-accent; }
        & .capture--understood { height: 1; padding: 0 0 0 2; color: $text-muted; display: none; }
        &.-typing .capture--understood { display: block; }
    }
    """

    @dataclass
    class Submitted(Message):
        """A line was entered."""

        text: str

    @dataclass
    class Changed(Message):
        """The text in the field is another one now."""

        text: str

    @dataclass
    class TooLong(Message):
        """A paste of *size* bytes was refused."""

        size: int

    @dataclass
    class Left(Message):
        """Escape: the person is done here; whatever was typed is still in the field."""

    def __init__(
        self,
        understand: Callable[[str], Content | str] = _nothing,
        *,
        placeholder: str = "",
        complete: Complete = _no_lines,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """*understand* and *complete* are asked at every key what would or may become of the text; they must
        be quick.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._understand = understand
        self._complete = complete
        self._field = CaptureInput(placeholder, self.submit, complete)
        self._offered: str | None = None
        self._offers = Words("", classes="capture--offers")
        self._offers.display = False
        self._understood = Words("", classes="capture--understood")

    def compose(self) -> ComposeResult:
        """A prompt and a field; the line below appears with the text."""
        with Horizontal():
            yield Words(">", classes="capture--prompt")
            yield self._field
            yield self._offers
        yield self._understood

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._field.value

    @text.setter
    def text(self, text: str) -> None:
        self._field.value = one_line(text)
        self._field.cursor_position = len(self._field.value)

    def is_field(self, widget: Widget) -> bool:
        """Whether *widget* is the field of this line."""
        return widget is self._field

    @property
    def has_caret(self) -> bool:
        """Whether a person is typing here."""
        return self._field.has_focus

    def set_understand(self, understand: Callable[[str], Content | str]) -> None:
        """Change how the text is read (another screen, another selected row)."""
        self._understand = understand
        self._show_understood(self._field.value)

    def set_placeholder(self, text: str) -> None:
        """Change what is shown while the field is empty."""
        self._field.placeholder = text

    def focus(self, scroll_visible: bool = True) -> "CaptureLine":
        """Put the caret into the field."""
        # Not Widget.focus(), which only asks: the next key may already be on its way.
        self.screen.set_focus(self._field, scroll_visible=scroll_visible)
        return self

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_understood(event.value)
        self.post_message(self.Changed(event.value))

    def _show_understood(self, text: str) -> None:
        self.set_class(bool(text.strip()), "-typing")
        offered = _offer(self._complete(text), text)
        if offered != self._offered:
            self._offered = offered
            self._offers.display = bool(offered)
            self._offers.update(content(offered))
        shown = self._understand(text) if text.strip() else ""
        # One line whatever it says: nothing has to be laid out anew for a key.
        self._understood.update(
            shown if isinstance(shown, Content) else content(one_line(shown)), layout=False
        )

    @on(Input.Blurred)
    def _blurred(self, event: Input.Blurred) -> None:
        event.stop()

    def submit(self) -> None:
        """Enter what stands in the field."""
        text = one_line(self._field.value).strip()
        if text:
            self._field.remember(text)
            self._field.value = ""
            self.post_message(self.Submitted(text))

    async def _on_click(self, event: events.Click) -> None:
        self.focus()


def _offer(lines: Sequence[str], text: str) -> str:
    """The words that Tab would put in place of the last one, as many as there is room for."""
    if not lines:
        return ""
    begin = max(text.rfind(" "), text.rfind("<") - 1) + 1
    words = "  ".join(line[begin:] for line in lines[:OFFERED])
    return f"tab {words}{' …' if len(lines) > OFFERED else ''}"
