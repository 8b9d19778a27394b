"""A block of text pasted into the timeline: seen as rows first, taken whole, in part or not at all, one step back."""

import asyncio
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from screens.paste import PasteRows
from tests.tui.driving import quiet, running, said, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved

BLOCK = "10:21 pool back to normal\n~10:25 customers confirm [b]all clear[/b]\nand that was that\n"
TWO = "something first\n10:21 pool back to normal\n10:25 customers confirm\n"


async def paste(pilot: Pilot[None], text: str) -> None:
    """What a terminal with bracketed paste sends; several lines are asked about."""
    pilot.app.post_message(events.Paste(text))
    asked = "\n" in text
    async with asyncio.timeout(60):
        while asked and not (isinstance(pilot.app.screen, PasteRows) and pilot.app.screen.is_mounted):
            await pilot.pause(0.02)
    await pilot.pause()


async def test_a_block_pasted_on_the_table_shows_its_rows_and_enter_takes_them_in_one_step(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before = app.bench.session
        await paste(pilot, BLOCK)
        shown = frame(app)
        assert "This text would make 2 rows" in shown
        assert "pool back to normal" in shown
        assert app.bench.session == before
        await steps(pilot, "enter")
        await quiet(pilot)
        texts = [event.text for event in app.bench.session.events]
        assert "customers confirm [b]all clear[/b] and that was that" in texts
        assert len(texts) == len(before.events) + 2
        about = next(event for event in app.bench.session.events if event.text.startswith("customers"))
        assert about.about
        assert about.written == "~10:25"
        await steps(pilot, "u")
        assert app.bench.session.events == before.events


async def test_some_rows_or_none_are_taken_as_they_are_marked(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before = len(app.bench.session.events)
        await paste(pilot, BLOCK)
        await steps(pilot, "space", "enter")
        await quiet(pilot)
        assert len(app.bench.session.events) == before + 1
        await paste(pilot, BLOCK)
        await steps(pilot, "n", "enter")
        await quiet(pilot)
        assert len(app.bench.session.events) == before + 1
        await paste(pilot, BLOCK)
        await steps(pilot, "escape")
        assert len(app.bench.session.events) == before + 1


async def test_words_without_a_time_are_offered_and_not_taken_unless_they_are_marked(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before = len(app.bench.session.events)
        await paste(pilot, TWO)
        assert "2 rows, 1 line without a time" in frame(app)
        await steps(pilot, "a", "enter")
        await quiet(pilot)
        assert len(app.bench.session.events) == before + 3


async def test_a_block_pasted_into_the_capture_line_is_rows_too_and_a_single_line_stays_in_the_line(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await steps(pilot, "n")
        await paste(pilot, "10:21 one line")
        assert "10:21 one line" in frame(app)
        await paste(pilot, BLOCK)
        assert "This text would make 2 rows" in frame(app)
        await steps(pilot, "escape")
        assert "10:21 one line" in frame(app)


async def test_y_copies_the_timeline_with_its_zone(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await steps(pilot, "y")
        await quiet(pilot)
        assert "(all times UTC)" in app.clipboard
        assert all(event.text in app.clipboard.replace("\\", "") for event in app.bench.session.events)
        assert "as Markdown" in said(app)


REPORT = """# Outage of 2025-03-04

Nobody could log in.

## Timeline

- 14:00 logins fail
- 14:10 old build

## Lessons

- Alert earlier
"""


async def test_a_report_is_shown_in_its_order_with_its_own_day_and_the_first_row_under_the_cursor(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await paste(pilot, REPORT)
        shown = frame(app)
        lines = ["Outage of 2025-03-04", "Nobody", "## Timeline", "logins fail", "old build", "Alert earlier"]
        assert [shown.index(line) for line in lines] == sorted(shown.index(line) for line in lines)
        assert "03-04 14:00" in shown
        await steps(pilot, "space", "enter")
        await quiet(pilot)
        assert "old build" in {event.text for event in app.bench.session.events}
        assert "logins fail" not in {event.text for event in app.bench.session.events}
