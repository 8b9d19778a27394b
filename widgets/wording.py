"""One line that says what the language check has to say about the text in hand, and what could stand there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from app.text import cell_len, cut, one_line
from widgets.line_widget import LineWidget, Piece

TAKE, STAND = "take", "stand"
"""What a click means: the better wording is taken, or the sentence may stand."""


@dataclass(frozen=True)
class Advice:
    """What is said about a text: the rule, the words it speaks to, why, and a better wording where there is one.

    *more* counts the other places in the same text; *may_stand* says that it can be accepted here and now.
    """

    rule: str
    words: str
    why: str
    better: str = ""
    more: int = 0
    may_stand: bool = True


class WordingLine(LineWidget):
    """Shows an :class:`Advice` below the field; it never takes the focus, and takes no room while silent."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "wording--sign",
        "wording--words",
        "wording--why",
        "wording--better",
        "wording--key",
    }
    DEFAULT_CSS = """
    WordingLine {
        height: 1;
        display: none;
        background: $panel;
        &.-some { display: block; }
        &.-offer { height: 2; }
        & > .wording--sign { color: $text-warning; text-style: bold; }
        & > .wording--words { text-style: underline; }
        & > .wording--why { color: $foreground; }
        & > .wording--better { color: $text-success; }
        & > .wording--key { color: $text-accent; text-style: bold; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A key of the line was clicked: :data:`TAKE` or :data:`STAND`."""

        what: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.advice: Advice | None = None

    def show(self, advice: Advice | None) -> None:
        """Show *advice*, or be silent."""
        if advice != self.advice:
            self.advice = advice
            self.set_class(advice is not None, "-some")
            self.set_class(bool(advice and advice.better), "-offer")
            self.refresh()

    def chosen(self, target: str) -> None:
        """Say what was clicked."""
        self.post_message(self.Chosen(target))

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """Why, with the words it is about; below it the better wording and the key that takes it."""
        advice = self.advice
        if advice is None:
            return ()
        more = f" (+{advice.more})" if advice.more else ""
        stand = [Piece(" ^g ", "wording--key", STAND), Piece("let it stand ", "wording--why", STAND)]
        if not advice.may_stand:
            stand = []
        words = cut(one_line(advice.words), max(12, width // 4))
        first = [
            Piece(f" ▲ {advice.rule}{more} ", "wording--sign"),
            Piece(f"“{words}”", "wording--words"),
            Piece(f" {one_line(advice.why)}", "wording--why"),
        ]
        if not advice.better:
            return [(first, stand)]
        take = [Piece(" ^r ", "wording--key", TAKE), Piece("take it      ", "wording--why", TAKE)]
        return [(first, stand), ([Piece("   → ", "wording--sign"), *_better(advice, width)], take)]


def _better(advice: Advice, width: int) -> list[Piece]:
    text = one_line(advice.better)
    return [Piece(cut(text, max(8, width - 24)) if cell_len(text) > width - 24 else text, "wording--better")]
