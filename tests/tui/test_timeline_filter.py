"""Narrowing the timeline by keys: columns, times, negation; what was understood and how much is left is said."""

from pathlib import Path

from tests.tui.driving import running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved


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
