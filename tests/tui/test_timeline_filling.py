"""The table filled in like a spreadsheet: typing replaces, Tab and arrows move, and Escape gives the keys back."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from app.review import edits as rules
from app.review.records import Event, Session
from app.settings import Settings
from app.tui import Blamefree, open_desk
from tests.tui.driving import NOW, running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved
from tests.tui.test_timeline_typing import Said, before_the_rows, sample

WIDE = (120, 30)


def row(session: Session, key: str) -> Event:
    return next(event for event in session.events if event.id == key)


async def fills(pilot: Pilot[None], *keys: str) -> None:
    """Press keys; ``=text`` is typed letter by letter, as nothing but keys reaches the table."""
    for key in keys:
        if key.startswith("="):
            await type_text(pilot, key[1:])
        else:
            await pilot.press(key)
    await steps(pilot)


async def test_the_nine_rows_of_the_sample_are_filled_in_cell_by_cell(tmp_path: Path) -> None:
    async with running(tmp_path, before_the_rows(tmp_path), "timeline", WIDE) as (app, pilot):
        await pilot.press("o")
        for number, each in enumerate(sample().events, 1):
            cells = (f"{each.at:%H:%M:%S}", each.kind, each.text, each.source, each.actor.strip("-"))
            for cell in cells:
                await fills(pilot, *([f"={cell}"] if cell else []), "tab")
            # The last cell, the milestone: behind it the next row begins.
            await fills(pilot, "tab" if number < len(sample().events) else "escape")
        await steps(pilot)
        assert [Said.by(each) for each in app.bench.session.events] == [
            Said.by(each) for each in sample().events
        ]
        assert [each.id for each in app.bench.session.events] == [f"E{n}" for n in range(1, 10)]
        assert not app.screen.grid.filling


async def test_typing_replaces_and_no_letter_is_a_command(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        grid = app.screen.grid
        grid.move_cursor("E3", "text")
        await fills(pilot, "i")
        assert "FILLING IN: type to replace" in frame(app)
        assert line_with(app, "time UTC").startswith("✎")
        await fills(pilot, "=d1ump [x]", "enter")
        assert row(app.bench.session, "E3").text == "d1ump [x]"
        assert grid.cursor_key == "E4", "Enter saves and goes down"
        await fills(pilot, "=2 q", "right")
        assert row(app.bench.session, "E4").text == "2 q"
        assert (grid.cursor_key, grid.cursor_column) == ("E4", "source"), "an arrow saves and goes on"
        await fills(pilot, "=db", "up")
        assert row(app.bench.session, "E4").source == "db"
        assert (grid.cursor_key, grid.cursor_column) == ("E3", "source")
        await fills(pilot, "left", "enter", "home", "=X", "left", "=Y", "enter")
        assert row(app.bench.session, "E3").text == "YXd1ump [x]", "Enter edits what is there"
        assert app.current_mode == "timeline"
        assert len(app.bench.session.events) == 4


async def test_escape_gives_up_the_cell_then_the_mode(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        before = app.bench.session
        app.screen.grid.move_cursor("E3", "text")
        await fills(pilot, "i", "=oops", "escape")
        assert app.bench.session == before
        assert app.screen.grid.filling
        await fills(pilot, "escape")
        assert not app.screen.grid.filling
        assert "FILLING IN" not in frame(app)
        await fills(pilot, "d")
        assert len(app.bench.session.events) == 3, "letters are commands again"


async def test_delete_empties_the_cell_and_not_the_row(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E3", "source")
        await fills(pilot, "i", "delete")
        assert row(app.bench.session, "E3").source == ""
        app.screen.grid.move_cursor("E4", "actor")
        await fills(pilot, "backspace")
        assert row(app.bench.session, "E4").actor == ""
        assert len(app.bench.session.events) == 4
        await fills(pilot, "ctrl+z")
        assert row(app.bench.session, "E4").actor == "@alice"
        assert "Undone: Edit actor of E4" in said(app)


async def test_tab_goes_through_cells_and_rows_both_ways(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        grid = app.screen.grid
        grid.move_cursor("E1", "time")
        await fills(pilot, "i")
        places = []
        for _ in range(7):
            await pilot.press("tab")
            places.append((grid.cursor_key, grid.cursor_column))
        columns = ["kind", "text", "source", "actor", "milestone"]
        assert places == [*(("E1", each) for each in columns), ("E2", "time"), ("E2", "kind")]
        await fills(pilot, "shift+tab", "shift+tab")
        assert (grid.cursor_key, grid.cursor_column) == ("E1", "milestone")


async def test_a_row_that_nothing_was_typed_into_was_never_there(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        before = app.bench.session
        app.screen.grid.move_cursor("E2")
        await fills(pilot, "o")
        assert [each.key for each in app.screen.grid.rows][:4] == ["E1", "E2", "E5", "E3"]
        await fills(pilot, "escape")
        assert app.bench.session == before
        assert len(app.screen.grid.rows) == 4
        assert app.bench.desk.labels() == []
        # Text first: a row without a time stays where it was begun, until it gets one.
        await fills(pilot, "o", "tab", "tab", "=somebody looked", "tab")
        assert [each.id for each in app.bench.session.events] == ["E1", "E2", "E5", "E3", "E4"]
        app.screen.grid.move_cursor("E5", "time")
        await fills(pilot, "=10:09", "enter")
        assert [each.id for each in app.bench.session.events] == ["E1", "E2", "E3", "E5", "E4"]
        assert row(app.bench.session, "E5").at == at("10:09")


async def test_a_new_row_keeps_apart_from_one_that_comes_from_elsewhere(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E2")
        await fills(pilot, "o", "=10:0")
        # Somebody adds a row meanwhile, and it takes the id that was promised here.
        found = Event(at=at("10:30"), text="from elsewhere")
        app.bench.edit("Note", lambda session: rules.add(session, "events", found), "")
        await steps(pilot)
        await fills(pilot, "=7", "tab", "tab", "=typed here", "enter")
        texts = {each.text: each.id for each in app.bench.session.events}
        assert texts["from elsewhere"] == "E5"
        assert texts["typed here"] == "E6"
        assert row(app.bench.session, "E6").at == at("10:07")


async def test_leaving_the_table_ends_the_mode(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        await fills(pilot, "i")
        await pilot.click("CaptureInput")
        await steps(pilot)
        assert not app.screen.grid.filling
        await fills(pilot, "escape", "i", "ctrl+p")
        await fills(pilot, "escape")
        assert app.screen.grid.filling, "a dialog over the table is no other place"


async def test_a_text_of_several_lines_keeps_them_in_its_cell(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.edit("x", lambda session: rules.change(session, "events", {"E3"}, text="one\ntwo"))
        await steps(pilot)
        app.screen.grid.move_cursor("E3", "text")
        assert "one ⏎ two" in frame(app)
        await fills(pilot, "enter", "=!", "enter")
        assert row(app.bench.session, "E3").text == "one\ntwo!"


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_keys_of_the_mode_are_in_the_last_line(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", size) as (app, pilot):
        assert "i Fill in" in frame(app)
        await fills(pilot, "i")
        await pilot.pause()
        last = frame(app).rstrip().splitlines()[-1]
        assert "Edit" in last
        assert "Next cell" in last
        assert "esc Done" in last
        assert "Delete" not in last, "letters are no commands here"


async def test_the_table_can_be_a_spreadsheet_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(tmp_path)
    opened = open_desk(folder)
    app = Blamefree(tmp_path, opened, "timeline", Settings(type_to_replace=True), now=lambda: NOW)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await steps(pilot)
        grid = app.screen.grid
        assert grid.filling
        assert "FILLING IN" in frame(app)
        grid.move_cursor("E3", "text")
        await fills(pilot, "=dump", "enter")
        assert row(app.bench.session, "E3").text == "dump"
        await fills(pilot, "escape", "u")
        assert row(app.bench.session, "E3").text != "dump", "letters are commands after Esc"
        await fills(pilot, "e", "escape")
        assert not grid.filling, "a cell that was edited is no other place"
        await fills(pilot, "n", "escape")
        assert grid.filling, "the table was entered again"
    opened.desk.close()
