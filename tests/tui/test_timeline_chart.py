"""The incident's indicator over the rows: one cursor for both, chosen once for everybody."""

import json
from pathlib import Path

from app.review.records import Artifact, Source
from tests.tui.driving import edits, quiet, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, small_review, with_evidence
from widgets.strip_chart import LABEL, StripChart

WIDE = (116, 30)


def with_metric(root: Path) -> Path:
    """A review with the answer to one query: a value a minute."""
    artifact = Artifact(
        path="evidence/S1/rate.json",
        format="query_range",
        note="error_rate",
        from_=at("10:00"),
        to=at("10:20"),
    )
    source = Source(id="S1", kind="prometheus", name="Prometheus", artifacts=(artifact,))
    folder = saved(root, small_review().model_copy(update={"sources": (source,)}))
    (folder / "evidence" / "S1").mkdir(parents=True)
    values = [[at("10:00").timestamp() + 60 * n, str(n / 10)] for n in range(41)]
    answer = {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {"job": "[red]api"}, "values": values}]},
    }
    (folder / "evidence" / "S1" / "rate.json").write_text(json.dumps(answer))
    return folder


def axis(app) -> str:
    return frame(app).split("\n")[3]


async def test_rows_stand_on_the_axis_and_the_cursor_is_at_the_row(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "timeline", WIDE) as (app, pilot):
        await quiet(pilot)
        assert line_with(app, "errors/min")
        assert axis(app).count("★") + axis(app).count("┴") + axis(app).count("▲") == 4
        first = axis(app).index("▲")
        assert axis(app).split()[:2] == ["10:05:23", "12"]
        await steps(pilot, "down", "down", "down")
        assert axis(app).index("▲") > first
        chart = app.screen.query_one(StripChart)
        assert axis(app).index("▲") - LABEL == chart.cell_of(at("10:10").timestamp())


async def test_moving_on_the_strip_moves_the_row_and_back(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "timeline", WIDE) as (app, pilot):
        await quiet(pilot)
        grid = app.screen.query_one("#timeline")
        await steps(pilot, "c", "end")
        assert grid.cursor_key == "E4"
        await steps(pilot, "home", *["right"] * 2)
        assert grid.cursor_key == "E1"
        place = axis(app).index("▲")
        await steps(pilot, "right")
        assert axis(app).index("▲") == place + 1
        await steps(pilot, "down", "down")
        assert grid.cursor_key == "E3"
        await steps(pilot, "enter", "up")
        assert grid.has_focus
        assert grid.cursor_key == "E2"
        await pilot.click(StripChart, offset=(LABEL + 1, 0))
        assert grid.cursor_key == "E1"


async def test_the_series_is_chosen_and_stays_in_the_review(tmp_path: Path) -> None:
    folder = with_metric(tmp_path)
    async with running(tmp_path, folder, "timeline", WIDE) as (app, pilot):
        await quiet(pilot)
        await steps(pilot, "c")
        assert "There is no series to show" in said(app)
        await steps(pilot, "C")
        assert 'error_rate {job="[red]api"}' in frame(app)
        session = await edits(pilot, "=error_rate", "enter")
        assert session.display.indicator == 'S1:error_rate:{job="[red]api"}'
        await quiet(pilot)
        assert line_with(app, "error_rate ")
        assert axis(app).split()[:2] == ["10:05:23", "0.5"]
    async with running(tmp_path, folder, "timeline", WIDE) as (app, pilot):
        await quiet(pilot)
        assert line_with(app, "error_rate ")
        await edits(pilot, "C", "=no chart", "enter")
        await quiet(pilot)
        assert not app.screen.query_one(StripChart).display
