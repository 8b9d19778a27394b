"""A preview of the report that stays quick however long it is.

Textual's ``Markdown`` mounts a widget per block and needs seconds for 20 KB. Here the text is read and broken
into lines in a thread, and only the lines on screen are drawn.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from widgets.drawn import Drawn
from widgets.markdown_lines import Block, Line, Page, lay_out, parse

WIDEST = 110
"""Lines longer than this are hard to read, however wide the terminal is."""
MARGIN = 2


class Preview(Drawn):
    """Shows Markdown, read-only. The newest text wins; the place that was being read stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "Bottom", show=False),
    ]
    STYLES: ClassVar[tuple[str, ...]] = (
        *("h1", "h2", "h3", "h4", "h5", "h6", "strong", "emphasis", "struck", "link", "code", "quiet"),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"preview--{style}" for style in STYLES} | {"preview--empty"}
    DEFAULT_CSS = """
    Preview {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .preview--h1 { color: $markdown-h1-color; text-style: bold; }
        & > .preview--h2 { color: $markdown-h2-color; text-style: bold underline; }
        & > .preview--h3 { color: $markdown-h3-color; text-style: bold; }
        & > .preview--h4 { color: $markdown-h4-color; text-style: underline; }
        & > .preview--h5 { color: $markdown-h5-color; text-style: bold; }
        & > .preview--h6 { color: $markdown-h6-color; }
        & > .preview--strong { text-style: bold; }
        & > .preview--emphasis { text-style: italic; }
        & > .preview--struck { text-style: strike; }
        & > .preview--link { color: $text-accent; text-style: underline; }
        & > .preview--code { color: $text-warning; background: $foreground 6%; }
        & > .preview--quiet { color: $text-muted; }
        & > .preview--empty { color: $text-muted; }
    }
    """

    @dataclass
    class Shown(Message):
        """A text has been laid out; *headings* are its levels and titles in order."""

        preview: "Preview"
        headings: tuple[tuple[int, str], ...]

        @property
        def control(self) -> "Preview":
            """The preview, for ``@on(…, selector)``."""
            return self.preview

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._markdown = ""
        self._parsed: tuple[str, list[Block]] = ("", [])
        self._page = Page()
        self._wanted: tuple[str, int] = ("", 0)
        self._busy = False

    @property
    def headings(self) -> tuple[tuple[int, str], ...]:
        """Level and text of each heading that is shown."""
        return tuple((level, text) for level, text, _ in self._page.headings)

    def show(self, markdown: str) -> None:
        """Show *markdown* as soon as it is laid out; until then the text before it stays."""
        self._markdown = markdown
        self._want()

    def jump(self, heading: str) -> bool:
        """Scroll to the first heading with this text; tell whether there is one."""
        for _, text, line in self._page.headings:
            if text == heading:
                self.scroll_to(y=line, animate=False)
                return True
        return False

    def action_page_up(self) -> None:
        """A page up, at once: a reader who turns pages waits for no animation."""
        self.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """A page down, at once."""
        self.scroll_page_down(animate=False)

    def action_scroll_home(self) -> None:
        """The top, at once."""
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """The bottom, at once."""
        self.scroll_end(animate=False)

    def _on_resize(self, event: events.Resize) -> None:
        self._want()

    def _want(self) -> None:
        width = min(self.scrollable_content_region.width - 2 * MARGIN, WIDEST)
        if width <= 0 or self._wanted == (self._markdown, width):
            return
        self._wanted = (self._markdown, width)
        if not self._busy:
            self._busy = True
            self.run_worker(self._work(), group="preview")

    async def _work(self) -> None:
        """Lay out until what is shown is what is wanted: a text that was overtaken is never begun."""
        try:
            done: tuple[str, int] | None = None
            while done != self._wanted:
                done = self._wanted
                page = await asyncio.to_thread(self._lay_out, *done)
                if done == self._wanted:
                    self._take(page)
        finally:
            self._busy = False

    def _lay_out(self, markdown: str, width: int) -> Page:
        source, blocks = self._parsed
        if source != markdown:
            blocks = parse(markdown)
            self._parsed = (markdown, blocks)
        return lay_out(blocks, width)

    def _take(self, page: Page) -> None:
        anchor = self._anchor()
        self._page = page
        self.forget_lines()
        self.virtual_size = Size(0, len(page.lines))
        if anchor is not None:
            number, offset = anchor
            if number < len(page.headings):
                self.scroll_to(y=page.headings[number][2] + offset, animate=False)
        self.refresh()
        self.post_message(self.Shown(self, self.headings))

    def _anchor(self) -> tuple[int, int] | None:
        """The heading above the top of the window, by number, and how far below it the window begins."""
        top = self.scroll_offset.y
        above = [(number, line) for number, (_, _, line) in enumerate(self._page.headings) if line <= top]
        return (above[-1][0], top - above[-1][1]) if above else None

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        width = self.room
        if not self._page.lines:
            return self.draw_empty(self._empty, y, width, "preview--empty")
        number = y + self.scroll_offset.y
        if number >= len(self._page.lines):
            return Strip.blank(width, self.ground)
        return self.cached((number, width), lambda: self._draw(self._page.lines[number], width))

    def _draw(self, line: Line, width: int) -> Strip:
        segments = [Segment(" " * MARGIN, self.ground)]
        segments += [Segment(span.text, self._look(span.style)) for span in line]
        return Strip(segments).adjust_cell_length(width, self.ground)

    def _look(self, names: str) -> Style:
        style = self.ground
        for name in names.split():
            style += self.paint("preview--code") if name == "code" else self.ink(f"preview--{name}")
        return style
