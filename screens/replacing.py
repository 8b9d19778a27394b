"""The dialog that finds and replaces: what would change is seen, and counted, before anything does."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Checkbox, Input, Label, Static

from app.review.records import Event
from app.review.replacing import COLUMNS, BadPattern, Change, Wanted, changes
from app.text import cut, one_line
from screens.dialogs import DIALOG_CSS, Dialog
from widgets.safe import content
from widgets.tick import Tick

SHOWN = 50
"""Changes of the preview; the count is of all."""
AROUND = 24
"""Cells of a text that are shown before the place where it changes."""
USUAL = ("text",)
"""Columns that are searched unless the person says otherwise."""


class FindReplace(Dialog[Wanted | None]):
    """Find and replace in *rows*; the answer says what was wanted."""

    OTHER_ROWS = 7
    DEFAULT_CSS = (
        DIALOG_CSS.format(name="FindReplace")
        + """
    FindReplace .row { height: 1; }
    FindReplace .row Label { width: 14; }
    FindReplace .row Input { width: 1fr; }
    FindReplace VerticalScroll { height: auto; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("ctrl+s", "done", "Replace"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, rows: Sequence[Event], where: str) -> None:
        super().__init__()
        self._rows, self._where = tuple(rows), where
        self._found: tuple[Change, ...] = ()

    def compose(self) -> ComposeResult:
        """Two fields, where to look, how, and what would come of it."""
        with Vertical(classes="dialog"):
            yield Label(content(f"Find and replace in {self._where}"), classes="title")
            with Horizontal(classes="row"):
                yield Label("Find")
                yield Input(id="find", select_on_focus=False)
            with Horizontal(classes="row"):
                yield Label("Replace with")
                yield Input(id="put", select_on_focus=False)
            with Horizontal(classes="row"):
                for field, title in COLUMNS.items():
                    yield Tick(title, field in USUAL, id=f"in-{field}")
            with Horizontal(classes="row"):
                yield Tick("same case", id="case")
                yield Tick("regular expression", id="pattern")
            yield Label("Tab and space choose · Enter replaces all · Esc leaves it", classes="hint")
            yield Label("", classes="problem")
            with VerticalScroll(can_focus=False):
                yield Static(id="preview")

    def on_mount(self) -> None:
        """Say how it begins."""
        self._look()

    @property
    def _wanted(self) -> Wanted:
        return Wanted(
            self.query_one("#find", Input).value,
            self.query_one("#put", Input).value,
            tuple(field for field in COLUMNS if self.query_one(f"#in-{field}", Checkbox).value),
            self.query_one("#pattern", Checkbox).value,
            not self.query_one("#case", Checkbox).value,
        )

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _changed(self, event: Input.Changed | Checkbox.Changed) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        wanted, problem = self._wanted, ""
        self._found = ()
        try:
            self._found = changes(self._rows, wanted)
        except BadPattern as error:
            problem = str(error)
        else:
            if wanted.find and not self._found:
                problem = "Nothing would change."
        self.query_one(".problem", Label).update(content(problem))
        self.query_one("#preview", Static).update(Content("\n").join(self._preview()))

    def _preview(self) -> list[Content]:
        if not self._found:
            return []
        times, rows = sum(each.times for each in self._found), len({each.row for each in self._found})
        head = f"{times:,} {'place' if times == 1 else 'places'} in {rows:,} {'row' if rows == 1 else 'rows'}"
        lines = [content(head, "bold")]
        for each in self._found[:SHOWN]:
            before, after = _around(each.before, each.after)
            room = max(8, (self.app.size.width * 96 // 100 if self.app.size.width < 75 else 72) // 2 - 8)
            lines.append(
                Content.assemble(
                    content(f"{each.row:>5} ", "dim"),
                    content(cut(before, room)),
                    content(" → ", "dim"),
                    content(cut(after, room)),
                )
            )
        if len(self._found) > SHOWN:
            lines.append(content(f"      and {len(self._found) - SHOWN:,} more", "dim"))
        return lines

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "find" and not self.query_one("#put", Input).value:
            self.focus_next(Input)
        else:
            self.action_done()

    def action_done(self) -> None:
        """Replace, if anything would change."""
        self._look()
        if self._found:
            self.dismiss(self._wanted)


def _around(before: str, after: str) -> tuple[str, str]:
    """Both texts from a little before the place where they first differ."""
    before, after = one_line(before), one_line(after)
    same = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - AROUND)
    sign = "…" if start else ""
    return sign + before[start:], sign + after[start:]
