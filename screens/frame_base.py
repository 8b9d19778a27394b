"""What every part of the frame stands on: the review, a way to edit it, and what a step says about itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input, TextArea

from app.review.records import Session
from app.review.writing import Spot
from app.store.errors import StoreError
from app.text import cut
from screens.answers import answer, outdate
from screens.workbench import Workbench
from widgets.capture import CaptureLine
from widgets.grid import Grid
from widgets.outline import Outline
from widgets.still import Still

if TYPE_CHECKING:
    from app.review.completion import Known

LONGEST_SENTENCE = 240
"""Cells of a notification: it may quote what a person typed, and must not cover the screen."""

READ_ONLY = "This review is open for reading only: nothing was changed."


class FrameBase(Still, Screen[None]):
    """One of the six steps. Subclasses give a body and say what their capture line makes of a text."""

    STEP: ClassVar[str]
    PLACEHOLDER: ClassVar[str] = ""
    MAIN: ClassVar[str]
    """Selector of the widget that has the focus when the step is entered."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench

    # What a step is made of

    def body(self) -> ComposeResult:
        """The widgets between the frame's lines."""
        raise NotImplementedError

    def show_session(self, session: Session) -> None:
        """Show the session's new value."""
        raise NotImplementedError

    def said(self, text: str) -> str:
        """The words of a typed line that the record will keep, without times, actors and signs."""
        return text

    def is_prose(self, field: Input | TextArea) -> bool:
        """Whether the language check looks at what is typed into *field*: sentences, not names and dates."""
        return self.capture.is_field(field)

    def spots_here(self) -> tuple[Spot, ...]:
        """The texts of the record under the cursor that the language check looks at."""
        return ()

    def reveal(self, spot: Spot) -> None:
        """Put the cursor where *spot* is."""
        main = self.query_one(self.MAIN)
        if spot.id and isinstance(main, Grid | Outline):
            main.move_cursor(spot.id)
        main.focus()

    def understand(self, text: str) -> str:
        """What a line would become, said to the person who is typing it."""
        raise NotImplementedError

    def mode(self) -> str:
        """What keys do while they do something else than usual; it stands where the prompts are."""
        return ""

    @property
    def mode_is_brief(self) -> bool:
        """Whether the mode ends so soon that nothing should move for it."""
        return False

    def words(self, session: Session) -> "Known":
        """What the marks of a line may be completed to."""
        return {}

    def enter(self, text: str) -> None:
        """Make a record of a line."""
        raise NotImplementedError

    # What all of them do

    @property
    def capture(self) -> CaptureLine:
        """The line that turns typing into records."""
        return self.query_one(CaptureLine)

    def edit(self, label: str, change: Callable[[Session], Session], merge: str | None = None) -> bool:
        """Apply a named edit, or say that the review is open for reading only."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return False
        try:
            done = self.bench.edit(label, change, self.STEP, merge)
        except StoreError as problem:
            self.say(str(problem), "error")
            return False
        if done:
            outdate(self.app)
        return done

    def say(self, sentence: str, severity: str = "information") -> None:
        """Tell the person something, for a few seconds; it takes the place of what was told before."""
        answer(self.app, cut(sentence, LONGEST_SENTENCE), severity)
