"""Widgets that draw their own lines: only what is visible costs anything, however much there is."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Offset, Region
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from app.text import cell_len, cut
from widgets.line import Margined
from widgets.line_input import CellInput, Suggestions, run_own_binding
from widgets.scroll_bar import QuickBar

KEPT = 192
"""Drawn lines that are kept: several windows of them."""


class Drawn(ScrollView, can_focus=True):
    """A scrolling surface of lines, with a cache of drawn lines and of the styles they are drawn in.

    What was on the screen last is kept as well: a frame in which two lines differ costs two lines. As everywhere
    in Textual, who changes what a line shows asks for a ``refresh``, of the whole or of the lines' region.
    """

    ALLOW_SELECT = False

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._drawn_lines: OrderedDict[Hashable, Strip] = OrderedDict()
        self._paints: dict[str, Style] = {}
        self._inks: dict[str, Style] = {}
        self._looks: dict[str, Style] = {}
        """Styles that a subclass put together of those two."""
        self._frame: dict[int, Strip] = {}
        """The lines of the window as they were drawn last, by their number; those to be drawn anew are missing."""
        self._finished: dict[int, tuple[Strip, Strip]] = {}
        """Lines as they go to the terminal, by the identity of what :meth:`render_line` gave."""
        self._frame_of: tuple[object, ...] = ()
        """What all lines of the window depend on."""
        self._plain: dict[int, Style] = {}
        """Styles that the filters of the application leave as they are, by their identity."""
        self._margin = Strip([], 0)
        """What lies below the scroll bar."""
        self._room = 0
        self._corner = Offset()

    @property
    def room(self) -> int:
        """The cells of a line that can be drawn on, as of the frame being drawn."""
        return self._room

    @property
    def corner(self) -> Offset:
        """The cell of the surface in the window's upper left corner, as of the frame being drawn."""
        return self._corner

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines of a frame.

        Textual builds every line again from border, padding and content whenever something scrolls, which is
        most of what a frame costs. Without any of those there is nothing to build: the drawn lines will do.
        """
        self._room = self.scrollable_content_region.width
        self._corner = self.scroll_offset
        styles = self.styles
        if styles.gutter or self.opacity < 1 or styles.has_any_rules("hatch", "tint", "outline_top"):
            return super().render_lines(crop)
        left, right = crop.column_span
        filters, background = self.get_line_filters(), self.background_colors[1]
        depends = (self._room, left, right, background, *filters)
        if depends != self._frame_of:
            self._frame_of = depends
            self._frame.clear()
            self._finished.clear()
            self._plain.clear()
            self._margin = Strip.blank(max(0, right - self._room), self.ground)
        return [self._seen(y, left, right, filters, background) for y in crop.line_range]

    def _seen(self, y: int, left: int, right: int, filters: Sequence[LineFilter], background: Color) -> Strip:
        """Line *y* of the window as it is on the screen, or as it will be."""
        if (line := self._frame.get(y)) is None:
            drawn = self.render_line(y)
            line = self._frame[y] = self._finish(drawn, left, right, filters, background)
        return line

    def _finish(
        self, drawn: Strip, left: int, right: int, filters: Sequence[LineFilter], background: Color
    ) -> Strip:
        """A drawn line as it goes to the terminal: in its colours, up to the end of the widget."""
        known = self._finished.get(id(drawn))
        if known is not None and known[0] is drawn:
            return known[1]
        whole = not left and drawn.cell_length == self._room < right
        line = drawn if whole or drawn.cell_length == right else drawn.crop_extend(left, right, self.ground)
        if not all(id(style) in self._plain for _, style, _ in line):
            line = self._filtered(line, filters, background)
        line = Margined(line, self._margin) if whole else line
        if len(self._finished) >= KEPT:
            self._finished.clear()
        self._finished[id(drawn)] = drawn, line
        return line

    def _filtered(self, line: Strip, filters: Sequence[LineFilter], background: Color) -> Strip:
        """A line in the colours that the terminal can show, or as the person wants to see them."""
        changed = line
        for line_filter in filters:
            changed = changed.apply_filter(line_filter, background)
        if [segment.style for segment in changed] != [segment.style for segment in line]:
            return changed
        # There are a few styles and many lines: what needs no filter is not asked again.
        self._plain |= {id(segment.style): segment.style for segment in line if segment.style}
        return line

    def _set_dirty(self, *regions: Region) -> None:
        """Forget the lines that are to be drawn anew; Textual calls this for every kind of refresh."""
        super()._set_dirty(*regions)
        if not regions:
            self._frame.clear()
        for region in regions:
            for y in region.line_range:
                self._frame.pop(y, None)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scroll bar, made when it is first needed, as Textual does."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = QuickBar("vertical", self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the lines that came into the window, and the scroll bar if it looks different."""
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            # A bar can show eighths of a cell; drawing one costs a third of a frame.
            visible_step = self.virtual_size.height / max(1, 8 * self.size.height)
            if abs(bar.position - new_value) >= visible_step / 2 or new_value in {0, self.max_scroll_y}:
                bar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh()

    def paint(self, part: str) -> Style:
        """The complete style, background included, of the component class *part*."""
        # Textual forgets its own copies at every refresh, and a refresh is what every key causes.
        if (style := self._paints.get(part)) is None:
            style = self._paints[part] = self.get_component_rich_style(part)
        return style

    def ink(self, part: str) -> Style:
        """The style of the component class *part* without a background, to be laid over another style."""
        if (style := self._inks.get(part)) is None:
            full = self.paint(part)
            style = self._inks[part] = Style(
                color=full.color,
                bold=full.bold,
                dim=full.dim,
                italic=full.italic,
                underline=full.underline,
                strike=full.strike,
                reverse=full.reverse,
            )
        return style

    @property
    def ground(self) -> Style:
        """The style of the surface where nothing is drawn."""
        if (style := self._paints.get("")) is None:
            style = self._paints[""] = self.rich_style
        return style

    def cached(self, key: Hashable, draw: Callable[[], Strip]) -> Strip:
        """The strip last drawn under *key*, or a new one."""
        if (strip := self._drawn_lines.get(key)) is None:
            strip = draw()
            self.keep(key, strip)
        return strip

    def drawn(self, key: Hashable) -> Strip | None:
        """The strip last drawn under *key*, if there is one."""
        return self._drawn_lines.get(key)

    def keep(self, key: Hashable, strip: Strip) -> None:
        """Draw *strip* again wherever *key* is to be seen."""
        if len(self._drawn_lines) >= KEPT:
            self._drawn_lines.popitem(last=False)
        self._drawn_lines[key] = strip

    def forget_lines(self) -> None:
        """Draw everything anew at the next refresh."""
        self._drawn_lines.clear()
        self._frame.clear()
        self._finished.clear()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old styles."""
        self._paints.clear()
        self._inks.clear()
        self._looks.clear()
        self._plain.clear()
        self.forget_lines()
        super().notify_style_update()

    def draw_empty(self, text: str, y: int, width: int, part: str, header: int = 0) -> Strip:
        """Line *y* of an empty surface: *text* in the middle, in the style of the component class *part*."""
        room = self.scrollable_content_region.height - header
        if not text or y != header + max(0, (room - 1) // 2):
            return Strip.blank(width, self.ground)
        shown = cut(text, max(1, width - 4))
        left = (width - cell_len(shown)) // 2
        strip = Strip([Segment(" " * left, self.ground), Segment(shown, self.ground + self.ink(part))])
        return strip.adjust_cell_length(width, self.ground)

    def refresh_row(self, line: int) -> None:
        """Redraw one line of the window, counted from its top."""
        if 0 <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    def show_lines(self, first: int, count: int, header: int = 0) -> None:
        """Scroll so that *count* lines from *first* can be seen below *header* fixed lines."""
        room = max(1, self.scrollable_content_region.height - header)
        top = self.scroll_offset.y
        if first < top or count >= room:
            top = first
        elif first + count > top + room:
            top = first + count - room
        if top != self.scroll_offset.y:
            # Forced: where rows have just come in, the scroll bar does not know of them yet.
            self.scroll_to(y=top, animate=False, force=True)


class EditableDrawn(Drawn):
    """A surface with a text field that can be laid over any part of it; see :class:`CellInput`."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._field = CellInput(self)

    @property
    def is_container(self) -> bool:
        """A drawn surface has no children to lay out, but this one has its field."""
        return True

    def _on_mount(self, event: events.Mount) -> None:
        self.mount(self._field)

    @property
    def editing(self) -> bool:
        """Whether a text is being edited."""
        return self._field.is_open

    def open_field(
        self,
        text: str,
        region: Region,
        suggestions: Suggestions = (),
        placeholder: str = "",
        selected: bool = False,
    ) -> None:
        """Lay the field over *region* of the surface (scrolled coordinates) and give it the focus.

        With *selected*, typing replaces the text, as in a form that is filled in from field to field.
        """
        self.place_field(region)
        self._field.open_with(text, suggestions, placeholder)
        if selected:
            self._field.select_all()

    def place_field(self, region: Region) -> None:
        """Move the field to *region* of the surface."""
        self._field.styles.offset = region.offset
        self._field.styles.width = region.width

    def close_field(self, refocus: bool = True) -> str:
        """Hide the field and return its text."""
        text = self._field.value
        self._field.close()
        if refocus:
            self.screen.set_focus(self, scroll_visible=False)
        return text

    def finish_edit(self, step: str) -> None:
        """Take the text of the field; a subclass says what happens with it."""
        raise NotImplementedError

    def cancel_edit(self) -> None:
        """Close the field and forget its text."""
        self.close_field()

    def external_edit(self) -> None:
        """Take the text of the field, and ask for the person's own editor; a surface may have no use for it."""

    async def late_key(self, event: events.Key) -> None:
        """Handle a key that was on its way to the field when it closed."""
        await self._handle(event)

    async def type_over(self, event: events.Key) -> bool:
        """Start an edit with a typed character; tell whether that was done."""
        return False

    async def _on_key(self, event: events.Key) -> None:
        await self._handle(event)

    async def _handle(self, event: events.Key) -> None:
        if self.editing:
            event.stop()
            event.prevent_default()
            await self._field.type_key(event)
        elif event.is_printable and event.character != " " and await self.type_over(event):
            event.stop()
            event.prevent_default()
        else:
            await run_own_binding(self, event)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep the field on its text while scrolling."""
        super().watch_scroll_y(old_value, new_value)
        if self.editing:
            self.refresh(layout=True)
