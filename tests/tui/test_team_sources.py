"""Sources of a team on the collect screen: two keys bring one in, one saves one, one asks how all stand."""

import asyncio
from pathlib import Path

import pytest

from app.review.records import Session, Source
from app.settings import load_settings
from collectors.file import FileCollector
from collectors.interface import Job
from tests.tui.driving import quiet, refused, running, said, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved, small_review


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(path))
    (tmp_path / "app.log").write_text("2025-02-09T10:05:23Z ERROR it failed\n")
    return path


async def test_a_saved_source_stands_first_and_two_keys_add_it(tmp_path: Path, config: Path) -> None:
    config.write_text(f'[source.our-logs]\nkind = "file"\npath = "{tmp_path / "app.log"}"\n')
    async with running(tmp_path, saved(tmp_path), "collect", (120, 30)) as (app, pilot):
        await steps(pilot, "a", "enter")
        while app.screen.gathering.running:
            await pilot.pause(0.02)
        await quiet(pilot)
        added = app.bench.session.sources[-1]
        assert (added.kind, added.name, len(added.artifacts)) == ("file", "app.log", 1)


async def test_a_source_is_saved_and_all_are_asked_how_they_stand(tmp_path: Path, config: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "collect", (120, 30)) as (app, pilot):
        await steps(pilot, "n", f"={tmp_path / 'app.log'}", "enter", "escape")
        await quiet(pilot)
        await steps(pilot, "S", "=logs", "enter")
        await quiet(pilot)
        assert "“logs” was saved" in said(app)
        assert [each.name for each in load_settings(config).profiles] == ["logs"]
        await steps(pilot, "c")
        await quiet(pilot)
        assert "How the sources stand" in frame(app)
        assert "app.log: reachable yes" in frame(app)


async def test_the_key_that_asks_stops_asking(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()
    ended = asyncio.Event()

    async def never(_self: FileCollector, _job: Job) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(FileCollector, "examine", never)
    log = Source(id="S1", kind="file", name="app.log", settings={"path": str(tmp_path / "app.log")})
    session = small_review().model_copy(update={"sources": (log,)})
    async with running(tmp_path, saved(tmp_path, session), "collect", (120, 30)) as (app, pilot):
        await pilot.press("c")
        await asked.wait()
        await pilot.press("c")
        await ended.wait()
        await quiet(pilot)
        assert "Stopped asking: c asks again." in said(app)
        assert "How the sources stand" not in frame(app)
        asked.clear()
        await pilot.press("c")
        await asked.wait()
        await pilot.press("c")


async def test_without_sources_there_is_nothing_to_ask(tmp_path: Path, config: Path) -> None:
    bare: Session = small_review().model_copy(update={"sources": ()})
    async with running(tmp_path, saved(tmp_path, bare), "collect", (120, 30)) as (_, pilot):
        await refused(pilot, "There are no sources yet", "c")
