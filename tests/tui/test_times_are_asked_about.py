"""Step 1 asks about times: a zone that is missing, a clock that disagrees. Both answers can be taken back."""

from pathlib import Path

from app.review.records import Source
from tests.tui.driving import edits, quiet, running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review


async def test_a_missing_zone_is_asked_for_where_the_source_stands(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("2025-02-09 11:05:23 ERROR pool exhausted\n2025-02-09 11:06:00 INFO x\n")
    async with running(tmp_path, saved(tmp_path), "collect", (120, 24)) as (app, pilot):
        await steps(pilot, "n", f"='{log}'", "enter", "escape")
        while app.screen.gathering.running:  # type: ignore[attr-defined]
            await pilot.pause(0.02)
        await quiet(pilot)
        assert "zone?" in line_with(app, "app.log")
        assert "its times name no zone and are read as UTC until you say which it is.  z answers" in frame(
            app
        )
        await steps(pilot, "z", "=Mars/North", "enter")
        assert "There is no such zone" in frame(app)
        await steps(pilot, "ctrl+u", "=Europe/Berlin")
        session = await edits(pilot, "enter")
        assert session.sources[0].settings["zone"] == "Europe/Berlin"
        assert str(session.sources[0].artifacts[0].from_) == "2025-02-09 10:05:23+00:00"
        assert app.bench.desk.labels()[-1] == "Read the times of S1 in Europe/Berlin"
        await quiet(pilot)
        assert "zone?" not in line_with(app, "app.log")
        assert "first error 10:05:23" in frame(app)


async def test_a_clock_that_disagrees_is_proposed_with_its_reason(tmp_path: Path) -> None:
    one = Source(id="S1", kind="file", name="metrics", settings={"path": "x"}, clock_ahead_s=42.0)
    folder = saved(tmp_path, small_review().model_copy(update={"sources": (one,)}))
    async with running(tmp_path, folder, "collect", (120, 24)) as (app, pilot):
        await quiet(pilot)
        shown = " ".join(frame(app).split())
        assert "metrics: Its server's clock was 42.0 s ahead of this machine's when it was asked." in shown
        assert "Proposed: -42 s. o corrects it" in shown
        await steps(pilot, "o")
        assert "Its server's clock was 42.0 s ahead" in frame(app)
        session = await edits(pilot, "enter")
        assert session.sources[0].clock_offset_s == -42.0
        await quiet(pilot)
        assert "Proposed" not in frame(app)
        await steps(pilot, "u")
        await quiet(pilot)
        assert "Proposed" in frame(app)
