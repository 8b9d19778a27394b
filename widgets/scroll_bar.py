"""A scroll bar that is drawn as quickly as the lines beside it."""

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from widgets.still import Still


class QuickBar(Still, ScrollBar):
    """Textual's vertical scroll bar, line for line, without a layout of text for each frame.

    It consists of a handful of different cells; each is a strip that is made once, and known to the terminal.
    """

    def __init__(self, name: str, thickness: int) -> None:
        super().__init__(vertical=True, name=name, thickness=thickness)
        self._cells: dict[tuple[str, Style | None, Style], Strip] = {}

    def draw_lines(self, crop: Region) -> list[Strip]:
        """The lines of the bar."""
        bar = self.render()
        size = self.size
        if not isinstance(bar, ScrollBarRender) or type(bar) is not ScrollBarRender or self.styles.gutter:
            return super().draw_lines(crop)
        style = bar.style
        if not isinstance(style, Style) or style.bgcolor is None or style.color is None:
            return super().draw_lines(crop)
        drawn = bar.render_bar(
            size=size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=size.width,
            vertical=True,
            back_color=style.bgcolor,
            bar_color=style.color,
        )
        filters, background = self.get_line_filters(), self.background_colors[1]
        ground = self.rich_style
        lines = [self._cell(segment, ground) for segment in list(drawn.segments)[crop.y : crop.bottom]]
        for line_filter in filters:
            lines = [line.apply_filter(line_filter, background) for line in lines]
        return lines

    def _cell(self, segment: Segment, ground: Style) -> Strip:
        key = segment.text, segment.style, ground
        if (strip := self._cells.get(key)) is None:
            if len(self._cells) > 64:  # other themes, other colours
                self._cells.clear()
            style = ground + segment.style if segment.style else ground
            strip = self._cells[key] = Strip([Segment(segment.text, style)], self.size.width)
        return strip
