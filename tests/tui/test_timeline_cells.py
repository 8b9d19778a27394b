"""A cell of the timeline while it is typed into: what it would mean is said, and nothing typed is thrown away."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from app.review.records import Event, Incident, Session
from tests.tui.driving import running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved
from tests.tui.test_timeline_filling import fills, row


async def at_cell(app, pilot: Pilot[None], key: str, column: str) -> None:
    """Put the cursor on a cell, with every column in view."""
    await steps(pilot)
    assert app.screen.grid.move_cursor(key, column)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize(
    ("column", "typed", "meaning"),
    [
        ("time", "10:1", "▲ no time yet: 10:15"),
        ("time", "~10:15", "~10:15 UTC"),
        ("time", "10:15-10:22", "10:15-10:22 UTC (a span)"),
        ("time", "+42s", "10:08:42 UTC"),
        ("time", "02-10 10:15", "02-10 10:15 UTC"),
        ("time", "", "no time: the row stays where it is"),
        ("kind", "sy", "kind symptom"),
        ("kind", "a", "kind: alert, action"),
        ("kind", "", "kind: change, symptom, alert"),
        ("kind", "rumour", "kind “rumour”: a word of your own"),
        ("milestone", "det", "★ detected"),
        ("milestone", "re", "★: recovered, resolved"),
        ("milestone", "*", "a star: the row goes into the report"),
        ("milestone", "10:15", "★ “10:15”: a word of your own"),
    ],
)
async def test_what_a_text_would_mean_is_said_before_enter(
    tmp_path: Path, size: tuple[int, int], column: str, typed: str, meaning: str
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", size) as (app, pilot):
        await at_cell(app, pilot, "E3", column)
        head = frame(app).splitlines().index(line_with(app, "time UTC"))
        before = app.bench.session
        await steps(pilot, "enter", "ctrl+u")
        await type_text(pilot, typed)
        await steps(pilot)
        assert f"┊ {meaning}" in frame(app)
        assert app.bench.session == before
        assert frame(app).splitlines().index(line_with(app, "time UTC")) == head, "nothing moves"
        await steps(pilot, "escape")
        assert f"┊ {meaning}" not in frame(app)


@pytest.mark.parametrize("key", ["enter", "tab", "shift+tab", "down", "up"])
@pytest.mark.parametrize("begin", ["enter", "i"])
async def test_a_time_that_is_none_stays_in_its_cell_until_it_is_one(
    tmp_path: Path, begin: str, key: str
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before = app.bench.session
        await at_cell(app, pilot, "E3", "time")
        await fills(pilot, begin, *(["ctrl+u"] if begin == "enter" else []), "=10:0q", key)
        grid = app.screen.grid
        assert grid.editing
        assert (grid.cursor_key, grid.cursor_column) == ("E3", "time")
        assert "“10:0q” is not a time" in said(app)
        assert "Esc gives up" in said(app)
        assert app.bench.session == before
        await fills(pilot, "backspace", "=9", key)
        assert row(app.bench.session, "E3").at == at("10:09")
        assert "is not a time" not in said(app), "what was said is not true any more"


async def test_a_time_that_is_none_is_given_up_with_escape_and_said_when_the_cell_is_left(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before = app.bench.session
        await at_cell(app, pilot, "E3", "time")
        await fills(pilot, "enter", "ctrl+u", "=soon", "enter", "escape")
        assert not app.screen.grid.editing
        await fills(pilot, "enter", "ctrl+u", "=later")
        await pilot.click("CaptureInput")
        await steps(pilot)
        assert "“later” is not a time" in said(app)
        assert app.bench.session == before
        assert app.bench.desk.labels() == []


async def test_the_last_column_takes_stars_and_milestones_and_gives_them_up(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await at_cell(app, pilot, "E3", "milestone")
        for typed, milestone, starred, name in (
            ("*", "", True, "Star E3"),
            ("det", "detected", True, "Mark E3 as detected"),
            ("★ mitigated", "mitigated", True, "Mark E3 as mitigated"),
        ):
            await fills(pilot, "i", f"={typed}", "enter", "up", "escape")
            found = row(app.bench.session, "E3")
            assert (found.milestone, found.starred) == (milestone, starred)
            assert app.bench.desk.labels()[-1] == name
        assert row(app.bench.session, "E2").milestone == "", "one row each"
        await fills(pilot, "i", "delete", "escape")
        found = row(app.bench.session, "E3")
        assert (found.milestone, found.starred) == ("", False)
        await fills(pilot, "i", "=*", "enter", "up", "delete", "escape")
        assert not row(app.bench.session, "E3").starred, "a star alone is emptied, too"


async def test_the_space_is_no_command_while_cells_are_filled_in(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await at_cell(app, pilot, "E3", "text")
        await fills(pilot, "i", "space", "=calm again", "enter", "escape")
        assert row(app.bench.session, "E3").text == "calm again"
        assert app.screen.grid.selected_keys == ()
        await fills(pilot, "space")
        assert app.screen.grid.selected_keys == ("E4",)


async def test_a_text_that_is_longer_than_its_cell_is_seen_whole_while_it_is_typed(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await at_cell(app, pilot, "E3", "text")
        long = "pool is full, and nobody looked at the board"
        await fills(pilot, "i", f"={long}")
        assert long in frame(app)
        await fills(pilot, "=" + " for a long time" * 4)
        assert line_with(app, "▌").rstrip().endswith("for a long time"), "the caret is in view"
        await fills(pilot, "enter", "escape")
        assert row(app.bench.session, "E3").text == long + " for a long time" * 4


async def test_minutes_counted_from_a_minute_are_a_minute(tmp_path: Path) -> None:
    rows = (
        Event(id="E1", at=at("10:18"), precision="minute", text="to the minute"),
        Event(id="E2", at=at("10:30:05"), text="to the second"),
    )
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline", (120, 30)) as (
        app,
        pilot,
    ):
        await fills(pilot, "n", "=+5m a", "enter")
        assert [(each.text, each.precision) for each in app.bench.session.events][1] == ("a", "minute")
        await fills(pilot, "=+42s b", "enter", "escape")
        found = next(each for each in app.bench.session.events if each.text == "b")
        assert (found.at, found.precision) == (at("10:23:42"), "second")
        app.screen.grid.move_cursor("E2")
        await fills(pilot, "n", "=+5m c", "enter")
        assert app.bench.session.events[-1].precision == "second"


async def test_the_day_is_said_while_nobody_has_said_when_the_incident_was(tmp_path: Path) -> None:
    for number, (incident, meaning) in enumerate(
        (
            (Incident(title="x"), "2025-02-10 10:15 UTC"),
            (Incident(title="x", started_at=at("10:05")), "10:15 UTC · “"),
        )
    ):
        folder = saved(tmp_path / str(number), Session(incident=incident))
        async with running(tmp_path / str(number), folder, "timeline") as (app, pilot):
            await fills(pilot, "n", "=10:15 errors")
            assert meaning in frame(app)
            assert ("2025-02-10 10:15" in frame(app)) == (number == 0)


@pytest.mark.parametrize("begin", ["enter", "i"])
async def test_a_cell_is_edited_on_after_the_terminal_was_too_small(tmp_path: Path, begin: str) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await at_cell(app, pilot, "E3", "time")
        await fills(pilot, begin, *(["ctrl+u"] if begin == "enter" else []), "=10:0q")
        for size in ((40, 10), (160, 48), (60, 16)):
            await pilot.resize_terminal(*size)
            await steps(pilot)
        assert app.screen.grid.editing
        assert app.screen.grid.filling == (begin == "i")
        await fills(pilot, "backspace", "=9", "enter")
        assert row(app.bench.session, "E3").at == at("10:09")
        await fills(pilot, *(["escape"] if begin == "i" else []))
        assert app.focused is app.screen.grid
