"""Step 1 by keys: sources are added, run, cancelled, retried, corrected; each fails alone."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.pilot import Pilot

from app.review.records import Source
from app.tui import Blamefree
from collectors.interface import Collected, Collector, CollectProblem, Field, Job
from collectors.registry import collectors
from tests.tui.driving import edits, quiet, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import log_file, saved, small_review, with_evidence


class Slow(Collector):
    """A source that reports progress, and answers when it is told to."""

    kind: ClassVar[str] = "slow"
    title: ClassVar[str] = "slow source"
    fields: ClassVar[tuple[Field, ...]] = (Field("name", "Name", required=True), Field("zone", "Zone"))
    answer: ClassVar[str] = ""
    go: ClassVar[asyncio.Event]

    def check(self, settings: Mapping[str, Any]) -> str:
        return "" if settings.get("name") else "A slow source needs a name."

    def describe(self, settings: Mapping[str, Any]) -> str:
        return f"slow {settings.get('name', '')}"

    async def collect(self, job: Job) -> Collected:
        job.report(step="7 of 12 queries", done=0.61, rows=16210, eta_s=4.0)
        await self.go.wait()
        if self.answer:
            raise CollectProblem(self.answer)
        return Collected(notes=("all was quiet",))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    known = {**collectors(), "slow": Slow()}
    monkeypatch.setattr("collectors.registry.collectors", lambda: known)
    monkeypatch.setattr("collectors.runner.collectors", lambda: known)
    Slow.go = asyncio.Event()
    Slow.answer = ""
    return Slow


async def collected(app: Blamefree, pilot: Pilot[None]) -> None:
    """Wait until nothing is being collected any more."""
    while app.screen.gathering.running:  # type: ignore[attr-defined]
        await pilot.pause(0.02)
    await quiet(pilot)


async def test_a_path_on_the_capture_line_becomes_a_source_and_is_read(tmp_path: Path) -> None:
    log = log_file(tmp_path)
    async with running(tmp_path, saved(tmp_path), "collect", (120, 24)) as (app, pilot):
        assert "press a to add one, or n and type a file name" in frame(app)
        await steps(pilot, "n", f"='{log}'")
        assert "file: Enter adds it and reads it" in frame(app)
        await steps(pilot, "enter", "escape")
        await collected(app, pilot)
        (source,) = app.bench.session.sources
        assert (source.kind, source.name, source.artifacts[0].rows) == ("file", "app.log", 60)
        assert "✓" in line_with(app, "app.log")
        assert "60" in line_with(app, "app.log")
        assert "errors/min" in frame(app)
        assert "first error 10:05:00" in frame(app)
        assert app.bench.desk.labels() == ["Add source app.log", "Collect S1"]
        await steps(pilot, "u", "u")
        assert not app.bench.session.sources


async def test_an_address_is_a_prometheus_server(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "collect") as (app, pilot):
        await steps(pilot, "n", "=http://127.0.0.1:9")
        assert "prometheus: Enter adds it" in frame(app)
        await steps(pilot, "enter", "escape")
        assert app.bench.session.sources[0].settings == {"url": "http://127.0.0.1:9"}
        await collected(app, pilot)
        assert "✗" in line_with(app, "prometheus 12")


@pytest.mark.parametrize(
    ("line", "kind", "settings"),
    [
        ("alertmanager http://127.0.0.1:9", "alertmanager", {"url": "http://127.0.0.1:9"}),
        ("prometheus http://127.0.0.1:9", "prometheus", {"url": "http://127.0.0.1:9"}),
        ("github acme/api", "github", {"repo": "acme/api"}),
        ("kubernetes prod", "kubernetes", {"context": "prod"}),
        ("git /nowhere/at all", "git", {"path": "/nowhere/at all"}),
        ("file /nowhere/x.log", "file", {"path": "/nowhere/x.log"}),
        ("/nowhere/loki http.log", "file", {"path": "/nowhere/loki http.log"}),
    ],
)
async def test_a_line_that_begins_with_a_kind_is_a_source_of_that_kind(
    tmp_path: Path, line: str, kind: str, settings: dict[str, str]
) -> None:
    async with running(tmp_path, saved(tmp_path), "collect") as (app, pilot):
        await steps(pilot, "n", f"={line}")
        assert f"{kind}: Enter adds it" in frame(app)
        await steps(pilot, "enter", "escape", "X")
        assert (app.bench.session.sources[0].kind, app.bench.session.sources[0].settings) == (kind, settings)
        await collected(app, pilot)


async def test_what_a_kind_still_needs_is_said_and_the_line_stays(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "collect", (120, 24)) as (app, pilot):
        await steps(pilot, "n", "=loki http://127.0.0.1:9", "enter")
        assert "add a query" in said(app)
        assert "loki http://127.0.0.1:9" in frame(app)
        assert not app.bench.session.sources


async def test_a_source_is_added_and_changed_by_a_form(tmp_path: Path, slow: type[Slow]) -> None:
    async with running(tmp_path, saved(tmp_path), "collect") as (app, pilot):
        await steps(pilot, "a", "=slow", "enter")
        await steps(pilot, "ctrl+s")
        assert "Name is needed." in frame(app)
        await steps(pilot, "=cellar", "enter", "=UTC", "enter", "enter", "enter")
        (source,) = app.bench.session.sources
        assert (source.kind, source.settings) == ("slow", {"name": "cellar", "zone": "UTC"})
        slow.go.set()
        await collected(app, pilot)
        await steps(pilot, "e")
        assert "cellar" in frame(app)
        session = await edits(pilot, "=attic", "ctrl+s")
        assert session.sources[0].settings == {"name": "attic", "zone": "UTC"}
        assert session.sources[0].name == "slow attic"
        app.screen.grid.move_cursor("S1", "name")
        session = await edits(pilot, "enter", "=the [attic]", "enter")
        assert session.sources[0].name == "the [attic]"
        session = await edits(pilot, "d")
        assert not session.sources
        assert "its files stay in the evidence folder" in said(app)


async def test_a_source_gets_a_window_of_its_own_in_its_form(tmp_path: Path, slow: type[Slow]) -> None:
    async with running(tmp_path, saved(tmp_path), "collect", (120, 40)) as (app, pilot):
        await steps(pilot, "a", "=slow", "enter", "=cellar", "enter", "enter")
        await steps(pilot, "=2025-02-08T12:00", "enter", "enter")
        assert "“2025-02-08T12:00” is no time with its zone" in frame(app)
        await steps(pilot, "shift+tab", "=2025-02-08T12:00Z", "ctrl+s")
        (source,) = app.bench.session.sources
        assert source.settings == {"name": "cellar", "from": "2025-02-08T12:00Z"}
        slow.go.set()
        await collected(app, pilot)
        app.screen.gathering.progress.clear()
        app.screen._show_sources()
        await pilot.pause()
        assert "slow cellar is asked for a window of its own: 2025-02-08T12:00Z – …" in frame(app)
        await steps(pilot, "e")
        assert "2025-02-08T12:00Z" in frame(app)


async def test_progress_is_live_and_one_source_can_be_cancelled_and_retried(
    tmp_path: Path, slow: type[Slow]
) -> None:
    log = log_file(tmp_path)
    sources = (
        Source(id="S1", kind="slow", name="slow one", settings={"name": "x"}),
        Source(id="S2", kind="file", name="the log", settings={"path": str(log)}),
        Source(id="S3", kind="file", name="missing", settings={"path": str(tmp_path / "none")}),
        Source(id="S4", kind="carrier-pigeon", name="pigeon"),
    )
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect", (120, 24)) as (app, pilot):
        gathering = app.screen.gathering
        await steps(pilot, "ctrl+home", "R")
        while gathering._run.running("S2") or "61%" not in line_with(app, "slow one"):
            await pilot.pause(0.02)
        shown = line_with(app, "slow one")
        assert "7 of 12 queries" in shown
        assert "ETA" in shown
        assert "16,210" in shown
        assert "✓" in line_with(app, "the log")
        assert "✗" in line_with(app, "missing")
        assert "There is no file" in line_with(app, "missing")
        assert "✗" in line_with(app, "pigeon")
        app.screen.grid.move_cursor("S4")
        await pilot.pause()
        assert "install its package, or use" in frame(app)
        app.screen.grid.move_cursor("S1")
        await steps(pilot, "x")
        await collected(app, pilot)
        assert "■" in line_with(app, "slow one")
        assert "r runs it again" in line_with(app, "slow one")
        slow.answer, slow.go = "The cellar is dark: bring a lamp.", asyncio.Event()
        slow.go.set()
        await steps(pilot, "r")
        await collected(app, pilot)
        assert "The cellar is dark: bring a lamp." in line_with(app, "slow one")
        slow.answer = ""
        await steps(pilot, "r")
        await collected(app, pilot)
        assert "✗" not in line_with(app, "slow one")
        assert app.bench.session.sources[1].artifacts
        app.screen.grid.move_cursor("S4")
        await refused(pilot, "Nothing here knows sources of the kind “carrier-pigeon”", "e")


async def test_leaving_the_review_stops_what_is_collected(tmp_path: Path, slow: type[Slow]) -> None:
    sources = (Source(id="S1", kind="slow", name="slow one", settings={"name": "x"}),)
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect") as (app, pilot):
        gathering = app.screen.gathering
        await steps(pilot, "r")
        assert gathering.running
        await steps(pilot, "q")
        assert app.current_mode == "sessions"
        while gathering.running:
            await pilot.pause(0.02)
        assert "review" in frame(app)


async def test_the_clock_of_a_source_is_corrected(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "collect", (120, 24)) as (app, pilot):
        session = await edits(pilot, "o", "=-42", "enter")
        assert session.sources[0].clock_offset_s == -42
        assert "clock -42 s" in line_with(app, "app log")
        for typed in ("soon", "nan", "inf", "1e300", "-1e12"):
            await steps(pilot, "o", f"={typed}", "enter")
            assert "Type seconds, such as -42" in frame(app), typed
            await steps(pilot, "escape")
        assert app.bench.session == session


async def test_the_evidence_is_looked_at(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "collect") as (app, pilot):
        await steps(pilot, "v")
        while not line_with(app, "▸  10:05:00"):
            await steps(pilot)
        assert "pool exhausted" in line_with(app, "▸  10:05:00")
        await steps(pilot, "escape")
    async with running(tmp_path, saved(tmp_path, name="bare"), "collect") as (app, pilot):
        before = app.bench.session
        await steps(pilot, "v", "o", "e", "d", "r", "R", "x", "enter")
        assert app.bench.session == before


async def test_settings_that_the_form_does_not_ask_for_stay(tmp_path: Path, slow: type[Slow]) -> None:
    own = {"name": "x", "from": "2025-02-09T08:00:00Z", "later": {"a": 1}}
    sources = (Source(id="S1", kind="slow", name="slow one", settings=own),)
    folder = saved(tmp_path, small_review().model_copy(update={"sources": sources}))
    async with running(tmp_path, folder, "collect") as (_app, pilot):
        session = await edits(pilot, "e", "=attic", "ctrl+s")
        assert session.sources[0].settings == own | {"name": "attic"}
