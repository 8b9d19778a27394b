"""Dialogs: ask for a line, choose from a list, fill in a form, confirm, read. Esc always leaves without doing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from app.text import cut, one_line
from screens.answers import outdate
from widgets.safe import content
from widgets.wording import Advice, WordingLine

LONGEST_CHOICE = 200
"""Cells of one line of a list and of its note: enough to know it by, and the list stays a list."""

Answer = TypeVar("Answer")

DIALOG_CSS = """
{name} {{ align: center middle; background: $background 60%; }}
{name} > .dialog {{
    width: 72; max-width: 96%; height: auto; max-height: 90%;
    border: round $primary; background: $surface; padding: 0 1;
}}
{name} .title {{ text-style: bold; color: $primary; max-height: 2; width: 100%; }}
{name} .hint {{ color: $text-muted; max-height: 2; width: 100%; }}
{name} .understood {{ height: auto; max-height: 4; width: 100%; }}
{name} .problem {{ color: $error; height: auto; max-height: 3; width: 100%; }}
{name} Input {{ border: none; height: 1; padding: 0 1; background: $boost; }}
{name} Input:focus {{ border: none; background: $primary 20%; }}
"""


class Dialog(ModalScreen[Answer]):
    """A dialog can always be seen whole: what scrolls in it takes the rows that the rest leaves."""

    OTHER_ROWS: ClassVar[int] = 3
    """Rows inside the border beside the part that scrolls."""
    KEYS: ClassVar[str] = ""
    """The keys that end the dialog, said in its border."""

    def on_mount(self) -> None:
        """Say the keys; what was said before the dialog would be seen twice, below it and on it."""
        outdate(self.app)
        for frame in self.query(".dialog"):
            frame.border_subtitle = content(self.KEYS)

    def on_resize(self) -> None:
        """Give the part that scrolls its share of the terminal."""
        room = self.app.size.height * 9 // 10 - 2 - self.OTHER_ROWS
        for part in self.query("VerticalScroll, OptionList"):
            part.styles.max_height = max(2, room)


@dataclass(frozen=True)
class Wording:
    """What the language check says of a text, and the whole text with the better wording, where there is one."""

    advice: Advice
    better: str = ""


def _unspoken(_text: str) -> Wording | None:
    return None


class Ask(Dialog[str | None]):
    """One line of text; *check* may answer with a sentence that says what is wrong with it."""

    KEYS = "Enter is yes · Esc leaves it"
    DEFAULT_CSS = DIALOG_CSS.format(name="Ask")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("ctrl+r", "take_wording", "Take the better wording", show=False),
    ]

    def __init__(
        self,
        title: str,
        value: str = "",
        hint: str = "",
        check: Callable[[str], str] | None = None,
        suggestions: Sequence[str] = (),
        wording: Callable[[str], Wording | None] = _unspoken,
        understand: Callable[[str], str] | None = None,
    ) -> None:
        """*wording* is asked at every key what could be said of the text, and what could stand there;
        *understand*, what would come of it.
        """
        super().__init__()
        self._understand = understand
        self._title, self._value, self._hint = title, value, hint
        self._wording = wording
        self._suggester = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self._check = check or (lambda _text: "")

    def compose(self) -> ComposeResult:
        """The title, the field, and what is understood or wrong."""
        with Vertical(classes="dialog"):
            yield Label(content(self._title), classes="title")
            yield Input(self._value, select_on_focus=False, suggester=self._suggester)
            yield WordingLine()
            yield Label(content(self._hint), classes="hint", shrink=True)
            if self._understand is not None:
                yield Label(content(self._understand(self._value)), classes="understood", shrink=True)
            yield Label("", classes="problem")

    @on(Input.Changed)
    def _spoken_of(self, event: Input.Changed) -> None:
        event.stop()
        said = self._wording(event.value)
        self.query_one(WordingLine).show(said.advice if said else None)
        if self._understand is not None:
            self.query_one(".understood", Label).update(content(self._understand(event.value)))

    def action_take_wording(self) -> None:
        """Put the better wording into the field."""
        field = self.query_one(Input)
        if (said := self._wording(field.value)) and said.better:
            field.value = said.better

    @on(WordingLine.Chosen)
    def _wording_chosen(self, event: WordingLine.Chosen) -> None:
        event.stop()
        self.action_take_wording()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        text = one_line(event.value).strip()
        problem = self._check(text)
        if problem:
            self.query_one(".problem", Label).update(content(problem))
        else:
            self.dismiss(text)


@dataclass(frozen=True)
class Choice:
    """One line of a list to choose from."""

    key: str
    text: str
    note: str = ""


class Choose(Dialog[str | None]):
    """One of several; typing narrows the list."""

    KEYS = "↑↓ Enter chooses · Esc leaves it"

    DEFAULT_CSS = (
        DIALOG_CSS.format(name="Choose")
        + "Choose OptionList { height: auto; border: none; padding: 0; background: $surface; }"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], current: str = "") -> None:
        super().__init__()
        self._title, self._choices, self._current = title, tuple(choices), current
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """The title, the narrowing field, and the list."""
        with Vertical(classes="dialog"):
            yield Label(content(self._title), classes="title")
            yield Input(placeholder="type to narrow the list", select_on_focus=False)
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        """Show everything, with the current choice highlighted."""
        self.query_one(OptionList).can_focus = False
        self._narrow("")
        keys = [choice.key for choice in self._shown]
        if self._current in keys:
            self.query_one(OptionList).highlighted = keys.index(self._current)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    def _narrow(self, wanted: str) -> None:
        words = wanted.casefold().split()
        self._shown = [
            choice
            for choice in self._choices
            if all(word in f"{choice.text} {choice.note}".casefold() for word in words)
        ]
        options = self.query_one(OptionList)
        options.set_options(
            Option(
                Content.assemble(
                    content(cut(choice.text, LONGEST_CHOICE)),
                    "  ",
                    content(cut(choice.note, LONGEST_CHOICE), "dim"),
                )
            )
            for choice in self._shown
        )
        options.highlighted = 0 if self._shown else None

    def action_move(self, step: int) -> None:
        """Move the highlight while the field keeps the focus."""
        options = self.query_one(OptionList)
        if self._shown:
            here = options.highlighted or 0
            options.highlighted = max(0, min(len(self._shown) - 1, here + step))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        here = self.query_one(OptionList).highlighted
        if here is not None and self._shown:
            self.dismiss(self._shown[here].key)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].key)


@dataclass(frozen=True)
class Entry:
    """One field of a form. *check* answers with a sentence when the text will not do."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = False
    check: Callable[[str], str] | None = None


class Form(Dialog[dict[str, str] | None]):
    """Several lines of text at once; Enter goes to the next one and, on the last, is done."""

    OTHER_ROWS = 5

    DEFAULT_CSS = (
        DIALOG_CSS.format(name="Form")
        + """
    Form VerticalScroll { height: auto; }
    Form .row { height: 1; }
    Form .row Label { width: 18; }
    Form .row Input { width: 1fr; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("ctrl+s", "done", "Done"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry],
        check: Callable[[dict[str, str]], str] = lambda _values: "",
    ) -> None:
        """*check* looks at all fields together, and answers with a sentence when they will not do."""
        super().__init__()
        self._title, self._entries, self._check = title, tuple(entries), check

    def compose(self) -> ComposeResult:
        """The title and a line for each field."""
        with Vertical(classes="dialog"):
            yield Label(content(self._title), classes="title")
            with VerticalScroll(can_focus=False):
                for entry in self._entries:
                    with Horizontal(classes="row"):
                        yield Label(content(entry.label + (" *" if entry.required else "")))
                        yield Input(
                            entry.value, placeholder=entry.hint, select_on_focus=False, name=entry.key
                        )
            yield Label("Enter next field · Ctrl+S done · Esc leaves everything as it was", classes="hint")
            yield Label("", classes="problem")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.name == self._entries[-1].key:
            self.action_done()
        else:
            self.focus_next(Input)

    def action_done(self) -> None:
        """Check every field, and hand the form over when all will do."""
        values: dict[str, str] = {}
        for entry, field in zip(self._entries, self.query(Input), strict=True):
            text = one_line(field.value).strip()
            problem = f"{entry.label} is needed." if entry.required and not text else ""
            if text and entry.check:
                problem = entry.check(text)
            if problem:
                self.query_one(".problem", Label).update(content(problem))
                field.focus()
                return
            values[entry.key] = text
        if problem := self._check(values):
            self.query_one(".problem", Label).update(content(problem))
            return
        self.dismiss(values)


class Confirm(Dialog[bool]):
    """A question about something that cannot be taken back; the safe answer has the focus."""

    OTHER_ROWS = 5

    DEFAULT_CSS = (
        DIALOG_CSS.format(name="Confirm")
        + """
    Confirm VerticalScroll { height: auto; margin: 1 0; }
    Confirm Horizontal { height: auto; align-horizontal: right; }
    Confirm Button { margin-left: 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel"),
        Binding("left,right", "app.focus_next", show=False),
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
        Binding("pageup", "scroll_text(-10)", show=False),
        Binding("pagedown", "scroll_text(10)", show=False),
    ]

    def __init__(self, title: str, text: str, yes: str, no: str = "Cancel") -> None:
        super().__init__()
        self._title, self._text, self._yes, self._no = title, text, yes, no

    def compose(self) -> ComposeResult:
        """What will happen, and the two answers."""
        with Vertical(classes="dialog"):
            yield Label(content(self._title), classes="title")
            with VerticalScroll(can_focus=False):
                yield Static(content(self._text))
            with Horizontal():
                yield Button(content(self._no), classes="no", compact=True)
                yield Button(content(self._yes), variant="primary", classes="yes", compact=True)

    def action_scroll_text(self, lines: int) -> None:
        """Show the rest of what will happen; the focus stays on the answers."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.has_class("yes"))


class Reader(Dialog[None]):
    """Something to read: the keys, a request as it would be sent, the lines behind a row."""

    DEFAULT_CSS = (
        DIALOG_CSS.format(name="Reader")
        + """
    Reader > .dialog { width: 96%; height: auto; }
    Reader VerticalScroll { height: auto; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss(None)", "Close")]

    def __init__(self, title: str, text: str | Content) -> None:
        super().__init__()
        self._title = title
        self._text = text if isinstance(text, Content) else content(text)

    def compose(self) -> ComposeResult:
        """The text, scrollable."""
        with Vertical(classes="dialog"):
            yield Label(content(self._title), classes="title")
            with VerticalScroll():
                yield Static(self._text)
            yield Label("Esc closes", classes="hint")
