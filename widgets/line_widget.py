"""Small widgets of one or two drawn lines, with parts that can be clicked."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from app.text import cell_len, cut
from widgets.still import Still


class Piece(NamedTuple):
    """A piece of a line: its text, the component class that styles it, and what a click on it means."""

    text: str
    part: str = ""
    target: str = ""


class LineWidget(Still):
    """Draws lines of pieces, each line with something at the left and something at the right."""

    ALLOW_SELECT = False

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """What stands left and right on each line when there are *width* cells."""
        raise NotImplementedError

    def chosen(self, target: str) -> None:
        """Called when a piece with a *target* was clicked."""

    def _line(self, y: int) -> list[Piece]:
        width = self.size.width
        lines = self.lines(width)
        left, right = lines[y] if y < len(lines) else ((), ())
        # What stands at the right is short and says how things are: the left gives way.
        room = max(0, width - sum(cell_len(piece.text) for piece in right))
        pieces: list[Piece] = []
        for piece in left:
            text = cut(piece.text, room) if room else ""
            if text:
                pieces.append(piece._replace(text=text))
            room -= cell_len(text)
        return [*pieces, Piece(" " * room), *right]

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        segments = [
            Segment(piece.text, self.get_component_rich_style(piece.part) if piece.part else self.rich_style)
            for piece in self._line(y)
            if piece.text
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    async def _on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None:
            return
        x = 0
        for piece in self._line(at.y):
            size = cell_len(piece.text)
            if x <= at.x < x + size and piece.target:
                event.stop()
                self.chosen(piece.target)
                return
            x += size
