"""The grid: editing a cell where it stands."""

import pytest
from textual import events

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.grid import Column, Grid, Row

COLUMNS = (
    Column("time", "time UTC", 8),
    Column("delta", "Δ", 6, editable=False, priority=2),
    Column("event", "event", grow=1, min_width=16, placeholder="what happened"),
    Column("source", "source", 12, suggestions=lambda: ["Prometheus", "PagerDuty"]),
)
EVENT = ("right", "right")


def rows(count: int = 3) -> list[Row]:
    return [Row(f"E{n}", (f"10:0{n}:00", f"+{n}", f"event {n}", "nginx")) for n in range(count)]


def hosted(**options: object) -> Host:
    return Host(Grid(COLUMNS, **options))  # type: ignore[arg-type]


def edits(app: Host) -> list[tuple[str, str, str, str]]:
    return [(m.row_key, m.column_key, m.old, m.new) for m in app.posted(Grid.CellEdited)]


@pytest.mark.parametrize("key", ["enter", "f2"])
async def test_a_key_opens_the_cell_over_itself_and_enter_saves(key):
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press("down", *EVENT, key)
        await pilot.pause()
        head = frame(app).split("\n")[0]
        field = app.focused.region
        assert (field.x + 1, field.y) == (head.index("event"), 2)
        await pilot.press("!", "enter")
        assert edits(app) == [("E1", "event", "event 1", "event 1!")]
        assert app.focused is app.widget


async def test_the_grid_shows_what_it_was_given_until_it_is_given_something_else():
    app = hosted()
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "!", "enter")
        assert "event 0!" not in frame(app)


async def test_escape_gives_up_and_says_so():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "x", "escape")
        assert edits(app) == []
        assert [(m.row_key, m.column_key) for m in app.posted(Grid.EditCancelled)] == [("E0", "event")]
        assert app.focused is app.widget


async def test_an_unchanged_text_is_no_edit():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "enter")
        assert edits(app) == []


@pytest.mark.parametrize(
    ("key", "row", "column"),
    [("tab", "E1", "source"), ("shift+tab", "E1", "time"), ("up", "E0", "event"), ("down", "E2", "event")],
)
async def test_keys_save_and_go_on_editing_the_next_cell(key, row, column):
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press("down", *EVENT, "enter", "x", key)
        assert app.widget.editing
        assert (app.widget.cursor_key, app.widget.cursor_column) == (row, column)
        await pilot.press("y", "enter")
        assert [edit[:2] for edit in edits(app)] == [("E1", "event"), (row, column)]


async def test_tab_passes_what_cannot_be_edited_and_goes_over_the_end_of_the_row():
    app = hosted()
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows([rows()[0], Row("gap", ("gap",), banner=True), rows()[1]])
        await pilot.press("enter", "tab")
        assert app.widget.cursor_column == "event"
        await pilot.press("tab", "tab")
        assert (app.widget.cursor_key, app.widget.cursor_column) == ("E1", "time")
        await pilot.press("shift+tab")
        assert (app.widget.cursor_key, app.widget.cursor_column) == ("E0", "source")
        await pilot.press("down", "tab", "tab", "tab")
        assert not app.widget.editing


async def test_a_click_elsewhere_saves():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "x")
        await pilot.click("#elsewhere")
        assert edits(app) == [("E0", "event", "event 0", "event 0x")]
        assert app.focused.id == "elsewhere"
        assert not app.widget.editing


async def test_a_click_on_another_cell_saves_and_moves_there():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "x")
        await pilot.click(app.widget, offset=(4, 3))
        assert edits(app) == [("E0", "event", "event 0", "event 0x")]
        assert (app.widget.cursor_key, app.widget.cursor_column) == ("E2", "time")


async def test_looking_into_another_window_does_not_end_the_edit():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "enter", "x")
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        await pilot.press("y", "enter")
        assert edits(app) == [("E0", "event", "event 0", "event 0xy")]


async def test_what_is_edited_may_differ_from_what_is_shown():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(
            [Row("E1", ("~10:15", "", "text", "s"), edit_cells=("about 10:15", "", "text", "s"))]
        )
        await pilot.press("enter", "!", "enter")
        assert edits(app) == [("E1", "time", "about 10:15", "about 10:15!")]


async def test_with_typing_a_letter_replaces_the_text():
    app = hosted(type_to_edit=True)
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, *"new", "enter")
        assert edits(app) == [("E0", "event", "event 0", "new")]
        await pilot.press("space")
        assert app.widget.selected_keys == ("E0",)


async def test_without_typing_letters_are_left_to_the_screen():
    app = hosted()
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows(rows())
        await pilot.press(*EVENT, "n")
        assert not app.widget.editing


async def test_a_burst_of_keys_is_handled_in_the_order_of_typing():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        app.burst(
            "right", "right", "enter", "backspace", "A", "left", "B", "enter", "down", "enter", "C", "enter"
        )
        await pilot.pause()
        await pilot.pause()
        assert edits(app) == [("E0", "event", "event 0", "event BA"), ("E1", "event", "event 1", "event 1C")]


async def test_a_burst_of_letters_loses_none():
    app = hosted(type_to_edit=True)
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        app.burst("right", "right", *"pool", " ", *"full", "tab", *"db", "enter")
        await pilot.pause()
        await pilot.pause()
        assert edits(app) == [("E0", "event", "event 0", "pool full"), ("E0", "source", "nginx", "db")]


async def test_editing_works_far_down_and_after_a_resize():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows([Row(f"E{n}", ("10:00", "", f"event {n}", "s")) for n in range(500)])
        await pilot.press("ctrl+end", *EVENT, "enter")
        await pilot.resize_terminal(60, 9)
        await pilot.pause()
        field = app.focused.region
        assert field.y == frame(app).split("\n").index(line_with(app, "event 499"))
        assert field.right <= 60
        await pilot.press("!", "enter")
        assert edits(app) == [("E499", "event", "event 499", "event 499!")]


async def test_the_field_follows_its_row_when_rows_change_and_closes_when_it_goes():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press("down", *EVENT, "enter", "x")
        app.widget.set_rows([Row("new", ("", "", "before", "")), *rows()])
        await pilot.pause()
        assert app.focused.region.y == 3
        app.widget.set_rows(rows(1))
        await pilot.pause()
        assert not app.widget.editing
        assert app.focused is app.widget
        assert edits(app) == []


async def test_the_wheel_takes_the_field_along():
    app = hosted()
    async with app.run_test(size=(80, 12)) as pilot:
        app.widget.set_rows([Row(f"E{n}", ("10:00", "", f"event {n}", "s")) for n in range(50)])
        await pilot.press(*["down"] * 5, *EVENT, "enter")
        before = app.focused.region.y
        app.widget.scroll_to(y=2, animate=False)
        await pilot.pause()
        assert app.focused.region.y == before - 2


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [("two\nlines", "two lines"), ("\x1b[2Jcleared", "^[[2Jcleared"), ("\n", ""), ("tab\there", "tab here")],
)
async def test_a_paste_is_put_on_one_line_and_made_visible(pasted, kept):
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows([Row("E1", ("", "", "x", ""))])
        await pilot.press(*EVENT, "enter", "backspace")
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        await pilot.press("enter")
        assert edits(app) == [("E1", "event", "x", kept)]


async def test_what_cannot_be_edited_is_activated():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press("right", "enter")
        assert [(m.row_key, m.column_key) for m in app.posted(Grid.RowActivated)] == [("E0", "delta")]
        assert not app.widget.editing


async def test_a_completion_is_offered_and_taken_with_the_right_key():
    app = hosted(type_to_edit=True)
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        await pilot.press("end", *"prom")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "prometheus" in frame(app).lower()
        await pilot.press("right", "enter")
        assert edits(app) == [("E0", "source", "nginx", "Prometheus")]


async def test_a_screen_can_open_any_cell_with_any_text():
    app = hosted()
    async with app.run_test(size=(80, 12), message_hook=app.hook) as pilot:
        app.widget.set_rows(rows())
        assert app.widget.edit("E2", "event", "")
        await pilot.press(*"done", "enter")
        assert edits(app) == [("E2", "event", "event 2", "done")]
        assert not app.widget.edit("nobody", "event")
        assert not app.widget.edit("E1", "delta")
