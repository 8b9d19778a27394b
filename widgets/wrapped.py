"""A text on a few lines that is another one at every key."""

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip

from app.text import cut, fit, wrap
from widgets.line import QuickStrip
from widgets.still import Still

MARGIN = 1
"""Cells of air left and right of the text."""


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

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines at once where nothing surrounds them."""
        if self.styles.gutter or self.opacity < 1 or crop != self.size.region:
            return super().draw_lines(crop)
        filters, background = self.get_line_filters(), self.background_colors[1]
        lines = [self.render_line(y) for y in crop.line_range]
        for line_filter in filters:
            lines = [line.apply_filter(line_filter, background) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        width, height = self.size
        if self._for != self.size:
            self._for, self._lines = self.size, broken(self._text, max(0, width - 2 * MARGIN), height)
        text = self._lines[y] if y < len(self._lines) else ""
        return QuickStrip([Segment(fit(" " * MARGIN + text, width), self.rich_style)], width)


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
