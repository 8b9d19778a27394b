"""What a frame draws: the lines that differ, and nothing else."""

from collections.abc import Iterator, Sequence

import pytest
from textual.geometry import Region
from textual.strip import Strip

from app.text import cut, fit
from tests.tui.frames import frame
from tests.tui.widgets.host import Host
from widgets.drawn import Margined
from widgets.grid import Column, Grid, Row
from widgets.scroll_bar import QuickBar


class Counting(Grid):
    """A grid that counts the rows that it draws."""

    def __init__(self) -> None:
        super().__init__([Column("time", "time", 8), Column("event", "event", grow=1, min_width=16)])
        self.drawn_rows: list[str] = []

    def _draw_row(self, index: int, row: Row, cursor: int, selected: bool) -> Strip:
        self.drawn_rows.append(row.key)
        return super()._draw_row(index, row, cursor, selected)


class Asked(Sequence[Row]):
    """Rows that note which of them were asked for; what is *awaited* is not there yet."""

    def __init__(self, count: int) -> None:
        self.count, self.asked, self.awaited = count, [], set[int]()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Row:  # type: ignore[override]
        self.asked.append(index)
        text = "…" if index in self.awaited else f"event {index}"
        return Row(str(index), ("10:00", text), passing=index in self.awaited)

    def index_of(self, key: str) -> int:
        return int(key)

    def __iter__(self) -> Iterator[Row]:
        raise AssertionError("only what is visible may be looked at")


async def test_a_move_draws_the_row_that_was_left_and_the_row_that_was_entered():
    grid = Counting()
    app = Host(grid)
    async with app.run_test(size=(80, 12)) as pilot:
        grid.set_rows(Asked(100_000))
        await pilot.pause()
        grid.drawn_rows.clear()
        await pilot.press("down")
        await pilot.pause()
        assert set(grid.drawn_rows) <= {"0", "1"}
        grid.drawn_rows.clear()
        await pilot.press("up")
        await pilot.pause()
        # Both were drawn before as they look now.
        assert grid.drawn_rows == []


async def test_scrolling_by_a_row_draws_that_row_and_asks_for_no_other():
    grid, rows = Counting(), Asked(100_000)
    app = Host(grid)
    async with app.run_test(size=(80, 12)) as pilot:
        grid.set_rows(rows)
        await pilot.press("pagedown", "down")
        await pilot.pause()
        grid.drawn_rows.clear()
        rows.asked.clear()
        await pilot.press("down")
        await pilot.pause()
        while "event 11" not in frame(app):
            await pilot.pause()
        assert set(grid.drawn_rows) <= {"10", "11"}
        # The cursor's row also says its key to whoever listens.
        assert set(rows.asked) <= {10, 11}


async def test_what_is_on_its_way_is_asked_for_again_and_shown_when_it_is_there():
    grid, rows = Counting(), Asked(100)
    rows.awaited = {3}
    app = Host(grid)
    async with app.run_test(size=(80, 12)) as pilot:
        grid.set_rows(rows)
        await pilot.pause()
        assert "…" in frame(app)
        rows.awaited.clear()
        grid.refresh()
        await pilot.pause()
        assert "…" not in frame(app)
        assert "event 3" in frame(app)


async def test_a_frame_after_many_keys_is_the_frame_of_a_grid_that_is_drawn_anew():
    grid = Counting()
    app = Host(grid)
    async with app.run_test(size=(40, 12)) as pilot:
        grid.set_rows(Asked(1000))
        for keys in (
            ["down"] * 13,
            ["pagedown", "space"],
            ["ctrl+end", "up"],
            ["pageup", "shift+up"],
            ["ctrl+home"],
        ):
            await pilot.press(*keys)
            await pilot.pause()
            seen = frame(app)
            grid.forget_lines()
            grid.refresh()
            await pilot.pause()
            assert frame(app) == seen


def test_a_line_is_divided_where_it_ends_and_anywhere_else_as_textual_does():
    whole = Margined(Strip.blank(10), Strip.blank(2))
    assert whole.cell_length == 12
    for cuts in ([10, 12], [4, 12], [4, 10, 12], [12]):
        assert [each.cell_length for each in whole.divide(cuts)] == [
            each.cell_length for each in Strip(list(whole)).divide(cuts)
        ]


@pytest.mark.parametrize("text", ["", "a", "two words", "ends in space ", "x" * 40])
@pytest.mark.parametrize("width", range(14))
def test_plain_text_fits_as_any_text_does(text: str, width: int):
    short = cut(text, width)
    assert fit(text, width) == short.ljust(width)
    assert fit(text, width, "right") == short.rjust(width)


async def test_the_scroll_bar_is_that_of_textual_wherever_it_stands():
    grid = Counting()
    app = Host(grid)
    async with app.run_test(size=(40, 12)) as pilot:
        grid.set_rows(Asked(300))
        await pilot.pause()
        bar = grid.vertical_scrollbar
        assert isinstance(bar, QuickBar)
        for keys in ([], ["pagedown"], ["pagedown", "pagedown", "down"], ["ctrl+end"], ["pageup"]):
            await pilot.press(*keys)
            await pilot.pause()
            whole = bar.size.region
            ours, textuals = bar.render_lines(whole), super(QuickBar, bar).render_lines(whole)
            assert [_look(strip) for strip in ours] == [_look(strip) for strip in textuals]
            assert [_look(strip) for strip in bar.render_lines(Region(0, 3, whole.width, 2))] == [
                _look(strip) for strip in ours[3:5]
            ]


def _look(strip: Strip) -> list[tuple[str, object, object, object, object]]:
    return [
        (text, style.color, style.bgcolor, style.reverse, style.meta.get("@mouse.down"))
        for text, style, _ in strip
        if style is not None
    ]
