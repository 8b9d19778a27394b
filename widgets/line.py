"""A line of a drawn widget, put together as cheaply as it can be: there are as many as the screen is high."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.strip import Strip


class _Forgetful(FIFOCache[Any, Any]):
    """Keeps nothing."""

    def set(self, key: Any, value: Any) -> None:
        """Do not keep a value."""

    __setitem__ = set


_NOTHING = _Forgetful(0)


class QuickStrip(Strip):
    """A strip that is made in a fifth of the time.

    Textual gives each strip seven caches of what it was cut and coloured to. Whoever makes these strips keeps what
    becomes of them, so that the caches would stay empty.
    """

    def __init__(self, segments: list[Segment], cell_length: int) -> None:
        self._segments = segments
        self._cell_length = cell_length
        self._divide_cache = self._crop_cache = self._style_cache = self._filter_cache = _NOTHING
        self._line_length_cache = self._crop_extend_cache = self._offsets_cache = _NOTHING
        self._render_cache = self._link_ids = self._cell_count = None


class Line:
    """A line while it is drawn: neighbours of one style are one piece, for every piece costs on its way out."""

    def __init__(self, text: str, style: Style) -> None:
        self._pieces: list[Segment] = []
        self._text, self._style = text, style

    def add(self, text: str, style: Style) -> None:
        """Put *text* at the end."""
        if style is self._style or style == self._style:
            self._text += text
        else:
            self._pieces.append(Segment(self._text, self._style))
            self._text, self._style = text, style

    def strip(self, length: int) -> Strip:
        """The line, which is *length* cells long."""
        self._pieces.append(Segment(self._text, self._style))
        return QuickStrip(self._pieces, length)


class Margined(QuickStrip):
    """A line and what lies behind it up to the end of the widget, where its scroll bar is drawn.

    Textual divides every line there, and measures every character of it to know where. Here it is known.
    """

    def __init__(self, line: Strip, margin: Strip) -> None:
        super().__init__([*line, *margin], line.cell_length + margin.cell_length)
        self._parts = (line, margin)
        self._cuts = [line.cell_length, self.cell_length]

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide the line; where it ends nothing has to be measured."""
        wanted = list(cuts)
        return self._parts if wanted == self._cuts else super().divide(wanted)
