"""The dialogs of the timeline: each says its keys, and what would come of it before Enter."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.screen import ModalScreen

from screens.timeline_bulk import read_shift
from tests.tui.driving import edits, running, said, steps
from tests.tui.frames import frame
from tests.tui.reviews import at, saved
from tests.tui.test_timeline_filling import row


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("+42s", 42), ("-5m", -300), ("+1h", 3600), ("+42 s", 42), ("42s", 42), ("−5m", -300),
        ("-3 min 30 s", -210), ("+250ms", 0.25), ("", None), ("5", None), ("+5", None), ("soon", None),
        ("never", None), ("+", None),
    ],
)  # fmt: skip
def test_a_shift_is_read_as_people_type_it(text: str, seconds: float | None) -> None:
    assert read_shift(text) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize("keys", ["t", "m", "k", "b", "vertical_line", "r", "g", "p", "l"])
async def test_every_dialog_says_how_it_ends(tmp_path: Path, keys: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", size) as (app, pilot):
        before = app.bench.session
        await steps(pilot, keys)
        assert isinstance(app.screen, ModalScreen)
        shown = frame(app)
        assert "Enter" in shown
        assert "Esc" in shown
        await steps(pilot, "f5", "ctrl+c", "escape")
        assert not isinstance(app.screen, ModalScreen)
        assert app.bench.session == before
        assert app.focused is app.screen.grid


async def test_what_was_said_before_a_dialog_is_not_shown_twice(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "asterisk", "u")
        assert "Undone" in frame(app)
        await steps(pilot, "m")
        assert "Undone" not in frame(app)


async def test_the_new_times_are_shown_before_rows_are_shifted(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "ctrl+a", "t", "=+42s")
        assert "E1 10:05:23 → 10:06:05" in frame(app)
        assert "and 1 more" in frame(app)
        await steps(pilot, "=+42")
        assert "E1 10:05:23 →" not in frame(app)
        await steps(pilot, "escape")
        session = await edits(pilot, "t", "=+42 s", "enter")
        assert row(session, "E1").at == at("10:06:05")
        assert app.bench.desk.labels()[-1] == "Shift by +42 s 4 rows"


async def test_the_parts_are_shown_before_a_row_is_split(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (100, 30)) as (app, pilot):
        app.screen.grid.move_cursor("E3")
        await steps(pilot, "vertical_line", "=pool is full || +2m nobody looked @bob #observation")
        assert "10:08 UTC · “pool is full”" in frame(app)
        assert "10:10 UTC · observation · @bob · “nobody looked”" in frame(app)


async def test_the_merged_row_is_in_hand_and_nothing_stays_selected(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "space", "down", "space", "down", "space")
        await edits(pilot, "M")
        assert app.screen.grid.cursor_key == "E1"
        assert app.screen.grid.selected_keys == ()
        await steps(pilot, "u")
        assert len(app.bench.session.events) == 4
        assert app.screen.grid.cursor_key == "E1"
        assert "Undone: Merge 3 rows" in said(app)


async def test_tracks_and_tags_are_set_for_all_selected_rows(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "space", "down", "space")
        session = await edits(pilot, "b", "=track", "enter", "=database", "enter")
        assert [each.track for each in session.events] == ["database", "database", "", ""]
        session = await edits(pilot, "b", "=tags", "enter", "=eu, us,, eu", "enter")
        assert session.events[0].tags == ("eu", "us")
        await steps(pilot, "b", "=tags", "enter")
        assert app.focused.value == "eu, us"
        session = await edits(pilot, "=", "enter")
        assert session.events[0].tags == ()
