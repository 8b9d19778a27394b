"""Narrowing the timeline by keys: columns, times, negation; what was understood and how much is left is said."""

from pathlib import Path

import pytest

from app.review.records import Event, Session
from tests.tui.driving import running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved


def shown(app) -> list[str]:
    return [event.id for event in app.screen.rows.events]


async def test_rows_are_narrowed_while_typing_and_the_line_says_how(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "slash")
        assert "-kind:gap" in frame(app)
        for typed, ids, said in (
            ("kind:alert,symptom", ["E1", "E2"], "2 of 4 rows: kind “alert” or “symptom”"),
            ("-kind:alert >10:06", ["E3", "E4"], "2 of 4 rows: not kind “alert” · from 10:06"),
            ('"pool is full"', ["E3"], "1 of 4 rows: “pool is full”"),
            ("star:", ["E4"], "1 of 4 rows: starred"),
            ("10:06..10:08", ["E2", "E3"], "from 10:06 before 10:09"),
            ("milestone:detected", ["E2"], "1 of 4 rows"),
            ("[red] /x", [], "0 of 4 rows: “[red]” · “/x”"),
        ):
            await steps(pilot, f"={typed}")
            assert shown(app) == ids
            assert line_with(app, said)


async def test_a_filter_that_was_kept_stays_above_the_rows_until_escape(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "slash", "=kind:alert", "enter", "asterisk")
        assert app.bench.session.events[1].starred
        assert line_with(app, "1 of 4 rows: kind “alert”")
        await steps(pilot, "escape")
        assert shown(app) == ["E1", "E2", "E3", "E4"]
        assert "of 4 rows" not in frame(app)


def cursor_line(app) -> str:
    """The line of the table with the cursor: it must be in view."""
    return line_with(app, "▌")


async def test_the_row_that_was_found_is_in_view_when_all_rows_are_back(tmp_path: Path) -> None:
    rows = tuple(Event(id=f"E{n}", at=at(f"10:{n:02d}"), text=f"row {n}") for n in range(60))
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline") as (app, pilot):
        await steps(pilot, "slash", "=row 55", "enter", "escape")
        assert app.screen.grid.cursor_key == "E55"
        assert "row 55" in cursor_line(app)
        await steps(pilot, "slash", "=row 5", "down", "down", "escape")
        assert app.screen.grid.cursor_key == "E56"
        assert "row 56" in cursor_line(app)


async def test_a_filter_that_is_given_up_leaves_the_cursor_where_it_was(tmp_path: Path) -> None:
    rows = tuple(Event(id=f"E{n}", at=at(f"10:{n:02d}"), text=f"row {n}") for n in range(60))
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline") as (app, pilot):
        app.screen.grid.move_cursor("E40")
        await steps(pilot, "slash", "=nothing of the kind")
        assert shown(app) == []
        await steps(pilot, "escape")
        assert app.screen.grid.cursor_key == "E40"
        assert "row 40" in cursor_line(app)
        await steps(pilot, "slash", "=row 1", "=row")
        assert app.screen.grid.cursor_key == "E40", "kept again, it has the cursor again"
        await steps(pilot, "=row 2", "escape")
        assert app.screen.grid.cursor_key == "E40"
        await steps(pilot, "slash", "=nothing of the kind", "enter", "escape")
        assert app.screen.grid.cursor_key == "E40"


async def test_the_keys_of_the_filter_are_in_the_last_line(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "slash")
        last = frame(app).splitlines()[-1]
        assert "⏎ Keep it" in last
        assert "esc All rows" in last


@pytest.mark.parametrize("number", range(6, 12))
async def test_the_last_row_is_in_view_when_a_scroll_bar_comes_back(tmp_path: Path, number: int) -> None:
    # The silences between the rows are left out while a filter is on: all fits then, and nothing does after it.
    rows = tuple(Event(id=f"E{n}", at=at(f"1{n // 6}:{n % 6}0"), text=f"row {n}.") for n in range(number))
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline") as (app, pilot):
        await steps(pilot, "slash", "=row", "enter", "ctrl+end", "escape")
        assert f"row {number - 1}." in cursor_line(app)
