"""What a source could not give is seen where it matters: on its bar, in the timeline, in the report."""

from datetime import timedelta
from pathlib import Path

from app.report.render import render
from app.review.records import Source
from tests.tui.driving import quiet, running, step, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review
from tests.tui.test_collect_screen import collected


async def test_a_hole_is_on_the_bar_in_the_timeline_and_in_the_report(tmp_path: Path) -> None:
    review = small_review()
    start = review.incident.started_at
    assert start
    log = tmp_path / "app.log"
    log.write_text(
        "".join(
            f"{start + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ} INFO line {second}\n"
            for second in range(-2400, 300, 5)
        )
    )
    sources = (
        Source(id="S1", kind="file", name="app.log", settings={"path": str(log)}),
        Source(id="S2", kind="file", name="gone.log", settings={"path": str(tmp_path / "gone.log")}),
    )
    folder = saved(tmp_path, review.model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect", (120, 30)) as (app, pilot):
        await steps(pilot, "R")
        await collected(app, pilot)
        await quiet(pilot)
        for name in ("app.log", "gone.log"):
            assert "░" in line_with(app, name)
        assert "█" in line_with(app, "app.log")
        assert "█" not in line_with(app, "gone.log")
        (short,) = app.bench.session.sources[0].gaps
        assert short.from_
        assert short.from_ == start + timedelta(seconds=295)
        assert "not covered" in frame(app)
        assert short.why[:30] in frame(app)
        await step(pilot, 2)
        await quiet(pilot)
        shown = [line for line in frame(app).splitlines() if "· gap" in line]
        assert any("app.log: " in line for line in shown)
        assert any("gone.log: " in line for line in shown)
        report = render(app.bench.session).partition("## Gaps in the Data")[2]
        assert f"app.log: {short.from_:%H:%M:%S}" in report
        assert "gone.log" in report
