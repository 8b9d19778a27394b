"""What a person who does not know the keys finds: actions by plain words; and one answer at a time."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from tests.tui.driving import running, said, steps, type_text
from tests.tui.frames import frame
from tests.tui.reviews import saved
from widgets.keybar import KeyBar


async def ask_the_palette(pilot: Pilot[None], words: str, sight: str) -> None:
    """Type *words* into the palette, and wait until it offers *sight* at the top."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    assert isinstance(pilot.app.screen, CommandPalette)
    await type_text(pilot, words)
    for _ in range(400):
        await pilot.pause(0.01)
        lines = frame(pilot.app).splitlines()
        above = next((at for at, line in enumerate(lines) if words in line), 0)
        if any(sight in line for line in lines[above + 1 : above + 4]):
            return
    raise AssertionError(frame(pilot.app))


@pytest.mark.parametrize(
    ("words", "sight"),
    [
        ("merge", "Merge the selected rows"),
        ("split", "Split the row in two"),
        ("spreadsheet", "Fill cells in like a spreadsheet"),
        ("shift", "Shift the selected rows by a duration"),
        ("find and", "Find and replace"),
        ("fold all", "Fold all equal rows"),
        ("tracks", "Tracks side by side"),
        ("gaps", "Gaps: how long without"),
        ("duplicate", "Duplicate the selected rows"),
        ("filter", "Filter the rows while typing"),
        ("evidence", "Evidence: raw lines"),
        ("select all", "Select all rows"),
        ("declare a zone", "Declare a zone"),
        ("undo the last", "Undo the last edit"),
    ],
)
async def test_what_the_keys_do_is_found_by_words(tmp_path: Path, words: str, sight: str) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (100, 30)) as (_app, pilot):
        await ask_the_palette(pilot, words, sight)


async def test_what_was_found_by_words_is_done_to_the_rows_selected_before(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (100, 30)) as (app, pilot):
        await steps(pilot, "space", "down", "space")
        await ask_the_palette(pilot, "merge", "Merge the selected rows")
        assert "Key M" in frame(app)
        await pilot.press("enter")
        for _ in range(200):
            await pilot.pause(0.01)
            if app.bench.desk.labels():
                break
        assert app.bench.desk.labels() == ["Merge 2 rows"]


async def test_the_palette_is_named_in_the_last_line_where_there_is_room(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (160, 48)) as (app, pilot):
        bar = frame(app).splitlines()[-1]
        assert "^p Commands" in bar
        await pilot.click(KeyBar, offset=(bar.index("Commands"), 0))
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)


async def test_ten_undos_leave_one_answer(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        for _ in range(10):
            await pilot.press("asterisk")
        await pilot.press(*"uuuuuuuuuu")
        await steps(pilot)
        assert said(app) == "Undone: Star E1"
        assert frame(app).count("Undone") == 1


async def test_a_failure_to_save_is_not_replaced_by_the_answer_to_a_key(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        app.screen.say("The disk is full.", "error")
        await pilot.press("asterisk", "u", "U")
        await steps(pilot)
        assert said(app) == "The disk is full.\nDone again: Star E1"
