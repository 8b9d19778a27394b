"""A text on a few lines that is another one at every key."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from app.text import cut, fit, wrap
from widgets.line import QuickStrip
from widgets.still import Still


class Wrapped(Still):
    """Plain text, broken to the width; what does not fit ends with an ellipsis.

    It keeps its size: unlike Textual's ``Static`` it lays nothing out, which is most of what a short text costs.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = ""
        self._lines: list[str] = []
        self._for = Size(0, 0)

    def show(self, text: str) -> None:
        """Show *text*, in the same frame as what it belongs to."""
        if text != self._text:
            self._text, self._for = text, Size(0, 0)
            self.refresh()
            self.join_frame()

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        if self._for != self.size:
            self._for, self._lines = self.size, broken(self._text, *self.size)
        text = self._lines[y] if y < len(self._lines) else ""
        return QuickStrip([Segment(fit(text, self.size.width), self.rich_style)], self.size.width)


def broken(text: str, width: int, height: int) -> list[str]:
    """*text* on at most *height* lines of *width* cells; the last one says when there is more."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        room = height - len(lines)
        if room <= 0 or not width:
            break
        # Twice as many characters as cells: combining ones take none.
        parts = wrap(paragraph[: 2 * width * (room + 1)], width) if len(paragraph) > width else [paragraph]
        if len(parts) > room:
            parts = [*parts[: room - 1], cut(" ".join(parts[room - 1 :]), width)]
        lines += parts
    return lines
