"""The incident as a ruler of phases below the rows, and every duration with its definition."""

from pathlib import Path

from tests.tui.driving import edits, running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved


async def test_phases_stand_in_proportion_with_their_names_and_follow_the_rows(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (80, 24)) as (app, pilot):
        assert line_with(app, "├ undetected 1 min 22 s ─")
        await edits(pilot, "ctrl+end", "m", "=mitigated", "enter")
        ruler = line_with(app, "├ undetected").strip()
        assert "├ detected to mitigated 3 min 15 s ──" in ruler
        assert ruler.endswith("┤")
        assert len(ruler) == 78
        first = ruler.index("├", 1)
        assert abs(first / 78 - 82 / 277) < 0.03  # 1:22 of 4:37


async def test_where_there_is_room_the_unknown_is_named(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 36)) as (app, pilot):
        assert line_with(app, "unknown: acknowledged, mitigated, recovered, resolved")
        app.screen.query_one("#timeline").move_cursor("E1", "time")
        await edits(pilot, "enter", "=10:30", "enter")
        assert "E2 (detected) is before E1 (started): check both times" in frame(app)


async def test_every_duration_is_read_with_its_definition(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (100, 60)) as (app, pilot):
        await steps(pilot, "I")
        text = frame(app)
        assert "time to detect (TTD): 1 min 22 s" in text
        assert "= detected - started" in text
        assert "time to mitigate (TTM): unknown: no row is marked “mitigated”" in text
        assert "undetected: 1 min 22 s" in text
        await steps(pilot, "escape")
        assert "= detected - started" not in frame(app)
