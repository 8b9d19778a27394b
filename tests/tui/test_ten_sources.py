"""Ten sources at once: one that fails stops no other, no step that is shown stops any, one key stops all."""

import asyncio
from pathlib import Path

import pytest

from app.review.records import Source
from collectors.interface import Collected, Job
from tests.tui.driving import quiet, running, step, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import log_file, saved, small_review
from tests.tui.test_collect_screen import Slow, collected, slow

__all__ = ["slow"]


async def test_ten_sources_go_on_behind_every_step_and_one_key_stops_them(
    tmp_path: Path, slow: type[Slow]
) -> None:
    log = log_file(tmp_path)
    sources = (
        *(Source(id=f"S{n}", kind="slow", name=f"slow {n}", settings={"name": "x"}) for n in range(1, 11)),
        Source(id="S11", kind="file", name="missing", settings={"path": str(tmp_path / "none")}),
        Source(id="S12", kind="file", name="the log", settings={"path": str(log)}),
    )
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect", (120, 30)) as (app, pilot):
        gathering = app.screen.gathering  # type: ignore[attr-defined]
        await steps(pilot, "R")
        while gathering._run.running("S11") or gathering._run.running("S12"):
            await pilot.pause(0.02)
        await quiet(pilot)
        # One failed and one is done; the ten that never answer are not touched by either.
        assert "✗" in line_with(app, "missing")
        assert "✓" in line_with(app, "the log")
        assert app.bench.session.sources[11].artifacts
        for number in (2, 3, 6, 1):
            await step(pilot, number)
            assert all(gathering._run.running(f"S{n}") for n in range(1, 11))
        assert "61%" in line_with(app, "slow 10")
        await steps(pilot, "X")
        # Nothing ever answers: that this ends is what the key did.
        await collected(app, pilot)
        assert frame(app).count("■") == 10
        assert {gathering.progress[f"S{n}"].state for n in range(1, 11)} == {"cancelled"}
        assert "✓" in line_with(app, "the log")


async def test_one_is_edited_while_the_others_run(tmp_path: Path, slow: type[Slow]) -> None:
    sources = tuple(Source(id=f"S{n}", kind="slow", name=f"slow {n}", settings={"name": "x"}) for n in (1, 2))
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect", (120, 30)) as (app, pilot):
        gathering = app.screen.gathering  # type: ignore[attr-defined]
        await steps(pilot, "R", "x", "e", "=cellar", "ctrl+s")
        assert app.bench.session.sources[0].settings == {"name": "cellar"}
        assert not gathering._run.running("S1")
        assert gathering._run.running("S2")
        await steps(pilot, "r")
        assert gathering._run.running("S1")
        slow.go.set()
        await collected(app, pilot)
        assert {each.state for each in gathering.progress.values()} == {"done"}


async def test_however_much_ten_sources_report_the_screen_is_drawn_ten_times_a_second(
    tmp_path: Path, slow: type[Slow], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chatty(self: Slow, job: Job) -> Collected:
        for number in range(2_000):
            job.report(rows=number + 1)
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        return Collected()

    monkeypatch.setattr(slow, "collect", chatty)
    sources = tuple(
        Source(id=f"S{n}", kind="slow", name=f"slow {n}", settings={"name": "x"}) for n in range(1, 11)
    )
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect", (120, 30)) as (app, pilot):
        drawn: list[float] = []
        loop = asyncio.get_running_loop()
        app.bench.collecting.subscribe(app.screen.grid, lambda _: drawn.append(loop.time()))  # type: ignore[attr-defined]
        await steps(pilot, "R")
        await collected(app, pilot)
        gathering = app.screen.gathering  # type: ignore[attr-defined]
        assert {each.state for each in gathering.progress.values()} == {"done"}
        # Ten a second, the one at the beginning, and one for the end of each source.
        assert len(drawn) <= 10 * (drawn[-1] - drawn[0]) + 1 + 10
