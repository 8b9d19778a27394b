"""A block of text in the timeline: the rows it would make, of which the person takes all, some or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, TextArea
from textual.widgets.option_list import Option

from app.review.records import Event, Session
from app.text import cut
from widgets.safe import content

LIMIT = 256 * 1024
"""Characters that are read on the spot; more than that is a file to import."""


_NO_ROWS = frozenset({"event", "blank", "layout", "date", "zone", "computed"})
"""What a line became of which nothing more is to be shown."""


@dataclass(frozen=True)
class Candidate:
    """A row that a part of the block would become."""

    event: Event
    said: str
    """What it was understood as."""
    timed: bool
    """Whether it is taken unless the person says otherwise: text without a row is not."""


def candidates(text: str, session: Session, describe: Callable[[Event], str]) -> list[Candidate]:
    """What a block of text would become in *session*, in its order: every line with words is in one of them."""
    from app.importing.document import Options
    from app.importing.read import read
    from app.review.timewords import Zone
    from app.review.zones import zone_of

    zone = zone_of(session)
    first = session.incident.started_at or next((each.at for each in session.events if each.at), None)
    named = Zone(zone, session.incident.timezone or "UTC")
    day = first.astimezone(zone).date() if first else None
    draft = read(text, Options(undeclared=named, fallback=day), "")
    # The session's own zone was declared by the session.
    rows = [event.model_copy(update={"id": "", "zone": _zone(event)}) for event in draft.events]
    found = {
        line: [Candidate(rows[place], describe(rows[place]), timed=True) for place in places]
        for line, places in _places(draft.event_lines)
    }
    told: list[Candidate] = []
    for number, (line, use) in enumerate(zip(draft.lines, draft.uses, strict=True), 1):
        told += found.pop(number, ())
        words = line.strip(" `")
        if words and use is not None and use.became not in _NO_ROWS:
            event = Event(text=line.strip(), precision="order-only")
            told.append(Candidate(event, f"no time · {event.text}", timed=False))
    return [*told, *(each for left in found.values() for each in left)]


def _places(lines: Sequence[int]) -> list[tuple[int, list[int]]]:
    """For every line the rows that begin on it."""
    found: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        found.setdefault(line, []).append(place)
    return list(found.items())


def _zone(event: Event) -> str:
    return "" if event.zone == "undeclared" else event.zone


class PasteRows(ModalScreen[tuple[Event, ...] | None]):
    """The rows that a block would make; Enter takes those that are marked."""

    DEFAULT_CSS = """
    PasteRows { align: center middle; background: $background 60%; }
    PasteRows > .dialog {
        width: 96%; height: auto; max-height: 90%; border: round $primary; background: $surface; padding: 0 1;
    }
    PasteRows .title { text-style: bold; color: $primary; width: 100%; height: 1; }
    PasteRows .hint { color: $text-muted; width: 100%; height: 1; }
    PasteRows OptionList, PasteRows OptionList:focus {
        height: auto; border: none; padding: 0; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take the marked rows", priority=True),
        Binding("space", "flip", "Mark"),
        Binding("a", "mark(True)", "All"),
        Binding("n", "mark(False)", "None"),
        Binding("escape", "dismiss(None)", "Leave everything as it is"),
    ]

    def __init__(self, found: Sequence[Candidate]) -> None:
        super().__init__()
        self._found = tuple(found)
        timed = any(each.timed for each in found)
        self._marked = {place for place, each in enumerate(found) if each.timed or not timed}

    def compose(self) -> ComposeResult:
        """How many rows, each with what it was understood as, and the keys."""
        with Vertical(classes="dialog"):
            yield Label("", classes="title")
            yield OptionList(markup=False)
            yield Label(
                "space marks · a all · n none · Enter takes the marked ones · Esc leaves everything",
                classes="hint",
            )

    def on_mount(self) -> None:
        """Show everything, the first row with a time under the cursor."""
        self._show(next((place for place, each in enumerate(self._found) if each.timed), 0))
        self.query_one(OptionList).focus()

    def on_resize(self) -> None:
        """The list takes the rows that the rest leaves."""
        self.query_one(OptionList).styles.max_height = max(2, self.app.size.height * 9 // 10 - 4)

    def _show(self, here: int) -> None:
        options = self.query_one(OptionList)
        options.set_options(
            Option(
                Content.assemble(
                    content("[x] " if place in self._marked else "[ ] "),
                    content(cut(each.said, 400), "" if each.timed else "dim"),
                )
            )
            for place, each in enumerate(self._found)
        )
        options.highlighted = min(here, len(self._found) - 1) if self._found else None
        rows = sum(each.timed for each in self._found)
        rest = len(self._found) - rows
        said = f"{rows} row{'' if rows == 1 else 's'}" + (
            f", {rest} line{'' if rest == 1 else 's'} without a time" if rest else ""
        )
        self.query_one(".title", Label).update(
            content(f"This text would make {said}; {len(self._marked)} marked")
        )

    def action_flip(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        here = self.query_one(OptionList).highlighted
        if here is not None:
            self._marked ^= {here}
            self._show(min(here + 1, len(self._found) - 1))

    def action_mark(self, every: bool) -> None:
        """Mark all rows, or none."""
        self._marked = set(range(len(self._found))) if every else set()
        self._show(self.query_one(OptionList).highlighted or 0)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._marked ^= {event.option_index}
        self._show(event.option_index)

    def action_take(self) -> None:
        """Hand over the marked rows, in the order of the text."""
        self.dismiss(tuple(each.event for place, each in enumerate(self._found) if place in self._marked))


class PasteText(ModalScreen[str | None]):
    """A field for a block of text, where the terminal does not say that something was pasted."""

    DEFAULT_CSS = """
    PasteText { align: center middle; background: $background 60%; }
    PasteText > .dialog {
        width: 96%; height: 80%; border: round $primary; background: $surface; padding: 0 1;
    }
    PasteText .title { text-style: bold; color: $primary; height: 1; }
    PasteText .hint { color: $text-muted; height: 1; }
    PasteText TextArea { height: 1fr; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "done", "See the rows"),
        Binding("escape", "dismiss(None)", "Leave everything as it is", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """The field."""
        with Vertical(classes="dialog"):
            yield Label("Paste or type what happened, a line each", classes="title")
            yield TextArea()
            yield Label(
                "Ctrl+S shows the rows it would make · Esc leaves everything as it is", classes="hint"
            )

    def action_done(self) -> None:
        """Hand over the text."""
        self.dismiss(self.query_one(TextArea).text)
