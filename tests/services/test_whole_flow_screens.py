"""The same by keys: a source through its dialog, progress while it runs, cancelled, tried again, accepted."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.history import Desk
from app.review.records import Incident, Session
from tests.faults.fault_server import Request, answer, serving
from tests.tui.driving import enter, quiet, running, settle, type_text
from tests.tui.frames import frame, line_with

FIRED = datetime(2025, 2, 9, 10, 6, 45, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions" / "api"
    incident = Incident(
        title="API errors",
        started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC),
        ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC),
    )
    Desk.create(folder, Session(id="PM-1", incident=incident)).close()
    return folder


async def until(pilot, condition) -> None:
    """Let the application work until *condition* holds; the test's own time limit ends a wait in vain."""
    while not condition():
        await pilot.pause(0.02)


@pytest.mark.service
@pytest.mark.xdist_group("prometheus")
async def test_a_source_from_the_dialog_to_a_row_that_keeps_its_pointer(prometheus, folder):
    async with running(folder.parent, folder) as (app, pilot):
        assert app.bench is not None
        desk = app.bench.desk
        await pilot.press("a")
        await settle(pilot)
        await enter(pilot, "prom")
        await settle(pilot)
        assert "Address *" in frame(app)
        await enter(pilot, prometheus.url)
        await type_text(pilot, "pool = db_pool_connections")
        await pilot.press("ctrl+s")
        await settle(pilot)
        (source,) = desk.session.sources
        assert source.settings == {"url": prometheus.url, "queries": {"pool": "db_pool_connections"}}
        await until(pilot, lambda: not app.screen.gathering.running)
        await quiet(pilot)
        assert "done    5 files" in line_with(app, "✓   prometheus")
        assert desk.session.sources[0].artifacts

        await pilot.press("alt+2")
        await quiet(pilot)
        shown = line_with(app, "HighErrorRate fires")
        assert shown.strip().startswith("▸ 10:06:45")
        await pilot.press("a")
        await quiet(pilot)
        (event,) = desk.session.events
        assert abs(event.at - FIRED) <= timedelta(seconds=15)
        (pointer,) = event.evidence
        assert (pointer.source, pointer.query) == (
            "S1",
            'ALERTS{alertname="HighErrorRate",alertstate="firing"}',
        )
        assert "HighErrorRate is resolved" in frame(app), "the next one is offered"
        assert "Alert HighErrorRate fires" in line_with(app, "10:06:45")
    with Desk.open(folder, read_only=True) as again:
        assert again.session.events == (event,)


MATRIX = '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":[%s]}]}}'


def points(request: Request) -> bytes:
    """A point every 15 s over what was asked for."""
    form = dict(pair.split("=") for pair in request.body.decode().split("&"))
    start, end = float(form["start"]), float(form["end"])
    return (MATRIX % ",".join(f'[{at},"1"]' for at in range(int(start), int(end) + 1, 15))).encode()


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=str)
async def test_a_slow_source_is_shown_cancelled_and_tried_again(folder, size):
    patient = asyncio.Event()
    asked = 0

    async def slow(request: Request, writer) -> None:
        nonlocal asked
        if "/status/" in request.path:
            await answer()(request, writer)
            return
        asked += 1
        if asked > 1:
            await patient.wait()
        await answer(200, points(request))(request, writer)

    async with serving(slow) as server, running(folder.parent, folder, size=size) as (app, pilot):
        assert app.bench is not None
        await pilot.press("n")
        await type_text(pilot, server.url)
        await pilot.pause()
        assert "prometheus: Enter adds it and reads it" in frame(app)
        await pilot.press("enter", "escape")
        # One of three queries was answered: a third is done, and the screen says so while it goes on.
        await until(pilot, lambda: "33%" in line_with(app, "prometheus 127"))
        assert "▸" in line_with(app, "prometheus 127")
        # Everything else works meanwhile.
        await pilot.press("alt+2", "n")
        await enter(pilot, "10:10 somebody looked")
        await pilot.press("escape", "alt+1")
        await settle(pilot)
        assert [event.text for event in app.bench.session.events] == ["somebody looked"]

        await pilot.press("x")
        await until(pilot, lambda: not app.screen.gathering.running)
        await quiet(pilot)
        assert "cancelled" in frame(app)
        (kept,) = app.bench.session.sources[0].artifacts
        assert (folder / kept.path).is_file()

        patient.set()
        await pilot.press("r")
        await until(pilot, lambda: not app.screen.gathering.running)
        await quiet(pilot)
        assert "done" in line_with(app, "prometheus 127")
        source = app.bench.session.sources[0]
        assert source.artifacts[0] == kept, "what came before the cancel is kept once, and not replaced"
        assert {each.note for each in source.artifacts} == {"up", "ALERTS", "ALERTS_FOR_STATE"}


async def test_a_source_that_fails_is_told_where_it_stands_and_mended_by_its_settings(folder):
    async with (
        serving(answer(401, b"who?")) as locked,
        serving(answer(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}')) as good,
        running(folder.parent, folder, size=(160, 48)) as (app, pilot),
    ):
        assert app.bench is not None
        await pilot.press("n")
        await enter(pilot, locked.url)
        await pilot.press("escape")
        await until(pilot, lambda: "✗" in line_with(app, "prometheus 127"))
        assert "401 Unauthorized: name the variable that holds its token in the settings." in frame(app)
        assert "401 Unauthorized" in app.bench.session.sources[0].gaps[0].why
        # Enter opens the settings; the address is the first field.
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("home", "ctrl+k")
        await type_text(pilot, good.url)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "✓" in line_with(app, "prometheus 127"))
        assert "401" not in str(app.bench.session.sources[0].gaps)
