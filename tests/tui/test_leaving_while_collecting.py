"""Leaving in the middle of a collection: what was kept so far is in the session, and leaving does not hang."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.history import Desk
from app.review.records import Session, Source
from app.store.reading import load
from collectors.interface import Collected, Collector, Field, Job
from screens.gathering import Gathering
from tests.tui.driving import running


class Endless(Collector):
    """Keeps one artifact, and never comes to an end by itself."""

    kind = "endless"
    title = "a source without end"
    fields: tuple[Field, ...] = ()

    def check(self, settings: Mapping[str, Any]) -> str:
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        return "endless"

    async def collect(self, job: Job) -> Collected:
        with job.keeper.open("first.log") as draft:
            draft.write(b"2025-02-09T10:05:00Z ERROR kept\n")
            draft.commit(query="endless", rows=1)
        job.report(step="waiting", rows=1)
        await asyncio.Event().wait()
        raise AssertionError("the event is never set")


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_what_was_kept_before_leaving_is_in_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr("collectors.registry.collectors", lambda: {"endless": Endless()})
    monkeypatch.setattr("collectors.runner.collectors", lambda: {"endless": Endless()})
    folder = tmp_path / "review"
    Desk.create(folder, Session(id="PM-1", sources=(Source(id="S1", kind="endless", name="x"),))).close()
    async with running(tmp_path, folder, "collect") as (app, pilot):
        await pilot.press("r")
        assert app.bench is not None
        gathering = Gathering.of(app.bench)
        while not gathering.progress.get("S1") or gathering.progress["S1"].rows != 1:
            await pilot.pause(0.02)
        await pilot.press(key)
        await pilot.pause()
        assert not gathering.running
    saved = load((folder / "session.toml").read_bytes()).session
    assert [artifact.rows for artifact in saved.sources[0].artifacts] == [1]
