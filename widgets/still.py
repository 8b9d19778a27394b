"""Widgets that are asked for their lines at each frame, and change at few of them."""

from collections.abc import Sequence

from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static


class Still(Widget):
    """A widget that hands out the lines of the last frame until it is refreshed.

    Whatever changes in a frame, Textual asks every visible widget for its lines. They are kept, but to find that
    out costs a tenth of a millisecond, which is much with ten widgets about a table that scrolls.
    """

    _last: tuple[Region, Sequence[LineFilter], list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a frame."""
        filters = self.get_line_filters()
        if self._last is None or self._last[0] != crop or self._last[1] != filters:
            self._last = crop, filters, self.draw_lines(crop)
        return self._last[2]

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, as Textual does; a widget that knows a quicker way has its own."""
        return super().render_lines(crop)

    def join_frame(self) -> None:
        """Be drawn anew in the frame that is being prepared, not in one of its own right behind it.

        For a widget that follows what happens in another one: Textual draws as soon as the first of them is ready.
        """
        self._check_refresh()

    def _set_dirty(self, *regions: Region) -> None:
        """Forget the lines; Textual calls this for every kind of refresh."""
        self._last = None
        super()._set_dirty(*regions)

    def notify_style_update(self) -> None:
        """Forget the lines in the old style."""
        self._last = None
        super().notify_style_update()


class Words(Still, Static):
    """A text that stays as it is while other widgets change."""
