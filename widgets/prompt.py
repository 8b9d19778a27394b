"""The facilitator's line: one sentence to say or one question to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.geometry import Size
from textual.message import Message

from app.text import cell_len, cut, one_line, wrap
from widgets.line_widget import LineWidget, Piece


class PromptLine(LineWidget):
    """Shows a sentence, and at the right how to get another; a click asks for it, too."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"prompt--bar", "prompt--text", "prompt--hint"}
    DEFAULT_CSS = """
    PromptLine {
        height: auto;
        max-height: 2;
        background: $background;
        & > .prompt--bar { color: $accent; }
        & > .prompt--text { color: $text-accent; text-style: italic; }
        & > .prompt--hint { color: $text-muted; }
    }
    """

    @dataclass
    class NextRequested(Message):
        """Another sentence is wanted."""

    def __init__(
        self, text: str = "", hint: str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text = text
        self._hint = hint
        self._least = 0

    def show(self, text: str, hint: str = "", steady: bool = False) -> None:
        """Show *text*, and *hint* at the right where there is room for both.

        *steady* keeps the lines that were taken so far: what is above must not move for a while.
        """
        self._least = max(self._least, min(2, self.size.height)) if steady else 0
        self._text, self._hint = text, hint
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A second line where the sentence needs it: it is there to be read out."""
        return max(self._least, len(self.lines(width)))

    def chosen(self, target: str) -> None:
        """Ask for another sentence."""
        self.post_message(self.NextRequested())

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """The sentence, on two lines where one is too short."""
        text, hint = one_line(self._text), one_line(self._hint)
        if not text:
            return [((), ())]
        right = [Piece(f"  {cut(hint, width // 3)} ", "prompt--hint", "next")] if hint and width >= 60 else []
        bar = Piece(" ┊ ", "prompt--bar", "next")
        room = width - cell_len(bar.text) - sum(cell_len(piece.text) for piece in right)
        first, *rest = wrap(text, max(8, room))
        lines: list[tuple[Sequence[Piece], Sequence[Piece]]] = [
            ([bar, Piece(first, "prompt--text", "next")], right)
        ]
        if rest:
            lines.append(([bar, Piece(" ".join(rest), "prompt--text", "next")], ()))
        return lines
