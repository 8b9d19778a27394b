"""Widgets that keep the lines of the last frame: they show every change, and are drawn for nothing else."""

from textual.app import App, ComposeResult
from textual.filter import Monochrome
from textual.geometry import Region
from textual.strip import Strip

from widgets.columns import Column, Row
from widgets.grid import Grid
from widgets.still import Words
from widgets.wrapped import Wrapped


class Counted(Words):
    """Counts how often it is drawn."""

    drawn = 0

    def draw_lines(self, crop: Region) -> list[Strip]:
        self.drawn += 1
        return super().draw_lines(crop)


class Host(App[None]):
    """A text above a table and a text below it."""

    CSS = """
    Counted { height: 2; color: $text-error; }
    Counted.-loud { text-style: bold; }
    Wrapped { height: 2; background: $error; }
    Grid .grid--row { color: $text-error; }
    """

    def compose(self) -> ComposeResult:
        yield Counted("above", id="above")
        yield Grid([Column("text", "text", grow=1)], id="grid")
        yield Wrapped(id="below")

    def on_mount(self) -> None:
        self.query_one(Grid).set_rows([Row(str(number), (f"row {number}",)) for number in range(200)])
        self.query_one(Grid).focus()


def looks(app: App[None], selector: str) -> list[tuple[str, str]]:
    """The lines of a widget as they go to the terminal: texts with their styles."""
    widget = app.query_one(selector)
    lines = widget.render_lines(Region(0, 0, *widget.size))
    return [("".join(text for text, _, _ in line), str([style for _, style, _ in line])) for line in lines]


async def test_a_table_that_scrolls_draws_nothing_else() -> None:
    async with Host().run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        above = pilot.app.query_one(Counted)
        before = above.drawn
        for _ in range(5):
            await pilot.press("pagedown")
        assert "row 60" in str(looks(pilot.app, "#grid"))
        assert above.drawn == before


async def test_another_text_class_theme_or_size_is_seen_at_once() -> None:
    async with Host().run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        above, below = pilot.app.query_one(Counted), pilot.app.query_one(Wrapped)
        seen = [looks(pilot.app, "#above")]

        async def changed() -> None:
            await pilot.pause()
            seen.append(looks(pilot.app, "#above"))
            assert seen[-1] != seen[-2]

        above.update("another")
        await changed()
        above.add_class("-loud")
        await changed()
        pilot.app.theme = "textual-light"
        await changed()
        pilot.app.theme = "ansi-dark" if "ansi-dark" in pilot.app.available_themes else "textual-ansi"
        await changed()
        await pilot.resize_terminal(30, 20)
        await changed()
        below.show("word " * 30)
        await pilot.pause()
        first = looks(pilot.app, "#below")
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert looks(pilot.app, "#below") != first


async def test_a_filter_of_the_application_reaches_lines_that_were_drawn_before() -> None:
    async with Host().run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        before = {selector: looks(pilot.app, selector) for selector in ("#above", "#grid", "#below")}
        pilot.app._filters.append(Monochrome())
        for selector, lines in before.items():
            assert looks(pilot.app, selector) != lines, selector
