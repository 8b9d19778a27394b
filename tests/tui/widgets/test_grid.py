"""The grid: drawing, the cursor, the selection."""

import pytest
from textual.geometry import Offset
from textual.theme import BUILTIN_THEMES

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.grid import Column, Grid, Row

COLUMNS = (
    Column("time", "time UTC", 8),
    Column("delta", "Δ", 6, align="right", editable=False, priority=2),
    Column("event", "event", grow=1, min_width=16),
    Column("source", "source", 12, min_width=8, priority=1),
)


def rows(count: int) -> list[Row]:
    return [Row(f"E{n}", (f"10:{n % 60:02d}:00", f"+{n}", f"event {n}", "nginx")) for n in range(count)]


def grid(**options: object) -> Grid:
    return Grid(COLUMNS, empty="Press a to add the first row", **options)  # type: ignore[arg-type]


async def test_every_row_stands_under_its_title():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(3))
        await pilot.pause()
        head, first = frame(app).split("\n")[:2]
        assert head.index("event") == first.index("event 0")
        assert head.index("source") == first.index("nginx")
        # Right-aligned: the last characters stand below each other.
        assert head.index("Δ") == first.index("+0") + 1


async def test_an_empty_grid_says_the_next_key():
    app = Host(grid())
    async with app.run_test(size=(80, 12)):
        assert line_with(app, "Press a").strip() == "Press a to add the first row"


@pytest.mark.parametrize(
    ("keys", "row", "column"),
    [
        (["down"], 1, "time"),
        (["down", "down", "up"], 1, "time"),
        (["right", "right"], 0, "event"),
        (["right", "left"], 0, "time"),
        (["left"], 0, "time"),
        (["end"], 0, "source"),
        (["end", "home"], 0, "time"),
        (["ctrl+end"], 99, "time"),
        (["ctrl+end", "ctrl+home"], 0, "time"),
        (["pagedown"], 9, "time"),
        (["pagedown", "pagedown", "pageup"], 9, "time"),
        (["ctrl+end", "down"], 99, "time"),
    ],
)
async def test_keys_move_the_cursor(keys, row, column):
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(100))
        await pilot.press(*keys)
        assert (app.widget.cursor_row, app.widget.cursor_column) == (row, column)


async def test_the_cursor_is_seen_without_colour_and_stays_in_the_window():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(100))
        await pilot.press(*["down"] * 30)
        assert line_with(app, "event 30").startswith("▌")
        assert frame(app).count("▌") == 1


async def test_moving_tells_which_row_is_highlighted():
    app = Host(grid())
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows(5))
        await pilot.press("down", "right", "down")
        assert [message.row_key for message in app.posted(Grid.RowHighlighted)] == ["E0", "E1", "E2"]


async def test_new_rows_keep_the_cursor_on_its_row_and_on_its_line_of_the_screen():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(100))
        await pilot.press(*["down"] * 30)
        before = frame(app).split("\n").index(line_with(app, "event 30"))
        app.widget.set_rows([Row("new", ("", "", "inserted", "")), *rows(100)])
        await pilot.pause()
        assert app.widget.cursor_key == "E30"
        assert frame(app).split("\n").index(line_with(app, "event 30")) == before


async def test_when_the_row_is_gone_the_cursor_stays_near():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(10))
        await pilot.press("ctrl+end")
        app.widget.set_rows(rows(9))
        assert app.widget.cursor_key == "E8"
        app.widget.set_rows([])
        await pilot.press("down", "up", "enter", "space", "shift+down", "ctrl+end", "tab")
        assert app.widget.cursor_key == ""


async def test_space_selects_and_the_mark_is_not_only_a_colour():
    app = Host(grid())
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows(5))
        await pilot.press("space", "down", "down", "space")
        assert app.widget.selected_keys == ("E0", "E2")
        assert line_with(app, "event 2").startswith("▌✓")
        assert app.posted(Grid.SelectionChanged)[-1].row_keys == ("E0", "E2")
        await pilot.press("space")
        assert app.widget.selected_keys == ("E0",)
        await pilot.press("escape")
        assert app.widget.selected_keys == ()


async def test_shift_and_arrows_select_what_lies_between():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(8))
        await pilot.press("down", "down", "shift+down", "shift+down", "shift+down", "shift+up")
        assert app.widget.selected_keys == ("E2", "E3", "E4")
        await pilot.press("shift+up", "shift+up", "shift+up")
        assert app.widget.selected_keys == ("E1", "E2")
        await pilot.press("ctrl+a")
        assert len(app.widget.selected_keys) == 8


async def test_rows_that_are_filtered_away_are_not_selected_any_more():
    app = Host(grid())
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows(8))
        await pilot.press("ctrl+a")
        app.widget.set_rows(rows(2))
        await pilot.pause()
        assert app.posted(Grid.SelectionChanged)[-1].row_keys == ("E0", "E1")


async def test_a_banner_is_drawn_over_the_columns_and_cannot_be_edited_or_selected():
    app = Host(grid())
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows([Row("gap", ("┄ 3 min without a row ┄",), "gap", banner=True), *rows(2)])
        await pilot.press("space", "enter")
        assert "┄ 3 min without a row ┄" in frame(app)
        assert app.widget.selected_keys == ()
        assert [message.row_key for message in app.posted(Grid.RowActivated)] == ["gap"]


HOSTILE = [
    "[red]not red[/red] [@click=app.quit]x[/]",
    "esc \x1b]0;owned\x07 \x1b[2J",
    "日本語 한국어 👩‍👩‍👧 🇩🇪",
    "x" * 10_000,
    "two\nlines\tand a tab",
    "‮backwards",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_drawn_as_text_and_columns_stay_aligned(text):
    from app.text import cell_len

    app = Host(grid())
    async with app.run_test(size=(80, 12), tooltips=True, notifications=True) as pilot:
        app.widget.set_rows([Row("E1", ("10:00", "", text, "source")), *rows(1)])
        await pilot.hover(app.widget, offset=Offset(25, 1))
        await pilot.press("right", "right")
        head, line, plain = frame(app).split("\n")[:3]
        assert "\x1b" not in line
        assert cell_len(line[: line.index("source")]) == head.index("source") == plain.index("nginx")


async def test_columns_of_low_priority_leave_when_it_gets_narrow_and_come_back():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(3))
        await pilot.press("end")
        assert app.widget.cursor_column == "source"
        await pilot.resize_terminal(44, 12)
        await pilot.pause()
        assert "source" not in frame(app)
        assert app.widget.cursor_column == "event"
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert "source" in frame(app)


async def test_what_does_not_fit_at_all_is_scrolled_sideways():
    app = Host(Grid([Column(f"c{n}", f"title {n}", 20) for n in range(6)]))
    async with app.run_test(size=(50, 10)) as pilot:
        app.widget.set_rows([Row("r", [f"value {n}" for n in range(6)])])
        await pilot.pause()
        assert "value 5" not in frame(app)
        await pilot.press("end")
        assert "value 5" in frame(app)
        assert "title 5" in frame(app)
        await pilot.press("home")
        assert "value 0" in frame(app)


async def test_a_click_moves_a_click_on_a_title_tells_and_a_click_on_the_gutter_selects():
    app = Host(grid())
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows(5))
        await pilot.pause()
        await pilot.click(app.widget, offset=(30, 3))
        assert (app.widget.cursor_row, app.widget.cursor_column) == (2, "event")
        await pilot.click(app.widget, offset=(30, 0))
        assert [message.column_key for message in app.posted(Grid.HeaderClicked)] == ["event"]
        await pilot.click(app.widget, offset=(0, 2))
        await pilot.click(app.widget, offset=(30, 4), control=True)
        assert app.widget.selected_keys == ("E1", "E3")
        await pilot.click(app.widget, offset=(30, 5), shift=True)
        assert app.widget.selected_keys == ("E3", "E4")


async def test_a_double_click_edits():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(5))
        await pilot.pause()
        await pilot.click(app.widget, offset=(30, 3), times=2)
        assert app.widget.editing


class Lazy(list):
    """Counts how many of its rows were looked at."""

    looked = 0

    def __len__(self):
        return 100_000

    def __getitem__(self, index):
        Lazy.looked += 1
        return Row(f"E{index}", ("10:00", "", f"event {index}", "s"))

    def index_of(self, key):
        return int(key[1:])


async def test_of_a_hundred_thousand_rows_only_those_on_screen_are_looked_at():
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        Lazy.looked = 0
        app.widget.set_rows(Lazy())
        await pilot.press("ctrl+end", "pageup", "down", "up")
        assert line_with(app, "event 99990").startswith("▌")
        app.widget.set_rows(Lazy())
        await pilot.pause()
        assert Lazy.looked < 300


async def test_moving_within_the_window_draws_two_lines(monkeypatch):
    drawn = []
    app = Host(grid())
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows(100))
        await pilot.pause()
        draw = app.widget._draw_row
        monkeypatch.setattr(app.widget, "_draw_row", lambda *args: drawn.append(args[0]) or draw(*args))
        await pilot.press("down")
        assert sorted(drawn) == [0, 1]


@pytest.mark.parametrize("theme", [*BUILTIN_THEMES])
async def test_it_is_drawn_in_every_theme(theme):
    app = Host(grid(), theme)
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.set_rows([Row("a", ("1", "2", "3", "4"), style="problem", cell_styles=("ok", "muted"))])
        await pilot.press("space", "enter", "escape")
        assert "▌✓" in frame(app)


async def test_other_widgets_can_be_told_apart_by_the_grid_in_the_message():
    app = Host(grid(id="mine"))
    async with app.run_test(size=(80, 12), message_hook=app.hook):
        app.widget.set_rows(rows(1))
    assert app.posted(Grid.RowHighlighted)[0].control.id == "mine"
